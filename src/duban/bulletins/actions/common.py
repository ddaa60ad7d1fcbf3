"""What the actions of bulletins share: claiming, counting up, the trail, telling people."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F

from duban.audit.actions import Subject
from duban.bulletins.models import Bulletin, Citation
from duban.bulletins.rules import OPEN_TO_EDIT, BulletinState
from duban.core.actor import Actor
from duban.core.claiming import claim_row, refresh_own
from duban.core.errors import Conflict, WrongState
from duban.matters.actions import hold_open
from duban.orgs.models import Person, Unit
from duban.orgs.queries import unit_cards
from duban.orgs.rules import CONTACT_ROLE_LABELS, POST_KIND_LABELS, ContactRole, PostKind
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.rules import MessageKind

CHANGED = "这期通报刚刚已由他人办理，请看现在的情况。"


def claim(
    bulletin: Bulletin, *states: BulletinState, message: str = CHANGED, seen: int | None = None, **changes: Any
) -> None:
    """Change a bulletin that stands in one of these states, or raise WrongState: somebody was first, or the plan is
    closed.

    seen: only the version the acting person saw.
    """
    hold_open(bulletin.plan)
    claim_row(bulletin, states, message=message, seen=seen, **changes)


def count_up(bulletin: Bulletin, *, seen: int | None = None, theirs: Any = None) -> None:
    """Count up the version of a draft still in the office's hands; its row is held until the commit.

    seen: the version the form showed. Raises Conflict (`theirs()`: what stands), WrongState.
    """
    hold_open(bulletin.plan)
    standing = Bulletin.objects.filter(pk=bulletin.pk, state__in=OPEN_TO_EDIT)
    if seen is not None:
        standing = standing.filter(version=seen)
    done = standing.update(version=F("version") + 1)
    refresh_own(bulletin)
    if not done:
        if bulletin.state in OPEN_TO_EDIT and theirs is not None:
            raise Conflict(theirs=theirs())
        raise WrongState(CHANGED)


def about(
    bulletin: Bulletin, data: dict[str, Any], *, matter_id: int | None = None, unit: Unit | None = None
) -> Subject:
    """Return the subject of an event of a bulletin; with a unit, other units than it do not see it."""
    told = {"unit": unit.name, "unit_id": unit.pk} if unit is not None else {}
    return Subject(
        type="bulletin",
        id=bulletin.pk,
        label=str(bulletin),
        matter_id=matter_id,
        jurisdiction_id=bulletin.jurisdiction_id,
        data={"bulletin": bulletin.title, **told, **data},
    )


def of_citation(one: Citation, data: dict[str, Any]) -> Subject:
    """Return the subject of an event of one entry. It stands in no matter's story: that is for what is issued."""
    return about(one.bulletin, {"matter": str(one), **data}, unit=one.unit)


def people_of(units: Iterable[Unit], *, on: date) -> dict[int, list[tuple[Person, str]]]:
    """Return who is told for each unit, with the capacity: its head and both contacts, each person once."""
    found: dict[int, list[tuple[Person, str]]] = {}
    for card in unit_cards(units, on=on):
        some = [
            (card.head.person, POST_KIND_LABELS[PostKind.UNIT_HEAD]) if card.head else None,
            (card.deputy.person, CONTACT_ROLE_LABELS[ContactRole.DEPUTY]) if card.deputy else None,
            (card.liaison.person, CONTACT_ROLE_LABELS[ContactRole.LIAISON]) if card.liaison else None,
        ]
        people: dict[int, tuple[Person, str]] = {}
        for one in some:
            if one is not None:
                people.setdefault(one[0].pk, (one[0], f"{card.unit.name}{one[1]}"))
        found[card.unit.pk] = list(people.values())
    return found


def tell(
    bulletin: Bulletin,
    people: Sequence[Person],
    *,
    title: str,
    text: str,
    what: str,
    by: Actor,
    now: datetime,
    link: str = "",
) -> None:
    """Tell people of a bulletin, each once. title: all that leaves the system; it says nothing of what it is about."""
    post_messages(
        MessageKind.BULLETIN,
        messages=[
            NewMessage(
                to=person,
                title=title,
                text=text,
                link=link or f"/bulletins/{bulletin.pk}/",
                dedupe_key=f"bulletin/{bulletin.pk}/{what}/{person.pk}",
            )
            for person in people
        ],
        by=by,
        now=now,
    )
