"""Words and decisions: 据实销号."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from duban.core.errors import Invalid
from duban.core.text import date_text, number_text
from duban.core.workdays import add_workdays
from duban.matters.rules import STATE_LABELS, Kind, State

HOW_LENGTH = 100
"""The most characters in which a unit says how one element is done."""

TEXT_LENGTH = 1000
"""The most characters of a statement, findings, reasons."""


class ClosureState(StrEnum):
    """The life of one attempt to close a matter."""

    PREPARED = "prepared"
    SENT_BACK = "sent_back"
    ASKED = "asked"
    AGREED = "agreed"
    VERIFIED = "verified"
    GRANTED = "granted"
    RETURNED = "returned"


CLOSURE_STATE_LABELS = {
    ClosureState.PREPARED: "待主要负责人审签",
    ClosureState.SENT_BACK: "已退回修改",
    ClosureState.ASKED: "待领导签批",
    ClosureState.AGREED: "待核验",
    ClosureState.VERIFIED: "待审定",
    ClosureState.GRANTED: "已销号",
    ClosureState.RETURNED: "已退回",
}

IN_UNIT = (ClosureState.PREPARED, ClosureState.SENT_BACK)
"""States in which the unit still works on its request."""

ASKED_STATES = (ClosureState.ASKED, ClosureState.AGREED, ClosureState.VERIFIED)
"""States in which the request lies outside the unit and the matter waits."""

LIVE = (*IN_UNIT, *ASKED_STATES)

ENDED = (ClosureState.GRANTED, ClosureState.RETURNED)
"""States in which an attempt stays as it is."""


_OPEN_TO_ASKING = frozenset({State.ASSIGNED, State.IN_PROGRESS, State.SUSPENDED})


def is_going_on(state: ClosureState, *, matter_state: State) -> bool:
    """Return whether an attempt still leads somewhere: one within the unit does not once its matter ended otherwise."""
    return state in ASKED_STATES or (state in IN_UNIT and matter_state in _OPEN_TO_ASKING)


class Method(StrEnum):
    """How the office looked."""

    DOCUMENTS = "documents"
    ON_SITE = "on_site"


METHOD_LABELS = {Method.DOCUMENTS: "材料核验", Method.ON_SITE: "现场核验"}


class OnSite(StrEnum):
    """Why the office has to go and look."""

    LIVELIHOOD = "livelihood"
    QUANTIFIED = "quantified"
    DRAWN = "drawn"


ON_SITE_LABELS = {OnSite.LIVELIHOOD: "民生事项", OnSite.QUANTIFIED: "量化事项", OnSite.DRAWN: "随机抽中"}


class Doubt(StrEnum):
    """What speaks against granting, unless somebody says in writing why it is granted all the same."""

    UNMET = "unmet"
    UNTRUE = "untrue"
    DOCUMENTS_ONLY = "documents_only"
    OBSTACLES = "obstacles"
    FOUND_UNTRUE = "found_untrue"


DOUBT_LABELS = {
    Doubt.UNMET: "有要求尚未完成",
    Doubt.UNTRUE: "有要求没有核实",
    Doubt.DOCUMENTS_ONLY: "应到现场核验，只核验了材料",
    Doubt.OBSTACLES: "还有未销结的困难问题",
    Doubt.FOUND_UNTRUE: "核验认定不实，整改还没有复查通过",
}


# ---- the checklist


class ItemKind(StrEnum):
    """What an item of the checklist was made from."""

    CLAUSE = "clause"
    TARGET = "target"
    MILESTONE = "milestone"
    WORK_ITEM = "work_item"


ITEM_KIND_LABELS = {
    ItemKind.CLAUSE: "任务要求",
    ItemKind.TARGET: "量化目标",
    ItemKind.MILESTONE: "时间节点",
    ItemKind.WORK_ITEM: "工作子项",
}


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """A target in the notice's words and where it stands. last: None where no figure was ever given."""

    text: str
    subject: str
    unit_of_measure: str
    last: Decimal | None
    is_reached: bool


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A milestone of the matter."""

    title: str
    due_on: date
    expected_pct: Decimal


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A work item of the matter."""

    text: str
    state: State


