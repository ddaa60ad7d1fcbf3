"""Words broken into lines as Chinese documents are: a character a cell, a mark never at the wrong end of a line.

Where a line ends is decided here and nowhere else: a line of Chinese characters holds exactly as many as it has cells;
a closing mark that would begin a line is drawn in by squeezing other marks, or the character before it goes down with
it (行首禁则, GB/T 15834-2011 5.1); a number is not parted, nor from its 万 or 亿, nor a year from its 年; a word of
Latin letters only where it would leave a hole. Source: docs/sources.md#documents
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from duban.documents.fonts import Font, FontBook
from duban.documents.paper import Align, Face
from duban.documents.pdf.marks import BLACK, Words

_CLOSING = frozenset("，。、；：？！）》〉」』】〕］｝”’")
_OPENING = frozenset("（《〈「『【〔［｛“‘")
_NO_START = _CLOSING | frozenset("·～％‰℃〗,.;:?!)]}%°′″")
_NO_END = _OPENING | frozenset("([{〖")
_PAIRED = frozenset("—…")
_MARKS = _CLOSING | _OPENING | frozenset("·")
_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_YEAR = re.compile(r"(?<![0-9])[0-9]{4}$")
_CUTS = frozenset("/?&=_-.,:;@#%+~)")  # behind which a long word of Latin letters may be parted
_LONG_WORD = 14  # letters: a longer one may be parted
_HOLE = 4.0  # cells a line may lack before a word is parted to fill it
_WIDEST_GAP = 0.25  # cells between two characters; a line that would need more stands ragged
_NARROW = 0.75  # em: a narrower character is no cell of the grid
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Type:
    """How words are set: size of the characters, width of a cell, height of a line, in points."""

    size: float
    cell: float
    line: float

    @property
    def baseline(self) -> float:
        """From the top of a line."""
        return 0.88 * self.size


class Glyph(NamedTuple):
    """One character as it will stand. width: it takes in the line; step: from its own advance and tracking alone."""

    character: str
    font: Font
    width: float
    tracking: float
    is_narrow: bool


class Line(NamedTuple):
    """One line. widths: of each glyph as it stands here; shifts: of its ink; indent: before the first."""

    glyphs: tuple[Glyph, ...]
    widths: tuple[float, ...]
    shifts: tuple[float, ...]
    indent: float

    @property
    def width(self) -> float:
        """From the indent to the end of the last character."""
        return sum(self.widths)


def clean(text: str) -> str:
    """Return the text as it can be set: composed characters, no control or invisible ones; line breaks stay."""
    text = unicodedata.normalize("NFC", "\n".join(_LINE_END.split(text)))
    return "".join(
        one if one == "\n" else " " if one.isspace() and one != "\u3000" else one
        for one in text
        if one == "\n" or one == "\t" or not (unicodedata.category(one) in ("Cc", "Cf") or _is_selector(one))
    )


def _is_selector(one: str) -> bool:
    return "\ufe00" <= one <= "\ufe0f" or "\U000e0100" <= one <= "\U000e01ef"


def set_words(book: FontBook, runs: Iterable[tuple[str, Face]], type_: Type) -> list[Glyph]:
    """Return the glyphs of these words. Raises MissingGlyph for a character no font has."""
    found = []
    wide, narrow = type_.cell - type_.size, (type_.cell - type_.size) / 2
    for text, face in runs:
        words = clean(text)
        for one in words:
            font, advance = book.find(face, " " if one == "\n" else one, words)
            tracking = narrow if advance < _NARROW else wide * advance
            found.append(Glyph(one, font, advance * type_.size + tracking, tracking, advance < _NARROW))
    return found


def break_lines(
    glyphs: Sequence[Glyph], width: float, cell: float, *, indent: float = 0.0, is_justified: bool = True
) -> list[Line]:
    """Return the lines these glyphs take. indent: of the first line; at least one line comes back."""
    lines: list[Line] = []
    start = 0
    while start < len(glyphs) or not lines:
        before = indent if not lines else 0.0
        end, squeezed = _end_of_line(glyphs, start, width - before, cell)
        taken = glyphs[start:end]
        is_last = end == len(glyphs) or (end > start and glyphs[end - 1].character == "\n")
        while taken and taken[-1].character in " \n":
            taken = taken[:-1]
        lines.append(_fill(taken, width - before, cell, before, is_justified and not is_last, squeezed))
        start = end
        while lines and not is_last and start < len(glyphs) and glyphs[start].character == " ":
            start += 1
    if glyphs and glyphs[-1].character == "\n":
        lines.append(Line((), (), (), 0.0))
    return lines


def _end_of_line(glyphs: Sequence[Glyph], start: int, width: float, cell: float) -> tuple[int, bool]:
    """Return where the line begun here ends, and whether marks must be squeezed for it."""
    used = 0.0
    best = start
    place = start
    while place < len(glyphs):
        glyph = glyphs[place]
        if place > start and _may_break(glyphs, place):
            best = place
        if glyph.character == "\n":
            return place + 1, False
        if used + glyph.width > width + _SLACK and glyph.character != " ":
            break
        used += glyph.width
        place += 1
    else:
        return len(glyphs), False
    if best == place:
        return place, False
    drawn = _drawn_in(glyphs, start, place, width)
    if drawn:
        return drawn, True
    lacking = width - sum(one.width for one in glyphs[start:best])
    if best == start or lacking > _HOLE * cell:
        parted = _parted(glyphs, max(best, start), place)
        if parted > start:
            return parted, False
    return (best, False) if best > start else (max(place, start + 1), False)


def _may_break(glyphs: Sequence[Glyph], place: int) -> bool:
    left, right = glyphs[place - 1].character, glyphs[place].character
    if right in _NO_START or left in _NO_END or right in " \n":
        return False
    if left in " \n":
        return True
    if left == right and left in _PAIRED:
        return False
    if _is_latin(left) and _is_latin(right):
        return False
    if right in "万亿" and left.isdigit():
        return False
    if right == "年" and left.isdigit():
        return not _YEAR.search("".join(one.character for one in glyphs[max(place - 5, 0) : place]))
    return not unicodedata.combining(right)


def _is_latin(one: str) -> bool:
    return (one.isascii() and one not in " \n") or "\u00c0" <= one <= "\u04ff"


def _drawn_in(glyphs: Sequence[Glyph], start: int, place: int, width: float) -> int:
    """Return the end of the line if the marks that follow can be drawn into it, else 0."""
    end = place
    while end < len(glyphs) and end - place < 2 and not _may_break(glyphs, end):
        if glyphs[end].character not in _CLOSING:
            return 0
        end += 1
    if end == place or (end < len(glyphs) and not _may_break(glyphs, end)):
        return 0
    line = glyphs[start:end]
    over = sum(one.width for one in line) - width
    return end if over <= sum(_gives(line)) + _SLACK else 0


def _gives(line: Sequence[Glyph]) -> list[float]:
    """Return how much of its width each mark can give: half at the line's end or beside another mark, else a fourth."""
    found = []
    for place, glyph in enumerate(line):
        one = glyph.character
        if glyph.is_narrow or one not in _CLOSING | _OPENING:
            found.append(0.0)
            continue
        after = line[place + 1].character if place + 1 < len(line) else ""
        before = line[place - 1].character if place else ""
        is_free = (after == "" or after in _MARKS) if one in _CLOSING else before in _OPENING
        found.append(glyph.width / 2 if is_free else glyph.width / 4)
    return found


