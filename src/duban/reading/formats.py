"""Which reader a file needs: told by what it holds, never by its name."""

from __future__ import annotations

import zipfile
from enum import Enum

from duban.reading.errors import NotReadable
from duban.reading.package import opened


class Format(Enum):
    """The formats that have a reader; TEXT is also what is refused further on, with words of its own."""

    TEXT = "text"
    DOCX = "docx"
    PDF = "pdf"
    XLSX = "xlsx"
    XLS = "xls"
    OLD_WORD = "doc"


ZIP = b"PK\x03\x04"
RTF = b"{\\rtf"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def format_of(data: bytes) -> Format:
    """This function will tell the format of a file; raises NotReadable for a package that cannot be opened."""
    if data.startswith(ZIP):
        return _packed(data)
    if b"%PDF-" in data[:1024]:
        return Format.PDF
    if data.startswith(OLE):
        return _compound(data)
    if data.startswith(RTF):
        return Format.OLD_WORD
    return Format.TEXT


def _packed(data: bytes) -> Format:
    try:
        with opened(data) as package:
            names = {name.lstrip("/").replace("\\", "/") for name in package.namelist()}
    except zipfile.BadZipFile as problem:
        for mark, kind in ((b"word/", "Word 文件（.docx）"), (b"xl/", "Excel 文件（.xlsx）"), (b"OFD.xml", "OFD 文件")):
            if mark in data:
                raise NotReadable(f"这个{kind}不完整或已损坏，打不开。请重新取得原文件。", "truncated") from problem
        raise NotReadable("这个压缩包不完整或已损坏，打不开。请重新取得原文件。", "truncated") from problem
    if any(name.startswith("word/") for name in names):
        return Format.DOCX
    if any(name.startswith("xl/") for name in names):
        return Format.XLSX
    return Format.TEXT


def _compound(data: bytes) -> Format:
    """Tell the older Office files apart by the names of their streams."""

    def holds(name: str) -> bool:
        return f"{name}\0".encode("utf-16-le") in data

    if _directory_is_missing(data):
        raise NotReadable("这个旧版 Office/WPS 文件不完整，打不开。请重新取得原文件。", "truncated")
    if holds("EncryptedPackage"):
        raise NotReadable("这个 Word 或 Excel 文件设了打开密码，请取消密码后再读。", "undecodable")
    if holds("WordDocument"):
        return Format.OLD_WORD
    if holds("Workbook") or holds("Book"):
        return Format.XLS
    return Format.TEXT


def _directory_is_missing(data: bytes) -> bool:
    """Whether a compound file ends before the list of its streams, whose place its head gives."""
    if len(data) < 512:
        return True
    shift, first = int.from_bytes(data[30:32], "little"), int.from_bytes(data[48:52], "little")
    return shift in (9, 12) and (first + 1) << shift >= len(data)
