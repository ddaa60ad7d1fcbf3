"""Markup that is well formed by construction: only these functions make it, and they escape what they are given."""

import re
from collections.abc import Mapping
from functools import cache
from typing import NewType

Xml = NewType("Xml", str)
NOTHING = Xml("")

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "asvg": "http://schemas.microsoft.com/office/drawing/2016/SVG/main",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w10": "urn:schemas-microsoft-com:office:word",
}

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def cleaned(text: str) -> str:
    """Return a text without what no .docx can hold: control characters and halves of characters."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def escaped(text: str) -> Xml:
    """Return a text as the content of an element."""
    return Xml(cleaned(text).translate(_SPECIAL))


def joined(*parts: Xml) -> Xml:
    """Return elements behind each other."""
    return Xml("".join(parts))


def tag(name: str, attributes: Mapping[str, str | int], *inside: Xml) -> Xml:
    """Return an element, its attributes named as they are to stand."""
    told = "".join(f' {key}="{escaped(str(value))}"' for key, value in attributes.items())
    return Xml(f"<{name}{told}>{''.join(inside)}</{name}>" if inside else f"<{name}{told}/>")


def w(name: str, /, *inside: Xml, **attributes: str | int) -> Xml:
    """Return an element of WordprocessingML; its attributes are of the same namespace."""
    told = "".join(f' w:{key}="{escaped(str(value))}"' for key, value in attributes.items())
    return Xml(f"<w:{name}{told}>{''.join(inside)}</w:{name}>" if inside else f"<w:{name}{told}/>")


@cache
def on(name: str, is_on: bool = True) -> Xml:
    """Return a switch of WordprocessingML."""
    return w(name) if is_on else w(name, val=0)


def part(name: str, *inside: Xml) -> bytes:
    """Return a whole part, all namespaces told at its root."""
    told = {f"xmlns:{prefix}": address for prefix, address in NAMESPACES.items()}
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + tag(name, told, *inside).encode()
