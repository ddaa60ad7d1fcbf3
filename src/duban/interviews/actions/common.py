"""What the actions of interviews share: claiming, the trail, telling people."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from duban.audit.actions import Subject, record_many
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.claiming import claim_row
from duban.interviews.models import Interview
from duban.interviews.queries import matters_of
from duban.interviews.rules import InterviewState, Level, level_label
from duban.orgs.models import Person
from duban.orgs.queries import post_holders, unit_cards
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.rules import MessageKind

CHANGED = "这次约谈刚刚已由他人办理，请看现在的情况。"


def claim(
    interview: Interview, *states: InterviewState, message: str = CHANGED, seen: int | None = None, **changes: Any
) -> None:
    """Change an interview that stands in one of these states, or raise WrongState: somebody was first.

    seen: only the version the acting person saw.
    """
    claim_row(interview, states, message=message, seen=seen, **changes)


def about(interview: Interview, data: dict[str, Any], *, matter_id: int | None = None) -> Subject:
    """Return the subject of an event: meant for the unit and the leaders of the talk, and the office, alone."""
    posts = {one for one in (interview.approver_id, interview.chair_id) if one is not None}
    return Subject(
        type="interview",
        id=interview.pk,
        label=str(interview),
        matter_id=matter_id,
        jurisdiction_id=interview.jurisdiction_id,
        data={
            "unit": interview.unit.name,
            "unit_id": interview.unit_id,
            "interview": level_label(Level(interview.level), is_inviting=interview.is_inviting),
            "number": interview.number_text,
            **data,
            "meant_for": {"unit_ids": [interview.unit_id], "post_ids": sorted(posts)},
        },
    )


def tell(name: EventName, interview: Interview, *, by: Actor, now: datetime, data: dict[str, Any]) -> None:
    """Record what befell an interview the unit knows of, once for each matter it is about: it stands in their stories.

    About no matter, it stands for itself.
    """
    matters: Sequence[int | None] = matters_of([interview.pk]).get(interview.pk) or [None]
    record_many(name, [about(interview, data, matter_id=pk) for pk in matters], by=by, now=now)


def people_of_unit(interview: Interview, *, on: date) -> list[Person]:
    """Return who of the unit knows of its interview: head, deputy, liaison; each once. Three statements."""
    card = unit_cards([interview.unit], on=on)[0]
    some = [one.person for one in (card.head, card.deputy, card.liaison) if one is not None]
    return list({one.pk: one for one in some}.values())


def leaders(interview: Interview, *, on: date) -> list[Person]:
    """Return who holds the post of who approves, and of who talks. One statement."""
    posts = [one for one in (interview.approver_id, interview.chair_id) if one is not None]
    return list({one.pk: one for one in post_holders(posts, on=on).values()}.values())


def post_to(
    interview: Interview, people: Sequence[Person], *, what: str, text: str, by: Actor, now: datetime, title: str = ""
) -> None:
    """Tell people of an interview, each once. The title is all that leaves the system; it says nothing of a talk."""
    post_messages(
        MessageKind.INTERVIEW,
        messages=[
            NewMessage(
                to=person,
                title=title or "您有 1 项待办",
                text=text,
                link=f"/interviews/{interview.pk}/",
                dedupe_key=f"interview/{interview.pk}/{what}/{person.pk}",
            )
            for person in people
        ],
        by=by,
        now=now,
    )
