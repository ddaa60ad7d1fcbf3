"""Paragraphs, headings, titles and drawings as strips. Source: docs/sources.md#documents"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from duban.documents import standard
from duban.documents.fonts import FontBook, face_named
from duban.documents.paper import Align, DocumentError, Face, Figure, Heading, Paragraph
from duban.documents.pdf.flow import kept
from duban.documents.pdf.lines import Line, Type, break_lines, clean, draw_line, set_words
from duban.documents.pdf.marks import CELL, LINE, MM, Picture, Strip, moved
from duban.documents.titles import break_title

BODY = Type(standard.BODY_PT, CELL, LINE)  # 三号
TITLE = Type(standard.TITLE_PT, standard.TITLE_PT, LINE)  # 二号
SMALL = Type(12.0, 12.0, 18.0)  # 小四, of captions
_FAMILY_IN_STYLE = re.compile(r"font-family\s*:\s*([^;}]*)")
ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
_HEADING_FACES = {1: Face.HEI, 2: Face.KAI, 3: Face.FANG, 4: Face.FANG}


def blank(lines: float = 1.0) -> Strip:
    """Return white lines."""
    return Strip(LINE * lines, is_blank=True)


def strips_of(
    lines: Sequence[Line], type_: Type, width: float, *, x: float = 0.0, align: Align = Align.START
) -> list[Strip]:
    """Return a strip for each line."""
    return [
        Strip(type_.line, list(draw_line(line, x, type_.baseline, type_.size, width=width, align=align)))
        for line in lines
    ]


def paragraph(book: FontBook, block: Paragraph, width: float) -> list[Strip]:
    """Return the lines of a paragraph; width: of the 版心, in points."""
    glyphs = set_words(book, ((run.text, run.face) for run in block.runs), BODY)
    is_plain = block.align is Align.START
    indent = 2 * CELL if block.is_indented and is_plain else 0.0
    lines = break_lines(glyphs, width, CELL, indent=indent, is_justified=is_plain)
    strips = strips_of(lines, BODY, width, align=block.align)
    strips[-1].keeps_next = block.keeps_next
    return strips


def heading(book: FontBook, block: Heading, width: float) -> list[Strip]:
    """Return the lines of a heading, kept with what follows it."""
    if block.level not in _HEADING_FACES:
        raise DocumentError(f"标题只有一至四级，没有第{block.level}级：“{block.text}”。")
    runs = [(block.text, _HEADING_FACES[block.level]), (block.run_in, Face.FANG)]
    strips = strips_of(break_lines(set_words(book, runs, BODY), width, CELL, indent=2 * CELL), BODY, width)
    if not block.run_in:
        kept(strips)
    return strips


def title(book: FontBook, words: str, never_split: Sequence[str], width: float) -> list[Strip]:
    """Return the lines of a title, 二号小标宋, kept with what follows."""
    strips = []
    for part in break_title(clean(words), tuple(clean(one) for one in never_split), width / TITLE.size - 1):
        lines = break_lines(set_words(book, [(part, Face.MARK)], TITLE), width, TITLE.size, is_justified=False)
        strips += strips_of(lines, TITLE, width, align=Align.CENTRE)
    return list(kept(strips))


def caption(book: FontBook, words: str, width: float) -> list[Strip]:
    """Return the words above a table or below a drawing, 小四黑体, centred."""
    if not words:
        return []
    lines = break_lines(set_words(book, [(words, Face.HEI)], SMALL), width, SMALL.size, is_justified=False)
    return strips_of(lines, SMALL, width, align=Align.CENTRE)


def figure(book: FontBook, block: Figure, width: float, height: float) -> Strip:
    """Return a drawing with its caption, centred, made smaller where it would not fit width and height in points.

    Raises DocumentError for what is no SVG, MissingGlyph for a character in it that no font has.
    """
    below = caption(book, block.caption, width)
    below_height = sum(one.height for one in below)
    wide, high = block.width_mm * MM, block.height_mm * MM
    ratio = min(1.0, width / wide, (height - below_height - LINE / 2) / high)
    svg = _checked(book, block)
    picture = Picture((width - wide * ratio) / 2, LINE / 4, wide * ratio, high * ratio, svg, block.words)
    lines = -(-(high * ratio + LINE / 2 + below_height - 0.01) // LINE)
    strip = Strip(lines * LINE, [picture])
    y = high * ratio + LINE / 2
    for line in below:
        strip.marks += [moved(one, 0.0, y) for one in line.marks]
        y += line.height
    return strip


def _checked(book: FontBook, block: Figure) -> str:
    """Return the drawing with its words in the fonts of the book, whatever families it names."""
    try:
        root = ElementTree.fromstring(block.svg)
    except ElementTree.ParseError as problem:
        raise DocumentError(f"图“{block.caption or block.words}”不是完好的 SVG：{problem}。") from problem
    words = "".join(root.itertext())
    book.check(words, words)
    for element in root.iter():
        if element.tag.endswith("}style") and element.text:
            element.text = _FAMILY_IN_STYLE.sub(lambda found: f"font-family:{_families(book, found[1])}", element.text)
        style = element.get("style", "")
        if "font-family" in style:
            element.set("style", _FAMILY_IN_STYLE.sub(lambda found: f"font-family:{_families(book, found[1])}", style))
        if element.get("font-family") is not None:
            element.set("font-family", _families(book, element.get("font-family", "")))
    if root.get("font-family") is None:
        root.set("font-family", _families(book, ""))
    return ElementTree.tostring(root, encoding="unicode")


def _families(book: FontBook, wanted: str) -> str:
    """Return families of the book for those a drawing asks for, 黑体 where it asks for nothing known."""
    names = [one.strip().strip("'\"") for one in wanted.split(",")]
    face = next((face for face in map(face_named, names) if face is not None), Face.HEI)
    return ", ".join(dict.fromkeys(f"'{font.family}'" for font in book.chains[face]))
