"""变更申请: a unit asks for a change, the office decides; and 集中延期 of many for an event beyond the units."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from duban.access.rules import Permission, acting_with, may, require
from duban.changes.actions import Decision, Wish, approve_change, ask_change, refuse_change, withdraw_change
from duban.changes.models import ChangeRequest
from duban.changes.queries import (
    decision_day,
    extensions_of,
    later_plans,
    lead_parts,
    open_requests,
    progress_proposal,
    refused_since,
    request_for,
    requests_on,
)
from duban.changes.rules import (
    REQUEST_STATE_LABELS,
    TEXT_LENGTH,
    CannotExtend,
    RequestState,
    decide_by,
    is_too_late,
    kinds_open_to,
    label_of,
    too_late_text,
    why_not_extended,
)
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.core.text import date_text
from duban.matters.actions import extend_many
from duban.matters.models import Assignment, Matter
from duban.matters.queries import MatterPage, matter_for
from duban.matters.rules import CHANGE_LABELS, CHANNEL_LABELS, STATE_LABELS, ChangeKind, Channel, Part, State
from duban.web.given import actor_of, behalf_of, day_of, number_of
from duban.web.ledger import (
    address_of,
    approval_from,
    approval_proposed,
    matters_found,
    plan_asked,
    view_of,
)
from duban.web.middleware import STATUS
from duban.web.waiting import ABOUT_A_MATTER, Office, Queue, Waiting, Waits, about_a_matter, first_of, of_own_units

_REFUSED_SHOWN_DAYS = 14


def _status(error: DomainError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)


def _is_own(actor: Actor, unit_id: int) -> bool:
    return any(unit_id in one.unit_ids for one in actor.held)


def _askers(actor: Actor, matter: Matter, *, parts: Sequence[Assignment]) -> list[Assignment]:
    """Return the leads the actor may ask for, the one that merges first."""
    place = matter.jurisdiction_id
    leads = [one for one in parts if one.part == Part.LEAD and one.ended_at is None]
    found = [one for one in leads if may(actor, Permission.CHANGE_ASK, unit_id=one.unit_id, jurisdiction_id=place)]
    return sorted(found, key=lambda one: (not one.is_merging, one.order, one.pk))


# ---- the panel on a matter's page


@dataclass(frozen=True, slots=True)
class Line:
    """One request as a page shows it. wish: what is asked for, in words."""

    address: str
    label: str
    state: str
    is_open: bool
    unit: str
    on: date
    wish: str
    cause: str
    reasons: str


def _wish_words(one: ChangeRequest) -> str:
    if one.due_on is not None:
        return f"延至{date_text(one.due_on)}"
    return f"调整为：{one.wording}" if one.wording else ""


def _line(one: ChangeRequest) -> Line:
    return Line(
        address=reverse("change", args=[one.pk]),
        label=label_of(ChangeKind(one.kind)),
        state=REQUEST_STATE_LABELS[RequestState(one.state)],
        is_open=one.state == RequestState.OPEN,
        unit=one.unit.name,
        on=one.asked_on,
        wish=_wish_words(one),
        cause=one.cause,
        reasons=one.refusal_reasons,
    )


def changes_panel(actor: Actor, page: MatterPage) -> dict[str, Any]:
    """Return what a matter's page shows of requests for changes, and whether the reader may ask. At most one
    statement."""
    matter = page.matter
    is_asking = bool(kinds_open_to(State(matter.state)) and _askers(actor, matter, parts=page.assignments))
    return {
        "lines": [_line(one) for one in requests_on(actor, matter)] if "change_requests" in page.there else [],
        "may_ask": is_asking and matter.assigned_at is not None,
    }


# ---- asking


@require_http_methods(["GET", "POST"])
def matter_change(request: HttpRequest, pk: int) -> HttpResponse:
    """A lead asks for 延期、调整、暂停、结转 or 终止; what it reported last is there as the progress so far."""
    actor, today = actor_of(request), clock.today()
    matter = matter_for(actor, pk)
    require(actor, Permission.CHANGE_ASK, jurisdiction_id=matter.jurisdiction_id)
    parts = _askers(actor, matter, parts=lead_parts(matter))
    if not parts and any(one.unit_ids for one in actor.held):
        raise NotAllowed("本单位不是这件事项的牵头单位，变更由牵头单位申请。")
    given = request.POST if request.method == "POST" else request.GET
    wanted = number_of(given.get("unit"))
    part = next((one for one in parts if one.unit_id == wanted), None)
    if wanted and part is None:
        raise NotFound
    part = part or (parts[0] if parts else None)
    kinds = kinds_open_to(State(matter.state))
    kind = next((one for one in kinds if one.value == given.get("kind")), kinds[0] if kinds else None)
    is_own = part is not None and _is_own(actor, part.unit_id)
    problem, field, status = "", "", 200
    if request.method == "POST":
        try:
            if part is None or kind is None:
                raise Invalid(f"{matter}当前不能申请变更。")
            made = ask_change(
                matter,
                unit=part.unit,
                wish=_wish(request.POST, kind=kind),
                by=actor,
                now=clock.now(),
                behalf=None if is_own else behalf_of(request.POST),
            )
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
        else:
            messages.success(request, f"{label_of(kind)}已提交，督查室应于{date_text(decision_day(made))}前裁定。")
            return redirect("matter", pk)
    extensions = extensions_of(matter)
    is_late = is_too_late(asked_on=today, due_on=matter.due_on)
    values = {
        "progress": progress_proposal(matter, unit_id=part.unit_id) if part else "",
        "wording": matter.text,
        "asked_on": today.isoformat(),
        "channel": Channel.PAPER.value,
    }
    if request.method == "POST":
        values |= {name: request.POST.get(name, "") for name in request.POST}
    context = {
        "matter": matter,
        "part": part,
        "parts": [(one.unit_id, one.unit.name) for one in parts],
        "kinds": [(one.value, CHANGE_LABELS[one]) for one in kinds],
        "kind": kind.value if kind else "",
        "label": label_of(kind) if kind else "变更申请",
        "is_own": is_own,
        "is_late": is_late,
        "too_late": too_late_text(matter.due_on) if is_late and is_own else "",
        "extensions": extensions,
        "values": values,
        "channels": [(one.value, label) for one, label in CHANNEL_LABELS.items()],
        "most": TEXT_LENGTH,
        "problem": problem,
        "field": field,
    }
    return render(request, "changes/ask.html", context, status=status)


def _wish(posted: QueryDict, *, kind: ChangeKind) -> Wish:
    return Wish(
        kind=kind,
        cause=posted.get("cause", ""),
        progress=posted.get("progress", ""),
        due_on=day_of(posted.get("due_on", ""), field="due_on", what="新的时限"),
        wording=posted.get("wording", ""),
        asked_on=day_of(posted.get("asked_on", ""), field="asked_on", what="申请日期"),
        late_reason=posted.get("late_reason", ""),
    )


# ---- deciding


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: the office agrees, by an approval, or refuses with reasons; the unit may withdraw it."""
    actor = actor_of(request)
    asked = request_for(actor, pk)
    problem, field, status = "", "", 200
    step = request.POST.get("step", "")
    if request.method == "POST":
        try:
            done = _decide(asked, posted=request.POST, by=actor)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
            asked = request_for(actor, pk)
        else:
            messages.success(request, done)
            return redirect("matter", asked.matter_id)
    matter, today = asked.matter, clock.today()
    is_open = asked.state == RequestState.OPEN
    place = matter.jurisdiction_id
    values = {
        "due_on": asked.due_on.isoformat() if asked.due_on else "",
        "wording": asked.wording,
        "reason": asked.cause,
        "basis": f"{asked.unit.name}{date_text(asked.asked_on)}{label_of(ChangeKind(asked.kind))}",
        "document_number": "",
        "approved_by_name": actor.name,
        "approved_on": today.isoformat(),
    }
    if step == "approve":
        values |= {name: request.POST.get(name, value) for name, value in values.items()}
    is_asker = may(actor, Permission.CHANGE_ASK, unit_id=asked.unit_id, jurisdiction_id=place)
    context = {
        "asked": asked,
        "matter": matter,
        "line": _line(asked),
        "decide_by": decision_day(asked) if is_open else None,
        "by": f"{asked.informant}（{CHANNEL_LABELS[Channel(asked.channel)]}，{asked.asked_by_name}代录）"
        if asked.channel
        else asked.asked_by_name,
        "extensions": extensions_of(matter) if asked.kind == ChangeKind.EXTEND else None,
        "plans": later_plans(matter) if asked.kind == ChangeKind.CARRY_OVER else [],
        "into": request.POST.get("into", ""),
        "may_decide": is_open and may(actor, Permission.CHANGE_APPROVE, jurisdiction_id=place),
        "may_withdraw": is_open and is_asker,
        "is_own": _is_own(actor, asked.unit_id),
        "values": values,
        "reasons": request.POST.get("reasons", "") if step == "refuse" else "",
        "step": step,
        "problem": problem,
        "field": field,
    }
    return render(request, "changes/change.html", context, status=status)


