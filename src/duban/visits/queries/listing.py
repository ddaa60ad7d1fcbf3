"""What a verification list is drawn from, and what stands on it; what claims a matter has; who is visited how often."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from duban.bulletins.queries import named_in_bulletins
from duban.closing.models import Closure, ClosureItem
from duban.closing.rules import ClosureState
from duban.core.clock import day_of
from duban.lights.models import LightTurn
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import policy_of
from duban.matters.rules import Light, Part, State
from duban.orgs.models import Unit
from duban.progress.models import Progress
from duban.reports.models import Report
from duban.reports.rules import WITH_THE_OFFICE
from duban.visits.models import Draw, DrawnMatter, PlannedCheck, Visit, VisitItem
from duban.visits.rules import (
    CLAIM_SOURCE_LABELS,
    LOOK_AT,
    Calling,
    Caution,
    ClaimSource,
    Pools,
    VisitState,
    cautions_of,
    counted_once,
)

_HANDED_OUT = (
    State.ASSIGNED,
    State.IN_PROGRESS,
    State.CLOSING,
    State.CLOSED,
    State.SUSPENDED,
    State.CARRIED_OVER,
)


def keys_of(plan: Plan) -> dict[int, str]:
    """Return the key each matter of a plan is drawn by: its name in the ledger. One statement.

    Two that would go by one name are told apart by their number in the database.
    """
    rows = list(Matter.objects.filter(plan=plan).only("pk", "serial", "title", "text").order_by("order", "pk"))
    names: dict[str, int] = defaultdict(int)
    for one in rows:
        names[str(one)] += 1
    return {one.pk: str(one) if names[str(one)] == 1 else f"{one}（{one.pk}）" for one in rows}


def pools_of(plan: Plan, *, until: date) -> tuple[Pools, dict[str, int]]:
    """Return what the list of a plan is drawn from, as it stands, and the matter of each key. Four statements.

    named: criticised in an issued bulletin.   red: was red at any day's end.   closed: is closed now.
    A matter that was terminated is in none: nothing is left to look at.
    """
    keys = keys_of(plan)
    rows = Matter.objects.filter(plan=plan, state__in=_HANDED_OUT).order_by("order", "pk")
    states = dict(rows.values_list("pk", "state"))
    named = {one.matter_id for one in named_in_bulletins(plan) if one.issued_on <= until}
    turns = LightTurn.objects.filter(matter__plan=plan, light=Light.RED, day__lte=until)
    red = set(turns.values_list("matter_id", flat=True))
    red |= set(rows.filter(light=Light.RED).values_list("pk", flat=True))
    pools = Pools(
        named=tuple(keys[pk] for pk in states if pk in named),
        red=tuple(keys[pk] for pk in states if pk in red),
        closed=tuple(keys[pk] for pk, state in states.items() if state == State.CLOSED),
    )
    return pools, {keys[pk]: pk for pk in states}


def draw_of(plan: Plan) -> Draw | None:
    """Return the draw of a plan that holds. One statement."""
    return Draw.objects.filter(plan=plan, replaced_at=None).select_related("plan__policy").first()


def draws_of(plan: Plan) -> list[Draw]:
    """Return every draw of a plan, the first first. One statement."""
    return list(Draw.objects.filter(plan=plan).order_by("number"))


@dataclass(frozen=True, slots=True)
class ListRow:
    """One matter on a list. item: its place on a visit; None while nobody is to go."""

    row: DrawnMatter
    unit: Unit | None
    item: VisitItem | None


def list_rows(draw: Draw) -> list[ListRow]:
    """Return a list in the order of the ledger, with the merging lead and the visit of each. Three statements."""
    rows = list(DrawnMatter.objects.filter(draw=draw).select_related("matter").order_by("matter__order", "pk"))
    units = merging_leads(one.matter_id for one in rows)
    going = VisitItem.objects.filter(visit__draw=draw).exclude(visit__state=VisitState.DROPPED)
    items = {one.matter_id: one for one in going.select_related("visit")}
    return [ListRow(one, units.get(one.matter_id), items.get(one.matter_id)) for one in rows]


def merging_leads(matter_ids: Iterable[int]) -> dict[int, Unit]:
    """Return the merging lead of each matter. One statement."""
    rows = Assignment.objects.filter(matter_id__in=list(matter_ids), is_merging=True).select_related("unit")
    return {one.matter_id: one.unit for one in rows.order_by("ended_at", "pk").reverse()}


def concerned_units(matter_ids: Iterable[int]) -> list[Unit]:
    """Return the units that have or had a part in these matters: none of their people verifies. One statement."""
    parts = Assignment.objects.filter(matter_id__in=list(matter_ids))
    return list(Unit.objects.filter(pk__in=parts.values("unit_id")).order_by("order", "pk"))


# ---- claims


@dataclass(frozen=True, slots=True)
class Told:
    """Something a unit said of a matter, to be looked at."""

    unit_id: int
    source: ClaimSource
    words: str
    look_at: str
    said_on: date | None


def claims_on(matters: Sequence[Matter]) -> dict[int, list[Told]]:
    """Return what units have said of these matters already, to be looked at claim by claim. Five statements.

    Each element of the closure that was granted (or is asked for); the last report of each lead, where none came after
    it; without either the last progress; of a matter nobody said anything of, its task. Nothing is asked of a unit.
    """
    ids = [one.pk for one in matters]
    found: dict[int, list[Told]] = {pk: [] for pk in ids}
    leads: dict[int, list[int]] = defaultdict(list)
    parts = Assignment.objects.filter(matter_id__in=ids, part=Part.LEAD).order_by("-is_merging", "order", "pk")
    for matter_id, unit_id in parts.values_list("matter_id", "unit_id"):
        leads[matter_id].append(unit_id)
    last: dict[tuple[int, int], Report] = {}
    reports = Report.objects.filter(matter_id__in=ids, state__in=WITH_THE_OFFICE).exclude(text="")
    for report in reports.order_by("report_day", "pk"):
        last[report.matter_id, report.unit_id] = report
    closures = list(_closure_claims(ids))
    asked_on = {matter_id: one.said_on for matter_id, one in closures}
    for (matter_id, unit_id), report in last.items():
        asked = asked_on.get(matter_id)
        if asked is not None and report.sent_on is not None and report.sent_on <= asked:
            continue  # the closure tells more, and later
        found[matter_id].append(
            Told(unit_id, ClaimSource.REPORT, report.text, LOOK_AT[ClaimSource.REPORT], report.sent_on)
        )
    for told_of, one in closures:
        found[told_of].append(one)
    silent = [pk for pk in ids if not found[pk]]
    latest: dict[int, Progress] = {}
    for entry in Progress.objects.filter(matter_id__in=silent).order_by("effective_on", "pk"):
        latest[entry.matter_id] = entry
    for matter in matters:
        pk = matter.pk
        if found[pk]:
            continue
        said = latest.get(pk)
        if said is not None:
            pct = f"完成{said.pct:g}%" if said.pct is not None else ""
            words = "，".join(part for part in (pct, said.sentence.strip("。；")) if part)
            if words:
                look = LOOK_AT[ClaimSource.PROGRESS]
                found[pk].append(Told(said.unit_id, ClaimSource.PROGRESS, f"{words}。", look, said.effective_on))
        if not found[pk] and leads[pk]:
            words = f"未报送进展。目标任务：{matter.text}"
            found[pk].append(Told(leads[pk][0], ClaimSource.TASK, words, LOOK_AT[ClaimSource.TASK], None))
    return found


def _closure_claims(ids: Sequence[int]) -> Iterable[tuple[int, Told]]:
    states = (ClosureState.GRANTED, ClosureState.ASKED, ClosureState.AGREED, ClosureState.VERIFIED)
    latest: dict[int, Closure] = {}
    for one in Closure.objects.filter(matter_id__in=ids, state__in=states).order_by("attempt"):
        latest[one.matter_id] = one
    by_closure = {one.pk: one for one in latest.values()}
    for item in ClosureItem.objects.filter(closure__in=by_closure, is_done=True).order_by("order", "pk"):
        closure = by_closure[item.closure_id]
        said_on = day_of(closure.asked_at) if closure.asked_at else None
        words = f"{item.text.strip('。')}：{item.how or item.facts or '已完成'}"
        look = LOOK_AT[ClaimSource.CLOSURE]
        yield closure.matter_id, Told(closure.unit_id, ClaimSource.CLOSURE, words, look, said_on)


def said_words(source: str, said_on: date | None) -> str:
    """Return where and when a claim was made."""
    when = f"{said_on.year}年{said_on.month}月{said_on.day}日" if said_on else ""
    return f"{when}{CLAIM_SOURCE_LABELS[ClaimSource(source)]}"


# ---- how often


def callings_of(units: Iterable[int], *, years: Iterable[int]) -> list[Calling]:
    """Return for what these units are visited, or are to be, in some years; a row a unit. Four statements.

    What a planned check foresees and a visit carries out counts once.
    """
    ids, wanted = list(units), set(years)
    found: list[Calling] = []
    carried: set[int] = set()
    links = Visit.units.through.objects.filter(unit_id__in=ids).values_list("visit_id", "unit_id")
    by_visit: dict[int, list[int]] = defaultdict(list)
    for visit_id, unit_id in links:
        by_visit[visit_id].append(unit_id)
    for visit in Visit.objects.filter(pk__in=by_visit).exclude(state=VisitState.DROPPED):
        first, last = (visit.visited_on, visit.visited_on) if visit.visited_on else (visit.first_on, visit.last_on)
        if first.year in wanted:
            found += [
                Calling("visit", visit.pk, visit.title, visit.kind, unit_id, first, last, visit.check_of_id)
                for unit_id in by_visit[visit.pk]
            ]
        if visit.check_of_id is not None:
            carried.add(visit.check_of_id)
    planned: dict[int, list[int]] = defaultdict(list)
    for check_id, unit_id in PlannedCheck.units.through.objects.filter(unit_id__in=ids).values_list(
        "plannedcheck_id", "unit_id"
    ):
        planned[check_id].append(unit_id)
    for check in PlannedCheck.objects.filter(pk__in=planned, dropped_at=None):
        if check.first_on.year in wanted:
            found += [
                Calling("check", check.pk, check.title, check.kind, unit_id, check.first_on, check.last_on)
                for unit_id in planned[check.pk]
            ]
    return counted_once(found, carried_out=carried)


def cautions_about(
    thing: Visit | PlannedCheck, *, units: Sequence[Unit], callings: Sequence[Calling] | None = None
) -> list[Caution]:
    """Return the warnings about a visit or a planned check to these units. The plan's policy is joined.

    callings: of these units in that year, where they are read already. What carries a check out is not in its way.
    """
    is_visit = isinstance(thing, Visit)
    first, last = thing.first_on, thing.last_on
    if isinstance(thing, Visit) and thing.visited_on is not None:
        first = last = thing.visited_on
    mine = [
        Calling("visit" if is_visit else "check", thing.pk or 0, thing.title, thing.kind, one.pk, first, last)
        for one in units
    ]
    ids = [one.pk for one in units]
    others = callings_of(ids, years={first.year, last.year}) if callings is None else list(callings)
    if isinstance(thing, Visit):
        others = [one for one in others if (one.thing, one.id) != ("check", thing.check_of_id)]
    else:
        others = [one for one in others if one.check_id != thing.pk]
    times = policy_of(thing.plan).visits.unit_times
    return cautions_of(mine, others, times=times, names={one.pk: one.name for one in units})
