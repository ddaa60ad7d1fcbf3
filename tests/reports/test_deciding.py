"""The office accepts, many at once, or returns; what was in time stays in time."""

from datetime import date, timedelta

import pytest

from duban.audit.models import Event
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import extend
from duban.matters.models import Obligation, Plan
from duban.matters.rules import Owed
from duban.reports.actions import (
    accept_reports,
    deciding,
    lift_hollow,
    mark_contribution_missing,
    mark_hollow,
    record_reports_export,
    return_report,
)
from duban.reports.models import HollowMark, Report
from duban.reports.queries import days_of, report_lines, reports_of, reports_to_accept
from tests.conftest import holder
from tests.matters.builders import names_of_events
from tests.reports.builders import DAY, DECEMBER, TEXT, owed_reports, sent, submit, with_deputy

pytestmark = pytest.mark.django_db

EVENTS = {"name__startswith": "reports."}


def versions(*reports):
    return {one.pk: one.version for one in reports}


def test_office_accepts_many_at_once(world, june):
    reports = [sent(world, world.started(serial=str(n)), now=june) for n in range(3)]
    accepted = accept_reports(versions(*reports), by=world.officer, now=june)
    assert {(one.state, one.accepted_by_name) for one in Report.objects.all()} == {("accepted", "督查员甲")}
    assert len(accepted) == 3
    assert names_of_events(name="reports.accepted") == ["reports.accepted"] * 3
    with pytest.raises(WrongState):
        accept_reports(versions(*accepted), by=world.officer, now=june)


def test_a_hollow_report_is_marked_once_with_a_reason_and_lifted_with_another(world, june):
    report = sent(world, world.started(), now=june)
    told = {"by": world.officer, "now": june}
    with pytest.raises(Invalid, match="请写明哪里空泛"):
        mark_hollow(report, reason=" ", **told)
    mark = mark_hollow(report, reason="只有套话", **told)
    with pytest.raises(WrongState, match="已经标记过"):
        mark_hollow(report, reason="还是套话", **told)
    report.refresh_from_db()
    assert report.state == "sent"  # a mark is neither an acceptance nor a return
    lift_hollow(mark, reason="补了数字", **told)
    with pytest.raises(WrongState, match="已经取消"):
        lift_hollow(mark, reason="再取消", **told)
    mark_hollow(report, reason="数字有误", **told)
    rows = HollowMark.objects.order_by("pk").values_list("reason", "lifted_reason")
    assert list(rows) == [("只有套话", "补了数字"), ("数字有误", "")]
    assert names_of_events(name__contains="hollow") == [
        "reports.marked_hollow",
        "reports.hollow_mark_lifted",
        "reports.marked_hollow",
    ]


def test_only_the_office_marks_and_only_what_was_handed_in(world, june):
    with_deputy(world)
    report = submit(world, world.started(), now=june)
    with pytest.raises(WrongState, match="还没有报来"):
        mark_hollow(report, reason="只有套话", by=world.officer, now=june)
    with pytest.raises(NotAllowed):
        mark_hollow(report, reason="只有套话", by=world.liaison("教育局"), now=june)
    assert not HollowMark.objects.exists()


def test_all_or_none_are_accepted(world, june):
    first, second = (sent(world, world.started(serial=str(n)), now=june) for n in range(2))
    return_report(second, reason="太笼统", by=world.officer, now=june)
    with pytest.raises(WrongState):
        accept_reports(versions(first, second), by=world.officer, now=june)
    first.refresh_from_db()
    assert first.state == "sent"
    with pytest.raises(Conflict):
        accept_reports({first.pk: first.version + 1}, by=world.officer, now=june)
    with pytest.raises(NotFound):
        accept_reports({0: 1, first.pk: first.version}, by=world.officer, now=june)
    with pytest.raises(Invalid):
        accept_reports({}, by=world.officer, now=june)


def test_another_length_is_accepted_with_a_reason_only(world, june):
    short = sent(world, world.started(serial="1"), text="字" * 99, reason_outside="事少", now=june)
    usual = sent(world, world.started(serial="2"), now=june)
    with pytest.raises(Invalid) as refusal:
        accept_reports(versions(short, usual), by=world.officer, now=june)
    assert refusal.value.message == "所选报告中有 1 份字数不符，请写明采用的理由。"
    accept_reports(versions(short, usual), exception_reason="确实无事可报", by=world.officer, now=june)
    short.refresh_from_db()
    usual.refresh_from_db()
    assert (short.exception_reason, usual.exception_reason) == ("确实无事可报", "")


