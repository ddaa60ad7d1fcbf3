"""Ruled tables: the heading on every page, cells merged downwards, groups kept together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from duban.documents.docx_file.markup import NOTHING, Xml, joined, on, w
from duban.documents.docx_file.measures import Page, twips
from duban.documents.docx_file.styles import CAPTION, CELL, CELL_HEAD
from duban.documents.docx_file.words import Ind, Line, kept, line, width_of
from duban.documents.paper import Align, DocumentError, Row, Table

_EDGE = 57
"""Left and right within a cell, in twips (1 mm); above and below it is half of that."""
_LEADING = 1.35
"""A line of a table against the size of its characters, at most: fonts differ."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell as it is written. merge: of vMerge, "" where it stands alone."""

    text: str
    span: int = 1
    merge: str = ""
    align: Align = Align.START


def table_on(table: Table, page: Page) -> list[Line | Xml]:
    """Return a table with its caption and notes, as wide as the page. Raises DocumentError where rows do not fit."""
    _check(table)
    widths = _widths(table, twips(page.text_width))
    room = twips(page.text_height)
    room -= sum(_height([one for one in row if one.merge != "continue"], widths, table) for row in _heads(table))
    parts: list[Line | Xml] = []
    if table.caption:
        parts += kept([line(CAPTION, table.caption)])
    parts.append(
        w(
            "tbl",
            _properties(sum(widths)),
            w("tblGrid", *(w("gridCol", w=wide) for wide in widths)),
            *(_head_row(cells, widths, table) for cells in _heads(table)),
            *_rows(table, widths, room),
        )
    )
    size = None if table.size_pt == CELL.size_pt else table.size_pt
    parts += [line(CELL, note, size_pt=size) for note in table.notes]
    return parts


def _check(table: Table) -> None:
    if not table.columns:
        raise DocumentError(f"表格“{table.caption}”没有列。")
    for number, row in enumerate(table.rows, start=1):
        if not row.is_band and len(row.cells) != len(table.columns):
            raise DocumentError(f"表格“{table.caption}”有{len(table.columns)}列，第{number}行却有{len(row.cells)}格。")
    for head in table.heads:
        if sum(span for _, span in head) != len(table.columns):
            raise DocumentError(f"表格“{table.caption}”有{len(table.columns)}列，表头“{head[0][0]}”一行与之不符。")


