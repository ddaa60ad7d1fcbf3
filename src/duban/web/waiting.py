"""What waits for somebody's hand: one shape for every noun, so that a desk can show it all in one list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Aggregate, Count, Max, Min, Q, QuerySet, Window

from duban.access.rules import UNIT_ROLES
from duban.core.actor import Actor
from duban.matters.models import Plan
from duban.matters.policy import Figures
from duban.matters.queries import plans_in_sight, policy_of


class Waits(StrEnum):
    """Why something waits for the reader."""

    DECIDE = "decide"
    ANSWER = "answer"
    CONFIRM = "confirm"
    RETURNED = "returned"
    CHAIR = "chair"


WAITS_LABELS = {
    Waits.DECIDE: "待我审核",
    Waits.ANSWER: "待我答复",
    Waits.CONFIRM: "待我确认",
    Waits.RETURNED: "退回给我",
    Waits.CHAIR: "由我主持",
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


@dataclass(frozen=True, slots=True)
class Office:
    """For whom an office's queues are asked, and what every kind of them needs, read once.

    most: so many lines of each kind · plans: those the actor may see, the latest year first, policies joined.
    figures: of the policy in force, by plan id.
    """

    actor: Actor
    today: date
    most: int
    plans: Sequence[Plan]
    figures: Mapping[int, Figures]


def office_of(actor: Actor, *, today: date, most: int) -> Office:
    """Return what `office_queue` of every noun is asked with. One statement."""
    plans = list(plans_in_sight(actor))
    return Office(actor, today, most, plans, {one.pk: policy_of(one) for one in plans})


ABOUT_A_MATTER = ("matter_id", "matter__plan_id", "matter__serial", "matter__title", "matter__text", "unit__name")
"""What a line shows of rows that are some unit's on some matter."""


def first_of(found: QuerySet[Any], *columns: str, most: int, **besides: Aggregate) -> tuple[list[Any], int]:
    """Return the first rows of a list in its own order, only these columns of them, and how many there are in all.

    One statement, in which nothing wide is sorted along.   besides: by name, what each row says of all of them.
    """
    of_all = {name: Window(one) for name, one in besides.items()}
    counted = found.annotate(in_all=Window(Count("*")), **of_all)
    rows = list(counted.values_list("pk", *columns, "in_all", *of_all, named=True)[:most])
    return rows, rows[0].in_all if rows else 0


OF_WHICH_PLANS: Mapping[str, Aggregate] = {"plan_first": Min("matter__plan_id"), "plan_last": Max("matter__plan_id")}
"""For `first_of`: the least and the greatest plan among all the matters."""


def counts_by_plan(found: QuerySet[Any], rows: list[Any]) -> dict[int, int]:
    """Return how many there are by plan; no statement where it is one. rows: from `first_of` with OF_WHICH_PLANS."""
    if rows and rows[0].plan_first != rows[0].plan_last:
        return dict(found.order_by().values_list("matter__plan_id").annotate(Count("pk")))
    return {one.plan_first: one.in_all for one in rows[:1]}


def about_a_matter(
    row: Any,
    action: str,
    note: str,
    *,
    address: str,
    since: date,
    due_on: date | None = None,
    waits: Waits = Waits.DECIDE,
) -> Waiting:
    """Return the line of a row of ABOUT_A_MATTER."""
    return Waiting(
        waits=waits,
        address=address,
        action=action,
        text=row.matter__title or row.matter__text,
        since=since,
        serial=row.matter__serial,
        note=note,
        unit=row.unit__name,
        due_on=due_on,
    )


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
