"""What an official page holds before anyone decides how it is drawn: frozen values, the same for PDF and .docx.

A kind of document (`documents.kinds`) builds a `Paper`; `documents.pdf` and `documents.docx_file` draw it after
GB/T 9704-2012. Knows nothing of units, matters or letters. Source: docs/sources.md#documents
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Form(StrEnum):
    """The form of a page, as GB/T 9704 and the field name them.

    FILE 文件式: red mark, number centred below, red rule · LETTER 信函格式: red double rules, number flush right ·
    BULLETIN 简报: masthead, 第×期, office left and date right · MINUTES 纪要格式 · PLAIN: no head, the title first.
    """

    FILE = "file"
    LETTER = "letter"
    BULLETIN = "bulletin"
    MINUTES = "minutes"
    PLAIN = "plain"


class Face(StrEnum):
    """A typeface by what it is called in the field; each drawer knows its font for it."""

    FANG = "fang"  # 仿宋, the body
    HEI = "hei"  # 黑体
    KAI = "kai"  # 楷体
    SONG = "song"  # 宋体
    MARK = "mark"  # 小标宋


class Align(StrEnum):
    """How a line stands."""

    START = "start"
    CENTRE = "centre"
    END = "end"


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one typeface within a paragraph."""

    text: str
    face: Face = Face.FANG


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of 三号. is_indented: two characters in; continuation lines flush left.

    keeps_next: not parted from what follows by the end of a page.
    """

    runs: tuple[Run, ...]
    align: Align = Align.START
    is_indented: bool = True
    keeps_next: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1–4 (一、黑体 · （一）楷体 · 1. 仿宋 · （1）仿宋), its number written in the text.

    run_in: words that go on in the same paragraph behind it, in 仿宋.
    """

    level: int
    text: str
    run_in: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. share: of the width, relative to the other columns; align: of its cells."""

    title: str
    share: float
    align: Align = Align.START


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a value per column; or, with is_band, one value over the whole width (the name of a group).

    A line break within a value is kept: names one below the other. keeps_next: this row and the next stand on one page
    where a page can hold both.
    """

    cells: tuple[str, ...]
    is_band: bool = False
    keeps_next: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table, its heading repeated on every page.

    merged: columns (from 0) merged downwards together over consecutive rows in which all of them are alike and not all
    empty, as the annex of a notice has its responsibility columns; a band ends a run. A run is kept on one page unless
    it is longer than a page; a row longer than a page goes on over it. heads: further heading rows above the columns'
    titles, as (text, columns it spans) from left to right, an empty text for a title that reaches up. size_pt: of the
    characters; notes: lines below the table.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    merged: tuple[int, ...] = ()
    heads: tuple[tuple[tuple[str, int], ...], ...] = ()
    size_pt: float = 10.5
    caption: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG; width_mm and height_mm: as it stands on the page. words: what it shows, for who cannot see."""

    svg: bytes
    width_mm: float
    height_mm: float
    caption: str = ""
    words: str = ""


Block = Paragraph | Heading | Table | Figure


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a page (版头).

    mark: 发文机关标志, for LETTER without 文件, for BULLETIN the masthead (政务督查) · number: 临江政办函〔2020〕3号 ·
    urgency: 特急、加急 · secrecy: with its term · copy_number: 份号, six digits · signers: 签发人, only of reports
    upwards · issue and issue_total: 第3期, 总第128期 · left and right: on one line above a bulletin's rule, the office
    that edits it and the date.
    """

    mark: str
    number: str = ""
    urgency: str = ""
    secrecy: str = ""
    copy_number: str = ""
    signers: tuple[str, ...] = ()
    issue: str = ""
    issue_total: str = ""
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who issues it and when (署名、成文日期). has_seal: room is left for a seal over name and date."""

    issuers: tuple[str, ...]
    signed_on: date | None
    has_seal: bool = True


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex (附件) on a page of its own, named and numbered as the note below the body names it.

    label: 附件 or 附件1.
    """

    label: str
    title: str
    blocks: tuple[Block, ...]
    is_landscape: bool = False


@dataclass(frozen=True, slots=True)
class Colophon:
    """版记, at the foot of the last page.

    copies_to: 抄送 · sent: a bulletin's (报/送/发, names) · printer and printed_on: the line 印发机关 … 印发, left out
    of a letter · copies: 共印×份.
    """

    copies_to: tuple[str, ...] = ()
    sent: tuple[tuple[str, str], ...] = ()
    printer: str = ""
    printed_on: date | None = None
    copies: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """One official document.

    title: 二号小标宋, broken by words into a 梯形 or 菱形; never_split: words and names no line may part (names of
    people and units) · subtitle: 楷体 below it · recipients: 主送, in protocol order, joined with 、 or ，as written ·
    attachments: 附件说明, the annexes' names · note: 附注, in parentheses below the date · watermark: 草稿 across each
    page, empty for none · is_landscape: of the whole paper (a table) · code: text of a QR code in the last page's
    corner, empty for none (RULES §4: off unless switched on).
    """

    form: Form
    title: str
    blocks: tuple[Block, ...]
    head: Head | None = None
    subtitle: str = ""
    never_split: tuple[str, ...] = ()
    recipients: str = ""
    attachments: tuple[str, ...] = ()
    signature: Signature | None = None
    note: str = ""
    annexes: tuple[Annex, ...] = ()
    colophon: Colophon | None = None
    watermark: str = ""
    is_landscape: bool = False
    code: str = ""


class DocumentError(ValueError):
    """A document that cannot be drawn as it should; the message says why in the user's words, in Chinese."""


class MissingGlyph(DocumentError):
    """No font has this character. Carries it."""

    def __init__(self, character: str, where: str) -> None:
        super().__init__(
            f"字体中没有“{character}”（U+{ord(character):04X}）这个字，见于“{where}”。"
            "请在字体目录中放入收有此字的字体，或者换一种写法。"
        )
        self.character = character


def text(words: str, *, is_indented: bool = True) -> Paragraph:
    """Return a paragraph of plain 仿宋."""
    return Paragraph((Run(words),), is_indented=is_indented)
