"""The head of a page (版头), in each of the five forms, and the title below it."""

from dataclasses import dataclass, replace
from math import floor

from duban.documents import standard
from duban.documents.docx_file.markup import NOTHING, Xml, joined, w
from duban.documents.docx_file.measures import LINE, RED, UPRIGHT, Page, twips
from duban.documents.docx_file.styles import MARK, NUMBER, ORDER, RULE, SUBTITLE, TITLE
from duban.documents.docx_file.words import Ind, Line, characters, line, tab, width_of, words
from duban.documents.paper import Align, Face, Form, Head, Paper
from duban.documents.titles import break_title

_TEXT_PT = UPRIGHT.text_width * 72 / 25.4
_LONGEST_MARK = 22
_MARK_LINE = 1.15
"""A line of a mark against the size of its characters."""
_AIR = 0.13
"""Above a mark's strokes within its line, against the size: between what Word and LibreOffice leave."""
_AIR_BELOW = 0.08
THICK, THIN = 20, 6
"""Of the red double rules, in eighths of a point."""
_SINGLE = 12


@dataclass(frozen=True, slots=True)
class Mark:
    """How a mark is set: its lines, their size, how narrow the characters are drawn (percent), the air between them."""

    lines: tuple[str, ...]
    size_pt: float
    narrow_pct: int
    spread_pt: float = 0.0


def mark_of(text: str, form: Form) -> Mark:
    """Return a mark on one line, as large as the width allows; a very long one on two."""
    wide = width_of(text)
    lines = (text,) if wide <= _LONGEST_MARK else break_title(text, (), max(wide / 2 + 2, 12))
    natural = _TEXT_PT / max(1, *map(width_of, lines))
    size = floor(min(standard.LARGEST_MARK_PT[form], natural / standard.NARROWEST_MARK) * 2) / 2
    is_spread = form == Form.BULLETIN and wide <= standard.SHORT_MASTHEAD
    spread = round(size * standard.MASTHEAD_SPREAD) if is_spread else 0
    return Mark(lines, size, min(100, floor(100 * natural / size)), spread)


def mark_line(text: str, form: Form, *, before: int) -> Line:
    """Return the mark in red; no air behind the last character of a masthead, so that it stands centred."""
    mark = mark_of(text, form)
    spread = w("spacing", val=round(mark.spread_pt * 20)) if mark.spread_pt else NOTHING
    narrow = w("w", val=mark.narrow_pct) if mark.narrow_pct < 100 else NOTHING
    words_of = "\n".join(mark.lines)
    inside = words(words_of, MARK, size_pt=mark.size_pt, more=joined(spread, narrow))
    if mark.spread_pt:
        last = words(words_of[-1:], MARK, size_pt=mark.size_pt, more=narrow)
        inside = joined(words(words_of[:-1], MARK, size_pt=mark.size_pt, more=joined(spread, narrow)), last)
    return Line(MARK, inside, before=before, line=round(mark.size_pt * 20 * _MARK_LINE))


def air_of(mark: str, form: Form) -> tuple[int, int]:
    """Return how far a mark's strokes stand from the edges of its line, above and below, in twips."""
    size = mark_of(mark, form).size_pt * 20
    return round(size * _AIR), round(size * _AIR_BELOW)


def head_of(paper: Paper) -> list[Line]:
    """Return the paragraphs of the head that stand in the text; a letter's mark stands above it."""
    head = paper.head
    if head is None or paper.form == Form.PLAIN:
        return []
    if paper.form == Form.LETTER:
        return _letter(head)
    orders = [line(ORDER, one) for one in _orders(head)]
    before = twips(standard.MARK_TOP_MM[paper.form]) - len(orders) * LINE - air_of(head.mark, paper.form)[0]
    return [*orders, mark_line(head.mark, paper.form, before=max(before, 0)), *_below(head, paper.form)]


def _orders(head: Head) -> list[str]:
    return [one for one in (head.copy_number, head.secrecy, head.urgency) if one]


