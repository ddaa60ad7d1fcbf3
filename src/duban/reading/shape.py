"""The neutral shape of a document: paragraphs and grids with their place.

One reader per format makes it; nothing further on knows the format. A reader of .docx, .xlsx, PDF or scans
fills the same classes: merged cells are spans, pages are numbers, a place on a scanned page is a box.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in the source; what a format does not know is null.

    line: 1-based line of the reading.   page: 1-based; in a spreadsheet the number of the sheet.
    box: left, top, right, bottom in points from the upper left corner of the page.
    """

    line: int | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text between two breaks. lines: the source lines it covers, 1-based."""

    text: str
    position: Position
    lines: tuple[int, ...] = ()
    level: int = 0
    """Depth of a heading the format itself marks (1 is the highest); 0 for body text or not known."""
    printed: str = ""
    """The text with its blanks and indent as printed, where they differ from `text`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid. A merged cell stands once, at its upper left corner, with its spans."""

    text: str
    position: Position
    row_span: int = 1
    col_span: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a grid: cells from left to right; None where a merged cell from above or left covers."""

    cells: tuple[Cell | None, ...]
    position: Position
    lines: tuple[int, ...] = ()

    def covered_from_above(self) -> set[int]:
        """This function will return the columns that a cell of an earlier row reaches into."""
        covered: set[int] = set()
        reached = 0
        for column, cell in enumerate(self.cells):
            if cell is not None:
                reached = column + cell.col_span
            elif column >= reached:
                covered.add(column)
        return covered


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. ruled: the format knows its rows and columns for certain (not guessed from loose lines)."""

    rows: tuple[Row, ...]
    position: Position
    ruled: bool = True


Block = Paragraph | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """A document as blocks in reading order. format: the short name of the reader that made it."""

    blocks: tuple[Block, ...]
    format: str
    encoding: str | None = None
