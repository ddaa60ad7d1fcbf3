"""The head of the first page (版头): mark, number, signers, red rules. Source: docs/sources.md#documents"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from duban.documents import standard
from duban.documents.fonts import FontBook
from duban.documents.paper import Align, Face, Form, Head
from duban.documents.pdf.blocks import BODY
from duban.documents.pdf.flow import Flow
from duban.documents.pdf.lines import Line, Type, break_lines, draw_line, set_words
from duban.documents.pdf.marks import CELL, LINE, MM, RED, Mark, Rule

_BELOW = standard.RULE_BELOW_MM * MM
_DOUBLE_WIDTH, _DOUBLE_FOOT = standard.LETTER_RULE_MM * MM, standard.LETTER_RULE_FOOT_MM * MM
_SEVEN_EIGHTHS = BODY.size * 7 / 8  # of the height of a character of 三号
_RED_RULE = 1.5  # pt
_THICK, _THIN, _BETWEEN = 2.4, 0.8, 1.6  # pt, of a double rule
_SMALLEST = 24.0


def head_file(flow: Flow, book: FontBook, head: Head, form: Form) -> None:
    """Draw the head of a 文件, of minutes or of a bulletin, and have the text begin two lines below its red rule."""
    corner = _corner(book, head, flow.page.width)
    flow.draw((one for number, line in enumerate(corner) for one in _at(line, 0.0, number * LINE)), 0.0)
    top = standard.MARK_TOP_MM[form] * MM
    if form is Form.BULLETIN:
        top = max(top, len(corner) * LINE + 2 * MM)
    y = _mark(flow, book, head.mark, form, top)
    if form is Form.BULLETIN:
        y += LINE / 2
    else:
        y += 2 * LINE
    y = _numbers(flow, book, head, y)
    y = _left_and_right(flow, book, head, y)
    y += _BELOW + _RED_RULE / 2
    flow.draw([Rule(0.0, y, flow.page.width, y, _RED_RULE, RED)], 0.0)
    flow.begin_at(y + _RED_RULE / 2 + 2 * LINE)


def head_letter(flow: Flow, book: FontBook, head: Head) -> None:
    """Draw the head of a letter: mark, double rules at head and foot, number flush right below the first.

    The first page takes text to seven eighths of a character above the second rule.
    """
    page = flow.page
    y = _mark(flow, book, head.mark, Form.LETTER, standard.LETTER_MARK_TOP_MM * MM - page.top) + _BELOW
    left = (page.size[0] - _DOUBLE_WIDTH) / 2 - page.left
    flow.draw(_double(left, y, is_thick_first=True), 0.0)
    foot = page.size[1] - _DOUBLE_FOOT - page.top
    flow.draw(_double(left, foot - _THICK - _BETWEEN - _THIN, is_thick_first=False), 0.0)
    y += _THICK + _BETWEEN + _THIN + _SEVEN_EIGHTHS
    corner = _corner(book, head, flow.page.width)
    for number, line in enumerate(corner):
        flow.draw(_at(line, 0.0, y + number * LINE), 0.0)
    numbers = [one for one in (head.number, head.issue) if one]
    for number, words in enumerate(numbers):
        for line in _lines(book, [(words, Face.FANG)], flow.page.width):
            flow.draw(_at(line, 0.0, y + number * LINE, align=Align.END, width=flow.page.width), 0.0)
    flow.begin_at(y + max(len(corner), len(numbers), 1) * LINE + 2 * LINE)  # a draft's number has its line too
    page.depth = foot - _THICK - _BETWEEN - _THIN - _SEVEN_EIGHTHS + (LINE - BODY.size)


def _double(left: float, y: float, *, is_thick_first: bool) -> Iterator[Mark]:
    for thick in (_THICK, _THIN) if is_thick_first else (_THIN, _THICK):
        yield Rule(left, y + thick / 2, left + _DOUBLE_WIDTH, y + thick / 2, thick, RED)
        y += thick + _BETWEEN


def _mark(flow: Flow, book: FontBook, words: str, form: Form, top: float) -> float:
    """Draw the mark, the upper edge of its ink at top; return where its lower edge is.

    One line of at most the 版心's width: characters first become narrower, then smaller.
    """
    count = len(words)
    smaller = max(_SMALLEST, flow.page.width / max(count, 1) / standard.NARROWEST_MARK)
    size = min(standard.LARGEST_MARK_PT[form], smaller)
    is_spread = form is Form.BULLETIN and count <= standard.SHORT_MASTHEAD
    spread = size * standard.MASTHEAD_SPREAD if is_spread else 0.0
    type_ = Type(size, size + spread, size)
    (line, *_rest) = break_lines(set_words(book, [(words, Face.MARK)], type_), float("inf"), size)
    wide = line.width - spread
    stretch = min(1.0, flow.page.width / wide) if wide else 1.0
    above, below = _ink(line)
    baseline = top + above * size
    x = (flow.page.width - wide * stretch) / 2
    for one in draw_line(line, 0.0, baseline, size, colour=RED):
        flow.draw([replace(one, x=x + one.x * stretch, stretch=stretch)], 0.0)
    return baseline - below * size


def _ink(line: Line) -> tuple[float, float]:
    found = [glyph.font.ink(glyph.character) for glyph in line.glyphs]
    return max((one[0] for one in found), default=0.0), min((one[1] for one in found), default=0.0)


def _corner(book: FontBook, head: Head, width: float) -> list[Line]:
    """Return 份号、密级、紧急程度, each a line in 三号黑体."""
    found = []
    for words in (head.copy_number, head.secrecy, head.urgency):
        if words:
            found += _lines(book, [(words, Face.HEI)], width)
    return found


def _numbers(flow: Flow, book: FontBook, head: Head, y: float) -> float:
    """Draw 发文字号 with 签发人, or the issue of a bulletin; return where the last line ends."""
    if head.signers:
        return _number_and_signers(flow, book, head, y)
    issue = standard.issue_of(head)
    for words in (issue, head.number):
        for line in _lines(book, [(words, Face.FANG)], flow.page.width) if words else []:
            flow.draw(_at(line, 0.0, y, align=Align.CENTRE, width=flow.page.width), 0.0)
            y += LINE
    if not issue and not head.number and not head.left and not head.right:
        y += LINE  # the number's line waits for it
    return y - (LINE - BODY.size)


def _number_and_signers(flow: Flow, book: FontBook, head: Head, y: float) -> float:
    """Draw the number one character in at the left, on the line of the last signer, two signers a line at the right."""
    words = "签发人："
    rows = [_lines(book, [(row, Face.KAI)], flow.page.width)[0] for row in standard.signers_by_line(head)]
    label = _lines(book, [(words, Face.FANG)], flow.page.width)[0]
    x = flow.page.width - CELL - max(row.width for row in rows)
    flow.draw(_at(label, x - label.width, y), 0.0)
    for row in rows:
        flow.draw(_at(row, x, y), 0.0)
        y += LINE
    for line in _lines(book, [(head.number, Face.FANG)], flow.page.width) if head.number else []:
        flow.draw(_at(line, CELL, y - LINE), 0.0)
    return y - (LINE - BODY.size)


def _left_and_right(flow: Flow, book: FontBook, head: Head, y: float) -> float:
    """Draw the office at the left and the date at the right of one line; return where it ends."""
    if not head.left and not head.right:
        return y
    y += LINE - BODY.size if head.number or head.issue or head.issue_total else 0.0
    right = _lines(book, [(head.right, Face.FANG)], flow.page.width) if head.right else []
    taken = max((line.width for line in right), default=0.0)
    left = _lines(book, [(head.left, Face.FANG)], flow.page.width - taken - CELL) if head.left else []
    count = max(len(left), len(right))
    for number, line in enumerate(left):
        flow.draw(_at(line, 0.0, y + (count - len(left) + number) * LINE), 0.0)
    for number, line in enumerate(right):
        flow.draw(_at(line, 0.0, y + (count - len(right) + number) * LINE, align=Align.END, width=flow.page.width), 0.0)
    return y + count * LINE - (LINE - BODY.size)


def _lines(book: FontBook, runs: Sequence[tuple[str, Face]], width: float) -> list[Line]:
    return break_lines(set_words(book, runs, BODY), width, CELL, is_justified=False)


def _at(line: Line, x: float, y: float, *, align: Align = Align.START, width: float = 0.0) -> Iterator[Mark]:
    return draw_line(line, x, y + BODY.baseline, BODY.size, width=width, align=align)
