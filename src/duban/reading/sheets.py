"""A spreadsheet or CSV file → rows of text."""

from __future__ import annotations

import csv
import io

from duban.reading.decode import decode
from duban.reading.errors import NotReadable
from duban.reading.formats import OLE, ZIP
from duban.reading.workbook import MAX_ROWS, sheets_of

MAX_BYTES = 20 * 1024 * 1024


def read_sheet(data: bytes) -> list[list[str]]:
    """This function will read the first sheet that holds anything: .xlsx, .xls or CSV, told apart by content.

    Cells are text as a person sees it: whole numbers without a point, dates as 2020-01-22; blank rows stay, so that
    row n of the result is row n + 1 of the sheet. Raises NotReadable.
    """
    if len(data) > MAX_BYTES:
        raise NotReadable(f"文件太大（{len(data) / 1024 / 1024:.0f} MB），表格最多读 20 MB。", "too_large")
    is_workbook = data.startswith((ZIP, OLE))
    rows = _workbook_rows(data) if is_workbook else _csv_rows("\n".join(decode(data).lines))
    if not any(any(row) for row in rows):
        raise NotReadable("表格是空的，没有可读的内容。", "empty")
    if len(rows) > MAX_ROWS:
        raise NotReadable(f"表格有 {len(rows)} 行，最多读 {MAX_ROWS} 行。请分几次导入。", "too_large")
    return rows


def _workbook_rows(data: bytes) -> list[list[str]]:
    """The first sheet that holds anything, hidden or not."""
    return next((sheet.rows for sheet in sheets_of(data) if sheet.rows), [])


def _csv_rows(text: str) -> list[list[str]]:
    head = text.split("\n", 1)[0]
    separator = max((",", "\t", ";", "，", "|"), key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as problem:
        raise NotReadable("CSV 文件的引号或分隔符有误，读不下去。请另存为 .xlsx 后再导入。", "undecodable") from problem
    rows = [[_plain(cell) for cell in row] for row in rows]
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _plain(cell: str) -> str:
    """Return CSV text without the apostrophe with which a formula was made harmless."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@＝＋－＠") else cell
