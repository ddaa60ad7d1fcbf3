"""What closes a document: 附件说明, 署名 and date, 附注, 版记, page numbers, watermark, code.

Source: docs/sources.md#documents
"""

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import segno

from duban.documents import standard
from duban.documents.fonts import FontBook
from duban.documents.paper import Align, Colophon, DocumentError, Face, Form, Signature
from duban.documents.pdf.blocks import BODY, blank, strips_of
from duban.documents.pdf.flow import Flow
from duban.documents.pdf.lines import Line, Type, break_lines, clean, draw_line, set_words
from duban.documents.pdf.marks import CELL, LINE, MM, PALE, WIDTH, Mark, Page, Picture, Rule, Strip

_SEAL = 7.8 * CELL  # from the middle of one seal to the next, so that seals of 42 mm do not touch
_SEAL_LINES = 2.0  # white above the name, so that a seal's upper edge is within a line of the text
_FOOT = Type(standard.SMALL_PT, standard.SMALL_PT, 21.0)  # 四号, of the 版记 and the page numbers
_FOOT_PAD = 2.0  # above and below the words between two rules
_OUTER, _INNER = 0.35 * MM, 0.25 * MM
_NUMBER_BELOW = standard.NUMBER_BELOW_MM * MM
_DASH_ABOVE = 0.28  # em, from the baseline of a page number to the middle of its dash
_CODE = standard.CODE_MM * MM


def attachments(book: FontBook, names: Sequence[str], width: float) -> list[Strip]:
    """Return 附件说明, a line below the text, two characters in, further lines below the beginning of the name."""
    if not names:
        return []
    strips = [blank()]
    label = 5 * CELL
    number_width = 0.0 if len(names) == 1 else (1.0 if len(names) < 10 else 1.5) * CELL
    for number, name in enumerate(names, start=1):
        x = label + number_width
        lines = _lines(book, [(name, Face.FANG)], width - x, is_justified=True)
        found = strips_of(lines, BODY, width, x=x)
        if number == 1:
            found[0].marks[:0] = _drawn(book, "附件：", 2 * CELL)
        if number_width:
            found[0].marks[:0] = _drawn(book, f"{number}.", label)
        strips += found
    return strips


def _drawn(book: FontBook, words: str, x: float) -> list[Mark]:
    line = _lines(book, [(words, Face.FANG)], WIDTH)[0]
    return list(draw_line(line, x, BODY.baseline, BODY.size))


def signature(book: FontBook, signed: Signature, width: float) -> list[Strip]:
    """Return 署名 and 成文日期 as strips to be kept together, with room for a seal where there will be one."""
    day = _lines(book, [(day_words(signed.signed_on), Face.FANG)], width)[0]
    if signed.has_seal:
        return _sealed(book, [clean(one) for one in signed.issuers], day, width)
    return _unsealed(book, [clean(one) for one in signed.issuers], day, width)


