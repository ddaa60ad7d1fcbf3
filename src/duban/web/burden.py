"""减负账: how often we asked each unit for something, and how often we need not, because the fact was there already."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from duban.access.rules import OFFICE_ROLES, Permission, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.core.workdays import workdays_now
from duban.documents.csv_file import to_csv
from duban.documents.sheets import Column, Sheet
from duban.letters.models import Letter
from duban.matters.models import Plan
from duban.matters.queries import current_plan
from duban.orgs.models import Jurisdiction, Unit
from duban.reminders.models import Round
from duban.reminders.queries import Month, burdens, newest_round, standing_units
from duban.reminders.rules import ASKED_LABELS, SPARED_LABELS, Burden
from duban.web.downloads import download
from duban.web.given import actor_of, number_of

_SORTS: dict[str, tuple[str, Callable[["Line"], Any]]] = {
    "": ("单位次序", lambda one: 0),
    "asked": ("要求次数", lambda one: -one.burden.asked),
    "spared": ("少要求次数", lambda one: -one.burden.spared),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One unit of a month, or one month of a unit. address: where it is shown by itself."""

    name: str
    burden: Burden
    address: str = ""

    @property
    def asked(self) -> list[tuple[str, int]]:
        """What we asked for, figure by figure."""
        return [(label, getattr(self.burden, name)) for name, label in ASKED_LABELS.items()]

    @property
    def spared(self) -> list[tuple[str, int]]:
        """What we need not ask for, figure by figure."""
        return [(label, getattr(self.burden, name)) for name, label in SPARED_LABELS.items()]


@dataclass(frozen=True, slots=True)
class Table:
    """Lines with their sum. what: what a line is (单位, 月份)."""

    what: str
    lines: list[Line]
    total: Line = field(init=False)

    def __post_init__(self) -> None:
        whole = Burden()
        for one in self.lines:
            whole.add(one.burden)
        object.__setattr__(self, "total", Line("合计", whole))

    @property
    def asked_labels(self) -> list[str]:
        """The headings of what we asked for."""
        return list(ASKED_LABELS.values())

    @property
    def spared_labels(self) -> list[str]:
        """The headings of what we need not ask for."""
        return list(SPARED_LABELS.values())


@require_safe
def burden(request: HttpRequest) -> HttpResponse:
    """A month of every unit for the office; somebody of a unit is sent to the unit's own year."""
    actor = actor_of(request)
    require(actor, Permission.BURDEN_VIEW)
    plan = _plan(actor)
    if not _is_office(actor, plan):
        units = _own_units(actor)
        if not units:
            raise NotFound
        return redirect("burden_unit", units[0].pk)
    if plan is None:
        return render(request, "burden/office.html", {"table": None})
    sort = request.GET.get("sort", "") if request.GET.get("sort", "") in _SORTS else ""
    month = _month(request, plan=plan)
    context = {
        "plan": plan,
        "table": _of_month(plan.jurisdiction, month, sort=sort),
        "month": month,
        "months": [((year, number), f"{year}-{number:02}", f"{number}月") for year, number in _months(plan)],
        "sort": sort,
        "sorts": [(key, label) for key, (label, _) in _SORTS.items()],
        "address": f"month={month[0]}-{month[1]:02}&sort={sort}",
        **_last_round(plan.jurisdiction),
    }
    return render(request, "burden/office.html", context)


@require_safe
def burden_unit(request: HttpRequest, pk: int) -> HttpResponse:
    """A year of one unit, month by month: the unit's own people and the office. Raises NotFound for anybody else's."""
    actor = actor_of(request)
    require(actor, Permission.BURDEN_VIEW)
    unit = Unit.objects.visible_to(actor).current().select_related("jurisdiction").filter(pk=pk).first()
    plan = _plan(actor)
    own = _own_units(actor)
    if unit is None or not (unit in own or _is_office(actor, plan)):
        raise NotFound("没有这个单位，或者您无权查看。")
    today = clock.today()
    year = number_of(request.GET.get("year")) or (plan.year if plan else today.year)
    if not 2000 <= year <= 2100:
        raise NotFound
    found = _found(unit.jurisdiction, first=date(year, 1, 1), last=date(year, 12, 31), unit_id=unit.pk)
    reached = 12 if year < today.year else today.month if year == today.year else 0
    shown = [one for one in range(1, 13) if one <= reached or (unit.pk, (year, one)) in found]
    lines = [Line(f"{one}月", found.get((unit.pk, (year, one)), Burden())) for one in shown]
    context = {
        "unit": unit,
        "year": year,
        "table": Table("月份", lines),
        "own": own if len(own) > 1 else [],
        "is_office": _is_office(actor, plan),
        "is_own": unit in own,
    }
    return render(request, "burden/unit.html", context)


