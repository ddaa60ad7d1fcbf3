"""The office's work on 《政务督查》: two snapshots compared, a new issue, its words, its entries."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import Permission, require
from duban.bulletins.actions import (
    BulletinEdit,
    CitationEdit,
    NewCitation,
    accept_correction,
    add_citation,
    decline_correction,
    draft_bulletin,
    edit_bulletin,
    edit_citation,
    leave_out_citation,
    restore_citation,
)
from duban.bulletins.models import Bulletin, Citation, Correction
from duban.bulletins.queries import bulletin_for, compared, entries_of, snapshots_of, with_matters
from duban.bulletins.rules import (
    BASIS_LABELS,
    BULLETIN_KIND_LABELS,
    CHANGE_LABELS,
    JUDGING,
    OPEN_TO_EDIT,
    REASON_LENGTH,
    SECTION_LABELS,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Basis,
    BulletinKind,
    Change,
    Section,
    Stood,
    cause_words,
)
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.lights.models import Snapshot
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import plans_in_sight, policy_of
from duban.matters.rules import STATE_LABELS, State
from duban.web.closed import closed_note
from duban.web.given import actor_of, number_of
from duban.web.obstacles import status_of


def _plan_of(actor: Actor, request: HttpRequest) -> tuple[Plan | None, list[Plan]]:
    """Return the plan asked for, else the last of which there is a snapshot; and all there are to choose from."""
    frozen = Snapshot.objects.filter(plan=OuterRef("pk"))
    plans = list(plans_in_sight(actor).filter(Exists(frozen)))
    year = number_of(request.GET.get("year"))
    return next((one for one in plans if year in (0, one.year)), None), plans


# ---- two snapshots


@require_safe
def bulletin_compare(request: HttpRequest) -> HttpResponse:
    """What changed between any two snapshots of a plan, of the matters the reader may see."""
    actor = actor_of(request)
    require(actor, Permission.BULLETIN_VIEW)
    plan, plans = _plan_of(actor, request)
    snapshots = snapshots_of(plan) if plan is not None else []
    by_pk = {one.pk: one for one in snapshots}
    after = by_pk.get(number_of(request.GET.get("after"))) or (snapshots[0] if snapshots else None)
    earlier = [one for one in snapshots if after is not None and one.day < after.day]
    before = by_pk.get(number_of(request.GET.get("before"))) or (earlier[0] if earlier else None)
    if before is not None and after is not None and before.day > after.day:
        before, after = after, before
    context: dict[str, Any] = {
        "plan": plan,
        "plans": plans,
        "snapshots": snapshots,
        "before": before,
        "after": after,
        "groups": [],
    }
    if before is not None and after is not None and before != after:
        changes = compared(before, after)
        seen = Matter.objects.visible_to(actor).filter(pk__in=[one.matter_id for one in changes])
        shown = set(seen.values_list("pk", flat=True))
        rows = with_matters([one for one in changes if one.matter_id in shown])
        context["groups"] = [
            (
                CHANGE_LABELS[change],
                [
                    {
                        "matter": one.matter,
                        "unit": one.unit,
                        "before": _side(one.changed.before),
                        "after": _side(one.changed.after),
                    }
                    for one in rows
                    if one.changed.change is change
                ],
            )
            for change in Change
        ]
        context["count"] = len(rows)
    return render(request, "bulletins/compare.html", context)


def _side(stood: Stood | None) -> dict[str, str]:
    if stood is None:
        return {"light": "", "grey": "不在定格中"}
    return {"light": stood.light or "", "grey": STATE_LABELS[State(stood.state)]}


# ---- a new issue


@require_http_methods(["GET", "POST"])
def bulletin_new(request: HttpRequest) -> HttpResponse:
    """Draft an issue from a snapshot."""
    actor = actor_of(request)
    require(actor, Permission.BULLETIN_DRAFT)
    plan, plans = _plan_of(actor, request)
    snapshots = snapshots_of(plan) if plan is not None else []
    given = {
        "snapshot": request.GET.get("snapshot", str(snapshots[0].pk) if snapshots else ""),
        "kind": BulletinKind.REGULAR.value,
        "field": "",
        "title": "",
        "proposes": "on",
    }
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            made = _draft(snapshots, given, actor=actor)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "已拟好，请逐条看过，写明原因和下一步，再送各单位核对。")
            return redirect("bulletin", made.pk)
    fields = Matter.objects.filter(plan=plan).exclude(field="").values_list("field", flat=True) if plan else []
    context = {
        "plan": plan,
        "plans": plans,
        "closed": closed_note(plan) if plan is not None else "",
        "snapshots": snapshots,
        "fields": sorted(set(fields)),
        "kinds": BULLETIN_KIND_LABELS.items(),
        "given": given,
        "problem": problem,
        "field": field,
        "title_length": TITLE_LENGTH,
    }
    return render(request, "bulletins/new.html", context, status=status)


def _draft(snapshots: list[Snapshot], given: dict[str, str], *, actor: Actor) -> Bulletin:
    snapshot = next((one for one in snapshots if str(one.pk) == given["snapshot"]), None)
    if snapshot is None:
        raise Invalid("请选择定格。", field="snapshot")
    if given["kind"] not in set(BulletinKind):
        raise Invalid("请选择通报的种类。", field="kind")
    kind = BulletinKind(given["kind"])
    is_special = kind is BulletinKind.SPECIAL
    return draft_bulletin(
        snapshot,
        kind=kind,
        title=given["title"],
        field=given["field"] if is_special else "",
        proposes=not is_special or given["proposes"] == "on",
        by=actor,
        now=clock.now(),
    )


# ---- its words


def _in_hand(actor: Actor, pk: int) -> Bulletin:
    one = bulletin_for(actor, pk)
    require(actor, Permission.BULLETIN_DRAFT, jurisdiction_id=one.jurisdiction_id)
    return one


@require_http_methods(["GET", "POST"])
def bulletin_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Title and opening of a draft; what somebody else changed meanwhile is shown beside what was typed."""
    actor = actor_of(request)
    require(actor, Permission.BULLETIN_DRAFT)
    one = _in_hand(actor, pk)
    if one.state not in OPEN_TO_EDIT:
        return redirect("bulletin", pk)
    given = {"title": one.title, "opening": one.opening}
    problem, field, theirs, status, seen = "", "", None, 200, one.version
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        seen = number_of(request.POST.get("version"))
        try:
            edit_bulletin(one, edit=BulletinEdit(**given), seen=seen, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except Conflict as error:
            problem, theirs, status, seen = error.message, error.theirs, 409, one.version
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "通报稿已保存。")
            return redirect("bulletin", pk)
    context = {
        "bulletin": one,
        "given": given,
        "version": seen,
        "problem": problem,
        "field": field,
        "theirs": theirs,
        "title_length": TITLE_LENGTH,
        "text_length": TEXT_LENGTH,
    }
    return render(request, "bulletins/edit.html", context, status=status)


