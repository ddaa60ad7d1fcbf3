"""What stands on the pages of a PDF: lines of text, and ruled tables with the lines in their cells."""

from __future__ import annotations

import io
import sys
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from duban.reading.apart import read_apart, serve
from duban.reading.assembly import Box
from duban.reading.errors import NotReadable

MAX_PAGES = 200
MAX_CHARACTERS = 600_000

_OPENING, _CLOSING = frozenset("（(〔［[【《〈“‘"), frozenset("）)〕］]】》〉”’，。、；：！？,.;:!?%％…")
_DAMAGED = "这个 PDF 文件不完整或已损坏，打不开。请重新取得原文件；能打开的，另存（或打印）为新的 PDF 后再读。"


@dataclass(frozen=True, slots=True)
class Line:
    """Characters side by side. size: the height of most of them; first: the width up to where it may break; points."""

    text: str
    box: Box
    size: float
    first: float


@dataclass(frozen=True, slots=True)
class RuledCell:
    """A cell between drawn lines, merged cells as one."""

    box: Box
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruled:
    """A table on one page."""

    box: Box
    cells: tuple[RuledCell, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page. lines: outside the tables.   characters: printed ones.

    is_picture: an image without any text.   is_turned: most of its text stands on its side, and was left out.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    tables: tuple[Ruled, ...]
    characters: int
    is_picture: bool
    is_turned: bool


def pages_of(data: bytes) -> list[Page]:
    """This function will return the pages of a PDF; raises NotReadable."""
    return [_page_from(page) for page in read_apart("duban.reading.pdf_pages", data)["pages"]]


def _page_from(page: dict[str, Any]) -> Page:
    tables = tuple(
        Ruled(
            _box(one["box"]), tuple(RuledCell(_box(cell["box"]), _lines_from(cell["lines"])) for cell in one["cells"])
        )
        for one in page["tables"]
    )
    return Page(**{**page, "lines": _lines_from(page["lines"]), "tables": tables})


def _lines_from(lines: list[dict[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(**{**line, "box": _box(line["box"])}) for line in lines)


def _box(box: Sequence[float]) -> Box:
    left, top, right, bottom = (round(float(one), 1) for one in box)
    return left, top, right, bottom


# --- in its own process


@dataclass(frozen=True, slots=True)
class _Raw:
    """What the library says of a page. tables: the box of each and its cells' boxes."""

    width: float
    height: float
    chars: list[dict[str, Any]]
    tables: Sequence[tuple[Sequence[float], Sequence[Sequence[float]]]]
    has_images: bool


def extracted(data: bytes) -> list[Page]:
    """This function will return the pages of a PDF, read in this process; raises NotReadable."""
    pages: list[Page] = []
    characters = 0
    for number, raw in enumerate(_raw_pages(data), start=1):
        pages.append(_page(number, raw))
        characters += pages[-1].characters
        if characters > MAX_CHARACTERS:
            raise NotReadable("这个 PDF 的文字太多。请只保留通知和任务分解表。", "too_large")
    if not pages:
        raise NotReadable(_DAMAGED, "truncated")
    return pages


def _raw_pages(data: bytes) -> Iterator[_Raw]:
    """Yield what the library finds; only its own failures are told as a damaged file."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(io.BytesIO(data)) as file:
            count = len(file.pages)
            if count > MAX_PAGES:
                raise NotReadable(
                    f"这个 PDF 有 {count} 页，最多读 {MAX_PAGES} 页。请只保留通知和任务分解表。", "too_large"
                )
            for page in file.pages:
                tables = [(found.bbox, list(found.cells)) for found in page.find_tables()]
                yield _Raw(float(page.width), float(page.height), page.chars, tables, bool(page.images))
                page.close()
    except (NotReadable, MemoryError):
        raise
    except PdfminerException as problem:
        if any(isinstance(one, PDFPasswordIncorrect) for one in problem.args):
            raise NotReadable("这个 PDF 设了打开密码，请取消密码后再读。", "undecodable") from problem
        raise NotReadable(_DAMAGED, "truncated") from problem
    except Exception as problem:  # a broken file makes the library fail in every way there is
        raise NotReadable(_DAMAGED, "truncated") from problem


def _page(number: int, raw: _Raw) -> Page:
    chars = [char for char in raw.chars if abs(char["matrix"][1]) <= abs(char["matrix"][0])]
    tables: list[Ruled] = []
    loose = chars
    for outline, found in raw.tables:
        cells = [_box(cell) for cell in found]
        if len({cell[0] for cell in cells}) > 1 and len(cells) > 2:
            box = _box(outline)
            tables.append(Ruled(box, _filled(cells, [char for char in loose if _within(char, box)])))
            loose = [char for char in loose if not _within(char, box)]
    return Page(
        number=number,
        width=raw.width,
        height=raw.height,
        lines=_lines(loose, gap="\t"),
        tables=tuple(tables),
        characters=sum(not char["text"].isspace() for char in raw.chars),
        is_picture=not raw.chars and raw.has_images,
        is_turned=len(chars) * 2 < len(raw.chars),
    )


def _within(char: dict[str, Any], box: Box) -> bool:
    across, down = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= across <= box[2] and box[1] <= down <= box[3])


def _filled(cells: list[Box], chars: list[dict[str, Any]]) -> tuple[RuledCell, ...]:
    """Give every cell the lines that stand in it."""
    tops = sorted({cell[1] for cell in cells})
    reaching: dict[float, list[int]] = {top: [] for top in tops}
    for place, cell in enumerate(cells):
        for top in tops[bisect_left(tops, cell[1]) :]:
            if top >= cell[3] - 1:
                break
            reaching[top].append(place)
    held: list[list[dict[str, Any]]] = [[] for _ in cells]
    for char in chars:
        row = tops[max(0, bisect_right(tops, (char["top"] + char["bottom"]) / 2) - 1)]
        for place in reaching[row]:
            if _within(char, cells[place]):
                held[place].append(char)
                break
    return tuple(RuledCell(cell, _lines(held[place], gap=" ")) for place, cell in enumerate(cells))


def _lines(chars: Iterable[dict[str, Any]], *, gap: str) -> tuple[Line, ...]:
    """Lines from top to bottom; gap: what a wide space between two characters of a line becomes."""
    rows: list[list[dict[str, Any]]] = []
    for char in sorted(chars, key=lambda one: (one["top"] + one["bottom"], one["x0"])):
        middle = (char["top"] + char["bottom"]) / 2
        if rows and not char["text"].isspace():
            last = rows[-1][0]
            height = max(last["bottom"] - last["top"], char["bottom"] - char["top"])
            if abs((last["top"] + last["bottom"]) / 2 - middle) <= height * 0.45:
                rows[-1].append(char)
                continue
        if char["text"].isspace():
            if rows and rows[-1][0]["top"] - 1 <= middle <= rows[-1][0]["bottom"] + 1:
                rows[-1].append(char)
            continue
        rows.append([char])
    return tuple(line for row in rows if (line := _line(row, gap)))


def _line(row: list[dict[str, Any]], gap: str) -> Line | None:
    row.sort(key=lambda char: char["x0"])
    kept: list[dict[str, Any]] = []
    for char in row:
        last = kept[-1] if kept else None
        if last is not None and last["text"] == char["text"] and char["x0"] - last["x0"] < min(1.5, char["width"] / 3):
            continue  # printed twice, a little apart, to look bold
        kept.append(char)
    while kept and kept[-1]["text"].isspace():
        kept.pop()
    while kept and kept[0]["text"].isspace():
        kept.pop(0)
    if not kept:
        return None
    size = Counter(round(char["bottom"] - char["top"], 1) for char in kept).most_common(1)[0][0]
    text = ""
    right = kept[0]["x0"]
    for char in kept:
        apart = char["x0"] - right
        if text and not text[-1].isspace() and not char["text"].isspace():
            if apart > 1.6 * size:
                text += gap
            elif apart > 0.75 * size or (apart > 0.25 * size and text[-1].isascii() and char["text"].isascii()):
                text += " "
        text += char["text"]
        right = max(right, char["x1"])
    box = (kept[0]["x0"], min(char["top"] for char in kept), right, max(char["bottom"] for char in kept))
    return Line(text, _box(box), size, _first_piece(kept))


def _first_piece(chars: list[dict[str, Any]]) -> float:
    """The width of what a line break would have kept together at the start of a line: a word, a character with 。"""
    end = 0
    while end + 1 < len(chars):
        here, following = chars[end]["text"], chars[end + 1]["text"]
        is_word = here.isascii() and following.isascii() and not here.isspace() and not following.isspace()
        if not (is_word or here in _OPENING or following in _CLOSING):
            break
        end += 1
    return round(float(chars[end]["x1"] - chars[0]["x0"]), 1)


if __name__ == "__main__":
    sys.exit(serve(lambda data: {"pages": [asdict(page) for page in extracted(data)]}))
