"""Reports on their way, in the invented county."""

from datetime import date

from duban.access.models import Account
from duban.core.actor import Actor
from duban.matters.models import Obligation
from duban.matters.rules import Owed
from duban.orgs.models import Person, UnitContact
from duban.reports.actions import approve_reports, submit_report
from duban.reports.models import Report

DAY = date(2020, 6, 20)
DECEMBER = date(2020, 12, 20)
TEXT = "督" * 119 + "。"


def with_deputy(world, unit="教育局") -> Actor:
    """Give a unit a deputy who can sign in; return the deputy."""
    account = Account.objects.create(username=f"deputy-{unit}", name="周三", created_at=world.now, password="!")
    person = Person.objects.create(
        jurisdiction=world.county, name="周三", pinyin="zhousan", initials="zs", account=account
    )
    UnitContact.objects.create(unit=world.unit(unit), role="deputy", person=person, from_on=date(2020, 1, 1))
    return world.liaison(unit, role="unit_deputy")


def submit(world, matter, *, unit="教育局", by=None, now, text=TEXT, version=0, day=DAY, **more) -> Report:
    return submit_report(
        matter,
        unit=world.unit(unit),
        report_day=day,
        text=text,
        version=version,
        by=by or world.liaison(unit),
        now=now,
        **more,
    )


def sent(world, matter, *, unit="教育局", now, **more) -> Report:
    """A report that reached the office: handed in and approved by the unit's head."""
    return submit(world, matter, unit=unit, by=world.liaison(unit, role="unit_head"), now=now, sign=True, **more)


def approve(report, *, by, now):
    return approve_reports({report.pk: report.version}, by=by, now=now)[0]


def owed_reports(matter, *, unit=None):
    """What is and was owed in reports: (day, state, met on)."""
    rows = Obligation.objects.filter(matter=matter, kind=Owed.REPORT).order_by("due_on", "pk")
    return [(one.due_on, one.state, one.met_on) for one in (rows.filter(unit__name=unit) if unit is not None else rows)]
