"""A spreadsheet or CSV file → rows of text. The library for spreadsheets is fetched when one is read, not before."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, time, timedelta

from duban.reading.decode import decode
from duban.reading.errors import NotReadable

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_sheet(data: bytes) -> list[list[str]]:
    """This function will read the first sheet that holds anything: .xlsx, .xls or CSV, told apart by content.

    Cells are text as a person sees it: whole numbers without a point, dates as 2020-01-22; blank rows stay, so that
    row n of the result is row n + 1 of the sheet. Raises NotReadable.
    """
    if len(data) > MAX_BYTES:
        raise NotReadable(f"文件太大（{len(data) / 1024 / 1024:.0f} MB），表格最多读 20 MB。", "too_large")
    is_workbook = data.startswith((_ZIP, _OLE))
    rows = _workbook_rows(data) if is_workbook else _csv_rows("\n".join(decode(data).lines))
    if not any(any(row) for row in rows):
        raise NotReadable("表格是空的，没有可读的内容。", "empty")
    if len(rows) > MAX_ROWS:
        raise NotReadable(f"表格有 {len(rows)} 行，最多读 {MAX_ROWS} 行。请分几次导入。", "too_large")
    return rows


def _workbook_rows(data: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if data.startswith(_ZIP):
        _refuse_bombs(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height > MAX_ROWS * 50 or sheet.total_width > MAX_COLUMNS * 100:
                raise NotReadable("表格太大，请只保留需要的行和列。", "too_large")
            rows = [[_text(cell) for cell in row[:MAX_COLUMNS]] for row in sheet.to_python(skip_empty_area=False)]
            if any(any(row) for row in rows):
                while rows and not any(rows[-1]):
                    rows.pop()
                return rows
    except PasswordError as problem:
        raise NotReadable("表格设了密码，请取消密码后再导入。", "undecodable") from problem
    except CalamineError as problem:
        raise NotReadable(
            "这不是能读的表格文件，或者文件已损坏。请用 Excel 或 WPS 另存为 .xlsx 后再导入。", "unsupported_format"
        ) from problem
    return []


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as problem:
        raise NotReadable("文件不完整，打不开。请重新取得原文件。", "truncated") from problem
    if size > MAX_UNPACKED_BYTES:
        raise NotReadable("表格展开后太大，请只保留需要的行和列。", "too_large")


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


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    if isinstance(cell, (date, time, timedelta)):
        return str(cell)
    return str(cell).strip()
