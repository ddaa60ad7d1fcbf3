"""Documents drawn from live data for whoever may see it: lists, a matter's file, a leader's page, a draft passage."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from duban.access.rules import OFFICE_ROLES, Permission, require
from duban.closing.queries import closure_list
from duban.core import clock
from duban.core.errors import Invalid, NotFound
from duban.documents.kinds.unit_list import UnitDuty, UnitListData
from duban.documents.wording import day as day_words
from duban.documents.wording import percent
from duban.matters.models import Milestone, Plan
from duban.matters.queries import current_plan, matter_for
from duban.matters.rules import LIGHT_LABELS, PART_LABELS, Light
from duban.orgs.models import Post, Unit
from duban.orgs.queries import absorbed_by, post_holders, unit_cards
from duban.reports.queries import half_year_table, report_passage
from duban.web.exports import carried_out
from duban.web.given import actor_of, day_of, number_of
from duban.web.leader_brief import leader_brief
from duban.web.matter_file import matter_file
from duban.web.units import Duty, unit_duties


def _plan(request: HttpRequest) -> Plan:
    """Return the plan of the year a form names, else the current one. Raises NotFound."""
    actor = actor_of(request)
    plan = current_plan(actor, today=clock.today(), year=number_of(request.POST.get("year")) or None)
    if plan is None:
        raise NotFound("没有这一年的台账，或者您无权查看。")
    return plan


@require_POST
def reports_table(request: HttpRequest, form: str) -> HttpResponse:
    """半年完成情况汇总表 of a plan and a report day, for the office."""
    actor, plan = actor_of(request), _plan(request)
    require(actor, Permission.REPORT_ACCEPT, jurisdiction_id=plan.jurisdiction_id)
    day = day_of(request.POST.get("day", ""), field="day", what="报送日期")
    if day is None:
        raise Invalid("请选择报送日期。", field="day")
    data = half_year_table(plan, report_day=day, today=clock.today())
    what = f"完成情况汇总表：{day.isoformat()}"
    found = carried_out(request, data, form, plan=plan, what=what, count=len(data.rows), actor=actor)
    return found or redirect("reports")


@require_POST
def reports_passage(request: HttpRequest, form: str) -> HttpResponse:
    """A draft passage for the next work report, every figure traced, for the office."""
    actor, plan = actor_of(request), _plan(request)
    require(actor, Permission.REPORT_ACCEPT, jurisdiction_id=plan.jurisdiction_id)
    data = report_passage(plan, today=clock.today())
    count = len(data.passages)
    found = carried_out(request, data, form, plan=plan, what="落实情况", count=count, actor=actor)
    return found or redirect("reports")


@require_POST
def closing_list(request: HttpRequest, form: str) -> HttpResponse:
    """销号清单 of a stretch of days, for the office."""
    actor, plan = actor_of(request), _plan(request)
    require(actor, Permission.CLOSURE_VERIFY, jurisdiction_id=plan.jurisdiction_id)
    first = day_of(request.POST.get("from", ""), field="from", what="起始日期")
    last = day_of(request.POST.get("to", ""), field="to", what="截止日期") or clock.today()
    first = first or last.replace(month=1, day=1)
    if last < first:
        raise Invalid("截止日期不能早于起始日期。", field="to")
    data = closure_list(actor, plan, first=first, last=last)
    what = f"销号清单：{first.isoformat()}至{last.isoformat()}"
    found = carried_out(request, data, form, plan=plan, what=what, count=len(data.rows), actor=actor)
    return found or redirect("closing")


@require_POST
def matter_file_out(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """档案 of a matter, as far as the reader may see it."""
    actor = actor_of(request)
    matter = matter_for(actor, pk)
    data = matter_file(actor, matter, today=clock.today())
    found = carried_out(request, data, form, plan=matter.plan, what=f"档案：{matter}", count=1, actor=actor)
    return found or redirect("matter", pk)


@require_POST
def unit_list(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """责任清单 of a unit."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.ORG_VIEW)
    unit = Unit.objects.visible_to(actor).filter(pk=pk).first()
    if unit is None:
        raise NotFound
    plan = _plan(request)
    duties = unit_duties(actor, unit_ids={pk} | absorbed_by({pk})[pk], plan=plan, today=today)
    data = duties_of(unit, plan=plan, duties=duties)
    what = f"责任清单：{unit.name}"
    found = carried_out(request, data, form, plan=plan, what=what, count=len(duties), actor=actor)
    return found or redirect("unit", pk)


def duties_of(unit: Unit, *, plan: Plan, duties: list[Duty]) -> UnitListData:
    """Return a unit's 责任清单 as frozen values. Four statements."""
    today = clock.today()
    nodes: dict[int, list[str]] = {one.row.id: [] for one in duties}
    for node in Milestone.objects.filter(matter_id__in=list(nodes)).order_by("due_on", "pk"):
        nodes[node.matter_id].append(f"{day_words(node.due_on)}{node.title}")
    (card,) = unit_cards([unit], on=today)
    people = (("分管领导", card.deputy), ("联络员", card.liaison))
    return UnitListData(
        unit=unit.full_name or unit.name,
        title=f"{unit.full_name or unit.name}{plan.year}年度责任清单",
        as_of=today,
        rows=tuple(
            UnitDuty(
                serial=one.row.serial,
                text=one.row.text,
                part=PART_LABELS[one.part],
                others=tuple(name for name in (*one.row.leads, *one.row.supports) if name != unit.name),
                persons=one.row.persons,
                nodes=(*nodes[one.row.id], f"{day_words(one.row.due_on)}办结"),
                standing=_standing(one),
            )
            for one in duties
        ),
        contacts="　".join(f"{label}：{one.person.name}" for label, one in people if one is not None),
    )


def _standing(one: Duty) -> str:
    light = one.row.light_override or one.row.light
    words = [
        one.state_label,
        "" if one.row.progress_pct is None else percent(one.row.progress_pct),
        LIGHT_LABELS[Light(light)] if light else "",
    ]
    return "，".join(filter(None, words))


@require_POST
def post_brief(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """专报 for the leader of a post: for that leader, whoever serves the leader, and the office."""
    actor, today = actor_of(request), clock.today()
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    own = {post_id for one in actor.held for post_id in one.post_ids}
    wanted = Q(pk__in=own) if None not in places else Q()
    post = Post.objects.filter(wanted | Q(jurisdiction_id__in=places - {None}), pk=pk, unit=None).first()
    if post is None:
        raise NotFound("没有这个岗位，或者您无权查看。")
    plan = _plan(request)
    holder = post_holders([pk], on=today).get(pk)
    data = leader_brief(actor, plan, post=post, holder=holder, today=today)
    found = carried_out(request, data, form, plan=plan, what=f"专报：{data.leader}", count=1, actor=actor)
    return found or redirect(f"{reverse('ledger')}?overseer={pk}")
