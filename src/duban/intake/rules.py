"""Words of the review, and what may be proposed from what was read."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from duban.core.text import folded
from duban.matters.rules import propose_due_on
from duban.orgs.rules import GroupKind, Level, PostKind, UnitType, core_key, group_kind


class NoticeState(StrEnum):
    """Where a notice stands."""

    REVIEWING = "reviewing"
    REGISTERED = "registered"
    DISCARDED = "discarded"


NOTICE_STATE_LABELS = {
    NoticeState.REVIEWING: "核对中",
    NoticeState.REGISTERED: "已立项",
    NoticeState.DISCARDED: "已作废",
}


class RowState(StrEnum):
    """Where a row of the annex stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


ROW_STATE_LABELS = {RowState.PENDING: "待核对", RowState.ACCEPTED: "已通过", RowState.REJECTED: "已剔除"}


class Basis(StrEnum):
    """How a cell's value came about."""

    READ = "read"
    INHERITED = "inherited"
    INFERRED = "inferred"
    CORRECTED = "corrected"
    ENTERED = "entered"
    BLANK = "blank"


BASIS_LABELS = {
    Basis.READ: "原文读取",
    Basis.INHERITED: "沿用上行",
    Basis.INFERRED: "推断",
    Basis.CORRECTED: "人工更正",
    Basis.ENTERED: "人工录入",
    Basis.BLANK: "空白",
}


class CellField(StrEnum):
    """The columns of the annex."""

    SERIAL = "serial"
    TEXT = "text"
    LEAD_UNITS = "lead_units"
    PERSONS = "persons"
    SUPPORT_UNITS = "support_units"
    OVERSEERS = "overseers"
    DEADLINE = "deadline"


CELL_FIELD_LABELS = {
    CellField.SERIAL: "序号",
    CellField.TEXT: "具体目标任务",
    CellField.LEAD_UNITS: "牵头单位",
    CellField.PERSONS: "责任人",
    CellField.SUPPORT_UNITS: "协办单位",
    CellField.OVERSEERS: "区分管或联系领导",
    CellField.DEADLINE: "完成时限",
}

NAME_FIELDS = (CellField.LEAD_UNITS, CellField.PERSONS, CellField.SUPPORT_UNITS, CellField.OVERSEERS)
"""Columns whose value is a list of {"name": str, "qualifier": str | None}; the others hold a string."""


class FindingState(StrEnum):
    """What a person made of a finding."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class NameKind(StrEnum):
    """What a name in the notice names."""

    UNIT = "unit"
    GROUP = "group"
    PERSON = "person"
    OVERSEER = "overseer"


def needs_confirmation(basis: Basis) -> bool:
    """Return whether a value stays 待确认 until a person confirms it."""
    return basis in (Basis.INHERITED, Basis.INFERRED)


# --- Findings -----------------------------------------------------------------------------------------------

MISSING_SERIALS, DUPLICATE_SERIALS = "missing_serials", "duplicate_serials"
OTHER_JURISDICTION, SAME_DOCUMENT = "other_jurisdiction", "same_document"
NOTICE_FINDINGS = frozenset({MISSING_SERIALS, DUPLICATE_SERIALS, "unread_text", OTHER_JURISDICTION, SAME_DOCUMENT})
"""Kinds of finding that speak of the notice as a whole; every other kind stands once in each row it names."""

GROUP_FINDING = "unresolved_group"
"""Answered by saying which units the group means, not by the row."""


class Answer(StrEnum):
    """What a finding waits for before its row may pass."""

    WORD = "word"  # a person accepts or dismisses it
    ROW = "row"  # it only asks whether what was read is right: passing the row says so
    GROUP = "group"  # which units a collective name means; the row may pass before


def answer_of(kind: str, suggestion: Mapping[str, Any] | None) -> Answer:
    """Return what settles a finding."""
    if kind == GROUP_FINDING:
        return Answer.GROUP
    return Answer.ROW if suggestion and suggestion.get("action") == "confirm" else Answer.WORD


def changes_a_cell(suggestion: Mapping[str, Any] | None) -> bool:
    """Return whether accepting a suggestion changes a cell by itself; choose and enter need a person's word first."""
    return bool(suggestion) and suggestion is not None and suggestion.get("action") in _CHANGING


