"""反馈结论 (§16), 整改 (§18), 移送 (§23). Source: docs/sources.md#visits"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.core.typed import past_day
from duban.letters.queries import speaks_for
from duban.matters.actions import Behalf, meet_owed, owe, told_by
from duban.matters.models import Matter
from duban.matters.queries import policy_of
from duban.matters.rules import Owed
from duban.orgs.models import Unit
from duban.papers.actions import freeze_paper
from duban.papers.drawing import Drawn, drawn
from duban.papers.rules import PaperKind
from duban.visits.actions.common import about, claim, count_up, people_of, tell
from duban.visits.actions.finding import lift
from duban.visits.models import Handover, Rectification, RectificationStep, Visit, VisitItem
from duban.visits.queries import conclusion_data, conclusion_page, demands_due
from duban.visits.rules import (
    NUMBER_LENGTH,
    RECTIFYING_STEP_LABELS,
    SEEN_BY_UNITS,
    RectifyingState,
    RectifyingStep,
    Result,
    VisitState,
    checked_words,
    optional_words,
)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """督查结论: facts with their evidence, what follows from them, what each unit has to put right (by its id)."""

    facts: str
    opinion: str
    demands: Mapping[int, str]


def conclude_visit(visit: Visit, *, conclusion: Conclusion, by: Actor, now: datetime) -> Visit:
    """反馈结论: the conclusion is frozen as a paper and sent to the units; who has to put something right owes a plan
    and a report. Drawn before anything is locked.

    A unit with something untrue has to be given a demand; others may be. Raises NotAllowed, Invalid, WrongState.
    Source: docs/sources.md#visits (《政府督查工作条例》第十六条、第十八条)
    """
    require(by, Permission.VISIT_PREPARE, jurisdiction_id=visit.jurisdiction_id)
    facts = checked_words(conclusion.facts, what="事实和证据", field="facts")
    opinion = checked_words(conclusion.opinion, what="结论和要求", field="opinion")
    units = {one.pk: one for one in Unit.objects.filter(visits=visit).order_by("order", "pk")}
    demands: dict[int, str] = {}
    for unit_id, text in conclusion.demands.items():
        if unit_id not in units:
            raise Invalid("只能对所核验的单位提出整改要求。", field="demands")
        if words := optional_words(text, what="整改要求", field="demands", most=500):
            demands[unit_id] = words
    untrue = VisitItem.objects.filter(visit=visit, result=Result.UNTRUE).values_list("unit_id", flat=True)
    lacking = [units[pk].name for pk in dict.fromkeys(untrue) if pk not in demands]
    if lacking:
        raise Invalid(f"{'、'.join(lacking)}有不实的情况，请写明整改要求。", field="demands")
    if visit.state != VisitState.CONFIRMED:
        raise WrongState("核验结果认定以后才能反馈结论，或者结论已经反馈。")
    today = day_of(now)
    policy = policy_of(visit.plan).visits
    plan_due_on = use_loaded_notices().add_workdays(today, policy.plan_workdays)
    report_due_on = today + timedelta(days=policy.report_days)
    due = demands_due(demands, units=units, plan_due_on=plan_due_on, report_due_on=report_due_on)
    data = conclusion_data(visit, facts=facts, opinion=opinion, demands=due, on=today)
    with drawn(conclusion_page(data), values=data) as page:
        return _conclude(
            visit,
            facts=facts,
            opinion=opinion,
            demands=demands,
            units=units,
            due=(plan_due_on, report_due_on),
            page=page,
            by=by,
            now=now,
        )


@transaction.atomic
def _conclude(
    visit: Visit,
    *,
    facts: str,
    opinion: str,
    demands: Mapping[int, str],
    units: Mapping[int, Unit],
    due: tuple[date, date],
    page: Drawn,
    by: Actor,
    now: datetime,
) -> Visit:
    claim(
        visit,
        VisitState.CONFIRMED,
        message="这次核验的结论已经反馈，或者认定刚刚有变化。",
        state=VisitState.CONCLUDED,
        facts=facts,
        opinion=opinion,
        concluded_at=now,
        concluded_by_name=by.name[:40],
    )
    plan_due_on, report_due_on = due
    for unit_id, words in demands.items():
        unit = units[unit_id]
        Rectification.objects.create(
            visit=visit,
            unit=unit,
            demand=words,
            plan_due_on=plan_due_on,
            report_due_on=report_due_on,
            asked_at=now,
        )
        name = visit.title[:60]
        for kind, title, due_on in (
            (Owed.RECTIFY_PLAN, f"报送整改方案：{name}", plan_due_on),
            (Owed.RECTIFIED, f"报送整改情况：{name}", report_due_on),
        ):
            owe(unit, plan=visit.plan, kind=kind, subject=visit, title=title, due_on=due_on, by=by, now=now)
    tell(
        visit,
        people_of(units.values(), on=day_of(now)),
        title="您有 1 份督查结论待阅",
        text=f"“{visit.title}”的督查结论已反馈。"
        + (f"要求整改的，请于{plan_due_on.month}月{plan_due_on.day}日前报送整改方案。" if demands else ""),
        what="concluded",
        link=f"/visits/{visit.pk}/",
        by=by,
        now=now,
    )
    data = {
        "units": [one.name for one in units.values()],
        "rectifying": [units[pk].name for pk in demands],
        "plan_due_on": plan_due_on if demands else None,
        "report_due_on": report_due_on if demands else None,
    }
    record(EventName.CONCLUSION_GIVEN, about(visit, data), by=by, now=now)
    freeze_paper(
        visit,
        drawn=page,
        kind=PaperKind.CONCLUSION,
        plan=visit.plan,
        title=f"关于{visit.title}的督查结论",
        addressee="、".join(one.full_name or one.name for one in units.values()),
        dated_on=day_of(now),
        units=list(units),
        matters=list(VisitItem.objects.filter(visit=visit).order_by("order", "pk").values_list("matter_id", flat=True)),
        by=by,
        now=now,
    )
    return visit


# ---- rectification


def _step(
    row: Rectification,
    *,
    kind: RectifyingStep,
    text: str,
    done_on: date,
    by: Actor,
    now: datetime,
    told: Mapping[str, str],
) -> RectificationStep:
    return RectificationStep.objects.create(
        rectification=row,
        kind=kind,
        text=text,
        done_on=done_on,
        written_at=now,
        written_by_name=by.name[:40],
        **told,
    )


def _move(row: Rectification, *states: RectifyingState, to: RectifyingState) -> None:
    if not Rectification.objects.filter(pk=row.pk, state__in=states).update(state=to):
        raise WrongState("这项整改刚刚已由他人办理，或者还不到这一步。")
    row.refresh_from_db(fields=["state"])


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """What the office enters for a unit: how the unit told it, and the day that came."""

    how: Behalf
    came_on: date | None


def _came(row: Rectification, behalf: OnBehalf | None, *, by: Actor, now: datetime) -> tuple[date, dict[str, str]]:
    """Return the day a unit's plan or report came, and how. What it sends itself comes today; what the office enters
    bears its own day, not before the conclusion or what the unit sent last. Raises Invalid."""
    told = told_by(behalf.how if behalf else None, is_own=speaks_for(by, row.unit_id), act="报送")
    if behalf is None:
        return day_of(now), told
    since, after = day_of(row.asked_at), "反馈结论的日期"
    last = RectificationStep.objects.filter(rectification=row).order_by("-written_at", "-pk").first()
    if last is not None:
        since, after = last.done_on, f"{RECTIFYING_STEP_LABELS[RectifyingStep(last.kind)]}的日期"
    what, today = "报送日期", day_of(now)
    return past_day(behalf.came_on, what=what, field="came_on", today=today, since=since, after=after), told


@transaction.atomic
def plan_rectifying(
    row: Rectification, *, text: str, by: Actor, now: datetime, behalf: OnBehalf | None = None
) -> RectificationStep:
    """报送整改方案: a unit says how it puts right what was found. behalf: of the office, which enters it for the unit.

    Raises NotAllowed, Invalid, WrongState.
    """
    visit = row.visit
    require(by, Permission.RECTIFY, unit_id=row.unit_id, jurisdiction_id=visit.jurisdiction_id)
    day, told = _came(row, behalf, by=by, now=now)
    words = checked_words(text, what="整改方案", field="text")
    _move(row, RectifyingState.PLAN_OWED, to=RectifyingState.UNDER_WAY)
    step = _step(row, kind=RectifyingStep.PLAN, text=words, done_on=day, by=by, now=now, told=told)
    meet_owed(visit, unit=row.unit, kind=Owed.RECTIFY_PLAN, met_on=day, by=by, now=now)
    record(
        EventName.RECTIFYING_PLANNED,
        about(visit, {"text": words, "done_on": day, **told}, unit=row.unit),
        by=by,
        now=now,
    )
    return step


@transaction.atomic
def report_rectified(
    row: Rectification, *, text: str, by: Actor, now: datetime, behalf: OnBehalf | None = None
) -> RectificationStep:
    """报送整改情况: a unit says that it is put right; the office looks again. What is done at once may be told without
    a plan first. Raises NotAllowed, Invalid, WrongState.
    """
    visit = row.visit
    require(by, Permission.RECTIFY, unit_id=row.unit_id, jurisdiction_id=visit.jurisdiction_id)
    day, told = _came(row, behalf, by=by, now=now)
    words = checked_words(text, what="整改情况", field="text")
    _move(row, RectifyingState.PLAN_OWED, RectifyingState.UNDER_WAY, to=RectifyingState.REPORTED)
    step = _step(row, kind=RectifyingStep.REPORT, text=words, done_on=day, by=by, now=now, told=told)
    meet_owed(visit, unit=row.unit, met_on=day, by=by, now=now)
    record(
        EventName.RECTIFYING_REPORTED,
        about(visit, {"text": words, "done_on": day, **told}, unit=row.unit),
        by=by,
        now=now,
    )
    return step


@dataclass(frozen=True, slots=True)
class Recheck:
    """复查: what the office found when it looked again. is_right: it is put right.   due_on: else by when anew."""

    text: str
    is_right: bool
    due_on: date | None = None


@transaction.atomic
def recheck(row: Rectification, *, found: Recheck, by: Actor, now: datetime) -> RectificationStep:
    """复查: the office looked again. Put right, the open finding is lifted from the matters of this unit and their
    lights follow; the finding itself stands. Not put right, the unit owes its report anew.

    Raises NotAllowed, Invalid, WrongState. Source: docs/sources.md#visits (第十八条)
    """
    visit = row.visit
    require(by, Permission.FINDING_JUDGE, jurisdiction_id=visit.jurisdiction_id)
    words = checked_words(found.text, what="复查情况", field="text")
    today = day_of(now)
    if found.is_right:
        _move(row, RectifyingState.REPORTED, to=RectifyingState.ACCEPTED)
        cured = VisitItem.objects.filter(visit=visit, unit=row.unit, result=Result.UNTRUE, cured_on=None)
        matters = list(Matter.objects.filter(visit_items__in=cured).select_related("plan__policy").distinct())
        cured.update(cured_on=today)
        for one in matters:
            lift(one, by=by, now=now)
        kind, event = RectifyingStep.ACCEPTED, EventName.RECTIFYING_ACCEPTED
    else:
        if found.due_on is None or found.due_on <= today:
            raise Invalid("复查不通过的，请写明在哪一天之前再报，须晚于今天。", field="due_on")
        _move(row, RectifyingState.REPORTED, to=RectifyingState.UNDER_WAY)
        Rectification.objects.filter(pk=row.pk).update(report_due_on=found.due_on)
        row.refresh_from_db(fields=["report_due_on"])
        title = f"重新报送整改情况：{visit.title[:60]}"
        owe(
            row.unit, plan=visit.plan, kind=Owed.RECTIFIED, subject=visit, title=title, due_on=found.due_on,
            by=by, now=now,
        )  # fmt: skip
        kind, event = RectifyingStep.RETURNED, EventName.RECTIFYING_RETURNED
    step = _step(row, kind=kind, text=words, done_on=today, by=by, now=now, told={})
    data = {"text": words, "due_on": found.due_on if not found.is_right else None}
    record(event, about(visit, data, unit=row.unit), by=by, now=now)
    tell(
        visit,
        people_of([row.unit], on=today),
        title="您有 1 项整改的复查结果",
        text=f"“{visit.title}”的整改，复查{'通过' if found.is_right else '不通过，请继续整改'}。",
        what=f"recheck-{step.pk}",
        link=f"/visits/{visit.pk}/",
        by=by,
        now=now,
    )
    return step


# ---- leads handed over


@dataclass(frozen=True, slots=True)
class NewHandover:
    """A lead to be handed over: to whom, what, by whose decision."""

    recipient: str
    lead: str
    basis: str
    handed_on: date
    document_number: str = ""
    matter: Matter | None = None


@transaction.atomic
def hand_over(visit: Visit, *, new: NewHandover, by: Actor, now: datetime) -> Handover:
    """移送线索: record that a lead on unlawful conduct was handed to whom it concerns; no more (§23).

    Units never see it. Raises NotAllowed, Invalid, WrongState (nothing was confirmed yet).
    """
    require(by, Permission.LEAD_HAND_OVER, jurisdiction_id=visit.jurisdiction_id)
    recipient = checked_words(new.recipient, what="移送单位", field="recipient", most=60)
    lead = checked_words(new.lead, what="线索", field="lead")
    basis = checked_words(new.basis, what="批准依据", field="basis", most=200)
    number = optional_words(new.document_number, what="文号", field="document_number", most=NUMBER_LENGTH)
    since, after = visit.visited_on, "到场日期"
    past_day(new.handed_on, what="移送日期", field="handed_on", today=day_of(now), since=since, after=after)
    if new.matter is not None and not VisitItem.objects.filter(visit=visit, matter=new.matter).exists():
        raise Invalid("所选事项不在这次核验中。", field="matter")
    count_up(visit, *SEEN_BY_UNITS)
    row = Handover.objects.create(
        visit=visit,
        matter=new.matter,
        recipient=recipient,
        lead=lead,
        basis=basis,
        document_number=number,
        handed_on=new.handed_on,
        recorded_at=now,
        recorded_by_name=by.name[:40],
    )
    data = {"recipient": recipient, "basis": basis, "document_number": number, "handed_on": new.handed_on}
    record(EventName.LEAD_HANDED_OVER, about(visit, data), by=by, now=now)
    return row