# ---- an entry


def _entry(actor: Actor, pk: int) -> Citation:
    """Return an entry of a bulletin this actor works on, joined. Raises NotFound, NotAllowed."""
    bulletin_pk = Citation.objects.filter(pk=pk).values_list("bulletin_id", flat=True).first()
    if bulletin_pk is None:
        raise NotFound("没有这一条，或者您无权查看。")
    one = _in_hand(actor, bulletin_pk)
    entry = next((each for each in entries_of(one, is_whole=True) if each.pk == pk), None)
    if entry is None:
        raise NotFound("没有这一条，或者您无权查看。")
    entry.bulletin = one
    return entry


@require_http_methods(["GET", "POST"])
def bulletin_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry: its facts, cause and next step with where they came from; corrections to be decided."""
    actor = actor_of(request)
    require(actor, Permission.BULLETIN_DRAFT)
    return _show_entry(request, _entry(actor, pk), actor=actor)


def _show_entry(
    request: HttpRequest, one: Citation, *, actor: Actor, refusal: DomainError | None = None, step: str = ""
) -> HttpResponse:
    bulletin, section = one.bulletin, Section(one.section)
    given = {"facts": one.facts, "cause": one.cause, "cause_note": one.cause_note, "next_step": one.next_step}
    theirs, seen = None, bulletin.version
    status = status_of(refusal) if refusal else 200
    problem, field = (refusal.message, refusal.field or "") if refusal else ("", "")
    if request.method == "POST" and not step:
        given = {name: request.POST.get(name, "") for name in given}
        seen = number_of(request.POST.get("version"))
        try:
            edit_citation(one, edit=CitationEdit(**given), seen=seen, by=actor, now=clock.now())
        except (NotAllowed, NotFound):
            raise
        except Conflict as error:
            problem, theirs, status, seen = error.message, error.theirs, 409, bulletin.version
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, f"{one}已保存。")
            following = _following(one)
            return (
                redirect("bulletin_entry", following)
                if "next" in request.POST and following
                else redirect("bulletin", bulletin.pk)
            )
    notes: list[Correction] = one.notes  # type: ignore[attr-defined]
    context = {
        "bulletin": bulletin,
        "entry": one,
        "name": str(one),
        "section": SECTION_LABELS[section],
        "bases": "、".join(BASIS_LABELS[Basis(each)] for each in one.figures),
        "is_judging": section in JUDGING,
        "cause_label": "主要做法" if section is Section.PRAISE else "原因类别",
        "note_label": "做法说明" if section is Section.PRAISE else "原因说明",
        "words": cause_words(section, policy_of(bulletin.plan).bulletins) if section in JUDGING else (),
        "notes": notes,
        "is_open": bulletin.state in OPEN_TO_EDIT,
        "given": given,
        "posted": {name: request.POST.get(name, "") for name in request.POST} if step else {},
        "version": seen,
        "problem": problem,
        "field": field,
        "step": step,
        "theirs": theirs,
        "text_length": TEXT_LENGTH,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "bulletins/entry.html", context, status=status)


def _following(one: Citation) -> int:
    """Return the entry after this one that still lacks something, 0 where none does."""
    rest = [
        each.pk
        for each in entries_of(one.bulletin)
        if each.section in JUDGING and not (each.cause and each.next_step) and each.pk != one.pk
    ]
    return rest[0] if rest else 0


_ENTRY_DONE = {
    "leave_out": "已注明不列入。",
    "restore": "已恢复列入。",
    "accept": "已采纳更正。",
    "decline": "已注明不采纳。",
}


@require_POST
def bulletin_entry_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Leave an entry out, put it back, decide a correction; what is wrong is said on its page."""
    actor, now = actor_of(request), clock.now()
    require(actor, Permission.BULLETIN_DRAFT)
    one = _entry(actor, pk)
    if step not in _ENTRY_DONE:
        raise NotFound
    posted, told = request.POST, {"by": actor, "now": now}
    try:
        if step == "leave_out":
            leave_out_citation(one, reason=posted.get("reason", ""), **told)  # type: ignore[arg-type]
        elif step == "restore":
            restore_citation(one, **told)  # type: ignore[arg-type]
        else:
            _decide(step, one, request=request, actor=actor)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show_entry(request, _entry(actor, pk), actor=actor, refusal=error, step=step)
    messages.success(request, _ENTRY_DONE[step])
    return redirect("bulletin_entry", pk) if step in ("accept", "decline") else redirect("bulletin", one.bulletin_id)