def _decide(asked: ChangeRequest, *, posted: QueryDict, by: Actor) -> str:
    step, label = posted.get("step", ""), label_of(ChangeKind(asked.kind))
    if step == "withdraw":
        withdraw_change(asked, by=by, now=clock.now())
        return f"{label}已撤回。"
    if step == "refuse":
        refuse_change(asked, reasons=posted.get("reasons", ""), by=by, now=clock.now())
        return f"已不同意{label}。"
    if step != "approve":
        raise Invalid("请选择要办理的一步。")
    require(by, Permission.CHANGE_APPROVE, jurisdiction_id=asked.matter.jurisdiction_id)
    into = next((one for one in later_plans(asked.matter) if str(one.pk) == posted.get("into")), None)
    decision = Decision(
        approval=approval_from(posted),
        reason=posted.get("reason", ""),
        due_on=day_of(posted.get("due_on", ""), field="due_on", what="延至"),
        wording=posted.get("wording", ""),
        into=into,
    )
    approve_change(asked, decision=decision, by=by, now=clock.now())
    return f"已同意{label}。"


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Every request that waits for the office's decision, with the day it is due."""
    actor = actor_of(request)
    require(actor, Permission.CHANGE_APPROVE)
    rows = [{"line": _line(one), "matter": one.matter, "decide_by": decision_day(one)} for one in open_requests(actor)]
    return render(request, "changes/index.html", {"rows": rows})


