"""What the actions of visits share: claiming, counting up, the trail, telling people."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F

from duban.audit.actions import Subject
from duban.core.actor import Actor
from duban.core.claiming import claim_row, refresh_own
from duban.core.errors import Conflict, WrongState
from duban.matters.actions import hold_open
from duban.orgs.models import Person, Unit
from duban.orgs.queries import unit_cards
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.rules import MessageKind
from duban.visits.models import Visit
from duban.visits.rules import VisitState

CHANGED = "这次核验刚刚已由他人办理，请看现在的情况。"


def claim(visit: Visit, *states: VisitState, message: str = CHANGED, **changes: Any) -> None:
    """Change a visit that stands in one of these states, or raise WrongState: somebody was first, or its year is
    closed. The plan is held open until the commit, and before any row of the visit."""
    hold_open(visit.plan)
    claim_row(visit, states, message=message, version=F("version") + 1, **changes)


def count_up(visit: Visit, *states: VisitState, seen: int | None = None) -> None:
    """Count up the version of a visit; its row, and its plan before it, are held until the commit. Raises Conflict
    (seen: an older version), WrongState (in another state, the plan is closed)."""
    hold_open(visit.plan)
    standing = Visit.objects.filter(pk=visit.pk, state__in=states)
    if seen is not None:
        standing = standing.filter(version=seen)
    done = standing.update(version=F("version") + 1)
    refresh_own(visit)
    if not done:
        if visit.state in states:
            raise Conflict
        raise WrongState(CHANGED)


def about(visit: Visit, data: dict[str, Any], *, matter_id: int | None = None, unit: Unit | None = None) -> Subject:
    """Return the subject of an event of a visit. It stands in a matter's story only once the unit may see it."""
    told = {"unit": unit.name, "unit_id": unit.pk} if unit is not None else {}
    return Subject(
        type="visit",
        id=visit.pk,
        label=str(visit),
        matter_id=matter_id,
        jurisdiction_id=visit.jurisdiction_id,
        data={"visit": visit.title, "kind": visit.kind, **told, **data},
    )


def people_of(units: Iterable[Unit], *, on: date) -> list[Person]:
    """Return who is told for these units: head and both contacts, each person once."""
    found: dict[int, Person] = {}
    for card in unit_cards(units, on=on):
        for one in (card.head, card.deputy, card.liaison):
            if one is not None:
                found.setdefault(one.person.pk, one.person)
    return list(found.values())


def tell(
    visit: Visit, people: Sequence[Person], *, title: str, text: str, what: str, link: str, by: Actor, now: datetime
) -> None:
    """Tell people of a visit, each once. title: all that leaves the system; it says nothing of what it is about."""
    post_messages(
        MessageKind.VISIT,
        messages=[
            NewMessage(to=one, title=title, text=text, link=link, dedupe_key=f"visit/{visit.pk}/{what}/{one.pk}")
            for one in people
        ],
        by=by,
        now=now,
    )
