"""Reads of difficulties and meetings that several doors share, already joined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Case, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When

from duban.access.rules import LEADER_ROLES, WHOLE_UNIT_ROLES, Permission, Role, acting_with, may
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.matters.models import Matter, Obligation, Overseer
from duban.matters.queries import policy_of
from duban.matters.rules import Owed, OwedState, State
from duban.obstacles.models import (
    AgendaItem,
    Decision,
    DecisionReply,
    Meeting,
    Obstacle,
    ObstacleQuerySet,
    Round,
)
from duban.obstacles.rules import DecisionState, MeetingState, ObstacleState, is_long_unanswered
from duban.orgs.models import Post
from duban.orgs.rules import PostKind

IN_HAND = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING)
"""States of a matter in which a unit may raise a difficulty."""


class Hand(StrEnum):
    """As who somebody acts: for the own unit or post, or for it at the office because it did so on paper."""

    OWN = "own"
    BEHALF = "behalf"


def _is_office(actor: Actor, jurisdiction_id: int) -> bool:
    """Return whether the actor keeps the office's books: arranging coordination is theirs alone."""
    return may(actor, Permission.MEETING_HOLD, jurisdiction_id=jurisdiction_id)


def hand_to_answer(actor: Actor, obstacle: Obstacle) -> Hand | None:
    """Return as who the actor may answer: the unit or leader it is put to, the office for them, or not at all.

    The head of government answers whatever is put to any leader.
    """
    own: set[int]
    if obstacle.to_unit_id is not None:
        own = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        is_own = obstacle.to_unit_id in own
    else:
        own = {post_id for one in actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD) for post_id in one.post_ids}
        heads = {one.jurisdiction_id for one in actor.holds(Role.GOVERNMENT_HEAD)}
        is_own = obstacle.to_post_id in own or obstacle.jurisdiction_id in heads
    if is_own:
        return Hand.OWN
    return Hand.BEHALF if _is_office(actor, obstacle.jurisdiction_id) else None


def hand_to_press(actor: Actor, obstacle: Obstacle) -> Hand | None:
    """Return as who the actor may say that it is solved or not, or ask leaders: the raiser, or the office for it."""
    if obstacle.unit_id in {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}:
        return Hand.OWN
    return Hand.BEHALF if _is_office(actor, obstacle.jurisdiction_id) else None


def obstacle_for(actor: Actor, pk: int) -> Obstacle:
    """Return a difficulty this actor may see, its matter and units joined. Raises NotFound."""
    found = _joined(Obstacle.objects.visible_to(actor)).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这个困难问题，或者您无权查看。")
    return found


def _joined(obstacles: ObstacleQuerySet) -> ObstacleQuerySet:
    return obstacles.select_related("matter__plan__policy", "unit", "to_unit", "to_post", "jurisdiction")


def obstacles_for(actor: Actor) -> ObstacleQuerySet:
    """Return the difficulties this actor may see, the oldest first, joined."""
    return _joined(Obstacle.objects.visible_to(actor)).order_by("raised_at", "pk")


def obstacles_on(actor: Actor, matter: Matter) -> list[Obstacle]:
    """Return the difficulties on a matter as this actor may see them, the latest first. One statement."""
    found = Obstacle.objects.visible_to(actor).filter(matter=matter)
    return list(found.select_related("unit", "to_unit", "to_post").order_by("-raised_at", "-pk"))


def open_obstacles(matter_ids: Iterable[int]) -> QuerySet[Obstacle]:
    """Return what still stands in somebody's way on these matters, answered but not ended included.

    A matter closes only without any. The caller has seen that the actor may know of them.
    """
    found = Obstacle.objects.filter(matter_id__in=list(matter_ids)).exclude(state=ObstacleState.CLOSED)
    return found.select_related("unit").order_by("raised_at", "pk")


def rounds_of(obstacle: Obstacle) -> QuerySet[Round]:
    """Return what was asked and answered, in order, whom it was put to joined."""
    found = Round.objects.filter(obstacle=obstacle)
    return found.select_related("to_unit", "to_post", "item__meeting").order_by("number")


