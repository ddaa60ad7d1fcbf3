"""Reads of the lights: the facts as they stand, and as they stood at the end of any day."""

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact

from duban.calendars.models import YearNotice
from duban.calendars.queries import loaded_calendar
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI, day_of
from duban.core.workdays import Workdays, calendar_of
from duban.lights.models import DailyRound, KnownFacts, LightTurn, Override
from duban.lights.rules import (
    Facts,
    Judgement,
    Node,
    Report,
    judged,
    light_on,
    next_turn,
    own_dates_stored,
    reasons_of,
    track_of,
    yellow_until,
)
from duban.matters.models import Matter, Milestone, Obligation, Plan, PlanPolicy
from duban.matters.policy import Lights, stored_figures
from duban.matters.queries import LedgerFilter, LedgerPage, LedgerRow, ledger_ids, ledger_rows, page_of, policy_of
from duban.matters.rules import OPEN_STATES, Kind, Light, Owed, OwedState, Part, State

SOME = 5_000
"""Matters read, judged and written at once."""


def among(ids: Collection[int]) -> RawSQL:
    """Return these ids for `…__in`, as one parameter: thousands of single ones cost more than judging."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(ids))])


_STORED = (
    "light", "light_since", "lit_on", "yellow_on", "red_on", "next_on", "light_reasons", "judged_on", "yellow_since",
    "light_key", "light_override",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """One matter as it is judged: its facts, and what its last judgement left (by the names of _STORED)."""

    id: int
    plan_id: int
    facts: Facts
    stored: dict[str, Any]


def standing_matters(ids: Collection[int], *, is_locked: bool = False) -> Iterator[Standing]:
    """Yield matters with the facts their lights read, by id; three statements for each 5,000.

    is_locked: nobody else judges them, or changes them, before this transaction ends.
    """
    wanted = sorted(ids)
    for start in range(0, len(wanted), SOME):
        yield from _standing(wanted[start : start + SOME], is_locked=is_locked)


def _standing(ids: list[int] | QuerySet[Matter, int], *, is_locked: bool = False) -> Iterator[Standing]:
    """Yield matters with their facts. ids: numbers, or the query that finds them."""
    some = ids if isinstance(ids, QuerySet) else among(ids)
    matters = Matter.objects.filter(pk__in=some).order_by("pk")
    if is_locked and connection.features.has_select_for_update:
        matters = matters.select_for_update()
    rows = list(
        matters.values_list(
            "pk", "plan_id", "state", "kind", "starts_on", "due_on", "progress_pct", "forecast", "forecast_on",
            "closing_asked_at", "untrue_on", *_STORED,
        )
    )  # fmt: skip
    nodes: dict[int, list[tuple[date, int, str, int]]] = defaultdict(list)
    of_nodes = Milestone.objects.filter(matter_id__in=some).order_by("due_on")
    for matter_id, due_on, expected, title, pk in of_nodes.values_list(
        "matter_id", "due_on", "expected_pct", "title", "pk"
    ):
        nodes[matter_id].append((due_on, int(100 * expected), title, pk))
    open_nodes: set[int | None] = set()
    reports: dict[int, dict[date, bool]] = defaultdict(dict)
    finals: dict[int, set[date]] = defaultdict(set)
    owed = Obligation.objects.filter(matter_id__in=some, kind__in=(Owed.FINAL, Owed.REPORT, Owed.MILESTONE)).order_by()
    for matter_id, kind, due_on, state, subject_id, part in owed.values_list(
        "matter_id", "kind", "due_on", "state", "subject_id", "assignment__part"
    ):
        is_open = state == OwedState.OPEN
        if kind == Owed.REPORT:
            if state != OwedState.WAIVED:  # a report given and returned to be written better is no report late
                reports[matter_id][due_on] = is_open and reports[matter_id].get(due_on, True)
        elif is_open and kind == Owed.MILESTONE:
            open_nodes.add(subject_id)
        elif is_open and part == Part.LEAD:
            finals[matter_id].add(due_on)
    for row in rows:
        pk, plan_id, state, kind, starts_on, due_on, pct, forecast, forecast_on, asked_at, untrue_on = row[:11]
        facts = Facts(
            state,
            kind,
            starts_on,
            due_on,
            None if pct is None else int(100 * pct),
            forecast,
            forecast_on,
            _closing_day(state, asked_at),
            untrue_on,
            tuple(Node(day, expected, title, pk in open_nodes) for day, expected, title, pk in nodes.get(pk, ())),
            tuple(Report(day, is_open) for day, is_open in sorted(reports[pk].items())) if pk in reports else (),
            tuple(sorted(finals[pk])) if pk in finals else (),
        )
        yield Standing(pk, plan_id, facts, dict(zip(_STORED, row[11:], strict=True)))


def _closing_day(state: str, asked_at: datetime | None) -> date | None:
    return day_of(asked_at) if asked_at is not None and state == State.CLOSING else None


def judgement_of(
    standing: Standing, *, policy: Lights, calendar: Workdays, today: date
) -> tuple[Judgement, date | None]:
    """Return what a matter's facts earn, and since when it was yellow without a break until last night."""
    stored = standing.stored
    since = yellow_until(
        today,
        judged_on=stored["judged_on"],
        own=own_dates_stored(stored["yellow_on"], stored["red_on"], stored["light_reasons"]),
        yellow_since=stored["yellow_since"],
    )
    return judged(standing.facts, policy=policy, calendar=calendar, today=today, yellow_since=since), since


