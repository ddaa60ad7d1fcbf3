"""《政务督查》、通报: what a snapshot proposes, how it is counted, what changed between two, when a draft is complete.

Nothing here reads a clock or a table: the same snapshot gives the same proposals. Source: docs/sources.md#bulletins
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from duban.core.errors import Invalid
from duban.core.text import date_text
from duban.letters.rules import Cause as LetterCause
from duban.letters.rules import words_of
from duban.matters.policy import Bulletins
from duban.matters.rules import LIGHT_LABELS, LIT_STATES, Light, State

TITLE_LENGTH = 60
TEXT_LENGTH = 500
"""The most characters of a paragraph: the opening, the facts of an entry, its next step, a correction."""

REASON_LENGTH = 200
CAUSE_LENGTH = 20


class BulletinKind(StrEnum):
    """The issue that follows a snapshot of the whole year's work, and one about a single subject."""

    REGULAR = "regular"
    SPECIAL = "special"


BULLETIN_KIND_LABELS = {BulletinKind.REGULAR: "定期通报", BulletinKind.SPECIAL: "专题通报"}


class BulletinState(StrEnum):
    """The life of a bulletin; what was presented is frozen, what was issued has its number for ever."""

    DRAFTED = "drafted"
    CORRECTING = "correcting"
    PRESENTED = "presented"
    APPROVED = "approved"
    ISSUED = "issued"
    DROPPED = "dropped"


BULLETIN_STATE_LABELS = {
    BulletinState.DRAFTED: "拟稿",
    BulletinState.CORRECTING: "单位核对",
    BulletinState.PRESENTED: "待批准",
    BulletinState.APPROVED: "待印发",
    BulletinState.ISSUED: "已印发",
    BulletinState.DROPPED: "已作罢",
}

OPEN_TO_EDIT = (BulletinState.DRAFTED, BulletinState.CORRECTING)
FROZEN = (BulletinState.PRESENTED, BulletinState.APPROVED, BulletinState.ISSUED)
LIVE = (*OPEN_TO_EDIT, BulletinState.PRESENTED, BulletinState.APPROVED)


class Section(StrEnum):
    """Where an entry stands. Late reports stand apart from late work, and judge nothing."""

    CRITICISM = "criticism"
    PRAISE = "praise"
    LATE_REPORT = "late_report"


SECTION_LABELS = {
    Section.CRITICISM: "进展缓慢事项",
    Section.PRAISE: "进展较好事项",
    Section.LATE_REPORT: "迟报漏报情况",
}

JUDGING = (Section.CRITICISM, Section.PRAISE)
"""These need a cause and a next step, and the government's approval. Source: docs/sources.md#bulletins"""


class Basis(StrEnum):
    """Why an entry is proposed."""

    RED = "red"
    UNANSWERED = "unanswered"
    EARLY = "early"
    OVER_TARGET = "over_target"
    LATE = "late"
    HAND = "hand"


BASIS_LABELS = {
    Basis.RED: "定格为红灯",
    Basis.UNANSWERED: "督办函未答复",
    Basis.EARLY: "提前完成",
    Basis.OVER_TARGET: "超额完成",
    Basis.LATE: "迟报漏报",
    Basis.HAND: "督查室增列",
}


class CauseWord(StrEnum):
    """Kinds of causes by which slow work is told, and the words they are known by. Source: docs/sources.md#bulletins

    Which of them an office uses, and its own besides, stands in the policy.
    """

    FUNDS = "资金"
    LAND = "用地"
    PERMIT = "审批"
    CLEARANCE = "征迁"
    RULE = "政策"
    WORKS = "施工"
    DUTY = "责任"


_KNOWN_BY: dict[CauseWord, str] = {
    CauseWord.CLEARANCE: r"征迁|征地|拆迁|征收|腾退|安置|搬迁户",
    CauseWord.LAND: r"用地|土地|农转用|选址|红线|林地|海域",
    CauseWord.FUNDS: r"资金|经费|拨付|融资|贷款|配套款|预算|欠款",
    CauseWord.PERMIT: r"审批|报批|手续|许可|批复|环评|核准|备案|立项",
    CauseWord.WORKS: r"施工|工期|工程|材料|雨季|天气|班组|进场|管线|设备|交叉作业",
    CauseWord.RULE: r"政策|规划调整|标准|上级要求|疫情|管控",
    CauseWord.DUTY: r"责任|重视|人手|人员|力量不足|协调|配合|衔接|推诿",
}
"""In the order in which they are asked: 征地 is a matter of clearance before it is one of land."""