def _parted(glyphs: Sequence[Glyph], start: int, place: int) -> int:
    """Return where the Latin word that reaches over the line's end may be parted, or 0."""
    end = place
    while end < len(glyphs) and _is_latin(glyphs[end].character):
        end += 1
    first = place
    while first > start and _is_latin(glyphs[first - 1].character):
        first -= 1
    if end - first < _LONG_WORD:
        return 0
    for cut in range(place, max(first, place - _LONG_WORD), -1):
        if glyphs[cut - 1].character in _CUTS and glyphs[cut].character not in _NO_START:
            return cut
    return place


def _fill(
    glyphs: Sequence[Glyph], width: float, cell: float, indent: float, is_justified: bool, is_squeezed: bool
) -> Line:
    widths = [one.width for one in glyphs]
    shifts = [0.0] * len(glyphs)
    over = sum(widths) - width
    if is_squeezed and over > 0:
        gives = _gives(glyphs)
        end = min(gives[-1], over)  # the mark at the end first, as 5.1.9 has it
        share = (over - end) / (sum(gives[:-1]) or 1.0)
        for place, gift in enumerate(gives):
            less = end if place == len(gives) - 1 else gift * share
            widths[place] -= less
            if glyphs[place].character in _OPENING:
                shifts[place] = -less
    elif is_justified and over < -_SLACK:
        gaps = [place for place in range(len(glyphs) - 1) if _may_stretch(glyphs, place)]
        if gaps and -over / len(gaps) <= _WIDEST_GAP * cell:
            for place in gaps:
                widths[place] += -over / len(gaps)
    return Line(tuple(glyphs), tuple(widths), tuple(shifts), indent)


def _may_stretch(glyphs: Sequence[Glyph], place: int) -> bool:
    return not (_is_latin(glyphs[place].character) and _is_latin(glyphs[place + 1].character))


def draw_line(
    line: Line, x: float, y: float, size: float, *, width: float = 0.0, align: Align = Align.START, colour: str = BLACK
) -> Iterator[Words]:
    """Yield the words of a line set at x, its baseline at y. width: within which it is centred or stands at the end.

    Words are parted where the step from one character to the next changes, so that each stands where it was measured.
    """
    at = x + line.indent
    if align is not Align.START:
        at += (width - line.indent - line.width) / (2 if align is Align.CENTRE else 1)
    begun = ""
    begun_at, tracking, font = at, 0.0, None
    for place, (glyph, wide, shift) in enumerate(zip(line.glyphs, line.widths, line.shifts, strict=True)):
        step = glyph.tracking + wide - glyph.width
        is_pair = glyph.character in _MARKS and place > 0 and line.glyphs[place - 1].character in _MARKS
        if begun and font is not None and (font is not glyph.font or shift or is_pair):
            yield Words(begun_at, y, begun, font, size, tracking, colour)
            begun = ""
        if not begun:
            begun_at, tracking, font = at + shift, step, glyph.font
        begun += glyph.character
        at += wide
        if font is not None and (abs(step - tracking) >= _SLACK or shift):
            yield Words(begun_at, y, begun, font, size, tracking, colour)
            begun = ""
    if begun and font is not None:
        yield Words(begun_at, y, begun, font, size, tracking, colour)