def facts_json(facts: Facts) -> list[Any]:
    """Return facts as they are stored: their values in order, days as text."""
    return [
        facts.state,
        facts.kind,
        facts.starts_on.isoformat(),
        facts.due_on.isoformat(),
        facts.progress,
        facts.forecast,
        _text(facts.forecast_on),
        _text(facts.closing_on),
        _text(facts.untrue_on),
        [[one.due_on.isoformat(), *one[1:]] for one in facts.nodes],
        [[one.due_on.isoformat(), one.is_open] for one in facts.reports],
        [one.isoformat() for one in facts.finals],
    ]


def facts_of(stored: list[Any]) -> Facts:
    """Return stored facts as values: `facts_json` turned round."""
    state, kind, starts_on, due_on, progress, forecast, forecast_on, closing_on, untrue_on, nodes, reports, finals = (
        stored
    )
    return Facts(
        state,
        kind,
        date.fromisoformat(starts_on),
        date.fromisoformat(due_on),
        progress,
        forecast,
        _day(forecast_on),
        _day(closing_on),
        _day(untrue_on),
        tuple(Node(date.fromisoformat(one[0]), *one[1:]) for one in nodes),
        tuple(Report(date.fromisoformat(one[0]), one[1]) for one in reports),
        tuple(date.fromisoformat(one) for one in finals),
    )


def key_of(stored: list[Any]) -> str:
    """Return a short key of stored facts, so that a change is seen without reading them again."""
    return blake2b(json.dumps(stored, ensure_ascii=False).encode(), digest_size=8).hexdigest()


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def turns_by_policy(policy_ids: Collection[int]) -> dict[int, list[tuple[Light | None, Light | None, int]]]:
    """Return which turns adopting versions of the policy caused: (from, to, how many) by version, the worst first."""
    rows = LightTurn.objects.filter(policy__in=list(policy_ids)).order_by().values_list("policy_id", "before", "light")
    found: dict[int, Counter[tuple[Light | None, Light | None]]] = defaultdict(Counter)
    for policy_id, before, light, number in rows.annotate(number=Count("pk")):
        found[policy_id][Light(before) if before else None, Light(light) if light else None] = number
    return {policy_id: _counts(counted) for policy_id, counted in found.items()}


def counted_turns(
    turns: Iterable[tuple[Light | None, Light | None]],
) -> list[tuple[Light | None, Light | None, int]]:
    """Return (from, to, how many) of turns, the worst first."""
    return _counts(Counter(turns))


