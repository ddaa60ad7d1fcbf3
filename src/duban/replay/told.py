"""A replay as one JSON-able object, every difference told: for the command, the page's file, and whoever reads on.

Described in docs/replay.md.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from duban.interviews.rules import ground_words
from duban.lights.rules import Light
from duban.matters.models import Matter
from duban.matters.policy import Changed
from duban.replay.queries import Replay, comparison_of, record_check_of, why_of
from duban.replay.rules import ASSUMED, FIGURES, HELD_FIXED, UNKNOWABLE, Arisen, Drafted, FrozenDay, Sums, not_judged_by


def replay_json(replay: Replay, changes: Sequence[Changed]) -> dict[str, Any]:
    """Return a replay with every difference, JSON-able. Described in docs/replay.md."""
    compared, check = comparison_of(replay), record_check_of(replay)
    serials = _serials(replay)
    unknown = {one.place for one in not_judged_by(changes)}
    names = {0: "", **{pk: one.name for pk, one in replay.units.items()}}
    return {
        "plan": {"year": replay.plan.year, "title": replay.plan.title},
        "since": replay.since.isoformat(),
        "until": replay.until.isoformat(),
        "answers": replay.answers.value,
        "changes": [
            {"figure": one.place, "held": one.before, "other": one.after, "is_judged_by": one.place not in unknown}
            for one in changes
        ],
        "record": {"lines": check.lines, "missing": check.missing, "extra": check.extra},
        "totals": {"held": _sums(compared.held), "other": _sums(compared.other)},
        "units": [
            {
                "unit": names[one.unit_id],
                "held": _sums(one.held) | _score(one.held_score),
                "other": _sums(one.other) | _score(one.other_score),
            }
            for one in compared.units
        ],
        "snapshots": [_snapshot(one, serials) for one in compared.snapshots],
        "lights": [
            {
                "matter": serials[one.matter_id],
                "unit": names[replay.past.stories[one.matter_id].unit_id],
                "from": one.from_on.isoformat(),
                "until": one.until_on.isoformat(),
                "held": _light(one.held),
                "other": _light(one.other),
                **dict(zip(("held_why", "other_why"), why_of(replay, one), strict=True)),
            }
            for one in compared.spans
        ],
        "letters": [
            {
                "unit": names[one.unit_id],
                "matter": serials[one.matter_id],
                "kind": one.kind.value,
                "held": [_drafted(each) for each in one.held],
                "other": [_drafted(each) for each in one.other],
            }
            for one in compared.letters
        ],
        "entries": [
            {
                "snapshot": replay.bulletins[one.bulletin_id].snapshot.day.isoformat(),
                "section": one.section.value,
                "unit": names[one.unit_id],
                "matter": serials.get(one.matter_id or 0),
                "held": list(one.held),
                "other": list(one.other),
            }
            for one in compared.entries
        ],
        "talks": [
            {
                "unit": names[one.unit_id],
                "matter": serials[one.matter_id],
                "ground": one.kind.value,
                "held": [_arisen(each) for each in one.held],
                "other": [_arisen(each) for each in one.other],
            }
            for one in compared.talks
        ],
        "held_fixed": [*HELD_FIXED, ASSUMED[replay.answers], UNKNOWABLE],
    }


def _serials(replay: Replay) -> dict[int, str]:
    rows = Matter.objects.filter(plan=replay.plan).values_list("pk", "serial", "title", "text")
    return {pk: serial or title or text for pk, serial, title, text in rows}


def _sums(sums: Sums) -> dict[str, int]:
    return dict(zip(FIGURES, sums.figures(), strict=True)) | {"turns": sums.turns}


def _score(score: Decimal | None) -> dict[str, str]:
    return {} if score is None else {"score": str(score)}


def _arisen(one: Arisen) -> dict[str, str]:
    return {"day": one.day.isoformat(), "words": ground_words(one.kind, one.figures)}


def _light(light: Light | None) -> str | None:
    return light.value if light is not None else None


def _drafted(one: Drafted) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "cause": one.cause.value,
        "words": one.words,
        "is_recorded": one.is_recorded,
    }


def _snapshot(one: FrozenDay, serials: dict[int, str]) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "held": {light.value: one.held[light] for light in Light} if one.is_held else None,
        "other": {light.value: one.other[light] for light in Light} if one.is_other else None,
        "differing": [
            {"matter": serials[first.matter_id], "held": _light(first.light), "other": _light(second.light)}
            for first, second in one.differing
        ],
    }
