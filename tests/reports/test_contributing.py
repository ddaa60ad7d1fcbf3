"""One sheet a supporting unit and report day; the lead marks what did not come."""

from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import Behalf
from duban.matters.models import Obligation
from duban.matters.rules import Channel, Owed
from duban.orgs.models import Unit
from duban.reports.actions import Given, contributing, give_contributions, mark_contribution_missing
from duban.reports.models import Contribution
from duban.reports.queries import contribution_sheet, material_of, support_due, support_lines
from duban.reports.rules import draft_of
from tests.reports.builders import DAY

pytestmark = pytest.mark.django_db

SUPPORT = "临江镇"


def give(world, *lines, unit=SUPPORT, by=None, now, day=DAY, **more):
    return give_contributions(
        world.unit(unit), plan=world.plan, report_day=day, lines=lines, by=by or world.liaison(unit), now=now, **more
    )


def sheets(day=date(2020, 6, 17)):
    rows = Obligation.objects.filter(kind=Owed.CONTRIBUTION, due_on=day).order_by("pk")
    return [(one.unit.name, one.state, one.met_on) for one in rows]


def test_one_sheet_for_everything_a_unit_supports(world, june):
    matters = [world.started(serial=str(n), supports=(SUPPORT,)) for n in range(3)]
    assert give(world, Given(matters[0].pk, "协调用地3亩。"), rest_is_nothing=True, now=june) == 3
    rows = Contribution.objects.order_by("matter__order", "pk")
    assert [(one.text, one.is_nothing_new) for one in rows] == [("协调用地3亩。", False), ("", True), ("", True)]
    assert sheets() == [(SUPPORT, "met", date(2020, 6, 10))]
    events = Event.objects.filter(name="reports.contribution_given").order_by("pk")
    assert [(one.matter_id, one.data.get("text"), one.data.get("nothing_new")) for one in events] == [
        (matters[0].pk, "协调用地3亩。", None),
        (None, None, [matters[1].pk, matters[2].pk]),
    ]


def test_sheet_is_owed_until_every_matter_has_its_line(world, june):
    first, second = (world.started(serial=str(n), supports=(SUPPORT,)) for n in range(2))
    give(world, Given(first.pk, "协调用地。"), now=june)
    assert sheets() == [(SUPPORT, "open", None)]
    give(world, Given(second.pk, "协调拆迁。"), now=june + timedelta(days=1))
    assert sheets() == [(SUPPORT, "met", date(2020, 6, 11))]
    assert sheets(date(2020, 12, 16)) == [(SUPPORT, "open", None)]


def test_line_is_corrected_but_not_emptied_and_never_overwritten_unseen(world, june):
    matter = world.started(supports=(SUPPORT,))
    give(world, Given(matter.pk, "协调用地3亩。"), now=june)
    assert give(world, Given(matter.pk, "协调用地3亩。", 1), now=june) == 0
    with pytest.raises(Conflict) as refusal:
        give(world, Given(matter.pk, "协调用地5亩。"), now=june)
    assert refusal.value.theirs[matter.pk].text == "协调用地3亩。"
    assert give(world, Given(matter.pk, "协调用地5亩。", 1), now=june) == 1
    with pytest.raises(Invalid):
        give(world, Given(matter.pk, "", 2), now=june)
    assert [(one.text, one.version) for one in Contribution.objects.all()] == [("协调用地5亩。", 2)]


def test_nothing_to_add_may_become_something(world, june):
    matter = world.started(supports=(SUPPORT,))
    give(world, rest_is_nothing=True, now=june)
    give(world, Given(matter.pk, "补报：协调用地。", 1), now=june)
    row = Contribution.objects.get()
    assert (row.text, row.is_nothing_new) == ("补报：协调用地。", False)


def test_who_may_not_give(world, june):
    matter, other = world.started(serial="1", supports=(SUPPORT,)), world.started(serial="2")
    line = Given(matter.pk, "协调用地。")
    with pytest.raises(NotAllowed):
        give(world, line, by=world.liaison("交通局"), now=june)
    with pytest.raises(NotFound):
        give(world, Given(other.pk, "协调用地。"), now=june)
    with pytest.raises(NotFound):
        give(world, line, unit="教育局", now=june)
    with pytest.raises(WrongState):
        give(world, line, day=date(2020, 6, 21), now=june)
    with pytest.raises(Invalid) as refusal:
        give(world, Given(matter.pk, "字" * 151), now=june)
    assert refusal.value.field == f"text-{matter.pk}"
    assert Contribution.objects.count() == 0


def test_office_gives_for_a_unit_and_says_how_it_came(world, june):
    matter = world.started(supports=(SUPPORT,))
    line = Given(matter.pk, "协调用地。")
    with pytest.raises(Invalid):
        give(world, line, by=world.officer, now=june)
    with pytest.raises(Invalid):
        give(world, line, behalf=Behalf(Channel.PAPER, "周五"), now=june)
    give(world, line, by=world.officer, behalf=Behalf(Channel.TELEPHONE, "周五"), now=june)
    row = Contribution.objects.get()
    assert (row.channel, row.informant, row.given_by_name) == ("telephone", "周五", "督查员甲")


