"""Words and decisions: 字数, what a paste keeps, the draft of a report from what was said since the last one."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from html.entities import html5
from typing import Any

from duban.core.errors import Invalid
from duban.core.text import plain_number
from duban.matters.rules import FORECAST_LABELS, Forecast, Sense
from duban.progress.rules import pct_text

TEXT_MOST = 1_000
"""The most characters a report's text may have at all, so that a whole file is not pasted in."""

PASTE_MOST = 20_000
"""The most characters looked at in what was pasted."""

CONTRIBUTION_MOST = 150
"""The most 字 of what a supporting unit says of one matter."""

REASON_MOST = 200


class ReportState(StrEnum):
    """Where a report stands: with who writes it, with the unit's deputy, with the office."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SENT_BACK = "sent_back"
    SENT = "sent"
    RETURNED = "returned"
    ACCEPTED = "accepted"


REPORT_STATE_LABELS = {
    ReportState.DRAFT: "编写中",
    ReportState.SUBMITTED: "待审签",
    ReportState.SENT_BACK: "单位内退改",
    ReportState.SENT: "已报",
    ReportState.RETURNED: "退回",
    ReportState.ACCEPTED: "已采用",
}

WRITABLE = (ReportState.DRAFT, ReportState.SENT_BACK, ReportState.RETURNED)
"""States in which the unit writes."""

WITH_THE_OFFICE = (ReportState.SENT, ReportState.ACCEPTED)
"""States in which others than the unit read the text."""


# ---- 字数
#
# static/js/report.js counts by the same expressions; a test holds the two equal.

_WIDE = (
    "\u00a7\u00b0\u00b1\u00b7\u00d7\u00f7\u2014-\u2016\u2018-\u201f\u2025\u2026\u2030\u203b\u2103\u2116\u2160-\u217f"
    "\u2190-\u22ff\u2460-\u27bf\u2b00-\u2bff\u2e80-\u2fff\u3001-\ua4cf\uac00-\ud7af\ue000-\uf8ff\uf900-\ufaff\ufe30-\ufe6f\uff01-\uffee"
    "\U0001f000-\U0001faff\U00020000-\U0003ffff"
)
_BLANK = "\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_PICTURE = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u27bf\u2934-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_CLUSTER = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    f"|[{_PICTURE}](?:[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d[{_PICTURE}])+"
)
_COUNTED = re.compile(f"[{_WIDE}]|[^{_WIDE}{_BLANK}]+")
_IS_WIDE = re.compile(f"[{_WIDE}]")
_IS_BLANK = re.compile(f"[{_BLANK}]")
_UNSEEN = ("Cf", "Cc", "Cs")
_IGNORED = ("Mn", "Mc", "Me", *_UNSEEN)


def count_chars(text: str) -> int:
    """Return the 字数 of a text as word processors count it. Source: docs/sources.md#reports

    One for each Chinese character and each full-width mark, letter or digit; one for each run of half-width letters,
    digits and marks (1.61, 3,000, 50%, COVID-19); blanks none. “新增人才1.61万人” is 7. A picture sign (emoji) counts
    one however it is put together; marks that combine with the character before them, and signs nobody sees, none.
    """
    return len(_COUNTED.findall(_without(_CLUSTER.sub("口", text), _IGNORED)))


def _without(text: str, categories: tuple[str, ...]) -> str:
    return "".join(one for one in text if unicodedata.category(one) not in categories or _IS_BLANK.match(one))


def is_within(count: int, *, low: int, high: int) -> bool:
    """Return whether a report has the length asked for; both bounds belong to it."""
    return low <= count <= high


# ---- what a paste keeps

_HIDDEN = re.compile(r"(?is)<(style|script|head|title|xml)\b[^>]*>.*?</\1\s*>|<!--.*?-->|<!\[.*?\]>|<[!?][a-z][^<>]*>")
_BREAKS = re.compile(r"(?i)<(?:br|hr)\b[^<>]*>|</(?:p|div|tr|li|h[1-6]|table|ul|ol|section|article|blockquote)\s*>")
_CELLS = re.compile(r"(?i)</(?:td|th)\s*>")
_TAGS = re.compile(
    r"(?i)</?(?:html|body|meta|link|base|a|abbr|b|big|blockquote|center|code|col|colgroup|dd|del|div|dl|dt|em|font|h[1-6]"
    r"|head|i|img|ins|li|mark|ol|p|pre|s|section|article|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr"
    r"|tt|u|ul|caption|style|script|title|xml|input|form|button|iframe|svg|object|\w{1,4}:\w+)(?=[\s/>])[^<>]*>"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_AMPERSANDS = re.compile(r"&(?:amp;)+")
_LOOSE_JOINER = re.compile(f"\u200d(?![{_PICTURE}])")
_LINES = re.compile(f"[{_BLANK}]*[\n\r\v\f\u2028\u2029\x85][{_BLANK}]*")
_BLANKS = re.compile(f"[{_BLANK}]+")
_NESTED_MOST = 10
_FULL_WIDTH = str.maketrans("<>&", "＜＞＆")


def plain_text(pasted: str) -> str:
    """Return what was typed or pasted as one paragraph of plain text: without tags, entities, signs nobody sees.

    Runs of blanks, and in a table cells and rows, become one blank; a line break between two Chinese characters counts
    as a wrapped line and goes, any other becomes a blank. Done twice it changes nothing more.
    """
    text = pasted
    for _ in range(_NESTED_MOST):
        before = text
        text = _cleaned(text)
        if text == before:  # else a sign nobody sees may have stood within a tag
            return text
    return _cleaned(text.translate(_FULL_WIDTH))


def _cleaned(pasted: str) -> str:
    text = _untagged(pasted)
    text = "".join(
        one for one in text if one == "\u200d" or unicodedata.category(one) not in _UNSEEN or _IS_BLANK.match(one)
    )
    text = _LOOSE_JOINER.sub("", text)
    return _BLANKS.sub(" ", text if "\t" in text else _LINES.sub(_joined, text)).strip(" ")


def _untagged(pasted: str) -> str:
    text = pasted
    for _ in range(_NESTED_MOST):
        before = text
        text = _HIDDEN.sub("", text)
        text = _TAGS.sub("", _CELLS.sub("\t", _BREAKS.sub("\n", text)))
        text = _ENTITY.sub(_character, _AMPERSANDS.sub("&", text))
        if text == before:
            return text
    return text.translate(_FULL_WIDTH)  # put together to look like tags however often they are taken out


def _character(found: re.Match[str]) -> str:
    is_known = found[0].startswith("&#") or found[0][1:] in html5
    return html.unescape(found[0]) if is_known else found[0]


def _joined(found: re.Match[str]) -> str:
    start, end = found.span()
    before, after = found.string[max(start - 1, 0) : start], found.string[end : end + 1]
    return "" if _IS_WIDE.match(before) and _IS_WIDE.match(after) else " "


def _checked_paste(typed: str, *, field: str) -> str:
    if len(typed) > PASTE_MOST:
        raise Invalid("粘贴的内容太多，请只粘贴正文。", field=field)
    return plain_text(typed)


def checked_text(typed: str) -> str:
    """Return a report's text as it is stored. Raises Invalid when it is a whole file."""
    text = _checked_paste(typed, field="text")
    if len(text) > TEXT_MOST:
        raise Invalid(f"报告太长（{count_chars(text)} 字），请只写本期完成情况。", field="text")
    return text