def answer_days(obstacle_ids: Iterable[int]) -> dict[int, date]:
    """Return by when the asked units owe their answer, by difficulty; what is put to a leader has no day. One query."""
    owed = _answers_owed().filter(subject_id__in=list(obstacle_ids))
    return {pk: due_on for pk, due_on in owed.values_list("subject_id", "due_on") if pk is not None}


def unanswered(actor: Actor) -> QuerySet[Obstacle]:
    """Return what nobody has answered yet: by the day an answer is owed, then what is put to leaders, who have no day.

    What stands on a suspended matter comes last.
    """
    owed = _answers_owed().filter(subject_id=OuterRef("pk")).order_by()
    found = obstacles_for(actor).filter(state=ObstacleState.OPEN)
    named = found.annotate(
        answer_due_on=Subquery(owed.values("due_on")[:1]),
        is_paused=Case(When(matter__state=State.SUSPENDED, then=Value(1)), default=Value(0)),
    )
    return named.order_by("is_paused", F("answer_due_on").asc(nulls_last=True), "raised_at", "pk")


def is_late(today: date) -> Q:
    """Return the condition that an answer to a difficulty is overdue."""
    return Q(pk__in=_answers_owed().filter(due_on__lt=today).order_by().values("subject_id"))


def _answers_owed() -> QuerySet[Obligation]:
    return Obligation.objects.filter(kind=Owed.OBSTACLE, state=OwedState.OPEN, subject_type="obstacle")


def long_unanswered(obstacles: Iterable[Obstacle], *, due: Mapping[int, date], today: date) -> list[Obstacle]:
    """Return those put to a unit that waited so long that leaders are asked; none on a suspended matter.

    due: from `answer_days`.   obstacles: with matter, plan and policy joined.
    """
    found = []
    figures: dict[int, int] = {}
    for one in obstacles:
        if one.state != ObstacleState.OPEN or one.pk not in due or one.matter.state not in IN_HAND:
            continue
        plan = one.matter.plan
        workdays = figures.setdefault(plan.pk, policy_of(plan).obstacles.escalate_workdays)
        if is_long_unanswered(due[one.pk], today=today, escalate_workdays=workdays):
            found.append(one)
    return found


def leaders_for(matter_ids: Iterable[int]) -> dict[int, list[Post]]:
    """Return whom difficulties on these matters may be put to above the units: overseers, else the government's head.

    The first is asked unless somebody chooses. Two statements.
    """
    ids = list(matter_ids)
    found: dict[int, list[Post]] = {pk: [] for pk in ids}
    for one in Overseer.objects.filter(matter_id__in=ids).select_related("post").order_by("order", "pk"):
        found[one.matter_id].append(one.post)
    lacking = [pk for pk, posts in found.items() if not posts]
    places = dict(Matter.objects.filter(pk__in=lacking).values_list("pk", "jurisdiction_id")) if lacking else {}
    heads = {
        post.jurisdiction_id: post
        for post in Post.objects.filter(
            kind=PostKind.GOVERNMENT_HEAD, unit=None, jurisdiction_id__in=set(places.values())
        )
    }
    for pk, place in places.items():
        if place in heads:
            found[pk].append(heads[place])
    return found


# ---- meetings


def meetings_for(actor: Actor) -> QuerySet[Meeting]:
    """Return the meetings this actor may see, the latest first, chairs joined."""
    return Meeting.objects.visible_to(actor).select_related("chair", "plan__policy").order_by("-starts_at", "-pk")


def meeting_for(actor: Actor, pk: int) -> Meeting:
    """Return a meeting this actor may see. Raises NotFound."""
    found = meetings_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这次调度会，或者您无权查看。")
    return found


def agenda_of(meeting: Meeting) -> list[AgendaItem]:
    """Return the items of a meeting in order: the difficulty with its matter and units, and the decisions. Two
    statements.
    """
    decisions = Decision.objects.select_related("unit").order_by("pk")
    items = AgendaItem.objects.filter(meeting=meeting).select_related(
        "obstacle__matter", "obstacle__unit", "obstacle__to_unit", "obstacle__to_post"
    )
    return list(items.prefetch_related(Prefetch("decisions", queryset=decisions)).order_by("order"))