def day_words(day: date | None) -> str:
    """Return a date as documents have it, without leading zeros; of none, the room to write one in."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "\u3000\u3000年\u3000月\u3000日"


def _sealed(book: FontBook, issuers: Sequence[str], day: Line, width: float) -> list[Strip]:
    """The date four characters in from the right, the last name centred on it, others beside it a seal apart.

    A name too wide for that stands two characters in, the date centred below it.
    """
    names = [_name(book, one, width - 4 * CELL) for one in issuers]
    middle = min([width - 4 * CELL - day.width / 2, *(width - 2 * CELL - _widest(one) / 2 for one in names)])
    strips = []
    for row in _rows(names, middle):
        strips.append(blank(_SEAL_LINES))
        deepest = max(len(lines) for lines, _ in row)
        for number in range(deepest):
            marks: list[Mark] = []
            for lines, centre in row:
                if number >= deepest - len(lines):
                    line = lines[number - deepest + len(lines)]
                    marks += draw_line(line, centre - line.width / 2, BODY.baseline, BODY.size)
            strips.append(Strip(LINE, marks))
    if not issuers:
        strips.append(blank(_SEAL_LINES))
    return strips + strips_of([day], BODY, width, x=middle - day.width / 2)


def _name(book: FontBook, words: str, most: float) -> list[Line]:
    """Return a name as one line, or as few lines of even length as it needs."""
    glyphs = set_words(book, [(words, Face.FANG)], BODY)
    whole = sum(one.width for one in glyphs)
    cells = math.ceil(whole / math.ceil(whole / most) / CELL) if whole else 1
    return break_lines(glyphs, min(cells * CELL, most), CELL, is_justified=False)


def _widest(lines: Iterable[Line]) -> float:
    return max((line.width for line in lines), default=0.0)


def _rows(names: Sequence[list[Line]], middle: float) -> list[list[tuple[list[Line], float]]]:
    """Return rows of at most three names with the middle of each, as many to a row as do not touch."""
    rows: list[list[tuple[list[Line], float]]] = []
    left = list(names)
    while left:
        taken = left[:3]
        while len(taken) > 1 and max(map(_widest, taken)) > _SEAL - CELL:
            taken = taken[:-1]
        centres = (middle - _SEAL * (len(taken) - 1 - place) for place in range(len(taken)))
        rows.append(list(zip(taken, centres, strict=True)))
        left = left[len(taken) :]
    return rows


def _unsealed(book: FontBook, issuers: Sequence[str], day: Line, width: float) -> list[Strip]:
    """Names two characters in from the right, the date's first character two right of the name's first."""
    names = [_lines(book, [(one, Face.FANG)], width - 2 * CELL) for one in issuers]
    widest = max((line.width for lines in names for line in lines), default=0.0)
    x = width - 2 * CELL - widest
    if day.width > widest:
        x = width - 2 * CELL - day.width - 2 * CELL
    x = max(min(x, width - day.width - 2 * CELL), 0.0)
    strips = [blank()]
    for lines in names:
        strips += strips_of(lines, BODY, width, x=x)
    return strips + strips_of([day], BODY, width, x=x + 2 * CELL)


def remark(book: FontBook, words: str, width: float) -> list[Strip]:
    """Return 附注, two characters in, in parentheses, below the date."""
    if not words:
        return []
    words = clean(words).strip()
    if not (words.startswith("（") and words.endswith("）")):
        words = f"（{words}）"
    return strips_of(_lines(book, [(words, Face.FANG)], width, indent=2 * CELL, is_justified=True), BODY, width)


def _lines(
    book: FontBook, runs: Iterable[tuple[str, Face]], width: float, *, indent: float = 0.0, is_justified: bool = False
) -> list[Line]:
    return break_lines(set_words(book, runs, BODY), width, CELL, indent=indent, is_justified=is_justified)


# ---- 版记


def colophon(flow: Flow, book: FontBook, found: Colophon, form: Form, *, is_landscape: bool) -> None:
    """Draw the 版记 at the foot of the last page, its last rule on the lower edge of the 版心; a letter's has no rules.

    Where the last page has no room, or lies while the document stands, it goes on a page of its own.
    """
    flow.settle()
    if flow.page.is_landscape and not is_landscape:
        flow.open_page(is_landscape=False)
    width = flow.page.width
    rows = [row for row in _colophon_rows(book, found, form, width) if row]
    if not rows:
        return
    pad = 0.0 if form is Form.LETTER else _FOOT_PAD
    height = sum(len(row) * _FOOT.line + 2 * pad for row in rows)
    if flow.y + height > flow.page.height and flow.y > 0.0:  # a line ends in white enough to stand off
        flow.open_page()
    y = flow.page.height - height
    if form is not Form.LETTER:
        flow.draw([Rule(0.0, y, width, y, _OUTER)], 0.0)
    for place, row in enumerate(rows):
        y += pad
        for marks in row:
            flow.draw(marks, y)
            y += _FOOT.line
        y += pad
        if form is not Form.LETTER:
            flow.draw([Rule(0.0, y, width, y, _OUTER if place == len(rows) - 1 else _INNER)], 0.0)
    flow.y = flow.page.height


def _colophon_rows(book: FontBook, found: Colophon, form: Form, width: float) -> list[list[list[Mark]]]:
    """Return the rows between the rules: of each its lines, of each line its marks."""
    names = "、".join(one for one in found.copies_to if one)
    copied = [("抄送", names)] if names else []
    rows = [[line for label, words in (*found.sent, *copied) for line in _hanging(book, label, words, width)]]
    if form is Form.LETTER:
        return rows
    if found.printer or found.printed_on:
        day = f"{day_words(found.printed_on)}印发" if found.printed_on else ""
        rows.append(_printer(book, found.printer, day, width))
    if found.copies is not None:
        rows.append([_foot_line(book, f"共印{found.copies}份", width, align=Align.END)])
    return rows


def _hanging(book: FontBook, label: str, words: str, width: float) -> list[list[Mark]]:
    """Lines of 抄送：…。 one character in on both sides, further ones below the first character behind the colon."""
    words = clean(words).strip().rstrip("。.") + "。"
    before = f"{clean(label).rstrip('：:')}："
    first = break_lines(set_words(book, [(before, Face.FANG)], _FOOT), width, _FOOT.cell, is_justified=False)[0]
    x = _FOOT.cell + first.width
    lines = break_lines(set_words(book, [(words, Face.FANG)], _FOOT), width - x - _FOOT.cell, _FOOT.cell)
    drawn: list[list[Mark]] = [list(draw_line(line, x, _foot_baseline(), _FOOT.size)) for line in lines]
    drawn[0][:0] = draw_line(first, _FOOT.cell, _foot_baseline(), _FOOT.size)
    return drawn


def _printer(book: FontBook, office: str, day: str, width: float) -> list[list[Mark]]:
    right = _foot_line(book, day, width, align=Align.END) if day else []
    taken = sum(_FOOT.size if not one.isascii() else _FOOT.size / 2 for one in day) + 3 * _FOOT.cell
    glyphs = set_words(book, [(office, Face.FANG)], _FOOT)
    lines = break_lines(glyphs, width - taken, _FOOT.cell, is_justified=False)
    drawn: list[list[Mark]] = [list(draw_line(line, _FOOT.cell, _foot_baseline(), _FOOT.size)) for line in lines]
    drawn[-1] += right
    return drawn


def _foot_line(book: FontBook, words: str, width: float, *, align: Align) -> list[Mark]:
    glyphs = set_words(book, [(words, Face.FANG)], _FOOT)
    line = break_lines(glyphs, width, _FOOT.cell, is_justified=False)[0]
    return list(draw_line(line, _FOOT.cell, _foot_baseline(), _FOOT.size, width=width - 2 * _FOOT.cell, align=align))


def _foot_baseline() -> float:
    return (_FOOT.line - _FOOT.size) / 2 + _FOOT.baseline


# ---- on every page


def page_number(book: FontBook, page: Page) -> list[Mark]:
    """Return “— 1 —”, its dashes 7 mm below the 版心, at the right of odd pages, at the left of even ones.

    On a landscape page it stands where it would if the sheet were turned upright to be bound.
    """
    glyphs = set_words(book, [(f"— {page.number} —", Face.SONG)], _FOOT)
    line = break_lines(glyphs, WIDTH, _FOOT.cell, is_justified=False)[0]
    is_odd = page.number % 2 == 1
    x = WIDTH - _FOOT.cell - line.width if is_odd else _FOOT.cell
    down = _NUMBER_BELOW + _DASH_ABOVE * _FOOT.size
    if not page.is_landscape:
        return list(draw_line(line, page.left + x, page.top + page.height + down, _FOOT.size))
    marks: list[Mark] = []
    for one in draw_line(line, x, 0.0, _FOOT.size):
        marks.append(replace(one, x=page.left - down, y=page.top + one.x, turn=90.0))
    return marks


def watermark(book: FontBook, page: Page, words: str) -> list[Mark]:
    """Return the words large and pale from the lower left to the upper right, to be drawn before all else."""
    words = clean(words)
    size = min(170.0, 560.0 / max(len(words), 1))
    type_ = Type(size, size * 1.15, size)
    line = break_lines(set_words(book, [(words, Face.HEI)], type_), float("inf"), size, is_justified=False)[0]
    wide, high = page.size
    half = (line.width - size * 0.15) / 2 * 0.7071
    down = 0.38 * size * 0.7071
    return [
        replace(one, x=wide / 2 - half + one.x * 0.7071 + down, y=high / 2 + half - one.x * 0.7071 + down, turn=-45.0)
        for one in draw_line(line, 0.0, 0.0, size, colour=PALE)
    ]


def code_mark(page: Page, text: str) -> Picture:
    """Return the QR code of a text in the upper right corner, which every form leaves free."""
    try:
        code = segno.make_qr(text, error="m")
    except ValueError as problem:
        raise DocumentError(f"二维码放不下这么长的内容（{len(text)}字）。请缩短。") from problem
    stream = io.BytesIO()
    code.save(stream, kind="svg", border=0, xmldecl=False, svgns=True)
    y = (page.top - _CODE) / 2 if not page.is_landscape else (page.top - _CODE) / 3 * 2
    svg = stream.getvalue().decode("utf-8")
    return Picture(page.left + page.width - _CODE, min(y, 10 * MM), _CODE, _CODE, svg, "二维码")