def checked_contribution(typed: str, *, field: str) -> str:
    """Return what a supporting unit says of a matter. Raises Invalid when it is too long."""
    text = _checked_paste(typed, field=field)
    count = count_chars(text)
    if count > CONTRIBUTION_MOST or len(text) > TEXT_MOST:
        raise Invalid(f"每项协办情况不超过 {CONTRIBUTION_MOST} 字，现在 {count} 字。", field=field)
    return text


def checked_reason(typed: str, *, message: str, field: str = "reason") -> str:
    """Return a reason on one line. Raises Invalid with the message when there is none, or when it is too long."""
    reason = _checked_paste(typed, field=field)
    if len(reason) < 2:
        raise Invalid(message, field=field)
    if len(reason) > REASON_MOST:
        raise Invalid(f"理由不超过 {REASON_MOST} 字。", field=field)
    return reason


def why_outside(text: str, *, low: int, high: int, reason: str, may_be_outside: bool) -> str:
    """Return the reason for a length outside the bounds, empty where it lies within. Raises Invalid where one lacks."""
    count = count_chars(text)
    if not count:
        raise Invalid("还没有写报告。", field="text")
    if is_within(count, low=low, high=high):
        return ""
    says = f"现在 {count} 字，应为 {low}—{high} 字"
    if not may_be_outside:
        raise Invalid(f"{says}。", field="text")
    return checked_reason(reason, message=f"{says}；确需如此，请写明理由。", field="reason_outside")


# ---- the draft


