"""The trail is append-only."""

from duban.core.frozen import Frozen

_TRAIL = Frozen("audit_event", ("audit_event",), "audit events are append-only")

make_triggers = _TRAIL.make_triggers
drop_triggers = _TRAIL.drop_triggers