def _below(head: Head, form: Form) -> list[Line]:
    if form == Form.FILE:
        return _numbered(head)
    lines = [line(NUMBER, one) for one in (standard.issue_of(head), head.number) if one]
    if lines:
        lines[0] = replace(lines[0], before=LINE if form == Form.MINUTES else LINE // 2)
    return [*lines, _two_sides(head.left, head.right)]


def _numbered(head: Head) -> list[Line]:
    """Return the number over the red rule; of a report upwards on the left, who signed it on the right (签发人)."""
    if not head.signers:
        return [replace(line(NUMBER, head.number), before=2 * LINE, border=_red_rule(_SINGLE, 8))]
    rows = standard.signers_by_line(head)
    names = twips(UPRIGHT.text_width) - characters(1 + max(map(width_of, rows)))
    label = names - characters(4)
    lines = []
    for place, row in enumerate(rows):
        is_first, is_last = place == 0, place + 1 == len(rows)
        inside = joined(
            words(f"\t{head.number if is_last else ''}\t{'签发人：' if is_first else ''}", NUMBER),
            words(row, NUMBER, face=Face.KAI),
        )
        lines.append(
            Line(
                NUMBER,
                inside,
                align=Align.START,
                tabs=joined(tab(characters(1)), tab(label if is_first else names)),
                before=2 * LINE if is_first else None,
                border=_red_rule(_SINGLE, 8) if is_last else NOTHING,
            )
        )
    return lines


def _two_sides(left: str, right: str) -> Line:
    """Return who edits it and when, at both ends of the red rule below them."""
    return Line(
        NUMBER,
        words(f"{left}\t{right}", NUMBER),
        align=Align.START,
        tabs=tab(twips(UPRIGHT.text_width), "right"),
        before=LINE // 2,
        border=_red_rule(_SINGLE, 8),
    )


def _letter(head: Head) -> list[Line]:
    """Return the lines right below the red rules: number on the right, what it is kept and sent by on the left."""
    lines = []
    for place, order in enumerate(_orders(head) or [""]):
        number = f"\t{head.number}" if place == 0 else ""
        inside = joined(words(order, NUMBER, face=ORDER.face), words(number, NUMBER))
        lines.append(Line(NUMBER, inside, align=Align.START, tabs=tab(twips(UPRIGHT.text_width), "right")))
    return lines


# ---- red rules


def _red_rule(eighths: int, space: int) -> Xml:
    return w("bottom", val="single", sz=eighths, space=space, color=RED)


def double_rule(first: int, second: int, *, above: int = 0) -> list[Line]:
    """Return two red rules in the middle of the page: paragraphs with a rule below.

    first and second: how thick, in eighths of a point. above: space before them in twips.
    """
    beside = (UPRIGHT.width - standard.LETTER_RULE_MM) / 2
    wide = Ind(left=-twips(UPRIGHT.left - beside), right=-twips(UPRIGHT.right - beside))
    return [
        Line(RULE, ind=wide, before=above, line=20, border=_red_rule(first, 0)),
        Line(RULE, ind=wide, line=40, border=_red_rule(second, 0)),
    ]


# ---- the title


def title_of(paper: Paper, page: Page) -> list[Line]:
    """Return the title, broken by its words, and what stands below it."""
    if not paper.title:
        return []
    above = 2 * LINE if paper.head is not None and paper.form != Form.PLAIN else None
    lines = [title_line(paper.title, paper.never_split, page, above)]
    if paper.subtitle:
        lines.append(line(SUBTITLE, paper.subtitle))
    return lines


def title_line(text: str, never_split: tuple[str, ...], page: Page, before: int | None = None) -> Line:
    """Return a title: one paragraph, its lines parted as they are read, a character narrower than the page."""
    widest = page.text_width * 72 / 25.4 / TITLE.size_pt - 1
    return Line(TITLE, words("\n".join(break_title(text, never_split, widest)), TITLE), before=before)
