"""Issued documents on pages: the two files of each, drafts drawn for a look, several in one file, sealed scans."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.documents.paper import Paper
from duban.matters.models import Matter, Plan
from duban.matters.rules import Origin
from duban.papers.actions import add_scan, issue_assignment
from duban.papers.drawing import drawn_as, printed_together
from duban.papers.models import IssuedPaper, PaperScan
from duban.papers.queries import (
    assignment_notice,
    digest_of_paper,
    matters_to_notify,
    next_number,
    opened_paper,
    paper_for,
    papers_for,
    scans_of,
)
from duban.papers.rules import (
    CONTENT_TYPES,
    PAPER_KIND_LABELS,
    REASON_LENGTH,
    Format,
    PaperKind,
    file_name,
    names_once,
    takes_scans,
)
from duban.web.downloads import download, kept_file
from duban.web.evidence import files_of
from duban.web.given import actor_of, number_of
from duban.web.obstacles import status_of

_PAGE_ROWS = 50

MOST_TOGETHER = 100
"""So many documents go into one file at most."""


@dataclass(frozen=True, slots=True)
class Sheaf:
    """One document among several: what it is called, what was frozen of it, else the page to be drawn."""

    name: str
    page: Paper
    paper: IssuedPaper | None = None

    def content(self, form: Format) -> bytes:
        """Return its file: as frozen, else drawn. Raises NotFound (the file is damaged), Invalid (cannot be drawn)."""
        if self.paper is None:
            return drawn_as(self.page, form)
        with opened_paper(self.paper, form) as kept:
            return kept.read()


def issued_file(paper: IssuedPaper, form: Format) -> FileResponse:
    """Return a file of a document as it was issued. Raises NotFound where it is damaged."""
    opened_paper(paper, form).close()
    name = file_name(paper.number_text, paper.addressee or paper.title, form=form)
    return kept_file(digest_of_paper(paper, form), name=name, kind=CONTENT_TYPES[form])


def draft_file(page: Paper, form: Format, *, name: str) -> HttpResponse:
    """Return a file of a document that is not issued, drawn now. Raises Invalid."""
    return download(drawn_as(page, form), name=file_name(name, form=form), kind=CONTENT_TYPES[form])


def several_in_one(sheaves: Sequence[Sheaf], *, name: str) -> HttpResponse:
    """Return several documents as one PDF to be printed on both sides. Raises Invalid.

    A printed copy: those issued are drawn anew from what was frozen of them.
    """
    _check_number(sheaves)
    content = printed_together([one.page for one in sheaves])
    return download(content, name=file_name(name, form=Format.PDF), kind=CONTENT_TYPES[Format.PDF])


def several_zipped(sheaves: Sequence[Sheaf], *, name: str) -> HttpResponse:
    """Return several documents as a .zip with a PDF and a .docx of each, those issued byte for byte. Raises Invalid."""
    _check_number(sheaves)
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for form in Format:
            names = names_once([file_name(one.name, form=form) for one in sheaves])
            for one, called in zip(sheaves, names, strict=True):
                packed.writestr(called, one.content(form))
    return download(written.getvalue(), name=f"{name}.zip", kind="application/zip")


def _check_number(sheaves: Sequence[Sheaf]) -> None:
    if not sheaves:
        raise Invalid("没有选中函件，没有可以打印的内容。")
    if len(sheaves) > MOST_TOGETHER:
        raise Invalid(f"一次最多 {MOST_TOGETHER} 份，选了 {len(sheaves)} 份，请分几次。")


def scan_file(request: HttpRequest, paper: IssuedPaper) -> FileResponse:
    """Return a scan of the sealed original: the last one, or the `version` asked for. Raises NotFound."""
    wanted = number_of(request.GET.get("version"))
    found = next((one for one in scans_of(paper) if wanted in (0, one.version)), None)
    if found is None:
        raise NotFound("这份公文没有这一份扫描件。")
    return kept_file(found.digest, name=found.file_name, kind=found.content_type)


def paper_panel(actor: Actor, paper: IssuedPaper | None) -> dict[str, Any]:
    """Return what a page says of what was frozen of its document: digests, scans, who may add one."""
    if paper is None:
        return {"paper": None, "scans": [], "may_scan": False}
    scans: list[PaperScan] = scans_of(paper)
    return {
        "paper": paper,
        "issued_at": paper.issued_at.astimezone(SHANGHAI),
        "scans": scans,
        "may_scan": may(actor, Permission.PAPER_ISSUE, jurisdiction_id=paper.jurisdiction_id)
        and takes_scans(issued_at=paper.issued_at, plan_closed_at=paper.plan.closed_at),
    }


# ---- everything issued


@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """Every document issued that the reader may see, the latest first; narrowed to a kind."""
    actor = actor_of(request)
    require(actor, Permission.LETTER_VIEW)
    found = papers_for(actor).prefetch_related("scans")
    kind = request.GET.get("kind", "")
    kind = kind if kind in set(PaperKind) else ""
    page = Paginator(found.filter(kind=kind) if kind else found, _PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "rows": [
            {
                "paper": one,
                "kind": PAPER_KIND_LABELS[PaperKind(one.kind)],
                "letter_pk": one.subject_id if one.kind == PaperKind.LETTER else None,
                "scans": len(one.scans.all()),
            }
            for one in page
        ],
        "page": page,
        "kind": kind,
        "kinds": PAPER_KIND_LABELS.items(),
        "query": f"kind={kind}&" if kind else "",
    }
    return render(request, "papers/index.html", context)


@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """One document as it was issued: its files, whom it went to, the scans of the sealed original; one may be added."""
    actor = actor_of(request)
    require(actor, Permission.LETTER_VIEW)
    found = paper_for(actor, pk)
    refusal: DomainError | None = None
    if request.method == "POST":
        require(actor, Permission.PAPER_ISSUE, jurisdiction_id=found.jurisdiction_id)
        try:
            files = files_of(request)
            if not files:
                raise Invalid("请附盖章的扫描件。", field="file")
            add_scan(found, scan=files[0], reason=request.POST.get("reason", ""), by=actor, now=clock.now())
        except NotAllowed:
            raise
        except DomainError as error:
            refusal = error
        else:
            messages.success(request, "已附上扫描件。")
            return redirect("paper", pk)
    seen = Matter.objects.visible_to(actor).filter(papers=found).order_by("order", "pk")
    context = {
        **paper_panel(actor, found),
        "kind": PAPER_KIND_LABELS[PaperKind(found.kind)],
        "letter_pk": found.subject_id if found.kind == PaperKind.LETTER else None,
        "units": list(found.units.order_by("order", "pk")),
        "matters": list(seen),
        "problem": refusal.message if refusal else "",
        "field": refusal.field or "" if refusal else "",
        "step": "scan" if refusal else "",
        "given": {"reason": request.POST.get("reason", "")},
        "reason_length": REASON_LENGTH,
    }
    return render(request, "papers/paper.html", context, status=status_of(refusal) if refusal else 200)


@require_safe
def paper_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A document's PDF, byte for byte as it was issued."""
    require(actor_of(request), Permission.LETTER_VIEW)
    return issued_file(paper_for(actor_of(request), pk), Format.PDF)