def test_policy_may_forbid_other_lengths(world, june):
    short = sent(world, world.started(), text="字" * 99, reason_outside="事少", now=june)
    policy = Plan.objects.get().policy
    policy.figures["reports"]["exceptions_allowed"] = False
    policy.save()
    with pytest.raises(Invalid) as refusal:
        accept_reports(versions(short), exception_reason="确实无事可报", by=world.officer, now=june)
    assert refusal.value.message == "所选报告中有字数不符的，按督查规则只能退回。"


def test_returned_report_is_owed_again_by_the_same_day_and_in_time_stays_in_time(world, june):
    matter = world.started()
    report = sent(world, matter, now=june)
    after = june.replace(day=25)
    back = return_report(report, reason="没有数字", by=world.officer, now=after)
    assert (back.state, back.returns, back.remark) == ("returned", 1, "没有数字")
    assert owed_reports(matter) == [
        (DAY, "met", date(2020, 6, 10)),
        (DAY, "open", None),
        (DECEMBER, "open", None),
    ]
    again = sent(world, matter, text="改" + TEXT, version=back.version, now=after + timedelta(days=1))
    assert (again.sent_on, again.first_sent_on) == (date(2020, 6, 26), date(2020, 6, 10))
    assert owed_reports(matter)[:2] == [(DAY, "met", date(2020, 6, 10)), (DAY, "met", date(2020, 6, 26))]
    second = return_report(again, reason="还是没有数字", by=world.officer, now=after + timedelta(days=2))
    assert second.returns == 2
    assert [one.text for one in second.versions.all()] == [TEXT, "改" + TEXT]


def test_what_is_owed_again_outlives_later_steps_of_the_matter(world, june):
    matter = world.started()
    return_report(sent(world, matter, now=june), reason="没有数字", by=world.officer, now=june)
    extend(
        matter,
        due_on=date(2021, 1, 31),
        reason="汛期延误。",
        approval=world.approval(),
        by=world.office_head,
        now=june,
    )
    assert owed_reports(matter)[:2] == [(DAY, "met", date(2020, 6, 10)), (DAY, "open", None)]
    reopened = Obligation.objects.get(matter=matter, kind=Owed.REPORT, due_on=DAY, state="open")
    assert (reopened.title, reopened.subject_type) == ("重新报送完成情况", "returned_report")


def test_accepted_by_mistake_is_returned_too(world, june):
    report = sent(world, world.started(), now=june)
    [accepted] = accept_reports(versions(report), by=world.officer, now=june)
    back = return_report(accepted, reason="误采用", by=world.officer, now=june)
    back.refresh_from_db()
    assert (back.state, back.accepted_by_name, back.accepted_at) == ("returned", "", None)


def test_nothing_is_returned_without_a_reason_or_before_it_came(world, june):
    with_deputy(world)
    report = submit(world, world.started(), now=june)
    with pytest.raises(WrongState):
        return_report(report, reason="太笼统", by=world.officer, now=june)
    other = sent(world, world.started(serial="2"), now=june)
    with pytest.raises(Invalid):
        return_report(other, reason="", by=world.officer, now=june)


def test_who_may_not_decide(world, june):
    report = sent(world, world.started(), now=june)
    for by in (world.liaison("教育局"), holder("director", jurisdiction=world.county)):
        with pytest.raises(NotAllowed):
            accept_reports(versions(report), by=by, now=june)
        with pytest.raises(NotAllowed):
            return_report(report, reason="太笼统", by=by, now=june)
        with pytest.raises(NotAllowed):
            record_reports_export(world.plan, report_day=DAY, form="docx", count=1, by=by, now=june)
    report.refresh_from_db()
    assert report.state == "sent"


def test_nothing_is_decided_when_the_audit_fails(world, june, monkeypatch):
    matter = world.started()
    report = sent(world, matter, now=june)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(deciding, "record", fail)
    monkeypatch.setattr(deciding, "record_many", fail)
    with pytest.raises(RuntimeError):
        return_report(report, reason="太笼统", by=world.officer, now=june)
    with pytest.raises(RuntimeError):
        accept_reports(versions(report), by=world.officer, now=june)
    report.refresh_from_db()
    assert (report.state, report.returns) == ("sent", 0)
    assert owed_reports(matter)[0] == (DAY, "met", date(2020, 6, 10))


