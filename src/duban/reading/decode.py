"""Bytes → lines of text, or words for the user why not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from duban.reading.errors import NotReadable

MAX_BYTES = 50 * 1024 * 1024

_SAVE_AS = "请在原软件里“另存为”纯文本（.txt）后再读。"
_COPY_OUT = "请从中复制文字存为文本文件（.txt）；若是扫描件或图片，请先做文字识别（OCR），再把识别出的文字存为文本。"
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文件"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Office/WPS 文件（.doc、.xls、.wps）"),
    (b"{\\rtf", "RTF 文件"),
    (b"\x89PNG", "图片（PNG）"),
    (b"\xff\xd8\xff", "图片（JPEG）"),
    (b"GIF8", "图片（GIF）"),
    (b"BM6", "图片（BMP）"),
    (b"II*\x00", "图片（TIFF）"),
    (b"MM\x00*", "图片（TIFF）"),
    (b"Rar!", "压缩包（RAR）"),
    (b"7z\xbc\xaf", "压缩包（7z）"),
    (b"\x1f\x8b", "压缩包（gzip）"),
    (b"MZ", "程序文件"),
    (b"\x7fELF", "程序文件"),
)
_ZIPPED: tuple[tuple[bytes, str], ...] = (
    (b"opendocument.spreadsheet", "OpenDocument 表格（.ods）"),
    (b"opendocument.text", "OpenDocument 文字（.odt）"),
    (b"word/", "Word 文件（.docx）"),
    (b"xl/", "Excel 文件（.xlsx）"),
    (b"ppt/", "PowerPoint 文件（.pptx）"),
    (b"OFD.xml", "OFD 版式文件"),
)
_COMMON = frozenset(
    "的一是在和有为工作责任单位局部门委办政府市县区镇街道年月日项目建设发展推进实施完成加强任务重点"
    "牵头领导分管目标管理服务企业经济社会人民安全改革创新生态环境农村城乡教育文化提升开展做好全面"
    "落实通知关于各及等与对大中上下以到进行会同新公司中心国家省级序号时间前底"
)
_BREAK = re.compile("\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text by line. pages: the page of each line when the text has form feeds, else None.

    dropped: control characters that were left out.
    """

    lines: tuple[str, ...]
    pages: tuple[int, ...] | None
    encoding: str
    dropped: int


def decode(data: bytes) -> Decoded:
    """This function will decode the bytes of a text file; raises NotReadable.

    UTF-8 with or without BOM, GB18030 (and so GBK, GB2312), UTF-16 with or without BOM.
    """
    refuse_size(data)
    if not data.strip(b" \t\r\n\x00\x0b\x0c\xef\xbb\xbf"):
        raise NotReadable("文件是空的，没有可读的内容。", "empty")
    _refuse_other_formats(data)
    text, encoding = _text(data)
    clean, dropped = _CONTROL.subn("", text)
    if dropped > 20 and dropped > len(text) // 20:
        raise NotReadable(f"这不是文本文件（含有大量控制字符），读不出内容。{_SAVE_AS}", "binary")
    if not clean.strip():
        raise NotReadable("文件是空的，没有可读的内容。", "empty")
    _refuse_garbled(clean)
    return _lines(clean, encoding, dropped)


def refuse_size(data: bytes) -> None:
    """This function will raise NotReadable for a file of more than MAX_BYTES."""
    if len(data) > MAX_BYTES:
        size = len(data) / 1024 / 1024
        raise NotReadable(f"文件太大（{size:.0f} MB），最多读 50 MB。请只保留通知和任务分解表。", "too_large")


def _refuse_other_formats(data: bytes) -> None:
    for magic, name in _MAGIC:
        if data.startswith(magic):
            advice = _COPY_OUT if name.startswith(("PDF", "图片")) else _SAVE_AS
            raise NotReadable(f"这是{name}，目前还不能直接读。{advice}", "unsupported_format")
    if data.startswith(b"PK\x03\x04"):
        name = next((name for part, name in _ZIPPED if part in data), "压缩包（ZIP）")
        advice = _COPY_OUT if name.startswith("OFD") else _SAVE_AS
        raise NotReadable(f"这是{name}，目前还不能直接读。{advice}", "unsupported_format")
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise NotReadable(f"这是网页（HTML）或 XML 文件，目前还不能直接读。{_SAVE_AS}", "unsupported_format")


def _text(data: bytes) -> tuple[str, str]:
    for bom, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(bom):
            return _strict(data[len(bom) :], codec), codec
    try:
        text = data.decode("utf-8")
        if text.count("\x00") * 5 < len(text):
            return text, "utf-8"
    except UnicodeDecodeError as error:
        # A file cut in the middle of its last character is UTF-8 all the same, only not whole.
        cut = error.end == len(data) and error.start > 0 and error.reason == "unexpected end of data"
        if cut and (error.start > 12 or not _decodes(data, "gb18030")):
            raise _cut_off() from error
    for codec in ("utf-16-le", "utf-16-be"):
        if data.count(b"\x00") and len(data) % 2 == 0:
            wide = data.decode(codec, errors="replace")
            if _plausible(wide) and "\x00" not in wide:
                return wide, codec
    controls = len(data) - len(data.translate(None, bytes([*range(9), *range(14, 32)])))
    if controls * 20 > len(data):
        raise NotReadable(f"这不是文本文件（二进制内容），读不出文字。{_SAVE_AS}", "binary")
    try:
        return data.decode("gb18030"), "gb18030"
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 4 and _plausible(data[: error.start].decode("gb18030")):
            raise _cut_off() from error
    raise NotReadable(
        "看不出文件用的是什么文字编码（不是 UTF-8，也不是 GB18030）。请另存为 UTF-8 编码的文本后再读。",
        "undecodable",
    )


def _strict(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        if error.end >= len(data):
            raise _cut_off() from error
        raise NotReadable(
            f"文件开头写明是 {codec.upper()} 编码，中间却有不属于它的内容，可能已损坏。请重新取得原文件。",
            "undecodable",
        ) from error


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _cut_off() -> NotReadable:
    return NotReadable("文件不完整：末尾断在一个字的中间，多半没有下载完或没有拷贝完。请重新取得原文件。", "truncated")


def _plausible(text: str) -> bool:
    wide = [char for char in text[:20000] if char > "\u2e7f"]
    return bool(wide) and sum(char in _COMMON for char in wide) * 12 >= len(wide)


def _refuse_garbled(text: str) -> None:
    sample = text[:40000]
    if sample.count("\ufffd") * 20 > len(sample) or sample.count("锟斤拷") * 60 > len(sample):
        raise NotReadable(
            "文件里的字已经成了乱码（转换编码时损坏），原来的内容找不回来。请重新取得原文件。", "undecodable"
        )
    wide = [char for char in sample if char > "\u2e7f" and not "\uff00" <= char <= "\uffef"]
    if len(wide) > 200 and sum(char in _COMMON for char in wide) * 50 < len(wide):
        raise NotReadable(
            "按 UTF-8 和 GB18030 读出来都不像中文，文字编码可能不对。请另存为 UTF-8 编码的文本后再读。",
            "undecodable",
        )


def _lines(text: str, encoding: str, dropped: int) -> Decoded:
    if "\f" not in text:
        return Decoded(tuple(_BREAK.split(text)), None, encoding, dropped)
    lines: list[str] = []
    pages: list[int] = []
    for number, page in enumerate(text.split("\f"), start=1):
        for line in _BREAK.split(page):
            lines.append(line)
            pages.append(number)
    return Decoded(tuple(lines), tuple(pages), encoding, dropped)
