"""Which entries a snapshot proposes, and their facts in sentences. Source: docs/sources.md#bulletins"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from duban.bulletins.rules.totals import Stood
from duban.bulletins.rules.words import Basis, Section
from duban.core.text import date_text
from duban.letters.rules import Cause as LetterCause
from duban.letters.rules import words_of
from duban.lights.rules import Reason, reasons_json
from duban.matters.policy import Bulletins
from duban.matters.rules import LIT_STATES, Light, State


class Unanswered(NamedTuple):
    """A 督办函 that was to be answered by the snapshot's day and was not, about one matter."""

    matter_id: int
    unit_id: int
    number: str
    issued_on: date
    due_on: date


class Over(NamedTuple):
    """A target that was passed: its words, what was asked for, what was reached by the snapshot's day."""

    matter_id: int
    text: str
    target: Decimal
    value: Decimal
    unit_of_measure: str


class Reached(NamedTuple):
    """A target with the last figure by the snapshot's day, whether it passes it or not. upper: of a range."""

    matter_id: int
    text: str
    target: Decimal
    upper: Decimal | None
    sense: str
    value: Decimal
    unit_of_measure: str


class Late(NamedTuple):
    """A report that was late, or missing (sent_on None) at the snapshot's day."""

    unit_id: int
    matter_id: int
    serial: str
    due_on: date
    sent_on: date | None


class Proposal(NamedTuple):
    """An entry by rule. figures: by Basis, what it rests on, JSON-able; matter_id None: about the unit's reports."""

    section: Section
    unit_id: int
    matter_id: int | None
    figures: dict[str, dict[str, Any]]


def proposals_of(
    stood: Sequence[Stood],
    *,
    day: date,
    leads: Mapping[int, int],
    red_figures: Mapping[int, dict[str, Any]],
    unanswered: Iterable[Unanswered],
    closed_on: Mapping[int, date],
    over: Iterable[Over],
    late: Iterable[Late],
    praised: Collection[tuple[int, str]],
    policy: Bulletins,
    year_ends_on: date,
) -> list[Proposal]:
    """Return the entries a snapshot proposes: criticism, then praise, then late reports; each in the ledger's order.

    year_ends_on: of the plan; what is due on that day has no due date of its own, so nothing is early by it.
    leads: the unit that merges, by matter.   red_figures: what `letters.rules.words_of` says of a red light.
    closed_on: the first closing of matters that stood closed.   praised: (matter, Basis) an issued bulletin praised.
    Source: docs/sources.md#bulletins
    """
    criticised: dict[tuple[int, int], dict[str, dict[str, Any]]] = {}
    silent: dict[int, list[Unanswered]] = {}
    for each in unanswered:
        silent.setdefault(each.matter_id, []).append(each)
    for one in stood:
        lead = leads.get(one.matter_id)
        if one.light is Light.RED and lead is not None:
            criticised.setdefault((one.matter_id, lead), {})[Basis.RED] = red_figures[one.matter_id]
        for letter in silent.get(one.matter_id, []):
            criticised.setdefault((one.matter_id, letter.unit_id), {})[Basis.UNANSWERED] = {
                "number": letter.number,
                "issued_on": letter.issued_on.isoformat(),
                "due_on": letter.due_on.isoformat(),
            }
    found = [Proposal(Section.CRITICISM, unit_id, pk, figures) for (pk, unit_id), figures in criticised.items()]
    cited = {matter_id for matter_id, _ in criticised}
    passed: dict[int, list[Over]] = {}
    for each_over in over:
        passed.setdefault(each_over.matter_id, []).append(each_over)
    for one in stood:
        lead, figures = leads.get(one.matter_id), {}
        if lead is None or one.matter_id in cited:
            continue
        done = closed_on.get(one.matter_id)
        if done is not None and _is_early(one, done=done, year_ends_on=year_ends_on, policy=policy):
            figures[Basis.EARLY.value] = {"closed_on": done.isoformat(), "due_on": one.due_on.isoformat()}
        if passed.get(one.matter_id) and one.state in (*LIT_STATES, State.CLOSED):
            best = max(passed[one.matter_id], key=lambda each: each.value / each.target)
            figures[Basis.OVER_TARGET.value] = {
                "text": best.text,
                "target": str(best.target.normalize()),
                "value": str(best.value.normalize()),
                "unit": best.unit_of_measure,
            }
        figures = {basis: each for basis, each in figures.items() if (one.matter_id, basis) not in praised}
        if figures:
            found.append(Proposal(Section.PRAISE, lead, one.matter_id, figures))
    return [*found, *_late_reports(late, day=day)]


