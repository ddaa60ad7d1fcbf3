"""Words of the organisation and how names are compared."""

import re
from enum import StrEnum

from duban.core.text import folded


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


_TYPE_HINTS: tuple[tuple[str, UnitType], ...] = (
    (r"(镇|乡|街道|街道办事处|镇人民政府|乡人民政府)$", UnitType.TOWN),
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