def _counts(
    found: Mapping[tuple[Light | None, Light | None], int],
) -> list[tuple[Light | None, Light | None, int]]:
    order: list[Light | None] = [Light.RED, Light.YELLOW, Light.GREEN, None]
    return sorted(
        ((before, after, number) for (before, after), number in found.items()),
        key=lambda one: (order.index(one[1]), order.index(one[0])),
    )


def lights_policies(plan_ids: Collection[int]) -> dict[int, Lights]:
    """Return the figures of the lights in force for plans, by plan id."""
    plans = Plan.objects.filter(pk__in=plan_ids).select_related("policy")
    return {plan.pk: policy_of(plan).lights for plan in plans}


@dataclass(frozen=True, slots=True)
class AsOf:
    """How a matter stood at a day's end: what was known of it, what that earned, what the office showed instead.

    since: the day it got this light (or lost it).   policy, calendar: by which it was judged.
    """

    facts: Facts
    judgement: Judgement
    light: Light | None
    since: date
    override: Override | None
    policy: Lights
    calendar: Workdays

    @property
    def shown(self) -> Light | None:
        """The light that was to be seen."""
        return Light(self.override.light) if self.override else self.light


def standing_as_of(ids: Collection[int], *, day: date) -> dict[int, AsOf]:
    """Return how matters stood at the end of a day, from what was known by then: facts, policy, calendar.

    Matters not handed out by then are not in the answer. Not read: what was stored as their light. Five statements for
    each 5,000, and one for each notice of the calendar. The caller has already seen that the actor may see them.
    """
    wanted = sorted(ids)
    end = end_of(day)
    calendars = _Calendars(end)
    policies = _Policies(end)
    found: dict[int, AsOf] = {}
    for start in range(0, len(wanted), SOME):
        some = among(wanted[start : start + SOME])
        known: dict[int, list[tuple[date, Facts]]] = defaultdict(list)
        rows = KnownFacts.objects.filter(matter_id__in=some, day__lte=day).order_by("matter_id", "day")
        for pk, since, stored in rows.values_list("matter_id", "day", "facts"):
            known[pk].append((since, facts_of(stored)))
        made = Override.objects.filter(matter_id__in=some, made_at__lte=end).exclude(ended_at__lte=end)
        overrides = {one.matter_id: one for one in made.order_by("made_at", "pk")}
        plans = dict(Matter.objects.filter(pk__in=some).order_by().values_list("pk", "plan_id"))
        for pk, history in known.items():
            of_plan = policies.of(plans[pk])
            track = track_of(history, policies=of_plan, calendars=calendars.known, until=day)
            lit = track.on(day)
            if lit is None:
                continue
            override = overrides.get(pk) if lit.light is not None else None
            policy, calendar = of_plan[-1][1], calendars.on(day)
            found[pk] = AsOf(lit.facts, lit.judgement, lit.light, lit.since, override, policy, calendar)
    return found


_OF_THE_DAY: dict[str, Callable[[LedgerRow], int]] = {
    # what a ledger is sorted or grouped by and the day itself decides: the place of a row
    "light": lambda row: _place((row.light_override or row.light), ("red", "yellow", "green")),
    "state": lambda row: _place(row.state, tuple(State)),
    "kind": lambda row: _place(row.kind, tuple(Kind)),
    "due": lambda row: row.due_on.toordinal(),
}  # fmt: skip
_OF_THE_LEDGER: dict[str, Callable[[LedgerRow], Any]] = {
    "lead": lambda row: row.merging_unit,
    "overseer": lambda row: row.overseers[:1],
    "field": lambda row: row.field,
    "section": lambda row: row.section,
}


def _place(value: str, words: Sequence[str]) -> int:
    return words.index(value) if value in words else len(words)