def _is_early(one: Stood, *, done: date, year_ends_on: date, policy: Bulletins) -> bool:
    has_own_day = one.due_on != year_ends_on
    return one.state == State.CLOSED and has_own_day and (one.due_on - done).days >= policy.praise_early_days


def is_over_target(value: Decimal, *, target: Decimal, sense: str, over_pct: int) -> bool:
    """Return whether a figure passes what was asked for by so many percent; at-most targets are never passed."""
    return sense in ("=", ">", ">=", "range") and target > 0 and value * 100 >= target * (100 + over_pct)


def passed_targets(reached: Iterable[Reached], *, over_pct: int) -> list[Over]:
    """Return the targets that are passed by so many percent. Source: docs/sources.md#bulletins"""
    return [
        Over(one.matter_id, one.text, one.target, one.value, one.unit_of_measure)
        for one in reached
        if is_over_target(one.value, target=one.upper or one.target, sense=one.sense, over_pct=over_pct)
    ]


def red_figures(
    *,
    since: date,
    reasons: Iterable[Reason],
    progress: int | None,
    expected: int | None,
    forecast: str,
    override: str,
    day: date,
) -> dict[str, Any]:
    """Return what a red light rests on, as `letters.rules.words_of` reads it. override: why the office decided it."""
    active = [one for one in reasons if one.red_on is not None and one.red_on <= day]
    return {
        "light": Light.RED.value,
        "since": since.isoformat(),
        "reasons": reasons_json(() if override else active),
        "progress": progress,
        "expected": expected,
        "forecast": forecast,
        "override": override,
        "day": day.isoformat(),
    }


def _late_reports(late: Iterable[Late], *, day: date) -> list[Proposal]:
    by_unit: dict[int, list[Late]] = {}
    for one in late:
        by_unit.setdefault(one.unit_id, []).append(one)
    found = []
    for unit_id, some in by_unit.items():
        days: dict[str, dict[str, list[str]]] = {}
        for one in some:
            is_missing = one.sent_on is None or one.sent_on > day
            of_day = days.setdefault(one.due_on.isoformat(), {"late": [], "missing": []})
            of_day["missing" if is_missing else "late"].append(one.serial)
        found.append(Proposal(Section.LATE_REPORT, unit_id, None, {Basis.LATE: {"days": days}}))
    return found


_SERIALS_MOST = 20


def facts_words(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the facts of an entry in sentences, as the rules know them; the office may word them otherwise."""
    parts = []
    for basis, each in figures.items():
        if basis == Basis.RED:
            parts.append(words_of(LetterCause.RED, each))
        elif basis == Basis.UNANSWERED:
            number = f"（{each['number']}）" if each["number"] else ""
            parts.append(f"{_day(each['issued_on'])}发出的督办函{number}应于{_day(each['due_on'])}前答复，至今未答复。")
        elif basis == Basis.EARLY:
            days = (date.fromisoformat(each["due_on"]) - date.fromisoformat(each["closed_on"])).days
            parts.append(f"办结时限为{_day(each['due_on'])}，已于{_day(each['closed_on'])}销号，提前{days}天完成。")
        elif basis == Basis.OVER_TARGET:
            reached, asked = _number(each["value"]), _number(each["target"])
            parts.append(f"“{each['text']}”现为{reached}{each['unit']}，超过目标{asked}{each['unit']}。")
        elif basis == Basis.LATE:
            parts += [_late_words(day, some) for day, some in each["days"].items()]
        elif basis == Basis.HAND:
            parts.append(str(each["words"]))
    return "".join(parts)


def _late_words(day: str, some: Mapping[str, Sequence[str]]) -> str:
    said = [
        f"{word}{len(serials)}项（{_serials(serials)}）"
        for word, serials in (("迟报", some["late"]), ("至今未报", some["missing"]))
        if serials
    ]
    return f"{_day(day)}一期报告{'，'.join(said)}。"


def _serials(serials: Sequence[str]) -> str:
    shown = "、".join(f"第{one}项" for one in serials[:_SERIALS_MOST])
    return shown + ("等" if len(serials) > _SERIALS_MOST else "")


def _number(text: str) -> str:
    return f"{Decimal(text):,.4f}".rstrip("0").rstrip(".")


def _day(text: str) -> str:
    return date_text(date.fromisoformat(text))