_CHANGING = frozenset({"add", "set", "remove", "clear", "split", "replace"})

Value = str | list[dict[str, str | None]]
"""The value of a cell: text, or names with what stood in brackets behind them."""


def with_suggestion(value: Value, suggestion: Mapping[str, Any]) -> Value:
    """Return a cell's value after a finding's suggestion: add, set, remove, clear, split, confirm, choose, enter.

    replace puts one name (or some words of a text) for another: {"from", "to"}.
    confirm, choose and enter leave the value: they ask a person for a word, not for a change of this cell.
    """
    action, given = suggestion.get("action"), suggestion.get("value")
    if action in ("confirm", "choose", "enter") or action is None:
        return value
    if action == "clear":
        return "" if isinstance(value, str) else []
    if action == "replace" and isinstance(given, Mapping):
        old, new = str(given["from"]), str(given["to"])
        if isinstance(value, str):
            return value.replace(old, new)
        return [one | {"name": new} if one["name"] == old else one for one in value]
    if isinstance(value, str):
        return str(given if given is not None else value)
    names = as_names(given)
    if action == "remove":
        gone = {one["name"] for one in names}
        return [one for one in value if one["name"] not in gone]
    if action == "add":
        present = {one["name"] for one in value}
        return [*value, *(one for one in names if one["name"] not in present)]
    return names


# --- Values typed by a person -------------------------------------------------------------------------------

_NAME_BREAK = re.compile(r"[、，,;；\s]+(?![^（(]*[）)])")
_BLANK_BEFORE_BRACKET = re.compile(r"\s+(?=[（(])")
_BRACKET = re.compile(r"^(.+?)[（(]([^（()）]+)[）)]$")
_GROUP_BRACKET = re.compile(r"^(?:镇|乡|街道|街道办|园区|场|区|县|市)+$")


def as_names(given: object) -> list[dict[str, str | None]]:
    """Return names in the shape of a cell from text, one name or a list of either. Each stands once.

    Text is cut at 、，；and white space; brackets behind a name are its qualifier: 商务局（口岸办）.
    """
    parts: list[tuple[str, str | None]] = []
    if isinstance(given, str):
        for word in _NAME_BREAK.split(_BLANK_BEFORE_BRACKET.sub("", given.strip())):
            match = _BRACKET.match(word)
            if match and not _GROUP_BRACKET.match(match[2]):
                parts.append((match[1].strip(), match[2].strip()))
            elif word:
                parts.append((word, None))
    elif isinstance(given, Mapping):
        name = str(given.get("name") or "").strip()
        qualifier = given.get("qualifier")
        parts.append((name, str(qualifier).strip() or None if qualifier else None))
    elif isinstance(given, Sequence):
        return list({one["name"]: one for item in given for one in as_names(item)}.values())
    names = {name: {"name": name, "qualifier": qualifier} for name, qualifier in parts if name}
    return list(names.values())


def value_text(value: Value | None) -> str:
    """Return a cell's value as one writes it: 商务局（口岸办）、教育局."""
    if value is None or isinstance(value, str):
        return value or ""
    return "、".join(
        f"{one['name']}（{one['qualifier']}）" if one.get("qualifier") else str(one["name"]) for one in value
    )


# --- Names --------------------------------------------------------------------------------------------------

_UNSAID = re.compile("其他|其它|涉及")


