"""《政务督查》: the issues, one to be read, its steps; what a unit checks of its own entries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from duban.access.rules import ROLE_LABELS, Permission, Role, may, require
from duban.bulletins.actions import (
    approve_bulletin,
    confirm_citations,
    correct_citation,
    drop_bulletin,
    issue_bulletin,
    present_bulletin,
    read_bulletin,
    send_back_bulletin,
    show_to_units,
)
from duban.bulletins.models import Bulletin, BulletinReceipt, Citation, Correction, UnitCheck
from duban.bulletins.queries import (
    approvals_of,
    awaiting_snapshots,
    bulletin_for,
    bulletin_papers,
    bulletin_to_check,
    bulletins_for,
    bulletins_naming,
    checks_of,
    checks_open_to,
    composed,
    draft_page,
    entries_of,
    entry_of,
    is_of_office,
    may_approve,
    morning_of,
)
from duban.bulletins.rules import (
    APPROVING_LABELS,
    AUDIENCE_LABELS,
    BASIS_LABELS,
    BULLETIN_KIND_LABELS,
    BULLETIN_STATE_LABELS,
    CHANGE_LABELS,
    JUDGING,
    LIVE,
    OPEN_TO_EDIT,
    REASON_LENGTH,
    SECTION_LABELS,
    STATUS_LABELS,
    TEXT_LENGTH,
    Audience,
    Basis,
    BulletinKind,
    BulletinState,
    Change,
    Section,
    Status,
    incomplete,
    number_words,
    total_words,
)
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.letters.queries import speaks_for
from duban.letters.rules import issuer_name
from duban.matters.models import Matter
from duban.matters.queries import MatterPage, ledger_overseers, plans_in_sight, policy_of, units_in_plan
from duban.matters.rules import CHANNEL_LABELS, LIGHT_LABELS, Channel, Light
from duban.orgs.models import Post, Unit
from duban.papers.rules import Format
from duban.web.given import actor_of, behalf_of, number_of
from duban.web.objections import Mark, marks_of
from duban.web.obstacles import CHANNELS, status_of
from duban.web.papers import draft_file, issued_file, paper_panel
from duban.web.waiting import Office, Queue, Waiting, Waits, of_own_units

STATE_TONES = {
    BulletinState.DRAFTED: "draft",
    BulletinState.CORRECTING: "warn",
    BulletinState.PRESENTED: "violet",
    BulletinState.APPROVED: "blue",
    BulletinState.ISSUED: "teal",
    BulletinState.DROPPED: "plain",
}
TABS: dict[str, tuple[BulletinState, ...]] = {
    "issued": (BulletinState.ISSUED,),
    "work": OPEN_TO_EDIT,
    "presented": (BulletinState.PRESENTED,),
    "approved": (BulletinState.APPROVED,),
    "dropped": (BulletinState.DROPPED,),
}
TAB_LABELS = {
    "issued": "已印发",
    "work": "拟稿、核对",
    "presented": "待批准",
    "approved": "待印发",
    "dropped": "已作罢",
}
_PAGE_ROWS = 30


# ---- the list


@require_safe
def bulletins(request: HttpRequest) -> HttpResponse:
    """The issues the reader may read, by how they stand; the office sees which snapshots await theirs."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.BULLETIN_VIEW)
    drafts = may(actor, Permission.BULLETIN_DRAFT)
    visible = bulletins_for(actor)
    states = Counter(visible.order_by().values_list("state", flat=True))
    counts = {name: sum(states[state.value] for state in some) for name, some in TABS.items()}
    names = [name for name in TABS if name == "issued" or drafts or counts[name]]
    tab = request.GET.get("tab", "")
    tab = tab if tab in names else next((name for name in names if name != "dropped" and counts[name]), names[0])
    page = Paginator(visible.filter(state__in=TABS[tab]), _PAGE_ROWS).get_page(request.GET.get("page"))
    shown = list(page)
    unread = _unread(actor, shown)
    plans = list(plans_in_sight(actor)) if drafts else []
    context = {
        "tabs": [(name, TAB_LABELS[name], counts[name]) for name in names],
        "tab": tab,
        "rows": [
            {
                "bulletin": one,
                "kind": BULLETIN_KIND_LABELS[BulletinKind(one.kind)],
                "state": BULLETIN_STATE_LABELS[BulletinState(one.state)],
                "tone": STATE_TONES[BulletinState(one.state)],
                "is_unread": one.pk in unread,
                "next": _next_word(one, actor=actor, drafts=drafts),
            }
            for one in shown
        ],
        "page": page,
        "query": f"tab={tab}&",
        "drafts": drafts,
        "awaiting": awaiting_snapshots(plans, today=today),
        "checks": list(checks_open_to(actor, today=today)),
    }
    return render(request, "bulletins/index.html", context)


