"""三种函: which cause brings which letter, to whom, in which words. Nothing here reads a clock or a table.

A round takes the facts of a plan and a day and returns the drafts of that day; the same facts give the same keys, by
which one cause gives one letter, whatever runs twice. Source: docs/sources.md#letters
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any, NamedTuple

from duban.core import typed
from duban.core.text import date_text
from duban.core.workdays import Workdays
from duban.lights.rules import Cause as LightCause
from duban.lights.rules import Reason, reasons_json, reasons_of
from duban.matters.policy import Letters
from duban.matters.rules import FORECAST_LABELS, LIGHT_LABELS, LIT_STATES, Forecast, Light, Owed, State
from duban.papers.rules import number_text as printed_number
from duban.papers.wording import Wording, filled, template_kinds

TEXT_LENGTH = 500
"""The most characters of a paragraph of a letter, of what is said of one matter, of one answer."""

REASON_LENGTH = 200
TITLE_LENGTH = 60

ROUND_TIME = time(6, 20)
"""When the round of a day is made: what is known by then is what it goes by."""


class LetterKind(StrEnum):
    """三种函, from the mildest to the gravest."""

    REMIND = "remind"
    URGE = "urge"
    SUPERVISE = "supervise"


LETTER_KIND_LABELS = {LetterKind.REMIND: "提醒函", LetterKind.URGE: "催办函", LetterKind.SUPERVISE: "督办函"}

_RANK = {kind: rank for rank, kind in enumerate(LetterKind)}


def is_graver(kind: LetterKind, *, than: LetterKind) -> bool:
    """Return whether one kind is graver than another."""
    return _RANK[kind] > _RANK[than]


class LetterState(StrEnum):
    """The life of a letter. What was signed keeps its number, whatever becomes of it."""

    DRAFTED = "drafted"
    PRESENTED = "presented"
    SIGNED = "signed"
    ISSUED = "issued"
    ANSWERED = "answered"
    SETTLED = "settled"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


LETTER_STATE_LABELS = {
    LetterState.DRAFTED: "待办理",
    LetterState.PRESENTED: "待签发",
    LetterState.SIGNED: "待发出",
    LetterState.ISSUED: "待答复",
    LetterState.ANSWERED: "答复待认定",
    LetterState.SETTLED: "已办结",
    LetterState.DROPPED: "已作罢",
    LetterState.WITHDRAWN: "已撤回",
}

UNSIGNED = (LetterState.DRAFTED, LetterState.PRESENTED)
LIVE = (*UNSIGNED, LetterState.SIGNED, LetterState.ISSUED, LetterState.ANSWERED)
AFTER_SIGNING = (
    LetterState.SIGNED,
    LetterState.ISSUED,
    LetterState.ANSWERED,
    LetterState.SETTLED,
    LetterState.WITHDRAWN,
)
ENDED = (LetterState.SETTLED, LetterState.DROPPED, LetterState.WITHDRAWN)


class Outcome(StrEnum):
    """How a letter was settled."""

    CURED = "cured"
    ACCEPTED = "accepted"
    ESCALATED = "escalated"
    TOLD = "told"


OUTCOME_LABELS = {
    Outcome.CURED: "已改正",
    Outcome.ACCEPTED: "答复已认可",
    Outcome.ESCALATED: "已改发上一级函件",
    Outcome.TOLD: "告知，不需答复",
}


class Cause(StrEnum):
    """Why a matter stands in a letter."""

    YELLOW = "yellow"
    COURTESY = "courtesy"
    OVERDUE = "overdue"
    UNCURED = "uncured"
    RETURNED = "returned"
    RED = "red"
    UNANSWERED = "unanswered"
    HAND = "hand"


CAUSE_LABELS = {
    Cause.YELLOW: "新转黄灯",
    Cause.COURTESY: "报送临近",
    Cause.OVERDUE: "到期未完成",
    Cause.UNCURED: "提醒后未改正",
    Cause.RETURNED: "多次退回",
    Cause.RED: "红灯",
    Cause.UNANSWERED: "催办后未答复",
    Cause.HAND: "督查室指定",
}

KIND_OF_CAUSE = {
    Cause.YELLOW: LetterKind.REMIND,
    Cause.COURTESY: LetterKind.REMIND,
    Cause.OVERDUE: LetterKind.URGE,
    Cause.UNCURED: LetterKind.URGE,
    Cause.RETURNED: LetterKind.URGE,
    Cause.RED: LetterKind.SUPERVISE,
    Cause.UNANSWERED: LetterKind.SUPERVISE,
}
"""What each cause brings; a letter written by hand says itself what it is. Source: docs/sources.md#letters"""


