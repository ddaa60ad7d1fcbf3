"""Earlier matters like a new one, with how they went; and how a whole year went, by unit and by field."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.db.models import Count, Max, QuerySet, Sum

from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.letters.models import LetterItem
from duban.letters.rules import AFTER_SIGNING
from duban.lights.models import LightTurn
from duban.matters.models import Assignment, Matter, MatterChange, Milestone, Obligation, Plan
from duban.matters.policy import Precedents
from duban.matters.queries import policy_of
from duban.matters.rules import ChangeKind, Owed, OwedState, State
from duban.obstacles.models import Obstacle
from duban.precedents.rules import PastNode, Tally, YearFacts, red_days
from duban.precedents.rules.likeness import Corpus, Like
from duban.reports.models import Report
from duban.visits.queries import untrue_findings


@dataclass(frozen=True, slots=True)
class Similar:
    """One earlier matter, and how it went. share: 0 to 1 · lead: the unit that merged · nodes: with when each was
    reached · closed_on, due_on: when it was closed, and its final date · is_late: the lead was done only after it ·
    letters: issued about it.
    """

    id: int
    year: int
    serial: str
    text: str
    lead: str
    state: str
    share: float
    nodes: tuple[PastNode, ...]
    obstacles: tuple[str, ...]
    due_on: date
    closed_on: date | None
    is_late: bool
    extensions: int
    letters: int
    progress_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class Before:
    """Where to look for precedents: the plans of the years before one, as far back as the policy looks."""

    figures: Precedents
    plan_ids: tuple[int, ...]


def before_plan(plan: Plan) -> Before:
    """Return where the precedents of a plan's matters lie. One statement; plan: with its policy."""
    return _before(plan.jurisdiction_id, year=plan.year, figures=policy_of(plan).precedents)


def before_year(jurisdiction_id: int, *, year: int) -> Before | None:
    """Return where the precedents of a year lie that may have no plan yet; None where there is no earlier plan.

    The policy of the latest plan says how far to look. Two statements at most.
    """
    plans = Plan.objects.filter(jurisdiction=jurisdiction_id, year__lt=year).select_related("policy")
    latest = plans.order_by("-year").first()
    if latest is None:
        return None
    return _before(jurisdiction_id, year=year, figures=policy_of(latest).precedents)


def _before(jurisdiction_id: int, *, year: int, figures: Precedents) -> Before:
    found = Plan.objects.filter(jurisdiction=jurisdiction_id, year__gte=year - figures.years_back, year__lt=year)
    return Before(figures, tuple(found.order_by("-year").values_list("pk", flat=True)))


def similar_matters(
    actor: Actor,
    *,
    before: Before,
    text: str,
    field: str = "",
    unit_ids: Collection[int] = (),
    but: Collection[int] = (),
) -> list[Similar]:
    """Return earlier matters like a text that this actor may see, the likest first, with how they went.

    field, unit_ids: of the new matter; those of the same weigh more.   but: ids not to be shown.
    Nine statements at most, whatever the number of earlier matters; one where nothing is like it.
    """
    figures = before.figures
    if not before.plan_ids:
        return []
    corpus = corpus_of(before.plan_ids)
    likely = corpus.like(text, least=figures.least_pct / 100, most=figures.shown_most * 8)
    likely = [one for one in likely if one.id not in but]
    if not likely:
        return []
    ids = [one.id for one in likely]
    seen = {one.pk: one for one in Matter.objects.visible_to(actor).filter(pk__in=ids).select_related("plan")}
    merging = Assignment.objects.filter(matter_id__in=seen, is_merging=True, ended_at=None).select_related("unit")
    leads = {one.matter_id: one.unit for one in merging}
    ranked: list[Like] = []
    for one in likely:
        if one.id not in seen:
            continue
        share = one.share
        share *= 1 + (figures.field_pct / 100 if field and seen[one.id].field == field else 0)
        lead = leads.get(one.id)
        share *= 1 + (figures.unit_pct / 100 if lead is not None and lead.pk in unit_ids else 0)
        ranked.append(Like(one.id, min(share, 1.0)))
    ranked = sorted(ranked, key=lambda one: (-one.share, -seen[one.id].plan.year, one.id))[: figures.shown_most]
    return _told(ranked, seen, {pk: unit.name for pk, unit in leads.items()})