@require_safe
def burden_csv(request: HttpRequest) -> HttpResponse:
    """The month the office looks at, as CSV."""
    actor = actor_of(request)
    require(actor, Permission.BURDEN_VIEW)
    plan = _plan(actor)
    if plan is None or not _is_office(actor, plan):
        raise NotFound
    year, number = month = _month(request, plan=plan)
    sort = request.GET.get("sort", "")
    table = _of_month(plan.jurisdiction, month, sort=sort if sort in _SORTS else "")
    heads = ["单位", *table.asked_labels, "要求合计", *table.spared_labels, "少要求合计"]
    sheet = Sheet(
        name="减负账",
        columns=tuple(Column(title=one, width=12) for one in heads),
        rows=tuple(
            (one.name, *(n for _, n in one.asked), one.burden.asked, *(n for _, n in one.spared), one.burden.spared)
            for one in [*table.lines, table.total]
        ),
    )
    return download(to_csv(sheet), name=f"{year}年{number}月减负账.csv", kind="text/csv; charset=utf-8")


# ── what they share ──


def _plan(actor: Actor) -> Plan | None:
    return current_plan(actor, today=clock.today())


def _is_office(actor: Actor, plan: Plan | None) -> bool:
    """Return whether the actor looks at the units of the place from outside."""
    places = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    return bool(places) and (plan is None or None in places or plan.jurisdiction_id in places)


def _own_units(actor: Actor) -> list[Unit]:
    """Return the units of today the actor may see the figures of as one of theirs, in their order."""
    pks = {pk for one in actor.held for pk in one.unit_ids if may(actor, Permission.BURDEN_VIEW, unit_id=pk)}
    return list(Unit.objects.current().filter(pk__in=pks).order_by("order", "pk"))


def _months(plan: Plan) -> list[Month]:
    """The months that may be looked at: the plan's year as far as it has come."""
    today = clock.today()
    return [(plan.year, one) for one in range(1, 13) if (plan.year, one) <= (today.year, today.month)] or [
        (plan.year, 1)
    ]


def _month(request: HttpRequest, *, plan: Plan) -> Month:
    """Return the month of the address, else the last that may be looked at."""
    months = _months(plan)
    year, _, number = request.GET.get("month", "").partition("-")
    wanted = (number_of(year), number_of(number))
    return wanted if wanted in months else months[-1]


def _found(
    place: Jurisdiction, *, first: date, last: date, unit_id: int | None = None
) -> dict[tuple[int, Month], Burden]:
    delivered = Letter.objects.filter(jurisdiction=place, delivered_on__range=(first, last)).order_by()
    letters = [(pk, day) for pk, day in delivered.values_list("unit_id", "delivered_on") if day]
    return burdens(place, first=first, last=last, letters=letters, calendar=workdays_now(), unit_id=unit_id)


def _of_month(place: Jurisdiction, month: Month, *, sort: str) -> Table:
    first = date(*month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    found = _found(place, first=first, last=last)
    units = Unit.objects.current().filter(jurisdiction=place, pk__in={pk for pk, _ in found}).order_by("order", "pk")
    lines = [
        Line(one.name, found[one.pk, month], f"{reverse('burden_unit', args=[one.pk])}?year={month[0]}")
        for one in units
    ]
    return Table("单位", sorted(lines, key=_SORTS[sort][1]))


def _last_round(place: Jurisdiction) -> dict[str, Any]:
    """Return the last round of reminders and the units nobody could be told for in it."""
    made: Round | None = newest_round(place)
    if made is None or not made.unreached:
        return {"made": made, "unreached": []}
    units = standing_units(place)
    lines = [(units[int(pk)], count) for pk, count in made.unreached.items() if int(pk) in units]
    return {"made": made, "unreached": lines}
