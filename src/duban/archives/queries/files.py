"""The files of a plan as its archive holds them: where each lies in it, and under which digest we keep it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from duban.archives.rules.packing import ending_of
from duban.evaluation.models import ResultIntake
from duban.evidence.models import Evidence
from duban.evidence.rules import EvidenceKind
from duban.intake.models import Notice
from duban.interviews.models import DecisionScan
from duban.letters.models import Letter
from duban.matters.models import Plan
from duban.papers.models import IssuedPaper, PaperScan

_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Kept:
    """One file. path: in the archive · digest: under which it is kept · what: in words, should it be missing."""

    path: str
    digest: str
    what: str


def paper_path(kind: str, pk: int, form: str) -> str:
    """Return where a frozen document lies in an archive. form: pdf or docx."""
    return f"documents/{kind.replace('_', '-')}/{pk:06}.{form}"


def scan_path(kind: str, paper_id: int, *, version: int, file_name: str) -> str:
    """Return where a sealed scan lies: beside the document it is of."""
    return f"documents/{kind.replace('_', '-')}/{paper_id:06}-scan-{version}{ending_of(file_name)}"


def letter_scan_path(pk: int, file_name: str) -> str:
    """Return where the scan behind a letter's typed-in number lies."""
    return f"documents/numbered/{pk:06}{ending_of(file_name)}"


def decision_scan_path(pk: int, file_name: str) -> str:
    """Return where the scan of a leader's paper lies."""
    return f"documents/decisions/{pk:06}{ending_of(file_name)}"


def evidence_path(digest: str, file_name: str) -> str:
    """Return where a file given as evidence lies: the same bytes given twice lie there once."""
    return f"evidence/{digest[:2]}/{digest}{ending_of(file_name)}"


def notice_path(pk: int, file_name: str) -> str:
    """Return where the original of a notice lies."""
    return f"notice/{pk:06}{ending_of(file_name)}"


def files_of(plan: Plan) -> Iterator[Kept]:
    """Yield every file of a plan, each path once. Seven statements, whatever their number."""
    for pk, name, digest in _iterated(Notice.objects.filter(plan=plan), "pk", "file_name", "digest"):
        yield Kept(notice_path(pk, name), digest, f"通知原件 {name}")
    papers = IssuedPaper.objects.filter(plan=plan)
    columns = ("pk", "kind", "title", "number_text", "pdf_digest", "docx_digest")
    for pk, kind, title, number, pdf, docx in _iterated(papers, *columns):
        what = number or title
        yield Kept(paper_path(kind, pk, "pdf"), pdf, f"{what} PDF")
        yield Kept(paper_path(kind, pk, "docx"), docx, f"{what} .docx")
    scans = PaperScan.objects.filter(paper__plan=plan)
    for paper_id, kind, version, name, digest in _iterated(
        scans, "paper_id", "paper__kind", "version", "file_name", "digest"
    ):
        yield Kept(scan_path(kind, paper_id, version=version, file_name=name), digest, f"扫描件 {name}")
    numbered = Letter.objects.filter(~Q(scan_digest=""), plan=plan)
    for pk, number, name, digest in _iterated(numbered, "pk", "number_text", "scan_name", "scan_digest"):
        yield Kept(letter_scan_path(pk, name), digest, f"{number} 扫描件")
    decided = DecisionScan.objects.filter(interview__plan=plan)
    for pk, name, digest in _iterated(decided, "pk", "file_name", "digest"):
        yield Kept(decision_scan_path(pk, name), digest, f"批示件扫描件 {name}")
    taken = ResultIntake.objects.filter(~Q(digest=""), evaluation__plan=plan)
    for pk, name, digest in _iterated(taken, "pk", "file_name", "digest"):
        yield Kept(f"evaluation/{pk:06}{ending_of(name)}", digest, f"考评核查结果 {name}")
    given = Evidence.objects.filter(matter__plan=plan, kind=EvidenceKind.FILE).order_by("digest", "pk")
    before, paths = "", set[str]()
    for digest, name in given.values_list("digest", "file_name").iterator(chunk_size=_CHUNK):
        if digest != before:
            before, paths = digest, set()
        path = evidence_path(digest, name)
        if path not in paths:
            paths.add(path)
            yield Kept(path, digest, f"佐证 {name}")


def _iterated(found: QuerySet[Any], *columns: str) -> Iterator[tuple[Any, ...]]:
    return found.order_by("pk").values_list(*columns).iterator(chunk_size=_CHUNK)
