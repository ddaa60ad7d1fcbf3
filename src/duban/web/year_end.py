"""年度办结: what of a year is still open and what to do about each, closing, opening again; and its archives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from duban.access.rules import Permission, may, require
from duban.archives.actions import ask_archive, close_plan, reopen_plan, take_archive
from duban.archives.models import Archive
from duban.archives.queries import archives_for, closings_of, ending_plans, name_of, next_plan, standing_of, still_owed
from duban.archives.rules import (
    ARCHIVE_STATE_LABELS,
    OPEN_HINTS,
    OPEN_LABELS,
    ArchiveState,
    Open,
    OpenThing,
    blockers_words,
    counts_words,
)
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import DomainError, Invalid, NotAllowed, NotFound
from duban.matters.actions import carry_over_many, terminate_many, waive_obligations
from duban.matters.models import Matter, Plan
from duban.matters.queries import current_plan
from duban.matters.rules import STATE_LABELS, State, Step, may_step
from duban.web.downloads import kept_file
from duban.web.given import actor_of, day_of, number_of
from duban.web.ledger import approval_from, approval_proposed
from duban.web.middleware import STATUS
from duban.web.waiting import Office, Queue, Waiting, Waits

_SHOWN_MOST = 500
"""So many of one kind are listed; what comes after them is listed once these are dealt with."""

_STATE_WORDS = {one.value: label for one, label in STATE_LABELS.items()}
_PAGES: Mapping[Open, str] = {
    Open.MATTER: "matter",
    Open.CHANGE: "change",
    Open.LETTER: "letter",
    Open.OBSTACLE: "obstacle",
    Open.MEETING: "meeting",
    Open.DECISION: "decision",
    Open.INSTRUCTION: "instruction",
    Open.BULLETIN: "bulletin",
    Open.VISIT: "visit",
    Open.INTERVIEW: "interview",
    Open.OBJECTION: "objection",
    Open.EVALUATION: "evaluation_one",
}
"""Where each thing that is open is dealt with."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is open. address: where it is dealt with · may_end: it may be carried over or terminated."""

    thing: OpenThing
    address: str
    may_end: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Everything open of one kind. rest: how many more there are than are listed."""

    kind: str
    title: str
    hint: str
    lines: list[Line]
    count: int

    @property
    def rest(self) -> int:
        """How many are not listed."""
        return self.count - len(self.lines)


def _plan(request: HttpRequest) -> Plan:
    """Return the plan of the year asked for; else the one to be closed next, else the current one. Raises NotFound."""
    actor, today = actor_of(request), clock.today()
    year = number_of(request.GET.get("year"))
    places = {one.jurisdiction_id for one in actor.held if may(actor, Permission.MATTER_EDIT)}
    ending = [] if year else ending_plans(places, today=today)
    plan = ending[0] if ending else current_plan(actor, today=today, year=year or None)
    if plan is None:
        raise NotFound("没有这一年的台账，或者您无权查看。")
    found = Plan.objects.visible_to(actor).select_related("jurisdiction", "policy").filter(pk=plan.pk).first()
    if found is None:
        raise NotFound("没有这一年的台账，或者您无权查看。")
    return found


@require_http_methods(["GET", "POST"])
def year_end(request: HttpRequest) -> HttpResponse:
    """One plan at its end. The office sees what is open; its head decides, closes and archives."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.MATTER_EDIT)
    plan = _plan(request)
    require(actor, Permission.MATTER_EDIT, jurisdiction_id=plan.jurisdiction_id)
    problem, status, field = "", 200, ""
    done = request.POST.get("do", "")
    if request.method == "POST":
        try:
            verb = _VERBS.get(done)
            if verb is None:
                raise Invalid("请选择要办理的事。")
            messages.success(request, verb(request.POST, plan, actor))
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            problem, field = error.message, error.field or ""
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
            plan.refresh_from_db()
        else:
            return redirect(f"{reverse('year_end')}?year={plan.year}")
    is_closed = plan.closed_at is not None
    standing = None if is_closed else standing_of(plan, today=today)
    place = plan.jurisdiction_id
    into = None if is_closed else next_plan(plan)
    groups = [] if standing is None else [_group(kind, things) for kind, things in standing.open.items()]
    archives = list(archives_for(actor).filter(plan=plan)) if may(actor, Permission.ARCHIVE_MAKE) else []
    closings = list(closings_of(plan))
    given = {name: request.POST.get(name, "") for name in _FIELDS} if problem else {}
    approval = {**approval_proposed(plan, today=today), "document_number": "", "approved_on": today.isoformat()}
    context = {
        "plan": plan,
        "years": list(Plan.objects.visible_to(actor).order_by("-year").values_list("year", flat=True)),
        "is_closed": is_closed,
        "matters": next((one for one in groups if one.kind == Open.MATTER), None),
        "owed": next((one for one in groups if one.kind == Open.OWED), None),
        "others": [one for one in groups if one.kind not in (Open.MATTER, Open.OWED)],
        "warnings": standing.warnings if standing else [],
        "blockers": blockers_words(standing.counts) if standing else "",
        "into": into,
        "closings": [(one, counts_words(one.counts, _STATE_WORDS, order=list(_STATE_WORDS))) for one in closings],
        "archives": [_archive_line(one) for one in archives],
        "edition": next((one.edition for one in archives if one.edition is not None), None),
        "is_writing": any(one.state in (ArchiveState.ASKED, ArchiveState.WRITING) for one in archives),
        "may_decide": may(actor, Permission.CHANGE_APPROVE, jurisdiction_id=place),
        "may_close": may(actor, Permission.PLAN_CLOSE, jurisdiction_id=place),
        "may_archive": may(actor, Permission.ARCHIVE_MAKE, jurisdiction_id=place),
        "done": done,
        "problem": problem,
        "field": field,
        "given": given,
        "chosen": set(request.POST.getlist("matter")) if problem else set(),
        "chosen_owed": set(request.POST.getlist("owed")) if problem else set(),
        "approval": {name: given.get(name) or value for name, value in approval.items()} if problem else approval,
    }
    return render(request, "year_end/index.html", context, status=status)


