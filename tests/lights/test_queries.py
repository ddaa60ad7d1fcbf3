"""The ledger of an earlier day, from facts alone, is what the ledger said on that day."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from duban.core.actor import SYSTEM
from duban.lights.actions import lift_override, override_light, tick
from duban.lights.models import SnapshotRow
from duban.lights.queries import ledger_as_of
from duban.matters import actions as acts
from duban.matters.actions import NewMilestone
from duban.matters.models import Matter
from duban.matters.queries import LedgerFilter, ledger_page
from duban.matters.rules import Forecast, Kind, Light
from duban.progress.actions import Said, enter_progress
from tests.matters.builders import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2020, 2, 3), date(2020, 7, 15)

LATE = LedgerFilter(late_on=FIRST)
"""Narrowed to what is late on the day that is looked at."""
VIEWS = [
    {},
    {"group": "light"},
    {"group": "lead", "sort": "light"},
    {"group": "state", "sort": "due", "is_descending": True},
    {"group": "lead", "sort": "kind"},
    {"sort": "light", "is_descending": True},
    {"sort": "state"},
    {"chosen": LedgerFilter(light="red")},
    {"chosen": LedgerFilter(light="none")},
    {"chosen": LedgerFilter(state="open")},
    {"chosen": LedgerFilter(state="suspended")},
    {"chosen": LedgerFilter(kind="continuing", light="yellow")},
    {"chosen": LedgerFilter(text="二小")},
    {"chosen": LATE},
    {"page": 2, "page_rows": 2},
]


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def shown(page) -> tuple:
    """A page as it can be compared: no light at all counts none."""
    return page.rows, page.total, page.page, page.pages, {light: count for light, count in page.lights.items() if count}


def asked(world: World, view: dict, *, day: date) -> dict:
    chosen = view.get("chosen", LedgerFilter())
    return {"plan": world.plan, **view, "chosen": replace(chosen, late_on=day) if chosen is LATE else chosen}


def say(world, matter, pct, *, day, forecast=None):
    said = Said(pct=Decimal(pct), forecast=forecast, sentence="按实际情况填报。")
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=at(day))


def approved(world, day, **more):
    return {"reason": "经研究同意", "approval": world.approval(), "by": world.office_head, "now": at(day), **more}


def story(world: World) -> dict[date, list]:
    """What happens, by day, on matters of every kind; one is handed out later."""
    year = {"starts_on": date(2020, 1, 1), "due_on": date(2020, 12, 31)}
    one = world.started(serial="1", text="一小。", kind=Kind.QUANTIFIED, **year)
    two = world.started(
        serial="2", text="二小。", kind=Kind.MILESTONE, starts_on=date(2020, 3, 1), due_on=date(2020, 6, 10)
    )
    three = world.started(serial="3", text="三小。", kind=Kind.CONTINUING, leads=("教育局", "财政局"), **year)
    four = world.started(serial="4", text="四小。", kind=Kind.QUANTIFIED, **year)
    later = world.registered(serial="5", text="五小。", leads=("财政局",), kind=Kind.CONTINUING, **year)

    def on(month, day):
        return date(2020, month, day)

    def fresh(matter):
        return Matter.objects.get(pk=matter.pk)

    def signs(day):
        return acts.acknowledge(world.unit("财政局"), plan=world.plan, by=world.officer, now=at(day), matters=[three])

    nodes = [NewMilestone("完成选址", on(4, 10), 30), NewMilestone("封顶", on(5, 30), 80)]
    return {
        on(2, 20): [lambda day: say(world, one, "12", day=day), signs],
        on(3, 3): [
            lambda day: acts.set_milestones(two, milestones=nodes, reason="明确节点", by=world.officer, now=at(day)),
        ],
        on(3, 20): [lambda day: say(world, two, "35", day=day, forecast=Forecast.STRAINED)],
        on(4, 1): [lambda day: acts.assign_matters([fresh(later)], by=world.officer, now=at(day))],
        on(4, 15): [
            lambda day: override_light(one, light=Light.RED, reason="现场停工", by=world.office_head, now=at(day)),
            lambda day: acts.suspend(four, **approved(world, day)),
        ],
        on(5, 6): [
            lambda day: lift_override(one, reason="已经复工", by=world.office_head, now=at(day)),
            lambda day: acts.resume(fresh(four), **approved(world, day)),
        ],
        on(5, 20): [lambda day: acts.extend(fresh(two), due_on=on(7, 31), **approved(world, day))],
        on(6, 1): [lambda day: acts.ask_to_close(three, statement="已经完成。", by=world.officer, now=at(day))],
        on(6, 12): [
            lambda day: acts.grant_closure(fresh(three), conclusion="属实。", by=world.office_head, now=at(day)),
            lambda day: say(world, one, "60", day=day),
        ],
    }


@pytest.mark.django_db
def test_the_ledger_of_an_earlier_day_is_what_it_said_on_that_day(world):
    deeds, day, then = story(world), FIRST, {}
    while day <= LAST:
        tick(day, by=SYSTEM, now=at(day, 1))
        for deed in deeds.get(day, ()):
            deed(day)
        if day in deeds or day.day % 6 == 0:
            for place, view in enumerate(VIEWS):
                given = asked(world, view, day=day)
                then[day, place] = shown(ledger_page(world.officer, today=day, **given))
        day += timedelta(days=1)
    lights = set()
    for (day, place), page in then.items():
        assert shown(ledger_as_of(world.officer, day=day, **asked(world, VIEWS[place], day=day))) == page, (day, place)
        lights |= {row.light_override or row.light for row in page[0]}
    assert lights == {"", *Light}


@pytest.mark.django_db
def test_what_was_not_registered_by_then_is_not_there(world):
    matter = world.draft(serial="1")
    registered_on, assigned_on = date(2020, 3, 3), date(2020, 3, 20)
    acts.register_matters([matter], approval=world.approval(), by=world.officer, now=at(registered_on))
    acts.assign_matters([Matter.objects.get(pk=matter.pk)], by=world.officer, now=at(assigned_on))

    def states(day):
        page = ledger_as_of(world.officer, plan=world.plan, chosen=LedgerFilter(), day=day)
        return [(row.state, row.light, row.assigned_at is not None) for row in page.rows]

    assert states(date(2020, 3, 2)) == []
    assert states(registered_on) == [("registered", "", False)]
    assert states(assigned_on) == [("assigned", "green", True)]


@pytest.mark.django_db
def test_the_ledger_of_a_snapshots_day_is_the_snapshot(world):
    deeds, day = story(world), FIRST
    while day <= LAST:
        tick(day, by=SYSTEM, now=at(day, 1))
        for deed in deeds.get(day, ()):
            deed(day)
        day += timedelta(days=1)
    frozen = SnapshotRow.objects.filter(snapshot__day=date(2020, 6, 30)).order_by("matter__order", "matter_id")
    names = ("matter_id", "state", "light", "override", "due_on", "progress_pct")
    page = ledger_as_of(world.officer, plan=world.plan, chosen=LedgerFilter(), day=date(2020, 6, 30))
    rows = [(row.id, row.state, row.light, row.light_override, row.due_on, row.progress_pct) for row in page.rows]
    assert rows == list(frozen.values_list(*names))
    assert len(rows) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_an_earlier_day_costs_the_same_for_one_and_for_three(world, number, django_assert_num_queries):
    for serial in range(number):
        world.started(serial=str(serial + 1))
    with django_assert_num_queries(LEDGER_AS_OF):
        ledger_as_of(world.officer, plan=world.plan, chosen=LedgerFilter(), day=FIRST)


LEDGER_AS_OF = 11
