"""The one function that sets lights. Whoever changes a fact calls down to it in the same transaction."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max

from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.workdays import Workdays
from duban.lights.models import KnownFacts, LightTurn, Override
from duban.lights.queries import (
    SOME,
    Standing,
    among,
    facts_json,
    judgement_of,
    key_of,
    lights_policies,
    standing_matters,
)
from duban.lights.rules import Judgement, judged, light_on, next_turn, reasons_json, reasons_of
from duban.matters.models import Matter
from duban.matters.policy import Lights
from duban.matters.rules import State

_COLUMNS = (
    "light", "light_since", "lit_on", "yellow_on", "red_on", "next_on", "light_reasons", "judged_on", "yellow_since",
    "light_key", "light_override",
)  # fmt: skip
_NOT_HANDED_OUT = (State.DRAFT, State.REGISTERED)
_LIGHT_IS_OUT = "事项已不亮灯，改判随之失效"


@transaction.atomic
def judge(matter_ids: Collection[int], *, by: Actor, now: datetime, policy_id: int | None = None) -> int:
    """Bring the stored lights of matters into step with their facts; return how many were changed.

    Turns that a missed round left undone are made up for first, each on its own day. What turned is a row in
    `LightTurn` (one a day: what was turned back on the same day leaves none), what was known a row in `KnownFacts`;
    the event is that of whoever changed the fact. A light that goes out takes the office's override with it.
    policy_id: of the version of the policy whose adoption is why they are judged; the turns it causes name it.
    """
    today = day_of(now)
    calendar = use_loaded_notices()
    wanted = sorted(matter_ids)
    changed = 0
    for start in range(0, len(wanted), SOME):
        standing = list(standing_matters(wanted[start : start + SOME], is_locked=True))
        figures = lights_policies({one.plan_id for one in standing})
        pass_ = _Pass(today, [one.id for one in standing], policy_id=policy_id)
        for one in standing:
            judgement, since = judgement_of(one, policy=figures[one.plan_id], calendar=calendar, today=today)
            pass_.take(one, judgement, since)
        changed += pass_.write(by=by, now=now)
    return changed


@dataclass(slots=True)
class _Turned:
    """A turn to be kept: the day, from which light to which, and why."""

    matter_id: int
    day: date
    before: str
    light: str
    reasons: list[dict[str, Any]]
    is_round: bool = False
    policy_id: int | None = None


class _Pass:
    """What one pass over some matters changes, collected and then written in sets."""

    def __init__(self, today: date, ids: Sequence[int], *, policy_id: int | None) -> None:
        self._today, self._policy_id = today, policy_id
        rows = (
            LightTurn.objects.filter(matter_id__in=among(ids), day__gte=today)
            .order_by("day")
            .values_list("pk", "matter_id", "day", "before", "light", "policy_id", "is_round")
        )
        self._later = [row[0] for row in rows if row[2] > today]  # of a clock that was set back
        self._at_night: dict[int, str] = {}
        self._by_round: set[int] = set()
        self._turned_today: dict[int, tuple[str, int | None]] = {}
        for _, matter_id, day, before, light, turned_by_id, is_round in rows:
            self._at_night.setdefault(matter_id, before)
            if day == today:
                self._turned_today[matter_id] = (light, turned_by_id)
                if is_round:
                    self._by_round.add(matter_id)
        self._rows: list[tuple[Any, ...]] = []
        self._turns: list[_Turned] = []
        self._no_turn_today: list[int] = []
        self._known: list[KnownFacts] = []
        self._without_light: list[int] = []
        self._since_when: list[int] = []

    def take(self, standing: Standing, judgement: Judgement, yellow_since: date | None) -> None:
        """Note what this judgement changes of a matter."""
        stored, today, pk = standing.stored, self._today, standing.id
        told = facts_json(standing.facts)
        key = key_of(told)
        if key != stored["light_key"]:
            if not stored["light_key"] and standing.facts.state in _NOT_HANDED_OUT:
                key = ""
            else:
                self._known.append(KnownFacts(matter_id=pk, day=today, facts=told))
        at_night, since = self._made_up(standing)
        if pk in self._at_night:
            at_night = self._at_night[pk]
        light = judgement.light.value if judgement.light else ""
        reasons = reasons_json(judgement.reasons)
        if light != at_night:
            since = today
            is_round = pk in self._by_round and light == stored["light"]  # a fact of this day that turned nothing
            cause = self._policy_that_turned(standing, light)
            self._turns.append(_Turned(pk, today, at_night, light, reasons, is_round=is_round, policy_id=cause))
        elif pk in self._at_night:
            self._no_turn_today.append(pk)
            if light:
                self._since_when.append(pk)
        override = stored["light_override"]
        if override and not light:
            override = ""
            self._without_light.append(pk)
        row = (
            light,
            since if light else None,
            judgement.lit_on,
            judgement.yellow_on,
            judgement.red_on,
            judgement.next_on,
            reasons,
            stored["judged_on"],
            stored["yellow_since"],
            key,
            override,
        )
        if stored["judged_on"] is None or row != tuple(stored.values()):
            self._rows.append((*row[:7], today, yellow_since, *row[9:], pk))

    def _made_up(self, standing: Standing) -> tuple[str, date | None]:
        """Make up for turns whose days have passed without a round; return the light of last night, and since when."""
        stored = standing.stored
        light, since, turns_on = stored["light"], stored["light_since"], stored["next_on"]
        days = {"lit_on": stored["lit_on"], "yellow_on": stored["yellow_on"], "red_on": stored["red_on"]}
        while turns_on is not None and turns_on < self._today:
            turned = light_on(turns_on, **days)
            if turned is not None and turned != light:
                reasons = stored["light_reasons"]
                self._turns.append(_Turned(standing.id, turns_on, light, turned.value, reasons, is_round=True))
                light, since = turned.value, turns_on
            turns_on = next_turn(turns_on, **days)
        return light, since

    def _policy_that_turned(self, standing: Standing, light: str) -> int | None:
        """Return the policy a turn of today is due to: not where it had turned, or would have turned, without it."""
        stored, turned = standing.stored, self._turned_today.get(standing.id)
        if turned is not None and turned[0] == light:
            return turned[1]
        anyway = light_on(self._today, **{name: stored[name] for name in ("lit_on", "yellow_on", "red_on")})
        return self._policy_id if light != (anyway or "") else None

    def write(self, *, by: Actor, now: datetime) -> int:
        """Write everything noted; return how many matters were changed."""
        gone = LightTurn.objects.filter(matter_id__in=self._no_turn_today, day=self._today)
        if self._no_turn_today:
            gone.delete()
        if self._later:
            LightTurn.objects.filter(pk__in=self._later).delete()
        if self._turns:
            LightTurn.objects.bulk_create(
                [
                    LightTurn(
                        matter_id=one.matter_id,
                        day=one.day,
                        before=one.before,
                        light=one.light,
                        reasons=one.reasons,
                        is_round=one.is_round,
                        policy_id=one.policy_id,
                    )
                    for one in self._turns
                ],
                update_conflicts=True,
                unique_fields=["matter", "day"],
                update_fields=["light", "reasons", "is_round", "policy"],
                batch_size=2_000,
            )
        if self._known:
            if self._later:
                KnownFacts.objects.filter(
                    matter_id__in=[one.matter_id for one in self._known], day__gt=self._today
                ).delete()
            KnownFacts.objects.bulk_create(
                self._known,
                update_conflicts=True,
                unique_fields=["matter", "day"],
                update_fields=["facts"],
                batch_size=2_000,
            )
        if self._without_light:
            Override.objects.filter(matter_id__in=self._without_light, ended_at=None).update(
                ended_at=now, ended_by_name=by.name[:40], ended_reason=_LIGHT_IS_OUT
            )
        if self._since_when:
            self._write_since()
        _write_rows(self._rows)
        return len(self._rows)

    def _write_since(self) -> None:
        """Give matters that turned back on the same day the day of the turn before."""
        ids = set(self._since_when)
        last = LightTurn.objects.filter(matter_id__in=ids, day__lt=self._today).values_list("matter_id")
        since = dict(last.annotate(last=Max("day")).values_list("matter_id", "last"))
        self._rows = [(row[0], since.get(row[-1], row[1]), *row[2:]) if row[-1] in ids else row for row in self._rows]


_ONE_BY_ONE = f"UPDATE {Matter._meta.db_table} SET {', '.join(f'{name} = %s' for name in _COLUMNS)} WHERE id = %s"
_TYPES = {models.DateField: "date", models.JSONField: "jsonb", models.CharField: "text"}
_TYPED = ", ".join(f"{name} {_TYPES[type(Matter._meta.get_field(name))]}" for name in _COLUMNS)
_TOGETHER = (
    f"UPDATE {Matter._meta.db_table} AS m SET {', '.join(f'{name} = v.{name}' for name in _COLUMNS)} "
    f"FROM json_to_recordset(%s::json) AS v({_TYPED}, id bigint) WHERE m.id = v.id"
)


def _write_rows(rows: Sequence[tuple[Any, ...]]) -> None:
    """Write judgements, one statement for all: `bulk_update` costs ten times as much for a whole plan."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            told = [dict(zip((*_COLUMNS, "id"), row, strict=True)) for row in rows]
            cursor.execute(_TOGETHER, [json.dumps(told, ensure_ascii=False, default=date.isoformat)])
        else:
            cursor.executemany(_ONE_BY_ONE, [tuple(map(_as_parameter, row)) for row in rows])


def _as_parameter(value: Any) -> Any:
    """Return a value as SQLite takes it: days and JSON as text."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def stored_differs(standing: Standing, *, policy: Lights, calendar: Workdays, today: date) -> list[str]:
    """Return the names of the columns in which a stored light is not what the facts earn.

    The last judgement is made again for its own day, and today's light is what its dates give.
    """
    stored = standing.stored
    on = stored["judged_on"] or today
    judgement = judged(standing.facts, policy=policy, calendar=calendar, today=on, yellow_since=stored["yellow_since"])
    light = judgement.on(today)
    days = {"lit_on": judgement.lit_on, "yellow_on": judgement.yellow_on, "red_on": judgement.red_on}
    earned = {"light": light.value if light else "", **days, "next_on": next_turn(today, **days)}
    found = [name for name, value in earned.items() if stored[name] != value]
    if reasons_of(stored["light_reasons"]) != judgement.reasons:
        found.append("light_reasons")
    if stored["light_key"] and stored["light_key"] != key_of(facts_json(standing.facts)):
        found.append("light_key")
    return found
