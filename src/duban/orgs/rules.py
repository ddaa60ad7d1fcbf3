"""Words of the organisation and how names are compared."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from duban.core.text import folded

Thing = TypeVar("Thing")


class Level(StrEnum):
    """Levels of a jurisdiction."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"


LEVEL_LABELS = {Level.CITY: "市", Level.COUNTY: "县（市、区）", Level.TOWN: "镇（乡、街道）"}


class UnitType(StrEnum):
    """Kinds of unit; they decide wording and scoring later. Source: docs/sources.md#letters"""

    DEPARTMENT = "department"
    TOWN = "town"
    ENTERPRISE = "enterprise"
    PARTY = "party"
    MASS = "mass"
    VERTICAL = "vertical"
    MILITARY = "military"
    OTHER = "other"


UNIT_TYPE_LABELS = {
    UnitType.DEPARTMENT: "政府部门",
    UnitType.TOWN: "镇（街道）",
    UnitType.ENTERPRISE: "国有企业",
    UnitType.PARTY: "党委部门",
    UnitType.MASS: "群团组织",
    UnitType.VERTICAL: "垂直管理单位",
    UnitType.MILITARY: "军事机关",
    UnitType.OTHER: "其他",
}


class PostKind(StrEnum):
    """What a post is for."""

    UNIT_HEAD = "unit_head"
    RESPONSIBLE = "responsible"
    LEADER = "leader"
    GOVERNMENT_HEAD = "government_head"


POST_KIND_LABELS = {
    PostKind.UNIT_HEAD: "主要负责人",
    PostKind.RESPONSIBLE: "责任人",
    PostKind.LEADER: "区领导",
    PostKind.GOVERNMENT_HEAD: "政府主要领导",
}


class ContactRole(StrEnum):
    """The two contacts a unit names. Source: docs/sources.md#notice"""

    LIAISON = "liaison"
    DEPUTY = "deputy"


CONTACT_ROLE_LABELS = {ContactRole.LIAISON: "联络员", ContactRole.DEPUTY: "分管领导"}


class GroupKind(StrEnum):
    """各 names all members; 相关/有关 leaves the choice to a person."""

    ALL = "all"
    CHOSEN = "chosen"


_CHOSEN = re.compile("相关|有关")


def group_kind(name: str) -> GroupKind:
    """Return whether a collective name means every member or some that a person must choose."""
    return GroupKind.CHOSEN if _CHOSEN.search(name) else GroupKind.ALL


def alias_key(name: str) -> str:
    """Return the form under which a unit's names are compared: folded, brackets and their content kept."""
    return folded(name)


_LEVEL_SIGNS = {Level.CITY: "市州盟", Level.COUNTY: "县市区旗", Level.TOWN: "镇乡"}
_SHORTEST_CORE = 2


def place_prefixes(*, name: str, short_name: str, level: Level) -> tuple[str, ...]:
    """Return what a unit's name may begin with or leave out in this jurisdiction, longest first, folded.

    临江市临江区 → 临江市临江区, 临江区, 临江, 区. Only the jurisdiction's own sign is taken off: in a district
    区教育局 is 教育局, but 市教育局 is the city's.
    """
    signs = _LEVEL_SIGNS[level]
    found = {folded(name), folded(short_name)}
    own = [one[-1] for one in found if one and one[-1] in signs]
    found |= {one[:-1] for one in found if one and one[-1] in signs and len(one) > _SHORTEST_CORE}
    found |= set(own or signs)
    return tuple(sorted((one for one in found if one), key=lambda one: (-len(one), one)))


def core_key(name: str, *, prefixes: Sequence[str]) -> str:
    """Return a name's key without the place it begins with: 区教育局, 临江区教育局 → 教育局.

    A name that would be left with one sign keeps its prefix (临江镇 stays).
    """
    key = alias_key(name)
    for prefix in prefixes:
        if key.startswith(prefix) and len(key) - len(prefix) >= _SHORTEST_CORE:
            return key[len(prefix) :]
    return key


def named_thing(
    name: str, *, by_key: Mapping[str, Thing], by_core: Mapping[str, Collection[Thing]], prefixes: Sequence[str]
) -> Thing | None:
    """Return what a name means: by its key, else by its core where that names one thing only.

    by_core: all different things whose names have this core. Two candidates are none: a person must choose.
    """
    if (found := by_key.get(alias_key(name))) is not None:
        return found
    candidates = by_core.get(core_key(name, prefixes=prefixes), ())
    return next(iter(candidates)) if len(candidates) == 1 else None