def group_members(name: str, units: Mapping[str, UnitType]) -> list[str]:
    """Return the units an 各 names, by their kind; empty when a person must choose.

    units: the names known, with their kinds. 相关/有关/其他 always leaves the choice to a person.
    """
    if group_kind(name) is GroupKind.CHOSEN or _UNSAID.search(name):
        return []
    word = folded(name)
    places = ("镇" in word or "乡" in word, "街道" in word)
    if any(places):
        streets = [one for one, kind in units.items() if kind is UnitType.TOWN and "街道" in one]
        towns = [one for one, kind in units.items() if kind is UnitType.TOWN and "街道" not in one]
        return (towns if places[0] else []) + (streets if places[1] else [])
    if re.search("国有|国企|企业|公司", word):
        return [one for one, kind in units.items() if kind is UnitType.ENTERPRISE]
    if re.search("部门|委办局|直属机构", word):
        return [one for one, kind in units.items() if kind is UnitType.DEPARTMENT]
    return []


_SAME_ENDS = (("街道办事处", "街道"), ("人民政府", ""), ("委员会", "委"), ("办公室", "办"), ("管理局", "局"))


def similar_key(name: str, *, prefixes: Sequence[str]) -> str:
    """Return what two ways of writing one unit share: 区发改委 and 发改委, 街道办事处 and 街道.

    prefixes: of `orgs.rules.place_prefixes`. Units that share only this are proposed as one and decided by a person.
    """
    word = core_key(re.sub(r"\([^()]*\)$", "", folded(name)) or name, prefixes=prefixes)
    for long, short in _SAME_ENDS:
        if word.endswith(long) and len(word) > len(long) + 1:
            return word[: -len(long)] + short
    return word


_UNIT_ENDS = re.compile(r"(?:管理局|管理处|委员会|办公室|分公司|公司|分局|中心|[局委办部会处所院站])$")
_NEAR = 0.5


def nearest_names(name: str, *, names: Iterable[str], prefixes: Sequence[str], most: int = 3) -> list[str]:
    """Return the names that may mean the same unit, most alike first: 卫健局 → 卫健委, 医保局 → 医保泉港分局.

    Compared is what stays without the place and the ending: the signs both share, in order.
    """
    wanted = _stem(name, prefixes=prefixes)
    found = []
    for other in names:
        stem = _stem(other, prefixes=prefixes)
        if wanted and stem:
            blocks = SequenceMatcher(None, wanted, stem, autojunk=False).get_matching_blocks()
            near = sum(one.size for one in blocks) / min(len(wanted), len(stem))
            if near >= _NEAR:
                found.append((-near, wanted[0] != stem[0], abs(len(other) - len(name)), other))
    return [other for *_, other in sorted(found)[:most]]


def _stem(name: str, *, prefixes: Sequence[str]) -> str:
    word = core_key(re.sub(r"\([^()]*\)$", "", folded(name)) or name, prefixes=prefixes)
    for prefix in prefixes:
        if len(prefix) > 1 and prefix in word[1:]:
            word = word[0] + word[1:].replace(prefix, "")
    while len(word) > _SHORTEST_STEM and (short := _UNIT_ENDS.sub("", word)) != word and len(short) > 1:
        word = short
    return word


_SHORTEST_STEM = 2


def leader_word(short_name: str) -> str:
    """Return how leaders of a jurisdiction are called: 区领导."""
    last = short_name[-1:]
    return f"{last}领导" if last and last in "省市县区旗州镇乡" else "领导"


def post_title(kind: PostKind, *, unit: str, person: str, leaders: str = "领导") -> str:
    """Return the title proposed for a post; a person may change it. Several posts of one unit stay apart by name."""
    if kind is PostKind.LEADER:
        return f"{leaders}（{person}）"
    if kind is PostKind.UNIT_HEAD:
        return f"{unit}主要负责人"
    return f"{unit}责任人（{person}）"


# --- Dates --------------------------------------------------------------------------------------------------