def _unread(actor: Actor, some: Sequence[Bulletin]) -> set[int]:
    if actor.person_id is None:
        return set()
    receipts = BulletinReceipt.objects.filter(bulletin__in=some, person_id=actor.person_id, read_at=None)
    return set(receipts.values_list("bulletin_id", flat=True))


def _next_word(one: Bulletin, *, actor: Actor, drafts: bool) -> str:
    if one.state == BulletinState.PRESENTED and may_approve(actor, one):
        return "批准"
    words = {BulletinState.DRAFTED: "办理", BulletinState.CORRECTING: "办理", BulletinState.APPROVED: "印发"}
    return words.get(BulletinState(one.state), "") if drafts else ""


@require_safe
def bulletin_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An issue as PDF: as it was issued; before that a draft."""
    return _file(request, pk, Format.PDF)


@require_safe
def bulletin_docx(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An issue as .docx, for further editing; as `bulletin_pdf`."""
    return _file(request, pk, Format.DOCX)


def _file(request: HttpRequest, pk: int, form: Format) -> HttpResponseBase:
    require(actor_of(request), Permission.BULLETIN_VIEW)
    one = bulletin_for(actor_of(request), pk)
    paper = bulletin_papers([one]).get(pk)
    if paper is not None:
        return issued_file(paper, form)
    try:
        return draft_file(draft_page(one), form, name=f"{one.title}（草稿）")
    except Invalid as error:
        return _show(request, one, refusal=error)


# ---- one issue


@require_safe
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """An issue as it is read, and what the reader may do now."""
    require(actor_of(request), Permission.BULLETIN_VIEW)
    return _show(request, bulletin_for(actor_of(request), pk))


_BUTTONS = {"approve", "present", "show", "edit"}
_PRIMARY = ("approve", "issue", "present", "show")
"""The first of these the reader may do is the one button that stands out."""


def _steps(actor: Actor, one: Bulletin) -> set[str]:
    state = BulletinState(one.state)
    drafts = may(actor, Permission.BULLETIN_DRAFT, jurisdiction_id=one.jurisdiction_id)
    found: set[str] = set()
    if state is BulletinState.PRESENTED and may_approve(actor, one):
        found |= {"approve", "send_back"}
    if drafts:
        found |= {
            BulletinState.DRAFTED: {"edit", "show", "drop"},
            BulletinState.CORRECTING: {"edit", "present", "drop"},
            BulletinState.PRESENTED: {"send_back", "drop"},
            BulletinState.APPROVED: {"issue", "send_back", "drop"},
        }.get(state, set())
    return found