class BasisKind(StrEnum):
    """Where a sentence of a draft comes from."""

    PROGRESS = "progress"
    CONTRIBUTION = "contribution"
    LOOK_BACK = "look_back"
    MEASURES = "measures"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a sentence rests on. id: of the entry, contribution, look back or assignment."""

    kind: BasisKind
    id: int
    on: date
    unit: str

    @property
    def words(self) -> str:
        """The basis in words: 6月3日教育局填报."""
        if self.kind is BasisKind.LOOK_BACK:
            return f"{self.unit}{self.on.month}月回头看"
        told = {
            BasisKind.PROGRESS: "填报",
            BasisKind.CONTRIBUTION: "报送协办情况",
            BasisKind.MEASURES: "填报责任安排",
        }[self.kind]
        return f"{self.on.month}月{self.on.day}日{self.unit}{told}"


@dataclass(frozen=True, slots=True)
class FigureSaid:
    """Where a target stood by an entry. printed: the target in the notice's words."""

    printed: str
    subject: str
    value: Decimal
    unit_of_measure: str
    share_pct: Decimal
    sense: Sense


@dataclass(frozen=True, slots=True)
class EntrySaid:
    """One progress entry. is_own: of the unit that writes the report; another lead's otherwise."""

    id: int
    on: date
    unit: str
    is_own: bool
    pct: Decimal | None = None
    sentence: str = ""
    forecast: Forecast | None = None
    figures: tuple[FigureSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class ContributionSaid:
    """What a supporting unit gave for this report."""

    id: int
    on: date
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class LookBackSaid:
    """One of the writing unit's own three lines of a month. on: the last day they tell of."""

    id: int
    on: date
    unit: str
    done: str = ""
    problem: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a draft may be made of: what was said since the last report, oldest first.

    measures: the unit's own, with their basis, from its signature.   last: the text of the report before.
    """

    entries: tuple[EntrySaid, ...] = ()
    contributions: tuple[ContributionSaid, ...] = ()
    look_backs: tuple[LookBackSaid, ...] = ()
    measures: tuple[str, Basis] | None = None
    last: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One whole sentence with what it rests on. place: in the text · rank: the lower, the longer it stays."""

    text: str
    basis: Basis
    place: tuple[int, date, int, int]
    rank: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft, its sentences in order, and those there was no room for."""

    sentences: tuple[Sentence, ...] = ()
    left_out: tuple[Sentence, ...] = ()

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return "".join(one.text for one in self.sentences)


_FIGURES, _DONE, _OTHERS, _SUPPORT, _PROBLEM, _FORECAST, _NEXT, _MEASURES = range(8)
_RANKS = {_FIGURES: 0, _PROBLEM: 2, _NEXT: 3, _FORECAST: 4, _SUPPORT: 5, _DONE: 6, _OTHERS: 7, _MEASURES: 8}
_LATEST = 1
"""The rank of the sentences of the unit's latest entry that says anything: after the figures, before the rest."""
_ENDS = re.compile(r"(?<=[。！？；;])")
_LABELLED = re.compile(r"^(问题|存在问题|下一步)[：:，,]\s*")


def draft_of(material: Material, *, low: int, high: int) -> Draft:
    """Return a draft of whole sentences within `high` 字; empty when nothing was said since the last report.

    What stands longest: the figures, what the unit said last, its problem, next step and forecast, what the supporting
    units gave, older sentences from the latest back, other leads, measures — these only while `low` is not reached.
    Nothing is added to what was said, nothing is said twice, and what the last report says is not said again.
    """
    candidates = sorted(candidates_of(material), key=lambda one: one.rank)
    chosen: list[Sentence] = []
    left: list[Sentence] = []
    count = 0
    for one in candidates:
        longer = count + count_chars(one.text)  # each ends with a mark: no run goes on in the next
        is_needless = one.basis.kind is BasisKind.MEASURES and count >= low
        if longer > high or is_needless:
            left.append(one)
        else:
            chosen.append(one)
            count = longer
    if not chosen and candidates:
        chosen, left = candidates[:1], candidates[1:]
    return Draft(
        sentences=tuple(sorted(chosen, key=lambda one: one.place)),
        left_out=tuple(sorted(left, key=lambda one: one.place)),
    )


def candidates_of(material: Material) -> list[Sentence]:
    """Return every sentence a draft may hold, each fact once: of two that say the same the later stays."""
    found = [
        *_of_figures(material.entries),
        *_of_entries(material.entries),
        *_of_look_backs(material.look_backs),
        *_of_contributions(material.contributions),
    ]
    if material.measures is not None:
        words, basis = material.measures
        found += [_sentence(part, basis, place=_MEASURES, number=number) for number, part in enumerate(_parts(words))]
    return _each_once(_latest_of_kind(found), last=material.last)


def traced(text: str, sentences: Iterable[Sentence], *, kept: Iterable[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Return what the sentences of a text rest on, as it is stored: {"text", "kind", "id", "words"}, in its order.

    A sentence that was changed rests on nothing any more but on who changed it.   kept: what was traced before.
    """
    known = [
        {"text": one.text, "kind": one.basis.kind.value, "id": one.basis.id, "words": one.basis.words}
        for one in sentences
    ]
    by_text = {one["text"]: one for one in [*kept, *known]}
    return sorted((one for key, one in by_text.items() if key in text), key=lambda one: text.index(one["text"]))


def _sentence(
    words: str, basis: Basis, *, place: int, number: int = 0, before: str = "", rank: int | None = None
) -> Sentence:
    text = before + words.strip().rstrip("。；;，,、 ")
    age = -basis.on.toordinal()  # the latest first
    return Sentence(
        text=text if text.endswith(("！", "？")) else f"{text}。",
        basis=basis,
        place=(place, basis.on, basis.id, number),
        rank=(_RANKS[place] if rank is None else rank, age, number),
    )


def _parts(words: str) -> list[str]:
    """Return the sentences of what was said; a semicolon ends one too."""
    return [part for part in _ENDS.split(words) if len(part.strip("。；;，,、 ")) >= 2]


def _of_figures(entries: Sequence[EntrySaid]) -> list[Sentence]:
    """Return a sentence with the last figure of each target the unit gave, else one with its last percentage."""
    own = [one for one in entries if one.is_own]
    latest: dict[tuple[str, str], tuple[EntrySaid, FigureSaid]] = {}
    for entry in own:
        for figure in entry.figures:
            latest[figure.printed, figure.subject] = (entry, figure)
    by_entry: dict[int, tuple[EntrySaid, list[FigureSaid]]] = {}
    for entry, figure in latest.values():
        by_entry.setdefault(entry.id, (entry, []))[1].append(figure)
    found = []
    for entry, figures in by_entry.values():
        words = [figure_words(one, said=entry.sentence if _restates(entry) else "") for one in figures]
        if any(words):
            stated = "，".join(filter(None, words))
            found.append(_sentence(stated, _basis_of(entry), place=_FIGURES, before=f"截至{_day(entry.on)}，"))
    if by_entry:
        return found
    said = next((one for one in reversed(own) if one.pct is not None), None)
    if said is None or said.pct is None or _states(said.sentence, pct_text(said.pct)):
        return []
    return [_sentence(f"完成{pct_text(said.pct)}", _basis_of(said), place=_FIGURES, before=f"截至{_day(said.on)}，")]


def _restates(entry: EntrySaid) -> bool:
    """Return whether an entry's own words may speak for its figures: they are short enough to stand beside them."""
    return count_chars(entry.sentence) <= _SHORT


_SHORT = 60


def _states(sentence: str, number: str) -> bool:
    """Return whether a sentence names a number, with or without commas between its thousands."""
    return bool(number) and _holds(re.sub(r"(?<=\d),(?=\d{3})", "", sentence), number)


def figure_words(figure: FigureSaid, *, said: str = "") -> str:
    """Return a figure beside its target: 新增人才0.83万人，完成目标的51.55%.

    said: a sentence that stands beside it; what it says already is left away, all of it gives an empty text.
    """
    amount = amount_words(figure.value, printed=figure.printed)
    is_said = _states(said, amount) or _states(said, plain_number(figure.value))
    goal = "目标" if figure.subject else f"目标（{figure.printed}）"
    if figure.sense in (Sense.LESS, Sense.AT_MOST):
        share = f"在{goal}{'以内' if figure.share_pct == _WHOLE else '以外'}"
    elif figure.share_pct == _WHOLE:
        share = f"已完成{goal}"
    else:
        share = f"完成{goal}的{pct_text(figure.share_pct)}"
        if is_said and _states(said, pct_text(figure.share_pct)):
            return ""
    if is_said:
        return f"{figure.subject}{share}"
    return f"{figure.subject}{amount}{figure.unit_of_measure}，{share}"


_WHOLE = Decimal(100)


def amount_words(value: Decimal, *, printed: str) -> str:
    """Return a number in the power its target is printed in: 8300 for “1.61万人” is 0.83万. Nothing is rounded."""
    for power, size in (("亿", 100_000_000), ("万", 10_000)):
        scaled = value / size
        if power in printed and scaled == scaled.quantize(Decimal("0.0001")):
            return f"{plain_number(scaled)}{power}"
    return plain_number(value)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _basis_of(entry: EntrySaid) -> Basis:
    return Basis(BasisKind.PROGRESS, entry.id, entry.on, entry.unit)


def _of_entries(entries: Sequence[EntrySaid]) -> list[Sentence]:
    found: list[Sentence] = []
    speaking = [one for one in entries if one.is_own and one.sentence]
    for entry in entries:
        basis = _basis_of(entry)
        is_latest = bool(speaking) and entry is speaking[-1]
        stays = _LATEST if is_latest or (entry.figures and _restates(entry)) else None
        for number, part in enumerate(_parts(entry.sentence)):
            if entry.is_own:
                found.append(_own(part, basis, number=number, rank=stays))
            else:
                found.append(_sentence(part, basis, place=_OTHERS, number=number, before=f"{entry.unit}："))
    forecasts = [one for one in entries if one.is_own and one.forecast is not None]
    if forecasts and (expected := forecasts[-1].forecast) is not None:
        words = f"预计{FORECAST_LABELS[expected]}"
        found.append(
            _sentence(
                words + ("完成" if expected is Forecast.ON_TIME else ""), _basis_of(forecasts[-1]), place=_FORECAST
            )
        )
    return found


def _own(part: str, basis: Basis, *, number: int, rank: int | None) -> Sentence:
    """Return a sentence of the unit; what it labels itself as problem or next step stands in its place."""
    label = _LABELLED.match(part)
    if label is None:
        return _sentence(part, basis, place=_DONE, number=number, rank=rank)
    rest = part[label.end() :]
    if label[1] == "下一步":
        return _sentence(rest, basis, place=_NEXT, number=number, before="下一步，")
    return _sentence(rest, basis, place=_PROBLEM, number=number, before="存在问题：")


def _of_look_backs(look_backs: Sequence[LookBackSaid]) -> list[Sentence]:
    found: list[Sentence] = []
    for one in look_backs:
        basis = Basis(BasisKind.LOOK_BACK, one.id, one.on, one.unit)
        found += [_sentence(part, basis, place=_DONE, number=number) for number, part in enumerate(_parts(one.done))]
        if one.problem:
            found.append(_sentence(one.problem, basis, place=_PROBLEM, before="存在问题："))
        if one.next_step:
            found.append(_sentence(one.next_step, basis, place=_NEXT, before="下一步，"))
    return found


def _of_contributions(contributions: Sequence[ContributionSaid]) -> list[Sentence]:
    return [
        _sentence(
            part,
            Basis(BasisKind.CONTRIBUTION, one.id, one.on, one.unit),
            place=_SUPPORT,
            number=number,
            before="" if part.lstrip().startswith(one.unit) else f"{one.unit}：",
        )
        for one in contributions
        for number, part in enumerate(_parts(one.text))
    ]


def _latest_of_kind(found: list[Sentence]) -> list[Sentence]:
    """Return the sentences without problems and next steps that a later entry has replaced by its own."""
    latest = {
        place: max((one.place[1:3] for one in found if one.place[0] == place), default=None)
        for place in (_PROBLEM, _NEXT)
    }
    return [one for one in found if one.place[0] not in latest or one.place[1:3] == latest[one.place[0]]]


_MARKS = re.compile(r"[\s，。、；：！？;:!?（）()“”\"]+|(?<!\d)[.,]|[.,](?!\d)")
_OPENING = re.compile(r"^(?:截至\d+月\d+日，|存在问题：|下一步，|[^，：。]{2,12}：)")


def _core(text: str) -> str:
    """Return what a sentence says, for comparison: without marks."""
    return _MARKS.sub("", text)


def _holds(text: str, words: str) -> bool:
    """Return whether a text says these words; 5 is not said in 50."""
    if words not in text:
        return False
    before = r"(?<![\d.])" if words[:1].isdigit() else ""
    after = r"(?![\d.])" if words[-1:].isdigit() else ""
    return re.search(before + re.escape(words) + after, text) is not None


def _each_once(found: list[Sentence], *, last: str) -> list[Sentence]:
    """Return the sentences that no other, longer standing one says, and that the last report did not say."""
    said_before = _core(last)
    kept: list[Sentence] = []
    cores: list[str] = []
    for one in sorted(found, key=lambda each: each.rank):
        core = _core(one.text)
        bare = _core(_OPENING.sub("", one.text)) or core
        if any(_holds(other, bare) or _holds(core, other) for other in cores) or _holds(said_before, bare):
            continue
        kept.append(one)
        cores.append(bare)
    return kept