def matters_led(actor: Actor, *, plan: Plan, unit_ids: Collection[int]) -> list[Similar]:
    """Return the matters of an earlier plan that these units merged, in its order, with how they went.

    Only those this actor may see; work items are told with the matter they are of. Eight statements at most.
    """
    merging = Assignment.objects.filter(unit_id__in=unit_ids, is_merging=True, ended_at=None, matter__plan=plan)
    leads = dict(merging.order_by().values_list("matter_id", "unit__name"))
    found = Matter.objects.visible_to(actor).filter(pk__in=leads, parent=None).exclude(state=State.DRAFT)
    seen = {one.pk: one for one in found.select_related("plan").order_by("order", "pk")}
    return _told([Like(pk, 1.0) for pk in seen], seen, leads) if seen else []


def _told(ranked: Sequence[Like], seen: Mapping[int, Matter], leads: Mapping[int, str]) -> list[Similar]:
    ids = [one.id for one in ranked]
    nodes = nodes_of(ids)
    obstacles: dict[int, list[str]] = defaultdict(list)
    for matter_id, problem in (
        Obstacle.objects.filter(matter_id__in=ids).order_by("raised_at", "pk").values_list("matter_id", "problem")
    ):
        obstacles[matter_id].append(problem)
    extended = MatterChange.objects.filter(matter_id__in=ids, kind=ChangeKind.EXTEND).order_by()
    extensions = dict(extended.values_list("matter_id").annotate(Count("pk")))
    written = LetterItem.objects.filter(matter_id__in=ids, letter__state__in=AFTER_SIGNING, removed_reason="")
    late = _met_late(Assignment.objects.filter(matter_id__in=ids, is_merging=True, ended_at=None))
    letters = dict(written.order_by().values_list("matter_id").annotate(Count("letter_id", distinct=True)))
    return [
        Similar(
            id=one.id,
            year=seen[one.id].plan.year,
            serial=seen[one.id].serial,
            text=seen[one.id].title or seen[one.id].text,
            lead=leads.get(one.id, ""),
            state=seen[one.id].state,
            share=one.share,
            nodes=tuple(nodes.get(one.id, ())),
            obstacles=tuple(obstacles[one.id]),
            due_on=seen[one.id].due_on,
            closed_on=_closed_on(seen[one.id]),
            is_late=one.id in late,
            extensions=extensions.get(one.id, 0),
            letters=letters.get(one.id, 0),
            progress_pct=seen[one.id].progress_pct,
        )
        for one in ranked
    ]


def _closed_on(matter: Matter) -> date | None:
    return day_of(matter.closed_at) if matter.closed_at else None


def nodes_of(matter_ids: Collection[int]) -> dict[int, list[PastNode]]:
    """Return the nodes of matters in their order, with the day each was reached. Two statements."""
    met = Obligation.objects.filter(matter_id__in=matter_ids, kind=Owed.MILESTONE, state=OwedState.MET)
    reached = dict(met.order_by().values_list("subject_id").annotate(Max("met_on")))
    found: dict[int, list[PastNode]] = defaultdict(list)
    for one in Milestone.objects.filter(matter_id__in=matter_ids).order_by("due_on", "pk"):
        found[one.matter_id].append(PastNode(one.due_on, one.title, one.expected_pct, reached.get(one.pk)))
    return found


def corpus_of(plan_ids: Sequence[int]) -> Corpus:
    """Return the texts of these plans' matters, laid out for asking. One statement.

    The texts are read each time and laid out only where they are others: whatever changed, and in whichever database,
    what is asked is what stands there now. Ten thousand matters take a second to lay out, a twentieth to read.
    """
    matters = Matter.objects.filter(plan_id__in=plan_ids, parent=None).exclude(state=State.DRAFT)
    rows = matters.order_by("pk").values_list("pk", "title", "text")
    return _laid_out(tuple((pk, f"{title} {text}") for pk, title, text in rows.iterator(chunk_size=2_000)))


@lru_cache(maxsize=8)
def _laid_out(texts: tuple[tuple[int, str], ...]) -> Corpus:
    """Known by the texts themselves: earlier ones hardly ever change, and laying them out is what takes the time."""
    return Corpus(texts)


# ---- how a year went


