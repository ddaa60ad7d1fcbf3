"""Difficulties: raised, put to somebody, answered, put to a leader, ended by who raised them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.core.workdays import add_workdays
from duban.matters.actions import Behalf, let_go, meet_owed, owe
from duban.matters.models import Assignment, Matter
from duban.matters.queries import policy_of
from duban.matters.rules import Owed
from duban.obstacles.models import Obstacle, Round
from duban.obstacles.queries import (
    IN_HAND,
    Hand,
    answer_days,
    hand_to_answer,
    hand_to_press,
    leaders_for,
    long_unanswered,
)
from duban.obstacles.rules import (
    ANSWER_LENGTH,
    NEED_LENGTH,
    PROBLEM_LENGTH,
    Cause,
    ObstacleState,
    checked_note,
    checked_text,
)
from duban.orgs.models import Post, Unit
from duban.orgs.queries import absorbed_by, post_holders


@transaction.atomic
def raise_obstacle(
    matter: Matter,
    *,
    unit: Unit,
    problem: str,
    need: str,
    to: Unit | Post,
    by: Actor,
    now: datetime,
    behalf: Behalf | None = None,
) -> Obstacle:
    """提出困难问题: a unit on a matter says in two lines what stands in its way, and who should do what.

    to: the lead, another unit of the jurisdiction (it then owes an answer), or a leader of the matter.   behalf: how
    the unit told it, where the office enters it.   The same words twice are refused while the first stand.
    Raises NotAllowed, NotFound (the unit is not on the matter), WrongState, Invalid. Source: docs/sources.md#obstacles
    """
    require(by, Permission.OBSTACLE_RAISE, unit_id=unit.pk, jurisdiction_id=matter.jurisdiction_id)
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=matter.pk)
    if not Assignment.objects.filter(matter=standing, unit=unit, ended_at=None).exists():
        raise NotFound(f"{unit.name}不在{standing}的责任单位中。")
    if standing.state not in IN_HAND:
        raise WrongState(f"{standing}当前不在办理中，不能提出困难问题。")
    is_own = any(unit.pk in one.unit_ids for one in by.held)
    check_behalf(behalf, is_own=is_own)
    obstacle = Obstacle(
        jurisdiction_id=standing.jurisdiction_id,
        matter=standing,
        unit=unit,
        problem=checked_text(problem, what="问题", field="problem", most=PROBLEM_LENGTH),
        need=checked_text(need, what="需要谁做什么", field="need", most=NEED_LENGTH),
        raised_at=now,
    )
    _check_addressee(obstacle, to)
    same = Obstacle.objects.filter(matter=standing, unit=unit, problem=obstacle.problem, need=obstacle.need)
    if same.exclude(state=ObstacleState.CLOSED).exists():
        raise WrongState("同样的困难问题已经提出，还没有销结，不必重复提出。")
    obstacle.to_unit, obstacle.to_post = _places(to)
    obstacle.save(force_insert=True)
    _put(obstacle, to, cause=Cause.RAISED, note="", by=by, now=now)
    data = {"problem": obstacle.problem, "need": obstacle.need, "to": _name(to, now=now)}
    record(EventName.OBSTACLE_RAISED, _about(obstacle, data | told_by(behalf)), by=by, now=now)
    return obstacle


@transaction.atomic
def answer_obstacle(
    obstacle: Obstacle, *, answer: str, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Obstacle:
    """答复: whom it is put to answers, in one paragraph; who raised it then says whether that solves it.

    obstacle: as the answering person saw it. Raises NotAllowed, WrongState (answered, or put to somebody else
    meanwhile), Invalid.
    """
    require(by, Permission.OBSTACLE_ANSWER, jurisdiction_id=obstacle.jurisdiction_id)
    hand = hand_to_answer(by, obstacle)
    if hand is None:
        raise NotAllowed("这个困难问题不是向您提出的。")
    check_behalf(behalf, is_own=hand is Hand.OWN)
    words = checked_text(answer, what="答复", field="answer", most=ANSWER_LENGTH)
    _claim(obstacle, ObstacleState.OPEN, state=ObstacleState.ANSWERED)
    told = told_by(behalf)
    Round.objects.filter(obstacle=obstacle, number=obstacle.round_no).update(
        answer=words, answered_at=now, answered_by_name=by.name[:40], **told
    )
    meet_owed(obstacle, by=by, now=now)
    asked = obstacle.to_unit or obstacle.to_post
    data = {"answer": words, "to": _name(asked, now=now)} | told
    record(EventName.OBSTACLE_ANSWERED, _about(obstacle, data), by=by, now=now)
    return obstacle


@transaction.atomic
def press_obstacle(obstacle: Obstacle, *, to: Unit | Post, note: str, by: Actor, now: datetime) -> Obstacle:
    """未解决: who raised it is not helped by the answer, says why and puts it again: to the same, or to another.

    Raises NotAllowed, WrongState (not answered, or ended meanwhile), Invalid.
    """
    _require_raiser(by, obstacle)
    words = checked_text(note, what="还缺什么", field="note", most=200)
    _check_still_in_hand(obstacle)
    _check_addressee(obstacle, to)
    _claim(obstacle, ObstacleState.ANSWERED, state=ObstacleState.OPEN, **_next(obstacle, to))
    _put(obstacle, to, cause=Cause.UNSOLVED, note=words, by=by, now=now)
    record(EventName.OBSTACLE_UNSOLVED, _about(obstacle, {"note": words, "to": _name(to, now=now)}), by=by, now=now)
    return obstacle


@transaction.atomic
def escalate_obstacle(
    obstacle: Obstacle, *, by: Actor, now: datetime, to: Post | None = None, note: str = ""
) -> Obstacle:
    """提请领导协调: who raised it asks a leader instead of the unit, whose answer is then not owed any more.

    to: a leader of the matter; the first where None. Raises NotAllowed, WrongState (already with a leader, answered,
    ended, or the matter has no leader), Invalid.
    """
    _require_raiser(by, obstacle)
    words = checked_note(note, what="补充说明", field="note")
    _check_still_in_hand(obstacle)
    leader = to or next(iter(leaders_for([obstacle.matter_id])[obstacle.matter_id]), None)
    if leader is None:
        raise WrongState(f"{obstacle.matter}没有分管或联系领导，请督查室先明确。")
    _check_addressee(obstacle, leader)
    if obstacle.to_unit_id is None:
        raise WrongState("这个困难问题已经提请领导协调。")
    asked = obstacle.to_unit
    _claim(obstacle, ObstacleState.OPEN, **_next(obstacle, leader))
    name = _name(leader, now=now)
    let_go(obstacle, reason=f"已提请{name}协调", by=by, now=now)
    _put(obstacle, leader, cause=Cause.ESCALATED, note=words, by=by, now=now)
    data = {"to": name, "from": asked.name if asked else "", "note": words}
    record(EventName.OBSTACLE_ESCALATED, _about(obstacle, data, also=asked), by=by, now=now)
    return obstacle


@transaction.atomic
def escalate_overdue(day: date, *, by: Actor, now: datetime) -> int:
    """Put to the leaders what units left unanswered for too long by a day; return how many. Run as often as one likes.

    What is answered or ended, or stands on a matter not in hand or without a leader, is left where it is.
    Raises NotAllowed. Source: docs/sources.md#obstacles
    """
    require(by, Permission.MEETING_HOLD)
    waiting = Obstacle.objects.visible_to(by).filter(state=ObstacleState.OPEN, to_unit__isnull=False)
    rows = list(
        waiting.select_for_update(of=("self",)).select_related("matter__plan__policy", "unit", "to_unit").order_by("pk")
    )
    late = long_unanswered(rows, due=answer_days([one.pk for one in rows]), today=day)
    leaders = leaders_for({one.matter_id for one in late})
    late = [one for one in late if leaders[one.matter_id]]
    by_post: dict[Post, list[Obstacle]] = defaultdict(list)
    for one in late:
        by_post[leaders[one.matter_id][0]].append(one)
    holders = post_holders([post.pk for post in by_post], on=day)
    rounds, subjects = [], []
    for post, some in by_post.items():
        name = holders[post.pk].name if post.pk in holders else post.title
        Obstacle.objects.filter(pk__in=[one.pk for one in some]).update(
            to_unit=None, to_post=post, round_no=F("round_no") + 1
        )
        let_go(some, reason=f"逾期未答复，已转请{name}协调", by=by, now=now)
        for one in some:
            asked = one.to_unit
            one.to_unit, one.to_post, one.round_no = None, post, one.round_no + 1
            rounds.append(_round(one, post, cause=Cause.OVERDUE, note="", by=by, now=now))
            data = {"to": name, "from": asked.name if asked else "", "is_overdue": True}
            subjects.append(_about(one, data, also=asked))
    Round.objects.bulk_create(rounds)
    record_many(EventName.OBSTACLE_ESCALATED, subjects, by=by, now=now)
    return len(late)


@transaction.atomic
def close_obstacle(obstacle: Obstacle, *, by: Actor, now: datetime, note: str = "") -> Obstacle:
    """销结: who raised it says that nothing stands in the way any more; the office may for it, with the reason.

    An answer still owed is let go. Raises NotAllowed, WrongState (ended already, or changed meanwhile), Invalid.
    """
    hand = _require_raiser(by, obstacle)
    words = checked_note(note, what="销结说明", field="note")
    if hand is Hand.BEHALF and not words:
        raise Invalid("代单位销结，请写明理由。", field="note")
    state = ObstacleState(obstacle.state)
    if state is ObstacleState.CLOSED:
        raise WrongState("这个困难问题已经销结。")
    _claim(
        obstacle,
        state,
        state=ObstacleState.CLOSED,
        closed_at=now,
        closed_by_name=by.name[:40],
        closing_note=words,
    )
    let_go(obstacle, reason="困难问题已销结", by=by, now=now)
    data = {"note": words, "is_behalf": hand is Hand.BEHALF, "was": state.value}
    record(EventName.OBSTACLE_CLOSED, _about(obstacle, data), by=by, now=now)
    return obstacle


# ---- what they share


def _require_raiser(by: Actor, obstacle: Obstacle) -> Hand:
    require(by, Permission.OBSTACLE_RAISE, unit_id=obstacle.unit_id, jurisdiction_id=obstacle.jurisdiction_id)
    hand = hand_to_press(by, obstacle)
    if hand is None:
        raise NotAllowed("由提出的单位办理。")
    return hand


def check_behalf(behalf: Behalf | None, *, is_own: bool) -> None:
    """Raise Invalid unless the office says how it was told, and only the office."""
    if is_own and behalf is not None:
        raise Invalid("本人、本单位办理不必代录。", field="channel")
    if not is_own and behalf is None:
        raise Invalid("代为录入，请写明方式（纸质回执或电话）和由谁告知。", field="channel")
    if behalf is not None and len(behalf.signer.strip()) < 2:
        raise Invalid("请写明由谁告知。", field="informant")


def _check_still_in_hand(obstacle: Obstacle) -> None:
    state = Matter.objects.values_list("state", flat=True).get(pk=obstacle.matter_id)
    if state not in IN_HAND:
        raise WrongState(f"{obstacle.matter}当前不在办理中，不必再协调。")


def _check_addressee(obstacle: Obstacle, to: Unit | Post) -> None:
    """Raise Invalid for somebody a difficulty cannot be put to."""
    if isinstance(to, Post):
        if to not in leaders_for([obstacle.matter_id])[obstacle.matter_id]:
            raise Invalid("只能提请这件事项的分管或联系领导协调。", field="to")
        return
    if to.jurisdiction_id != obstacle.jurisdiction_id or to.merged_into_id is not None:
        raise Invalid(f"“{to.name}”不是本辖区现有的单位。", field="to")
    if obstacle.unit_id == to.pk or obstacle.unit_id in absorbed_by({to.pk})[to.pk]:
        raise Invalid("不能向本单位提出困难问题。", field="to")


def _places(to: Unit | Post) -> tuple[Unit | None, Post | None]:
    return (None, to) if isinstance(to, Post) else (to, None)


def _next(obstacle: Obstacle, to: Unit | Post) -> dict[str, Any]:
    unit, post = _places(to)
    return {"to_unit": unit, "to_post": post, "round_no": obstacle.round_no + 1}


def _claim(obstacle: Obstacle, seen: ObstacleState, /, **changes: Any) -> None:
    """Change what stands as the acting person saw it, or raise WrongState: somebody was first."""
    claimed = Obstacle.objects.filter(pk=obstacle.pk, state=seen, round_no=obstacle.round_no).update(**changes)
    if not claimed:
        raise WrongState("这个困难问题刚刚已由他人办理，请看现在的情况。")
    for name, value in changes.items():
        setattr(obstacle, name, value)


def _round(obstacle: Obstacle, to: Unit | Post, *, cause: Cause, note: str, by: Actor, now: datetime) -> Round:
    unit, post = _places(to)
    return Round(
        obstacle=obstacle,
        number=obstacle.round_no,
        cause=cause,
        to_unit=unit,
        to_post=post,
        note=note,
        asked_at=now,
        asked_by_name=by.name[:40],
    )


def _put(obstacle: Obstacle, to: Unit | Post, *, cause: Cause, note: str, by: Actor, now: datetime) -> None:
    """Put a difficulty to somebody; a unit owes its answer within the policy's working days, a leader owes nothing."""
    _round(obstacle, to, cause=cause, note=note, by=by, now=now).save(force_insert=True)
    if isinstance(to, Post):
        return
    plan = obstacle.matter.plan
    owe(
        to,
        plan=plan,
        kind=Owed.OBSTACLE,
        subject=obstacle,
        title=f"答复{obstacle.unit.name}提出的困难问题",
        due_on=add_workdays(day_of(now), policy_of(plan).obstacles.answer_workdays),
        matter=obstacle.matter,
        by=by,
        now=now,
    )


def _name(to: Unit | Post | None, *, now: datetime) -> str:
    """Return whom it is put to in words: a unit's name, the name of who holds a leader's post today, else its title."""
    if isinstance(to, Post):
        held = post_holders([to.pk], on=day_of(now))
        return held[to.pk].name if to.pk in held else to.title
    return to.name if to is not None else ""


def told_by(behalf: Behalf | None) -> dict[str, str]:
    """Return how the office was told, as rows and events hold it."""
    return {"channel": behalf.channel.value, "informant": behalf.signer.strip()[:40]} if behalf else {}


def _about(obstacle: Obstacle, data: dict[str, Any], *, also: Unit | None = None) -> Subject:
    """Return the subject of an event: the business of the units it stands between, and of nobody else."""
    concerned: Sequence[int | None] = (obstacle.unit_id, obstacle.to_unit_id, also.pk if also else None)
    return Subject(
        type="obstacle",
        id=obstacle.pk,
        label=str(obstacle),
        matter_id=obstacle.matter_id,
        jurisdiction_id=obstacle.jurisdiction_id,
        data={"unit": obstacle.unit.name, "unit_ids": sorted({pk for pk in concerned if pk is not None}), **data},
    )
