"""What waits for somebody's hand: one shape for every noun, so that a desk can show it all in one list."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q

from duban.access.rules import UNIT_ROLES
from duban.core.actor import Actor


class Waits(StrEnum):
    """Why something waits for the reader."""

    DECIDE = "decide"
    ANSWER = "answer"
    CONFIRM = "confirm"
    RETURNED = "returned"


WAITS_LABELS = {
    Waits.DECIDE: "待我审核",
    Waits.ANSWER: "待我答复",
    Waits.CONFIRM: "待我确认",
    Waits.RETURNED: "退回给我",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. address: where it is dealt with, one tap away · action: two to four characters of a button.

    text: what it is about · note: who it comes from, why it came back · serial: of its matter, or empty.
    since: the day it came · due_on: by when, where there is a day · light, override: its light, where that is why.
    """

    waits: Waits
    address: str
    action: str
    text: str
    since: date
    serial: str = ""
    note: str = ""
    unit: str = ""
    due_on: date | None = None
    light: str = ""
    override: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """What of one kind waits at the office: the first of it, and how many there are. note: grey words behind that.

    ways: (words, address) of the pages on which all of it stands; several where no one page has all.
    """

    lines: list[Waiting]
    count: int
    ways: tuple[tuple[str, str], ...] = ()
    note: str = ""


def of_own_units(actor: Actor, *fields: str) -> Q:
    """Return what narrows rows to those that name the actor's units; nothing for who also acts as somebody else.

    fields: of the rows, each naming a unit. For `there_is`: it may let through what waits for others.
    """
    if any(one.role not in UNIT_ROLES for one in actor.held):
        return Q()
    units = {unit_id for one in actor.held for unit_id in one.unit_ids}
    own = Q(pk__in=[])
    for name in fields:
        own |= Q(**{f"{name}__in": units})
    return own