class Returned(StrEnum):
    """What the office gave back."""

    REPORT = "report"
    CLOSURE = "closure"


class Delivery(StrEnum):
    """How a letter reached its unit."""

    SYSTEM = "system"
    PAPER = "paper"


DELIVERY_LABELS = {Delivery.SYSTEM: "系统送达", Delivery.PAPER: "纸质送达"}


OWED_BRINGS_LETTER = (Owed.MILESTONE, Owed.FINAL, Owed.REPORT, Owed.DECISION)
"""What is urged once its day has passed. Signing and naming contacts are only reminded of; a difficulty unanswered goes
to a leader; 批示 are nobody else's business; what a supporting unit hands to the lead is the lead's to ask for."""

_WHILE_CLOSING = (Owed.REPORT,)
_TO_COME = (LightCause.NODE, LightCause.REPORT, LightCause.FINAL)


class Owing(NamedTuple):
    """Something open that a unit owes on a matter. title: as the obligation says it."""

    id: int
    unit_id: int
    kind: str
    title: str
    due_on: date


class GivenBack(NamedTuple):
    """What a unit had given back. id: of the report, or of the last attempt to close · day: the report's day."""

    unit_id: int
    what: Returned
    id: int
    times: int
    day: date | None = None


class MatterFacts(NamedTuple):
    """Everything a letter reads of one matter, as it stands.

    unit_id: of the lead that merges, 0 where there is none.   light: the one shown, the office's own where it decided
    another; reasons: of the judged one, all.   progress, expected: hundredths of a percent.
    """

    id: int
    unit_id: int
    state: str
    light: Light | None = None
    light_since: date | None = None
    reasons: tuple[Reason, ...] = ()
    progress: int | None = None
    expected: int | None = None
    forecast: str = ""
    override_reason: str = ""
    owing: tuple[Owing, ...] = ()
    given_back: tuple[GivenBack, ...] = ()


class Sent(NamedTuple):
    """One line of an earlier letter, of whatever state.

    clock_on: the day it was delivered.   due_on: by when it is to be answered, while that is open.
    is_standing: the line was not taken out, cured, or taken up by a graver letter; is_removed: it was taken out.
    root: the key of the first cause.
    """

    item_id: int
    letter_id: int
    matter_id: int
    unit_id: int
    kind: LetterKind
    cause: Cause
    state: LetterState
    key: str
    root: str
    drafted_on: date
    is_batch: bool = True
    is_courtesy: bool = False
    is_standing: bool = True
    is_removed: bool = False
    number: str = ""
    issued_on: date | None = None
    clock_on: date | None = None
    due_on: date | None = None

    @property
    def day(self) -> date:
        """The day that counts for cool-downs and months: of issue, until then of the draft."""
        return self.issued_on or self.drafted_on

    @property
    def is_counted(self) -> bool:
        """Whether the line burdens its unit, or will."""
        return not self.is_removed and self.state not in (LetterState.DROPPED, LetterState.WITHDRAWN)


class Line(NamedTuple):
    """One cause in a letter. figures: what it rests on, JSON-able, frozen with the letter.

    follows_id: the line of the letter it follows.   is_scored: False where the unit's own forecast is all there is.
    """

    matter_id: int
    cause: Cause
    key: str
    root: str
    figures: dict[str, Any]
    follows_id: int | None = None
    is_scored: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """One letter of a batch. joins: the draft still in the officer's hands that these lines are added to."""

    unit_id: int
    kind: LetterKind
    is_courtesy: bool
    lines: tuple[Line, ...]
    joins: int | None = None


class Standing(NamedTuple):
    """One cause that stands, whether it brought a letter already or not."""

    unit_id: int
    kind: LetterKind
    line: Line


