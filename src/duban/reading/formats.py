"""Which reader a file needs: told by what it holds, never by its name."""

from __future__ import annotations

import io
import zipfile
import zlib
from enum import Enum

from duban.reading.errors import NotReadable


class Format(Enum):
    """The formats that have a reader; TEXT is also what is refused further on, with words of its own."""

    TEXT = "text"
    DOCX = "docx"


ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def format_of(data: bytes) -> Format:
    """This function will tell the format of a file; raises NotReadable for a package that cannot be opened."""
    if data.startswith(ZIP):
        return _packed(data)
    return Format.TEXT


def _packed(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = {name.lstrip("/").replace("\\", "/") for name in package.namelist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as problem:
        for mark, kind in ((b"word/", "Word 文件（.docx）"), (b"xl/", "Excel 文件（.xlsx）"), (b"OFD.xml", "OFD 文件")):
            if mark in data:
                raise NotReadable(f"这个{kind}不完整或已损坏，打不开。请重新取得原文件。", "truncated") from problem
        raise NotReadable("这个压缩包不完整或已损坏，打不开。请重新取得原文件。", "truncated") from problem
    if any(name.startswith("word/") for name in names):
        return Format.DOCX
    return Format.TEXT
