"""Reads of issued documents that several doors and the rooms above share."""

from collections.abc import Iterable, Mapping
from typing import BinaryIO

from django.db import models

from duban.core.errors import NotFound
from duban.core.files import opened
from duban.papers.models import IssuedPaper, PaperScan, Template
from duban.papers.rules import Format, PaperKind
from duban.papers.wording import Wording, template_kinds


def papers_of(kind: PaperKind, *, subject_type: str, subject_ids: Iterable[int]) -> dict[int, IssuedPaper]:
    """Return the last document issued of each of these things, by the thing's number. One statement.

    The caller has seen that the reader may see the things.
    """
    found = IssuedPaper.objects.filter(kind=kind, subject_type=subject_type, subject_id__in=list(subject_ids))
    return {one.subject_id: one for one in found.order_by("version")}


def paper_of(kind: PaperKind, subject: models.Model) -> IssuedPaper | None:
    """Return the last document issued of a thing, or None. One statement."""
    return papers_of(kind, subject_type=subject._meta.model_name or "", subject_ids=[subject.pk]).get(subject.pk)


def scans_of(paper: IssuedPaper) -> list[PaperScan]:
    """Return the scans of a document, the one that holds first."""
    return list(PaperScan.objects.filter(paper=paper).order_by("-version"))


def digest_of_paper(paper: IssuedPaper, form: Format) -> str:
    """Return the digest of one of a document's two files."""
    return paper.pdf_digest if form is Format.PDF else paper.docx_digest


def opened_paper(paper: IssuedPaper, form: Format) -> BinaryIO:
    """Return a document's file, open at its start, byte for byte as it was issued.

    Raises NotFound where it is gone or no longer the same: it is never drawn anew in silence.
    """
    try:
        return opened(digest_of_paper(paper, form))
    except NotFound as error:
        raise NotFound(f"{paper}的存档文件不在数据目录中，或者与发出时不一致，没有给出。请从备份中恢复。") from error


# ---- wording


def templates_in_force(jurisdiction_id: int) -> Mapping[str, Wording]:
    """Return the wording in force in a place, of every kind of template, by its key. One statement."""
    found = {key: one.shipped for key, one in template_kinds().items()}
    for one in Template.objects.filter(jurisdiction=jurisdiction_id).order_by("number"):
        if one.key in found:
            found[one.key] = Wording(one.title, one.opening, one.demand)
    return found


def template_versions(jurisdiction_id: int, key: str) -> list[Template]:
    """Return the versions of one template that a place adopted, the last first. One statement."""
    return list(Template.objects.filter(jurisdiction=jurisdiction_id, key=key).order_by("-number"))
