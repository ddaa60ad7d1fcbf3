"""Evidence: a unit shows what it did by files, links and papers; everybody on the matter finds them in one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.core.file_types import ACCEPTED_TEXT, TYPES, Family, clean_name
from duban.evidence.actions import add_evidence, withdraw_evidence
from duban.evidence.examining import Given, NewFile, NewLink, NewPaper
from duban.evidence.models import Evidence
from duban.evidence.rules import (
    EVIDENCE_KIND_LABELS,
    GIVING_BACK_STATES,
    MOST_AT_ONCE,
    SCAN_LABELS,
    TAKING_STATES,
    EvidenceKind,
    Scan,
    may_enter_for_units,
    may_give_itself,
    size_text,
)
from duban.matters.models import Assignment, Matter
from duban.matters.queries import matter_for, policy_of
from duban.matters.rules import CHANNEL_LABELS, PART_LABELS, Channel, Part
from duban.web.downloads import kept_file
from duban.web.given import actor_of, behalf_of, number_of
from duban.web.middleware import STATUS

PICTURES = ",".join(sorted({f"image/{one}" for one in ("jpeg", "png", "gif", "webp", "bmp", "tiff")}))
"""What a telephone's camera and gallery are asked for; naming them makes an iPhone send JPEG."""

DOCUMENTS = ",".join(f".{one}" for one, kind in TYPES.items() if kind.family is not Family.IMAGE)

_SHOWN_INLINE = ("image/jpeg", "image/png")
"""Drawn anew by us, so a browser may show them."""


# ---- lines on a page


@dataclass(frozen=True, slots=True)
class Line:
    """One piece as a page shows it. address: where it opens, or empty.   note: size, or where the paper lies."""

    pk: int
    kind: str
    symbol: str
    title: str
    address: str
    is_elsewhere: bool
    is_picture: bool
    note: str
    scan: str
    unit: str
    by: str
    on: date
    withdrawn: str
    may_withdraw: bool


_SYMBOLS = {EvidenceKind.FILE: "file-text", EvidenceKind.LINK: "link", EvidenceKind.PAPER: "book"}


def evidence_line(one: Evidence, *, actor: Actor | None = None, matter: Matter | None = None) -> Line:
    """Return one piece in words. actor, matter: who looks at which matter, where it may be withdrawn from this page."""
    kind = EvidenceKind(one.kind)
    address = one.address if kind is EvidenceKind.LINK else ""
    is_picture = one.content_type in _SHOWN_INLINE
    if kind is EvidenceKind.FILE:
        address = reverse("evidence_image" if is_picture else "evidence", args=[one.pk])
    by = one.added_by_name
    if one.channel:
        by = f"{one.informant}（{CHANNEL_LABELS[Channel(one.channel)]}，{by}代录）"
    withdrawn = ""
    if one.withdrawn_at:
        day = one.withdrawn_at.astimezone(clock.SHANGHAI)
        withdrawn = f"{day.month}月{day.day}日由{one.withdrawn_by_name}撤下：{one.withdrawn_reason}"
    return Line(
        pk=one.pk,
        kind=EVIDENCE_KIND_LABELS[kind],
        symbol=_SYMBOLS[kind],
        title=one.title,
        address=address,
        is_elsewhere=kind is EvidenceKind.LINK,
        is_picture=is_picture,
        note=size_text(one.size_bytes) if one.size_bytes else one.place,
        scan=SCAN_LABELS[Scan(one.scan)] if one.scan and one.scan != Scan.CLEAN else "",
        unit=one.unit.name if one.unit else "",
        by=by,
        on=clock.day_of(one.added_at),
        withdrawn=withdrawn,
        may_withdraw=actor is not None and matter is not None and _may_withdraw(actor, one, matter=matter),
    )


def _may_withdraw(actor: Actor, one: Evidence, *, matter: Matter) -> bool:
    is_free = not one.withdrawn_at and not one.held_at and matter.state in GIVING_BACK_STATES
    return is_free and _is_theirs(actor, one, matter=matter)