_FINISH_IN_TEXT = re.compile(
    r"(?:20\d\d年)?(?:1[0-2]|[1-9])月(?:份|底|末|上旬|中旬|下旬|[1-3]?\d日)?(?:之?前|底|投入|建成|完成|开工|竣工|启用|开业|通车|交付|投产|实现|举办)"
    r"|(?:上半年|[一二三四]季度)(?:之?前|内|末|底)?(?:投入|建成|完成|开工|竣工|启用|开业|通车|交付|投产|实现|举办)"
)


def due_in_text(text: str, *, year: int) -> date | None:
    """Return the day a matter's own text promises (力争9月投入使用); None unless it names exactly one such date."""
    found = _FINISH_IN_TEXT.findall(folded(text))
    return propose_due_on(found[0], year=year) if len(found) == 1 else None


# --- The notice ---------------------------------------------------------------------------------------------

_OFFICE_END = re.compile(
    r"(?:人民政府|政府|党委|管理委员会|管委会|委员会|(?<=[省市县区州旗])委)?(?:办公室|办公厅|办|督查室)?(?:文件)?$"
)
_PLACE = re.compile(r"^(?:.*[省州盟市](?=.))?(?P<short>.+[区县市旗镇乡省州盟]|.+街道)$")


@dataclass(frozen=True, slots=True)
class PlaceProposal:
    """The jurisdiction a notice speaks for, as its issuer names it; a person may change it."""

    name: str
    short_name: str
    level: Level


def _without_blanks(value: str) -> str:
    return re.sub(r"\s+", "", value)


def place_named(issuer: str) -> PlaceProposal | None:
    """Return the jurisdiction in an issuer's name: 泉州市泉港区人民政府办公室 → 泉州市泉港区, 泉港区, county."""
    name = _OFFICE_END.sub("", _without_blanks(issuer).removeprefix("中共"))
    match = _PLACE.match(name)
    if not match:
        return None
    short = match["short"]
    if short.endswith(("镇", "乡", "街道")):
        level = Level.TOWN
    elif short.endswith(("区", "县", "旗")) or (short.endswith("市") and short != name and "省" not in name):
        level = Level.COUNTY
    else:
        level = Level.CITY
    return PlaceProposal(name=name, short_name=short, level=level)


def is_same_place(proposal: PlaceProposal, *, name: str, short_name: str) -> bool:
    """Return whether an issuer speaks for this jurisdiction; the city before a county may be left out on either side.

    南京市鼓楼区 and 徐州市鼓楼区 are two.
    """
    return proposal.name in (name, short_name) or name.endswith(proposal.name) or proposal.name.endswith(name)


def document_key(number: str) -> str:
    """Return the form under which document numbers are compared: 临江政办〔2020〕5号 = 临江政办[2020]5 号."""
    return re.sub(r"[〔〕\[\]()【】﹝﹞\s]", "", folded(number))


def government_of(issuer: str) -> str:
    """Return the government an office belongs to: 泉港区人民政府办公室 → 泉港区人民政府."""
    return re.sub(r"(?:办公室|办公厅)$", "", _without_blanks(issuer).removesuffix("文件"))


_APPROVED = re.compile(
    r"经[^，。,；;]{0,20}(?:政府|委|常务会议?|常委会议?|办公会议?|全体会议|党组会议?|领导(?:同志)?)"
    r"[^，。,；;部门]{0,8}?(?:同意|批准|审定|审议通过|研究通过)"
)


def approval_words(lines: Sequence[str]) -> tuple[str, str] | None:
    """Return the words by which the text says it was approved (经区政府同意), and their sentence."""
    for line in lines:
        match = _APPROVED.search(line)
        if match:
            start = max(line.rfind(mark, 0, match.start()) for mark in "。；") + 1
            ends = [place for place in (line.find(mark, match.end()) for mark in "。；") if place >= 0]
            return match[0], line[start : min(ends) + 1 if ends else len(line)].strip()
    return None
