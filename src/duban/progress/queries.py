"""Reads of progress that several doors share, already joined."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from duban.core.actor import Actor
from duban.matters.models import Assignment, Matter, Target
from duban.matters.queries import report_days
from duban.matters.rules import Forecast, Kind, Part, Sense, State
from duban.orgs.models import Unit
from duban.orgs.queries import absorbed_by
from duban.progress.models import Figure, LookBack, Progress, Schedule
from duban.progress.rules import Goal, Node, ScheduleState, propose_schedule

IN_HAND = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
"""States in which a unit may say how far it is."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The two entries that speak for a matter: the last with a percentage, and the last with a forecast."""

    of_pct: Progress | None
    of_forecast: Progress | None

    @property
    def forecast(self) -> Forecast | None:
        """The forecast that stands."""
        return Forecast(self.of_forecast.forecast) if self.of_forecast else None


def progress_entries(actor: Actor, *, matter: Matter) -> QuerySet[Progress]:
    """Return what the units said of a matter, in time order, units and figures joined. Two statements."""
    entries = Progress.objects.visible_to(actor).filter(matter=matter).in_time()
    return entries.select_related("unit").prefetch_related("figures")


LATEST_ENTRIES = 100
"""So many of the latest entries a matter's page reads, whatever its history."""


def latest_entries(actor: Actor, *, matter: Matter) -> list[Progress]:
    """Return the latest of what the units said of a matter, in time order, units and figures joined. Two statements."""
    entries = progress_entries(actor, matter=matter).order_by("-effective_on", "-pk")
    return list(entries[:LATEST_ENTRIES])[::-1]


def last_figures(matter: Matter, *, unit: Unit, on: date) -> dict[int, Decimal]:
    """Return by target id the last number a unit gave by a day. The caller has seen that the actor acts for it."""
    rows = Figure.objects.filter(
        progress__matter=matter, progress__unit=unit, progress__effective_on__lte=on, target__isnull=False
    )
    ordered = rows.order_by("progress__effective_on", "progress_id", "pk")
    return {pk: value for pk, value in ordered.values_list("target_id", "value") if pk is not None}


def standing_of(matter: Matter) -> Standing:
    """Return the entries that speak for a matter: of the merging lead where it said something, else of any lead."""
    leads = Assignment.objects.filter(matter=matter, part=Part.LEAD, ended_at=None)
    merging = {unit_id for unit_id, merges in leads.values_list("unit_id", "is_merging") if merges}
    entries = list(
        Progress.objects.filter(matter=matter, unit__in=leads.values("unit_id")).order_by("-effective_on", "-pk")
    )

    def last(said: list[Progress]) -> Progress | None:
        return next((one for one in said if one.unit_id in merging), next(iter(said), None))

    return Standing(
        of_pct=last([one for one in entries if one.pct is not None]),
        of_forecast=last([one for one in entries if one.forecast]),
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A unit's month: every matter it has in hand or wrote of, what it wrote, and which may still be written of.

    units: by matter id, the unit (this one, or one merged into it) that stands on the matter.
    """

    matters: list[Matter]
    written: dict[int, LookBack]
    units: dict[int, Unit]
    parts: dict[int, str]


def look_back_sheet(unit: Unit, *, month: date) -> Sheet:
    """Return a unit's sheet of a month in the ledger's order. The caller has seen that the actor is of the unit."""
    own = {unit.pk} | absorbed_by({unit.pk})[unit.pk]
    in_hand = Assignment.objects.filter(unit__in=own, ended_at=None, matter__state__in=IN_HAND).select_related("unit")
    parts = {one.matter_id: one for one in in_hand.order_by("-part", "pk")}
    written = {one.matter_id: one for one in LookBack.objects.filter(unit=unit, month=month)}
    matters = Matter.objects.filter(pk__in={*parts, *written}).select_related("plan")
    return Sheet(
        matters=list(matters.order_by("-plan__year", "order", "pk")),
        written=written,
        units={pk: one.unit for pk, one in parts.items()},
        parts={pk: one.part for pk, one in parts.items()},
    )


# ---- the schedule


def latest_schedule(actor: Actor, *, matter: Matter) -> Schedule | None:
    """Return the latest schedule of a matter the actor may see, its unit joined."""
    return Schedule.objects.visible_to(actor).filter(matter=matter).select_related("unit").order_by("version").last()


def waiting_schedules(actor: Actor) -> QuerySet[Schedule]:
    """Return what the office has to accept or return, in the ledger's order; matters and units joined."""
    waiting = Schedule.objects.visible_to(actor).waiting().select_related("matter__plan", "unit")
    return waiting.order_by("-matter__plan__year", "matter__order", "pk")


def returned_schedules(unit_ids: Iterable[int]) -> QuerySet[Schedule]:
    """Return schedules that came back to these units and were not followed by another; matters and units joined."""
    later = Schedule.objects.filter(matter=OuterRef("matter"), version__gt=OuterRef("version"))
    merging = Assignment.objects.filter(
        matter=OuterRef("matter"), unit=OuterRef("unit"), is_merging=True, ended_at=None
    )
    returned = Schedule.objects.filter(
        ~Exists(later),
        Exists(merging),
        unit_id__in=list(unit_ids),
        state=ScheduleState.RETURNED,
        matter__state__in=(State.ASSIGNED, State.IN_PROGRESS),
    )
    return returned.select_related("matter", "unit").order_by("decided_at", "pk")


def proposed_schedule(matter: Matter, *, today: date) -> list[Node]:
    """Return the nodes a matter's text, targets and days suggest; see the rule. Two statements."""
    goals = [
        Goal(one.subject, one.text, one.value, one.unit_of_measure, Sense(one.sense))
        for one in Target.objects.filter(matter=matter)
    ]
    return propose_schedule(
        kind=Kind(matter.kind),
        text=matter.text,
        targets=goals,
        starts_on=matter.starts_on,
        due_on=matter.due_on,
        report_days=report_days(matter.plan),
        today=today,
    )
