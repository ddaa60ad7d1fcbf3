"""What a bulletin says, as data: what is frozen once it is presented."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.queries.issues import entries_of
from duban.bulletins.queries.proposals import Material, material_of
from duban.bulletins.queries.snapshots import compared, stood_in, with_matters
from duban.bulletins.rules import (
    Basis,
    Counted,
    status_of,
    tallies,
    tally,
)
from duban.matters.rules import Light


def composed(bulletin: Bulletin) -> dict[str, Any]:
    """Return everything a reader sees of a bulletin, JSON-able: the frozen words once presented, else as it stands.

    day, since: of the snapshots · title, opening · total and by_overseer, by_unit, by_field: tallies · changes: by
    Change, the matters · entries: section, matter, name, unit, facts, cause, cause_note, next_step · standings: the
    matters whose light is yellow or red.
    """
    if bulletin.frozen is not None:
        return dict(bulletin.frozen)
    material = material_of(bulletin.snapshot, since=bulletin.since, field_name=bulletin.field)
    counted = material.counted
    return {
        "day": bulletin.snapshot.day.isoformat(),
        "since": bulletin.since.day.isoformat() if bulletin.since else None,
        "title": bulletin.title,
        "opening": bulletin.opening,
        "total": asdict(tally("合计", counted)),
        "by_overseer": [asdict(one) for one in tallies(counted, by="overseer")],
        "by_unit": [asdict(one) for one in tallies(counted, by="unit")],
        "by_field": [asdict(one) for one in tallies(counted, by="field")],
        "changes": _changes(bulletin, ids={one.matter_id for one in material.stood}),
        "entries": [_entry(one) for one in entries_of(bulletin)],
        "standings": _standings(material),
        "before": _before(bulletin, material),
        "progress": _progress(material),
    }


def _before(bulletin: Bulletin, material: Material) -> dict[str, Any] | None:
    """Return how the same matters stood in the snapshot compared with, counted; None where there is none."""
    if bulletin.since is None:
        return None
    ids = {one.matter_id for one in material.stood if material.matters[one.matter_id].parent_id is None}
    some = [one for one in stood_in(bulletin.since) if one.matter_id in ids]
    behind_points = material.figures.lights.gap_yellow_points
    return asdict(
        tally("合计", [Counted(status_of(one, behind_points=behind_points), one.light, "", "", "") for one in some])
    )


def _progress(material: Material) -> list[dict[str, Any]]:
    """Return by field how far the matters in hand have come and ought to have, on average, as percent in words."""
    by_field: dict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for one in material.stood:
        matter = material.matters[one.matter_id]
        if one.light is not None and one.expected is not None and matter.parent_id is None:
            by_field[matter.field].append((one.progress or Decimal(), one.expected))
    nothing = by_field.pop("", [])
    return [
        {
            "name": name,
            "progress": f"{sum(done for done, _ in some) / len(some):.1f}",
            "expected": f"{sum(asked for _, asked in some) / len(some):.1f}",
        }
        for name, some in [*by_field.items(), ("未明确", nothing)]
        if some
    ]


def _standings(material: Material) -> list[dict[str, Any]]:
    """Return the matters in hand whose light is not green, the red ones first, as the annex lists them."""
    lit = [one for one in material.stood if one.light in (Light.RED, Light.YELLOW)]
    found = []
    for one in sorted(lit, key=lambda each: each.light is not Light.RED):
        matter = material.matters[one.matter_id]
        found.append(
            {
                "serial": matter.serial,
                "text": matter.title or matter.text,
                "unit": material.leads[one.matter_id].name if one.matter_id in material.leads else "",
                "progress": None if one.progress is None else f"{one.progress:f}",
                "light": one.light.value if one.light else "",
            }
        )
    return found


def _changes(bulletin: Bulletin, *, ids: Collection[int]) -> list[dict[str, Any]]:
    if bulletin.since is None:
        return []
    changes = [one for one in compared(bulletin.since, bulletin.snapshot) if one.matter_id in ids]
    return [
        {
            "change": one.changed.change.value,
            "matter_id": one.matter.pk,
            "matter": str(one.matter),
            "name": one.matter.title or one.matter.text,
            "unit": one.unit,
            "before": (one.changed.before.light or "") if one.changed.before else "",
            "after": one.changed.after.light or "",
        }
        for one in with_matters(changes)
    ]


def _entry(one: Citation) -> dict[str, Any]:
    matter = one.matter
    return {
        "section": one.section,
        "matter_id": one.matter_id,
        "matter": str(matter) if matter is not None else "",
        "serial": matter.serial if matter is not None else "",
        "serials": [each for day in one.figures.get(Basis.LATE, {}).get("days", {}).values() for each in _both(day)],
        "name": (matter.title or matter.text) if matter is not None else "",
        "unit": one.unit.name,
        "unit_id": one.unit_id,
        "bases": list(one.figures),
        "facts": one.facts,
        "cause": one.cause,
        "cause_note": one.cause_note,
        "next_step": one.next_step,
    }


def _both(of_day: Mapping[str, Sequence[str]]) -> list[str]:
    return [*of_day["late"], *of_day["missing"]]
