"""The reader for Word files (.docx): paragraphs and tables in order → the neutral shape.

A walk over word/document.xml. Kept: tracked insertions, rows and paragraphs inside content controls, text boxes,
numbers that Word itself puts before paragraphs, footnotes. Left out: tracked deletions, hidden text, running heads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from duban.reading.assembly import Assembly, Placed, Shaped
from duban.reading.numbering import Numbering
from duban.reading.package import Package
from duban.reading.xml_names import MC, M, W, flag, value

if TYPE_CHECKING:
    from lxml import etree

_NARROWEST = 170
"""Twentieths of a point: no column of a table is narrower, edges so close to each other are one."""
_MOST_SPAN = 63
"""Word itself makes no more columns."""
_DEEPEST = 8
"""Tables within tables within text boxes."""

_SKIPPED = frozenset(
    f"{W}{name}"
    for name in (
        *("pPr", "rPr", "del", "moveFrom", "delText", "instrText", "fldData", "tbl", "rt", "rPrChange", "sdtPr"),
        *("sdtEndPr", "commentRangeStart", "commentReference", "annotationRef", "customXmlPr", "smartTagPr"),
    )
)
_WRAPPERS = frozenset(f"{W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_DRAWINGS = frozenset((f"{MC}AlternateContent", f"{W}drawing", f"{W}pict", f"{W}object"))
_SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}


def read(data: bytes) -> Shaped:
    """This function will read the bytes of a .docx; raises NotReadable."""
    package = Package(data, kind="Word 文件（.docx）")
    main = package.main_part()
    walk = _Walk(Numbering(package.sibling(main, "numbering.xml"), package.sibling(main, "styles.xml")))
    root = package.xml(main)
    body = root.find(f"{W}body")
    if body is None:
        raise package.damaged()
    walk.blocks(body, 0)
    notes = package.sibling(main, "footnotes.xml")
    if notes is not None:
        for note in notes.iterchildren(f"{W}footnote"):
            if note.get(f"{W}type") in (None, "normal"):
                walk.blocks(note, 0)
    return walk.assembly.finished(left_out=walk.left_out())


@dataclass(slots=True)
class _Text:
    """What stands in one paragraph: its text and the text boxes anchored in it."""

    pieces: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)


class _Walk:
    def __init__(self, numbering: Numbering) -> None:
        self.assembly = Assembly("docx")
        self._numbering = numbering
        self._carried = ""
        """The text of a paragraph whose end was deleted: the next one goes on with it."""
        self._deletions = 0

    def left_out(self) -> list[str]:
        """Sentences on what was not read."""
        if self._deletions:
            return [f"文件里有未接受的修订：删除的文字（{self._deletions} 处）没有读，插入的照读。"]
        return []

    # --- paragraphs and tables in order

    def blocks(self, parent: etree._Element, depth: int) -> None:
        """Put down what stands in a body, a cell, a text box."""
        for element in _inside(parent):
            if element.tag == f"{W}p":
                self._paragraph(element, depth)
            elif element.tag == f"{W}tbl":
                self._table(element, depth)

    def _paragraph(self, element: etree._Element, depth: int) -> None:
        text, boxes = self._read(element)
        if depth < _DEEPEST:
            for box in boxes:
                self.blocks(box, depth + 1)
        self.assembly.paragraph(text, level=self._numbering.heading_level(element))

    def _read(self, element: etree._Element) -> tuple[str, list[etree._Element]]:
        """The text of a paragraph with its number, and its text boxes; empty when it goes on in the next one."""
        found = _Text()
        self._collect(element, found)
        text = self._carried + "".join(found.pieces)
        self._carried = ""
        properties = element.find(f"{W}pPr")
        mark = properties.find(f"{W}rPr") if properties is not None else None
        if mark is not None and mark.find(f"{W}del") is not None:
            self._carried = text
            self._deletions += 1
            return "", found.boxes
        return self._numbering.numbered(element, text), found.boxes

    def _collect(self, element: etree._Element, found: _Text) -> None:
        for child in element.iterchildren("*"):
            tag = child.tag
            if tag == f"{W}t" or tag == f"{M}t":
                found.pieces.append(child.text or "")
            elif tag == f"{W}r":
                properties = child.find(f"{W}rPr")
                if properties is None or not flag(properties.find(f"{W}vanish")):
                    self._collect(child, found)
            elif tag in _SIGNS:
                found.pieces.append(_SIGNS[tag])
            elif tag == f"{W}sym":
                found.pieces.append(_symbol(child))
            elif tag in _DRAWINGS:
                found.boxes.extend(_text_boxes(child))
            elif tag in (f"{W}del", f"{W}moveFrom"):
                self._deletions += tag == f"{W}del"
            elif tag not in _SKIPPED:
                self._collect(child, found)

    # --- tables

    def _table(self, table: etree._Element, depth: int) -> None:
        rows = [row for row in _inside(table) if row.tag == f"{W}tr" and not self._is_deleted(row)]
        cells = [[cell for cell in _inside(row) if cell.tag == f"{W}tc"] for row in rows]
        if depth < _DEEPEST and all(len(row) <= 1 for row in cells):
            for row in cells:  # a frame: what stands in it stands by itself
                for cell in row:
                    self.blocks(cell, depth + 1)
            return
        edges = _edges(table)
        placed: list[Placed] = []
        open_merges: dict[int, int] = {}
        for number, row in enumerate(rows):
            column = _number(row.find(f"{W}trPr/{W}gridBefore"), 0)
            last: int | None = None
            for cell in cells[number]:
                properties = cell.find(f"{W}tcPr")
                span = min(_MOST_SPAN, max(1, _number(_within(properties, "gridSpan"), 1)))
                start, end = edges.get(column, column), edges.get(column + span, column + span)
                merge, sideways = _merge(properties, "vMerge"), _merge(properties, "hMerge")
                column += span
                if sideways == "continue" and last is not None:
                    placed[last] = _wider(placed[last], max(end, start + 1))
                    continue
                above = open_merges.get(start)
                if merge == "continue" and above is not None:
                    before = placed[above]
                    placed[above] = _reaching(before, number)
                    last = None
                    continue
                text = self._cell_text(cell, depth)
                placed.append(Placed(text, number, start, 1, max(1, end - start)))
                last = len(placed) - 1
                open_merges = {place: index for place, index in open_merges.items() if not start <= place < end}
                if merge is not None:
                    open_merges[start] = last
            self._carried = ""
        self.assembly.grid(placed)

    def _is_deleted(self, row: etree._Element) -> bool:
        gone = row.find(f"{W}trPr/{W}del") is not None
        self._deletions += gone
        return gone

    def _cell_text(self, cell: etree._Element, depth: int) -> str:
        """The paragraphs of a cell by line; a table inside it gives a line a row."""
        lines: list[str] = []
        for element in _inside(cell):
            if element.tag == f"{W}p":
                text, boxes = self._read(element)
                if depth < _DEEPEST:
                    lines.extend(self._cell_text(box, depth + 1) for box in boxes)
                lines.append(text.replace("\t", " "))
            elif element.tag == f"{W}tbl" and depth < _DEEPEST:
                for row in _inside(element):
                    if row.tag == f"{W}tr" and not self._is_deleted(row):
                        inner = [self._cell_text(one, depth + 1) for one in _inside(row) if one.tag == f"{W}tc"]
                        lines.append(" ".join(text.replace("\n", " ") for text in inner if text))
        return "\n".join(line.strip() for line in lines if line.strip())


def _inside(parent: etree._Element) -> Iterator[etree._Element]:
    """The children of an element, as if content controls and insertions around them were not there."""
    for child in parent.iterchildren("*"):
        if child.tag in _WRAPPERS:
            yield from _inside(child)
        elif child.tag == f"{MC}AlternateContent":
            choice = child.find(f"{MC}Choice")
            yield from _inside(choice if choice is not None else child)
        else:
            yield child


def _text_boxes(drawing: etree._Element) -> list[etree._Element]:
    """The text boxes of a drawing; of a drawing given twice, for newer and older programs, the first with any."""
    for branch in drawing.iterchildren(f"{MC}Choice", f"{MC}Fallback"):
        found = _text_boxes(branch)
        if found:
            return found
    if drawing.tag == f"{MC}AlternateContent":
        return []
    boxes: list[etree._Element] = []
    for child in drawing.iterchildren("*"):
        boxes.extend([child] if child.tag == f"{W}txbxContent" else _text_boxes(child))
    return boxes


def _symbol(element: etree._Element) -> str:
    code = element.get(f"{W}char", "")
    if not re.fullmatch("[0-9A-Fa-f]{4}", code) or code.upper().startswith(("F0", "D", "E")):
        return ""  # a picture out of a symbol font
    return chr(int(code, 16))


def _edges(table: etree._Element) -> dict[int, int]:
    """The number of each edge between columns when edges next to each other count as one; {} without widths."""
    widths = [_number(column, 0, "w") for column in table.findall(f"{W}tblGrid/{W}gridCol")]
    if not widths or any(width <= 0 for width in widths):
        return {}
    number = 0
    since = 0
    result = {0: 0}
    for index, width in enumerate(widths, start=1):
        since += width
        if since >= _NARROWEST or index == len(widths):
            number += 1
            since = 0
        result[index] = number
    return result


def _merge(properties: etree._Element | None, name: str) -> str | None:
    """Return "restart" or "continue" where a cell is merged, else None."""
    element = _within(properties, name)
    return None if element is None else value(element) or "continue"


def _within(properties: etree._Element | None, name: str) -> etree._Element | None:
    return properties.find(f"{W}{name}") if properties is not None else None


def _number(element: etree._Element | None, otherwise: int, name: str = "val") -> int:
    text = element.get(f"{W}{name}", "") if element is not None else ""
    return int(text) if re.fullmatch(r"\d{1,6}", text) else otherwise


def _wider(cell: Placed, end: int) -> Placed:
    return Placed(cell.text, cell.row, cell.column, cell.row_span, max(cell.col_span, end - cell.column))


def _reaching(cell: Placed, row: int) -> Placed:
    return Placed(cell.text, cell.row, cell.column, row - cell.row + 1, cell.col_span)
