"""Ruled tables over as many pages as they take: heading on each, merged cells whole, groups of rows together.

Source: docs/sources.md#documents
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from duban.documents.fonts import FontBook
from duban.documents.paper import Align, DocumentError, Face, Row, Table
from duban.documents.pdf.blocks import caption, strips_of
from duban.documents.pdf.flow import Flow, kept, kept_together
from duban.documents.pdf.lines import Line, Type, break_lines, draw_line, set_words
from duban.documents.pdf.marks import MM, Mark, Rule, Strip

_OUTER, _INNER = 0.35 * MM, 0.2 * MM
_PAD_X, _PAD_Y = 3.5, 3.0
_LINE = 1.35  # of the size of the characters
_SLACK = 0.01


@dataclass(slots=True)
class _Piece:
    """A row on one page, or the lines of it that stand there: from and up to, counted in each cell."""

    row: int
    height: float
    y: float = 0.0
    first: int = 0
    end: int | None = None


@dataclass(slots=True)
class _Part:
    """What of the table stands on one page."""

    top: float
    y: float
    pieces: list[_Piece] = field(default_factory=list)


class _Grid:
    """A table measured: where its columns are, the lines in its cells, the heights of its rows."""

    def __init__(self, book: FontBook, table: Table, width: float) -> None:
        self.table = table
        self.book = book
        self.type = Type(table.size_pt, table.size_pt, table.size_pt * _LINE)
        shares = sum(one.share for one in table.columns)
        self.edges = [0.0]
        for column in table.columns:
            self.edges.append(self.edges[-1] + width * column.share / shares)
        if min(self.inner(place, place + 1) for place in range(len(table.columns))) < table.size_pt:
            raise DocumentError(f"表格“{table.caption or table.columns[0].title}”的栏太多，有的栏放不下一个字。")
        self.cells = [self._row(row) for row in table.rows]
        self.heads = self._heads()
        self.head_height = sum(self.head_heights)
        self.run_of = _runs(table)
        self.heights = [
            self._height(max((len(one) for at, one in enumerate(cells) if not self.is_merged(row, at)), default=1))
            for row, cells in enumerate(self.cells)
        ]
        self._make_room_for_merged()

    def inner(self, start: int, end: int) -> float:
        """Width for words in a cell from one column up to another."""
        return self.edges[end] - self.edges[start] - 2 * _PAD_X

    def is_merged(self, row: int, place: int) -> bool:
        """Return whether this cell is part of a larger one."""
        return place in self.table.merged and row in self.run_of

    def _row(self, row: Row) -> list[list[Line]]:
        columns = self.table.columns
        if row.is_band:
            return [self._lines(row.cells[0] if row.cells else "", Face.HEI, 0, len(columns), is_justified=False)]
        if len(row.cells) != len(columns):
            raise ValueError(f"{len(row.cells)} cells in a table of {len(columns)} columns")
        return [
            self._lines(words, Face.FANG, place, place + 1, is_justified=columns[place].align is Align.START)
            for place, words in enumerate(row.cells)
        ]

    def _lines(self, words: str, face: Face, start: int, end: int, *, is_justified: bool) -> list[Line]:
        glyphs = set_words(self.book, [(words, face)], self.type)
        return break_lines(glyphs, self.inner(start, end), self.type.cell, is_justified=is_justified)

    def _height(self, lines: int) -> float:
        return max(lines, 1) * self.type.line + 2 * _PAD_Y

    def _heads(self) -> list[tuple[int, int, int, int, list[Line]]]:
        """Return the cells of the heading as (first row, end row, first column, end column, lines)."""
        table = self.table
        levels = [*table.heads, tuple((column.title, 1) for column in table.columns)]
        owner: list[list[int]] = []  # of each level, the column where the cell over a column begins, -1 for none
        for level in levels:
            row: list[int] = []
            for words, span in level:
                row += [len(row) if words else -1] * span
            if len(row) != len(table.columns):
                raise ValueError(f"a heading over {len(row)} columns in a table of {len(table.columns)}")
            owner.append(row)
        cells = []
        for number, level in enumerate(levels):
            place = 0
            for words, span in level:
                if words or number == len(levels) - 1:
                    top = number
                    while top and all(owner[top - 1][one] == -1 for one in range(place, place + span)):
                        top -= 1
                    lines = self._lines(words, Face.HEI, place, place + span, is_justified=False)
                    cells.append((top, number + 1, place, place + span, lines))
                place += span
        self.head_heights = [0.0] * len(levels)
        for top, end, _, _, lines in sorted(cells, key=lambda one: one[1] - one[0]):
            lacking = self._height(len(lines)) - sum(self.head_heights[top:end])
            if lacking > 0:
                for one in range(top, end):
                    self.head_heights[one] += lacking / (end - top)
        return cells

    def _make_room_for_merged(self) -> None:
        for first, end in sorted(set(self.run_of.values())):
            deepest = max(len(self.cells[first][place]) for place in self.table.merged)
            lacking = self._height(deepest) - sum(self.heights[first:end])
            if lacking > 0:
                for row in range(first, end):
                    self.heights[row] += lacking / (end - first)

    def groups(self, most: float) -> Iterator[range]:
        """Yield the rows that stand on one page together; what is higher than a page is not held together."""
        first = 0
        for row in range(len(self.heights)):
            if row + 1 < len(self.heights) and self._is_joined(row):
                continue
            if sum(self.heights[first : row + 1]) <= most:
                yield range(first, row + 1)
            else:
                yield from (range(one, one + 1) for one in range(first, row + 1))
            first = row + 1

    def _is_joined(self, row: int) -> bool:
        one = self.table.rows[row]
        run = self.run_of.get(row)
        return one.keeps_next or one.is_band or (run is not None and row + 1 < run[1])


def _runs(table: Table) -> dict[int, tuple[int, int]]:
    """Return for each row in a run of merged cells where the run begins and ends; a run has two rows or more."""
    found: dict[int, tuple[int, int]] = {}
    if not table.merged:
        return found

    def key(row: Row) -> tuple[str, ...] | None:
        if row.is_band:
            return None
        values = tuple(row.cells[place] for place in table.merged)
        return values if any(values) else None

    start = 0
    for here in range(1, len(table.rows) + 1):
        begun = key(table.rows[start])
        if here < len(table.rows) and begun is not None and key(table.rows[here]) == begun:
            continue
        if here - start > 1:
            found |= dict.fromkeys(range(start, here), (start, here))
        start = here
    return found


def put_table(flow: Flow, book: FontBook, table: Table, *, after: float = 0.0) -> None:
    """Put a table on the pages of a flow. after: height that must be free below its last rows, on the same page."""
    width = flow.page.width
    grid = _Grid(book, table, width)
    notes = [
        strip
        for words in table.notes
        for strip in strips_of(
            break_lines(set_words(book, [(words, Face.FANG)], grid.type), width, grid.type.cell), grid.type, width
        )
    ]
    if notes:
        notes.insert(0, Strip(_PAD_Y))
    below = sum(one.height for one in notes) + after
    flow.to_grid()
    flow.put(kept(caption(book, table.caption, width)))
    most = flow.page.height - grid.head_height
    groups = list(grid.groups(most))
    least = grid.type.line + 2 * _PAD_Y
    if least > most:
        raise DocumentError(f"表头比一页还高，表格“{table.caption or table.columns[0].title}”排不下。请缩短栏目名称。")
    first = sum(grid.heights[one] for one in groups[0]) if groups else 0.0
    first += below if len(groups) == 1 and first + below <= most else 0.0
    if grid.head_height + first > flow.room_on_new_page():
        first = least
    flow.need(grid.head_height + first)
    if grid.head_height + first > flow.room + _SLACK:
        flow.open_page()
    part = _Part(flow.y, flow.y + grid.head_height)
    shown: dict[tuple[int, int], int] = {}
    for number, group in enumerate(groups):
        height = sum(grid.heights[one] for one in group)
        with_below = height + (below if number == len(groups) - 1 and height + below <= most else 0.0)
        if part.y + with_below > flow.page.depth + _SLACK and height <= most + _SLACK and part.pieces:
            part = _next_part(flow, grid, part, shown)
        for row in group:
            part = _add_row(flow, grid, part, row, shown)
    _draw(flow, grid, part, shown)
    flow.y = part.y
    flow.put(kept_together(notes))
    flow.leave_grid()


def _next_part(flow: Flow, grid: _Grid, part: _Part, shown: dict[tuple[int, int], int]) -> _Part:
    if part.pieces:
        _draw(flow, grid, part, shown)
    flow.open_page()
    return _Part(0.0, grid.head_height)


def _add_row(flow: Flow, grid: _Grid, part: _Part, row: int, shown: dict[tuple[int, int], int]) -> _Part:
    """Add a row to the part; one higher than a page goes on over it line by line."""
    height = grid.heights[row]
    if part.y + height <= flow.page.depth + _SLACK:
        part.pieces.append(_Piece(row, height, part.y))
        part.y += height
        return part
    if height <= flow.page.height - grid.head_height + _SLACK:
        part = _next_part(flow, grid, part, shown)
        part.pieces.append(_Piece(row, height, part.y))
        part.y += height
        return part
    lines = max(len(one) for one in grid.cells[row])
    first = 0
    while first < lines:
        count = int((flow.page.depth - part.y - 2 * _PAD_Y + _SLACK) // grid.type.line)
        if count < 1:
            part = _next_part(flow, grid, part, shown)
            continue
        end = min(first + count, lines)
        height = (end - first) * grid.type.line + 2 * _PAD_Y
        part.pieces.append(_Piece(row, height, part.y, first, end))
        part.y += height
        first = end
        if first < lines:
            part = _next_part(flow, grid, part, shown)
    return part


# ---- one page's part drawn


def _draw(flow: Flow, grid: _Grid, part: _Part, shown: dict[tuple[int, int], int]) -> None:
    marks: list[Mark] = []
    tops = [part.top]
    for height in grid.head_heights:
        tops.append(tops[-1] + height)
    for top, end, start, stop, lines in grid.heads:
        marks += _words(grid, lines, start, stop, tops[top], tops[end], Align.CENTRE)
        if top:
            marks.append(_level(grid, start, stop, tops[top]))
        if start:
            marks.append(Rule(grid.edges[start], tops[top], grid.edges[start], tops[end], _INNER))
    for place, piece in enumerate(part.pieces):
        marks += _row_marks(grid, piece)
        marks += _top_rules(grid, part, place)
    marks += _merged_marks(grid, part, shown)
    marks += _uprights(grid, part)
    right = grid.edges[-1]
    corners = [(0.0, part.top), (right, part.top), (right, part.y), (0.0, part.y), (0.0, part.top)]
    for (x, y), (end_x, end_y) in pairwise(corners):
        marks.append(Rule(x, y, end_x, end_y, _OUTER))
    flow.draw(marks, 0.0)


def _row_marks(grid: _Grid, piece: _Piece) -> Iterator[Mark]:
    bottom = piece.y + piece.height
    cells = grid.cells[piece.row]
    if grid.table.rows[piece.row].is_band:
        yield from _words(grid, cells[0], 0, len(grid.table.columns), piece.y, bottom, Align.START)
        return
    for place, lines in enumerate(cells):
        if not grid.is_merged(piece.row, place):
            shown = lines[piece.first : piece.end]
            align = grid.table.columns[place].align
            yield from _words(grid, shown, place, place + 1, piece.y, bottom, align)


def _top_rules(grid: _Grid, part: _Part, place: int) -> Iterator[Mark]:
    """Yield the rule above a row, open where a merged cell goes on from the row above."""
    piece = part.pieces[place]
    run = grid.run_of.get(piece.row)
    goes_on = place > 0 and run is not None and grid.run_of.get(part.pieces[place - 1].row) == run
    if not goes_on:
        yield _level(grid, 0, len(grid.table.columns), piece.y)
        return
    start = 0
    for column in range(len(grid.table.columns) + 1):
        if column == len(grid.table.columns) or column in grid.table.merged:
            if column > start:
                yield _level(grid, start, column, piece.y)
            start = column + 1


def _merged_marks(grid: _Grid, part: _Part, shown: dict[tuple[int, int], int]) -> Iterator[Mark]:
    """Yield the words of merged cells, in the middle of what of them is on this page.

    They are said again on each page the cell reaches; only where they do not fit do they go on there instead.
    """
    place = 0
    while place < len(part.pieces):
        run = grid.run_of.get(part.pieces[place].row)
        end = place + 1
        while run is not None and end < len(part.pieces) and grid.run_of.get(part.pieces[end].row) == run:
            end += 1
        if run is not None:
            top, bottom = part.pieces[place].y, part.pieces[end - 1].y + part.pieces[end - 1].height
            takes = max(int((bottom - top - 2 * _PAD_Y + _SLACK) // grid.type.line), 1)
            for column in grid.table.merged:
                lines = grid.cells[run[0]][column]
                key = (run[0], column)
                first = shown.get(key, 0)
                if len(lines) > takes or first:
                    shown[key] = first + takes
                    lines = lines[first : first + takes]
                yield from _words(grid, lines, column, column + 1, top, bottom, grid.table.columns[column].align)
        place = end


def _uprights(grid: _Grid, part: _Part) -> Iterator[Mark]:
    """Yield the upright rules between columns, broken by bands."""
    begun: float | None = None
    for piece in [*part.pieces, None]:
        is_band = piece is None or grid.table.rows[piece.row].is_band
        if not is_band and begun is None and piece is not None:
            begun = piece.y
        if is_band and begun is not None:
            end = part.y if piece is None else piece.y
            for x in grid.edges[1:-1]:
                yield Rule(x, begun, x, end, _INNER)
            begun = None


def _level(grid: _Grid, start: int, end: int, y: float) -> Rule:
    return Rule(grid.edges[start], y, grid.edges[end], y, _INNER)


def _words(
    grid: _Grid, lines: Sequence[Line], start: int, end: int, top: float, bottom: float, align: Align
) -> Iterator[Mark]:
    """Yield lines in the middle of a cell's height."""
    y = top + (bottom - top - len(lines) * grid.type.line) / 2 + (grid.type.line - grid.type.size) / 2
    x = grid.edges[start] + _PAD_X
    for line in lines:
        yield from draw_line(line, x, y + grid.type.baseline, grid.type.size, width=grid.inner(start, end), align=align)
        y += grid.type.line
