"""The reader for PDF files that hold text: ruled tables and the paragraphs around them → the neutral shape.

Rows and columns are those of the drawn lines; a table goes on over pages, its repeated header is dropped. What stands
at the edge of many pages (page numbers, running heads) is dropped too. A scan holds no text and is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from duban.reading.assembly import Assembly, Box, Placed, Shaped
from duban.reading.characters import folded, key
from duban.reading.errors import NotReadable
from duban.reading.names import is_bare_suffix, looks_like_person, surely_unit
from duban.reading.pdf_pages import Line, Page, Ruled, RuledCell, pages_of

_EDGE = 4.0
"""Points: lines of a table so close to each other are one."""
_NEAR = 0.15
"""Points: widths so little apart are the same."""
_PADDING = 11.0
"""Points: what a cell keeps free of text at both its sides together, as Word sets it."""
_MARGIN, _MARGIN_POINTS = 0.12, 85.0
"""Where page numbers and running heads stand, at the top and bottom of a page: part of its height, and at least."""

_PAGE_NUMBER = re.compile(r"[-—–―·•~\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/,，]?\s*共?\s*\d{1,4}\s*页?)?[-—–―·•~\s]*")
_BEGINS = re.compile(
    r"[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)|第[一二三四五六七八九十]{1,3}[章节条]|\(?\d{1,3}[.、)．]|附件"
)
_ENDS = ("。", "！", "？", "：", ":", "；", ";")
_SEPARATORS = re.compile(r"[、，,；;\s]")
_UNREADABLE = re.compile(r"\(cid:\d+\)")

_PLACES = "县市区州旗"
_TORN = (
    *("办公室", "办事处", "委员会", "管委会", "指挥部", "开发区", "联合会", "有限公司", "领导小组", "人民政府"),
    *("服务中心", "示范区", "管理区"),
)
"""Ends of units' names that a full line tears apart."""
SCAN = (
    "这是扫描件或图片做的 PDF，里面没有文字，读不出内容。有电子原件（Word、Excel）的请直接用原件；"
    "没有的请先做文字识别（OCR），存成 Word 或文本文件后再读。"
)


def read(data: bytes) -> Shaped:
    """This function will read the bytes of a PDF; raises NotReadable."""
    pages = pages_of(data)
    if sum(page.characters for page in pages) < 10:
        raise NotReadable(SCAN, "scan")
    inside = (line for page in pages for table in page.tables for cell in table.cells for line in cell.lines)
    whole = "".join(line.text for lines in (inside, *(page.lines for page in pages)) for line in lines)
    if sum(map(len, _UNREADABLE.findall(whole))) * 5 > len(whole):
        raise NotReadable(
            "这个 PDF 的字体没有附带文字编码，读出来的都是乱码。请用电子原件，或做文字识别（OCR）后再读。",
            "undecodable",
        )
    turned = _numbers(page for page in pages if page.is_turned)
    if all(page.is_turned or not page.characters for page in pages):
        raise NotReadable(
            f"这个 PDF 里的文字是横倒的（第 {turned} 页），读不出。请把页面转正后另存再读。", "undecodable"
        )
    assembly = Assembly("pdf")
    _put_down(_without_furniture(pages), assembly)
    left_out = []
    if pictures := _numbers(page for page in pages if page.is_picture):
        left_out.append(f"第 {pictures} 页是图片，里面没有文字，没有读。")
    if turned:
        left_out.append(f"第 {turned} 页的文字是横倒的，没有读；请把页面转正后另存再读。")
    return assembly.finished(left_out=left_out)


def _numbers(pages: Iterable[Page]) -> str:
    return "、".join(str(page.number) for page in pages)


# --- page numbers and running heads


