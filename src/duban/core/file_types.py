"""What a file given to us is: by its content, never by its name alone; and what of its name may stay."""

import codecs
import re
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

import puremagic

from duban.core.errors import Invalid


class Family(StrEnum):
    """How a type is told by its content."""

    PDF = "pdf"
    PACKAGE = "package"  # a zip with known inner names
    COMPOUND = "compound"  # the older Office files
    IMAGE = "image"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FileType:
    """One type we take. inside: the inner name that tells it from others of its family."""

    family: Family
    content_type: str
    inside: tuple[str, ...] = ()


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_WORD = FileType(Family.COMPOUND, "application/msword", ("WordDocument",))
_EXCEL = FileType(Family.COMPOUND, "application/vnd.ms-excel", ("Workbook", "Book"))
_SLIDES = FileType(Family.COMPOUND, "application/vnd.ms-powerpoint", ("PowerPoint Document",))
_IMAGE = FileType(Family.IMAGE, "")

TYPES: dict[str, FileType] = {
    "pdf": FileType(Family.PDF, "application/pdf"),
    "ofd": FileType(Family.PACKAGE, "application/ofd", ("OFD.xml",)),
    "docx": FileType(Family.PACKAGE, f"{_OPEN_XML}.wordprocessingml.document", ("word/document.xml",)),
    "xlsx": FileType(Family.PACKAGE, f"{_OPEN_XML}.spreadsheetml.sheet", ("xl/workbook.xml",)),
    "pptx": FileType(Family.PACKAGE, f"{_OPEN_XML}.presentationml.presentation", ("ppt/presentation.xml",)),
    "doc": _WORD,
    "wps": _WORD,
    "xls": _EXCEL,
    "et": _EXCEL,
    "ppt": _SLIDES,
    "dps": _SLIDES,
    "txt": FileType(Family.TEXT, "text/plain"),
    "csv": FileType(Family.TEXT, "text/csv"),
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff"), _IMAGE),
}
"""By extension. Of an image only that it is one is told here: it is drawn anew before it is kept (core.images)."""

_MAGIC = {
    Family.PDF: {".pdf"},
    Family.PACKAGE: {".docx", ".zip", ".ofd"},
    Family.COMPOUND: {".doc"},
    Family.IMAGE: {".jpg", ".png", ".gif", ".webp", ".bmp", ".tif"},
}
_INSTEAD = {
    "heic": "苹果手机的 HEIC 照片请在“设置—相机—格式”中选“兼容性最佳”，或用微信发给自己后保存为 JPG 再传。",
    "heif": "HEIF 照片请转存为 JPG 再传。",
    "zip": "压缩包里的内容看不到，请解压后逐个上传。",
    "rar": "压缩包里的内容看不到，请解压后逐个上传。",
    "7z": "压缩包里的内容看不到，请解压后逐个上传。",
    "mp4": "视频太大，又带有拍摄位置，请放在本单位的存储里，在这里登记链接。",
    "mov": "视频太大，又带有拍摄位置，请放在本单位的存储里，在这里登记链接。",
    "docm": "含宏的文档请另存为不含宏的 docx 再传。",
    "xlsm": "含宏的表格请另存为不含宏的 xlsx 再传。",
}
ACCEPTED_TEXT = "PDF、OFD、Word、Excel、PPT、WPS 文档，JPG、PNG 等图片，TXT、CSV"

_HEAD = 8192
_CHUNK = 1 << 20


# ---- the name


NAME_LENGTH = 80
"""The most characters of a kept name: 240 bytes of Chinese, which every file system takes."""

_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def clean_name(given: str) -> str:
    """Return a file's name without folders, control or direction characters, fit for every system; may be empty.

    The extension survives the cut to NAME_LENGTH characters.
    """
    bare = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    shown = "".join(" " if one.isspace() else one for one in bare if one.isspace() or one.isprintable())
    name = " ".join(_FORBIDDEN.sub("_", shown).split()).strip(". ")
    if _DEVICES.match(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[: NAME_LENGTH - len(extension) - 1].rstrip('. ')}.{extension}"
    return name[:NAME_LENGTH]


