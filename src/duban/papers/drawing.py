"""Drawing an official page with the operator's fonts, and putting it on the disk before anything is locked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings

from duban.core.errors import Invalid
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
