"""往年情况: how an earlier year went, by unit and by field; and earlier matters like a new one, beside it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from duban.access.rules import OFFICE_ROLES, Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.core.text import date_text
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.rules import STATE_LABELS, State
from duban.orgs.models import Unit
from duban.orgs.queries import absorbed_by
from duban.precedents.queries import (
    Similar,
    before_plan,
    before_year,
    matters_led,
    nodes_of,
    similar_matters,
    year_facts,
)
from duban.precedents.rules import TALLY_LABELS, Tally, shifted_nodes
from duban.precedents.rules.likeness import likeness_words
from duban.progress.rules import NODES_MOST, Node, pct_text
from duban.web.given import actor_of, number_of

_FINAL = Decimal(100)

# ---- a year


@dataclass(frozen=True, slots=True)
class Line:
    """One unit, or one field, of a year. address: its matters in the ledger."""

    name: str
    address: str
    counts: list[tuple[str, int]]


@require_safe
def precedents(request: HttpRequest) -> HttpResponse:
    """How a year's matters went: for the office by unit and by field, for a unit its own. Facts, in protocol order."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.PRECEDENT_VIEW)
    plans = list(Plan.objects.visible_to(actor).select_related("policy", "jurisdiction").order_by("-year", "pk"))
    year = number_of(request.GET.get("year"))
    earlier = [one for one in plans if one.year < today.year] or plans
    plan = next((one for one in plans if one.year == year), None) if year else next(iter(earlier), None)
    if plan is None:
        if year:
            raise NotFound("没有这一年的台账，或者您无权查看。")
        return render(request, "precedents/index.html", {"plan": None})
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    is_office = bool({None, plan.jurisdiction_id} & places)
    own = {pk for one in actor.held for pk in one.unit_ids if may(actor, Permission.PRECEDENT_VIEW, unit_id=pk)}
    until = min(today, clock.day_of(plan.closed_at) if plan.closed_at else today)
    found = year_facts(plan, until=until, unit_ids=None if is_office else own)
    units = Unit.objects.filter(pk__in=found.by_unit).order_by("order", "pk")
    ledger = reverse("ledger")
    by_unit = [
        _line(one.name, found.by_unit[one.pk], f"{ledger}?plan={plan.pk}&unit={one.pk}&part=lead") for one in units
    ]
    by_field = [
        _line(name or "未分领域", found.by_field[name], f"{ledger}?{urlencode({'plan': plan.pk, 'field': name})}")
        for name in sorted(found.by_field, key=lambda name: (not name, name))
    ]
    whole = Tally()
    for tally in found.by_unit.values():
        whole.add(tally)
    context = {
        "plan": plan,
        "years": [one.year for one in plans],
        "until": until,
        "labels": list(TALLY_LABELS.values()),
        "tables": [("牵头单位", by_unit), ("领域", by_field)] if by_unit else [],
        "total": _line("合计", whole, ""),
        "is_office": is_office,
    }
    return render(request, "precedents/index.html", context)


def _line(name: str, tally: Tally, address: str) -> Line:
    return Line(name, address, [(label, getattr(tally, key)) for key, label in TALLY_LABELS.items()])


# ---- beside a new matter


def similar_lines(actor: Actor, matter: Matter, *, lead: Assignment) -> list[dict[str, Any]]:
    """Return earlier matters like one, as its page of nodes shows them. matter: with plan and policy."""
    found = similar_matters(
        actor,
        before=before_plan(matter.plan),
        text=f"{matter.title} {matter.text}",
        field=matter.field,
        unit_ids={lead.unit_id} | absorbed_by({lead.unit_id})[lead.unit_id],
    )
    return [_shown(one) for one in found]


def plan_before(actor: Actor, plan: Plan) -> Plan | None:
    """Return the plan of the year before, or the last one before a gap; None for the first one. One statement."""
    found = Plan.objects.visible_to(actor).filter(jurisdiction=plan.jurisdiction_id, year__lt=plan.year)
    return found.order_by("-year", "pk").first()


