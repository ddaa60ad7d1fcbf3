"""A matter while it is being read: the cells as printed, before names are split and rows are linked."""

from __future__ import annotations

from dataclasses import dataclass, field

from duban.reading.result import CellSource


@dataclass(slots=True)
class Draft:
    """One matter in the making. run: which table or list it belongs to; serials are compared within one run."""

    serial: str | None
    text: str
    line: int | None
    page: int | None = None
    title: str | None = None
    section: str | None = None
    run: int = 0
    lines: list[int] = field(default_factory=list)
    cells: dict[str, CellSource] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    shares_serial: bool = False

    def raw(self, name: str) -> str:
        """The characters that stand for a field, empty when there are none."""
        cell = self.cells.get(name)
        return cell.raw if cell else ""


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of a table was understood."""

    header: str
    field: str


@dataclass(frozen=True, slots=True)
class TableSeen:
    """A table that was read: its first header line, how its columns were understood, whether it had a header."""

    line: int | None
    columns: tuple[Column, ...]
    has_header: bool
    rows: int
