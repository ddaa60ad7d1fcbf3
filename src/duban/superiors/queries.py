"""Reads of 对接上级 that several doors share."""

from collections.abc import Iterable

from duban.access.rules import Permission, may
from duban.core.actor import Actor
from duban.matters.models import Assignment, Matter
from duban.matters.rules import Part, State
from duban.superiors.models import Dealing, SuperiorTask

IN_HAND = (State.ASSIGNED, State.IN_PROGRESS, State.CLOSING, State.SUSPENDED)
"""States of a matter in which its higher task may be named and dealings noted."""


def superior_of(matter: Matter) -> SuperiorTask | None:
    """Return the higher department's task a matter names. The caller has seen that the actor may see the matter."""
    return SuperiorTask.objects.filter(matter=matter).first()


def dealings_on(actor: Actor, matter: Matter) -> list[Dealing]:
    """Return the dealings on a matter the actor may see, the latest first, units joined. One statement."""
    found = Dealing.objects.visible_to(actor).filter(matter=matter).select_related("unit")
    return list(found.order_by("-held_on", "-pk"))


def parts_to_keep(actor: Actor, matter: Matter, *, assignments: Iterable[Assignment]) -> list[Assignment]:
    """Return the parts of units the actor may note dealings for, leads first."""
    place = matter.jurisdiction_id
    found = [
        one
        for one in assignments
        if one.ended_at is None and may(actor, Permission.SUPERIOR_EDIT, unit_id=one.unit_id, jurisdiction_id=place)
    ]
    return sorted(found, key=lambda one: (not one.is_merging, one.part != Part.LEAD, one.order, one.pk))


def may_name(actor: Actor, matter: Matter, *, assignments: Iterable[Assignment]) -> bool:
    """Return whether the actor may name the higher task: a lead unit, or the office."""
    if may(actor, Permission.MATTER_EDIT, jurisdiction_id=matter.jurisdiction_id):
        return True
    return any(one.part == Part.LEAD for one in parts_to_keep(actor, matter, assignments=assignments))
