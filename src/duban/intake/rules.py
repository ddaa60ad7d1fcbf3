"""Words of the review."""

from enum import StrEnum


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
