"""The numbers Word puts before paragraphs by itself: they stand in no text, only in the rules for counting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from duban.reading.xml_names import W, flag, value

if TYPE_CHECKING:
    from lxml import etree

_DIGITS = "〇一二三四五六七八九"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST = 100_000
_HEADING = re.compile(r"(?:heading|标题) ?(\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Level:
    """How one depth of a list counts. text: the pattern, with %1 for the first depth's number."""

    start: int
    form: str
    text: str
    is_plain: bool
    gap: str


@dataclass(frozen=True, slots=True)
class _Style:
    based_on: str
    number: str | None
    depth: int | None
    level: int


class Numbering:
    """Counts the numbered paragraphs of one document, in order. Both parts may be missing."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._list_of: dict[str, str] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._styles: dict[str, _Style] = {}
        self._default = ""
        if styles is not None:
            self._take_styles(styles)
        if numbering is not None:
            self._take_lists(numbering)

    def heading_level(self, paragraph: etree._Element) -> int:
        """This function will return the depth of a heading, 0 for body text."""
        own = _outline(paragraph.find(f"{W}pPr"))
        if own is not None:
            return own
        return next((style.level for style in self._chain(paragraph) if style.level), 0)

    def numbered(self, paragraph: etree._Element, text: str) -> str:
        """This function will count a paragraph and return its text with the number before it, if it has one."""
        number, depth = self._list_item(paragraph)
        if number is None or number == "0":
            return text
        which = self._list_of.get(number)
        levels = self._levels.get(which or "", {})
        if which is None or depth not in levels:
            return text
        counts = self._counts.setdefault(which, {})
        restart = self._restarts.get(number, {}).pop(depth, None)
        if restart is not None:
            counts[depth] = restart
        else:
            counts[depth] = min(counts[depth] + 1, _MOST) if depth in counts else levels[depth].start
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        return _label(levels, counts, depth) + text

    def _list_item(self, paragraph: etree._Element) -> tuple[str | None, int]:
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        number, depth = _numbered_as(properties)
        for style in self._chain(paragraph):
            number = style.number if number is None else number
            depth = style.depth if depth is None else depth
        return number, depth or 0

    def _chain(self, paragraph: etree._Element) -> list[_Style]:
        """The styles of a paragraph, its own first."""
        name = value(paragraph.find(f"{W}pPr/{W}pStyle")) or self._default
        found: list[_Style] = []
        while name in self._styles and len(found) < 20:
            found.append(self._styles[name])
            name = found[-1].based_on
        return found

    def _take_styles(self, styles: etree._Element) -> None:
        for style in styles.iterchildren(f"{W}style"):
            if style.get(f"{W}type") != "paragraph":
                continue
            name = style.get(f"{W}styleId", "")
            if style.get(f"{W}default") in ("1", "true"):
                self._default = name
            number, depth = _numbered_as(style.find(f"{W}pPr/{W}numPr"))
            heading = _HEADING.fullmatch(value(style.find(f"{W}name")))
            level = int(heading.group(1)) if heading else _outline(style.find(f"{W}pPr")) or 0
            self._styles[name] = _Style(value(style.find(f"{W}basedOn")), number, depth, level)

    def _take_lists(self, numbering: etree._Element) -> None:
        for pattern in numbering.iterchildren(f"{W}abstractNum"):
            levels = {_int(one.get(f"{W}ilvl"), 0): _level(one) for one in pattern.iterchildren(f"{W}lvl")}
            self._levels[pattern.get(f"{W}abstractNumId", "")] = levels
        for one in numbering.iterchildren(f"{W}num"):
            number, which = one.get(f"{W}numId", ""), value(one.find(f"{W}abstractNumId"))
            changed = {}
            for override in one.iterchildren(f"{W}lvlOverride"):
                depth = _int(override.get(f"{W}ilvl"), 0)
                start, level = override.find(f"{W}startOverride"), override.find(f"{W}lvl")
                if start is not None:
                    self._restarts.setdefault(number, {})[depth] = _int(value(start), 1)
                if level is not None:
                    changed[depth] = _level(level)
            if changed:
                self._levels[f"{which}/{number}"] = {**self._levels.get(which, {}), **changed}
                which = f"{which}/{number}"
            self._list_of[number] = which


def _numbered_as(properties: etree._Element | None) -> tuple[str | None, int | None]:
    if properties is None:
        return None, None
    number, depth = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
    return (value(number) if number is not None else None, _int(value(depth), 0) if depth is not None else None)


def _outline(properties: etree._Element | None) -> int | None:
    found = properties.find(f"{W}outlineLvl") if properties is not None else None
    if found is None:
        return None
    depth = _int(value(found), 9)
    return depth + 1 if depth < 9 else 0


def _level(element: etree._Element) -> _Level:
    gap = value(element.find(f"{W}suff"))
    return _Level(
        start=_int(value(element.find(f"{W}start")), 0),
        form=value(element.find(f"{W}numFmt")) or "decimal",
        text=value(element.find(f"{W}lvlText")),
        is_plain=flag(element.find(f"{W}isLgl")),
        gap="" if gap == "nothing" else " ",
    )


def _label(levels: dict[int, _Level], counts: dict[int, int], depth: int) -> str:
    own = levels[depth]
    if own.form in ("bullet", "none"):
        return ""

    def shown(match: re.Match[str]) -> str:
        place = int(match.group(1)) - 1
        level = levels.get(place)
        if level is None:
            return ""
        return written(counts.get(place, level.start), "decimal" if own.is_plain else level.form)

    text = re.sub(r"%([1-9])", shown, own.text)
    return text + own.gap if text.strip() and text[-1].isascii() else text


def written(number: int, form: str) -> str:
    """This function will write a number in one of Word's forms; forms not known here are plain digits."""
    if form in ("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand",
                "taiwaneseCounting", "koreanCounting"):  # fmt: skip
        return _chinese(number)
    if form in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if form == "ideographTraditional" and 1 <= number <= 10:
        return _STEMS[number - 1]
    if form == "ideographZodiac" and 1 <= number <= 12:
        return _BRANCHES[number - 1]
    if form in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if form == "decimalZero":
        return f"{number:02d}"
    if form in ("decimalFullWidth", "decimalFullWidth2"):
        return str(number).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    if form in ("upperLetter", "lowerLetter") and number >= 1:
        letter = chr(ord("a") + (number - 1) % 26) * min(9, (number - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("upperRoman", "lowerRoman") and 1 <= number < 4000:
        roman = _roman(number)
        return roman.upper() if form == "upperRoman" else roman
    return str(number)


def _roman(number: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        text += letters * (number // size)
        number %= size
    return text


def _chinese(number: int) -> str:
    if not 0 < number < 10_000:
        return "〇" if number == 0 else str(number)
    text = ""
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number_left = number // size, number % size
        if digit:
            text += _DIGITS[digit] + name
        elif text and number_left and not text.endswith("零"):
            text += "零"
        number = number_left
    return text[1:] if text.startswith("一十") else text


def _int(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else otherwise