def _is_theirs(actor: Actor, one: Evidence, *, matter: Matter) -> bool:
    """Return whether a piece is the actor's to withdraw: the unit's own, or anybody's for the office."""
    if not may(actor, Permission.EVIDENCE_ADD, unit_id=one.unit_id, jurisdiction_id=matter.jurisdiction_id):
        return False
    is_office = may_enter_for_units(actor, jurisdiction_id=matter.jurisdiction_id)
    return is_office or any(one.unit_id in held.unit_ids for held in actor.held)


def evidence_panel(
    actor: Actor, matter: Matter, *, assignments: list[Assignment], evidence: Sequence[Evidence]
) -> dict[str, Any]:
    """Return what a matter's page shows of its evidence: what stands, what was withdrawn, whether more may be added."""
    lines = [evidence_line(one, actor=actor, matter=matter) for one in evidence]
    return {
        "lines": [one for one in lines if not one.withdrawn],
        "withdrawn": [one for one in lines if one.withdrawn],
        "has_unscanned": any(one.scan and not one.withdrawn for one in lines),
        "may_add": matter.state in TAKING_STATES and bool(_givers(actor, matter, assignments=assignments)),
    }


def _givers(actor: Actor, matter: Matter, *, assignments: list[Assignment]) -> dict[int, str]:
    """Return whose evidence the actor may add, by unit id, leads first; 0 is the office or the leader, before all."""
    place = matter.jurisdiction_id
    if not may(actor, Permission.EVIDENCE_ADD, jurisdiction_id=place):
        return {}
    found = {0: "督查室自己的材料"} if may_give_itself(actor, jurisdiction_id=place) else {}
    own = {pk for one in actor.held for pk in one.unit_ids}
    for_all = may_enter_for_units(actor, jurisdiction_id=place)
    parts = [one for one in assignments if one.ended_at is None and (for_all or one.unit_id in own)]
    for one in sorted(parts, key=lambda each: (not each.is_merging, each.part != Part.LEAD, each.order, each.pk)):
        found[one.unit_id] = f"{one.unit.name}（{PART_LABELS[Part(one.part)]}）"
    return found


# ---- adding


def files_of(request: HttpRequest, *, title: str = "") -> list[NewFile]:
    """Return the files of a form; several under one title are numbered. Raises Invalid for what was cut off."""
    left_out = getattr(request, "left_out", [])
    if left_out:
        raise Invalid(f"“{clean_name(left_out[0])}”太大，没有收下。请压缩或分成几份再传。", field="file")
    files = [one for one in request.FILES.getlist("file") if one.file is not None]
    numbered = [f"{title}（{place}）" for place in range(1, len(files) + 1)] if title and len(files) > 1 else None
    return [
        NewFile(one.name or "", one.file, numbered[place] if numbered else title)  # type: ignore[arg-type]
        for place, one in enumerate(files)
    ]


def file_fields(matter: Matter) -> dict[str, Any]:
    """Return what a form with files shows about them. The plan and its policy are joined."""
    return {
        "pictures": PICTURES,
        "documents": DOCUMENTS,
        "accepted": ACCEPTED_TEXT,
        "most_mb": policy_of(matter.plan).evidence.most_mb,
        "most_at_once": MOST_AT_ONCE,
        "is_scanned": bool(settings.CLAMD),
    }


def _given(request: HttpRequest) -> list[Given]:
    posted = request.POST
    given: list[Given] = [*files_of(request, title=posted.get("title", "").strip())]
    if posted.get("address", "").strip():
        given.append(NewLink(posted["address"], posted.get("link_title", "")))
    if posted.get("place", "").strip() or posted.get("paper_title", "").strip():
        given.append(NewPaper(posted.get("place", ""), posted.get("paper_title", "")))
    return given