def extension_of(name: str) -> str:
    """Return the extension of a clean name, in lower case without its dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


# ---- the content


def checked_type(content: BinaryIO, *, name: str) -> FileType:
    """Return the type of a file whose content is what its (clean) name says. Raises Invalid in the user's words.

    Refused: types not in TYPES, contents of another type, and files that are two things at once.
    """
    extension = extension_of(name)
    found = TYPES.get(extension)
    if found is None:
        why = _INSTEAD.get(extension, f"可以上传：{ACCEPTED_TEXT}。")
        kind = f"“.{extension}”这类文件" if extension else "没有扩展名的文件"
        raise Invalid(f"不收{kind}。{why}", field="file")
    content.seek(0)
    head = content.read(_HEAD)
    if not head:
        raise Invalid(f"“{name}”是空文件，请重新选择。", field="file")
    if found.family is not Family.TEXT and not _MAGIC[found.family] & _magic_of(head):
        _refuse(name, extension)
    if found.family is Family.PDF:
        _check_pdf(content, head=head, name=name)
    elif found.family is Family.PACKAGE:
        _check_package(content, name=name, inside=found.inside)
    elif found.family is Family.COMPOUND:
        _check_compound(content, name=name, inside=found.inside)
    elif found.family is Family.TEXT:
        _check_text(content, name=name)
    content.seek(0)
    return found


def _refuse(name: str, extension: str) -> None:
    hint = "（设了打开密码的文件，请取消密码后再传）" if extension in ("docx", "xlsx", "pptx") else ""
    raise Invalid(f"“{name}”的内容不是 {extension.upper()} 文件，请核对后再传{hint}。", field="file")


def _magic_of(head: bytes) -> set[str]:
    try:
        return {one.extension for one in puremagic.magic_string(head)}
    except puremagic.PureError:
        return set()


_ZIP_END = struct.Struct("<4s4H2LH")
_MOST_ZIP_COMMENT = 0xFFFF
_MOST_DIRECTORY = 4 << 20  # some 40,000 entries
_MOST_UNPACKED = 2 << 30


def _zip_end(content: BinaryIO) -> tuple[int, int] | None:
    """Return (size of the directory, bytes behind the archive) where a file ends in a zip, else None."""
    size = content.seek(0, 2)
    start = max(0, size - _ZIP_END.size - _MOST_ZIP_COMMENT)
    content.seek(start)
    tail = content.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _ZIP_END.size:
        return None
    *_, directory, _offset, comment = _ZIP_END.unpack_from(tail, place)
    return directory, len(tail) - place - _ZIP_END.size - comment


def _check_pdf(content: BinaryIO, *, head: bytes, name: str) -> None:
    if not head.startswith(b"%PDF-"):
        raise Invalid(f"“{name}”的开头夹带了 PDF 以外的内容，请另存为新的 PDF 后再传。", field="file")
    end = _zip_end(content)
    content.seek(max(0, content.seek(0, 2) - 2 * _HEAD))
    tail = content.read()
    last = tail.rfind(b"%%EOF")
    if last < 0:
        raise Invalid(f"“{name}”不完整，请重新导出后再传。", field="file")
    if tail[last + 5 :].strip(b"\0 \t\r\n") or (end is not None and end[1] == 0):
        raise Invalid(f"“{name}”的末尾夹带了其他内容，请另存为新的 PDF 后再传。", field="file")


def _check_package(content: BinaryIO, *, name: str, inside: tuple[str, ...]) -> None:
    extension = extension_of(name)
    end = _zip_end(content)
    damaged = Invalid(f"“{name}”已损坏，请重新保存后再传。", field="file")
    if end is None or end[0] > _MOST_DIRECTORY:
        raise damaged
    if end[1] != 0:
        raise Invalid(f"“{name}”的末尾夹带了其他内容，请另存后再传。", field="file")
    try:
        with zipfile.ZipFile(content) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise damaged
    names = {one.filename for one in entries}
    if not any(one in names for one in inside):
        _refuse(name, extension)
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise Invalid(f"“{name}”含有宏，请另存为不含宏的文件再传。", field="file")
    if sum(one.file_size for one in entries) > _MOST_UNPACKED:
        raise Invalid(f"“{name}”展开后太大，不能接收。", field="file")


def _check_compound(content: BinaryIO, *, name: str, inside: tuple[str, ...]) -> None:
    """Look for the directory entries of a compound file: 128 bytes each, at multiples of it, names in UTF-16."""
    wanted = {mark: f"{mark}\0".encode("utf-16-le") for mark in (*inside, "_VBA_PROJECT")}
    found = set()
    content.seek(0)
    while chunk := content.read(_CHUNK):
        for mark, needle in wanted.items():
            place = chunk.find(needle)
            while place >= 0 and place % 128:
                place = chunk.find(needle, place + 1)
            if place >= 0:
                found.add(mark)
    if "_VBA_PROJECT" in found:
        raise Invalid(f"“{name}”含有宏，请另存为不含宏的文件再传。", field="file")
    if not found:
        _refuse(name, extension_of(name))


_ACTIVE = ("<!doctype", "<html", "<head", "<body", "<script", "<svg", "<?xml", "<iframe", "#!", "%pdf", "{\\rtf")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ENCODINGS = ("utf-8-sig", "gb18030")


def _check_text(content: BinaryIO, *, name: str) -> None:
    content.seek(0)
    head = content.read(2)
    encodings = ("utf-16",) if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else _ENCODINGS
    if not any(_is_text(content, encoding) for encoding in encodings):
        raise Invalid(f"“{name}”的内容不是文本，请核对后再传。", field="file")


def _is_text(content: BinaryIO, encoding: str) -> bool:
    """Return whether a file reads as text that no program would run, draw or interpret."""
    decoder = codecs.getincrementaldecoder(encoding)()
    content.seek(0)
    is_first = True
    try:
        while chunk := content.read(_CHUNK):
            text = decoder.decode(chunk)
            if _CONTROL.search(text) or (is_first and text.lstrip().lower().startswith(_ACTIVE)):
                return False
            is_first = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