@dataclass(frozen=True, slots=True)
class Item:
    """One element to be met. facts: what the system knows of it, in words · is_met: whether that shows it to be met."""

    kind: ItemKind
    text: str
    facts: str = ""
    is_met: bool = False

    @property
    def key(self) -> str:
        """What the item goes by, on forms and from one day to the next, as long as its words stay the same."""
        return hashlib.sha256(f"{self.kind}|{self.text}".encode()).hexdigest()[:12]


def checklist_of(
    text: str,
    *,
    targets: Sequence[TargetFacts] = (),
    milestones: Sequence[NodeFacts] = (),
    work_items: Sequence[PartFacts] = (),
) -> list[Item]:
    """Return what must be met before a matter may close: every element of its text, target, milestone, work item.

    Source: docs/sources.md#closing
    """
    items = [Item(ItemKind.CLAUSE, one) for one in clauses_of(text)]
    for target in targets:
        words = f"{target.subject} {target.text}".strip()
        facts = "还没有填报过数字"
        if target.last is not None:
            stands = number_text(target.last, target.unit_of_measure)
            facts = f"现为 {stands}，{'已达到' if target.is_reached else '未达到'}"
        items.append(Item(ItemKind.TARGET, words, facts, target.is_reached))
    for node in milestones:
        words = f"{node.title}（{date_text(node.due_on)}，{node.expected_pct.normalize():f}%）"
        items.append(Item(ItemKind.MILESTONE, words))
    for part in work_items:
        is_closed = part.state is State.CLOSED
        items.append(Item(ItemKind.WORK_ITEM, part.text, STATE_LABELS[part.state], is_closed))
    return list({one.key: one for one in reversed(items)}.values())[::-1]


_OPENING, _CLOSING = "（(“‘《〈【〔[「『", "）)”’》〉】〕]」』"
_NUMERAL = "一二三四五六七八九十"
_MARK = re.compile(
    rf"\s*(?:[（(](?:\d{{1,2}}|[{_NUMERAL}]{{1,3}})[)）]|\d{{1,2}}[.．、](?!\s*\d)|[{_NUMERAL}]{{1,3}}(?:是|、(?!\s*[{_NUMERAL}])))"
)
_CIRCLED = re.compile(r"\s*[①-⑳]")
_ENDS, _LEADS = "；;。\n", "：:"


def clauses_of(text: str) -> list[str]:
    """Return the elements of a matter's text: cut at ；。and at numbered points, never inside brackets or quotes.

    A number stays with the words around it. What only leads to the points (“抓好三件事：”) is left out unless it holds
    a number of its own. A text without any of these is one element.
    """
    is_paired = all(text.count(one) == text.count(other) for one, other in zip(_OPENING, _CLOSING, strict=True))
    pieces: list[tuple[str, bool]] = []  # (words, whether points follow)
    piece, depth, place = "", 0, 0
    while place < len(text):
        mark = None
        if depth == 0:
            at_start = not piece.strip() or piece.rstrip()[-1] in "，,：:"
            mark = _CIRCLED.match(text, place) or (_MARK.match(text, place) if at_start else None)
        if mark is not None:
            pieces.append((piece, piece.rstrip()[-1:] in _LEADS if piece.strip() else False))
            piece, place = "", mark.end()
            continue
        one = text[place]
        place += 1
        if is_paired and one in _OPENING:
            depth += 1
        elif is_paired and one in _CLOSING:
            depth -= 1
        if depth == 0 and one in _ENDS:
            pieces.append((piece, False))
            piece = ""
        else:
            piece += one
    pieces.append((piece, False))
    words = [
        piece.strip(" \t\r，,：:、") for piece, is_lead in pieces if not is_lead or any(one.isdigit() for one in piece)
    ]
    return list(dict.fromkeys(" ".join(one.split()) for one in words if one)) or [text.strip()]


_SAID_ENDS = re.compile(r"[；;。\n]+")
_COMMON_LEAST = 3


def how_for(words: str, *, sentences: Iterable[str]) -> str:
    """Return what was said of an element: the parts that tell of it, of the sentence (the latest first) with the best.

    A part tells of it when the two share at least three pairs of characters; empty where none does, nothing is made up.
    """
    wanted = _pairs(words)
    best, most = "", _COMMON_LEAST - 1
    for sentence in sentences:
        parts = [(len(wanted & _pairs(part)), part.strip()) for part in _SAID_ENDS.split(sentence)]
        if max(common for common, _ in parts) > most:
            most = max(common for common, _ in parts)
            best = "；".join(part for common, part in parts if common >= _COMMON_LEAST)
    return best[:HOW_LENGTH]


