"""Reading a notice: any file → the notice's facts, its matters and what a person must look at.

Plain Python, usable alone: `read_notice(data, file_name="…").as_json()`.
"""

from __future__ import annotations

from duban.reading.errors import NotReadable
from duban.reading.reader import read_bytes
from duban.reading.result import (
    CellSource,
    Clause,
    Finding,
    Link,
    Matter,
    Name,
    Notice,
    Oversight,
    Reading,
    Table,
    Target,
    TextLine,
)
from duban.reading.shape import Document

__all__ = [
    "CellSource",
    "Clause",
    "Document",
    "Finding",
    "Link",
    "Matter",
    "Name",
    "NotReadable",
    "Notice",
    "Oversight",
    "Reading",
    "Table",
    "Target",
    "TextLine",
    "read_notice",
]


def read_notice(data: bytes, *, file_name: str = "") -> Reading:
    """This function will read one notice: facts, matters, links, targets, findings.

    data: text (UTF-8, GB18030, UTF-16), .docx, .xlsx, .xls, PDF with text; .doc, .wps, .rtf where LibreOffice is.
    file_name: only named in messages; the content decides.
    Raises NotReadable with words for the user when the bytes are empty, binary, of another format, cut off, damaged,
    under a password, too large, a scan or in no known encoding.
    """
    try:
        return read_bytes(data)
    except NotReadable as problem:
        if not file_name:
            raise
        raise NotReadable(f"{file_name}：{problem.message_zh}", problem.code) from problem
