"""Lines → whole paragraphs: what a line break tore apart is put together before numbers and duties are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from duban.reading import words
from duban.reading.characters import folded, joined
from duban.reading.names import looks_like_person, surely_unit
from duban.reading.shape import Paragraph

_OPEN_END = ("、", "，", ",", "；", ";")
_CLOSED_END = ("。", "！", "？", "：", ":", "…", "；", ";")
_MOST_LINES = 400
"""No paragraph is put together from more lines than this."""


def whole_paragraphs(paragraphs: Sequence[Paragraph], begins: Callable[[str], bool]) -> list[Paragraph]:
    """This function will join lines that belong to one paragraph.

    begins: tells whether a text begins something of its own (a number, an attachment).
    Joined are lines as wide as the text is wrapped, open brackets, and lists behind a label.
    """
    width = wrap_width(paragraphs)
    result: list[Paragraph] = []
    listing = False
    last = ""
    for paragraph in paragraphs:
        text = paragraph.text
        above = result[-1] if result else None
        numbered = begins(text)
        if above is not None and not numbered and len(above.lines) < _MOST_LINES and _goes_on(above, text):
            result[-1] = _together(above, paragraph, "")
            last = text
            continue
        own = numbered or _label_start(text) is not None
        if above is not None and not own and len(above.lines) < _MOST_LINES:
            label = _label_start(above.text)
            if width and abs(columns(last) - width) <= 4 and not last.endswith(_CLOSED_END):
                result[-1] = _together(above, paragraph, "")
                last = text
                continue
            if label is not None and (above.text.endswith(("：", ":")) or listing) and _names_only(text):
                result[-1] = _together(above, paragraph, "、" if listing else "")
                listing, last = True, text
                continue
            if label is not None and above.text.endswith(_OPEN_END) and len(text) <= 80:
                result[-1] = _together(above, paragraph, "")
                last = text
                continue
        result.append(paragraph)
        listing, last = False, text
    return result


def wrap_width(paragraphs: Sequence[Paragraph]) -> int | None:
    """This function will find the width in columns a text was wrapped at, None when lines are paragraphs."""
    widths = [size for paragraph in paragraphs if (size := columns(paragraph.text)) >= 24]
    if len(widths) < 6:
        return None
    counts = Counter(widths)
    near = {size: sum(counts[size + step] for step in range(-3, 2)) for size in counts}
    width = max(near, key=lambda size: (near[size], size))
    longer = sum(count for size, count in counts.items() if size > width + 4)
    if 30 <= width <= 140 and near[width] * 10 >= 4 * len(widths) and longer * 20 <= len(widths):
        return width
    return None


def columns(text: str) -> int:
    """This function will count the columns a text takes: two for a Chinese character, one for a Latin one."""
    return sum(2 if char > "\u2e7f" or char in "“”‘’…—" else 1 for char in text)


def _goes_on(above: Paragraph, text: str) -> bool:
    return _open_bracket(above.text) and len(above.lines) < 6 and _closes(above.text, text)


def _together(first: Paragraph, second: Paragraph, between: str) -> Paragraph:
    text = f"{first.text}{between}{second.text}" if between else joined(first.text, second.text)
    return Paragraph(text, first.position, (*first.lines, *second.lines), first.level)


def _label_start(text: str) -> str | None:
    labels = words.labels_in(folded(text))
    if labels and not folded(text)[: labels[0][0]].strip(" ([·*●■-"):
        return labels[0][2]
    return None


def _open_bracket(text: str) -> bool:
    plain = folded(text)
    return plain.count("(") + plain.count("[") > plain.count(")") + plain.count("]")


def _closes(above: str, text: str) -> bool:
    """Whether the next line goes on inside the open bracket and does not open more than it closes."""
    plain = folded(text)
    return plain.count(")") + plain.count("]") > 0 or (len(plain) <= 60 and not folded(above).endswith("。"))


def _names_only(text: str) -> bool:
    pieces = [piece for piece in re.split(r"[、,;\s]+", folded(text).rstrip("。")) if piece]
    return bool(pieces) and all(surely_unit(piece) or looks_like_person(piece) for piece in pieces)
