"""CSV out: the same frozen sheet as `documents.sheets`, as bytes that Excel and WPS open without running anything."""

import csv
import io
from datetime import date

from duban.documents.sheets import Sheet, Value, is_formula_like


def csv_safe(value: Value) -> str:
    """Return a value as text no spreadsheet runs: what begins like a formula gets a leading apostrophe."""
    text = value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
    return f"'{text}" if is_formula_like(text) else text


def to_csv(sheet: Sheet) -> bytes:
    """Return headings and rows in UTF-8 with a byte order mark, lines ending in CRLF; nothing merged, no title."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([csv_safe(column.title) for column in sheet.columns])
    writer.writerows([csv_safe(value) for value in row] for row in sheet.rows)
    return stream.getvalue().encode("utf-8-sig")
