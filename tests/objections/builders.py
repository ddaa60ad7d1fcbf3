"""A county whose office has an account for every role, and conclusions of it to object to."""

from dataclasses import dataclass
from datetime import date, datetime

from duban.access.actions import create_account, grant_role
from duban.access.models import Account
from duban.access.rules import Role
from duban.bulletins.actions import approve_bulletin, issue_bulletin
from duban.bulletins.models import Bulletin
from duban.core.actor import SYSTEM, Actor
from duban.lights.actions import override_light
from duban.matters.models import Matter
from duban.matters.rules import Light
from duban.objections.actions import Words, accept_objection, file_objection
from duban.objections.models import Objection
from duban.objections.queries import (
    JOINED,
    citation_joined,
    conclusion_on_citation,
    conclusion_on_light,
    conclusion_on_score,
    conclusion_on_verification,
    item_joined,
    sheet_joined,
)
from duban.orgs.actions import NewPerson, appoint, create_people, link_account
from duban.orgs.models import Person
from duban.orgs.queries import actor_of
from tests.bulletins.builders import CHECKED, bulletin_of, entry, presented
from tests.evaluation.builders import played, set_scoring, sheet, shown_to_units
from tests.letters.builders import at, round_of, slow_matter, staff
from tests.matters.builders import World, usual_world
from tests.visits import builders as visits

TOLD = CHECKED.date()
"""7 July 2020: the issue went out; 30 days later is 6 August."""
FILED = at("2020-07-20")
WORDS = Words("征迁由街道办理，我局6月已经具备进场条件。", "撤回这一条通报。")

_GRANTS = {
    "officer": Role.OFFICER,
    "second": Role.OFFICER,
    "office_head": Role.OFFICE_HEAD,
    "director": Role.DIRECTOR,
    "deputy": Role.DEPUTY_DIRECTOR,
}


@dataclass
class Office:
    """The world, and who works in it: by name, as each signs in."""

    world: World
    accounts: dict[str, Account]

    def __getitem__(self, name: str) -> Actor:
        return actor_of(self.accounts[name], on=date(2020, 7, 1))

    def of_unit(self, part: str) -> Actor:
        if not Person.objects.filter(name="教育局局长").exists():
            staff(self.world)
        words = {"head": "局长", "deputy": "副局长", "liaison": "联络员"}
        account = Account.objects.get(person__name=f"教育局{words[part]}")
        return actor_of(account, on=date(2020, 7, 1))


def office_of(county, now) -> Office:
    told = {"by": SYSTEM, "now": now}
    accounts = {}
    for name, role in _GRANTS.items():
        accounts[name] = create_account(name, name=f"{name}甲", password="qiche-2020", **told)
        grant_role(accounts[name], role=role, jurisdiction_id=county.pk, from_on=date(2020, 1, 1), **told)
    on = date(2020, 7, 1)
    world = usual_world(county, actor_of(accounts["officer"], on=on), actor_of(accounts["office_head"], on=on), now)
    for name, kind in (("mayor", "government_head"), ("leader", "leader")):
        accounts[name] = create_account(name, name=f"{name}甲", password="qiche-2020", **told)
        [person] = create_people(county, people=[NewPerson(f"{name}甲")], **told)
        appoint(world.post(None, f"{name}职务", kind=kind), person=person, from_on=now.date(), **told)
        link_account(person, account=accounts[name], **told)
    return Office(world, accounts)


def issued(office: Office) -> Bulletin:
    """The half-year issue: drafted by the officer, its facts approved by the director, its criticism by the mayor."""
    one = presented(office.world)
    for name in ("director", "mayor"):
        approve_bulletin(bulletin_of(pk=one.pk), by=office[name], now=CHECKED)
    issue_bulletin(bulletin_of(pk=one.pk), by=office["officer"], now=CHECKED)
    return bulletin_of(pk=one.pk)


def citation(office: Office):
    return conclusion_on_citation(citation_joined(entry(issued(office)).pk))


def overridden(office: Office) -> Matter:
    """A yellow matter which the head of the office shows as red since 20 July."""
    matter = slow_matter(office.world, serial="7")
    round_of("2020-03-02")
    matter.refresh_from_db()
    override_light(matter, light=Light.RED, reason="现场停工。", by=office["office_head"], now=at("2020-07-10"))
    return joined(matter)


def joined(matter: Matter) -> Matter:
    return Matter.objects.select_related("plan__policy", "plan__jurisdiction").get(pk=matter.pk)


def light(office: Office):
    return conclusion_on_light(overridden(office), unit=office.world.unit("教育局"))


def verified(office: Office, **more):
    """A verification that found the first matter untrue: recorded by the officer, confirmed by the head."""
    visit = visits.approved(office.world, visits.prepared(office.world, **more))
    visit = visits.confirmed(office.world, visits.held(office.world, visit, untrue=0))
    return conclusion_on_verification(item_joined(visits.item_of(visit).pk))


def score(office: Office):
    """教育局's sheet of the year, drawn up and shown to the units by the officer."""
    set_scoring(office.world)
    played(office.world)
    return conclusion_on_score(sheet_joined(sheet(office.world, shown_to_units(office.world)).pk))


def objection_of(**narrowed) -> Objection:
    return Objection.objects.select_related(*JOINED).get(**narrowed)


def filed(office: Office, conclusion=None, *, now: datetime = FILED, **more) -> Objection:
    """By the unit's head, in time."""
    conclusion = conclusion or citation(office)
    given = {"words": WORDS, "by": office.of_unit("head"), "now": now, **more}
    if isinstance(given["by"], str):
        given["by"] = office.of_unit(given["by"])
    return objection_of(pk=file_objection(conclusion, **given).pk)


def accepted(office: Office, conclusion=None, **more) -> Objection:
    one = filed(office, conclusion, **more)
    accept_objection(one, by=office["officer"], now=at("2020-07-21"))
    return objection_of(pk=one.pk)