@dataclass(frozen=True, slots=True)
class OnOffer:
    """A difficulty a meeting may take up. is_chairs: on a matter the chair oversees, or put to the chair.

    on_agenda: the title of another meeting that has it already, or empty.
    """

    obstacle: Obstacle
    is_chairs: bool
    on_agenda: str


def obstacles_on_offer(actor: Actor, *, chair: Post, besides: Meeting | None = None) -> list[OnOffer]:
    """Return the difficulties a meeting under this chair may take up, the chair's own first; three statements.

    The head of government's are all.   besides: the meeting being changed, whose own items are no other meeting's.
    """
    live = list(obstacles_for(actor).live().filter(jurisdiction_id=chair.jurisdiction_id))
    overseen = set(Overseer.objects.filter(post=chair).values_list("matter_id", flat=True))
    taken = AgendaItem.objects.filter(meeting__state=MeetingState.CALLED, obstacle__in=live)
    if besides is not None:
        taken = taken.exclude(meeting=besides)
    titles = dict(taken.values_list("obstacle_id", "meeting__title"))
    is_head = chair.kind == PostKind.GOVERNMENT_HEAD
    offered = [
        OnOffer(
            obstacle=one,
            is_chairs=is_head or one.matter_id in overseen or one.to_post_id == chair.pk,
            on_agenda=titles.get(one.pk, ""),
        )
        for one in live
    ]
    return sorted(offered, key=lambda one: not one.is_chairs)


def decisions_for(actor: Actor) -> QuerySet[Decision]:
    """Return what meetings decided, as this actor may see it, the latest meeting first, joined."""
    found = Decision.objects.visible_to(actor).select_related(
        "unit", "item__meeting__chair", "item__meeting__plan__policy", "item__obstacle__matter", "item__obstacle__unit"
    )
    return found.order_by("-item__meeting__starts_at", "item__order", "pk")


def decision_for(actor: Actor, pk: int) -> Decision:
    """Return a decision this actor may see. Raises NotFound."""
    found = decisions_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这件议定事项，或者您无权查看。")
    return found


def replies_of(decision: Decision) -> QuerySet[DecisionReply]:
    """Return what was said of a decision, in order."""
    return DecisionReply.objects.filter(decision=decision).order_by("number")


def decision_days(decision_ids: Iterable[int]) -> dict[int, date]:
    """Return by when each decision is due: what is still owed, else what was owed last. One statement."""
    owed = Obligation.objects.filter(kind=Owed.DECISION, subject_type="decision", subject_id__in=list(decision_ids))
    return {pk: due_on for pk, due_on in owed.order_by("pk").values_list("subject_id", "due_on") if pk is not None}


def decisions_on(obstacle: Obstacle) -> list[AgendaItem]:
    """Return the items of held meetings that decided on a difficulty, with their decisions' units. Two statements."""
    decided = AgendaItem.objects.filter(obstacle=obstacle, meeting__state=MeetingState.HELD).exclude(decision="")
    decisions = Decision.objects.select_related("unit").order_by("pk")
    return list(
        decided.select_related("meeting").prefetch_related(Prefetch("decisions", queryset=decisions)).order_by("pk")
    )


def hand_to_finish(actor: Actor, decision: Decision) -> Hand | None:
    """Return as who the actor may say that a decision is done: for the own unit, or at the office for it."""
    if decision.unit_id in {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}:
        return Hand.OWN
    return Hand.BEHALF if _is_office(actor, decision.item.meeting.jurisdiction_id) else None


def decisions_waiting(actor: Actor) -> list[Decision]:
    """Return the decisions the actor's units have to carry out."""
    units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
    return list(decisions_for(actor).filter(unit_id__in=units, state=DecisionState.OPEN))


def decisions_done(actor: Actor) -> QuerySet[Decision]:
    """Return the decisions units say they have carried out, for the office to look at, the earliest meeting first."""
    office = acting_with(actor, Permission.MEETING_HOLD)
    done = decisions_for(office).filter(state=DecisionState.DONE)
    return done.order_by("item__meeting__starts_at", "item__order", "pk")
