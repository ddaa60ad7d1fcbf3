"""An invented county with units, posts and people, and a plan to put matters in."""

from dataclasses import dataclass, field

from duban.audit.models import Event
from duban.core.actor import Actor, Held
from duban.core.pinyin import initials_of, pinyin_of
from duban.matters.actions import (
    NewApproval,
    NewAssignment,
    NewMatter,
    NewSetting,
    acknowledge,
    ask_to_close,
    assign_matters,
    create_matters,
    create_plan,
    grant_closure,
    register_matters,
)
from duban.matters.rules import Part, SettingKey
from duban.orgs.models import Appointment, Jurisdiction, Person, Post, Unit, UnitAlias
from duban.orgs.rules import alias_key


@dataclass
class World:
    """Shortcuts to what a test builds on."""

    county: Jurisdiction
    officer: Actor
    office_head: Actor
    now: object
    plan: object
    units: dict = field(default_factory=dict)

    def unit(self, name: str) -> Unit:
        if name not in self.units:
            self.units[name] = make_unit(self.county, name)
        return self.units[name]

    def post(self, unit_name: str | None, title: str, holder: str = "", kind: str = "responsible") -> Post:
        unit = self.unit(unit_name) if unit_name else None
        post = Post.objects.create(jurisdiction=self.county, unit=unit, kind=kind, title=title)
        if holder:
            person = Person.objects.create(
                jurisdiction=self.county, name=holder, pinyin=pinyin_of(holder), initials=initials_of(holder)
            )
            Appointment.objects.create(post=post, person=person, from_on="2019-01-01")
        return post

    def drafts(self, *matters: NewMatter) -> list:
        return create_matters(self.plan, matters=matters, by=self.officer, now=self.now)

    def draft(self, text="新建小学1所。", leads=("教育局",), supports=(), **more):
        parts = [NewAssignment(self.unit(one), Part.LEAD) for one in leads]
        parts += [NewAssignment(self.unit(one), Part.SUPPORT) for one in supports]
        return self.drafts(NewMatter(text=text, assignments=parts, **more))[0]

    def registered(self, **more):
        return register_matters([self.draft(**more)], approval=self.approval(), by=self.officer, now=self.now)[0]

    def assigned(self, **more):
        return assign_matters([self.registered(**more)], by=self.officer, now=self.now)[0]

    def started(self, **more):
        matter = self.assigned(**more)
        acknowledge(self.unit("教育局"), plan=self.plan, by=self.officer, now=self.now, matters=[matter])
        matter.refresh_from_db()
        return matter

    def closing(self, **more):
        return ask_to_close(self.started(**more), statement="已经全部建成。", by=self.officer, now=self.now)

    def closed(self, **more):
        return grant_closure(self.closing(**more), conclusion="现场核验属实。", by=self.office_head, now=self.now)

    def approval(self, **more) -> NewApproval:
        given = {"basis": "经区政府同意", "approved_by_name": "区政府", "approved_on": self.now.date(), **more}
        return NewApproval(**given)

    def liaison(self, *names: str, role: str = "liaison") -> Actor:
        units = frozenset(self.unit(name).pk for name in names)
        return Actor(
            name=f"{names[0]}联络员",
            account_id=100,
            held=(Held(role=role, jurisdiction_id=self.county.pk, unit_ids=units),),
        )


def make_unit(county: Jurisdiction, name: str) -> Unit:
    unit = Unit.objects.create(
        jurisdiction=county,
        name=name,
        unit_type="department",
        pinyin=pinyin_of(name),
        initials=initials_of(name),
    )
    UnitAlias.objects.create(unit=unit, jurisdiction=county, alias=name, key=alias_key(name))
    return unit


def make_world(county, officer, office_head, now, **settings) -> World:
    plan = create_plan(
        county, year=2020, title="2020年度临江区督查台账", settings=settings.get("settings", ()), by=officer, now=now
    )
    return World(county=county, officer=officer, office_head=office_head, now=now, plan=plan)


def usual_world(county, officer, office_head, now) -> World:
    """A world whose notice declared five items, two report days and the length of a report."""
    settings = [
        NewSetting(SettingKey.DECLARED_ITEMS, 5, "对列入年度5项事项进行督查督办", 20),
        NewSetting(SettingKey.REPORT_DATES, ["2020-06-20", "2020-12-20"], "于6月20日、12月20日前报送", 22),
        NewSetting(SettingKey.REPORT_LENGTH, {"min": 100, "max": 150}, "100-150字", 22),
    ]
    return make_world(county, officer, office_head, now, settings=settings)


def names_of_events(**narrowed) -> list[str]:
    """The names of the events written, oldest first."""
    return list(Event.objects.filter(**narrowed).order_by("pk").values_list("name", flat=True))


def owed(matter, *, state="open") -> list[tuple[str, str, str]]:
    """What is owed on a matter in a state: (unit, kind, day), by day."""
    rows = matter.obligations.filter(state=state).select_related("unit").order_by("due_on", "kind", "unit__name")
    return [(one.unit.name, one.kind, one.due_on.isoformat()) for one in rows]
