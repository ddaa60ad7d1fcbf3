"""What a reader finds, put down in reading order: lines are numbered, cells become grids, tables over pages one grid.

The readers of .docx, spreadsheets and PDF share it. A paragraph is one line of the reading, a row of a table is one
line with tabs between its cells: these are the lines that every number in the reading refers to.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from duban.reading import plain_text
from duban.reading.characters import tidied
from duban.reading.decode import Decoded
from duban.reading.errors import NotReadable
from duban.reading.shape import Block, Cell, Document, Grid, Paragraph, Position, Row

MAX_LINES = 100_000
MAX_COLUMNS = 200
MAX_CELLS = 2_000_000

Box = tuple[float, float, float, float]
_BLANKS = re.compile(r"[\t\r\v\f\x1c-\x1f\x85\u2028\u2029]+")
_UNPRINTED = re.compile("[\x00-\x08\x0e-\x1b\x7f]")


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell and where it stands: row and column from 0, with its spans. text: its lines between line feeds."""

    text: str
    row: int
    column: int
    row_span: int = 1
    col_span: int = 1
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Shaped:
    """A file in the neutral shape. lines: what its positions refer to.

    dropped: control characters left out.   left_out: sentences for the user on what was not read, and why.
    """

    document: Document
    lines: tuple[str, ...]
    dropped: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class Assembly:
    """A document being put together; `finished` gives it away."""

    format: str
    lines: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    dropped: int = 0

    def blank(self) -> None:
        """This function will put down an empty line."""
        self._line("")

    def paragraph(self, text: str, *, page: int | None = None, box: Box | None = None, level: int = 0) -> None:
        """This function will put down a paragraph; its forced line breaks make several. Nothing where it is blank."""
        for piece in text.split("\n"):
            printed = self._clean(piece)
            words = tidied(printed)
            if words:
                number = self._line(printed.strip())
                self.blocks.append(Paragraph(words, Position(number, page, box), (number,), level))

    def grid(self, cells: Iterable[Placed], *, pages: Sequence[int | None] = (), has_blank_lines: bool = False) -> None:
        """This function will put down a table; one that goes on from the grid just before becomes part of it.

        pages: of each row.   has_blank_lines: a blank row is a line too, so that lines are the rows of a sheet.
        Captions over the whole width above the header become paragraphs, a frame of one column its paragraphs.
        Raises NotReadable where the table is too large.
        """
        table = _Table(list(cells))
        page_of = dict(enumerate(pages))
        above = self.blocks[-1] if self.blocks else None
        goes_on = isinstance(above, Grid) and len(above.rows[0].cells) == table.width
        first, last = 0, table.height
        if not table.has_rows():
            first = last
        elif table.has_header() or not goes_on:
            while table.stands_alone(first):
                first += 1
        for row in range(first):
            self._loose_row(table, row, page_of.get(row), has_blank_lines)
        rows = [self._row(table, row, page_of.get(row)) for row in range(first, last)]
        above = self.blocks[-1] if self.blocks else None
        if rows and isinstance(above, Grid) and goes_on:
            self.blocks[-1] = Grid((*above.rows, *rows), above.position)
        elif rows:
            self.blocks.append(Grid(tuple(rows), rows[0].position))

    def finished(self, *, left_out: Sequence[str] = ()) -> Shaped:
        """This function will return what was put down; raises NotReadable when that is nothing."""
        if not self.blocks:
            raise NotReadable("文件是空的，没有可读的内容。", "empty")
        blocks = self.blocks if _has_table(self.blocks) else self._as_text()
        document = Document(tuple(blocks), self.format)
        return Shaped(document, tuple(self.lines), self.dropped, tuple(left_out))

    def _as_text(self) -> Sequence[Block]:
        """The blocks as a reader of text finds them, where that shows a table: columns set with tabs or blanks."""
        pages = [0] * len(self.lines)
        for block in self.blocks:
            for one in block.rows if isinstance(block, Grid) else (block,):
                for number in one.lines:
                    pages[number - 1] = one.position.page or 0
        known = tuple(pages) if any(pages) else None
        found = plain_text.read(Decoded(tuple(self.lines), known, "", 0)).blocks
        return found if _has_table(found) else self.blocks

    def _loose_row(self, table: _Table, row: int, page: int | None, has_blank_lines: bool) -> None:
        found = table.filled(row)
        if not found and has_blank_lines:
            self.blank()
        for cell in found:
            self.paragraph(cell.text.replace("\n", " ") if has_blank_lines else cell.text, page=page, box=cell.box)

    def _row(self, table: _Table, row: int, page: int | None) -> Row:
        texts = [(self._clean(cell.text), cell) for cell in table.starting(row)]
        width = table.width
        shown = [""] * width
        for text, cell in texts:
            shown[cell.column] = _BLANKS.sub(" ", text.replace("\n", " ")).strip()
        number = self._line("\t".join(shown).rstrip("\t"))
        place = Position(number, page)
        made: list[Cell | None] = [
            None if table.is_covered(row, column) else Cell("", place) for column in range(width)
        ]
        for text, cell in texts:
            lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
            content = "\n".join(line for line in lines if line)
            made[cell.column] = Cell(content, Position(number, page, cell.box), cell.row_span, cell.col_span)
        return Row(tuple(made), place, (number,))

    def _clean(self, text: str) -> str:
        clean, dropped = _UNPRINTED.subn("", text)
        self.dropped += dropped
        return clean

    def _line(self, text: str) -> int:
        if len(self.lines) >= MAX_LINES:
            raise NotReadable(f"文件太长（超过 {MAX_LINES} 行）。请只保留通知和任务分解表。", "too_large")
        self.lines.append(text)
        return len(self.lines)