def _pairs(words: str) -> set[str]:
    bare = "".join(one for one in words if one.isalnum())
    return {bare[place : place + 2] for place in range(len(bare) - 1)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a unit says of one item."""

    is_done: bool = False
    how: str = ""


def checked_how(how: str) -> str:
    """Return how an item is done, on one line. Raises Invalid when it is too long."""
    line = " ".join(how.split())
    if len(line) > HOW_LENGTH:
        raise Invalid(f"每项的完成情况不超过 {HOW_LENGTH} 字，现在 {len(line)} 字。")
    return line


def checked_text(text: str, *, field: str, message: str) -> str:
    """Return a longer text without blanks around it. Raises Invalid when it says nothing or too much."""
    words = text.strip()
    if len(words) < 2:
        raise Invalid(message, field=field)
    if len(words) > TEXT_LENGTH:
        raise Invalid(f"不超过 {TEXT_LENGTH} 字，现在 {len(words)} 字。", field=field)
    return words


def what_blocks_asking(words: str, *, answer: Answer) -> str | None:
    """Return why closure may not be asked for while an item stands like this, or None: done or not, it is explained."""
    if len(answer.how) >= 2:
        return None
    shown = words if len(words) <= 30 else f"{words[:29]}…"
    if answer.is_done:
        return f"请用一句话写明“{shown}”是怎样完成的。"
    return f"“{shown}”没有勾选完成；确实没有完成的，请写明原因，由督查室审定。"


def statement_of(answers: Sequence[Answer]) -> str:
    """Return the statement of a request that says nothing beyond its checklist."""
    done = sum(one.is_done for one in answers)
    if done == len(answers):
        return f"{len(answers)} 项要求均已完成，详见销号清单。"
    return f"{len(answers)} 项要求完成 {done} 项，其余 {len(answers) - done} 项已说明情况，详见销号清单。"


# ---- verification


def lot_seed(*, plan_id: int, plan_created_at: datetime, matter_id: int, attempt: int) -> str:
    """Return what the lot of an attempt is drawn from. Whoever knows it can draw again."""
    return f"{plan_id}|{plan_created_at.timestamp():.6f}|{matter_id}|{attempt}"


def lot_of(seed: str) -> int:
    """Return the lot of a seed: a number from 0 to 99, the SHA-256 of the seed modulo 100."""
    return int(hashlib.sha256(seed.encode()).hexdigest(), 16) % 100


def why_on_site(
    *,
    kind: Kind,
    is_livelihood: bool,
    lot: int,
    onsite_livelihood: bool,
    onsite_quantified: bool,
    onsite_random_pct: int,
) -> list[OnSite]:
    """Return why a matter is looked at where it lies; empty: its documents suffice.

    lot: from `lot_of`; those below the policy's percentage are drawn.   Source: docs/sources.md#closing
    """
    found = []
    if is_livelihood and onsite_livelihood:
        found.append(OnSite.LIVELIHOOD)
    if kind is Kind.QUANTIFIED and onsite_quantified:
        found.append(OnSite.QUANTIFIED)
    if not found and lot < onsite_random_pct:
        found.append(OnSite.DRAWN)
    return found


def doubts_of(
    *,
    done: Sequence[bool],
    true: Sequence[bool],
    on_site: Sequence[OnSite],
    method: Method,
    obstacles: int,
    is_found_untrue: bool = False,
) -> list[Doubt]:
    """Return what speaks against granting. done, true: by item, what the unit said and what the office found.

    is_found_untrue: a verification found a report untrue, and it is not put right yet.
    """
    found = []
    if not all(done):
        found.append(Doubt.UNMET)
    if not all(true):
        found.append(Doubt.UNTRUE)
    if on_site and method is not Method.ON_SITE:
        found.append(Doubt.DOCUMENTS_ONLY)
    if obstacles:
        found.append(Doubt.OBSTACLES)
    if is_found_untrue:
        found.append(Doubt.FOUND_UNTRUE)
    return found


def decide_by(asked_on: date, *, decide_workdays: int) -> date:
    """Return the day by which the office decides. Source: docs/sources.md#closing"""
    return add_workdays(asked_on, decide_workdays)
