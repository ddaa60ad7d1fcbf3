"""Reads of difficulties that several doors share, already joined."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet

from duban.access.rules import LEADER_ROLES, WHOLE_UNIT_ROLES, Permission, Role, may
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.matters.models import Matter, Obligation, Overseer
from duban.matters.queries import policy_of
from duban.matters.rules import Owed, OwedState, State
from duban.obstacles.models import Obstacle, ObstacleQuerySet, Round
from duban.obstacles.rules import ObstacleState, is_long_unanswered
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
    return Round.objects.filter(obstacle=obstacle).select_related("to_unit", "to_post").order_by("number")


def answer_days(obstacle_ids: Iterable[int]) -> dict[int, date]:
    """Return by when the asked units owe their answer, by difficulty; what is put to a leader has no day. One query."""
    owed = Obligation.objects.filter(
        kind=Owed.OBSTACLE, state=OwedState.OPEN, subject_type="obstacle", subject_id__in=list(obstacle_ids)
    )
    return {pk: due_on for pk, due_on in owed.values_list("subject_id", "due_on") if pk is not None}


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