def cause_words(section: Section, policy: Bulletins) -> tuple[str, ...]:
    """Return the words an entry's cause is chosen from."""
    return policy.praise_causes if section is Section.PRAISE else policy.causes


# ---- status: what a snapshot says of a matter, counted


class Status(StrEnum):
    """How a matter stands in a count. Source: docs/sources.md#bulletins"""

    DONE = "done"
    CLOSING = "closing"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    NOT_STARTED = "not_started"
    NOT_YET = "not_yet"
    PAUSED = "paused"
    ENDED = "ended"


STATUS_LABELS = {
    Status.DONE: "已完成",
    Status.CLOSING: "申请销号",
    Status.ON_TRACK: "达序时",
    Status.BEHIND: "滞后",
    Status.NOT_STARTED: "未启动",
    Status.NOT_YET: "未到起始日期",
    Status.PAUSED: "暂停",
    Status.ENDED: "终止或结转",
}


class Stood(NamedTuple):
    """One matter as a snapshot holds it. light: the one shown, the office's own where it decided another.

    progress, expected: percent; expected None where no 序时进度 is asked for.
    """

    matter_id: int
    state: str
    light: Light | None
    due_on: date
    progress: Decimal | None = None
    expected: Decimal | None = None


def status_of(stood: Stood, *, behind_points: int) -> Status:
    """Return how a matter is counted. behind_points: from this gap on it is behind, as its light goes yellow.

    By its state first; of what is in hand 未启动 is what has reported nothing though something was due, 滞后 a gap of
    so many points or a red light, and for 常态 matters (of which no 序时进度 is asked) any light that is not green.
    Source: docs/sources.md#bulletins
    """
    by_state = {
        State.CLOSED: Status.DONE,
        State.CLOSING: Status.CLOSING,
        State.SUSPENDED: Status.PAUSED,
        State.TERMINATED: Status.ENDED,
        State.CARRIED_OVER: Status.ENDED,
    }
    state = State(stood.state)
    if state in by_state:
        return by_state[state]
    if stood.light is None or state not in LIT_STATES:
        return Status.NOT_YET
    if stood.expected is None:
        return Status.ON_TRACK if stood.light is Light.GREEN else Status.BEHIND
    progress = stood.progress or Decimal()
    if progress == 0 and stood.expected > 0:
        return Status.NOT_STARTED
    is_behind = stood.expected - progress >= behind_points or stood.light is Light.RED
    return Status.BEHIND if is_behind else Status.ON_TRACK


class Counted(NamedTuple):
    """One matter to be counted: how it stands, and under which leaders, unit and field."""

    status: Status
    light: Light | None
    overseer: str
    unit: str
    field: str


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of a table: how many matters there are, by status and by light; what is nothing is left out."""

    name: str
    total: int
    statuses: dict[str, int]
    lights: dict[str, int]


def tally(name: str, counted: Iterable[Counted]) -> Tally:
    """Return the counts of some matters."""
    some = list(counted)
    statuses, lights = Counter(one.status for one in some), Counter(one.light for one in some)
    return Tally(
        name=name,
        total=len(some),
        statuses={one.value: statuses[one] for one in Status if statuses[one]},
        lights={one.value: lights[one] for one in Light if lights[one]},
    )


def tallies(counted: Sequence[Counted], *, by: str) -> list[Tally]:
    """Return the counts by overseer, unit or field, as they first come; what has none stands last."""
    groups: dict[str, list[Counted]] = {}
    for one in counted:
        groups.setdefault(getattr(one, by), []).append(one)
    nothing = groups.pop("", [])
    rows = [tally(name, some) for name, some in groups.items()]
    return [*rows, tally("未明确", nothing)] if nothing else rows


# ---- what changed between two snapshots


class Change(StrEnum):
    """What became of a matter between two snapshots."""

    WORSE = "worse"
    BETTER = "better"
    NEW = "new"
    CLOSED = "closed"
    REOPENED = "reopened"
    LEFT = "left"


CHANGE_LABELS = {
    Change.WORSE: "转差",
    Change.BETTER: "转好",
    Change.NEW: "新增",
    Change.CLOSED: "销号",
    Change.REOPENED: "重新办理",
    Change.LEFT: "暂停、终止或结转",
}

_LEFT_STATES = (State.SUSPENDED, State.TERMINATED, State.CARRIED_OVER)
_RANK = {None: 0, Light.GREEN: 0, Light.YELLOW: 1, Light.RED: 2}


class Changed(NamedTuple):
    """One matter that changed. before: None where it was not there."""

    matter_id: int
    change: Change
    before: Stood | None
    after: Stood


def changes_between(before: Iterable[Stood], after: Iterable[Stood]) -> list[Changed]:
    """Return what changed from one snapshot to a later one, in the order of the later; what did not is left out.

    Being closed, put aside or taken up again comes before a change of light. Source: docs/sources.md#bulletins
    """
    earlier = {one.matter_id: one for one in before}
    found = []
    for one in after:
        former = earlier.get(one.matter_id)
        change = _change_of(former, one)
        if change is not None:
            found.append(Changed(one.matter_id, change, former, one))
    return found


def _change_of(before: Stood | None, after: Stood) -> Change | None:
    if before is None:
        return Change.NEW
    if after.state == State.CLOSED:
        return Change.CLOSED if before.state != State.CLOSED else None
    if before.state == State.CLOSED:
        return Change.REOPENED
    if after.state in _LEFT_STATES:
        return Change.LEFT if before.state not in _LEFT_STATES else None
    difference = _RANK[after.light] - _RANK[before.light]
    if difference == 0:
        return None
    return Change.WORSE if difference > 0 else Change.BETTER


# ---- what a snapshot proposes


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


# ---- cause and next step, from what the unit has said already


class Said(StrEnum):
    """Where a unit said something. A 回头看 is the unit's own and is never read."""

    OBSTACLE = "obstacle"
    NEED = "need"
    CAUSE = "cause"
    MEASURES = "measures"
    REPORT = "report"