def may_wait(actor: Actor) -> QuerySet[ChangeRequest]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return ChangeRequest.objects.filter(
        of_own_units(actor, "unit"), state__in=(RequestState.OPEN, RequestState.REFUSED)
    )


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return the requests of the actor's units refused lately."""
    found = []
    units = {unit_id for one in actor.held for unit_id in one.unit_ids}
    if units and may(actor, Permission.CHANGE_ASK):
        first = today - timedelta(days=_REFUSED_SHOWN_DAYS)
        since = datetime(first.year, first.month, first.day, tzinfo=clock.SHANGHAI)
        for one in refused_since(actor, since=since):
            if one.unit_id in units and one.decided_at is not None:
                note = f"不同意{CHANGE_LABELS[ChangeKind(one.kind)]}：{one.refusal_reasons}"
                on = clock.day_of(one.decided_at)
                found.append(_waits(one, Waits.RETURNED, "查看", note, since=on))
    return found


def office_queue(office: Office) -> Queue:
    """Return the requests that wait for the actor's decision, the earliest asked first. One statement."""
    found = open_requests(acting_with(office.actor, Permission.CHANGE_APPROVE))
    rows, count = first_of(found, *ABOUT_A_MATTER, "kind", "cause", "asked_on", most=office.most)
    lines = [
        about_a_matter(
            one,
            "裁定",
            f"{label_of(ChangeKind(one.kind))}：{one.cause}",
            address=reverse("change", args=[one.pk]),
            since=one.asked_on,
            due_on=decide_by(one.asked_on, decide_workdays=office.figures[one.matter__plan_id].changes.decide_workdays),
        )
        for one in rows
    ]
    return Queue(lines, count, (("变更", reverse("changes")),))


def _waits(
    one: ChangeRequest, waits: Waits, action: str, note: str, *, since: date, due_on: date | None = None
) -> Waiting:
    return Waiting(
        waits=waits,
        address=reverse("change", args=[one.pk]),
        action=action,
        text=one.matter.title or one.matter.text,
        since=since,
        serial=one.matter.serial,
        note=note,
        unit=one.unit.name,
        due_on=due_on,
    )


# ---- many at once


_CANNOT_WORDS = {CannotExtend.NOT_LATER: "新的时限不晚于现在的时限"}


