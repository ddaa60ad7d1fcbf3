"""Charts of documents as own SVG, legible in black and white: patterns and words, colour only besides.

Frozen data in, `Figure`s out; what is too long for a page becomes several. Source: docs/sources.md#kinds
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from xml.sax.saxutils import escape

from duban.documents.paper import Figure
from duban.documents.titles import width_of
from duban.documents.wording import percent

WIDTH_MM = 156.0
"""Of a chart: the 版心 of a portrait page."""

_FONTS = "FandolHei, 'LXGW WenKai', SimHei, sans-serif"
_PT_PER_MM = 72 / 25.4
_WIDTH = WIDTH_MM * _PT_PER_MM
_SIZE = 9.0
_SMALLEST = 6.5
_TALLY = 8.0
_ROW = 15.0
_BAR = 10.0
_HEAD = 22.0
_FOOT = 4.0
_LABEL = 104.0
_VALUE = 84.0
_MOST_ROWS = 36
_NOT_XML = re.compile("[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PATTERNS = (
    '<defs><pattern id="green" width="5" height="5" patternUnits="userSpaceOnUse"><rect width="5" height="5" '
    'fill="#e4f2e4"/><circle cx="2.5" cy="2.5" r="0.7" fill="#2f6b2f"/></pattern>'
    '<pattern id="yellow" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" '
    'fill="#fff3bf"/><path d="M-1 1 L1 -1 M0 4 L4 0 M3 5 L5 3" stroke="#7a5c00" stroke-width="0.9"/></pattern>'
    '<pattern id="grey" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" fill="#ffffff"/>'
    '<path d="M0 2 L4 2" stroke="#9a9a9a" stroke-width="0.4"/></pattern></defs>'
)
_FILLS = {"green": "url(#green)", "yellow": "url(#yellow)", "red": "#8c1c13", "grey": "url(#grey)"}
_LIGHTS = (("green", "绿灯"), ("yellow", "黄灯"), ("red", "红灯"), ("grey", "不亮灯"))


@dataclass(frozen=True, slots=True)
class Counts:
    """How many matters show which light; grey: those that show none (未开始、已销号、已暂停)."""

    green: int = 0
    yellow: int = 0
    red: int = 0
    grey: int = 0

    def __post_init__(self) -> None:
        if min(self.green, self.yellow, self.red, self.grey) < 0:
            raise ValueError("a count of matters is not below nought")

    @property
    def total(self) -> int:
        """All of them."""
        return self.green + self.yellow + self.red + self.grey

    def words(self) -> str:
        """Return the counts in words, those of nought left out: 绿灯3项、红灯1项."""
        told = [f"{label}{getattr(self, name)}项" for name, label in _LIGHTS if getattr(self, name)]
        return "、".join(told) or "无事项"


@dataclass(frozen=True, slots=True)
class UnitLights:
    """A unit and the lights of its matters."""

    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something has come, in per cent: reported (None for nothing) against what is due by now (序时)."""

    name: str
    done_pct: Decimal | None
    expected_pct: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """A turn since the last issue and how many matters took it: 绿灯转黄灯, 4."""

    words: str
    count: int


def lights_by_unit(
    units: Sequence[UnitLights], *, caption: str = "", most_rows: int = _MOST_ROWS
) -> tuple[Figure, ...]:
    """Return stacked bars, one a unit, as long as it has matters; nothing for no unit.

    most_rows: of one figure, which is never parted by the end of a page.
    """
    most = max((one.counts.total for one in units), default=0)
    tally = _tally_width(units)
    return tuple(
        _figure(
            [*_legend(), *_light_rows(rows, most=most, tally=tally)],
            height=_HEAD + len(rows) * _ROW + _FOOT,
            caption=caption if place == 0 else f"{caption}（续）" if caption else "",
            words="；".join(f"{one.name}：{one.counts.words()}" for one in rows),
        )
        for place, rows in enumerate(_pages(units, most_rows=most_rows))
    )


def progress_against_schedule(bars: Sequence[Progress], *, caption: str = "") -> tuple[Figure, ...]:
    """Return a bar for each, to its per cent, with a mark where it ought to stand; nothing for none."""
    return tuple(
        _figure(
            [*_progress_legend(), *_progress_rows(rows)],
            height=_HEAD + len(rows) * _ROW + _FOOT,
            caption=caption if place == 0 else f"{caption}（续）" if caption else "",
            words="；".join(f"{one.name}：{_done(one)}，序时进度{percent(one.expected_pct)}" for one in rows),
        )
        for place, rows in enumerate(_pages(bars))
    )


