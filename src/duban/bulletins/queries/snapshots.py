"""定格: what stood in each, what changed between two, and the units that merge."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from duban.bulletins.rules import (
    Changed,
    Stood,
    changes_between,
)
from duban.lights.models import Snapshot, SnapshotRow
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.rules import Light
from duban.orgs.models import Unit


def snapshots_of(plan: Plan) -> list[Snapshot]:
    """Return the snapshots of a plan, the latest first. One statement."""
    return list(Snapshot.objects.filter(plan=plan).select_related("policy").order_by("-day", "-pk"))


def stood_in(snapshot: Snapshot) -> list[Stood]:
    """Return how the matters stood in a snapshot, in the ledger's order. One statement."""
    rows = SnapshotRow.objects.filter(snapshot=snapshot).order_by("matter__order", "matter_id")
    columns = ("matter_id", "state", "light", "override", "due_on", "progress_pct", "expected_pct")
    return [
        Stood(pk, state, Light(override or light) if light else None, due_on, progress, expected)
        for pk, state, light, override, due_on, progress, expected in rows.values_list(*columns)
    ]


def compared(before: Snapshot, after: Snapshot) -> list[Changed]:
    """Return what changed between two snapshots of a plan; the earlier comes first, however they are given."""
    if before.day > after.day:
        before, after = after, before
    return changes_between(stood_in(before), stood_in(after))


@dataclass(frozen=True, slots=True)
class ChangedMatter:
    """One changed matter with what a list shows of it."""

    changed: Changed
    matter: Matter
    unit: str


def with_matters(changes: Sequence[Changed]) -> list[ChangedMatter]:
    """Return changes joined with their matters and the names of the units that merge. Two statements."""
    ids = [one.matter_id for one in changes]
    found = Matter.objects.in_bulk(ids)
    units = units_of(ids)
    names = {pk: unit.name for pk, unit in units.items()}
    return [ChangedMatter(one, found[one.matter_id], names.get(one.matter_id, "")) for one in changes]


def units_of(matter_ids: Collection[int]) -> dict[int, Unit]:
    """Return the unit that merges a matter, the surviving one where it was merged into another."""
    merging = Assignment.objects.filter(matter_id__in=list(matter_ids), is_merging=True, ended_at=None)
    pairs = list(merging.values_list("matter_id", "unit_id"))
    standing = Units({unit_id for _, unit_id in pairs})
    return {matter_id: standing.survivor(unit_id) for matter_id, unit_id in pairs}


class Units:
    """Units by id, and the one that stands today for one merged into another."""

    def __init__(self, ids: Iterable[int]) -> None:
        self._units: dict[int, Unit] = {}
        wanted = set(ids)
        while wanted:
            found = Unit.objects.in_bulk(wanted)
            self._units.update(found)
            wanted = {one.merged_into_id for one in found.values() if one.merged_into_id} - set(self._units)

    def survivor(self, unit_id: int) -> Unit:
        """Return the unit that stands today for one of these."""
        unit = self._units[unit_id]
        while unit.merged_into_id is not None:
            unit = self._units[unit.merged_into_id]
        return unit