def _has_table(blocks: Iterable[Block]) -> bool:
    """Whether any grid has a header."""
    grids = [block for block in blocks if isinstance(block, Grid)]
    return any(plain_text.is_header([c.text for c in row.cells if c]) for grid in grids for row in grid.rows)


class _Table:
    """Placed cells by row and column, with the columns in which no cell begins left out."""

    def __init__(self, cells: list[Placed]) -> None:
        starts = sorted({cell.column for cell in cells})
        self.width = len(starts)
        self.height = max((cell.row for cell in cells), default=-1) + 1
        if self.width > MAX_COLUMNS:
            raise NotReadable(f"表格有 {self.width} 列，最多读 {MAX_COLUMNS} 列。请只保留需要的列。", "too_large")
        if self.height > MAX_LINES or self.height * self.width > MAX_CELLS:
            raise NotReadable(f"表格太大（{self.height} 行、{self.width} 列）。请只保留需要的行和列。", "too_large")
        self._owners: list[list[Placed | None]] = [[None] * self.width for _ in range(self.height)]
        for cell in cells:
            column = bisect_left(starts, cell.column)
            across = bisect_left(starts, cell.column + max(1, cell.col_span)) - column
            down = min(max(1, cell.row_span), self.height - cell.row)
            own = replace(cell, column=column, row_span=down, col_span=across)
            if self._owners[cell.row][column] is not None:
                continue  # two cells in one place: the first one stands
            for row in range(cell.row, cell.row + down):
                for place in range(column, column + across):
                    self._owners[row][place] = self._owners[row][place] or own

    def starting(self, row: int) -> list[Placed]:
        """The cells that begin in a row."""
        owners = self._owners[row]
        return [cell for column, cell in enumerate(owners) if cell and (cell.row, cell.column) == (row, column)]

    def filled(self, row: int) -> list[Placed]:
        return [cell for cell in self.starting(row) if cell.text.strip()]

    def is_covered(self, row: int, column: int) -> bool:
        cell = self._owners[row][column]
        return cell is not None and (cell.row, cell.column) != (row, column)

    def stands_alone(self, row: int) -> bool:
        """Whether a row holds one text at most and no cell of it reaches into another row."""
        apart = all(cell is None or (cell.row == row and cell.row_span == 1) for cell in self._owners[row])
        return apart and len(self.filled(row)) <= 1

    def has_header(self) -> bool:
        return any(plain_text.is_header([cell.text for cell in self.starting(row)]) for row in range(self.height))

    def has_rows(self) -> bool:
        return self.width > 1 and any(len(self.filled(row)) > 1 for row in range(self.height))