def ledger_as_of(
    actor: Actor,
    *,
    plan: Plan,
    chosen: LedgerFilter,
    day: date,
    group: str = "",
    sort: str = "",
    is_descending: bool = False,
    page: int = 1,
    page_rows: int | None = None,
    whole_rows: int = 0,
) -> LedgerPage:
    """Return a plan's ledger as it stood at the end of a day; parameters and answer as of `matters.ledger_page`.

    Light, state, kind, dates, progress and signatures are those known by then, and so is what narrows or orders by
    them; people are those who held the posts. Texts and units are those of today. Not there: what was not registered
    by then. The number of statements does not depend on the number of rows, up to 5,000.
    """
    lasting = replace(chosen, kind="", state="", late_on=None)
    keys = {"group": "" if group in _OF_THE_DAY else group, "sort": "" if sort in _OF_THE_DAY else sort}
    ids = ledger_ids(actor, plan=plan, chosen=lasting, today=day, is_descending=is_descending, **keys)
    stood = standing_as_of(ids, day=day)
    rows = [
        row
        for one in ledger_rows(ids, today=day, known_by=end_of(day))
        if (row := _row_as_of(one, stood.get(one.id), day=day)) is not None and _is_chosen(row, chosen, day=day)
    ]
    lights: dict[str, int] = defaultdict(int)
    for row in rows:
        lights[row.light_override or row.light] += 1
    if chosen.light:
        wanted = "" if chosen.light == "none" else chosen.light
        rows = [row for row in rows if (row.light_override or row.light) == wanted]
    places: dict[Any, int] = {}
    if group in _OF_THE_LEDGER:
        for row in rows:
            places.setdefault(_OF_THE_LEDGER[group](row), len(places))
    if sort in _OF_THE_DAY:
        rows.sort(key=_OF_THE_DAY[sort], reverse=is_descending)
    if group in _OF_THE_DAY:
        rows.sort(key=_OF_THE_DAY[group])
    elif places:
        rows.sort(key=lambda row: places[_OF_THE_LEDGER[group](row)])
    shown, at, pages = page_of(rows, page=page, page_rows=page_rows, whole_rows=whole_rows)
    return LedgerPage(rows=shown, total=len(rows), page=at, pages=pages, lights=dict(lights))


def _row_as_of(row: LedgerRow, stood: AsOf | None, *, day: date) -> LedgerRow | None:
    """Return a line as it was; None for what was not registered by then."""
    if stood is None:
        if row.registered_at is None or row.registered_at > end_of(day):
            return None
        nothing: dict[str, Any] = {
            "assigned_at": None,
            "closed_at": None,
            "progress_pct": None,
            "light": "",
            "light_override": "",
        }
        return replace(row, state=State.REGISTERED, **nothing)
    facts = stood.facts
    return replace(
        row,
        state=facts.state,
        kind=facts.kind,
        starts_on=facts.starts_on,
        due_on=facts.due_on,
        closed_at=row.closed_at if facts.state == State.CLOSED else None,
        progress_pct=None if facts.progress is None else Decimal(facts.progress).scaleb(-2),
        light=stood.light or "",
        light_override=stood.override.light if stood.override else "",
    )


def _is_chosen(row: LedgerRow, chosen: LedgerFilter, *, day: date) -> bool:
    is_open = row.state in OPEN_STATES
    if chosen.late_on is not None and not (is_open and row.due_on < day):
        return False
    if chosen.state and not (is_open if chosen.state == "open" else row.state == chosen.state):
        return False
    return not chosen.kind or row.kind == chosen.kind


def end_of(day: date) -> datetime:
    """Return the last moment of a day where the office is."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI) - timedelta(microseconds=1)


class _Policies:
    """Which figures a plan followed, from which day on, by a moment."""

    def __init__(self, end: datetime) -> None:
        self._end = end
        self._of: dict[int, list[tuple[date, Lights]]] = {}

    def of(self, plan_id: int) -> list[tuple[date, Lights]]:
        if plan_id not in self._of:
            rows = PlanPolicy.objects.filter(plan_id=plan_id, held_from__lte=self._end).select_related("policy")
            self._of[plan_id] = [
                (day_of(row.held_from), stored_figures(row.policy.figures).lights)
                for row in rows.order_by("held_from", "pk")
            ]
        return self._of[plan_id]


def calendars_known(day: date) -> Sequence[tuple[date, Workdays]]:
    """Return which calendar was known from which day on; one statement, and those of the notices loaded by a day."""
    return _Calendars(end_of(day)).known


class _Calendars:
    """Which calendar was known, from which day on, by a moment; the package's own at first."""

    def __init__(self, end: datetime) -> None:
        loaded = YearNotice.objects.filter(loaded_at__lte=end).order_by("loaded_at", "pk").values_list("loaded_at")
        days = sorted({day_of(at) for (at,) in loaded})
        self.known = [(date.min, calendar_of(())), *((day, loaded_calendar(end_of(day))) for day in days)]

    def on(self, day: date) -> Workdays:
        return self.known[bisect_right([since for since, _ in self.known], day) - 1][1]


