"""The reader for workbooks (.xlsx, .xls): their sheets, merged cells and all → the neutral shape."""

from __future__ import annotations

import re
from collections.abc import Sequence

from duban.reading.assembly import Assembly, Placed, Shaped
from duban.reading.errors import NotReadable
from duban.reading.workbook import MAX_ROWS, WorkSheet, sheets_of

_UNNAMED = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)


def read(data: bytes, *, kind: str) -> Shaped:
    """This function will read a workbook; kind: xlsx or xls, for the shape. Raises NotReadable.

    Hidden sheets are read only where nothing else is there. Lines are the rows of the sheet; with several sheets each
    begins with a line of its name, unless nobody gave it one.
    """
    sheets = [sheet for sheet in sheets_of(data) if sheet.rows]
    shown = [sheet for sheet in sheets if not sheet.is_hidden] or sheets
    for sheet in shown:
        if len(sheet.rows) > MAX_ROWS:
            raise NotReadable(
                f"工作表“{sheet.name}”有 {len(sheet.rows)} 行，最多读 {MAX_ROWS} 行。请分几次读。", "too_large"
            )
    assembly = Assembly(kind)
    for number, sheet in enumerate(shown, start=1):
        if len(shown) > 1 and not _UNNAMED.fullmatch(sheet.name.strip()):
            assembly.paragraph(sheet.name.replace("\n", " "), page=number)
        assembly.grid(_placed(sheet), pages=[number] * len(sheet.rows), has_blank_lines=True)
    unread = "、".join(f"“{sheet.name}”" for sheet in sheets if sheet not in shown)
    left_out = [f"工作簿里隐藏的工作表{unread}没有读；要读请先取消隐藏。"] if unread else []
    return assembly.finished(left_out=left_out)


def _placed(sheet: WorkSheet) -> list[Placed]:
    """The cells of a sheet, merged ones once; columns where nothing stands are left out."""
    height = len(sheet.rows)
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    used = {column for row in sheet.rows for column, text in enumerate(row) if text}
    for top, left, bottom, right in sheet.merged:
        end, last = min(bottom, height - 1), min(right, max(used, default=0))
        if top > end or left > last:
            continue
        spans[top, left] = (end - top + 1, last - left + 1)
        covered.update((row, column) for row in range(top, end + 1) for column in range(left, last + 1))
        covered.discard((top, left))
    return [
        Placed(text, row, column, *spans.get((row, column), (1, 1)))
        for row, texts in enumerate(sheet.rows)
        for column, text in enumerate(_padded(texts, used))
        if column in used and (row, column) not in covered
    ]


def _padded(texts: Sequence[str], used: set[int]) -> list[str]:
    return [*texts, *([""] * (max(used, default=-1) + 1 - len(texts)))]
