"""What everybody in the play shares: the day, the clock within it, the county, and who can act for whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypedDict

from duban.access.actions import create_account, grant_role
from duban.access.models import Account
from duban.access.rules import Role
from duban.cli.demo_accounts import PASSWORD
from duban.cli.demo_year.behaviour import Character, Course, characters, choice, course_of
from duban.cli.demo_year.county import county
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.pinyin import initials_of
from duban.matters.actions import Behalf, NewApproval
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.rules import Channel, Part
from duban.orgs.actions import NewPerson, link_account
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, Unit, in_force
from duban.orgs.queries import actor_of
from duban.orgs.rules import ContactRole, PostKind

_A_MOMENT = timedelta(seconds=7)
_ROLES = {"liaison": Role.LIAISON, "deputy": Role.UNIT_DEPUTY, "head": Role.UNIT_HEAD}


class Told(TypedDict):
    """Who acts, and when: what every action is told."""

    by: Actor
    now: datetime


@dataclass
class Stage:
    """The play as it stands on a day.

    who: by (unit id, liaison | deputy | head) the account of somebody who can sign in; a unit without answers on paper.
    woken: by unit id the day a letter shook a unit up.
    """

    seed: str
    day: date
    county: Jurisdiction = field(init=False)
    plan: Plan = field(init=False)
    next_plan: Plan | None = None
    who: dict[tuple[int, str], str] = field(default_factory=dict)
    woken: dict[int, date] = field(default_factory=dict)
    _accounts: dict[str, Account] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)
    _characters: dict[str, Character] = field(default_factory=dict)
    _moment: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.begin(self.day, time(8, 30))

    # ---- the clock

    def begin(self, day: date, at: time) -> None:
        """Put the clock to an hour of a day."""
        if day != self.day:
            self._actors.clear()
        self.day = day
        self._moment = datetime.combine(day, at, tzinfo=SHANGHAI)

    def now(self) -> datetime:
        """Return the present moment; each time somebody looks, a few seconds have passed."""
        self._moment += _A_MOMENT
        return self._moment

    # ---- who acts

    def told(self, actor: Actor) -> Told:
        """Return what an action is told: who acts, and when."""
        return {"by": actor, "now": self.now()}

    def add_account(self, username: str, *, name: str, by: Actor) -> Account:
        """Open an account with the demonstration's password."""
        account = create_account(username, name=name, password=PASSWORD, must_change_password=False, **self.told(by))
        self._accounts[username] = account
        return account

    def grant(self, username: str, role: Role, *, by: Actor, leader_person_id: int | None = None) -> None:
        """Give an account a role from today on."""
        grant_role(
            self._accounts[username],
            role=role,
            jurisdiction_id=self.county.pk,
            leader_person_id=leader_person_id,
            from_on=self.day,
            **self.told(by),
        )
        self._actors.pop(username, None)

    def actor(self, username: str) -> Actor:
        """Return who an account acts as today."""
        if username not in self._actors:
            self._actors[username] = actor_of(self._accounts[username], on=self.day)
        return self._actors[username]

    def link(self, person: Person, username: str) -> None:
        """Say that an account is a person's."""
        link_account(person, account=self._accounts[username], **self.told(self.actor("anquan")))
        self._actors.pop(username, None)

    def forget_actors(self) -> None:
        """Look up anew who acts as what: somebody was appointed or named."""
        self._actors.clear()

    @property
    def officer(self) -> Actor:
        """The supervision officer."""
        return self.actor("ducha")

    @property
    def office_head(self) -> Actor:
        """The head of the office."""
        return self.actor("zhuren")

    def of_unit(self, unit: Unit, role: str) -> Actor | None:
        """Return who signs in for a unit as liaison, deputy or head today; None where nobody does."""
        username = self.who.get((unit.pk, role))
        if username is None:
            return None
        actor = self.actor(username)
        return actor if any(unit.pk in one.unit_ids for one in actor.holds(_ROLES[role])) else None

    def speaker(self, unit: Unit) -> tuple[Actor, Behalf | None]:
        """Return who enters what a unit says: its own liaison or head, else the office from paper or the telephone."""
        own = self.of_unit(unit, "liaison") or self.of_unit(unit, "head")
        if own is not None:
            return own, None
        channel = choice(self.seed, (Channel.PAPER, Channel.TELEPHONE), "channel", unit.name, self.day)
        return self.officer, Behalf(channel, f"{unit.name}办公室")

    # ---- people

    def new_person(self, unit: Unit, role: ContactRole, *, turn: int = 0) -> NewPerson:
        """Return an invented person for a unit's contact. turn: which of its holders."""
        names = county()["names"]
        given: Sequence[str] = names["given"]
        about = (unit.name, role.value, turn)
        name = choice(self.seed, names["surnames"], "surname", *about) + choice(self.seed, given, "given", *about)
        return NewPerson(name, phone=county()["office_phone"])

    def open_for(self, unit: Unit, role: str, person: Person, *, username: str = "") -> None:
        """Open an account for somebody of a unit, and link it."""
        if not username:
            username = initials_of(unit.name) + {"liaison": "", "deputy": ".fg", "head": ".zf"}[role]
            while username in self._accounts:
                username += "2"
        if username not in self._accounts:
            self.add_account(username, name=person.name, by=self.actor("xitong"))
        self.link(person, username)
        self.who[unit.pk, role] = username

    def head_person(self, unit: Unit) -> Person | None:
        """Return who heads a unit today."""
        term = Appointment.objects.filter(in_force(self.day), post__unit=unit, post__kind=PostKind.UNIT_HEAD)
        found = term.select_related("person").order_by("pk").first()
        return found.person if found else None

    def leader_post(self, name: str) -> Post:
        """Return the post a leader of this name holds."""
        leads = (PostKind.LEADER, PostKind.GOVERNMENT_HEAD)
        return Post.objects.get(jurisdiction=self.county, appointments__person__name=name, kind__in=leads)

    def approval(self, basis: str = "经区政府领导同意", number: str = "") -> NewApproval:
        """Return an approval of today."""
        return NewApproval(basis, "区政府", self.day, number)

    def unit(self, name: str) -> Unit:
        """Return a unit by its name."""
        return Unit.objects.select_related("jurisdiction").get(jurisdiction=self.county, name=name)

    # ---- what units are like

    def character_of(self, unit: Unit) -> Character | None:
        """Return what a unit is like; None for one that leads nothing."""
        if not self._characters:
            leads = Assignment.objects.filter(matter__plan=self.plan, part=Part.LEAD).values_list(
                "unit__name", flat=True
            )
            self._characters = characters(sorted(set(leads)), seed=self.seed)
        return self._characters.get(unit.name)

    def is_awake(self, unit: Unit) -> bool:
        """Return whether a unit that needed a letter was shaken up."""
        return unit.pk in self.woken

    def course(self, matter: Matter, unit: Unit) -> Course:
        """Return how a matter really goes in the hands of a unit."""
        return course_of(
            key_of(matter),
            character=self.character_of(unit) or Character.ORDINARY,
            starts_on=matter.starts_on,
            due_on=matter.due_on,
            seed=self.seed,
            woken_on=self.woken.get(unit.pk),
        )


def key_of(matter: Matter) -> str:
    """Return what a matter goes by in draws: never its id, which the database gives."""
    return f"{matter.plan.year}/{matter.serial or matter.text[:20]}"


def merging(plan_ids: Sequence[int], **states: Any) -> list[Assignment]:
    """Return the parts of merging leads on these plans' matters in some states, in the ledger's order, joined."""
    found = Assignment.objects.filter(matter__plan__in=plan_ids, is_merging=True, ended_at=None, **states)
    joined = found.select_related("matter__plan__policy", "matter__jurisdiction", "unit__jurisdiction")
    return list(joined.order_by("matter__plan__year", "matter__order", "matter_id"))