SAID_LABELS = {
    Said.OBSTACLE: "单位提出的困难问题",
    Said.NEED: "单位提出的困难问题",
    Said.CAUSE: "催办函的答复",
    Said.MEASURES: "督办函的答复",
    Said.REPORT: "单位的报告",
}


class Saying(NamedTuple):
    """What a unit said of a matter. said_on: the day it came."""

    kind: Said
    text: str
    said_on: date


class Prefilled(NamedTuple):
    """What may stand in an entry before anybody typed: each part empty where the unit has said nothing of it.

    cause_from, next_from: in words, what it was taken from.
    """

    cause: str
    cause_note: str
    cause_from: str
    next_step: str
    next_from: str


_SENTENCES = re.compile(r"[^。；！？\n]+[。；！？]?")
_NEXT = re.compile(r"下一步|下阶段|接下来|将于|将在|计划|拟于|力争|确保|预计|将")
_IN_THE_WAY = re.compile(r"困难|问题|滞后|未|没有|影响|制约|不足|缺|偏慢|缓慢|因")
_CAUSE_FROM = (Said.OBSTACLE, Said.CAUSE, Said.MEASURES, Said.REPORT)
_NEXT_FROM = (Said.MEASURES, Said.CAUSE, Said.REPORT, Said.NEED)


def prefilled(sayings: Iterable[Saying], *, section: Section, words: Sequence[str]) -> Prefilled:
    """Return what of cause and next step the unit has told already, the latest of the surest place first.

    words: those the cause may be chosen from. The cause of praise is nobody's to guess: a person chooses it.
    Source: docs/sources.md#bulletins
    """
    by_kind: dict[Said, list[Saying]] = {}
    for one in sorted(sayings, key=lambda one: one.said_on, reverse=True):
        by_kind.setdefault(one.kind, []).append(one)
    cause = note = cause_from = next_step = next_from = ""
    if section is Section.CRITICISM:
        for saying in (one for kind in _CAUSE_FROM for one in by_kind.get(kind, [])):
            cause, note = _cause_in(saying, words=words)
            if cause:
                cause_from = _from(saying)
                break
    for saying in (one for kind in _NEXT_FROM for one in by_kind.get(kind, [])):
        next_step = _next_in(saying, cause=note)
        if next_step:
            next_from = _from(saying)
            break
    return Prefilled(cause, note, cause_from, next_step, next_from)


def _from(saying: Saying) -> str:
    return f"{date_text(saying.said_on)}{SAID_LABELS[saying.kind]}"


def _cause_in(saying: Saying, *, words: Sequence[str]) -> tuple[str, str]:
    """Return the kind of cause a saying names, and the sentence in which it does so."""
    for sentence in _SENTENCES.findall(saying.text):
        if saying.kind is not Said.OBSTACLE and not _IN_THE_WAY.search(sentence):
            continue  # it tells what was done, or will be; only what stands in the way is a cause
        for word, pattern in _KNOWN_BY.items():
            if word.value in words and re.search(pattern, sentence):
                whole = sentence.strip("。；！？ ")
                return word.value, whole if saying.kind is Said.OBSTACLE else _in_the_way(whole)
    return "", ""


