"""A `Paper` as a .docx for Word and WPS, to be worked on further: real paragraphs, tables and named styles.

The parts are written here rather than through python-docx: its template brings styles of another house, it takes no
SVG, and the same data must give the same bytes. What comes out is read back with it in the tests.
Source: docs/sources.md#documents
"""

from dataclasses import dataclass, field, replace

from duban.documents import standard
from duban.documents.docx_file import heads, tails
from duban.documents.docx_file.markup import NOTHING, Xml, joined, on, part, w
from duban.documents.docx_file.measures import LINE, NUMBER_PT, UPRIGHT, Page, page_of, twips
from duban.documents.docx_file.package import Package
from duban.documents.docx_file.pictures import Drawings
from duban.documents.docx_file.styles import (
    ANNEX,
    BODY,
    CAPTION,
    FLUSH,
    HEADINGS,
    RECIPIENTS,
    SMALL,
    fonts_part,
    settings_part,
    styles_part,
)
from duban.documents.docx_file.tables import table_on
from duban.documents.docx_file.words import Line, kept, line, words
from duban.documents.paper import Align, Annex, Block, Face, Figure, Form, Heading, Paper, Paragraph, Table

__all__ = ["to_docx"]

_ABOVE_FIGURE, _ABOVE_TABLE = 160, 120
"""The space that parts figures and tables from the text before them, in twips."""
_NUMBER_FOOT_MM = UPRIGHT.bottom - standard.NUMBER_BELOW_MM - NUMBER_PT * 25.4 / 72
"""From the page's foot to the foot of its number, whose head is 7 mm below 版心."""


def to_docx(paper: Paper) -> bytes:
    """Return the paper as a .docx: the same bytes for the same paper, with nobody's name and no time in them.

    Characters no .docx can hold (control characters, halves of characters) are left out. Fonts are named, not
    embedded: the field's computers have them. Raises DocumentError where a table's rows do not fit its columns or a
    figure is no SVG.
    """
    package = Package()
    package.add("styles", "styles.xml", styles_part())
    package.add("settings", "settings.xml", settings_part())
    package.add("fontTable", "fontTable.xml", fonts_part())
    return package.written(_Writer(paper, package).document(), title=paper.title.replace("\n", ""))


@dataclass(slots=True)
class _Section:
    """Pages that lie the same way, and what stands on them."""

    is_landscape: bool
    parts: list[Line | Xml] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return page_of(self.is_landscape)


