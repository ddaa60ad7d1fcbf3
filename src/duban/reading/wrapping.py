"""Lines → whole paragraphs: what a line break tore apart is put together before numbers and duties are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

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
    indented = _width_of_indented(paragraphs)
    result: list[Paragraph] = []
    listing = False
    last = ""
    wide = 0
    for paragraph in paragraphs:
        text = paragraph.text
        wide, above_wide = columns(paragraph.printed or text), wide
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
            if indented and not _indent(paragraph) and above_wide >= indented and not last.endswith(_CLOSED_END):
                result[-1] = _together(above, paragraph, "")
                last = text
                continue
            if _ends_with_deadline_label(above.text) and _date_only(text):
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


def _indent(paragraph: Paragraph) -> bool:
    return paragraph.printed[:1].isspace()


def _width_of_indented(paragraphs: Sequence[Paragraph]) -> int:
    """Where only the first line of a paragraph is indented: how wide a full line is at least; 0 elsewhere."""
    indented = sum(_indent(paragraph) for paragraph in paragraphs)
    if indented < 3 or indented * 4 < len(paragraphs) or indented == len(paragraphs):
        return 0
    widest = max(columns(paragraph.printed) for paragraph in paragraphs)
    return max(36, widest * 9 // 10) if widest <= 140 else 0


def columns(text: str) -> int:
    """This function will count the columns a text takes: two for a Chinese character, one for a Latin one."""
    return sum(2 if char > "\u2e7f" or char in "“”‘’…—" else 1 for char in text)


def _goes_on(above: Paragraph, text: str) -> bool:
    return _open_bracket(above.text) and len(above.lines) < 6 and _closes(above.text, text)


def _together(first: Paragraph, second: Paragraph, between: str) -> Paragraph:
    text = f"{first.text}{between}{second.text}" if between else joined(first.text, second.text)
    return replace(first, text=text, lines=(*first.lines, *second.lines))


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


def _ends_with_deadline_label(text: str) -> bool:
    labels = words.labels_in(folded(text)) if text.endswith(("：", ":")) else []
    return bool(labels) and labels[-1][2] == words.DEADLINE and labels[-1][1] == len(text)


def _date_only(text: str) -> bool:
    return len(text) <= 24 and bool(re.search(r"\d|年|月|季度|长期|持续|常态|底前?$", text))


def _names_only(text: str) -> bool:
    pieces = [piece for piece in re.split(r"[、,;\s]+", folded(text).rstrip("。")) if piece]
    return bool(pieces) and all(surely_unit(piece) or looks_like_person(piece) for piece in pieces)