def _in_the_way(sentence: str) -> str:
    """Return the clauses of a sentence up to the last that says what stands in the way; measures follow those."""
    clauses = sentence.split("，")
    last = max(place for place, clause in enumerate(clauses) if _IN_THE_WAY.search(clause))
    return "，".join(clauses[: last + 1])


def _next_in(saying: Saying, *, cause: str) -> str:
    """Return what a saying tells of the next step, without the cause told in the same breath."""
    if saying.kind is not Said.REPORT:
        text = saying.text.strip()
        return text.removeprefix(cause).lstrip("，。；") if cause else text
    return "".join(one.strip() for one in _SENTENCES.findall(saying.text) if _NEXT.search(one))


# ---- when it is complete, who approves it


class Entry(NamedTuple):
    """An entry as it is looked at before a draft goes on. name: of its matter (or of its unit)."""

    section: Section
    name: str
    cause: str
    next_step: str


def incomplete(entries: Iterable[Entry]) -> list[str]:
    """Return, a sentence each, which entries lack a cause or a next step; late reports need neither.

    Source: docs/sources.md#bulletins
    """
    found = []
    for one in entries:
        if one.section not in JUDGING:
            continue
        words = ("没有写明主要做法" if one.section is Section.PRAISE else "没有写明原因") if not one.cause else ""
        missing = [each for each in (words, "" if one.next_step else "没有写明下一步") if each]
        if missing:
            found.append(f"{one.name}{'，'.join(missing)}。")
    return found


class Approving(StrEnum):
    """What a bulletin is approved for: its facts, and its criticism and praise."""

    FACTS = "facts"
    JUDGEMENT = "judgement"


APPROVING_LABELS = {Approving.FACTS: "事实", Approving.JUDGEMENT: "批评和表扬"}


def approvals_needed(sections: Iterable[Section], policy: Bulletins) -> dict[Approving, str]:
    """Return what has to be approved and by which role: criticism and praise by the government, never automatic.

    Source: docs/sources.md#bulletins
    """
    needed = {Approving.FACTS: policy.facts_approver}
    if any(one in JUDGING for one in sections):
        needed[Approving.JUDGEMENT] = policy.judgement_approver
    return needed


# ---- words


class Audience(StrEnum):
    """To whom it is issued. Units it names always read it."""

    ALL = "all"
    NAMED = "named"


AUDIENCE_LABELS = {Audience.ALL: "全体单位和领导", Audience.NAMED: "指定的单位和领导"}


def number_words(number: int) -> str:
    """Return the issue as its masthead says it."""
    return f"第{number}期"


def total_words(number: int) -> str:
    """Return the issue counted from the first of all."""
    return f"总第{number}期"


def usual_title(kind: BulletinKind, *, day: date, field: str = "") -> str:
    """Return the usual title of a bulletin on a snapshot's day."""
    if kind is BulletinKind.SPECIAL:
        return f"关于{field or '重点'}事项进展情况的通报"
    part = {6: "上半年", 12: "全年"}.get(day.month, f"{day.month}月底前")
    return f"关于{day.year}年度督查事项{part}进展情况的通报"


def usual_opening(total: Tally, *, day: date, field: str = "") -> str:
    """Return the usual opening: the counts of the snapshot, in a sentence."""
    words = "，".join(f"{STATUS_LABELS[Status(name)]}{count}项" for name, count in total.statuses.items())
    lights = "、".join(f"{LIGHT_LABELS[Light(name)]}{count}项" for name, count in total.lights.items())
    about = f"{field}类督查事项" if field else "督查事项"
    lamps = f"；在办事项中{lights}" if lights else ""
    return f"截至{date_text(day)}，列入台账的{about}共{total.total}项，其中{words or '尚无交办'}{lamps}。"


# ---- what people type


def checked_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words without blanks around them; their lines stay. Raises Invalid when there are none or too many."""
    words = optional_words(text, what=what, field=field, most=most)
    if len(words) < 2:
        raise Invalid(f"请写明{what}。" if not words else f"“{words}”太短，请写得具体一些。", field=field)
    return words


def optional_words(text: str, *, what: str, field: str, most: int = TEXT_LENGTH) -> str:
    """Return words that may be left blank. Raises Invalid when there are too many."""
    words = "\n".join(line.strip() for line in text.strip().splitlines())
    if len(words) > most:
        raise Invalid(f"{what}不超过 {most} 字，现在 {len(words)} 字。", field=field)
    return words