def lines_led(actor: Actor, *, plan: Plan, unit_ids: Collection[int]) -> list[dict[str, Any]]:
    """Return what these units led in an earlier year, as the page of a unit shows it."""
    return [_shown(one) for one in matters_led(actor, plan=plan, unit_ids=unit_ids)]


def similar_to_row(
    actor: Actor, *, jurisdiction_id: int, year: int, text: str, leads: list[str]
) -> list[dict[str, Any]]:
    """Return earlier matters like a row that is being reviewed. leads: names of its lead units, as they are read."""
    before = before_year(jurisdiction_id, year=year)
    if before is None or not text.strip():
        return []
    units = Unit.objects.filter(jurisdiction=jurisdiction_id, name__in=leads).values_list("pk", flat=True)
    found = similar_matters(actor, before=before, text=text, unit_ids=list(units) if leads else [])
    return [_shown(one) for one in found]


def _shown(one: Similar) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": f"{one.year}年度第{one.serial}项" if one.serial else f"{one.year}年度",
        "serial": one.serial,
        "text": one.text,
        "lead": one.lead,
        "likeness": likeness_words(one.share),
        "outcome": _outcome(one),
        "facts": _facts(one),
        "nodes": [
            {
                "due": date_text(node.due_on),
                "title": node.title,
                "pct": pct_text(node.expected_pct),
                "met": _met(node.due_on, node.met_on),
                "is_late": node.met_on is None or node.met_on > node.due_on,
            }
            for node in one.nodes
        ],
        "obstacles": one.obstacles,
    }


def _outcome(one: Similar) -> str:
    if one.closed_on is not None:
        late = f"，晚于时限（{date_text(one.due_on)}）" if one.is_late else ""
        return f"{date_text(one.closed_on)}销号{late}"
    reached = f"，完成 {pct_text(one.progress_pct)}" if one.progress_pct is not None else ""
    return f"{STATE_LABELS[State(one.state)]}{reached}"


def _facts(one: Similar) -> str:
    said = [f"延期 {one.extensions} 次"] if one.extensions else []
    said += [f"函件 {one.letters} 份"] if one.letters else []
    return "，".join(said)


def _met(due_on: date, met_on: date | None) -> str:
    if met_on is None:
        return "没有达到"
    return f"{date_text(met_on)}达到" if met_on > due_on else "按时达到"


def taken_over(actor: Actor, matter: Matter, earlier_id: int) -> tuple[str, list[Node]] | None:
    """Return what an earlier matter is called and its nodes shifted to this one; None where none was asked for.

    The last node is the final date: where the earlier ones stop short of it, it is put behind them.
    Raises NotFound for one the reader may not see, or that is of no earlier year.
    """
    if not earlier_id:
        return None
    seen = Matter.objects.visible_to(actor).filter(pk=earlier_id, jurisdiction=matter.jurisdiction_id)
    earlier = seen.filter(plan__year__lt=matter.plan.year).select_related("plan").first()
    if earlier is None:
        raise NotFound("没有这件往年的事项，或者您无权查看。")
    years = matter.plan.year - earlier.plan.year
    past = nodes_of([earlier.pk]).get(earlier.pk, [])
    shifted = shifted_nodes(past, years=years, starts_on=matter.starts_on, due_on=matter.due_on)
    nodes = [Node(one.due_on, one.title, one.expected_pct) for one in shifted][: NODES_MOST - 1]
    if not nodes or nodes[-1].pct < _FINAL:
        nodes = [one for one in nodes if one.due_on < matter.due_on]
        nodes.append(Node(matter.due_on, "办结", _FINAL))
    name = f"{earlier.plan.year}年度第{earlier.serial}项" if earlier.serial else f"{earlier.plan.year}年度的事项"
    return name, nodes
