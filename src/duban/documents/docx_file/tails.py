"""What stands below the text: attachments, signature, note, 版记, and the numbers of the pages."""

from dataclasses import dataclass
from datetime import date
from math import ceil

from duban.documents.docx_file.markup import NOTHING, Xml, joined, w
from duban.documents.docx_file.measures import LINE, NUMBER_PT, UPRIGHT, twips
from duban.documents.docx_file.styles import ATTACHMENT, COLOPHON, ISSUER, NOTE, PAGE_NUMBER, SIGNED_ON, SMALL
from duban.documents.docx_file.words import Ind, Line, characters, line, tab, width_of, words
from duban.documents.paper import Align, Colophon, Form, Paper, Signature

_WIDEST_NAME = 24.0
_SMALL_TURN = round(NUMBER_PT * 20)
_RULES = w(
    "tblBorders",
    w("top", val="single", sz=8, space=0, color="auto"),
    w("bottom", val="single", sz=8, space=0, color="auto"),
    w("insideH", val="single", sz=6, space=0, color="auto"),
)
"""Rules of 版记: 8 and 6 eighths of a point are 0.35 mm and 0.26 mm."""
_AIR = 60
_CELL_EDGES = (("left", _SMALL_TURN), ("bottom", _AIR), ("right", _SMALL_TURN))
_LAST = 14
"""A paragraph must stand behind a table; this is the least Word takes."""


def date_words(day: date | None) -> str:
    """Return a date as papers write it; of none, the room to write one in."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "\u3000\u3000年\u3000月\u3000日"


def attachments_of(names: tuple[str, ...]) -> list[Line]:
    """Return 附件说明: a line below the text, two characters in, names below each other."""
    if len(names) == 1:
        left = characters(5)
        return [Line(ATTACHMENT, words(f"附件：{names[0]}", ATTACHMENT), ind=Ind(left, 0, -characters(3)), before=LINE)]
    lines = []
    for number, name in enumerate(names, start=1):
        left = characters(6.5)
        before, hang = ("附件：", characters(4.5)) if number == 1 else ("", characters(1.5))
        inside = words(f"{before}{number}.\t{name}", ATTACHMENT)
        lines.append(
            Line(
                ATTACHMENT,
                inside,
                ind=Ind(left, 0, -hang),
                tabs=tab(left),
                before=LINE if number == 1 else None,
            )
        )
    return lines


def signature_of(signature: Signature) -> list[Line]:
    """Return who issues it and when. Every name with a seal has three lines above for it.

    With a seal the date stands four characters in and the names above its middle; without, it begins two characters
    behind the beginning of the name. Long names stand two characters in and move the date.
    """
    day = date_words(signature.signed_on)
    wide_day = width_of(day)
    above = 3 * LINE if signature.has_seal else LINE
    names = [min(width_of(name), _WIDEST_NAME) for name in signature.issuers]
    widest = max(names, default=0.0)
    if signature.has_seal:
        middle = max(4.0 + wide_day / 2, 2.0 + widest / 2)
        of_day = middle - wide_day / 2
        of_names = [middle - wide / 2 for wide in names]
    else:
        start = max(2.0 + widest, 4.0 + wide_day)
        of_day = start - 2.0 - wide_day
        of_names = [start - wide for wide in names]
    lines = [
        Line(
            ISSUER,
            words(name, ISSUER),
            ind=Ind(left=characters(2), right=characters(right)),
            before=above if signature.has_seal or place == 0 else None,
        )
        for place, (name, right) in enumerate(zip(signature.issuers, of_names, strict=True))
    ]
    before = None if lines else above
    return [*lines, Line(SIGNED_ON, words(day, SIGNED_ON), ind=Ind(right=characters(of_day)), before=before)]


def note_of(note: str) -> list[Line]:
    """Return 附注, in parentheses, two characters in."""
    if not note:
        return []
    return [line(NOTE, note if note.startswith("（") else f"（{note}）")]


# ---- 版记


@dataclass(frozen=True, slots=True)
class Foot:
    """版记 as a table of one column, and how high it stands at most."""

    table: Xml
    height_mm: float

    @property
    def boxed(self) -> Xml:
        """As the content of a box, which must end with a paragraph."""
        return joined(self.table, Line(SMALL, line=_LAST).xml)

    @property
    def is_too_high(self) -> bool:
        """Whether no page can hold it: it then goes over as many as it needs."""
        return self.height_mm > UPRIGHT.text_height


def colophon_of(paper: Paper) -> Foot | None:
    """Return 版记; a letter has no rules and no 印发 line."""
    told = paper.colophon
    if told is None:
        return None
    is_ruled = paper.form != Form.LETTER
    rows = [*_to_whom(told), *(_printed(told) if is_ruled else [])]
    if not rows:
        return None
    width = twips(UPRIGHT.text_width)
    properties = w(
        "tblPr",
        w("tblW", w=width, type="dxa"),
        w("tblInd", w=0, type="dxa"),
        _RULES if is_ruled else NOTHING,
        w("tblLayout", type="fixed"),
        w("tblCellMar", *(w(edge, w=wide, type="dxa") for edge, wide in _CELL_EDGES)),
    )
    cells = (w("tc", w("tcPr", w("tcW", w=width, type="dxa")), row.xml) for row, _ in rows)
    table = w("tbl", properties, w("tblGrid", w("gridCol", w=width)), *(w("tr", cell) for cell in cells))
    lines = sum(count for _, count in rows)
    height = (lines * COLOPHON.line + len(rows) * (_AIR + 20) + _LAST) * 25.4 / 1440
    return Foot(table, height)


def _to_whom(told: Colophon) -> list[tuple[Line, int]]:
    """Return a row for each kind of recipient, and over how many lines it goes at most."""
    named = [("抄送", "、".join(told.copies_to))] if told.copies_to else []
    named += told.sent
    room = UPRIGHT.text_width * 72 / 25.4 / NUMBER_PT - 2
    rows = []
    for name, whom in named:
        label = width_of(name) + 1
        hang = round(label * NUMBER_PT * 20)
        text = f"{name}：{whom}{'' if whom.endswith('。') else '。'}"
        lines = ceil(width_of(text) / (room - label - 1))
        rows.append((Line(COLOPHON, words(text, COLOPHON), ind=Ind(hang, 0, -hang)), lines))
    return rows


def _printed(told: Colophon) -> list[tuple[Line, int]]:
    edge = tab(twips(UPRIGHT.text_width) - 2 * _SMALL_TURN, "right")
    texts = []
    if told.printer or told.printed_on:
        day = f"{date_words(told.printed_on)}印发" if told.printed_on else ""
        texts.append(f"{told.printer}\t{day}")
    if told.copies is not None:
        texts.append(f"\t共印{told.copies}份")
    return [(Line(COLOPHON, words(text, COLOPHON), tabs=edge), 1) for text in texts]


# ---- page numbers


def page_number(*, is_even: bool) -> Line:
    """Return “— 1 —”: one character in, odd pages right and even pages left."""
    edge = Ind(left=_SMALL_TURN) if is_even else Ind(right=_SMALL_TURN)
    field = w("fldSimple", words("1", PAGE_NUMBER), instr=" PAGE ")
    inside = joined(words("— ", PAGE_NUMBER), field, words(" —", PAGE_NUMBER))
    return Line(PAGE_NUMBER, inside, align=Align.START if is_even else Align.END, ind=edge)


def end_line(inside: Xml = NOTHING) -> Line:
    """Return a paragraph of no height: what must stand behind a table, and what hangs on the last page."""
    return Line(SMALL, inside)