class _Writer:
    """Writes one paper."""

    def __init__(self, paper: Paper, package: Package) -> None:
        self.paper = paper
        self.package = package
        self.drawings = Drawings(package)

    def document(self) -> bytes:
        """Return the main part."""
        sections = self._sections()
        bodies: list[Xml] = []
        before: _Section | None = None
        for place, section in enumerate(sections):
            shape = self._shape(section, before)
            if place + 1 == len(sections):
                bodies.append(joined(*map(_xml, section.parts), shape))
            else:
                bodies.append(_ended(section.parts, shape))
            before = section
        return part("w:document", w("body", *bodies))

    # ---- what stands on the pages

    def _sections(self) -> list[_Section]:
        paper = self.paper
        first = _Section(paper.is_landscape)
        first.parts += heads.head_of(paper)
        first.parts += heads.title_of(paper, first.page)
        if paper.recipients:
            recipients = line(RECIPIENTS, _with_colon(paper.recipients))
            first.parts.append(replace(recipients, before=LINE) if first.parts else recipients)
        elif paper.title:
            first.parts.append(Line(FLUSH, keeps_next=True))
        blocks = self._blocks(paper.blocks, first.page)
        end: list[Line] = []
        if paper.attachments:
            end += tails.attachments_of(paper.attachments)
        if paper.signature is not None:
            end += tails.signature_of(paper.signature)
            if blocks and isinstance(blocks[-1], Line):
                blocks[-1] = replace(blocks[-1], keeps_next=True)
            end[: len(end) - 1] = kept(end[: len(end) - 1])
        first.parts += [*blocks, *end, *tails.note_of(paper.note)]
        sections = [first, *map(self._annex, paper.annexes)]
        self._finish(sections)
        return sections

    def _annex(self, annex: Annex) -> _Section:
        section = _Section(annex.is_landscape)
        section.parts += kept([line(ANNEX, annex.label)])
        section.parts.append(heads.title_line(annex.title, self.paper.never_split, section.page, LINE))
        section.parts.append(Line(FLUSH, keeps_next=True))
        section.parts += self._blocks(annex.blocks, section.page)
        return section

    def _blocks(self, blocks: tuple[Block, ...], page: Page) -> list[Line | Xml]:
        parts: list[Line | Xml] = []
        for block in blocks:
            if isinstance(block, Table):
                if parts and not (block.caption and isinstance(parts[-1], Line)):
                    parts.append(Line(SMALL, line=_ABOVE_TABLE, keeps_next=True))
                parts += table_on(block, page)
            elif isinstance(block, Figure):
                parts += self._figure(block)
            else:
                parts.append(_heading(block) if isinstance(block, Heading) else _paragraph(block))
        return parts

    def _figure(self, figure: Figure) -> list[Line]:
        drawn = self.drawings.figure(figure)
        drawn = replace(drawn, before=_ABOVE_FIGURE)
        return [*kept([drawn]), line(CAPTION, figure.caption)] if figure.caption else [drawn]

    def _finish(self, sections: list[_Section]) -> None:
        """Put 版记 and what hangs on the last page behind everything, on an upright page."""
        foot = tails.colophon_of(self.paper)
        if foot is not None and (foot.is_too_high or sections[-1].is_landscape):
            sections.append(_Section(is_landscape=False))
        hanging = []
        if foot is not None and foot.is_too_high:
            sections[-1].parts.append(foot.table)
        elif foot is not None:
            hanging.append(self.drawings.at_foot(foot.boxed, height_mm=foot.height_mm))
        if self.paper.code:
            hanging.append(self.drawings.code(self.paper.code, sections[-1].page))
        last = sections[-1].parts
        if hanging or not last or not isinstance(last[-1], Line):
            last.append(tails.end_line(joined(*hanging)))

    # ---- the pages themselves

    def _header_edge(self) -> int:
        """Return where a letter's header begins, so that the strokes of its mark stand 30 mm below the page's head."""
        head = self.paper.head
        return twips(standard.LETTER_MARK_TOP_MM) - (heads.air_of(head.mark, Form.LETTER)[0] if head is not None else 0)

    def _shape(self, section: _Section, before: _Section | None) -> Xml:
        """Return a section's sectPr; headers and footers like those of the section before are taken over."""
        page, has_own = section.page, before is None or before.is_landscape != section.is_landscape
        is_letter = self.paper.form == Form.LETTER
        is_first = is_letter and before is None
        size = {"w": twips(page.width), "h": twips(page.height)}
        told = joined(
            *(self._furniture(section.is_landscape, is_first=is_first) if has_own else ()),
            w("type", val="nextPage"),
            w("pgSz", **size, orient="landscape") if section.is_landscape else w("pgSz", **size),
            w(
                "pgMar",
                top=twips(page.top),
                right=twips(page.right),
                bottom=twips(page.bottom),
                left=twips(page.left),
                header=self._header_edge() if is_letter else twips(15),
                footer=twips(standard.LETTER_RULE_FOOT_MM if is_letter else _NUMBER_FOOT_MM),
                gutter=0,
            ),
            on("titlePg") if is_first else NOTHING,
            w("docGrid", type="lines", linePitch=LINE),
        )
        return w("sectPr", told)

    def _furniture(self, is_landscape: bool, *, is_first: bool) -> list[Xml]:
        references = []
        for kind, is_even in (("default", False), ("even", True)):
            if self.paper.watermark:
                references.append(self._reference("header", kind, [Line(SMALL, self._watermark())]))
            number = tails.page_number(is_even=is_even)
            if is_landscape:
                number = Line(SMALL, self.drawings.turned(number.xml))
            lines = [number]
            if self.paper.form == Form.LETTER and not is_landscape:
                lines.append(Line(SMALL, line=twips(_NUMBER_FOOT_MM - standard.LETTER_RULE_FOOT_MM)))
            references.append(self._reference("footer", kind, lines))
        if is_first:
            references.append(self._reference("header", "first", self._letterhead()))
            references.append(self._reference("footer", "first", heads.double_rule(heads.THIN, heads.THICK)))
        return sorted(references, key=lambda one: not one.startswith("<w:header"))

    def _letterhead(self) -> list[Line]:
        """Return a letter's mark and its upper red rules, which stand above 版心 and so in the first page's header."""
        lines: list[Line] = []
        air = 0
        if self.paper.head is not None:
            lines.append(heads.mark_line(self.paper.head.mark, Form.LETTER, before=0))
            air = heads.air_of(self.paper.head.mark, Form.LETTER)[1]
        lines += heads.double_rule(heads.THICK, heads.THIN, above=max(twips(4) - air, 0))
        if self.paper.watermark:
            lines[-1] = replace(lines[-1], inside=self._watermark())
        return lines

    def _watermark(self) -> Xml:
        return self.drawings.watermark(self.paper.watermark)

    def _reference(self, kind: str, pages: str, lines: list[Line]) -> Xml:
        content = part("w:hdr" if kind == "header" else "w:ftr", *(one.xml for one in lines))
        given = self.package.furniture(kind, content)
        return Xml(f'<w:{kind}Reference w:type="{pages}" r:id="{given}"/>')


def _xml(one: Line | Xml) -> Xml:
    return one.xml if isinstance(one, Line) else one


def _ended(parts: list[Line | Xml], shape: Xml) -> Xml:
    """Return a section; its last paragraph carries its shape."""
    last = parts[-1]
    if isinstance(last, Line):
        return joined(*map(_xml, parts[:-1]), replace(last, section=shape).xml)
    return joined(*map(_xml, parts), replace(tails.end_line(), section=shape).xml)


def _with_colon(recipients: str) -> str:
    return recipients if recipients.endswith("：") else f"{recipients.rstrip(':')}："


def _heading(heading: Heading) -> Line:
    style = HEADINGS[heading.level]
    inside = words(heading.text, style)
    if not heading.run_in:
        return Line(style, inside)
    return Line(style, joined(inside, words(heading.run_in, style, face=Face.FANG)), keeps_next=False)


def _paragraph(paragraph: Paragraph) -> Line:
    is_indented = paragraph.is_indented and paragraph.align == Align.START
    style = BODY if is_indented else FLUSH
    return Line(
        style,
        joined(*(words(run.text, style, face=run.face) for run in paragraph.runs)),
        align=None if paragraph.align == Align.START else paragraph.align,
        keeps_next=True if paragraph.keeps_next else None,
    )