def causes_of(
    facts: Iterable[MatterFacts],
    sent: Iterable[Sent],
    *,
    day: date,
    policy: Letters,
    closure_returns: int,
    report_days: Sequence[date],
    calendar: Workdays,
) -> list[Standing]:
    """Return every cause that stands on a day, by matter. closure_returns: the policy's, as `urge_after_returns`.

    Source: docs/sources.md#letters
    """
    earlier: dict[int, list[Sent]] = defaultdict(list)
    for one in sent:
        earlier[one.matter_id].append(one)
    found: list[Standing] = []
    near = [one for one in report_days if calendar.add_workdays(one, -policy.courtesy_workdays) <= day <= one]
    for matter in facts:
        if matter.state not in LIT_STATES:
            continue
        lines = [
            *_by_light(matter, earlier[matter.id], day=day, policy=policy, calendar=calendar),
            *_by_day(matter, day=day, policy=policy, calendar=calendar),
            *_by_returns(matter, policy=policy, closure_returns=closure_returns),
            *_by_silence(matter, earlier[matter.id], day=day),
            *_by_courtesy(matter, report_days=near),
        ]
        found += [Standing(unit_id, KIND_OF_CAUSE[line.cause], line) for unit_id, line in lines if unit_id]
    return found


def _by_light(
    matter: MatterFacts, earlier: Sequence[Sent], *, day: date, policy: Letters, calendar: Workdays
) -> Iterator[tuple[int, Line]]:
    """Yield what a yellow or red light brings to the lead that merges.

    While the office verifies a closure the matter lies with the office. A yellow that only says that a report day is
    near is left to the courtesy batch; one that only says that days are near cannot be cured before them, so nobody is
    urged for it: the day itself does that.
    """
    since = matter.light_since
    if matter.state == State.CLOSING or since is None or since > day or matter.light in (None, Light.GREEN):
        return
    active = () if matter.override_reason else _active(matter.reasons, light=matter.light, day=day)
    is_scored = not _is_own_forecast(active, matter.reasons, day=day)
    root = f"{matter.light}/{matter.id}/{matter.unit_id}/{since.isoformat()}"
    figures = {
        "light": str(matter.light),
        "since": since.isoformat(),
        "reasons": reasons_json(active),
        "progress": matter.progress,
        "expected": matter.expected,
        "forecast": matter.forecast,
        "override": matter.override_reason,
        "day": day.isoformat(),
    }
    if matter.light is Light.RED:
        yield matter.unit_id, Line(matter.id, Cause.RED, root, root, figures, is_scored=is_scored)
        return
    to_come = [one for one in active if one.cause in _TO_COME and one.due_on is not None and one.due_on >= day]
    if not active or any(one not in to_come or one.cause is not LightCause.REPORT for one in active):
        yield matter.unit_id, Line(matter.id, Cause.YELLOW, root, root, figures, is_scored=is_scored)
    if active and len(to_come) == len(active):
        return
    for one in earlier:
        is_reminder = one.kind is LetterKind.REMIND and not one.is_courtesy and one.unit_id == matter.unit_id
        if not is_reminder or one.state is not LetterState.ISSUED or not one.is_standing or one.clock_on is None:
            continue
        if since <= one.clock_on and day > calendar.add_workdays(one.clock_on, policy.urge_after_remind_workdays):
            more = {
                "number": one.number,
                "issued_on": one.day.isoformat(),
                "workdays": policy.urge_after_remind_workdays,
            }
            key = f"uncured/{one.item_id}"
            yield matter.unit_id, Line(matter.id, Cause.UNCURED, key, root, figures | more, one.item_id, is_scored)


def _active(reasons: Sequence[Reason], *, light: Light, day: date) -> tuple[Reason, ...]:
    """Return the reasons that tell on a day: those that make the light red, or else yellow."""
    red = tuple(one for one in reasons if one.red_on is not None and one.red_on <= day)
    if light is Light.RED:
        return red
    return tuple(one for one in reasons if one.yellow_on is not None and one.yellow_on <= day)


def _is_own_forecast(active: Sequence[Reason], reasons: Sequence[Reason], *, day: date) -> bool:
    """Return whether a light rests on nothing but what the unit itself said early. Source: docs/sources.md#lights

    A red of month ends rests on what made them yellow.
    """
    rests_on = [one for one in active if one.cause is not LightCause.MONTH_ENDS]
    if len(rests_on) < len(active):
        rests_on += _active(reasons, light=Light.YELLOW, day=day)
    return bool(rests_on) and all(one.cause is LightCause.FORECAST for one in rests_on)


