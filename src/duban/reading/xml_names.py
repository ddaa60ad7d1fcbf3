"""Names of the XML inside Office files, and its two kinds of attribute: a value and a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
W = f"{{{_WORD}}}"
M = f"{{{_MATH}}}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
STRICT: tuple[tuple[bytes, bytes], ...] = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", _WORD.encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", _MATH.encode()),
)
"""Names a file of the strict form uses, with those of the common form."""


def value(element: etree._Element | None) -> str:
    """This function will return w:val, empty where there is none."""
    return element.get(f"{W}val", "") if element is not None else ""


def flag(element: etree._Element | None) -> bool:
    """This function will tell whether a switch such as w:vanish is on."""
    return element is not None and value(element) not in ("0", "false", "off", "none")