def test_export_leaves_a_trace(world, june):
    record_reports_export(world.plan, report_day=DAY, form="docx", count=3, by=world.officer, now=june)
    assert Event.objects.get(**EVENTS).data == {"form": "docx", "report_day": "2020-06-20", "count": 3}


def test_text_is_the_units_own_until_it_is_sent(world, june):
    deputy = with_deputy(world)
    matter = world.started(leads=("教育局", "财政局"), supports=("住建局",))
    readers = {
        "unit": world.liaison("教育局"),
        "deputy": deputy,
        "office": world.officer,
        "other lead": world.liaison("财政局"),
        "support": world.liaison("住建局"),
        "stranger": world.liaison("交通局"),
        "own responsible": world.liaison("教育局", role="responsible"),
    }

    def seen():
        return {name for name, actor in readers.items() if reports_of(actor, matter=matter).exists()}

    submit(world, matter, now=june)
    assert seen() == {"unit", "deputy"}
    Report.objects.all().delete()
    sent(world, matter, now=june)
    assert seen() == {"unit", "deputy", "office"}
    sent(world, matter, unit="财政局", now=june)
    assert seen() == {"unit", "deputy", "office", "other lead"}
    assert reports_of(readers["unit"], matter=matter).count() == 2, "who merges reads the other leads' reports"
    assert reports_to_accept(world.officer).count() == 2
    assert reports_to_accept(readers["unit"]).count() == 0


# ---- the desk


@pytest.mark.parametrize("number", [1, 3])
def test_desk_tells_every_state_in_six_statements(world, june, number, django_assert_num_queries):
    with_deputy(world)
    matters = [world.started(serial=str(place), supports=("住建局",)) for place in range(1, 6 * number + 1)]
    for sending, submitting, returning, accepting, other, _ in zip(*[iter(matters)] * 6, strict=True):
        sent(world, sending, now=june.replace(day=22), text="字" * 90, reason_outside="事少")
        submit(world, submitting, now=june)
        return_report(sent(world, returning, now=june), reason="没有数字", by=world.officer, now=june)
        accept_reports(versions(sent(world, accepting, now=june)), by=world.officer, now=june)
        mark_contribution_missing(
            other, unit=world.unit("住建局"), report_day=DAY, by=world.liaison("教育局"), now=june.replace(day=18)
        )
    with django_assert_num_queries(6):
        lines = report_lines(world.plan, report_day=DAY, length=(100, 150), today=date(2020, 6, 22))
    assert [one.serial for one in lines] == [str(place) for place in range(1, 6 * number + 1)]
    assert [(one.state, bool(one.text), one.is_late, one.is_outside, one.missing) for one in lines[:6]] == [
        ("sent", True, True, True, ()),
        ("submitted", False, True, False, ()),
        ("returned", False, False, False, ()),
        ("accepted", True, False, False, ()),
        ("", False, True, False, ("住建局",)),
        ("", False, True, False, ()),
    ]


def test_desk_shows_last_report_beside_and_other_leads(world, june):
    matter = world.started(leads=("教育局", "财政局"))
    sent(world, matter, now=june)
    winter = june.replace(month=12)
    sent(world, matter, unit="财政局", text="财" * 110, day=DECEMBER, now=winter)
    lines = report_lines(world.plan, report_day=DECEMBER, length=(100, 150), today=winter.date())
    assert [(one.unit, one.is_merging, one.last_day, one.last_text, one.text) for one in lines] == [
        ("教育局", True, DAY, TEXT, ""),
        ("财政局", False, None, "", "财" * 110),
    ]


def test_desk_leaves_out_what_ended_and_keeps_what_it_got(world, june):
    first = world.closing(serial="1")
    sent(world, first, now=june)
    world.closed(serial="2")
    lines = report_lines(world.plan, report_day=DAY, length=(100, 150), today=june.date())
    assert [one.serial for one in lines] == ["1"]


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2020, 2, 3), DAY),
        (DAY, DAY),
        (date(2020, 8, 19), DAY),
        (date(2020, 8, 20), DECEMBER),
        (date(2021, 5, 1), DECEMBER),
    ],
)
def test_desk_opens_with_the_day_of_interest(world, today, day):
    assert days_of(world.plan, today=today) == ([DAY, DECEMBER], day)
