"""Paragraphs and the words in them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from duban.documents.docx_file.markup import NOTHING, Xml, cleaned, escaped, joined, on, w
from duban.documents.docx_file.measures import CHARACTER
from duban.documents.docx_file.styles import (
    FONTS,
    WIDER,
    WIDEST,
    Style,
    fonts,
    justification,
    size,
    spacing,
)
from duban.documents.paper import Align, Face

_IN_GB2312_BY_ANOTHER_NAME = dict.fromkeys(map(ord, "—·"))


@dataclass(frozen=True, slots=True)
class Ind:
    """Indents in twips, against the edges of 版心. first: of the first line against the others, negative to hang."""

    left: int = 0
    right: int = 0
    first: int = 0

    @property
    def xml(self) -> Xml:
        """As an element."""
        first = {"hanging": -self.first} if self.first < 0 else {"firstLine": self.first}
        return w("ind", left=self.left, right=self.right, **first)


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph that still can be told more: its section, what it keeps with.

    before: space above in twips · border: what its pBdr holds · section: the sectPr of the section it ends.
    """

    style: Style
    inside: Xml = NOTHING
    align: Align | None = None
    ind: Ind | None = None
    before: int | None = None
    line: int | None = None
    keeps_next: bool | None = None
    border: Xml = NOTHING
    tabs: Xml = NOTHING
    section: Xml = NOTHING

    @property
    def xml(self) -> Xml:
        """As an element, the properties in the schema's order."""
        style = self.style
        spaced = self.before is not None or self.line is not None
        told = joined(
            w("pStyle", val=style.key),
            NOTHING if self.keeps_next is None else on("keepNext", self.keeps_next),
            w("pBdr", self.border) if self.border else NOTHING,
            w("tabs", self.tabs) if self.tabs else NOTHING,
            spacing(before=self.before or 0, line=style.line if self.line is None else self.line)
            if spaced
            else NOTHING,
            NOTHING if self.ind is None else self.ind.xml,
            NOTHING if self.align is None else justification(self.align, is_filled=style.is_filled),
            self.section,
        )
        return w("p", w("pPr", told), self.inside)


def kept(lines: Iterable[Line]) -> list[Line]:
    """Return paragraphs, each kept with what follows it."""
    return [replace(line, keeps_next=True) for line in lines]


def line(style: Style, text: str, face: Face | None = None, size_pt: float | None = None) -> Line:
    """Return a paragraph of words in one face, the style's own unless told."""
    return Line(style, words(text, style, face=face, size_pt=size_pt))


def words(
    text: str, style: Style, *, face: Face | None = None, size_pt: float | None = None, more: Xml = NOTHING
) -> Xml:
    """Return a text as runs; a line break in it stays one. more: further properties of the characters."""
    face = style.face if face is None else face
    sized = NOTHING if size_pt is None else size(size_pt)
    return joined(
        *(
            w("r", w("rPr", _font(name, is_own=name == FONTS[style.face]), more, sized), _text(some))
            for name, some in _by_font(cleaned(text), face)
        )
    )


@cache
def _font(name: str, *, is_own: bool) -> Xml:
    return w("rFonts", hint="eastAsia") if is_own else fonts(name)


def _by_font(text: str, face: Face) -> list[tuple[str, str]]:
    if not text:
        return []
    if _is_common(text):
        return [(FONTS[face], text)]
    return [(name, "".join(some)) for name, some in groupby(text, lambda one: _font_of(one, face))]


def _font_of(character: str, face: Face) -> str:
    if _is_common(character):
        return FONTS[face]
    return WIDEST if 0x20000 <= ord(character) < 0x30000 else WIDER[face]


def _is_common(text: str) -> bool:
    try:
        text.translate(_IN_GB2312_BY_ANOTHER_NAME).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _text(text: str) -> Xml:
    if "\n" not in text and "\t" not in text:
        return _piece(text)
    parts: list[Xml] = []
    for place, row in enumerate(text.split("\n")):
        parts += [w("br")] if place else []
        for number, piece in enumerate(row.split("\t")):
            parts += [w("tab")] if number else []
            parts += [_piece(piece)] if piece else []
    return joined(*parts)


def _piece(text: str) -> Xml:
    return Xml(f'<w:t xml:space="preserve">{escaped(text)}</w:t>')


def tab(position: int, kind: str = "left") -> Xml:
    """Return a tab stop, in twips from the edge."""
    return w("tab", val=kind, pos=position)


def width_of(text: str) -> float:
    """Return how wide a text stands, in characters; what is not Chinese counts half."""
    return sum(0.5 if one.isascii() else 1.0 for one in text)


def characters(count: float) -> int:
    """Return so many characters of the body in twips."""
    return round(count * CHARACTER)