def _show(request: HttpRequest, one: Bulletin, *, refusal: DomainError | None = None, step: str = "") -> HttpResponse:
    actor, today = actor_of(request), clock.today()
    state, place = BulletinState(one.state), one.plan.jurisdiction
    steps = _steps(actor, one)
    is_office = is_of_office(actor, one)
    said = composed(one)
    entries = entries_of(one, is_whole=True) if is_office else []
    checks = checks_of(one) if is_office else []
    receipts = list(BulletinReceipt.objects.filter(bulletin=one).select_related("person")) if one.issued_on else []
    posted = request.POST if refusal else QueryDict()
    marks = marks_of(actor, one) if one.number else {}
    context = {
        "bulletin": one,
        "kind": BULLETIN_KIND_LABELS[BulletinKind(one.kind)],
        "state": BULLETIN_STATE_LABELS[state],
        "tone": STATE_TONES[state],
        "said": said,
        "issue": number_words(one.number) if one.number else "",
        "issue_total": total_words(one.total_number) if one.total_number else "",
        "office": issuer_name(place.name, policy=policy_of(one.plan).letters),
        "sections": _sections(said["entries"], seen=_seen(actor, said), marks=marks),
        "total": _tally_row(said["total"]),
        "statuses": [STATUS_LABELS[each] for each in _statuses(said)],
        "tables": [
            (label, [_tally_row(each, statuses=_statuses(said)) for each in said[name]])
            for name, label in (("by_overseer", "分管或联系领导"), ("by_unit", "牵头单位"), ("by_field", "领域"))
        ],
        "changes": _changes(said),
        "since": date.fromisoformat(said["since"]) if said["since"] else None,
        "is_office": is_office,
        "is_open": state in OPEN_TO_EDIT and "edit" in steps,
        "entries": [_entry_row(each, checks=checks, today=today) for each in entries],
        "problems": incomplete(entry_of(each) for each in entries if not each.left_out_reason)
        if state in OPEN_TO_EDIT
        else [],
        "checks": [_check_row(each, today=today) for each in checks],
        "approvals": _approvals(one) if state in (BulletinState.PRESENTED, BulletinState.APPROVED) else [],
        "steps": steps,
        "has_buttons": bool(steps & _BUTTONS),
        "primary": next((name for name in _PRIMARY if name in steps), ""),
        **paper_panel(actor, bulletin_papers([one]).get(one.pk)),
        "receipts": receipts,
        "read": sum(each.read_at is not None for each in receipts),
        "audience": AUDIENCE_LABELS[Audience(one.audience)] if one.audience else "",
        "is_unread": any(each.person_id == actor.person_id and each.read_at is None for each in receipts),
        "readers": _readers(actor, one, posted=posted) if "issue" in steps else None,
        "given": {name: posted.get(name, "") for name in posted},
        "problem": refusal.message if refusal else "",
        "field": (refusal.field or "") if refusal else "",
        "step": step,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "bulletins/bulletin.html", context, status=status_of(refusal) if refusal else 200)


def _seen(actor: Actor, said: dict[str, Any]) -> set[int]:
    """Return which matters of a bulletin the reader may open."""
    wanted = {one["matter_id"] for one in said["entries"] if one["matter_id"]}
    return set(Matter.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))


def _sections(
    entries: Sequence[dict[str, Any]], *, seen: set[int], marks: Mapping[tuple[int | None, int], Mark]
) -> list[dict[str, Any]]:
    """Return the entries by section. marks: what became of those of an issued bulletin."""
    found = []
    for section in Section:
        some = [
            {
                **one,
                "is_seen": one["matter_id"] in seen,
                "mark": marks.get((one["matter_id"], one["unit_id"])),
            }
            for one in entries
            if one["section"] == section
        ]
        if some:
            found.append(
                {
                    "label": SECTION_LABELS[section],
                    "entries": some,
                    "is_judging": section in JUDGING,
                    "cause_label": "主要做法" if section is Section.PRAISE else "原因",
                }
            )
    return found


def _statuses(said: dict[str, Any]) -> list[Status]:
    """Return the statuses of which there is anything, in their order."""
    return [one for one in Status if said["total"]["statuses"].get(one.value)]


