"""减负账: every figure from the facts."""

from datetime import date, timedelta

import pytest

from duban.core.workdays import Workdays
from duban.matters.actions import acknowledge, owe_report_again
from duban.matters.models import Obligation
from duban.orgs.models import Unit
from duban.reminders.queries import burdens
from duban.reminders.rules import Burden
from duban.reports.models import Contribution, Report
from tests.reminders.builders import at, both_contacts, morning

pytestmark = pytest.mark.django_db

CALENDAR = Workdays()


def of_month(world, month: int, unit="教育局", letters=()) -> Burden:
    first = date(2020, month, 1)
    last = date(2020, month + 1, 1) - timedelta(days=1)
    found = burdens(world.county, first=first, last=last, letters=letters, calendar=CALENDAR)
    return found.get((world.unit(unit).pk, (2020, month)), Burden())


@pytest.fixture
def matters(world):
    """Two matters led by 教育局, with 住建局 in support, handed out on 3 February and signed for at once."""
    both_contacts(world, "教育局")
    both_contacts(world, "住建局")
    made = [
        world.assigned(serial=serial, text=text, due_on=date(2020, 3, 16), supports=("住建局",))
        for serial, text in (("3", "新建小学1所。"), ("4", "改造校舍2栋。"))
    ]
    for name in ("教育局", "住建局"):
        acknowledge(world.unit(name), plan=world.plan, by=world.officer, now=world.now)
    return made


def test_one_signature_for_two_matters_spares_one(world, matters):
    signed = Burden(signing=1, one_signature=1, met_early=1)  # and on the 4th nobody was reminded of signing
    assert (of_month(world, 2), of_month(world, 2, "住建局")) == (signed, signed)


def test_what_is_due_counts_in_its_month_unless_waived(world, matters):
    assert of_month(world, 3) == Burden(dates=2)
    assert of_month(world, 6) == Burden(reports=2)
    assert of_month(world, 6, "住建局") == Burden(sheets=1)
    Obligation.objects.filter(matter=matters[0], kind="final").update(state="waived", waived_reason="不再需要")
    assert of_month(world, 3) == Burden(dates=1)


def test_digest_of_two_things_spares_one_and_counts_for_each_reader(world, matters):
    morning("03-02")
    assert of_month(world, 3) == Burden(dates=2, digests=1, one_digest=1)
    morning("03-13")
    assert of_month(world, 3) == Burden(dates=2, digests=3, one_digest=3)
    assert of_month(world, 3, "住建局") == Burden()


def test_done_early_spares_the_mentions_of_that_month(world, matters):
    Obligation.objects.filter(matter=matters[0], kind="final").update(state="met", met_on="2020-03-05")
    assert of_month(world, 3) == Burden(dates=2, met_early=2)  # 9 and 13 March
    Obligation.objects.filter(matter=matters[0], kind="final").update(met_on="2020-02-10")
    assert of_month(world, 3) == Burden(dates=2, met_early=3)


def test_one_sheet_of_two_matters_spares_one_in_the_month_it_was_given(world, matters):
    for one in matters:
        Contribution.objects.create(
            matter=one, unit=world.unit("住建局"), report_day="2020-06-20", is_nothing_new=True, given_at=at("05-20")
        )
    assert of_month(world, 5, "住建局").one_sheet == 0  # begun, and not met yet
    Obligation.objects.filter(kind="contribution", subject_id=20200620).update(state="met", met_on="2020-05-20")
    assert of_month(world, 5, "住建局") == Burden(one_sheet=1, met_early=0)
    june = of_month(world, 6, "住建局")
    assert (june.sheets, june.one_sheet, june.met_early) == (1, 0, 3)


def test_report_that_rests_on_what_was_entered_spares_one(world, matters):
    said = {"text": "已开工。", "chars": 3, "saved_at": at("06-10"), "saved_by_name": "甲"}
    sent = {"state": "sent", "approved_at": at("06-10"), "sent_on": "2020-06-10", "first_sent_on": "2020-06-10"}
    bases = [[{"text": "已开工。", "kind": "progress", "id": 1, "words": "6月3日教育局填报"}], []]
    for one, basis in zip(matters, bases, strict=True):
        Report.objects.create(
            matter=one, unit=world.unit("教育局"), report_day="2020-06-20", basis=basis, **said, **sent
        )
    assert of_month(world, 6) == Burden(reports=2, drafted=1)


def test_returned_report_counts_where_it_was_returned_and_not_as_due_again(world, matters):
    unit, day = world.unit("教育局"), date(2020, 6, 20)
    Obligation.objects.filter(matter=matters[0], kind="report", due_on=day).update(state="met", met_on="2020-06-19")
    owe_report_again(matters[0], unit=unit, report_day=day, by=world.officer, now=at("07-02"))
    assert of_month(world, 6) == Burden(reports=2)
    assert of_month(world, 7) == Burden(again=1)


def test_letter_counts_once_and_its_answer_not_again(world, matters):
    unit = world.unit("教育局")
    Obligation.objects.create(
        jurisdiction=world.county, plan=world.plan, unit=unit, kind="letter", subject_type="letter", subject_id=1,
        title="答复提醒函", due_on="2020-05-20", created_at=at("05-13"),
    )  # fmt: skip
    letters = [(unit.pk, date(2020, 5, 13)), (unit.pk, date(2020, 6, 1))]
    assert of_month(world, 5, letters=letters) == Burden(letters=1)


def test_merged_units_figures_are_those_of_the_unit_that_stands(world, matters):
    heir = world.unit("教体局")
    Unit.objects.filter(name="教育局").update(merged_into=heir, merged_at=world.now)
    assert of_month(world, 3) == Burden()
    assert of_month(world, 3, "教体局") == Burden(dates=2)


def test_as_many_statements_for_many_as_for_few(world, matters, django_assert_num_queries):
    year = {"first": date(2020, 1, 1), "last": date(2020, 12, 31), "letters": (), "calendar": CALENDAR}
    with django_assert_num_queries(7):
        few = burdens(world.county, **year)
    for number in range(3):
        world.assigned(serial=f"{number + 10}", text=f"任务{number}。", leads=(f"单位{number}",))
    with django_assert_num_queries(7):
        many = burdens(world.county, **year)
    assert len(many) > len(few)
    with django_assert_num_queries(7):
        own = burdens(world.county, unit_id=world.unit("教育局").pk, **year)
    assert own == {key: one for key, one in few.items() if key[0] == world.unit("教育局").pk}