def _by_day(matter: MatterFacts, *, day: date, policy: Letters, calendar: Workdays) -> Iterator[tuple[int, Line]]:
    """Yield what a day that has passed brings to the unit that owed; the due date includes its day."""
    for one in matter.owing:
        passed = calendar.workdays_between(one.due_on, day)
        is_asked = one.kind in (_WHILE_CLOSING if matter.state == State.CLOSING else OWED_BRINGS_LETTER)
        if not is_asked or day <= one.due_on or passed < policy.urge_after_overdue_workdays:
            continue
        key = f"overdue/{one.id}/{one.due_on.isoformat()}"
        figures = {"owed": one.kind, "title": one.title, "due_on": one.due_on.isoformat(), "workdays": passed}
        yield one.unit_id, Line(matter.id, Cause.OVERDUE, key, key, figures)


def _by_returns(matter: MatterFacts, *, policy: Letters, closure_returns: int) -> Iterator[tuple[int, Line]]:
    """Yield what a report, or a request to close, brings that was given back once too often."""
    for one in matter.given_back:
        most = policy.urge_after_returns if one.what is Returned.REPORT else closure_returns
        if one.times < most:
            continue
        key = f"returned/{one.what}/{one.id}/{one.times // most}"
        figures = {"what": one.what.value, "times": one.times, "report_day": one.day.isoformat() if one.day else None}
        yield one.unit_id, Line(matter.id, Cause.RETURNED, key, key, figures)


def _by_silence(matter: MatterFacts, earlier: Sequence[Sent], *, day: date) -> Iterator[tuple[int, Line]]:
    """Yield what a 催办函 brings that was to be answered and was not."""
    for one in earlier:
        is_urged = one.kind is LetterKind.URGE and one.state is LetterState.ISSUED and one.is_standing
        if not is_urged or one.due_on is None or day <= one.due_on:
            continue
        figures = {"number": one.number, "issued_on": one.day.isoformat(), "due_on": one.due_on.isoformat()}
        key = f"unanswered/{one.item_id}"
        yield one.unit_id, Line(matter.id, Cause.UNANSWERED, key, one.root, figures, one.item_id)


def _by_courtesy(matter: MatterFacts, *, report_days: Sequence[date]) -> Iterator[tuple[int, Line]]:
    """Yield what is told some working days before a report, once; it starts no clock. report_days: those near."""
    for report_day in report_days:
        for one in matter.owing:
            if one.kind == Owed.REPORT and one.due_on == report_day:
                key = f"courtesy/{matter.id}/{one.unit_id}/{report_day.isoformat()}"
                figures = {"report_day": report_day.isoformat()}
                yield one.unit_id, Line(matter.id, Cause.COURTESY, key, key, figures, is_scored=False)


def drafts_of(
    standing: Iterable[Standing],
    sent: Sequence[Sent],
    *,
    day: date,
    policy: Letters,
    calendar: Workdays,
    used: Collection[str] = (),
    inviting: Collection[int] = (),
) -> list[Draft]:
    """Return the letters of a day: one per unit and kind, listing its matters; none on a day nobody works.

    used: keys of every cause that brought a letter before, dropped ones included.   inviting: units that are invited
    (商请函), never scored.   A matter stands in one kind only, the gravest. Nothing is drafted that a live letter of
    the same or a graver kind already says, within the cool-down of matter and kind, or beyond the letters of a month;
    what is held back comes on a later day if its cause still stands, the gravest first.
    Source: docs/sources.md#letters
    """
    if not calendar.is_workday(day):
        return []
    taken = set(used) | {one.key for one in sent}
    pairs: dict[tuple[int, int], list[Standing]] = defaultdict(list)
    for one in standing:
        if one.line.key not in taken:
            pairs[one.unit_id, one.line.matter_id].append(one)
    if not pairs:
        return []
    before: dict[tuple[int, int], list[Sent]] = defaultdict(list)
    for each in sent:
        before[each.unit_id, each.matter_id].append(each)
    groups: dict[tuple[int, LetterKind, bool], list[Line]] = defaultdict(list)
    for (unit_id, matter_id), causes in pairs.items():
        gravest = max((one.kind for one in causes), key=_RANK.__getitem__)
        former = before[unit_id, matter_id]
        cooldown = policy.cooldown_workdays
        if is_said(gravest, former) or is_cooling(
            gravest, former, day=day, cooldown_workdays=cooldown, calendar=calendar
        ):
            continue
        lines = [one.line for one in causes if one.kind is gravest]
        own = [one for one in lines if one.cause is not Cause.COURTESY]
        for line in own or lines:
            scored = line.is_scored and unit_id not in inviting
            groups[unit_id, gravest, not own].append(line._replace(is_scored=scored))
    return _within_month(groups, sent, day=day, most=policy.batches_per_unit_month) if groups else []