@dataclass(frozen=True, slots=True)
class Term:
    """Who holds something (a post, a contact's role) from a day to a day, both included; None is open-ended."""

    person_id: int
    from_on: date
    to_on: date | None = None
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a new term fits among those that stand.

    to_on: its last day (the day before its successor begins, where one stands already).
    ends: the term that ends the day before it; corrects: the term of the same first day whose person it replaces.
    """

    to_on: date | None
    ends: Term | None = None
    corrects: Term | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """The term that stands in the way. is_same: it is the same person with the same qualifier."""

    term: Term
    is_same: bool = False


def fit_term(terms: Sequence[Term], *, new: Term) -> Fit | Overlap:
    """Return how a term fits among those that stand; one holder on any day.

    An open-ended holder ends the day before; a term that has an end already is not shortened: that is said instead.
    The same first day is a correction of who was meant.
    """
    later = sorted((one for one in terms if one.from_on > new.from_on), key=lambda one: one.from_on)
    to_on = new.to_on
    if later:
        last = later[0].from_on - timedelta(days=1)
        if to_on is not None and to_on > last:
            return Overlap(later[0])
        to_on = to_on or last
    standing = next(
        (one for one in terms if one.from_on <= new.from_on and (one.to_on is None or one.to_on >= new.from_on)), None
    )
    if standing is None:
        return Fit(to_on)
    if (standing.person_id, standing.qualifier) == (new.person_id, new.qualifier):
        return Overlap(standing, is_same=True)
    if standing.from_on == new.from_on:
        return Fit(to_on if new.to_on else standing.to_on, corrects=standing)
    if standing.to_on is not None:
        return Overlap(standing)
    return Fit(to_on, ends=standing)


def phone_problem(phone: str) -> str | None:
    """Return what is wrong with a telephone number as the field writes it (landline, mobile, extension), or None."""
    if phone and not re.fullmatch(r"[0-9+][0-9+\-—－ ()（）、，,/;；转*#]{2,39}", phone):
        return f"电话“{phone}”只能由数字、空格、横线、括号和“转”组成。"
    return None


def email_problem(email: str) -> str | None:
    """Return what is wrong with an e-mail address, or None: every server must take it, so ASCII only."""
    if email and not re.fullmatch(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}", email):
        return f"邮箱“{email}”应写成 name@example.cn 的样子。"
    return None


_TYPE_HINTS: tuple[tuple[str, UnitType], ...] = (
    (r"(镇|乡|街道|街道办事处|镇人民政府|乡人民政府)$", UnitType.TOWN),
    (r"(供电|电信|联通|中国移动|^移动(通信)?(?=分?公司)|铁塔|烟草|邮政).{0,12}公司$", UnitType.VERTICAL),
    (r"(公司|集团|银行)$", UnitType.ENTERPRISE),
    (r"人武部|武装部|武警", UnitType.MILITARY),
    (r"海关|税务|供电|电力|电信|移动|联通|邮政|烟草|气象|消防救援|海事|海警|人行|银保监|国调队", UnitType.VERTICAL),
    (r"总工会|团[省市县区旗]?委|妇联|妇女联合会|科协|侨联|残联|工商联|文联|社科联|红十字会|台联|记协", UnitType.MASS),
    (
        r"(政法委|纪委|监委|组织部|宣传部|统战部|文明办|编办|改革办|党校|[县区市]委办|老干部局|网信办|人才办|巡察办|史志室|党史)",
        UnitType.PARTY,
    ),
)


def guess_unit_type(name: str) -> UnitType:
    """Return the kind a unit's name suggests; a person may change it."""
    for pattern, unit_type in _TYPE_HINTS:
        if re.search(pattern, folded(name)):
            return unit_type
    return UnitType.DEPARTMENT


class RosterColumn(StrEnum):
    """Columns of the roster of units, as they stand in its spreadsheet."""

    NAME = "简称"
    FULL_NAME = "全称"
    ALIASES = "别名"
    TYPE = "类别"
    ORDER = "排序"
    HEAD = "主要负责人"
    DEPUTY = "分管领导"
    DEPUTY_PHONE = "分管领导电话"
    LIAISON = "联络员"
    LIAISON_PHONE = "联络员电话"


_OTHER_HEADINGS = {
    "单位": RosterColumn.NAME,
    "单位名称": RosterColumn.NAME,
    "单位简称": RosterColumn.NAME,
    "单位全称": RosterColumn.FULL_NAME,
    "单位类别": RosterColumn.TYPE,
    "序号": RosterColumn.ORDER,
    "主要领导": RosterColumn.HEAD,
    "单位主要负责人": RosterColumn.HEAD,
    "分管领导联系电话": RosterColumn.DEPUTY_PHONE,
    "联络员联系电话": RosterColumn.LIAISON_PHONE,
}
_HEADING_WITHIN = 10
_BETWEEN_ALIASES = re.compile(r"[、，,；;|\n]+")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row of a roster. line: its row in the sheet, from 1. cells: only those with something in them."""

    line: int
    cells: Mapping[RosterColumn, str]


def read_roster(rows: Sequence[Sequence[str]]) -> list[RosterRow] | str:
    """Return the rows of a roster, or why the table is none. The heading may stand in any of the first ten rows."""
    for number, row in enumerate(rows[:_HEADING_WITHIN]):
        columns = {place: column for place, cell in enumerate(row) if (column := _roster_column(cell))}
        if RosterColumn.NAME not in columns.values():
            continue
        if len(set(columns.values())) < len(columns):
            return "表头里有重复的列，请删去多余的列。"
        found = []
        for line, cells in enumerate(rows[number + 1 :], start=number + 2):
            given = {column: cells[place].strip() for place, column in columns.items() if place < len(cells)}
            if given := {column: cell for column, cell in given.items() if cell}:
                found.append(RosterRow(line, given))
        return found or "表头下面没有单位。"
    return f"没有找到表头：前{_HEADING_WITHIN}行里要有“{RosterColumn.NAME}”一列。可先导出一份名册，照它的格式填写。"


def _roster_column(cell: str) -> RosterColumn | None:
    heading = folded(cell)
    return next((one for one in RosterColumn if one.value == heading), _OTHER_HEADINGS.get(heading))


def split_aliases(cell: str) -> list[str]:
    """Return the names in one cell or line of a form: 教体局、教委 → two."""
    return [one.strip() for one in _BETWEEN_ALIASES.split(cell) if one.strip()]


def unit_type_of(label: str) -> UnitType | None:
    """Return the kind of unit a label (政府部门) or value means, or None."""
    wanted = folded(label)
    return next((one for one in UnitType if wanted in (folded(UNIT_TYPE_LABELS[one]), one.value)), None)