def changes_since(
    before: UnitLights, after: UnitLights, changes: Sequence[Change] = (), *, caption: str = ""
) -> tuple[Figure, ...]:
    """Return the whole ledger's lights in the last issue and in this one, and below them how many turned which way."""
    rows = (before, after)
    most = max(before.counts.total, after.counts.total)
    parts = [*_legend(), *_light_rows(rows, most=most, tally=_tally_width(rows))]
    top = _HEAD + 2 * _ROW
    words = "；".join(f"{one.name}：{one.counts.words()}" for one in rows)
    lines = list(_lines([f"{one.words}{one.count}项" for one in changes if one.count]))
    for number, line in enumerate(lines):
        parts.append(_text(line, x=_LABEL + 6, y=top + number * _ROW + _ROW / 2 + 2))
    if lines:
        words = f"{words}；{'；'.join(lines)}"
    return (_figure(parts, height=top + len(lines) * _ROW + _FOOT + 2, caption=caption, words=words),)


# ---- parts

_Each = TypeVar("_Each")


def _pages(rows: Sequence[_Each], *, most_rows: int = _MOST_ROWS) -> Iterator[Sequence[_Each]]:
    """Yield the rows in parts that fit a page, about equally long."""
    count = -(-len(rows) // most_rows)
    for page in range(count):
        yield rows[len(rows) * page // count : len(rows) * (page + 1) // count]


def _light_rows(rows: Sequence[UnitLights], *, most: int, tally: float) -> Iterator[str]:
    """Yield the rows; most: matters of the longest bar of all; tally: the width kept for the words behind it."""
    wide = _WIDTH - _LABEL - 6 - tally
    for number, one in enumerate(rows):
        top = _HEAD + number * _ROW
        yield _label(one.name, top)
        left = _LABEL + 6
        for name, _ in _LIGHTS:
            count = getattr(one.counts, name)
            length = wide * count / most if most else 0
            if count:
                yield _bar(name, left, top, length, count)
                if length >= 5 + 5 * len(str(count)):
                    yield _count(name, count, left + length / 2, top)
            left += length
        yield _text(_tally(one.counts), x=left + 5, y=top + _ROW / 2, size=_TALLY)


def _tally_width(units: Sequence[UnitLights]) -> float:
    return max((width_of(_tally(one.counts)) for one in units), default=0) * _TALLY + 10


def _tally(counts: Counts) -> str:
    """Return the counts behind a bar, short: 共5：绿3 黄1 红1; so none depends on telling the patterns apart."""
    if not counts.total:
        return "无事项"
    lit = " ".join(f"{label[0]}{getattr(counts, name)}" for name, label in _LIGHTS[:3] if getattr(counts, name))
    return f"共{counts.total}：{lit}" if lit else f"共{counts.total}"


def _progress_rows(rows: Sequence[Progress]) -> Iterator[str]:
    wide = _WIDTH - _LABEL - 6 - _VALUE
    left = _LABEL + 6
    for number, one in enumerate(rows):
        top = _HEAD + number * _ROW
        yield _label(one.name, top)
        edge = (_ROW - _BAR) / 2
        yield (
            f'<rect x="{_n(left)}" y="{_n(top + edge)}" width="{_n(wide)}" height="{_n(_BAR)}" fill="none" '
            'stroke="#9a9a9a" stroke-width="0.4"/>'
        )
        done = min(max(float(one.done_pct or 0), 0.0), 100.0)
        is_behind = one.done_pct is None or one.done_pct < one.expected_pct
        if done:
            yield _bar("yellow" if is_behind else "green", left, top, wide * done / 100, one.done_pct)
        mark = left + wide * min(max(float(one.expected_pct), 0.0), 100.0) / 100
        yield (
            f'<path class="expected" d="M{_n(mark)} {_n(top + 0.5)} L{_n(mark)} {_n(top + _ROW - 0.5)}" '
            'stroke="#000000" stroke-width="1.6"/>'
        )
        yield _text(f"{_done(one)}（{'落后' if is_behind else '达到'}）", x=left + wide + 5, y=top + _ROW / 2, size=8)


def _done(one: Progress) -> str:
    return "未报" if one.done_pct is None else percent(one.done_pct)


def _legend() -> Iterator[str]:
    x = _LABEL + 6
    for name, label in _LIGHTS:
        yield _swatch(name, x)
        yield _text(label, x=x + 20, y=8)
        x += 20 + 9 * len(label) + 14


def _progress_legend() -> Iterator[str]:
    x = _LABEL + 6
    for name, label in (("green", "达到序时进度"), ("yellow", "落后序时进度")):
        yield _swatch(name, x)
        yield _text(label, x=x + 20, y=8)
        x += 20 + 9 * len(label) + 14
    yield f'<path d="M{_n(x + 4)} 2 L{_n(x + 4)} 14" stroke="#000000" stroke-width="1.6"/>'
    yield _text("当前序时进度", x=x + 10, y=8)


def _swatch(name: str, x: float) -> str:
    return (
        f'<rect x="{_n(x)}" y="3.5" width="16" height="9" fill="{_FILLS[name]}" stroke="#333333" stroke-width="0.5"/>'
    )


def _bar(name: str, x: float, top: float, length: float, value: object) -> str:
    return (
        f'<rect class="{name}" data-value="{value}" x="{_n(x)}" y="{_n(top + (_ROW - _BAR) / 2)}" '
        f'width="{_n(length)}" height="{_n(_BAR)}" fill="{_FILLS[name]}" stroke="#333333" stroke-width="0.5"/>'
    )


def _count(name: str, count: int, x: float, top: float) -> str:
    """Return a count within its bar, on a white ground where the bar has a pattern."""
    wide = 4.5 * len(str(count)) + 2
    ground = (
        ""
        if name == "red"
        else f'<rect x="{_n(x - wide / 2)}" y="{_n(top + _ROW / 2 - 4)}" width="{_n(wide)}" height="8" fill="#ffffff"/>'
    )
    colour = "#ffffff" if name == "red" else "#000000"
    return ground + _text(str(count), x=x, y=top + _ROW / 2, size=8, anchor="middle", colour=colour)


def _label(name: str, top: float) -> str:
    """Return a name in front of its bar, a long one smaller, a very long one on two lines."""
    size = min(_SIZE, _LABEL / max(width_of(name), 1))
    if size >= _SMALLEST + 1:
        return _text(name, x=_LABEL, y=top + _ROW / 2, size=size, anchor="end")
    first = _cut(name)
    second = _cut(name[len(first) :])
    if len(first) + len(second) < len(name):
        second = f"{second[:-1]}…"
    return "".join(
        _text(words, x=_LABEL, y=top + _ROW / 2 + place * 3.6, size=_SMALLEST, anchor="end")
        for words, place in ((first, -1), (second, 1))
    )


def _cut(name: str) -> str:
    """Return the beginning of a name that stands in front of a bar on one line."""
    end = len(name)
    while width_of(name[:end]) * _SMALLEST > _LABEL:
        end -= 1
    return name[:end]


def _lines(words: Iterable[str]) -> Iterator[str]:
    most = (_WIDTH - _LABEL - 6) / _SIZE
    line = ""
    for one in words:
        if line and width_of(f"{line}，{one}") > most:
            yield line
            line = one
        else:
            line = f"{line}，{one}" if line else one
    if line:
        yield line


def _text(
    words: str, *, x: float, y: float, size: float = _SIZE, anchor: str = "start", colour: str = "#000000"
) -> str:
    clean = escape(_NOT_XML.sub("", words), {'"': "&quot;"})
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{_n(x)}" y="{_n(y + size * 0.36)}" font-size="{_n(size)}" fill="{colour}"{placed}>{clean}</text>'


def _figure(parts: Sequence[str], *, height: float, caption: str, words: str) -> Figure:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(_WIDTH)}pt" height="{_n(height)}pt" '
        f'viewBox="0 0 {_n(_WIDTH)} {_n(height)}" font-family="{_FONTS}">{_PATTERNS}{"".join(parts)}</svg>'
    )
    return Figure(
        svg.encode(), width_mm=WIDTH_MM, height_mm=round(height / _PT_PER_MM, 2), caption=caption, words=words
    )


def _n(value: float) -> str:
    """Return a length with at most two decimals; the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
