"""What the actions of objections share: claiming, the trail, telling people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from duban.access.models import Account
from duban.audit.actions import Subject
from duban.bulletins.actions.common import people_of
from duban.core.actor import Actor
from duban.core.claiming import claim_row
from duban.core.clock import day_of
from duban.objections.models import Objection
from duban.objections.rules import ObjectionState
from duban.orgs.models import Person
from duban.orgs.queries import unit_cards
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.rules import MessageKind

CHANGED = "这份复核申请刚刚已由他人办理，请看现在的情况。"


def is_own(unit_id: int, *, by: Actor) -> bool:
    """Return whether somebody acts for this unit itself, not for it at the office."""
    return any(unit_id in one.unit_ids for one in by.held)


def claim(
    objection: Objection, *states: ObjectionState, seen: int | None = None, message: str = CHANGED, **changes: Any
) -> None:
    """Change an objection that stands in one of these states, or raise WrongState: somebody was first.

    seen: only the version the acting person saw.
    """
    claim_row(objection, states, message=message, seen=seen, **changes)


def about(objection: Objection, data: dict[str, Any]) -> Subject:
    """Return the subject of an event of an objection; other units than its own do not see it."""
    return Subject(
        type="objection",
        id=objection.pk,
        label=str(objection),
        matter_id=objection.matter_id,
        jurisdiction_id=objection.jurisdiction_id,
        data={
            "unit": objection.unit.name,
            "unit_id": objection.unit_id,
            "target": objection.target,
            "about": objection.about,
            **data,
        },
    )


def tell_unit(objection: Objection, *, text: str, what: str, by: Actor, now: datetime) -> None:
    """Tell the unit's head and both contacts what became of its objection."""
    people = [one for one, _ in people_of([objection.unit], on=day_of(now))[objection.unit_id]]
    _tell(objection, people, title="您单位申请的复核有了结果", text=text, what=what, by=by, now=now)


def tell_signers(objection: Objection, *, by: Actor, now: datetime) -> None:
    """Tell those of the unit who sign that an objection waits for them."""
    [card] = unit_cards([objection.unit], on=day_of(now))
    people = {one.person.pk: one.person for one in (card.head, card.deputy) if one is not None}
    what = f"written-{objection.version}"
    _tell(objection, people.values(), title="您有 1 件待审签", text=str(objection), what=what, by=by, now=now)


def tell_reviewer(objection: Objection, reviewer: Account, *, by: Actor, now: datetime) -> None:
    """Tell whoever was named that an objection waits for a decision."""
    what = f"reviewer-{reviewer.pk}"
    _tell(objection, [reviewer], title="您有 1 件复核待决定", text=str(objection), what=what, by=by, now=now)


def _tell(
    objection: Objection,
    people: Iterable[Person | Account],
    *,
    title: str,
    text: str,
    what: str,
    by: Actor,
    now: datetime,
) -> None:
    """Tell people, each once. title: all that leaves the system; it says nothing of what it is about."""
    post_messages(
        MessageKind.OBJECTION,
        messages=[
            NewMessage(
                to=one,
                title=title,
                text=text,
                link=f"/objections/{objection.pk}/",
                dedupe_key=f"objection/{objection.pk}/{what}/{one._meta.model_name}-{one.pk}",
            )
            for one in people
        ],
        by=by,
        now=now,
    )
