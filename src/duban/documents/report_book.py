"""The merged reports of a day as a .docx: frozen values in, bytes out. Knows nothing of units or matters.

A working paper to read and to pass on, not an official document: its face is that of GB/T 9704, its head is not.
"""

import io
import re
from dataclasses import dataclass

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SIZE = Pt(16)
_LINE = Pt(28)
_INDENT = Pt(32)
_TITLE, _HEADING, _SMALL, _BODY = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312"


@dataclass(frozen=True, slots=True)
class Said:
    """What one unit reports of a matter. note: why it is short, late or missing; shown in grey words behind."""

    unit: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One matter: its heading (第14项　推动……), and what its units report."""

    heading: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Matters under a common heading; empty where the whole stands in the ledger's order."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ReportBook:
    """The whole paper. subtitle: who made it and when."""

    title: str
    subtitle: str
    chapters: tuple[Chapter, ...]


def to_docx(book: ReportBook) -> bytes:
    """Return the paper: A4, edges as GB/T 9704 has them, page numbers at the foot."""
    paper = Document()
    _prepare(paper, title=book.title)
    head = _line(paper, book.title, font=_TITLE, size=Pt(22), indent=False)
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    head.paragraph_format.line_spacing = Pt(34)
    if book.subtitle:
        _line(paper, book.subtitle, font=_SMALL, indent=False).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _line(paper, "", font=_BODY)
    for chapter in book.chapters:
        if chapter.heading:
            _line(paper, chapter.heading, font=_HEADING).paragraph_format.keep_with_next = True
        for item in chapter.items:
            _line(paper, item.heading, font=_HEADING if not chapter.heading else _SMALL, is_kept=True)
            for one in item.said:
                said = _line(paper, f"{one.unit}：{one.text}" if one.text else f"{one.unit}：", font=_BODY)
                if one.note:
                    _write(said, f"（{one.note}）", font=_SMALL, size=_SIZE)
    stream = io.BytesIO()
    paper.save(stream)
    return stream.getvalue()


def _prepare(paper: Paper, *, title: str) -> None:
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin, page.left_margin, page.right_margin = Mm(37), Mm(35), Mm(28), Mm(26)
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(foot, "— ", font="宋体", size=Pt(14))
    _page_number(foot)
    _write(foot, " —", font="宋体", size=Pt(14))
    told = paper.core_properties
    told.title, told.author, told.comments, told.last_modified_by = _clean(title), "", "", ""


def _page_number(foot: Paragraph) -> None:
    run = foot.add_run()
    run.font.size = Pt(14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = run._r.makeelement(qn("w:fldChar") if kind else qn("w:instrText"), {})
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def _line(
    paper: Paper, text: str, *, font: str, size: Pt = _SIZE, indent: bool = True, is_kept: bool = False
) -> Paragraph:
    line = paper.add_paragraph()
    shape = line.paragraph_format
    shape.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    shape.line_spacing, shape.space_before, shape.space_after = _LINE, Pt(0), Pt(0)
    shape.first_line_indent = _INDENT if indent else None
    shape.keep_with_next = is_kept or None
    _write(line, text, font=font, size=size)
    return line


def _write(line: Paragraph, text: str, *, font: str, size: Pt) -> None:
    run = line.add_run(_clean(text))
    run.font.size, run.font.name = size, font
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)
