"""What of a year is still open, and what should be looked at before it is closed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from duban.archives.rules import Open, OpenThing, warnings
from duban.bulletins.models import Bulletin
from duban.bulletins.queries import awaiting_snapshots
from duban.bulletins.rules import BULLETIN_STATE_LABELS, LIVE, BulletinState
from duban.changes.models import ChangeRequest
from duban.changes.rules import RequestState, label_of
from duban.core.clock import day_of
from duban.core.text import date_text
from duban.evaluation.models import Evaluation
from duban.evaluation.rules import EVALUATION_STATE_LABELS, EvaluationState
from duban.instructions.models import Charge
from duban.instructions.rules import CHARGE_STATE_LABELS, ChargeState
from duban.interviews.models import Interview
from duban.interviews.rules import (
    AFTER_TALK,
    BEFORE_TALK,
    ENDED,
    INTERVIEW_STATE_LABELS,
    LEVEL_LABELS,
    InterviewState,
    Level,
)
from duban.letters.models import Letter
from duban.letters.rules import LETTER_KIND_LABELS, LETTER_STATE_LABELS, LetterKind, LetterState
from duban.matters.models import Matter, Obligation, Plan
from duban.matters.queries import merging_units
from duban.matters.rules import OPEN_STATES, OWED_LABELS, STATE_LABELS, ChangeKind, Owed, OwedState, State
from duban.objections.models import Objection
from duban.objections.rules import OBJECTION_STATE_LABELS, TARGET_LABELS, ObjectionState, Target
from duban.obstacles.models import Decision, Meeting, Obstacle
from duban.obstacles.rules import (
    DECISION_STATE_LABELS,
    OBSTACLE_STATE_LABELS,
    DecisionState,
    MeetingState,
    ObstacleState,
)
from duban.papers.models import IssuedPaper, PaperScan
from duban.visits.models import Rectification, Visit
from duban.visits.rules import VISIT_KIND_LABELS, VISIT_STATE_LABELS, RectifyingState, VisitKind, VisitState

UNFINISHED_LETTERS = (
    LetterState.DRAFTED,
    LetterState.PRESENTED,
    LetterState.SIGNED,
    LetterState.ISSUED,
    LetterState.ANSWERED,
)
UNDONE = (State.DRAFT, *OPEN_STATES)
"""States of matters that keep a year open."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a year stands before it is closed. open: by kind, everything; warnings: in words."""

    open: dict[Open, list[OpenThing]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[Open, int]:
        """How many of each kind are open."""
        return {kind: len(things) for kind, things in self.open.items()}


_GOES_ON = (Owed.RECTIFY_PLAN, Owed.RECTIFIED)
_TALKED = tuple(one for one in AFTER_TALK if one not in ENDED)


def undone_matters(plan: Plan) -> QuerySet[Matter]:
    """Return the matters of a plan that keep it open, in its order."""
    return Matter.objects.filter(plan=plan, state__in=UNDONE).order_by("order", "pk")


def still_owed(plan: Plan) -> QuerySet[Obligation]:
    """Return what is owed beyond the matters and things that are open themselves, and must be met or waived by itself.

    Rectification goes on past the year. What an open matter owes ends with it, what a letter, difficulty, 批示 or
    decision lets owe ends with that.
    """
    unfinished = Q(pk__in=[])
    for kind, things in (
        (Owed.LETTER, _letters(plan)),
        (Owed.OBSTACLE, _obstacles(plan)),
        (Owed.INSTRUCTION, _charges(plan)),
        (Owed.DECISION, _decisions(plan)),
    ):
        unfinished |= Q(Exists(things.filter(pk=OuterRef("subject_id"))), kind=kind)
    found = Obligation.objects.filter(plan=plan, state=OwedState.OPEN).exclude(unfinished).exclude(kind__in=_GOES_ON)
    return found.exclude(matter__state__in=UNDONE).order_by("unit__order", "unit_id", "due_on", "pk")


def _letters(plan: Plan) -> QuerySet[Letter]:
    return Letter.objects.filter(plan=plan, state__in=UNFINISHED_LETTERS).order_by("drafted_at", "pk")


def _obstacles(plan: Plan) -> QuerySet[Obstacle]:
    found = Obstacle.objects.filter(matter__plan=plan).exclude(state=ObstacleState.CLOSED)
    return found.order_by("raised_at", "pk")


def _charges(plan: Plan) -> QuerySet[Charge]:
    found = Charge.objects.filter(instruction__plan=plan).exclude(state=ChargeState.SETTLED)
    return found.order_by("instruction__given_on", "pk")


def _decisions(plan: Plan) -> QuerySet[Decision]:
    found = Decision.objects.filter(item__meeting__plan=plan).exclude(state=DecisionState.ACCEPTED)
    return found.order_by("item__meeting__starts_at", "pk")


_FOUND: Mapping[Open, Callable[[Plan], QuerySet[Any]]] = {
    Open.MATTER: undone_matters,
    Open.OWED: still_owed,
    Open.CHANGE: lambda plan: ChangeRequest.objects.filter(matter__plan=plan, state=RequestState.OPEN).order_by(
        "asked_at", "pk"
    ),
    Open.LETTER: _letters,
    Open.OBSTACLE: _obstacles,
    Open.MEETING: lambda plan: Meeting.objects.filter(plan=plan, state=MeetingState.CALLED).order_by("starts_at", "pk"),
    Open.DECISION: _decisions,
    Open.INSTRUCTION: _charges,
    Open.BULLETIN: lambda plan: Bulletin.objects.filter(plan=plan, state__in=LIVE).order_by("drafted_at", "pk"),
    Open.VISIT: lambda plan: (
        Visit.objects.filter(plan=plan)
        .exclude(state__in=(VisitState.CONCLUDED, VisitState.DROPPED))
        .order_by("prepared_at", "pk")
    ),
    Open.INTERVIEW: lambda plan: (
        Interview.objects.filter(plan=plan)
        .filter(Q(state__in=BEFORE_TALK) | Q(state__in=AFTER_TALK, minutes_at=None))
        .order_by("applied_at", "pk")
    ),
    Open.OBJECTION: lambda plan: Objection.objects.filter(plan=plan).at_office().order_by("filed_at", "pk"),
    Open.EVALUATION: lambda plan: Evaluation.objects.filter(
        plan=plan, state__in=(EvaluationState.DRAFTED, EvaluationState.SHOWN)
    ).order_by("drafted_at", "pk"),
}


def open_counts(plan: Plan) -> dict[Open, int]:
    """Return how many of each kind are open. One statement a kind."""
    return {kind: found(plan).count() for kind, found in _FOUND.items()}


def standing_of(plan: Plan, *, today: date) -> Standing:
    """Return what of a plan is still open, kind by kind, and what to look at. One statement a kind, one for the units
    of the matters, six for the warnings.

    plan: with its place.   The caller has seen that the reader may close the plan.
    """
    matters = list(undone_matters(plan))
    units = merging_units(one.pk for one in matters)
    found: dict[Open, list[OpenThing]] = {
        Open.MATTER: [
            OpenThing(
                Open.MATTER,
                one.pk,
                one.serial,
                one.title or one.text,
                units.get(one.pk, ""),
                one.due_on,
                STATE_LABELS[State(one.state)],
            )
            for one in matters
        ]
    }
    for kind, thing in _THINGS.items():
        rows = _FOUND[kind](plan).select_related(*_JOINED[kind])
        found[kind] = [thing(one) for one in rows]
    return Standing({kind: things for kind, things in found.items() if things}, _warnings(plan, today=today))


_JOINED: Mapping[Open, tuple[str, ...]] = {
    Open.OWED: ("unit", "matter"),
    Open.CHANGE: ("unit", "matter"),
    Open.LETTER: ("unit",),
    Open.OBSTACLE: ("unit", "matter"),
    Open.MEETING: ("chair",),
    Open.DECISION: ("unit", "item__meeting"),
    Open.INSTRUCTION: ("unit", "instruction"),
    Open.BULLETIN: (),
    Open.VISIT: (),
    Open.INTERVIEW: ("unit",),
    Open.OBJECTION: ("unit",),
    Open.EVALUATION: (),
}


def _owed(one: Obligation) -> OpenThing:
    about = f"{one.matter}：" if one.matter else ""
    return OpenThing(Open.OWED, one.pk, OWED_LABELS[Owed(one.kind)], f"{about}{one.title}", one.unit.name, one.due_on)


def _change(one: ChangeRequest) -> OpenThing:
    label = label_of(ChangeKind(one.kind))
    return OpenThing(Open.CHANGE, one.pk, label, f"{one.matter}：{one.cause}", one.unit.name, one.asked_on, "待裁定")


def _letter(one: Letter) -> OpenThing:
    label = one.number_text or f"{LETTER_KIND_LABELS[LetterKind(one.kind)]}稿"
    state = LETTER_STATE_LABELS[LetterState(one.state)]
    return OpenThing(Open.LETTER, one.pk, label, one.title, one.unit.name, one.issued_on or one.drafted_on, state)


def _obstacle(one: Obstacle) -> OpenThing:
    state = OBSTACLE_STATE_LABELS[ObstacleState(one.state)]
    day = day_of(one.raised_at)
    return OpenThing(Open.OBSTACLE, one.pk, str(one.matter), one.problem, one.unit.name, day, state)


def _meeting(one: Meeting) -> OpenThing:
    day = day_of(one.starts_at)
    return OpenThing(Open.MEETING, one.pk, date_text(day), one.title, one.chair.title, day, "待召开")


def _decision(one: Decision) -> OpenThing:
    meeting = one.item.meeting
    state = DECISION_STATE_LABELS[DecisionState(one.state)]
    day = day_of(meeting.starts_at)
    return OpenThing(Open.DECISION, one.pk, meeting.title, one.item.decision, one.unit.name, day, state)


def _charge(one: Charge) -> OpenThing:
    """Its text is not repeated here: 批示 are read on their own page."""
    given = one.instruction
    state = CHARGE_STATE_LABELS[ChargeState(one.state)]
    words = f"{given.leader_name}{date_text(given.given_on)}的批示"
    return OpenThing(Open.INSTRUCTION, given.pk, "批示", words, one.unit.name, given.given_on, state)


def _bulletin(one: Bulletin) -> OpenThing:
    state = BULLETIN_STATE_LABELS[BulletinState(one.state)]
    return OpenThing(Open.BULLETIN, one.pk, "《政务督查》稿", one.title, "", one.drafted_on, state)


def _visit(one: Visit) -> OpenThing:
    state = VISIT_STATE_LABELS[VisitState(one.state)]
    label = VISIT_KIND_LABELS[VisitKind(one.kind)]
    return OpenThing(Open.VISIT, one.pk, label, one.title, "", one.visited_on or one.first_on, state)


def _interview(one: Interview) -> OpenThing:
    state = INTERVIEW_STATE_LABELS[InterviewState(one.state)]
    label = one.number_text or LEVEL_LABELS[Level(one.level)]
    return OpenThing(Open.INTERVIEW, one.pk, label, one.reason, one.unit.name, one.applied_on, state)


def _objection(one: Objection) -> OpenThing:
    state = OBJECTION_STATE_LABELS[ObjectionState(one.state)]
    label = TARGET_LABELS[Target(one.target)]
    return OpenThing(Open.OBJECTION, one.pk, label, one.about, one.unit.name, one.filed_on, state)


def _evaluation(one: Evaluation) -> OpenThing:
    state = EVALUATION_STATE_LABELS[EvaluationState(one.state)]
    return OpenThing(Open.EVALUATION, one.pk, "考评", one.title, "", one.drafted_on, state)


_THINGS: Mapping[Open, Callable[[Any], OpenThing]] = {
    Open.OWED: _owed,
    Open.CHANGE: _change,
    Open.LETTER: _letter,
    Open.OBSTACLE: _obstacle,
    Open.MEETING: _meeting,
    Open.DECISION: _decision,
    Open.INSTRUCTION: _charge,
    Open.BULLETIN: _bulletin,
    Open.VISIT: _visit,
    Open.INTERVIEW: _interview,
    Open.OBJECTION: _objection,
    Open.EVALUATION: _evaluation,
}


def _warnings(plan: Plan, *, today: date) -> list[str]:
    scans = PaperScan.objects.filter(paper=OuterRef("pk"))
    return warnings(
        year=plan.year,
        today=today,
        has_next_plan=next_plan(plan) is not None,
        lacks_bulletin=bool(awaiting_snapshots([plan], today=today)),
        rectifying=Rectification.objects.filter(visit__plan=plan).exclude(state=RectifyingState.ACCEPTED).count()
        + Interview.objects.filter(plan=plan, state__in=_TALKED).count(),
        unscanned=IssuedPaper.objects.filter(~Exists(scans), plan=plan).count(),
    )


def next_plan(plan: Plan) -> Plan | None:
    """Return the plan matters are carried over into: the next one of the place that is not closed. One statement."""
    later = Plan.objects.filter(jurisdiction=plan.jurisdiction_id, year__gt=plan.year, closed_at=None)
    return later.select_related("policy", "jurisdiction").order_by("year").first()


def ending_plans(places: set[int | None], *, today: date) -> list[Plan]:
    """Return the plans of these places whose year is over, or in its last month, and which are not closed; None: all.

    One statement.
    """
    last = today.year if today.month == 12 else today.year - 1
    found = Plan.objects.filter(year__lte=last, closed_at=None).select_related("jurisdiction").order_by("year", "pk")
    return list(found if None in places else found.filter(jurisdiction_id__in=[one for one in places if one]))