def _decide(step: str, one: Citation, *, request: HttpRequest, actor: Actor) -> None:
    notes: list[Correction] = one.notes  # type: ignore[attr-defined]
    wanted = number_of(request.POST.get("note"))
    note = next((each for each in notes if each.pk == wanted), None)
    if note is None:
        raise Invalid("请选择更正意见。", field="note")
    note.citation = one
    if step == "accept":
        accept_correction(note, facts=request.POST.get("facts", ""), by=actor, now=clock.now())
    else:
        decline_correction(note, reason=request.POST.get("reason", ""), by=actor, now=clock.now())


@require_http_methods(["GET", "POST"])
def bulletin_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an entry the rules did not propose: by the matter's serial, with a reason."""
    actor = actor_of(request)
    require(actor, Permission.BULLETIN_DRAFT)
    one = _in_hand(actor, pk)
    if one.state not in OPEN_TO_EDIT:
        return redirect("bulletin", pk)
    given = {"serial": request.GET.get("serial", ""), "unit": "", "section": "criticism", "facts": "", "reason": ""}
    problem, field, status = "", "", 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in given}
        try:
            made = _add(one, given, actor=actor)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, f"已增列{made}，请写明原因和下一步。")
            return redirect("bulletin_entry", made.pk)
    context = {
        "bulletin": one,
        "given": given,
        "sections": [(each.value, SECTION_LABELS[each]) for each in JUDGING],
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "bulletins/add.html", context, status=status)


def _add(one: Bulletin, given: dict[str, str], *, actor: Actor) -> Citation:
    serial = given["serial"].strip().removeprefix("第").removesuffix("项")
    found = list(Matter.objects.filter(plan=one.plan, serial=serial).order_by("order", "pk")) if serial else []
    if not found:
        raise Invalid(f"台账中没有第{serial}项。" if serial else "请填写事项的序号。", field="serial")
    if given["section"] not in {each.value for each in JUDGING}:
        raise Invalid("请选择列在哪一部分。", field="section")
    parts = Assignment.objects.filter(matter=found[0], ended_at=None).select_related("unit")
    parts = parts.order_by("-is_merging", "part", "order", "pk")
    wanted = given["unit"].strip()
    part = next((each for each in parts if not wanted or wanted in (each.unit.name, each.unit.full_name)), None)
    if part is None:
        names = "、".join(each.unit.name for each in parts)
        raise Invalid(f"{found[0]}的责任单位是{names or '空的'}。", field="unit")
    new = NewCitation(Section(given["section"]), found[0], part.unit, given["facts"], given["reason"])
    return add_citation(one, new=new, by=actor, now=clock.now())