def _without_furniture(pages: Sequence[Page]) -> list[Page]:
    seen: Counter[str] = Counter()
    for page in pages:
        seen.update({_pattern(line) for line in page.lines if _at_edge(page, line)})
    often = max(3, len(pages) // 3) if len(pages) > 3 else 2

    def is_furniture(page: Page, line: Line) -> bool:
        if not _at_edge(page, line):
            return False
        return _PAGE_NUMBER.fullmatch(folded(line.text)) is not None or seen[_pattern(line)] >= often

    return [replace(page, lines=tuple(line for line in page.lines if not is_furniture(page, line))) for page in pages]


def _at_edge(page: Page, line: Line) -> bool:
    if any(table.box[1] < line.box[1] for table in page.tables) and any(
        line.box[3] < table.box[3] for table in page.tables
    ):
        return False
    margin = max(page.height * _MARGIN, _MARGIN_POINTS)
    return line.box[3] <= margin or line.box[1] >= page.height - margin


def _pattern(line: Line) -> str:
    return re.sub(r"\d+", "#", key(line.text))


# --- reading order


def _put_down(pages: list[Page], assembly: Assembly) -> None:
    margins = _margins(pages)
    paragraph: _Run | None = None
    parts: list[tuple[int, Ruled]] = []

    def close_paragraph() -> None:
        nonlocal paragraph
        if paragraph is not None:
            assembly.paragraph(paragraph.text, page=paragraph.page, box=paragraph.box)
        paragraph = None

    def close_table() -> None:
        if parts:
            _put_table(parts, assembly)
        parts.clear()

    for page in pages:
        left, right = margins.get(round(page.width), (0.0, page.width))
        standing: list[Line | Ruled] = [*page.lines, *page.tables]
        standing.sort(key=lambda one: (one.box[1], one.box[0]))
        for one in standing:
            if isinstance(one, Ruled):
                close_paragraph()
                if parts and not _same_columns(parts[-1][1], one):
                    close_table()
                parts.append((page.number, one))
                continue
            close_table()
            if paragraph is not None and paragraph.goes_on(one, page, left=left, right=right):
                paragraph = paragraph.with_line(one, page)
                continue
            close_paragraph()
            paragraph = _Run(one.text, one, page.number, one.box)
    close_paragraph()
    close_table()


def _margins(pages: Sequence[Page]) -> dict[int, tuple[float, float]]:
    """Left and right edge of the text of running pages, by the width of the page."""
    found: dict[int, tuple[float, float]] = {}
    for width in {round(page.width) for page in pages}:
        lines = [line for page in pages if round(page.width) == width for line in page.lines if len(line.text) >= 10]
        if lines:
            starts = Counter(round(line.box[0]) for line in lines)
            common = [start for start, count in starts.items() if count * 5 >= len(lines)]
            found[width] = (min(common, default=min(starts)), max(line.box[2] for line in lines))
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    """A paragraph as far as it has been read: text, its last line, where it begins."""

    text: str
    last: Line
    page: int
    box: Box
    last_page: int = field(default=0)

    def goes_on(self, line: Line, page: Page, *, left: float, right: float) -> bool:
        """Whether a line is the next one of this paragraph: the last one is full, and this one is not indented."""
        size = self.last.size
        if "\t" in line.text or "\t" in self.last.text or abs(line.size - size) > 0.15 * size:
            return False
        if self.last.box[2] < right - 1.6 * size or line.box[0] > left + 0.8 * size:
            return False
        if (self.last_page or self.page) == page.number and line.box[1] - self.last.box[3] > 1.8 * size:
            return False
        ended = self.last.text.endswith(_ENDS)
        return not (ended and (_BEGINS.match(folded(line.text)) or self.box[0] <= left + 0.8 * size))

    def with_line(self, line: Line, page: Page) -> _Run:
        between = " " if self.text[-1].isascii() and line.text[0].isascii() and self.text[-1].isalpha() else ""
        box = self.box
        if page.number == self.page:
            box = (min(box[0], line.box[0]), box[1], max(box[2], line.box[2]), line.box[3])
        return _Run(f"{self.text}{between}{line.text}", line, self.page, box, page.number)


# --- tables


def _edges(cells: Iterable[RuledCell]) -> list[float]:
    """The edges between columns, from left to right."""
    edges: list[float] = []
    for edge in sorted(edge for cell in cells for edge in (cell.box[0], cell.box[2])):
        if not edges or edge - edges[-1] > _EDGE:
            edges.append(edge)
    return edges


def _same_columns(above: Ruled, below: Ruled) -> bool:
    """Whether a table may be the rest of another: the same width, and no edge where the other has none near."""
    first, second = _edges(above.cells), _edges(below.cells)
    fewer, more = sorted((first, second), key=len)
    ends = abs(first[0] - second[0]) <= 2 * _EDGE and abs(first[-1] - second[-1]) <= 2 * _EDGE
    return ends and all(any(abs(edge - other) <= 2 * _EDGE for other in more) for edge in fewer)


def _put_table(parts: Sequence[tuple[int, Ruled]], assembly: Assembly) -> None:
    edges = max((_edges(table.cells) for _, table in parts), key=len)
    widest = _widest(parts, edges)
    placed: list[Placed] = []
    pages: list[int | None] = []
    header: list[list[str]] = []
    for page, table in parts:
        rows = _rows(table, edges, widest)
        if header:
            repeated = 0
            while repeated < min(len(rows) - 1, len(header)) and _texts(rows[repeated]) == header[repeated]:
                repeated += 1
            rows = _from_row(rows, repeated)
            _take_rest_of_merges(rows, placed, len(pages))
        else:
            header = [_texts(row) for row in rows[:3]]
        start = len(pages)
        placed.extend(replace(cell, row=cell.row + start) for row in rows for cell in row)
        pages.extend([page] * len(rows))
    assembly.grid(placed, pages=pages)


def _texts(row: Sequence[Placed]) -> list[str]:
    return [key(cell.text) for cell in row]


def _from_row(rows: list[list[Placed]], first: int) -> list[list[Placed]]:
    return [[replace(cell, row=cell.row - first) for cell in row] for row in rows[first:]]


def _nearest(edges: Sequence[float], place: float) -> int:
    return min(range(len(edges)), key=lambda number: abs(edges[number] - place))


def _widest(parts: Sequence[tuple[int, Ruled]], edges: Sequence[float]) -> dict[tuple[int, int], float]:
    """The widest line of text by the columns its cell covers."""
    widest: dict[tuple[int, int], float] = {}
    for _, table in parts:
        for cell in table.cells:
            columns = (_nearest(edges, cell.box[0]), _nearest(edges, cell.box[2]))
            width = max((line.box[2] - line.box[0] for line in cell.lines), default=0.0)
            widest[columns] = max(width, widest.get(columns, 0.0))
    return widest


def _rows(table: Ruled, edges: Sequence[float], widest: dict[tuple[int, int], float]) -> list[list[Placed]]:
    levels: list[float] = []
    for level in sorted(level for cell in table.cells for level in (cell.box[1], cell.box[3])):
        if not levels or level - levels[-1] > _EDGE:
            levels.append(level)
    rows: list[list[Placed]] = [[] for _ in levels[:-1]]
    for cell in table.cells:
        top, bottom = _nearest(levels, cell.box[1]), _nearest(levels, cell.box[3])
        left, right = _nearest(edges, cell.box[0]), _nearest(edges, cell.box[2])
        if top < bottom and left < right:
            room = max(widest[left, right], cell.box[2] - cell.box[0] - _PADDING)
            text = _cell_text(cell.lines, room)
            rows[top].append(Placed(text, top, left, bottom - top, right - left, cell.box))
    for row in rows:
        row.sort(key=lambda one: one.column)
    return rows


def _take_rest_of_merges(rows: list[list[Placed]], placed: list[Placed], count: int) -> None:
    """Let cells merged over a page break reach on: on the new page their rest stands as a blank cell of its own."""
    if not rows:
        return
    ends = {cell.column: place for place, cell in enumerate(placed) if cell.row + cell.row_span == count}
    for cell in list(rows[0]):
        place = ends.get(cell.column)
        if place is None or placed[place].col_span != cell.col_span:
            continue
        above = placed[place]
        if not cell.text and (cell.row_span > 1 or above.row_span > 1):
            text = above.text
        elif not above.text and above.row_span > 1 and cell.row_span > 1:
            text = cell.text
        else:
            continue
        placed[place] = replace(above, text=text, row_span=above.row_span + cell.row_span)
        rows[0].remove(cell)


def _cell_text(lines: Sequence[Line], room: float) -> str:
    """The text of a cell: a line as wide as the cell goes on in the next one, unless it ends with a whole name."""
    text = ""
    above: Line | None = None
    for line in lines:
        if above is not None:
            is_full = room - (above.box[2] - above.box[0]) < line.first - _NEAR
            name, below = _SEPARATORS.split(text)[-1], _SEPARATORS.split(line.text)[0]
            if not _torn(name, below) and (not is_full or _ends_a_name(name, below)):
                text += "\n"
            elif text[-1].isascii() and text[-1].isalpha() and line.text[0].isascii():
                text += " "
        text += line.text
        above = line
    return text


def _ends_a_name(name: str, below: str) -> bool:
    """Whether a name is whole before what stands in the next line."""
    if not name or not below or is_bare_suffix(below):
        return False
    if name[-1] in _PLACES:  # 临江区 stands by itself beside other places; 县市 is the beginning of 县市场监管局
        return below[-1] in _PLACES
    return surely_unit(name) or (looks_like_person(name) and looks_like_person(below))


def _torn(above: str, below: str) -> bool:
    """Whether a word that ends names of units begins in one line and ends in the next."""
    return any(
        above.endswith(word[:cut]) and below.startswith(word[cut:]) for word in _TORN for cut in range(1, len(word))
    )
