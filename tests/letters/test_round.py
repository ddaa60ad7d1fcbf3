"""The round of a day: what it drafts, what it ends, and that it may run as often as one likes."""

from datetime import date

import pytest

from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import NotAllowed
from duban.letters.actions import AnsweredMatter, answer_letter, draft_letters, drop_letter
from duban.letters.models import Letter, LetterItem
from duban.letters.queries import material_of
from duban.lights.actions import tick
from duban.matters.models import Obligation
from duban.matters.rules import Forecast
from duban.progress.actions import Said, enter_progress
from tests.letters.builders import (
    at,
    causes,
    letter_of,
    overseen,
    reported,
    round_of,
    sent_out,
    slow_matter,
    staff,
    states,
)
from tests.matters.builders import names_of_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def matter(world):
    staff(world)
    return slow_matter(world, overseers=overseen(world))


def test_new_yellow_brings_one_reminder_listing_the_matters_of_a_unit(world, matter):
    slow_matter(world, serial="2")
    slow_matter(world, serial="3", leads=("交通局",))
    assert [round_of(day) for day in ("2020-02-05", "2020-02-06", "2020-02-07")] == [0, 2, 0]
    assert states() == [("教育局", "remind", "drafted"), ("交通局", "remind", "drafted")]
    letter = letter_of(unit__name="教育局")
    assert [one.words for one in letter.items.all()] == [
        "2020年2月6日起为黄灯。落后序时进度：应完成 9.86%，未报进展。".replace("9.86%", f"{pct}%")
        for pct in _expected(letter)
    ]
    assert (letter.is_batch, letter.drafted_on, letter.drafted_by_name) == (True, date(2020, 2, 6), "系统")
    assert letter.opening.startswith("你单位承办的下列督查事项")
    assert names_of_events(name="letters.drafted") == ["letters.drafted"] * 2


def _expected(letter: Letter) -> list[str]:
    return [f"{one.figures['expected'] / 100:g}" for one in letter.items.all()]


def test_round_may_run_as_often_as_one_likes(world, matter):
    assert [round_of("2020-02-06") for _ in range(3)] == [1, 0, 0]
    assert Event.objects.filter(name="letters.drafted").count() == 1
    assert LetterItem.objects.count() == 1


def test_days_missed_are_caught_up_each_with_what_stood_on_it(world, matter):
    tick(date(2020, 2, 10), by=SYSTEM, now=at("2020-02-10", 0))
    days = [date(2020, 2, day) for day in (5, 6, 7, 10)]
    assert [draft_letters(day, by=SYSTEM, now=at("2020-02-10", 6)) for day in days] == [0, 1, 0, 0]
    assert letter_of().drafted_on == date(2020, 2, 6)


def test_nothing_is_drafted_on_a_saturday(world, matter):
    assert round_of("2020-02-08") == 0
    assert round_of("2020-02-10") == 1


def test_who_is_no_office_makes_no_round(world, matter):
    with pytest.raises(NotAllowed):
        draft_letters(date(2020, 2, 6), by=world.liaison("教育局"), now=at("2020-02-06"))


def test_dropped_cause_brings_no_letter_again(world, matter):
    round_of("2020-02-06")
    drop_letter(letter_of(), reason="已电话了解", by=world.officer, now=at("2020-02-06"))
    assert [round_of(f"2020-02-{day}") for day in ("07", "10", "20", "27")] == [0, 0, 0, 0]


def test_what_is_green_again_before_it_is_signed_is_taken_out(world, matter):
    other = slow_matter(world, serial="2")
    round_of("2020-02-06")
    reported(world, matter, 40, on="2020-02-06")
    assert round_of("2020-02-07") == 0
    letter = letter_of()
    assert [(one.matter_id, one.removed_reason) for one in letter.items.order_by("matter_id")] == [
        (matter.pk, "事由已消除"),
        (other.pk, ""),
    ]
    assert (letter.state, letter.version) == ("drafted", 2)
    reported(world, other, 40, on="2020-02-07")
    round_of("2020-02-10")
    letter.refresh_from_db()
    assert (letter.state, letter.dropped_reason, letter.dropped_by_name) == ("dropped", "事由已消除", "系统")
    assert names_of_events(name__startswith="letters.") == ["letters.drafted", "letters.edited", "letters.dropped"]


def test_draft_still_in_the_officers_hands_grows(world, matter):
    round_of("2020-02-06")
    other = slow_matter(world, serial="2")
    assert round_of("2020-02-07") == 0
    assert sorted(letter_of().items.values_list("matter_id", flat=True)) == [matter.pk, other.pk]
    assert letter_of().version == 2


def test_reminder_cured_is_settled_and_its_answer_let_go(world, matter):
    round_of("2020-02-06")
    letter = sent_out(world, letter_of(), on="2020-02-06")
    assert [one.due_on for one in Obligation.objects.filter(kind="letter")] == [date(2020, 2, 13)]
    reported(world, matter, 40, on="2020-02-10")
    round_of("2020-02-11")
    letter.refresh_from_db()
    assert (letter.state, letter.outcome, letter.settled_by_name) == ("settled", "cured", "系统")
    assert letter.items.get().cured_on == date(2020, 2, 11)
    owed = Obligation.objects.get(kind="letter")
    assert (owed.state, owed.waived_reason) == ("waived", "已改正，不需再答复")
    event = Event.objects.get(name="letters.settled")
    assert (event.matter_id, event.data["outcome"], event.data["unit"]) == (matter.pk, "cured", "教育局")