def _properties(width: int) -> Xml:
    return w(
        "tblPr",
        w("tblStyle", val="Ruled"),
        w("tblW", w=width, type="dxa"),
        w("jc", val="center"),
        w("tblLayout", type="fixed"),
        w("tblLook", val="0020", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
    )


def _widths(table: Table, width: int) -> list[int]:
    total = sum(column.share for column in table.columns)
    places = [0]
    for column in table.columns:
        places.append(places[-1] + round(width * column.share / total))
    places[-1] = width
    return [end - start for start, end in pairwise(places)]


# ---- the heading


def _heads(table: Table) -> list[list[_Cell]]:
    """Return the heading's rows; a title whose place above is empty begins there."""
    grid = [[(text, span, place) for text, span, place in _placed(row)] for row in table.heads]
    titles = [column.title for column in table.columns]
    rises = [_rise(grid, place) for place in range(len(titles))]
    rows: list[list[_Cell]] = []
    for level, row in enumerate(grid):
        cells: list[_Cell] = []
        for text, span, place in row:
            if text:
                cells.append(_Cell(text, span))
                continue
            for column in range(place, place + span):
                above = len(grid) - level
                if rises[column] < above:
                    cells.append(_Cell(""))
                else:
                    is_first = rises[column] == above
                    cells.append(_Cell(titles[column] if is_first else "", 1, "restart" if is_first else "continue"))
        rows.append(cells)
    last = [
        _Cell("" if rise else title, 1, "continue" if rise else "") for title, rise in zip(titles, rises, strict=True)
    ]
    return [*rows, last]


def _placed(row: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    placed, place = [], 0
    for text, span in row:
        placed.append((text, span, place))
        place += span
    return placed


def _rise(grid: Sequence[Sequence[tuple[str, int, int]]], column: int) -> int:
    """Return over how many rows a column's title reaches up."""
    rise = 0
    for row in reversed(grid):
        if next(text for text, span, place in row if place <= column < place + span):
            break
        rise += 1
    return rise


def _head_row(cells: Sequence[_Cell], widths: Sequence[int], table: Table) -> Xml:
    size = None if table.size_pt == CELL_HEAD.size_pt else table.size_pt
    made, place = [], 0
    for cell in cells:
        inside = line(CELL_HEAD, cell.text, size_pt=size)
        made.append(_cell(cell, sum(widths[place : place + cell.span]), inside))
        place += cell.span
    return w("tr", w("trPr", on("cantSplit"), on("tblHeader")), *made)


# ---- the rows


def _rows(table: Table, widths: Sequence[int], room: int) -> list[Xml]:
    runs = runs_of(table)
    heights = [_row_height(row, widths, table) for row in table.rows]
    kept = [row.keeps_next or row.is_band for row in table.rows]
    for start, end in runs:
        if sum(heights[start:end]) <= room:
            kept[start : end - 1] = [True] * (end - 1 - start)
    begins = {start for start, _ in runs}
    within = {place for start, end in runs for place in range(start + 1, end)}
    made = []
    for place, row in enumerate(table.rows):
        merge = "restart" if place in begins else "continue" if place in within else ""
        is_kept = kept[place] and place + 1 < len(table.rows)
        made.append(_row(row, widths, table, merge=merge, is_kept=is_kept, is_whole=heights[place] <= room))
    return made


def runs_of(table: Table) -> list[tuple[int, int]]:
    """Return where (first row, row behind the last) rows are merged in the merged columns."""
    runs: list[tuple[int, int]] = []
    start = 0
    keys = [None if row.is_band else tuple(row.cells[one] for one in table.merged) for row in table.rows]
    for place in range(1, len(keys) + 1):
        if place < len(keys) and keys[place] == keys[start] and any(keys[start] or ()):
            continue
        if place - start > 1:
            runs.append((start, place))
        start = place
    return runs


def _row(row: Row, widths: Sequence[int], table: Table, *, merge: str, is_kept: bool, is_whole: bool) -> Xml:
    properties = w("trPr", on("cantSplit")) if is_whole else NOTHING
    if row.is_band:
        cell = _Cell("".join(row.cells[:1]), len(widths))
        return w("tr", properties, _cell(cell, sum(widths), _content(cell, table, is_kept=is_kept, is_band=True)))
    cells = [
        _Cell(
            "" if merge == "continue" and place in table.merged else text,
            merge=merge if place in table.merged else "",
            align=column.align,
        )
        for place, (text, column) in enumerate(zip(row.cells, table.columns, strict=True))
    ]
    made = (_cell(cell, wide, _content(cell, table, is_kept=is_kept)) for cell, wide in zip(cells, widths, strict=True))
    return w("tr", properties, *made)


def _content(cell: _Cell, table: Table, *, is_kept: bool, is_band: bool = False) -> Line:
    size = None if table.size_pt == CELL.size_pt else table.size_pt
    made = line(CELL_HEAD if is_band else CELL, cell.text, size_pt=size)
    return Line(
        made.style,
        made.inside,
        align=None if cell.align == made.style.align and not is_band else cell.align,
        keeps_next=True if is_kept else None,
        ind=Ind() if is_band else None,
    )


def _cell(cell: _Cell, width: int, content: Line) -> Xml:
    told = joined(
        w("tcW", w=width, type="dxa"),
        w("gridSpan", val=cell.span) if cell.span > 1 else NOTHING,
        w("vMerge", val=cell.merge) if cell.merge else NOTHING,
        w("vAlign", val="center"),
    )
    return w("tc", w("tcPr", told), content.xml)


# ---- how high


def _row_height(row: Row, widths: Sequence[int], table: Table) -> int:
    if row.is_band:
        return _height([_Cell("".join(row.cells[:1]), len(widths))], widths, table)
    return _height([_Cell(text) for text in row.cells], widths, table)


def _height(cells: Sequence[_Cell], widths: Sequence[int], table: Table) -> int:
    """Return about how high a row stands, in twips; rather too high than too low."""
    most, place = 1, 0
    for cell in cells:
        wide = (sum(widths[place : place + cell.span]) - 2 * _EDGE) / (table.size_pt * 20)
        most = max(most, sum(max(1, ceil(width_of(one) / max(1, wide // 1))) for one in cell.text.split("\n")))
        place += cell.span
    return round(most * table.size_pt * 20 * _LEADING) + _EDGE