_FIELDS = ("how", "reason", "note", "due_on", "basis", "document_number", "approved_by_name", "approved_on")


def _group(kind: Open, things: list[OpenThing]) -> Group:
    lines = [Line(one, _address(one), _may_end(one)) for one in things[:_SHOWN_MOST]]
    return Group(kind.value, OPEN_LABELS[kind], OPEN_HINTS[kind], lines, len(things))


def _address(one: OpenThing) -> str:
    name = _PAGES.get(one.kind)
    return reverse(name, args=[one.id]) if name else ""


def _may_end(one: OpenThing) -> bool:
    return one.kind is Open.MATTER and one.state in _MAY_END


_MAY_END = {STATE_LABELS[state] for state in State if may_step(state, Step.CARRY_OVER)}


def _archive_line(one: Archive) -> dict[str, Any]:
    return {
        "archive": one,
        "state": ARCHIVE_STATE_LABELS[ArchiveState(one.state)],
        "name": name_of(one) if one.state == ArchiveState.DONE else "",
        "is_done": one.state == ArchiveState.DONE,
        "is_failed": one.state == ArchiveState.FAILED,
    }


# ---- what is done


def _matters(posted: QueryDict, plan: Plan) -> list[Matter]:
    ids = [number for number in map(number_of, posted.getlist("matter")) if number]
    found = Matter.objects.filter(plan=plan, pk__in=ids).select_related("plan__policy").order_by("order", "pk")
    return list(found)


def _end_matters(posted: QueryDict, plan: Plan, actor: Actor) -> str:
    """Carry over or terminate the matters ticked, as the form says."""
    told: dict[str, Any] = {"by": actor, "now": clock.now()}
    how, matters = posted.get("how", ""), _matters(posted, plan)
    if how not in ("carry", "terminate"):
        raise Invalid("请选择结转还是终止。", field="how")
    told |= {"reason": posted.get("reason", ""), "approval": approval_from(posted)}
    if how == "terminate":
        return f"已终止 {len(terminate_many(matters, **told))} 件事项。"
    into = next_plan(plan)
    if into is None:
        raise Invalid(f"还没有建立{plan.year + 1}年度台账，请先建立，再结转。", field="how")
    due_on = day_of(posted.get("due_on", ""), field="due_on", what="新的办结时限")
    made = carry_over_many(matters, into=into, due_on=due_on, **told)
    return f"已把 {len(made)} 件事项结转到{into.title}，待交办。"


def _waive(posted: QueryDict, plan: Plan, actor: Actor) -> str:
    ids = [number for number in map(number_of, posted.getlist("owed")) if number]
    owed = list(still_owed(plan).filter(pk__in=ids))
    count = waive_obligations(owed, reason=posted.get("reason", ""), by=actor, now=clock.now())
    return f"已免除 {count} 件应办事宜。"


def _close(posted: QueryDict, plan: Plan, actor: Actor) -> str:
    close_plan(plan, note=posted.get("note", ""), approval=approval_from(posted), by=actor, now=clock.now())
    return f"{plan.year}年度台账已办结。"


def _reopen(posted: QueryDict, plan: Plan, actor: Actor) -> str:
    reopen_plan(plan, reason=posted.get("reason", ""), approval=approval_from(posted), by=actor, now=clock.now())
    return f"{plan.year}年度台账已重新打开，办完以后须再次办结。"


def _archive(posted: QueryDict, plan: Plan, actor: Actor) -> str:
    ask_archive(plan, by=actor, now=clock.now())
    return "档案正在后台写，写成后列在这里，并发消息告诉您。"


_VERBS: Mapping[str, Callable[[QueryDict, Plan, Actor], str]] = {
    "end": _end_matters,
    "waive": _waive,
    "close": _close,
    "reopen": _reopen,
    "archive": _archive,
}


@require_POST
def archive_take(request: HttpRequest, pk: int) -> FileResponse:
    """Take the file of an archive away; it is written down who did."""
    actor = actor_of(request)
    require(actor, Permission.ARCHIVE_MAKE)
    archive = archives_for(actor).filter(pk=pk).first()
    if archive is None:
        raise NotFound("没有这份档案，或者您无权取用。")
    take_archive(archive, by=actor, now=clock.now())
    return kept_file(archive.digest, name=name_of(archive), kind="application/zip")


# ---- on a morning


def office_queue(office: Office) -> Queue:
    """Return the years to be closed: in December this one, from January on those that are over. No statement."""
    last = office.today.year if office.today.month == 12 else office.today.year - 1
    ending = [one for one in office.plans if one.year <= last and one.closed_at is None]
    lines = [
        Waiting(
            waits=Waits.DECIDE,
            address=f"{reverse('year_end')}?year={one.year}",
            action="办结",
            text=f"{one.title}还没有办结",
            since=office.today.replace(year=one.year, month=12, day=1),
        )
        for one in reversed(ending)
    ]
    return Queue(lines[: office.most], len(lines))