@require_http_methods(["GET", "POST"])
def matter_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Add evidence: photographs, documents, a link, where a paper lies, all in one form."""
    actor = actor_of(request)
    matter = matter_for(actor, pk)
    require(actor, Permission.EVIDENCE_ADD, jurisdiction_id=matter.jurisdiction_id)
    assignments = list(Assignment.objects.filter(matter=matter, ended_at=None).select_related("unit"))
    givers = _givers(actor, matter, assignments=assignments)
    if not givers:
        raise NotAllowed("本单位不在这件事项的责任单位中。")
    wanted = request.POST.get("unit") or request.GET.get("unit")
    chosen = number_of(wanted) if wanted else next(iter(givers))
    if chosen not in givers:
        raise NotFound
    unit = next((one.unit for one in assignments if one.unit_id == chosen), None)
    is_own = unit is None or any(chosen in one.unit_ids for one in actor.held)
    given: dict[str, str] = {"channel": Channel.PAPER.value}
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in request.POST}
        try:
            rows = add_evidence(
                matter,
                unit=unit,
                given=_given(request),
                by=actor,
                now=clock.now(),
                behalf=None if is_own else behalf_of(request.POST),
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field = error.message, error.field or ""
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        else:
            messages.success(request, f"已提交 {len(rows)} 份佐证材料。")
            return redirect(f"{reverse('matter', args=[pk])}#evidence")
    context = {
        "matter": matter,
        "givers": list(givers.items()),
        "chosen": chosen,
        "unit": unit,
        "may_be_on_behalf": may_enter_for_units(actor, jurisdiction_id=matter.jurisdiction_id),
        "is_in_hand": matter.state in TAKING_STATES,
        "channels": [(one.value, label) for one, label in CHANNEL_LABELS.items()],
        "files": file_fields(matter),
        "given": given,
        "problem": problem,
        "field": field,
        "had_files": bool(request.FILES),
    }
    return render(request, "evidence/new.html", context, status=status)


# ---- one piece


def _evidence_for(request: HttpRequest, pk: int) -> Evidence:
    """Return one piece the actor may see. Raises NotFound."""
    found = Evidence.objects.visible_to(actor_of(request)).select_related("unit", "matter").filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这份材料，或者您无权查看。")
    return found


@require_safe
def evidence(request: HttpRequest, pk: int) -> FileResponse:
    """The file, always to be saved and never shown by the browser."""
    return _sent(_evidence_for(request, pk), is_shown=False)


@require_safe
def evidence_image(request: HttpRequest, pk: int) -> FileResponse:
    """A picture drawn anew by us, shown by the browser."""
    found = _evidence_for(request, pk)
    if found.content_type not in _SHOWN_INLINE:
        raise NotFound("这份材料不能在网页里查看，请下载。")
    return _sent(found, is_shown=True)


def _sent(found: Evidence, *, is_shown: bool) -> FileResponse:
    if found.kind != EvidenceKind.FILE:
        raise NotFound("这份材料没有文件。")
    return kept_file(found.digest, name=found.file_name, kind=found.content_type, is_shown=is_shown)


@require_http_methods(["GET", "POST"])
def evidence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a piece back, with a reason."""
    actor = actor_of(request)
    require(actor, Permission.EVIDENCE_ADD)
    found = _evidence_for(request, pk)
    if not _is_theirs(actor, found, matter=found.matter):
        raise NotFound("这份材料不是本单位提交的，不能撤下。")
    problem, status = "", 200
    if request.method == "POST":
        try:
            withdraw_evidence(found, reason=request.POST.get("reason", ""), by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem = error.message
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
        else:
            messages.success(request, f"已撤下“{found.title}”。")
            return redirect(f"{reverse('matter', args=[found.matter_id])}#evidence")
    context = {
        "one": found,
        "line": evidence_line(found),
        "matter": found.matter,
        "may_withdraw": _may_withdraw(actor, found, matter=found.matter),
        "reason": request.POST.get("reason", ""),
        "problem": problem,
    }
    return render(request, "evidence/withdraw.html", context, status=status)