def test_merged_unit_is_answered_for_by_the_one_it_went_into(world, june):
    matter = world.started(supports=(SUPPORT,))
    into = world.unit("新城街道")
    Unit.objects.filter(pk=world.unit(SUPPORT).pk).update(merged_into=into, merged_at=june)
    actor = world.liaison("新城街道", SUPPORT)
    assert give(world, Given(matter.pk, "协调用地。"), unit="新城街道", by=actor, now=june) == 1
    assert [one.unit.name for one in Contribution.objects.all()] == [SUPPORT]
    assert sheets() == [(SUPPORT, "met", date(2020, 6, 10))]


def test_nothing_is_given_when_the_audit_fails(world, june, monkeypatch):
    matter = world.started(supports=(SUPPORT,))

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(contributing, "record_many", fail)
    with pytest.raises(RuntimeError):
        give(world, Given(matter.pk, "协调用地。"), now=june)
    assert (Contribution.objects.count(), sheets()) == (0, [(SUPPORT, "open", None)])


# ---- 协办未报


def mark(world, matter, *, unit=SUPPORT, by=None, now):
    return mark_contribution_missing(
        matter, unit=world.unit(unit), report_day=DAY, by=by or world.liaison("教育局"), now=now
    )


def test_lead_marks_what_did_not_come_once_the_day_has_passed(world, june):
    matter = world.started(supports=(SUPPORT, "交通局"))
    assert support_due(world.plan, report_day=DAY) == date(2020, 6, 17)
    for day in (10, 17):
        with pytest.raises(WrongState):
            mark(world, matter, now=june.replace(day=day))
    row = mark(world, matter, now=june.replace(day=18))
    assert (row.missing_by_name, row.given_at) == ("教育局联络员", None)
    event = Event.objects.get(name="reports.contribution_missing")
    assert (event.matter_id, event.data["unit"]) == (matter.pk, SUPPORT)
    with pytest.raises(WrongState) as refusal:
        mark(world, matter, now=june.replace(day=18))
    assert refusal.value.message == "临江镇已经标记过了。"


def test_what_comes_after_the_mark_is_taken_and_the_mark_stays(world, june):
    matter = world.started(supports=(SUPPORT,))
    mark(world, matter, now=june.replace(day=18))
    give(world, Given(matter.pk, "补报。"), now=june.replace(day=19))
    row = Contribution.objects.get()
    assert (row.text, row.missing_by_name) == ("补报。", "教育局联络员")
    assert sheets() == [(SUPPORT, "met", date(2020, 6, 19))]


def test_what_came_is_not_marked(world, june):
    matter = world.started(supports=(SUPPORT,))
    give(world, rest_is_nothing=True, now=june)
    with pytest.raises(WrongState) as refusal:
        mark(world, matter, now=june.replace(day=18))
    assert refusal.value.message == "临江镇已经报来协办情况，请刷新后再看。"


def test_who_may_not_mark(world, june):
    matter = world.started(leads=("教育局", "财政局"), supports=(SUPPORT,))
    late = june.replace(day=18)
    for by in (world.liaison("财政局"), world.liaison(SUPPORT)):
        with pytest.raises(NotAllowed):
            mark(world, matter, by=by, now=late)
    with pytest.raises(NotFound):
        mark(world, matter, by=world.officer, now=late)
    with pytest.raises(NotFound):
        mark(world, matter, unit="交通局", now=late)
    assert Contribution.objects.count() == 0


def test_who_sees_what_was_given(world, june):
    matter = world.started(leads=("教育局", "财政局"), supports=(SUPPORT, "交通局"))
    give(world, Given(matter.pk, "协调用地。"), now=june)
    seen = {
        name: Contribution.objects.visible_to(actor).exists()
        for name, actor in {
            "own": world.liaison(SUPPORT),
            "merging": world.liaison("教育局"),
            "office": world.officer,
            "other support": world.liaison("交通局"),
            "other lead": world.liaison("财政局"),
        }.items()
    }
    assert seen == {"own": True, "merging": True, "office": True, "other support": False, "other lead": False}


def test_lead_reads_who_gave_and_who_did_not_and_its_draft_names_them(world, june, django_assert_num_queries):
    matter = world.started(supports=(SUPPORT, "交通局"))
    give(world, Given(matter.pk, "协调用地3亩。"), now=june)
    with django_assert_num_queries(2):
        lines = support_lines(matter, report_day=DAY)
    assert [(one.unit.name, one.is_given) for one in lines] == [(SUPPORT, True), ("交通局", False)]
    part = matter.assignments.select_related("unit").get(is_merging=True)
    material = material_of(part, report_day=DAY, today=june.date(), last=None, is_own=True)
    assert draft_of(material, low=100, high=150).text == "临江镇：协调用地3亩。"


@pytest.mark.parametrize("number", [1, 3])
def test_sheet_costs_the_same_however_long_it_is(world, june, number, django_assert_num_queries):
    for place in range(number):
        world.started(serial=str(place), supports=(SUPPORT,))
    with django_assert_num_queries(5):
        sheet = contribution_sheet(world.unit(SUPPORT), plan=world.plan, report_day=DAY)
    assert (len(sheet.matters), sheet.is_whole) == (number, False)
