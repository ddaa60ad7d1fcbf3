"""Spreadsheets out: frozen values in, the bytes of an .xlsx out. Knows nothing of units or matters."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | date | None

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_CELL = 32_767
_BAD_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="FFEEF0F2")
_HEADING = Font(name="黑体", size=11)
_BODY = Font(name="仿宋_GB2312", size=11)
_A4 = 9


@dataclass(frozen=True, slots=True)
class Column:
    """One column. width: in characters of the spreadsheet (a Chinese one counts two); is_centred: short values.

    choices: what a cell may hold; the spreadsheet then offers them as a list.
    """

    title: str
    width: float
    is_centred: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on A4. Without `title` the first row is the heading, so that the table can be read in again.

    merged: columns (from 0) merged downwards together, over consecutive rows in which all of them are alike and not all
    empty, as the annex of a notice has its responsibility columns. notes: lines below the table.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    title: str = ""
    subtitle: str = ""
    merged: tuple[int, ...] = ()
    is_landscape: bool = True
    notes: tuple[str, ...] = ()


def runs_alike(rows: Sequence[Sequence[Value]], *, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of consecutive rows alike in all these places: runs of two or more, not all empty."""
    start = 0
    for here in range(1, len(rows) + 1):
        if here < len(rows) and all(rows[here][place] == rows[start][place] for place in places):
            continue
        if here - start > 1 and any(rows[start][place] for place in places):
            yield start, here - 1
        start = here


def is_formula_like(text: str) -> bool:
    """Return whether a spreadsheet might run this text when it stands in a CSV file."""
    return text.startswith(_FORMULA_STARTS)


def to_xlsx(*sheets: Sheet) -> bytes:
    """Return the workbook of these sheets: headings frozen and repeated on each page, ruled cells, merges.

    Text is always text: what begins like a formula is stored as a quoted string.
    """
    book = Workbook()
    for stray in list(book.worksheets):
        book.remove(stray)
    for sheet in sheets:
        page = book.create_sheet(_BAD_IN_SHEET_NAME.sub(" ", sheet.name)[:31] or "表")
        _fill(page, sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(page: Worksheet, sheet: Sheet) -> None:
    last = get_column_letter(len(sheet.columns))
    head = 1
    if sheet.title:
        _put(_cell(page, 1, 1), sheet.title, font=Font(name="方正小标宋简体", size=18), is_centred=True)
        page.merge_cells(f"A1:{last}1")
        page.row_dimensions[1].height = 32
        head = 2
        if sheet.subtitle:
            _put(_cell(page, 2, 1), sheet.subtitle, font=Font(name="楷体_GB2312", size=11), is_centred=True)
            page.merge_cells(f"A2:{last}2")
            head = 3
    for place, column in enumerate(sheet.columns, start=1):
        cell = _cell(page, head, place)
        _put(cell, column.title, font=_HEADING, is_centred=True, border=_BOX)
        cell.fill = _HEAD_FILL
        page.column_dimensions[get_column_letter(place)].width = column.width
        if column.choices:
            _offer(page, column, place=place, first=head + 1)
    for number, row in enumerate(sheet.rows, start=head + 1):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True), start=1):
            _put(_cell(page, number, place), value, font=_BODY, is_centred=column.is_centred, border=_BOX)
    if sheet.merged:
        for first, end in runs_alike(sheet.rows, places=sheet.merged):
            for place in sheet.merged:
                page.merge_cells(
                    start_row=first + head + 1, end_row=end + head + 1, start_column=place + 1, end_column=place + 1
                )
    for number, note in enumerate(sheet.notes, start=head + len(sheet.rows) + 1):
        _put(_cell(page, number, 1), note, font=Font(name="楷体_GB2312", size=10), is_centred=False)
        page.merge_cells(f"A{number}:{last}{number}")
    page.freeze_panes = f"A{head + 1}"
    page.print_title_rows = f"{head}:{head}"
    page.page_setup.orientation = "landscape" if sheet.is_landscape else "portrait"
    page.page_setup.paperSize = _A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.6
    footer = page.oddFooter
    if footer is not None and footer.center is not None:
        footer.center.text = "— &P —"


def _offer(page: Worksheet, column: Column, *, place: int, first: int) -> None:
    offer = DataValidation(type="list", formula1='"' + ",".join(column.choices) + '"', allow_blank=True)
    offer.error, offer.errorTitle = "请从列表中选择。", column.title
    letter = get_column_letter(place)
    offer.add(f"{letter}{first}:{letter}2000")
    page.add_data_validation(offer)


def _cell(page: Worksheet, row: int, column: int) -> Cell:
    cell = page.cell(row, column)
    if not isinstance(cell, Cell):
        raise TypeError("a value is written before its cells are merged")
    return cell


def _put(cell: Cell, value: Value, *, font: Font, is_centred: bool, border: Border | None = None) -> None:
    cell.value = _CONTROL.sub("", value)[:_LONGEST_CELL] if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a leading = for a formula
        cell.number_format = "@"  # a serial or a telephone number stays as it is written
        cell.quotePrefix = is_formula_like(value)
    elif isinstance(value, date):
        cell.number_format = 'yyyy"年"m"月"d"日"'
    cell.font = font
    cell.alignment = Alignment(horizontal="center" if is_centred else "left", vertical="center", wrap_text=True)
    if border:
        cell.border = border
