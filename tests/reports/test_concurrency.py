"""Races: who hands in at once, approves at once, gives at once."""

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, WrongState
from duban.matters.models import Obligation
from duban.matters.rules import Owed
from duban.reports.actions import Given, accept_reports, give_contributions, save_draft
from duban.reports.models import Contribution, Report
from tests.at_once import at_once
from tests.reports.builders import DAY, TEXT, sent, submit

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_report_handed_in_by_two_at_once_is_one_record(world, june):
    matter = world.started()
    outcomes = at_once(*[lambda: submit(world, matter, now=june)] * 3)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadySubmitted", "AlreadySubmitted", "Report"]
    assert (Report.objects.count(), Event.objects.filter(name="reports.approved").count()) == (1, 1)
    assert Obligation.objects.filter(matter=matter, kind=Owed.REPORT, state="met").count() == 1


def test_two_texts_saved_at_once_never_overwrite_each_other(world, june):
    matter = world.started()
    liaison, unit = world.liaison("教育局"), world.unit("教育局")

    def save(text):
        return lambda: save_draft(matter, unit=unit, report_day=DAY, text=text, version=0, by=liaison, now=june)

    outcomes = at_once(save("甲写的"), save("乙写的"))
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "Report"]
    [refused] = [one for one in outcomes if isinstance(one, Conflict)]
    [report] = Report.objects.all()
    assert refused.theirs.text == report.text


def test_reports_are_accepted_once(world, june):
    reports = [sent(world, world.started(serial=str(n)), now=june, text=TEXT) for n in range(3)]
    versions = {one.pk: one.version for one in reports}
    outcomes = at_once(*[lambda: accept_reports(versions, by=world.officer, now=june)] * 2)
    assert sum(isinstance(one, list) for one in outcomes) == 1
    assert sum(isinstance(one, WrongState) for one in outcomes) == 1
    assert Event.objects.filter(name="reports.accepted").count() == 3


def test_sheet_given_by_two_at_once_is_given_once(world, june):
    matter = world.started(supports=("临江镇",))
    town = world.liaison("临江镇")

    def give(text):
        return lambda: give_contributions(
            world.unit("临江镇"), plan=world.plan, report_day=DAY, lines=[Given(matter.pk, text)], by=town, now=june
        )

    outcomes = at_once(give("甲报的"), give("乙报的"))
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "int"]
    assert Contribution.objects.count() == 1