@require_safe
def paper_docx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A document's .docx, byte for byte as it was issued."""
    require(actor_of(request), Permission.LETTER_VIEW)
    return issued_file(paper_for(actor_of(request), pk), Format.DOCX)


@require_safe
def paper_scan(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A scan of a document's sealed original."""
    require(actor_of(request), Permission.LETTER_VIEW)
    return scan_file(request, paper_for(actor_of(request), pk))


# ---- 交办通知


@require_http_methods(["GET", "POST"])
def plan_assignment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A notice that hands out chosen matters: looked at as a draft, then numbered, issued and frozen."""
    actor = actor_of(request)
    plan = Plan.objects.visible_to(actor).select_related("policy", "jurisdiction").filter(pk=pk).first()
    if plan is None:
        raise NotFound("没有这本台账，或者您无权查看。")
    require(actor, Permission.MATTER_ASSIGN, jurisdiction_id=plan.jurisdiction_id)
    known = matters_to_notify(plan)
    takes_all = "all" in request.GET
    chosen = {one.pk for one, is_told in known if not is_told and (takes_all or one.origin != Origin.NOTICE)}
    refusal: DomainError | None = None
    if request.method == "POST":
        chosen = {number_of(one) for one in request.POST.getlist("matter")}
        matters = [one for one, _ in known if one.pk in chosen]
        try:
            if request.POST.get("step") == "issue":
                made = issue_assignment(plan, matters=matters, by=actor, now=clock.now())
                messages.success(request, f"已发出{made}，并存档。")
                return redirect("paper", made.pk)
            if not matters:
                raise Invalid("请选择要写进通知的事项。", field="matter")
            form = Format.DOCX if request.POST.get("step") == "docx" else Format.PDF
            data = assignment_notice(plan, matters=matters, number=0, on=clock.today(), is_draft=True)
            return draft_file(data.page(), form, name="交办通知草稿")
        except NotAllowed:
            raise
        except DomainError as error:
            refusal = error
    context = {
        "plan": plan,
        "rows": [
            {
                "matter": one,
                "told": "已发" if is_told else "年度通知" if one.origin == Origin.NOTICE else "",
                "is_chosen": one.pk in chosen,
            }
            for one, is_told in known
        ],
        "number": next_number(plan.jurisdiction_id, kind=PaperKind.ASSIGNMENT, year=clock.today().year),
        "earlier": list(papers_for(actor).filter(plan=plan, kind=PaperKind.ASSIGNMENT)[:10]),
        "problem": refusal.message if refusal else "",
    }
    return render(request, "papers/assignment.html", context, status=status_of(refusal) if refusal else 200)
