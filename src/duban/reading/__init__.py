"""Reading a notice: any file → the notice's facts, its matters and what a person must look at.

Plain Python, usable alone: `read_notice(data, file_name="…").as_json()`.
"""

from __future__ import annotations

from duban.reading.errors import NotReadable
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
    Target,
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
    "Notice",
    "NotReadable",
    "Oversight",
    "Reading",
    "Target",
    "read_notice",
]


def read_notice(data: bytes, *, file_name: str = "") -> Reading:
    """This function will read the bytes of one notice; raises NotReadable with words for the user."""
    if not data.strip():
        raise NotReadable("文件是空的，没有可读的内容。", "empty")
    text = data.decode("utf-8-sig", errors="replace")
    return Reading(Notice(), (), (), Document((), "text"), tuple(text.splitlines()))
