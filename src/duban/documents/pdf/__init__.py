"""Official documents as PDF after GB/T 9704-2012: `to_pdf` for one, `to_pdf_batch` for many to be printed together.

A paper becomes strips (`blocks`, `tables`, `tails`), strips become pages (`flow`), pages become a PDF (`paint`). All
places are reckoned here, in points; typst is told where everything stands and lays nothing out, so that a page is the
same on every machine and on every day. Source: docs/sources.md#documents
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from duban.documents.fonts import FontBook, font_book
from duban.documents.paper import (
    Align,
    Annex,
    Block,
    DocumentError,
    Face,
    Figure,
    Form,
    Heading,
    Paper,
    Paragraph,
    Run,
    Table,
    text,
)
from duban.documents.pdf.blocks import blank, figure, heading, paragraph, title
from duban.documents.pdf.flow import Flow, kept, kept_together
from duban.documents.pdf.heads import head_file, head_letter
from duban.documents.pdf.joining import joined
from duban.documents.pdf.lines import clean
from duban.documents.pdf.marks import LINE, Page, Strip
from duban.documents.pdf.paint import PIECE_PAGES, paint
from duban.documents.pdf.tables import put_table
from duban.documents.pdf.tails import attachments, code_mark, colophon, page_number, remark, signature, watermark

__all__ = ["to_pdf", "to_pdf_batch"]


def to_pdf(paper: Paper, *, fonts: Path | None = None) -> bytes:
    """Return one document as PDF, the same bytes each time; PDF/A-2b where it bears a date.

    fonts: folder of the operator's own fonts. Raises MissingGlyph, DocumentError.
    """
    book = font_book(fonts)
    return paint(book, _pages(book, paper), title=clean(paper.title), day=_day(paper))


def to_pdf_batch(papers: Sequence[Paper], *, fonts: Path | None = None) -> bytes:
    """Return several documents as one PDF to be printed on both sides: each begins on an odd page, numbered from 1.

    Drawn and joined piece by piece: a hundred letters take hardly more memory than twenty. The pictures of more than
    one piece are without the words that describe them.
    fonts: folder of the operator's own fonts. Raises DocumentError for none at all, MissingGlyph.
    """
    if not papers:
        raise DocumentError("没有选中文件，没有可以打印的内容。")
    book = font_book(fonts)
    title = clean(papers[0].title)
    days = [day for day in map(_day, papers) if day is not None]
    day = max(days) if len(days) == len(papers) else None
    pieces: list[bytes] = []
    pages: list[Page] = []
    for paper in papers:
        if len(pages) % 2:
            pages.append(Page(2, paper.is_landscape, 0.0))
        if len(pages) >= PIECE_PAGES:
            pieces.append(paint(book, pages, title=title, day=day, is_piece=True))
            pages = []
        pages += _pages(book, paper)
    last = paint(book, pages, title=title, day=day, is_piece=bool(pieces))
    return joined([*pieces, last])


def _day(paper: Paper) -> date | None:
    return paper.signature.signed_on if paper.signature else None


def _pages(book: FontBook, paper: Paper) -> list[Page]:
    """Return the pages of one document, everything in its place."""
    flow = Flow(is_landscape=paper.is_landscape)
    if paper.head and paper.form is Form.LETTER:
        head_letter(flow, book, paper.head)
    elif paper.head and paper.form is not Form.PLAIN:
        head_file(flow, book, paper.head, paper.form)
    width = flow.page.width
    if paper.title:
        flow.put(title(book, paper.title, paper.never_split, width))
    if paper.subtitle:
        flow.put(kept(paragraph(book, Paragraph((Run(paper.subtitle, Face.KAI),), Align.CENTRE), width)))
    if paper.title or paper.subtitle:
        flow.put(kept([blank()]))
    if paper.recipients:
        words = clean(paper.recipients).rstrip("：: ") + "："
        flow.put(paragraph(book, text(words, is_indented=False), width))
    _put_blocks(flow, book, paper.blocks, _tail(book, paper, width))
    for annex in paper.annexes:
        _put_annex(flow, book, annex, paper.never_split)
    flow.settle()
    if paper.colophon:
        colophon(flow, book, paper.colophon, paper.form, is_landscape=paper.is_landscape)
    for page in flow.pages:
        if not (paper.form is Form.LETTER and page.number == 1):
            page.marks += page_number(book, page)
        if paper.watermark:
            page.marks[:0] = watermark(book, page, paper.watermark)
    if paper.code:
        flow.page.marks.append(code_mark(flow.page, paper.code))
    return flow.pages


def _tail(book: FontBook, paper: Paper, width: float) -> list[Strip]:
    """Return what follows the text and is not parted from its last lines."""
    strips = attachments(book, paper.attachments, width)
    if paper.signature:
        strips += signature(book, paper.signature, width)
    return kept_together([*strips, *remark(book, paper.note, width)])


def _put_annex(flow: Flow, book: FontBook, annex: Annex, never_split: Sequence[str]) -> None:
    """Begin a page: 附件1 in 黑体 on the first line, its title on the third, then what it holds."""
    flow.settle()
    flow.open_page(is_landscape=annex.is_landscape)
    width = flow.page.width
    flow.put(kept(paragraph(book, Paragraph((Run(annex.label, Face.HEI),), is_indented=False), width)))
    flow.put(kept([blank()]))
    flow.put(title(book, annex.title, never_split, width))
    flow.put(kept([blank()]))
    _put_blocks(flow, book, annex.blocks, [])


def _put_blocks(flow: Flow, book: FontBook, blocks: Sequence[Block], tail: list[Strip]) -> None:
    """Put the blocks; the last two lines, or the last rows of a table, stand on one page with the tail."""
    width = flow.page.width
    for number, block in enumerate(blocks, start=1):
        is_last = number == len(blocks) and bool(tail)
        if isinstance(block, Table):
            put_table(flow, book, block, after=sum(one.height for one in tail) + LINE if is_last else 0.0)
            continue
        if isinstance(block, Figure):
            strips = [figure(book, block, width, flow.page.height)]
        elif isinstance(block, Heading):
            strips = heading(book, block, width)
        else:
            strips = paragraph(book, block, width)
        if is_last:
            kept(strips[-2:])
        flow.put(strips)
    flow.put(tail)