def is_said(kind: LetterKind, earlier: Iterable[Sent]) -> bool:
    """Return whether a live letter of this or a graver kind says it already. earlier: of the same unit and matter."""
    return any(
        one.state in LIVE and one.is_standing and not one.is_courtesy and _RANK[one.kind] >= _RANK[kind]
        for one in earlier
    )


def is_cooling(
    kind: LetterKind, earlier: Iterable[Sent], *, day: date, cooldown_workdays: int, calendar: Workdays
) -> bool:
    """Return whether the last letter of this kind is too recent. earlier: of the same unit and matter.

    Source: docs/sources.md#letters
    """
    return any(
        one.is_counted and one.kind is kind and calendar.workdays_between(one.day, day) < cooldown_workdays
        for one in earlier
    )


def _within_month(
    groups: Mapping[tuple[int, LetterKind, bool], Sequence[Line]], sent: Sequence[Sent], *, day: date, most: int
) -> list[Draft]:
    """Return the groups as letters, the gravest first, at most so many to a unit in a month; a standing draft grows."""
    month = (day.year, day.month)
    batches: dict[int, set[int]] = defaultdict(set)
    open_drafts: dict[tuple[int, LetterKind, bool], int] = {}
    for one in sent:
        if one.is_batch and one.is_counted and (one.day.year, one.day.month) == month:
            batches[one.unit_id].add(one.letter_id)
        if one.is_batch and one.is_counted and one.state is LetterState.DRAFTED:
            open_drafts[one.unit_id, one.kind, one.is_courtesy] = one.letter_id
    counts = {unit_id: len(letters) for unit_id, letters in batches.items()}
    drafts = []
    for (unit_id, kind, is_courtesy), lines in sorted(
        groups.items(), key=lambda group: (group[0][0], group[0][2], -_RANK[group[0][1]])
    ):
        joins = open_drafts.get((unit_id, kind, is_courtesy))
        if joins is None:
            if counts.get(unit_id, 0) >= most:
                continue
            counts[unit_id] = counts.get(unit_id, 0) + 1
        drafts.append(Draft(unit_id, kind, is_courtesy, tuple(lines), joins))
    return drafts


def is_cured(*, root: str, state: str, light: Light | None, standing: Collection[str]) -> bool:
    """Return whether what a line was written about is over. standing: the keys of the causes that stand today.

    A light is cured when it is green again (or gone), what was owed once it is met, what was given back once it is
    handed in anew; what the office wrote by hand is cured by its answer alone, or by the end of the matter.
    """
    if state not in LIT_STATES:
        return True
    word = root.partition("/")[0]
    if word in ("yellow", "red"):
        return light in (None, Light.GREEN)
    return word in ("overdue", "returned") and root not in standing


def what_is_over(
    sent: Iterable[Sent], *, facts: Mapping[int, MatterFacts], standing: Collection[str]
) -> tuple[list[Sent], list[Sent]]:
    """Return which lines in the unit's hands are cured, and which of drafts nobody has signed are over.

    facts: of every matter in hand, by id.   standing: the keys of the causes that stand today.
    """
    cured, stale = [], []
    for one in sent:
        if not one.is_standing:
            continue
        if one.state in UNSIGNED:
            if one.key and one.key not in standing:
                stale.append(one)
        elif one.state in (LetterState.ISSUED, LetterState.ANSWERED):
            matter = facts.get(one.matter_id)
            if matter is None or is_cured(root=one.root, state=matter.state, light=matter.light, standing=standing):
                cured.append(one)
    return cured, stale


def superseded(drafts: Iterable[Draft], sent: Iterable[Sent]) -> dict[LetterKind, list[Sent]]:
    """Return which lines of milder drafts nobody has signed the letters of a day now say, by the graver kind."""
    now_in = {(one.unit_id, line.matter_id): one.kind for one in drafts for line in one.lines}
    gone: dict[LetterKind, list[Sent]] = defaultdict(list)
    for one in sent:
        kind = now_in.get((one.unit_id, one.matter_id))
        if kind is not None and one.is_standing and one.state in UNSIGNED and is_graver(kind, than=one.kind):
            gone[kind].append(one)
    return dict(gone)