def _tally_row(one: dict[str, Any], *, statuses: Sequence[Status] = ()) -> dict[str, Any]:
    wanted = statuses or [each for each in Status if one["statuses"].get(each.value)]
    return {
        "name": one["name"],
        "total": one["total"],
        "statuses": [(STATUS_LABELS[each], one["statuses"].get(each.value, 0)) for each in wanted],
        "lights": [(each.value, LIGHT_LABELS[each], one["lights"].get(each.value, 0)) for each in reversed(Light)],
    }


def _changes(said: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    found = []
    for change in Change:
        some = [one for one in said["changes"] if one["change"] == change]
        if some:
            found.append((CHANGE_LABELS[change], some))
    return found


def _entry_row(one: Citation, *, checks: Sequence[UnitCheck], today: date) -> dict[str, Any]:
    notes: list[Correction] = one.notes  # type: ignore[attr-defined]
    check = next((each for each in checks if each.unit_id == one.unit_id), None)
    is_open = any(each.accepted_at is None and each.declined_at is None for each in notes)
    missing = incomplete([entry_of(one)])
    return {
        "entry": one,
        "name": str(one),
        "section": SECTION_LABELS[Section(one.section)],
        "bases": "、".join(BASIS_LABELS[Basis(each)] for each in one.figures),
        "is_incomplete": bool(missing) and not one.left_out_reason,
        "has_open_note": is_open and not one.left_out_reason,
        "check": _check_row(check, today=today) if check else None,
    }


def _check_row(one: UnitCheck, *, today: date) -> dict[str, Any]:
    how = f"（{CHANNEL_LABELS[Channel(one.channel)]}，{one.informant}）" if one.channel else ""
    if one.answered_at:
        word, tone = f"{one.answered_by_name}{how}已核对", "ok"
    elif one.until >= today:
        word, tone = f"到{one.until.month}月{one.until.day}日", "warn"
    else:
        word, tone = "逾期未提出更正", "plain"
    return {"check": one, "word": word, "tone": tone, "is_open": one.until >= today and one.answered_at is None}


def _approvals(one: Bulletin) -> list[dict[str, Any]]:
    given = {
        "facts": (one.facts_approved_at, one.facts_approved_by_name),
        "judgement": (one.judgement_approved_at, one.judgement_approved_by_name),
    }
    return [
        {
            "label": APPROVING_LABELS[what],
            "role": ROLE_LABELS[Role(role)],
            "at": given[what.value][0],
            "by": given[what.value][1],
        }
        for what, role in approvals_of(one).items()
    ]


def _readers(actor: Actor, one: Bulletin, *, posted: QueryDict) -> dict[str, Any]:
    """Return whom it may be issued to by name."""
    return {
        "audiences": AUDIENCE_LABELS.items(),
        "audience": posted.get("audience", Audience.ALL.value),
        "units": units_in_plan(one.plan, actor=actor),
        "posts": ledger_overseers(one.plan, today=clock.today()),
        "chosen_units": {number_of(each) for each in posted.getlist("unit")},
        "chosen_posts": {number_of(each) for each in posted.getlist("post")},
    }


_DONE = {
    "show": "已送各单位核对。",
    "present": "已送批，内容就此固定。",
    "send_back": "已退回修改。",
    "approve": "已批准。",
    "issue": "已印发。",
    "drop": "已作罢。",
    "read": "",
}


@require_POST
def bulletin_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with an issue; what is wrong is said on its page, as it was filled in."""
    actor = actor_of(request)
    require(actor, Permission.BULLETIN_VIEW)
    found = bulletin_for(actor, pk)
    if step not in _DONE:
        raise NotFound
    if seen := number_of(request.POST.get("version")):
        found.version = seen  # as the page showed it: who comes second is told so
    try:
        _take(step, found, request=request, actor=actor)
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return _show(request, bulletin_for(actor, pk), refusal=error, step=step)
    if step == "read" and request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    if _DONE[step]:
        messages.success(request, _DONE[step])
    return redirect("bulletin", pk)


def _take(step: str, one: Bulletin, *, request: HttpRequest, actor: Actor) -> None:
    posted, now = request.POST, clock.now()
    simple = {
        "show": show_to_units,
        "present": present_bulletin,
        "approve": approve_bulletin,
        "read": read_bulletin,
    }
    if step in simple:
        simple[step](one, by=actor, now=now)
    elif step == "send_back":
        send_back_bulletin(one, reason=posted.get("reason", ""), by=actor, now=now)
    elif step == "drop":
        drop_bulletin(one, reason=posted.get("reason", ""), by=actor, now=now)
    else:
        require(actor, Permission.BULLETIN_DRAFT, jurisdiction_id=one.jurisdiction_id)
        audience = Audience.NAMED if posted.get("audience") == Audience.NAMED else Audience.ALL
        known = {pk for pk, _ in units_in_plan(one.plan, actor=actor)}
        units = known & {number_of(each) for each in posted.getlist("unit")}
        leaders = {pk for pk, _ in ledger_overseers(one.plan, today=now.date())}
        posts = leaders & {number_of(each) for each in posted.getlist("post")}
        issue_bulletin(
            one,
            audience=audience,
            units=list(Unit.objects.filter(pk__in=units).order_by("order", "pk")),
            posts=list(Post.objects.filter(pk__in=posts).order_by("order", "pk")),
            by=actor,
            now=now,
        )


# ---- what a unit checks


@require_http_methods(["GET", "POST"])
def bulletin_check(request: HttpRequest, pk: int, unit_pk: int) -> HttpResponse:
    """The entries of one unit, before the issue is approved: it may say they are right, or correct a fact."""
    actor = actor_of(request)
    require(actor, Permission.BULLETIN_CORRECT, unit_id=unit_pk)
    one = bulletin_to_check(actor, pk)
    check = UnitCheck.objects.filter(bulletin=one, unit=unit_pk).select_related("unit").first()
    is_own = speaks_for(actor, unit_pk)
    if check is None or not (is_own or is_of_office(actor, one)):
        raise NotFound("这期通报没有列入该单位，或者您无权查看。")
    entries = [each for each in entries_of(one, is_whole=True) if each.unit_id == unit_pk]
    problem, field, status = "", "", 200
    if request.method == "POST":
        behalf = None if is_own else behalf_of(request.POST)
        told: dict[str, Any] = {"behalf": behalf, "by": actor, "now": clock.now()}
        try:
            if request.POST.get("step") == "confirm":
                confirm_citations(one, unit=check.unit, **told)
            else:
                entry = next((each for each in entries if each.pk == number_of(request.POST.get("entry"))), None)
                if entry is None:
                    raise Invalid("请选择要更正的条目。", field="entry")
                entry.bulletin = one
                correct_citation(entry, text=request.POST.get(f"text-{entry.pk}", ""), **told)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", status_of(error)
        else:
            messages.success(request, "已记下，督查室会处理。" if is_own else "已代录。")
            return redirect("bulletin_check", pk, unit_pk)
    context = {
        "bulletin": one,
        "check": check,
        "row": _check_row(check, today=clock.today()),
        "is_own": is_own,
        "is_time": one.state == BulletinState.CORRECTING and check.until >= clock.today(),
        "may_read": Bulletin.objects.visible_to(actor).filter(pk=one.pk).exists(),
        "entries": [_to_check(each, posted=request.POST, field=field) for each in entries],
        "channels": CHANNELS,
        "given": {name: request.POST.get(name, "") for name in request.POST} or {"channel": Channel.TELEPHONE.value},
        "problem": problem,
        "field": field,
        "text_length": TEXT_LENGTH,
    }
    return render(request, "bulletins/check.html", context, status=status)


def _to_check(one: Citation, *, posted: QueryDict, field: str) -> dict[str, Any]:
    notes: list[Correction] = one.notes  # type: ignore[attr-defined]
    return {
        "entry": one,
        "name": str(one),
        "title": (one.matter.title or one.matter.text) if one.matter else "",
        "section": SECTION_LABELS[Section(one.section)],
        "notes": notes,
        "has_open_note": any(each.accepted_at is None and each.declined_at is None for each in notes),
        "text": posted.get(f"text-{one.pk}", ""),
        "is_wrong": field == f"text-{one.pk}",
        "is_posted": posted.get("entry") == str(one.pk),
    }


# ---- elsewhere


def bulletins_panel(actor: Actor, page: MatterPage) -> list[dict[str, Any]]:
    """Return the issues that name a matter, for its page. At most one statement, none where there are none."""
    found = bulletins_naming(actor, page.matter) if "bulletins" in page.there else []
    return [
        {
            "pk": one.bulletin_id,
            "name": f"{one.bulletin.number_year}年{number_words(one.bulletin.number or 0)}",
            "section": SECTION_LABELS[Section(one.section)],
            "tone": "warn" if one.section == Section.CRITICISM else "ok",
            "unit": one.unit.name,
            "facts": one.facts,
            "withdrawn": one.withdrawn_reason,
            "on": one.bulletin.issued_on,
        }
        for one in found
    ]


BULLETINS_ON_MATTER = Citation.objects.filter(
    matter=OuterRef("pk"), bulletin__state=BulletinState.ISSUED, left_out_reason=""
)
"""For the matter's page: whether any issue names it."""


def may_wait(actor: Actor) -> QuerySet[Any]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Citation.objects.filter(of_own_units(actor, "unit"), bulletin__state__in=LIVE, left_out_reason="")


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what waits for the reader: entries of the own unit to be checked (it may, it need not), approvals."""
    found = [
        Waiting(
            waits=Waits.CONFIRM,
            address=reverse("bulletin_check", args=[one.bulletin_id, one.unit_id]),
            action="核对",
            text=f"通报稿中{one.unit.name}的情况，有出入的可以更正",
            since=one.shown_on,
            unit=one.unit.name,
            due_on=one.until,
        )
        for one in checks_open_to(actor, today=today)
    ]
    if may(actor, Permission.BULLETIN_APPROVE):
        presented = bulletins_for(actor).filter(state=BulletinState.PRESENTED).order_by("presented_at", "pk")
        found += [_to_approve(one) for one in presented if may_approve(actor, one)]
    return found


def _to_approve(one: Bulletin) -> Waiting:
    return Waiting(
        waits=Waits.DECIDE,
        address=reverse("bulletin", args=[one.pk]),
        action="批准",
        text=f"通报：{one.title}",
        since=clock.day_of(one.presented_at) if one.presented_at else one.drafted_on,
        note=f"{one.presented_by_name}送批",
    )


def office_queue(office: Office) -> Queue:
    """Return what of the bulletins waits at the office. Four statements at most.

    A half-year snapshot is only reminded of; nobody drafts but a person.
    """
    actor = office.actor
    found = morning_of(actor, office.plans, today=office.today)
    lines = [_to_approve(one) for one in found.to_approve]
    if may(actor, Permission.BULLETIN_DRAFT):
        lines += [_of_office(one, "裁定", f"{count} 条事实更正") for one, count in found.to_decide]
        lines += [_of_office(one, "送批", "单位核对已结束") for one in found.to_present]
        lines += [_of_office(one, "印发", "已批准") for one in found.to_issue]
        new = reverse("bulletin_new")
        lines += [
            Waiting(
                waits=Waits.DECIDE,
                address=f"{new}?year={one.plan.year}&snapshot={one.pk}",
                action="拟稿",
                text=f"{one.day.month}月{one.day.day}日定格还没有拟通报",
                since=one.day,
            )
            for one in found.snapshots
        ]
    return Queue(lines[: office.most], len(lines), (("政务督查", reverse("bulletins")),))


def _of_office(one: Bulletin, action: str, note: str) -> Waiting:
    return Waiting(
        waits=Waits.DECIDE,
        address=reverse("bulletin", args=[one.pk]),
        action=action,
        text=one.title,
        since=one.drafted_on,
        note=note,
    )
