"""Drawing an official page with the operator's fonts, and putting it on the disk before anything is locked.

A page is drawn with the number it is going to have, before it has it: see `with_next_number`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from duban.core.errors import Invalid, WrongState
from duban.core.files import Staged, staged
from duban.documents.docx_file import to_docx
from duban.documents.paper import DocumentError, Paper
from duban.documents.pdf import to_pdf, to_pdf_batch
from duban.papers.rules import Format, frozen_values


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page drawn and on the disk, not yet kept. data: the frozen values it was drawn from, JSON-able."""

    data: dict[str, Any]
    pdf: Staged
    docx: Staged


def fonts_folder() -> Path | None:
    """Return the operator's own fonts, or None where there is no such folder."""
    folder = Path(settings.FONTS_DIR)
    return folder if folder.is_dir() else None


def drawn_as(paper: Paper, form: Format) -> bytes:
    """Return one file of a page. Raises Invalid, in the words of the drawer (a character no font has)."""
    try:
        return to_pdf(paper, fonts=fonts_folder()) if form is Format.PDF else to_docx(paper)
    except DocumentError as error:
        raise Invalid(str(error)) from error


@contextmanager
def drawn_files(*, pdf: bytes, docx: bytes, values: object) -> Iterator[Drawn]:
    """Put the two files of a page on the disk; unless it is frozen meanwhile, nothing of them stays there.

    values: the frozen dataclass the page was made from.
    """
    data = frozen_values(values)
    with staged(BytesIO(pdf)) as one, staged(BytesIO(docx)) as other:
        yield Drawn(data, one, other)


@contextmanager
def drawn(paper: Paper, *, values: object) -> Iterator[Drawn]:
    """Draw a page that is to be frozen; unless it is, nothing of it stays on the disk.

    values: the frozen dataclass the page was made from. The slow part, done before a transaction is opened.
    Raises Invalid.
    """
    pdf, docx = (drawn_as(paper, form) for form in (Format.PDF, Format.DOCX))
    with drawn_files(pdf=pdf, docx=docx, values=values) as found:
        yield found


def printed_together(papers: Sequence[Paper]) -> bytes:
    """Return several pages as one PDF to be printed. Raises Invalid, for none at all too."""
    try:
        return to_pdf_batch(papers, fonts=fonts_folder())
    except DocumentError as error:
        raise Invalid(str(error)) from error


class NumberTaken(WrongState):
    """Somebody else took the number a document was drawn with."""

    message = "编号刚刚被别的公文用去，请再发一次。"


_MOST_AT_ONCE = 50


Issued = TypeVar("Issued")


def with_next_number(attempt: Callable[[], Issued]) -> Issued:
    """Return what `attempt` issues, which draws a document with the next number and then allots it in a transaction.

    It is tried anew where NumberTaken says that somebody else was faster: one of those who issue at once always is
    not, so none of them tries more often than there are of them. Drawing is slow, so nothing is locked for it.
    Raises NumberTaken where more issue at once than can be.
    """
    for _ in range(_MOST_AT_ONCE):
        try:
            return attempt()
        except NumberTaken:
            continue
    raise NumberTaken
