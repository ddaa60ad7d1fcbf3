"""People who are reminded, and mornings on which they are."""

from datetime import date, datetime

from duban.core.actor import SYSTEM
from duban.core.clock import SHANGHAI
from duban.core.pinyin import initials_of, pinyin_of
from duban.orgs.models import Person, UnitContact
from duban.outbox.models import Message
from duban.reminders.actions import remind


def d(text: str) -> date:
    return date.fromisoformat(f"2020-{text}")


def at(day: str, hour: int = 6, minute: int = 40) -> datetime:
    one = d(day)
    return datetime(one.year, one.month, one.day, hour, minute, tzinfo=SHANGHAI)


def person(world, name: str, **more) -> Person:
    given = {"email": "a@example.cn", **more}
    return Person.objects.create(
        jurisdiction=world.county, name=name, pinyin=pinyin_of(name), initials=initials_of(name), **given
    )


def contact(world, unit: str, who: Person | str, *, role="liaison", from_on="2019-01-01", to_on=None) -> Person:
    someone = person(world, who) if isinstance(who, str) else who
    UnitContact.objects.create(unit=world.unit(unit), role=role, person=someone, from_on=from_on, to_on=to_on)
    return someone


def both_contacts(world, unit: str) -> tuple[Person, Person]:
    """The liaison and the deputy of a unit, named before anything is asked of it."""
    return contact(world, unit, f"{unit}联络员"), contact(world, unit, f"{unit}副职", role="deputy")


def morning(day: str, **more) -> dict[str, int]:
    """The round of a day, at its hour or another."""
    return remind(d(day), by=SYSTEM, now=at(day, **more))


def told(day: str) -> dict[str, str]:
    """Who was told what on a day: {name: title}."""
    rows = Message.objects.filter(dedupe_key__startswith=f"reminder/2020-{day}/").select_related("person", "account")
    return {(one.person or one.account).name: one.title for one in rows}


def text_to(name: str, day: str) -> list[str]:
    return Message.objects.get(dedupe_key__startswith=f"reminder/2020-{day}/", person__name=name).text.split("\n")
