"""Pages turned into a PDF by typst. Source: docs/sources.md#documents"""

import json
import threading
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from duban.documents.fonts import Font, FontBook
from duban.documents.paper import DocumentError
from duban.documents.pdf.marks import Mark, Page, Picture, Rule, Words

_TEMPLATE = Path(__file__).parent / "page.typ"
_DIGITS = 4
PIECE_PAGES = 40
"""Of a batch, drawn at a time: twenty letters. Fewer take no less memory, and each piece brings its fonts again."""
_PAGES_REMEMBERED = 50
_COMPILATIONS_REMEMBERED = 12
_NOTHING = json.dumps({"title": "", "date": None, "fonts": [], "pages": []})


def paint(book: FontBook, pages: Sequence[Page], *, title: str, day: date | None, is_piece: bool = False) -> bytes:
    """Return the PDF of these pages; the same pages give the same bytes.

    day: the document's date; with one it is PDF/A-2b, which asks for it.   is_piece: to be joined with others,
    and so without tags. Whatever typst warns of is a DocumentError.
    """
    fonts: dict[Font, int] = {}
    sheets = [
        {"width": page.size[0], "height": page.size[1], "marks": [_told(one, fonts) for one in page.marks]}
        for page in pages
    ]
    document = {
        "title": title,
        "date": {"year": day.year, "month": day.month, "day": day.day} if day else None,
        "fonts": [[font.family, font.weight, font.style] for font in fonts],
        "pages": sheets,
    }
    has_pictures = any(isinstance(one, Picture) for page in pages for one in page.marks)
    data, warnings = _press(book).compile(
        json.dumps(document), pages=len(sheets), is_archival=day is not None, is_tagged=has_pictures and not is_piece
    )
    if warnings:
        raise DocumentError(f"版面没有排好，已停止：{'；'.join(warnings)}。请告诉系统管理员。")
    return data


def _told(mark: Mark, fonts: dict[Font, int]) -> list[Any]:
    if isinstance(mark, Words):
        font = fonts.setdefault(mark.font, len(fonts))
        numbers = [round(mark.x, _DIGITS), round(mark.y, _DIGITS), mark.text, font, mark.size]
        return ["words", *numbers, round(mark.tracking, _DIGITS), mark.colour, round(mark.stretch, 6), mark.turn]
    if isinstance(mark, Rule):
        ends = [round(one, _DIGITS) for one in (mark.x, mark.y, mark.end_x, mark.end_y)]
        return ["rule", *ends, round(mark.thick, _DIGITS), mark.colour]
    box = [round(one, _DIGITS) for one in (mark.x, mark.y, mark.width, mark.height)]
    return ["picture", *box, mark.svg, mark.words]


class _Press:
    """A typst compiler kept for the life of the process, its fonts read once. Threads take turns.

    typst remembers what it laid out for the next ten compilations, more than half a megabyte a letter, and cannot be
    told to forget; so after many pages it is given nothing to do until it has.
    """

    def __init__(self, book: FontBook) -> None:
        self._compiler = typst.Compiler(
            input=_TEMPLATE, root=_TEMPLATE.parent, font_paths=book.for_typst, ignore_system_fonts=True
        )
        self._turn = threading.Lock()
        self._remembered = 0

    def compile(self, document: str, *, pages: int, is_archival: bool, is_tagged: bool) -> tuple[bytes, list[str]]:
        with self._turn:
            self._remembered += pages
            try:
                data, warnings = self._compile(document, is_archival=is_archival, is_tagged=is_tagged)
            except typst.TypstError as problem:
                raise DocumentError(f"版面没有排好，已停止：{problem.message}。请告诉系统管理员。") from problem
            finally:
                if self._remembered > _PAGES_REMEMBERED:
                    for _ in range(_COMPILATIONS_REMEMBERED):
                        self._compile(_NOTHING, is_archival=False, is_tagged=False)
                    self._remembered = 0
        if not isinstance(data, bytes):
            raise DocumentError("版面没有排好，已停止：没有得到一个文件。请告诉系统管理员。")
        return data, [one.message for one in warnings]

    def _compile(self, document: str, *, is_archival: bool, is_tagged: bool) -> tuple[Any, list[typst.TypstWarning]]:
        return self._compiler.compile_with_warnings(
            format="pdf",
            sys_inputs={"document": document},
            pdf_standards=["a-2b"] if is_archival else [],
            pdf_tags=is_tagged,
        )


@lru_cache(maxsize=4)
def _press(book: FontBook) -> _Press:
    return _Press(book)