@require_http_methods(["GET", "POST"])
def ledger_extend(request: HttpRequest) -> HttpResponse:
    """集中延期: of the matters chosen in the ledger, or of all the view finds. First the dates are shown."""
    actor = actor_of(request)
    require(actor, Permission.CHANGE_APPROVE)
    view, given, today = view_of(request.GET), request.POST, clock.today()
    view.pop("as_of", None)  # what is decided, is decided of the ledger as it stands
    _, plan = plan_asked(request, view)
    if plan is None:
        raise NotFound
    require(actor, Permission.CHANGE_APPROVE, jurisdiction_id=plan.jurisdiction_id)
    chosen = [number_of(one) for one in given.getlist("matter")]
    if not chosen and request.method == "POST" and not given.get("all"):
        messages.warning(request, "请先选中要延期的事项。")
        return redirect(_ledger_address(view))
    ids = chosen or [one.id for one in matters_found(request, plan, view, is_whole=True).rows]
    found = Matter.objects.visible_to(actor).filter(plan=plan, pk__in=ids).select_related("plan__policy")
    matters = list(found.order_by("order", "pk"))
    approval = approval_proposed(plan, today=today) | {"document_number": "", "approved_on": today.isoformat()}
    values = {"how": "days", "due_on": "", "days": "", "reason": "", **approval}
    values |= {name: given[name] for name in values if name in given}
    rows: list[dict[str, Any]] = [{"matter": one, "new": None, "cannot": ""} for one in matters]
    problem, field, status, seen = "", "", 200, ""
    if "preview" in given or "confirm" in given:
        try:
            postponed = _postponed(values)
            rows = [_row(one, postponed=postponed) for one in matters]
            going = [row["matter"] for row in rows if row["new"]]
            seen = _fingerprint(rows)
            if not going:
                raise Invalid("没有可以延期的事项。")
            if "confirm" in given and given.get("seen") == seen:
                extend_many(
                    going,
                    due_on=postponed,
                    reason=values["reason"],
                    approval=approval_from(given),
                    by=actor,
                    now=clock.now(),
                )
                messages.success(request, f"已集中延期 {len(going)} 项，原时限保留在各事项的“变更”中。")
                return redirect(_ledger_address(view))
            if "confirm" in given:
                problem, status = "日期或事项已有变化，请核对下面的新旧时限，再确认一次。", 409
        except NotAllowed:
            raise
        except DomainError as error:
            problem, field, status = error.message, error.field or "", _status(error)
    context = {
        "plan": plan,
        "rows": rows,
        "going": sum(row["new"] is not None for row in rows),
        "left_out": sum(bool(row["cannot"]) for row in rows),
        "is_previewed": bool(seen),
        "seen": seen,
        "chosen": chosen,
        "values": values,
        "problem": problem,
        "field": field,
        "back": _ledger_address(view),
        "action": f"{request.path}?{address_of(view)}",
    }
    return render(request, "changes/extend_many.html", context, status=status)


def _ledger_address(view: dict[str, str]) -> str:
    return reverse("ledger") + (f"?{address}" if (address := address_of(view)) else "")


def _postponed(values: dict[str, str]) -> date | timedelta:
    """Return the day all are extended to, or by how much each is. Raises Invalid."""
    if values["how"] == "date":
        day = day_of(values["due_on"], field="due_on", what="延至")
        if day is None:
            raise Invalid("请填写延至哪一天。", field="due_on")
        return day
    days = number_of(values["days"].strip())
    if not 1 <= days <= 366:
        raise Invalid("请填写顺延多少天，1 到 366 之间。", field="days")
    return timedelta(days=days)


def _row(matter: Matter, *, postponed: date | timedelta) -> dict[str, Any]:
    new = matter.due_on + postponed if isinstance(postponed, timedelta) else postponed
    state = State(matter.state)
    why = why_not_extended(state=state, due_on=matter.due_on, new_due_on=new)
    if why is None:
        return {"matter": matter, "new": new, "cannot": ""}
    words = f"当前是“{STATE_LABELS[state]}”" if why is CannotExtend.STATE else _CANNOT_WORDS[why]
    return {"matter": matter, "new": None, "cannot": words}


def _fingerprint(rows: Sequence[dict[str, Any]]) -> str:
    """Return what stands for the dates somebody was shown: other matters or other days give another."""
    shown = "|".join(f"{row['matter'].pk}:{row['matter'].due_on}:{row['new']}" for row in rows)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
