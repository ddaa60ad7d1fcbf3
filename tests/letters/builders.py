"""A county with people to write to, and days that pass: lights turn, then the round is made."""

from datetime import date, datetime, time
from decimal import Decimal

from duban.access.actions import create_account
from duban.core.actor import SYSTEM, Actor, Held
from duban.core.clock import SHANGHAI
from duban.letters.actions import draft_letters, issue_letter, sign_letter
from duban.letters.models import Letter, LetterItem
from duban.lights.actions import tick
from duban.matters.actions import NewOverseer
from duban.matters.models import Policy
from duban.matters.rules import Kind
from duban.orgs.actions import NewPerson, appoint, create_people, link_account, name_contact
from duban.orgs.models import Person
from duban.orgs.rules import ContactRole
from duban.progress.actions import Said, enter_progress
from tests.matters.builders import World

SIGNERS = {"remind": "office_head", "urge": "deputy_director", "supervise": "director"}


def at(day: str, hour: int = 9) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour), tzinfo=SHANGHAI)


def signer(world: World, role: str) -> Actor:
    return Actor(name=f"{role}某", account_id=20, held=(Held(role=role, jurisdiction_id=world.county.pk),))


def staff(world: World, unit: str = "教育局", *, has_accounts: bool = True) -> dict[str, Person]:
    """Give a unit a head, a deputy and a liaison; return them by part."""
    told = {"by": SYSTEM, "now": world.now}
    names = [NewPerson(f"{unit}{part}") for part in ("局长", "副局长", "联络员")]
    head, deputy, liaison = create_people(world.county, people=names, **told)
    appoint(world.post(unit, f"{unit}局长", kind="unit_head"), person=head, from_on=world.now.date(), **told)
    name_contact(world.unit(unit), role=ContactRole.DEPUTY, person=deputy, from_on=world.now.date(), **told)
    name_contact(world.unit(unit), role=ContactRole.LIAISON, person=liaison, from_on=world.now.date(), **told)
    people = {"head": head, "deputy": deputy, "liaison": liaison}
    if has_accounts:
        for number, (part, person) in enumerate(people.items()):
            name = f"{part}{world.unit(unit).pk}{number}"
            account = create_account(name, name=person.name, password="qiche-2020", **told)
            people[part] = link_account(person, account=account, **told) or person
    return {part: Person.objects.get(pk=person.pk) for part, person in people.items()}


def person_of(world: World, person: Person, *, unit: str = "教育局", role: str = "liaison") -> Actor:
    """The actor a unit's person acts as."""
    held = Held(role=role, jurisdiction_id=world.county.pk, unit_ids=frozenset({world.unit(unit).pk}))
    return Actor(name=person.name, account_id=person.account_id or 90, person_id=person.pk, held=(held,))


def slow_matter(world: World, *, serial: str = "1", leads=("教育局",), **more):
    """A matter that is ten points behind the straight line, and so yellow, from 6 February on."""
    given = {
        "text": f"改造校舍{serial}。",
        "kind": Kind.MILESTONE,
        "serial": serial,
        "leads": leads,
        "starts_on": date(2020, 1, 1),
        "due_on": date(2020, 12, 25),
        **more,
    }
    return world.assigned(**given)


def overseen(world: World, title: str = "副区长", holder: str = "吴一") -> list[NewOverseer]:
    return [NewOverseer(world.post(None, title, holder, kind="leader"))]


def round_of(day: str) -> int:
    """Let the night pass and make the round of a day."""
    tick(date.fromisoformat(day), by=SYSTEM, now=at(day, 0))
    return draft_letters(date.fromisoformat(day), by=SYSTEM, now=at(day, 6))


def reported(world: World, matter, pct: int, *, on: str, unit: str = "教育局") -> None:
    said = Said(pct=Decimal(pct), sentence="已有进展。")
    matter.refresh_from_db()
    enter_progress(matter, unit=world.unit(unit), said=said, by=world.liaison(unit), now=at(on, 10))


def letter_of(**narrowed) -> Letter:
    return Letter.objects.select_related("plan__policy", "plan__jurisdiction", "unit").get(**narrowed)


def sent_out(world: World, letter: Letter, *, on: str) -> Letter:
    """Have a draft signed by whoever signs its kind, and issued."""
    signed = sign_letter(letter, by=signer(world, SIGNERS[letter.kind]), now=at(on, 10))
    return issue_letter(signed, by=world.officer, now=at(on, 11))


def states() -> list[tuple[str, str, str]]:
    """Every letter: unit, kind, state, the oldest first."""
    return list(Letter.objects.order_by("pk").values_list("unit__name", "kind", "state"))


def causes() -> list[str]:
    return list(LetterItem.objects.order_by("pk").values_list("cause", flat=True))


def set_policy(world: World, **changes) -> None:
    """Let the plan follow other figures of the letters."""
    figures = {**world.plan.policy.values()}
    figures["letters"] = figures["letters"] | changes
    Policy.objects.filter(pk=world.plan.policy_id).update(figures=figures)
    world.plan.policy.refresh_from_db()