def test_reminder_uncured_brings_an_urging_and_that_ends_the_reminder(world, matter):
    round_of("2020-02-06")
    reminder = sent_out(world, letter_of(), on="2020-02-06")
    assert [round_of(f"2020-02-{day}") for day in (12, 13)] == [0, 0]
    assert round_of("2020-02-14") == 1
    urging = letter_of(kind="urge")
    item = urging.items.get()
    assert (item.cause, item.follows.letter_id) == ("uncured", reminder.pk)
    assert item.words.startswith(f"2020年2月6日发出提醒函（{reminder.number_text}），5 个工作日后仍为黄灯。")
    reminder.refresh_from_db()
    assert reminder.state == "issued", "until the graver one is out"
    sent_out(world, urging, on="2020-02-14")
    reminder.refresh_from_db()
    assert (reminder.state, reminder.outcome) == ("settled", "escalated")
    assert list(Obligation.objects.filter(kind="letter").order_by("pk").values_list("state", flat=True)) == [
        "waived",
        "open",
    ]


def test_reminder_answered_in_time_brings_no_urging(world, matter):
    round_of("2020-02-06")
    reminder = sent_out(world, letter_of(), on="2020-02-06")
    said = [AnsweredMatter(matter.pk, "受疫情影响，三月复工。")]
    answer_letter(reminder, lines=said, by=world.liaison("教育局"), now=at("2020-02-12"))
    assert [round_of(f"2020-02-{day}") for day in (14, 17, 28)] == [0, 0, 0]


def test_urging_unanswered_brings_a_supervising_letter(world, matter):
    round_of("2020-02-06")
    sent_out(world, letter_of(), on="2020-02-06")
    round_of("2020-02-14")
    urging = sent_out(world, letter_of(kind="urge"), on="2020-02-14")
    assert [round_of(f"2020-02-{day}") for day in (20, 21)] == [0, 0]
    assert round_of("2020-02-24") == 0, "two batched letters in a month"
    assert round_of("2020-03-02") == 1
    item = letter_of(kind="supervise").items.get()
    assert (item.cause, item.root, item.follows.letter_id) == ("unanswered", urging.items.get().root, urging.pk)


def test_red_takes_the_matter_out_of_the_reminder(world, matter):
    other = slow_matter(world, serial="2")
    round_of("2020-02-06")
    told = Said(forecast=Forecast.UNLIKELY, sentence="用地批不下来。")
    enter_progress(matter, unit=world.unit("教育局"), said=told, by=world.liaison("教育局"), now=at("2020-02-06"))
    assert round_of("2020-02-07") == 1
    assert states() == [("教育局", "remind", "drafted"), ("教育局", "supervise", "drafted")]
    reminder, supervising = letter_of(kind="remind"), letter_of(kind="supervise")
    assert list(reminder.items.filter(removed_reason="").values_list("matter_id", flat=True)) == [other.pk]
    assert reminder.items.get(matter=matter).removed_reason in ("已改发督办函", "事由已消除")
    assert [(one.cause, one.is_scored) for one in supervising.items.all()] == [("red", False)]


def test_final_day_passed_is_red_and_what_a_supporting_unit_owes_is_urged(world, matter):
    world.units["财政局"] = world.unit("财政局")
    late = slow_matter(world, serial="5", supports=("财政局",))
    late.assignments.filter(unit=world.unit("财政局")).update(due_on="2020-02-10")
    Obligation.objects.create(
        jurisdiction=world.county, plan=world.plan, unit=world.unit("财政局"), matter=late,
        assignment=late.assignments.get(unit=world.unit("财政局")), kind="final", title="完成协办任务",
        due_on=date(2020, 2, 10), created_at=world.now,
    )  # fmt: skip
    round_of("2020-02-06")
    round_of("2020-02-11")
    assert ("财政局", "urge", "drafted") in states()
    assert "overdue" in causes()


def test_units_that_are_invited_get_polite_words_and_no_score(world, matter):
    unit = world.unit("教育局")
    unit.unit_type = "party"
    unit.save()
    round_of("2020-02-06")
    letter = letter_of()
    assert (letter.is_inviting, letter.title) == (True, "关于商请协助推进督查事项的函")
    assert [one.is_scored for one in letter.items.all()] == [False]


def test_courtesy_batch_before_a_report_is_settled_once_it_is_out(world):
    staff(world)
    matter = slow_matter(world)
    reported(world, matter, 45, on="2020-05-20")
    assert [round_of(f"2020-06-{day:02}") for day in (5, 8, 9)] == [0, 1, 0]
    letter = letter_of()
    assert (letter.is_courtesy, causes()) == (True, ["courtesy"])
    sent_out(world, letter, on="2020-06-08")
    letter.refresh_from_db()
    assert (letter.state, letter.outcome) == ("settled", "told")
    assert not Obligation.objects.filter(kind="letter").exists()


# ---- what others read


@pytest.mark.parametrize("count", [1, 3])
def test_material_of_a_round_costs_the_same_whatever_there_is(world, django_assert_num_queries, count):
    for number in range(count):
        slow_matter(world, serial=str(number + 1), leads=(f"单位{number}",))
    round_of("2020-02-06")
    plan = type(world.plan).objects.select_related("policy").get()
    with django_assert_num_queries(11):
        material_of(plan, day=date(2020, 2, 6)).causes()
