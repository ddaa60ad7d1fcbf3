"""The schedule of a matter: the merging lead proposes nodes, prefilled; the office accepts, amends or returns them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from duban.access.rules import WHOLE_UNIT_ROLES, Permission, acting_with, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from duban.core.text import date_text
from duban.matters.actions import Behalf
from duban.matters.models import Assignment, Matter, Milestone
from duban.matters.queries import MatterPage, matter_for
from duban.matters.rules import CHANNEL_LABELS, Channel, State
from duban.progress.actions import accept_many, accept_schedule, propose_schedule_nodes, return_schedule
from duban.progress.models import Schedule
from duban.progress.queries import latest_schedule, proposed_schedule, returned_schedules, waiting_schedules
from duban.progress.rules import NODE_LENGTH, NODES_MOST, SCHEDULE_STATE_LABELS, Node, ScheduleState, pct_text, read_pct
from duban.web.given import actor_of, day_of, number_of
from duban.web.middleware import STATUS
from duban.web.precedents import plan_before, similar_lines, taken_over
from duban.web.waiting import ABOUT_A_MATTER, Office, Queue, Waiting, Waits, about_a_matter, first_of, of_own_units

IN_HAND = (State.ASSIGNED, State.IN_PROGRESS)
"""States in which a schedule may be proposed and accepted."""

_SPARE_ROWS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the form, as typed."""

    due_on: str = ""
    title: str = ""
    pct: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed: such a row counts as none."""
        return not (self.due_on.strip() or self.title.strip() or self.pct.strip())


def _merging(matter: Matter) -> Assignment | None:
    return Assignment.objects.filter(matter=matter, is_merging=True, ended_at=None).select_related("unit").first()


def _is_own(actor: Actor, merging: Assignment | None) -> bool:
    return merging is not None and any(merging.unit_id in one.unit_ids for one in actor.held)


# ---- the panel on a matter's page


def schedule_panel(actor: Actor, page: MatterPage) -> dict[str, Any]:
    """Return what a matter's page shows of its schedule: what waits or came back, and the way to the form."""
    matter, has_milestones = page.matter, bool(page.milestones)
    merging = next((one for one in page.assignments if one.is_merging and one.ended_at is None), None)
    schedule = latest_schedule(actor, matter=matter) if "schedules" in page.there else None
    place, is_in_hand = matter.jurisdiction_id, matter.state in IN_HAND
    unit_id = merging.unit_id if merging else None
    may_propose = (
        is_in_hand
        and merging is not None
        and may(actor, Permission.SCHEDULE_PROPOSE, unit_id=unit_id, jurisdiction_id=place)
    )
    may_accept = is_in_hand and may(actor, Permission.SCHEDULE_ACCEPT, jurisdiction_id=place)
    is_waiting = schedule is not None and schedule.state == ScheduleState.PROPOSED and is_in_hand
    is_returned = schedule is not None and schedule.state == ScheduleState.RETURNED and is_in_hand
    word = ""
    if may_accept:
        word = "核定" if is_waiting else "" if has_milestones else "代单位报送"
    elif may_propose:
        word = "修改" if is_waiting else "重新报送" if is_returned else "申请调整" if has_milestones else "报送"
    return {
        "schedule": schedule if is_waiting or is_returned else None,
        "nodes": [_shown(one) for one in schedule.rows] if schedule is not None and (is_waiting or is_returned) else [],
        "is_returned": is_returned,
        "by": _told_by(schedule) if schedule else "",
        "word": word,
        "is_missing": is_in_hand and merging is not None and not has_milestones and schedule is None,
    }


def _told_by(schedule: Schedule) -> str:
    """Return who proposed a schedule and when, in words."""
    who, unit = schedule.proposed_by_name, schedule.unit.name
    if schedule.channel:
        who = f"{schedule.informant}（{CHANNEL_LABELS[Channel(schedule.channel)]}，{who}代录）"
    named = who if who.startswith(unit) else f"{unit} {who}"
    return f"{named}，{date_text(schedule.proposed_at.astimezone(SHANGHAI))}"


def _shown(node: Node) -> dict[str, str]:
    """Return a node in words; a percentage its own words end with is not said again."""
    pct = pct_text(node.pct)
    return {
        "day": date_text(node.due_on),
        "title": node.title,
        "pct": "" if node.title.endswith(f"（{pct}）") else pct,
    }


# ---- the form


