"""Reads of 批示 that several doors share, already joined."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Prefetch, QuerySet

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Permission, Role, acting_with, may
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.instructions.models import Charge, Feedback, Instruction
from duban.instructions.rules import ChargeState, EnteredAs
from duban.matters.models import Matter, Obligation
from duban.matters.rules import Owed, OwedState
from duban.orgs.models import Post
from duban.orgs.rules import PostKind


def entered_as(actor: Actor, *, post: Post) -> EnteredAs | None:
    """Return as whom the actor enters a 批示 of this leader's post, or None where it is not theirs to enter."""
    own = {post_id for one in actor.holds(Role.LEADER, Role.GOVERNMENT_HEAD) for post_id in one.post_ids}
    if post.pk in own:
        return EnteredAs.LEADER
    if post.pk in {post_id for one in actor.holds(Role.SECRETARY) for post_id in one.post_ids}:
        return EnteredAs.SECRETARY
    is_office = may(actor, Permission.MEETING_HOLD, jurisdiction_id=post.jurisdiction_id)
    return EnteredAs.OFFICE if is_office else None


def posts_to_enter(actor: Actor, *, jurisdiction_id: int) -> QuerySet[Post]:
    """Return the leaders' posts whose 批示 the actor may enter: the own, the served leader's, for the office all."""
    posts = Post.objects.filter(
        jurisdiction_id=jurisdiction_id, kind__in=(PostKind.LEADER, PostKind.GOVERNMENT_HEAD), unit=None
    ).order_by("order", "pk")
    if may(actor, Permission.MEETING_HOLD, jurisdiction_id=jurisdiction_id):
        return posts
    held = actor.holds(Role.LEADER, Role.GOVERNMENT_HEAD, Role.SECRETARY)
    return posts.filter(pk__in={post_id for one in held for post_id in one.post_ids})


def may_settle(actor: Actor, instruction: Instruction) -> bool:
    """Return whether the actor may settle a 批示 or ask further: the leader, the secretary, the office for them."""
    held = actor.holds(*LEADER_ROLES, Role.GOVERNMENT_HEAD)
    if instruction.post_id in {post_id for one in held for post_id in one.post_ids}:
        return True
    return may(actor, Permission.MEETING_HOLD, jurisdiction_id=instruction.jurisdiction_id)


def own_units(actor: Actor) -> frozenset[int]:
    """Return the units the actor speaks for."""
    return frozenset(unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids)


def sees_every_charge(actor: Actor, instruction: Instruction) -> bool:
    """Return whether the actor sees how every charged unit stands; a unit sees its own part only."""
    offices = {one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)}
    if offices & {None, instruction.jurisdiction_id}:
        return True
    return instruction.post_id in {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}


def instructions_for(actor: Actor) -> QuerySet[Instruction]:
    """Return the 批示 meant for this actor, the latest first, with the charges the actor may see. Two statements."""
    found = Instruction.objects.visible_to(actor).select_related("matter", "post", "plan__policy")
    charges = Charge.objects.select_related("unit").order_by("unit__order", "unit_id")
    return found.prefetch_related(Prefetch("charges", queryset=charges)).order_by("-given_on", "-pk")


def charges_shown(actor: Actor, instruction: Instruction) -> list[Charge]:
    """Return the charges of a 批示 from `instructions_for` that the actor may see."""
    if sees_every_charge(actor, instruction):
        return list(instruction.charges.all())
    own = own_units(actor)
    return [one for one in instruction.charges.all() if one.unit_id in own]


def instruction_for(actor: Actor, pk: int) -> Instruction:
    """Return a 批示 meant for this actor, its charges joined. Raises NotFound."""
    found = instructions_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("没有这件批示，或者您无权查看。")
    return found


def feedback_of(charges: Iterable[Charge]) -> dict[int, list[Feedback]]:
    """Return what was asked and said, in order, by charge. One statement."""
    found: dict[int, list[Feedback]] = {}
    for one in Feedback.objects.filter(charge__in=list(charges)).order_by("charge_id", "number"):
        found.setdefault(one.charge_id, []).append(one)
    return found


def feedback_days(instruction_ids: Iterable[int]) -> dict[tuple[int, int], date]:
    """Return by when units owe their feedback, by (批示, unit). One statement."""
    owed = Obligation.objects.filter(
        kind=Owed.INSTRUCTION, state=OwedState.OPEN, subject_type="instruction", subject_id__in=list(instruction_ids)
    )
    return {(pk or 0, unit_id): due_on for pk, unit_id, due_on in owed.values_list("subject_id", "unit_id", "due_on")}


def feedback_to_settle(actor: Actor) -> QuerySet[Charge]:
    """Return what units said of 批示 the office entered from paper: it settles them for the leader. 批示 joined."""
    office = acting_with(actor, Permission.MEETING_HOLD)
    entered = Instruction.objects.visible_to(office).filter(entered_as=EnteredAs.OFFICE)
    answered = Charge.objects.filter(state=ChargeState.ANSWERED, instruction__in=entered)
    return answered.select_related("unit", "instruction__matter").order_by("instruction__given_on", "pk")


def instructions_on(actor: Actor, matter: Matter) -> list[Instruction]:
    """Return the 批示 on a matter that are meant for this actor, the latest first. At most two statements."""
    return list(instructions_for(actor).filter(matter=matter))
