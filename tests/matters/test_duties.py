"""What supporting units owe to their leads, and what is owed about a thing of a later noun."""

from datetime import date, timedelta

import pytest

from duban.matters.actions import (
    change_setting,
    extend,
    grant_closure,
    let_go,
    meet_owed,
    owe,
    return_closure,
)
from duban.matters.models import Obligation
from duban.matters.queries import policy_of, report_length
from duban.matters.rules import Owed, OwedState, SettingKey


def sheets(world, *, state="open") -> list[tuple[str, str]]:
    rows = Obligation.objects.filter(kind=Owed.CONTRIBUTION, state=state).select_related("unit")
    return sorted((one.unit.name, one.due_on.isoformat()) for one in rows)


def test_supporting_unit_owes_one_sheet_a_report_day_however_many_matters(world):
    world.assigned(serial="1", supports=("财政局",))
    world.assigned(serial="2", supports=("财政局", "交通局"))
    assert sheets(world) == [
        ("交通局", "2020-06-17"),
        ("交通局", "2020-12-16"),
        ("财政局", "2020-06-17"),
        ("财政局", "2020-12-16"),
    ]


def test_leads_and_units_not_handed_anything_owe_no_sheet(world):
    world.assigned(serial="1")
    world.registered(serial="2", supports=("财政局",))
    assert sheets(world) == []


def test_sheet_is_let_go_with_the_last_matter_supported(world):
    matter = world.closing(serial="1", supports=("财政局",))
    assert len(sheets(world)) == 2
    grant_closure(matter, conclusion="属实。", unsigned_reason="", by=world.office_head, now=world.now)
    assert (sheets(world), len(sheets(world, state="waived"))) == ([], 2)


def test_sheet_given_is_not_asked_for_again(world):
    matter = world.closing(serial="1", supports=("财政局",))
    Obligation.objects.filter(kind=Owed.CONTRIBUTION, due_on="2020-06-17").update(
        state=OwedState.MET, met_on="2020-06-10"
    )
    return_closure(matter, reasons="材料不全。", by=world.office_head, now=world.now)
    extend(
        matter,
        due_on=date(2021, 1, 31),
        reason="汛期延误。",
        approval=world.approval(),
        by=world.office_head,
        now=world.now,
    )
    assert sheets(world) == [("财政局", "2020-12-16")]
    assert sheets(world, state="met") == [("财政局", "2020-06-17")]


def test_sheets_follow_the_report_days_of_the_plan(world):
    world.assigned(serial="1", supports=("财政局",))
    change_setting(
        world.plan,
        key=SettingKey.REPORT_DATES,
        value=["2020-09-30"],
        reason="通知更正",
        by=world.officer,
        now=world.now,
    )
    assert sheets(world) == [("财政局", "2020-09-27")]


def test_figures_that_came_later_are_read_with_those_of_the_preset(world):
    policy = world.plan.policy
    del policy.figures["obstacles"]
    del policy.figures["reports"]["support_workdays"]
    policy.save()
    figures = policy_of(world.plan)
    assert (figures.obstacles.answer_workdays, figures.reports.support_workdays) == (5, 3)
    assert report_length(world.plan) == (100, 150)


@pytest.fixture
def thing(world):
    """Any row stands for the thing of a later noun."""
    return world.plan.policy


def owed_about(world, thing, unit="教育局", **more):
    given = {"kind": Owed.OBSTACLE, "title": "答复", "due_on": world.now.date() + timedelta(days=7), **more}
    return owe(world.unit(unit), plan=world.plan, subject=thing, by=world.officer, now=world.now, **given)


def test_something_is_owed_about_a_thing_once_while_open(world, thing):
    first = owed_about(world, thing)
    assert owed_about(world, thing, title="再问一次").pk == first.pk
    owed_about(world, thing, unit="交通局")
    assert meet_owed(thing, unit=world.unit("教育局"), by=world.officer, now=world.now) == 1
    first.refresh_from_db()
    assert (first.state, first.met_on) == (OwedState.MET, world.now.date())
    assert owed_about(world, thing).pk != first.pk


def test_what_needs_no_answer_is_let_go_with_its_reason(world, thing):
    owed_about(world, thing)
    let_go(thing, reason="已经解决", by=world.officer, now=world.now)
    assert list(Obligation.objects.values_list("state", "waived_reason")) == [("waived", "已经解决")]


def test_two_things_may_be_owed_on_one_matter_by_one_day(world, thing):
    matter = world.assigned()
    owed_about(world, thing, kind=Owed.INSTRUCTION, matter=matter)
    owed_about(world, world.plan, kind=Owed.INSTRUCTION, matter=matter)
    assert Obligation.objects.filter(kind=Owed.INSTRUCTION, matter=matter).count() == 2


def test_only_kinds_about_a_thing_are_owed_this_way(world, thing):
    with pytest.raises(ValueError, match="report"):
        owed_about(world, thing, kind=Owed.REPORT)