IS_OVER = "事由已消除"
_NOW_SAID_BY = "已改发"


def superseded_reason(kind: LetterKind) -> str:
    """Return why a line is taken out of a draft that a graver letter now says."""
    return f"{_NOW_SAID_BY}{LETTER_KIND_LABELS[kind]}"


def is_taken_out_by_rule(reason: str) -> bool:
    """Return whether the round took a line out of a draft, not a person."""
    return reason == IS_OVER or any(reason == superseded_reason(kind) for kind in LetterKind)


def may_skip_levels(
    kind: LetterKind,
    earlier: Iterable[Sent],
    *,
    light: Light | None,
    is_overdue: bool,
    is_urgent: bool,
    policy: Letters,
) -> bool:
    """Return whether a letter of this kind may be written by hand now: its turn has come, or the matter is urgent.

    Its turn has come after a letter of the kind before, or with what brings it by the rules (something overdue, red).
    """
    if kind is LetterKind.REMIND or (is_urgent and policy.levels_may_be_skipped):
        return True
    if light is Light.RED or (kind is LetterKind.URGE and is_overdue):
        return True
    return any(
        _RANK[one.kind] >= _RANK[kind] - 1 and one.is_counted and not one.is_courtesy and one.issued_on is not None
        for one in earlier
    )


# ---- who signs, by when it is answered


def signer_of(kind: LetterKind, policy: Letters) -> str:
    """Return the role that signs letters of this kind. Source: docs/sources.md#letters"""
    return {
        LetterKind.REMIND: policy.remind_signer,
        LetterKind.URGE: policy.urge_signer,
        LetterKind.SUPERVISE: policy.supervise_signer,
    }[kind]


def answer_workdays(kind: LetterKind, policy: Letters) -> int:
    """Return how many working days after its delivery a letter is to be answered. Source: docs/sources.md#letters"""
    return {
        LetterKind.REMIND: policy.remind_cure_workdays,
        LetterKind.URGE: policy.urge_answer_workdays,
        LetterKind.SUPERVISE: policy.supervise_answer_workdays,
    }[kind]


ANSWER_LABELS = {LetterKind.REMIND: "情况说明", LetterKind.URGE: "原因", LetterKind.SUPERVISE: "整改措施"}
"""What an answer to each kind says of a matter; to a 催办函 also the new day."""


def number_text(kind: LetterKind, *, number: int, year: int, short_name: str, policy: Letters) -> str:
    """Return the number of a letter as it is printed: 临江政督提〔2020〕1号."""
    word = policy.number_words[_RANK[kind]]
    return printed_number(word, number=number, year=year, short_name=short_name)


def issuer_name(place: str, *, policy: Letters) -> str:
    """Return in whose name letters are written."""
    return f"{place}人民政府{'办公室' if policy.issuer == 'government_office' else '督查室'}"


def kind_label(kind: LetterKind, *, is_inviting: bool) -> str:
    """Return what a letter is called: units that are not the government's own are invited."""
    return f"{LETTER_KIND_LABELS[kind]}（商请）" if is_inviting else LETTER_KIND_LABELS[kind]


def ending_of(kind: LetterKind, *, is_inviting: bool) -> str:
    """Return the formula a letter ends with."""
    words = {LetterKind.REMIND: "提醒", LetterKind.URGE: "催办", LetterKind.SUPERVISE: "督办"}
    return f"特此{'函商' if is_inviting else words[kind]}。"


def titled(name: str, post: str) -> str:
    """Return a leader as a document names one in 抄送: 吴一副区长; a long or a general post stands before the name:
    区委常委、副区长吴一, 区领导吴一. post: as it is called, perhaps with its holder behind it.
    """
    post = post.replace(f"（{name}）", "")
    return f"{name}{post}" if len(post) <= 4 and not post.endswith("领导") else f"{post}{name}"


# ---- words


def template_key(kind: LetterKind, *, is_courtesy: bool, is_inviting: bool) -> str:
    """Return which template of the papers a letter is written from."""
    return f"{'courtesy' if is_courtesy else kind.value}{'_inviting' if is_inviting else ''}"