def stored_judgement(matter: Matter, *, today: date) -> Judgement:
    """Return a matter's judgement as it is stored, told of today; no statement. `judge` keeps it in step with facts."""
    days = {"lit_on": matter.lit_on, "yellow_on": matter.yellow_on, "red_on": matter.red_on}
    reasons = reasons_of(matter.light_reasons)
    return Judgement(light_on(today, **days), **days, next_on=next_turn(today, **days), reasons=reasons)


FACTS_IN_WORDS = (
    "plan_id", "state", "kind", "starts_on", "due_on", "progress_pct", "forecast", "forecast_on", "closing_asked_at",
    "untrue_on", "lit_on", "yellow_on", "red_on", "light_reasons", "light", "light_override",
)  # fmt: skip
"""The columns of a matter that `stored_judgement` and `facts_in_words` read, with the light that is shown."""


def facts_in_words(matter: Matter, *, milestones: Iterable[Milestone]) -> Facts:
    """Return the facts that the words of a light name, from what a page has read already; no statement.

    Left out: what is owed, whose days stand in the reasons.
    """
    return Facts(
        matter.state,
        matter.kind,
        matter.starts_on,
        matter.due_on,
        None if matter.progress_pct is None else int(100 * matter.progress_pct),
        matter.forecast,
        matter.forecast_on,
        _closing_day(matter.state, matter.closing_asked_at),
        matter.untrue_on,
        tuple(Node(one.due_on, int(100 * one.expected_pct), one.title, False) for one in milestones),
    )


def turns_of(matter: Matter) -> QuerySet[LightTurn]:
    """Return how a matter's light turned, the latest first. The caller has seen that the actor may see the matter."""
    return LightTurn.objects.filter(matter=matter).order_by("-day", "-pk")


def worse_since(day: date) -> QuerySet[LightTurn]:
    """Return the turns since a day's end after which matters show a worse light than before them: the first of each.

    What a fact turned on that day itself counts, because nobody knows at what hour; what its own round turned does not:
    that was seen in its morning. A light the office shows in its place counts as it is `shown` (an alias to go on
    with). To be narrowed to matters the actor may see.
    """
    told = Q(day__gt=day) | Q(is_round=False)
    is_red = Q(matter__light_override="", matter__light=Light.RED) | Q(matter__light_override=Light.RED)
    is_yellow = Q(matter__light_override="", matter__light=Light.YELLOW) | Q(matter__light_override=Light.YELLOW)
    is_worse = (is_red & ~Q(before=Light.RED)) | (is_yellow & Q(before__in=("", Light.GREEN)))
    turns = LightTurn.objects.filter(told, day__gte=day)
    # an earlier one is of the same matter: what that shows stands in the later one's row already
    was_better = Q(before__in=("", Light.GREEN)) | Q(Exact(OuterRef("shown"), Light.RED), before=Light.YELLOW)
    earlier = turns.filter(was_better, matter=OuterRef("matter"), day__lt=OuterRef("day"))
    shown = Case(When(matter__light_override="", then=F("matter__light")), default=F("matter__light_override"))
    return turns.filter(is_worse).alias(shown=shown).exclude(Exists(earlier))


def last_round() -> DailyRound | None:
    """Return the latest day's round that is done: lights stand as of its day."""
    return DailyRound.objects.filter(done_at__isnull=False).order_by("-day").first()


def override_of(matter: Matter) -> Override | None:
    """Return the office's override in force, if there is one. The caller has seen that the actor may see the matter."""
    return Override.objects.filter(matter=matter, ended_at=None).first()
