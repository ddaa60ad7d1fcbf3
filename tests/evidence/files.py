"""Files as people send them, and as they should not."""

import struct
import zipfile
from io import BytesIO

import docx
import openpyxl
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def picture(kind="PNG", *, size=(40, 30), mode="RGB", colour="red", **more) -> bytes:
    written = BytesIO()
    Image.new(mode, size, colour).save(written, kind, **more)
    return written.getvalue()


def photograph(*, orientation=6, size=(40, 30)) -> bytes:
    """A JPEG as telephones make them: lying on its side, with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "临江牌手机"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (25.0, 7.0, 12.0)
    return picture("JPEG", size=size, exif=exif, comment=b"secret place")


def word() -> bytes:
    written, document = BytesIO(), docx.Document()
    document.add_paragraph("验收合格。")
    document.save(written)
    return written.getvalue()


def sheet() -> bytes:
    written = BytesIO()
    openpyxl.Workbook().save(written)
    return written.getvalue()


def package(*names: str, comment: bytes = b"") -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = comment
        for name in names:
            made.writestr(name, f"<{name}/>")
    return written.getvalue()


def compound(*streams: str) -> bytes:
    """An older Office file, as far as its directory goes."""
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<4H", 0x3E, 3, 0xFFFE, 9)
    entries = b"".join(f"{name}\0".encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return head.ljust(512, b"\0") + entries.ljust(1024, b"\0")