@require_http_methods(["GET", "POST"])
def matter_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Rows of date, what, percentage: proposed by the merging lead (or the office for it), decided by the office."""
    actor, today = actor_of(request), clock.today()
    matter = matter_for(actor, pk)
    merging = _merging(matter)
    place = matter.jurisdiction_id
    is_office = may(actor, Permission.SCHEDULE_ACCEPT, jurisdiction_id=place)
    if not is_office:
        require(actor, Permission.SCHEDULE_PROPOSE, jurisdiction_id=place)
        if not _is_own(actor, merging):
            raise NotFound("进度安排由汇总的牵头单位报送。")
    schedule = latest_schedule(actor, matter=matter)
    is_deciding = is_office and schedule is not None and schedule.state == ScheduleState.PROPOSED
    standing = list(Milestone.objects.filter(matter=matter))
    taken = taken_over(actor, matter, number_of(request.GET.get("from"))) if request.method == "GET" else None
    begun = _rows_to_begin_with(matter, schedule=schedule, standing=standing, today=today)
    lines = [_line(one) for one in (taken[1] if taken else begun)]
    is_open = schedule is not None and schedule.state != ScheduleState.ACCEPTED
    given: dict[str, str] = {"channel": Channel.TELEPHONE.value, "note": schedule.note if schedule and is_open else ""}
    problem, field, status = "", "", 200
    theirs: Schedule | None = None
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("note", "reasons", "channel", "informant")}
        lines = _lines(request.POST)
        if request.POST.get("do") != "more":
            try:
                is_own = _is_own(actor, merging)
                done = _do(request.POST, matter=matter, schedule=schedule, lines=lines, actor=actor, is_own=is_own)
            except (NotAllowed, NotFound):
                raise
            except DomainError as error:
                problem, field = error.message, error.field or ""
                status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
                if isinstance(error, Conflict) and isinstance(error.theirs, Schedule):
                    schedule = theirs = error.theirs
            else:
                messages.success(request, done)
                following = waiting_schedules(actor).exists() if is_deciding else False
                return redirect("schedules") if following else redirect("matter", pk)
    lines_are_typed = request.method == "POST"
    is_more = request.POST.get("do") == "more"
    kept = [one for one in lines if not one.is_blank]
    spare = min(_SPARE_ROWS + (3 if is_more else 0), NODES_MOST - len(kept))
    rows = list(enumerate([*kept, *(Line() for _ in range(spare))], start=1))
    seen = schedule.version if schedule else 0
    context = {
        "matter": matter,
        "unit": merging.unit if merging else None,
        "schedule": schedule,
        "state": SCHEDULE_STATE_LABELS[ScheduleState(schedule.state)] if schedule else "",
        "told_by": _told_by(schedule) if schedule else "",
        "is_deciding": is_deciding,
        "is_office": is_office,
        "is_in_hand": matter.state in IN_HAND,
        "is_proposal": request.method == "GET" and bool(kept) and schedule is None and not standing and not taken,
        "taken_from": taken[0] if taken else "",
        "similar": similar_lines(actor, matter, lead=merging) if matter.state in IN_HAND and merging else [],
        "earlier": plan_before(actor, matter.plan) if matter.state in IN_HAND and merging else None,
        "standing": [
            {"day": date_text(one.due_on), "title": one.title, "pct": pct_text(one.expected_pct)} for one in standing
        ],
        "theirs": [_shown(one) for one in theirs.rows] if theirs else [],
        "rows": rows[: len(kept)],
        "spare": rows[len(kept) :],
        "is_spare_open": is_more or not kept,
        "may_add": len(rows) < NODES_MOST,
        "version": number_of(request.POST.get("version")) if lines_are_typed and theirs is None else seen,
        "channels": [(one.value, CHANNEL_LABELS[one]) for one in Channel],
        "given": given,
        "node_length": NODE_LENGTH,
        "problem": problem,
        "field": field,
    }
    return render(request, "progress/schedule.html", context, status=status)


def _rows_to_begin_with(
    matter: Matter, *, schedule: Schedule | None, standing: list[Milestone], today: date
) -> list[Node]:
    """Return what the form is filled with: what was proposed last, else the milestones, else what the matter suggests.

    An accepted schedule is over: the milestones made of it may have been set anew.
    """
    if schedule is not None and schedule.state != ScheduleState.ACCEPTED:
        return schedule.rows
    nodes = [Node(one.due_on, one.title, one.expected_pct) for one in standing]
    return nodes or proposed_schedule(matter, today=today)


def _line(node: Node) -> Line:
    return Line(node.due_on.isoformat(), node.title, pct_text(node.pct).removesuffix("%"))


def _lines(posted: QueryDict) -> list[Line]:
    return [
        Line(posted.get(f"day-{number}", ""), posted.get(f"title-{number}", ""), posted.get(f"pct-{number}", ""))
        for number in range(1, NODES_MOST + 1)
    ]


def _nodes(lines: list[Line]) -> list[Node]:
    """Return the rows that were filled in. Raises Invalid naming the row."""
    nodes: list[Node] = []
    for number, line in enumerate((one for one in lines if not one.is_blank), start=1):
        what = f"第 {number} 个节点的日期"
        day = day_of(line.due_on, field="nodes", what=what)
        if day is None:
            raise Invalid(f"{what}没有填写。", field="nodes")
        if not line.pct.strip():
            raise Invalid(f"第 {number} 个节点没有写明应完成百分之几。", field="nodes")
        nodes.append(Node(day, line.title, read_pct(line.pct)))
    return nodes


def _do(
    posted: QueryDict, *, matter: Matter, schedule: Schedule | None, lines: list[Line], actor: Actor, is_own: bool
) -> str:
    """Propose, accept or return as posted, and return the words that say what was done."""
    told: dict[str, Any] = {"version": number_of(posted.get("version")), "by": actor, "now": clock.now()}
    verb = posted.get("do", "propose")
    if verb in ("accept", "return"):
        if schedule is None:
            raise Invalid("还没有报送进度安排。")
        if verb == "return":
            return_schedule(schedule, reasons=posted.get("reasons", ""), **told)
            return f"已退回{schedule.unit.name}的进度安排。"
        nodes, note = _nodes(lines), posted.get("note", "")
        as_given = (nodes, note.strip()) == (schedule.rows, schedule.note)
        accept_schedule(schedule, nodes=None if as_given else nodes, note=note, **told)
        return f"已同意{matter}的进度安排，成为时间节点。"
    behalf = None
    if not is_own:
        channel = posted.get("channel", "")
        if channel not in {one.value for one in Channel}:
            raise Invalid("请选择单位以什么方式报送。", field="channel")
        behalf = Behalf(Channel(channel), posted.get("informant", ""))
    propose_schedule_nodes(matter, nodes=_nodes(lines), note=posted.get("note", ""), behalf=behalf, **told)
    return "进度安排已报送，待督查室核定。"


# ---- what the office has to decide


@require_http_methods(["GET", "POST"])
def schedules(request: HttpRequest) -> HttpResponse:
    """All schedules that wait, each with its nodes; those ticked are accepted at once."""
    actor = actor_of(request)
    require(actor, Permission.SCHEDULE_ACCEPT)
    left: list[str] = []
    status = 200
    if request.method == "POST":
        versions = _versions(request.POST)
        waiting = {one.pk: one for one in waiting_schedules(actor).filter(pk__in=versions)}
        if not versions:
            left, status = ["请勾选要同意的进度安排。"], 400
        else:
            done = accept_many(
                {pk: version for pk, version in versions.items() if pk in waiting}, by=actor, now=clock.now()
            )
            left = [f"{waiting[pk].matter}：{refusal.message}" for pk, refusal in done.left.items()]
            if gone := len(versions) - len(waiting):
                left.append(f"另有 {gone} 份他人刚刚办理过。")
            if done.accepted:
                messages.success(request, f"已同意 {len(done.accepted)} 份进度安排。")
            if not left:
                return redirect("schedules")
            status = 409
    lines = [
        {"schedule": one, "matter": one.matter, "nodes": [_shown(node) for node in one.rows], "by": _told_by(one)}
        for one in waiting_schedules(actor)
    ]
    return render(request, "progress/schedules.html", {"lines": lines, "left": left}, status=status)


def _versions(posted: QueryDict) -> dict[int, int]:
    """Return the version seen by schedule id, of those ticked: “12.3”."""
    pairs = (one.partition(".") for one in posted.getlist("schedule"))
    return {number_of(pk): number_of(version) for pk, _, version in pairs if number_of(pk)}


def may_wait(actor: Actor) -> QuerySet[Schedule]:
    """Return rows without which nothing waits for the actor; some may be there for others."""
    return Schedule.objects.filter(
        of_own_units(actor, "unit"), state__in=(ScheduleState.PROPOSED, ScheduleState.RETURNED)
    )


def waiting(actor: Actor, *, today: date) -> list[Waiting]:
    """Return what came back to the actor's units."""
    lines: list[Waiting] = []
    units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
    for one in returned_schedules(units) if units else ():
        returned_on = clock.day_of(one.decided_at or one.proposed_at)
        note = f"进度安排退回：{one.reasons}"
        lines.append(_waiting(one, Waits.RETURNED, action="重报", note=note, since=returned_on))
    return lines


def office_queue(office: Office) -> Queue:
    """Return the schedules the office has to accept or return; all of them are accepted on one page. One statement."""
    found = waiting_schedules(acting_with(office.actor, Permission.SCHEDULE_ACCEPT))
    rows, count = first_of(found, *ABOUT_A_MATTER, "proposed_at", most=office.most)
    lines = [
        about_a_matter(
            one,
            "核定",
            "报送进度安排",
            address=reverse("matter_schedule", args=[one.matter_id]),
            since=clock.day_of(one.proposed_at),
        )
        for one in rows
    ]
    return Queue(lines, count, (("一次核定", reverse("schedules")),))


def _waiting(one: Schedule, waits: Waits, *, action: str, note: str, since: date) -> Waiting:
    return Waiting(
        waits=waits,
        address=reverse("matter_schedule", args=[one.matter_id]),
        action=action,
        text=one.matter.title or one.matter.text,
        since=since,
        serial=one.matter.serial,
        note=note,
        unit=one.unit.name,
    )
