"""Snapshots stay as they were taken."""

from duban.core.frozen import Frozen

_SNAPSHOTS = Frozen("lights_snapshot", ("lights_snapshot", "lights_snapshotrow"), "snapshots are not changed")

make_triggers = _SNAPSHOTS.make_triggers
drop_triggers = _SNAPSHOTS.drop_triggers