def year_facts(plan: Plan, *, until: date, unit_ids: Collection[int] | None = None) -> YearFacts:
    """Return how the matters of a plan went up to a day, by the unit that merges and by field: facts alone.

    unit_ids: only of these units. Work items are counted with the matter they are of.   Ten statements at most,
    whatever the number of matters. The caller has seen that the reader may see it.
    """
    matters = Matter.objects.filter(plan=plan, parent=None).exclude(state=State.DRAFT)
    merging = Assignment.objects.filter(matter__in=matters, is_merging=True, ended_at=None)
    if unit_ids is not None:
        merging = merging.filter(unit_id__in=unit_ids)
    leads = dict(merging.order_by().values_list("matter_id", "unit_id"))
    rows = [one for one in matters.order_by("pk").values_list("pk", "state", "field") if one[0] in leads]
    met_late = _met_late(merging)
    red = _red_days(matters, until=until)
    counts = [_reports(merging, until=until), _returned(merging), _extended(matters)]
    untrue: dict[int, int] = defaultdict(int)
    for finding in untrue_findings(plan, until=until):
        untrue[finding.matter_id] += 1
    found = YearFacts()
    for pk, state, field in rows:
        tally = Tally(matters=1, untrue=untrue.get(pk, 0))
        if state == State.CLOSED:
            tally.late, tally.in_time = (1, 0) if pk in met_late else (0, 1)
        elif state == State.CARRIED_OVER:
            tally.carried = 1
        elif state == State.TERMINATED:
            tally.terminated = 1
        else:
            tally.undone = 1
        tally.red_days = red.get(pk, 0)
        tally.red_matters = int(tally.red_days > 0)
        for some in counts:
            tally.add(some.get(pk, Tally()))
        found.by_unit.setdefault(leads[pk], Tally()).add(tally)
        found.by_field.setdefault(field, Tally()).add(tally)
    return found


def _met_late(merging: QuerySet[Assignment]) -> set[int]:
    """Return the matters whose final date their merging lead met after it: the last one owed counts."""
    owed = Obligation.objects.filter(kind=Owed.FINAL, state=OwedState.MET, assignment__in=merging.values("pk"))
    last: dict[int, bool] = {}
    for matter_id, due_on, met_on in owed.order_by("pk").values_list("matter_id", "due_on", "met_on"):
        if matter_id is not None and met_on is not None:
            last[matter_id] = met_on > due_on
    return {pk for pk, is_late in last.items() if is_late}


def _red_days(matters: QuerySet[Matter], *, until: date) -> dict[int, int]:
    turns: dict[int, list[tuple[date, str]]] = defaultdict(list)
    rows = LightTurn.objects.filter(matter__in=matters, day__lte=until).order_by("matter_id", "day", "pk")
    for matter_id, day, light in rows.values_list("matter_id", "day", "light").iterator(chunk_size=5_000):
        turns[matter_id].append((day, light))
    return {pk: red_days(some, until=until) for pk, some in turns.items()}


def _reports(merging: QuerySet[Assignment], *, until: date) -> dict[int, Tally]:
    """Return by matter what reports were owed, late and never given. One given back counts by its first day."""
    owed = Obligation.objects.filter(kind=Owed.REPORT, assignment__in=merging.values("pk"), due_on__lte=until)
    rows = owed.exclude(subject_type="returned_report").order_by("pk")
    found: dict[int, Tally] = defaultdict(Tally)
    columns = ("matter_id", "due_on", "met_on", "state", "ended_at")
    for matter_id, due_on, met_on, state, ended_at in rows.values_list(*columns):
        let_go_on = day_of(ended_at) if state == OwedState.WAIVED and ended_at else None
        if matter_id is None or (let_go_on is not None and let_go_on <= due_on):
            continue  # let go before it was due: nothing was missing
        tally = found[matter_id]
        tally.reports += 1
        if met_on is None:
            tally.reports_missing += 1
        elif met_on > due_on:
            tally.reports_late += 1
    return found


def _returned(merging: QuerySet[Assignment]) -> dict[int, Tally]:
    rows = Report.objects.filter(matter_id__in=merging.values("matter_id"), returns__gt=0).order_by()
    return {pk: Tally(returned=count) for pk, count in rows.values_list("matter_id").annotate(Sum("returns"))}


def _extended(matters: QuerySet[Matter]) -> dict[int, Tally]:
    rows = MatterChange.objects.filter(matter__in=matters, kind=ChangeKind.EXTEND).order_by()
    return {pk: Tally(extensions=count) for pk, count in rows.values_list("matter_id").annotate(Count("pk"))}
