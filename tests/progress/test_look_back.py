from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.models import Matter
from duban.progress import actions
from duban.progress.actions import Looked, write_look_back
from duban.progress.models import LookBack, Progress
from duban.progress.queries import look_back_sheet
from duban.progress.rules import checked_line, last_day_of, month_of, sentence_of_look_back

pytestmark = pytest.mark.django_db

FEBRUARY = date(2020, 2, 1)


def write(world, *lines, unit="教育局", by=None, month=FEBRUARY, now=None, **more):
    by = by or world.liaison(unit)
    return write_look_back(world.unit(unit), month=month, lines=lines, by=by, now=now or world.now, **more)


def written(unit_id=None):
    rows = LookBack.objects.order_by("matter_id")
    return [(one.matter_id, one.done, one.problem, one.next_step, one.is_nothing_new, one.version) for one in rows]


def test_only_what_changed_is_written_and_the_event_does_not_tell_what(world):
    first, second = world.started(), world.started()
    assert write(world, Looked(first.pk, " 已开工 ", "缺资金"), Looked(second.pk)) == 1
    assert written() == [(first.pk, "已开工", "缺资金", "", False, 1)]
    assert write(world, Looked(first.pk, "已开工", "缺资金", version=1), Looked(second.pk, "招标")) == 1
    assert written() == [(first.pk, "已开工", "缺资金", "", False, 1), (second.pk, "招标", "", "", False, 1)]
    event = Event.objects.filter(name="progress.look_back_written").first()
    assert event.matter_id is None
    assert event.data == {
        "unit": "教育局",
        "unit_id": world.unit("教育局").pk,
        "month": "2020-02-01",
        "written": 1,
        "nothing_new": 0,
    }


def test_nothing_new_for_all_the_rest_in_one_go(world):
    first, second, third = world.started(), world.assigned(supports=("住建局",)), world.closed()
    assert write(world, Looked(first.pk, "已开工"), rest_is_unchanged=True) == 2
    assert written() == [(first.pk, "已开工", "", "", False, 1), (second.pk, "", "", "", True, 1)]
    assert write(world, rest_is_unchanged=True) == 0
    assert Event.objects.filter(name="progress.look_back_written").count() == 1
    assert write(world, unit="住建局", rest_is_unchanged=True) == 1
    assert write(world, Looked(second.pk, "有了", version=1)) == 1
    assert third.pk not in {one[0] for one in written()}
    assert LookBack.objects.get(unit=world.unit("教育局"), matter=second).is_nothing_new is False


def test_what_a_colleague_wrote_meanwhile_is_not_overwritten(world):
    matter, other = world.started(), world.started()
    write(world, Looked(matter.pk, "甲写的"))
    with pytest.raises(Conflict) as refusal:
        write(world, Looked(matter.pk, "乙写的"), Looked(other.pk, "别的"))
    assert {pk: one.done for pk, one in refusal.value.theirs.items()} == {matter.pk: "甲写的"}
    assert written() == [(matter.pk, "甲写的", "", "", False, 1)]
    assert write(world, Looked(matter.pk, "乙写的", version=1)) == 1


def test_one_click_makes_a_progress_entry_of_it_once(world):
    matter = world.started()
    write(world, Looked(matter.pk, "已开工。", "缺资金", "争取债券"), enter=matter.pk)
    entry = Progress.objects.get()
    assert (entry.sentence, entry.effective_on, entry.unit.name) == (
        "已开工；问题：缺资金；下一步：争取债券。",
        date(2020, 2, 3),
        "教育局",
    )
    assert LookBack.objects.get().entry == entry
    with pytest.raises(WrongState):
        write(world, enter=matter.pk)
    write(world, Looked(matter.pk, "已封顶", "缺资金", "争取债券", version=1), enter=matter.pk)
    assert Progress.objects.count() == 2
    assert Matter.objects.get(pk=matter.pk).progress_pct is None


def test_entry_of_a_past_month_is_as_of_its_last_day(world):
    matter = world.started()
    later = world.now + timedelta(days=40)
    write(world, Looked(matter.pk, "已开工"), enter=matter.pk, now=later)
    assert Progress.objects.get().effective_on == date(2020, 2, 29)


def test_what_is_refused_changes_nothing(world):
    matter, strange = world.started(), world.started(leads=("教育局",))
    Matter.objects.filter(pk=strange.pk).update(state="suspended", state_before_pause="in_progress")
    with pytest.raises(Invalid):
        write(world, Looked(matter.pk, "字" * 61))
    with pytest.raises(Invalid):
        write(world, Looked(matter.pk), enter=matter.pk)
    with pytest.raises(Invalid):
        write(world, Looked(matter.pk, "已开工"), month=date(2020, 3, 1))
    with pytest.raises(NotFound):
        write(world, Looked(strange.pk, "已开工"))
    assert (written(), Progress.objects.count()) == ([], 0)


def test_only_the_unit_itself_writes_and_reads_it(world):
    matter = world.started(supports=("住建局",))
    write(world, Looked(matter.pk, "已开工"))
    for actor in (
        world.officer,
        world.office_head,
        world.liaison("住建局"),
        world.liaison("教育局", role="responsible"),
    ):
        with pytest.raises(NotAllowed):
            write(world, Looked(matter.pk, "改"), by=actor)
        assert list(LookBack.objects.visible_to(actor)) == []
    assert LookBack.objects.visible_to(world.liaison("教育局", role="unit_head")).count() == 1


def test_nothing_is_written_when_the_audit_fails(world, monkeypatch):
    matter = world.started()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(actions, "record", fail)
    with pytest.raises(RuntimeError):
        write(world, Looked(matter.pk, "已开工"))
    assert written() == []


@pytest.mark.parametrize("number", [1, 3])
def test_sheet_costs_the_same_whatever_the_unit_has(world, number, django_assert_num_queries):
    for _ in range(number):
        world.started()
    unit = world.unit("教育局")
    with django_assert_num_queries(4):
        assert len(look_back_sheet(unit, month=FEBRUARY).matters) == number


def test_lines_and_months():
    assert sentence_of_look_back(done="", problem="缺地。", next_step="") == "问题：缺地。"
    assert len(sentence_of_look_back(done="字" * 60, problem="字" * 60, next_step="字" * 60)) <= 200
    assert (month_of(date(2020, 2, 29)), last_day_of(date(2020, 2, 1)), last_day_of(date(2019, 12, 1))) == (
        date(2020, 2, 1),
        date(2020, 2, 29),
        date(2019, 12, 31),
    )
    with pytest.raises(Invalid) as refusal:
        checked_line("字" * 61, what="问题")
    assert refusal.value.message == "“问题”不超过 60 字，现在 61 字。"