def wording_of(
    kind: LetterKind,
    *,
    is_courtesy: bool,
    is_inviting: bool,
    policy: Letters,
    report_day: date | None = None,
    unit: str = "",
    year: int | None = None,
    templates: Mapping[str, Wording] | None = None,
) -> Wording:
    """Return the words of a letter from the template in force, by default the one shipped.

    report_day: of a courtesy batch.   unit: the addressee's full name.   templates: by their key.
    """
    key = template_key(kind, is_courtesy=is_courtesy, is_inviting=is_inviting)
    template = templates[key] if templates is not None else template_kinds()[key].shipped
    values = {
        "单位": unit,
        "年度": str(year or ""),
        "天数": str(answer_workdays(kind, policy)),
        "报送日期": date_text(report_day) if report_day else "本期",
    }
    return filled(template, values)


def words_of(cause: Cause, figures: Mapping[str, Any]) -> str:
    """Return why a matter stands in a letter, with its figures, in one sentence or a few."""
    if cause is Cause.COURTESY:
        return f"应于{_day(figures['report_day'])}前报送完成情况。"
    if cause is Cause.OVERDUE:
        owed = Owed(figures["owed"])
        what = "应" if owed in (Owed.FINAL, Owed.REPORT) else f"“{figures['title']}”应"
        done = "报送完成情况，至今未报" if owed is Owed.REPORT else "办结" if owed is Owed.FINAL else "完成"
        until = f"于{_day(figures['due_on'])}前{done}"
        return f"{what}{until}，已逾期 {figures['workdays']} 个工作日。"
    if cause is Cause.RETURNED:
        if figures["what"] == Returned.REPORT:
            return f"{_day(figures['report_day'])}一期的报告已被退回 {figures['times']} 次，尚未重新报送。"
        return f"销号申请已被退回 {figures['times']} 次，尚未重新申请。"
    if cause is Cause.UNANSWERED:
        sent = f"{_day(figures['issued_on'])}发出的催办函{_numbered(figures)}"
        return f"{sent}应于{_day(figures['due_on'])}前答复，至今未答复。"
    if cause is Cause.UNCURED:
        sent = f"{_day(figures['issued_on'])}发出提醒函{_numbered(figures)}"
        return f"{sent}，{figures['workdays']} 个工作日后仍为黄灯。{_light_words(figures)}"
    if cause is Cause.HAND:
        return str(figures["words"])
    return f"{_day(figures['since'])}起为{LIGHT_LABELS[Light(figures['light'])]}。{_light_words(figures)}"


def _numbered(figures: Mapping[str, Any]) -> str:
    return f"（{figures['number']}）" if figures.get("number") else ""


def _light_words(figures: Mapping[str, Any]) -> str:
    if figures.get("override"):
        return f"督查室认定：{figures['override'].rstrip('。')}。"
    today = date.fromisoformat(figures["day"])
    parts = [_reason_words(one, figures, today=today) for one in reasons_of(figures["reasons"])]
    return f"{'；'.join(parts)}。" if parts else ""


def _reason_words(one: Reason, figures: Mapping[str, Any], *, today: date) -> str:
    due = date_text(one.due_on)
    has_passed = one.due_on is not None and one.due_on < today
    if one.cause is LightCause.GAP:
        reported = "未报进展" if figures["progress"] is None else f"现报 {_pct(figures['progress'])}"
        return f"落后序时进度：应完成 {_pct(figures['expected'] or 0)}，{reported}"
    if one.cause is LightCause.NODE:
        return f"“{one.title}”应于{due}完成，{'已经逾期' if has_passed else '期限临近'}"
    if one.cause is LightCause.REPORT:
        return f"应于{due}前报送完成情况，{'至今未报' if has_passed else '期限临近'}"
    if one.cause is LightCause.FINAL:
        return f"办结时限{due}{'已过' if has_passed else '临近'}"
    if one.cause is LightCause.FORECAST:
        said = FORECAST_LABELS[Forecast(figures["forecast"])] if figures["forecast"] else "有困难"
        return f"单位预判“{said}”"
    return "连续月末黄灯未改正" if one.cause is LightCause.MONTH_ENDS else "核查发现所报情况不实"


def _pct(hundredths: int) -> str:
    return f"{hundredths / 100:g}%"


def _day(text: str) -> str:
    return date_text(date.fromisoformat(text))


# ---- what people type


def checked_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words of a letter. Raises Invalid."""
    return typed.checked_words(text, what=what, field=field, most=most)
