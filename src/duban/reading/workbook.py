"""The sheets of a workbook (.xlsx, .xls) as text: what stands in each cell, as a person sees it, and what is merged."""

from __future__ import annotations

import io
import sys
import zipfile
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from duban.reading.apart import read_apart, serve
from duban.reading.errors import NotReadable
from duban.reading.formats import ZIP
from duban.reading.package import opened
from duban.reading.percents import percent_cells

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_UNPACKED_BYTES = 200 * 1024 * 1024

_DAMAGED = "这不是能读的表格文件，或者文件已损坏。请用 Excel 或 WPS 另存为 .xlsx 后再读。"

_OTHERS = "这不是 Excel 表格；.ods 等其他格式现在不读。请用 WPS 或 Excel 另存为 .xlsx 后再导入。"


@dataclass(frozen=True, slots=True)
class WorkSheet:
    """One sheet. rows: from its first row and column on, blank ones too, without those behind the last filled one.

    merged: first row, first column, last row, last column of each merged range, from 0.
    """

    name: str
    is_hidden: bool
    rows: list[list[str]]
    merged: list[tuple[int, int, int, int]]


def sheets_of(data: bytes) -> list[WorkSheet]:
    """This function will return the sheets of a workbook, in order; raises NotReadable."""
    answer = read_apart("duban.reading.workbook", data)
    return [WorkSheet(**{**one, "merged": [tuple(area) for area in one["merged"]]}) for one in answer["sheets"]]


def extracted(data: bytes) -> dict[str, Any]:
    """This function will return the sheets as JSON objects, read in this process; raises NotReadable."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if data.startswith(ZIP):
        _refuse_others(data)
    sheets: list[dict[str, Any]] = []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        percents = percent_cells(data) if data.startswith(ZIP) else {}
        for about in book.sheets_metadata:
            if not str(about.typ).endswith("WorkSheet"):
                continue
            sheet = book.get_sheet_by_name(about.name)
            if sheet.total_height > MAX_ROWS * 50 or sheet.total_width > MAX_COLUMNS * 100:
                raise NotReadable("表格太大，请只保留需要的行和列。", "too_large")
            shown = percents.get(about.name, frozenset())
            rows = [
                [cell_text(cell, is_percent=(place, column) in shown) for column, cell in enumerate(row[:MAX_COLUMNS])]
                for place, row in enumerate(sheet.to_python(skip_empty_area=False))
            ]
            while rows and not any(rows[-1]):
                rows.pop()
            merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or ()]
            hidden = not str(about.visible).endswith("Visible")
            sheets.append(asdict(WorkSheet(about.name, hidden, rows, merged)))
    except PasswordError as problem:
        raise NotReadable("表格设了密码，请取消密码后再读。", "undecodable") from problem
    except (CalamineError, OSError, ValueError) as problem:
        raise NotReadable(_DAMAGED, "unsupported_format") from problem
    return {"sheets": sheets}


def _refuse_others(data: bytes) -> None:
    """Refuse packages that would grow too large, and those that are no .xlsx: .ods, .docx."""
    try:
        with opened(data) as parts:
            size = sum(part.file_size for part in parts.infolist())
            is_workbook = any(name.replace("\\", "/").lstrip("/").startswith("xl/") for name in parts.namelist())
    except zipfile.BadZipFile as problem:
        raise NotReadable("文件不完整，打不开。请重新取得原文件。", "truncated") from problem
    if size > MAX_UNPACKED_BYTES:
        raise NotReadable("表格展开后太大，请只保留需要的行和列。", "too_large")
    if not is_workbook:
        raise NotReadable(_OTHERS, "unsupported_format")


def cell_text(cell: object, *, is_percent: bool = False) -> str:
    """This function will return a cell as text: whole numbers without a point, dates as 2020-01-22, 0.8 as 80%."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float) and is_percent:
        return f"{cell_text(float(format(cell * 100, '.12g')))}%"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    if isinstance(cell, (date, time, timedelta)):
        return str(cell)
    return str(cell).strip()


if __name__ == "__main__":
    sys.exit(serve(extracted))
