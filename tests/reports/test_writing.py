"""A report is written, handed in, approved; what was handed in stays; what is owed follows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from duban.access.models import Account
from duban.audit.models import Event
from duban.core.actor import Actor
from duban.core.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from duban.matters.actions import Behalf, NewTarget, suspend, waive_obligation
from duban.matters.models import Obligation
from duban.matters.rules import Channel, Owed, Sense
from duban.progress.actions import Looked, Said, enter_progress, write_look_back
from duban.progress.models import Progress
from duban.reports.actions import AlreadySubmitted, enter_for_unit, save_draft, send_back, writing
from duban.reports.models import Report
from duban.reports.queries import last_report, material_of, report_asked
from duban.reports.rules import candidates_of, draft_of
from tests.conftest import holder
from tests.matters.builders import names_of_events
from tests.reports.builders import DAY, DECEMBER, TEXT, approve, owed_reports, sent, submit, with_deputy

pytestmark = pytest.mark.django_db

EVENTS = {"name__startswith": "reports."}


def save(world, matter, text, *, version=0, by=None, now, unit="教育局", **more):
    by = by or world.liaison(unit)
    return save_draft(matter, unit=world.unit(unit), report_day=DAY, text=text, version=version, by=by, now=now, **more)


# ---- saving


def test_draft_is_saved_as_it_is_typed_and_nothing_is_said_of_it(world, june):
    matter = world.started()
    first = save(world, matter, "主体", now=june)
    second = save(world, matter, "主体封顶", version=first.version, now=june)
    again = save(world, matter, "主体封顶", version=second.version, now=june)
    assert [(one.version, one.chars, one.state) for one in (first, second, again)] == [
        (1, 2, "draft"),
        (2, 4, "draft"),
        (2, 4, "draft"),
    ]
    assert names_of_events(**EVENTS) == []
    assert owed_reports(matter)[0] == (DAY, "open", None)


def test_two_who_write_at_once_never_overwrite_each_other(world, june):
    matter = world.started()
    save(world, matter, "甲写的", now=june)
    colleague = replace(world.liaison("教育局"), name="周五")
    with pytest.raises(Conflict) as refusal:
        save(world, matter, "乙写的", by=colleague, now=june)
    assert (refusal.value.theirs.text, refusal.value.message[:8]) == ("甲写的", "本单位的同事刚刚")
    with pytest.raises(Conflict) as refusal:
        save(world, matter, "又写的", now=june)
    assert refusal.value.message == "您刚刚在另一处改过这份报告，请对照后再提交。"
    assert save(world, matter, "甲写的", now=june).version == 1, "the same text overwrites nothing"
    with pytest.raises(Conflict):
        submit(world, matter, now=june)
    assert [one.text for one in Report.objects.all()] == ["甲写的"]


def test_draft_keeps_what_its_sentences_rest_on(world, june):
    matter = world.started()
    liaison = world.liaison("教育局")
    unit = world.unit("教育局")
    enter_progress(matter, unit=unit, said=Said(sentence="主体封顶。"), by=liaison, now=june)
    part = matter.assignments.select_related("unit").get()
    material = material_of(part, report_day=DAY, today=june.date(), last=None, is_own=True)
    report = save(world, matter, "主体封顶。正在装修。", now=june, sentences=candidates_of(material))
    assert [(one["text"], one["words"]) for one in report.basis] == [("主体封顶。", "6月10日教育局填报")]
    later = submit(world, matter, text="主体封顶。" + TEXT, version=report.version, now=june)
    assert [one["text"] for one in later.basis] == ["主体封顶。"]


# ---- handing in


def test_report_goes_to_the_deputy_and_then_to_the_office(world, june):
    deputy = with_deputy(world)
    matter = world.started()
    report = submit(world, matter, now=june)
    assert (report.state, report.chars, report.sent_on) == ("submitted", 120, None)
    assert owed_reports(matter)[0] == (DAY, "open", None)
    later = june + timedelta(days=2)
    report = approve(report, by=deputy, now=later)
    report.refresh_from_db()
    assert (report.state, report.sent_on, report.first_sent_on) == ("sent", date(2020, 6, 12), date(2020, 6, 12))
    assert owed_reports(matter) == [(DAY, "met", date(2020, 6, 12)), (DECEMBER, "open", None)]
    assert names_of_events(**EVENTS) == ["reports.submitted", "reports.approved"]
    event = Event.objects.get(name="reports.submitted")
    assert (event.matter_id, event.actor_name) == (matter.pk, "教育局联络员")
    assert event.data == {
        "unit": "教育局",
        "unit_id": world.unit("教育局").pk,
        "report_day": "2020-06-20",
        "text": TEXT,
        "chars": 120,
        "reason_outside": "",
    }


def test_who_holds_both_hands_in_and_approves_at_once(world, june):
    with_deputy(world)
    matter = world.started()
    report = submit(world, matter, by=world.liaison("教育局", role="unit_deputy"), sign=True, now=june)
    assert (report.state, report.approved_by_name) == ("sent", "教育局联络员")
    assert names_of_events(**EVENTS) == ["reports.approved"]


def test_liaison_does_not_approve(world, june):
    with_deputy(world)
    matter = world.started()
    with pytest.raises(NotAllowed):
        submit(world, matter, sign=True, now=june)
    report = submit(world, matter, now=june)
    with pytest.raises(NotAllowed):
        approve(report, by=world.liaison("教育局"), now=june)
    with pytest.raises(NotAllowed):
        approve(report, by=world.liaison("交通局", role="unit_deputy"), now=june)
    with pytest.raises(NotFound):
        approve(report, by=world.officer, now=june)
    report.refresh_from_db()
    assert report.state == "submitted"


def test_report_does_not_wait_for_a_deputy_who_cannot_sign_in(world, june):
    matter = world.started()
    assert submit(world, matter, now=june).state == "sent"
    assert Event.objects.get(**EVENTS).data["is_unsigned"] is True
    with_deputy(world)
    Account.objects.update(is_active=False)
    assert submit(world, world.started(serial="2"), now=june).state == "sent"
    Account.objects.update(is_active=True)
    assert submit(world, world.started(serial="3"), now=june).state == "submitted"


def test_deputy_gives_back_with_reasons_and_it_is_handed_in_again(world, june):
    deputy = with_deputy(world)
    matter = world.started()
    report = submit(world, matter, now=june)
    with pytest.raises(Invalid):
        send_back(report, reason=" ", by=deputy, now=june)
    with pytest.raises(NotFound):
        send_back(report, reason="数字不对", by=world.officer, now=june)
    back = send_back(report, reason="数字不对", by=deputy, now=june)
    assert (back.state, back.remark, back.returns) == ("sent_back", "数字不对", 0)
    with pytest.raises(WrongState):
        send_back(back, reason="数字不对", by=deputy, now=june)
    again = submit(world, matter, text="改" + TEXT, version=back.version, now=june)
    assert (again.state, again.remark) == ("submitted", "")
    assert [one.text for one in again.versions.all()] == [TEXT, "改" + TEXT]
    assert names_of_events(**EVENTS) == ["reports.submitted", "reports.sent_back", "reports.submitted"]


def test_deputy_corrects_and_approves_in_one_go(world, june):
    deputy = with_deputy(world)
    matter = world.started()
    report = submit(world, matter, now=june)
    mended = submit(world, matter, text="改" + TEXT, version=report.version, by=deputy, sign=True, now=june)
    assert (mended.state, mended.submitted_by_name, mended.text) == ("sent", "教育局联络员", "改" + TEXT)
    with pytest.raises(WrongState):
        approve(report, by=deputy, now=june)


def test_what_changed_since_it_was_read_is_not_approved_unread(world, june):
    deputy = with_deputy(world)
    matter = world.started()
    report = submit(world, matter, now=june)
    Report.objects.update(version=report.version + 1)
    with pytest.raises(Conflict):
        approve(report, by=deputy, now=june)


def test_handed_in_twice_is_one_record_and_is_said_kindly(world, june):
    with_deputy(world)
    matter = world.started()
    report = submit(world, matter, now=june)
    for version in (0, report.version):
        with pytest.raises(AlreadySubmitted) as refusal:
            submit(world, matter, version=version, now=june)
        assert refusal.value.message == "这份报告已经提交过了，不必重复提交。"
    with pytest.raises(WrongState) as refusal:
        submit(world, matter, text="换" + TEXT, version=report.version, now=june)
    assert refusal.value.message == "报告已提交，正待分管领导审签；要改请分管领导退回。"
    with pytest.raises(WrongState):
        save(world, matter, "换", version=report.version, now=june)
    assert (Report.objects.count(), report.versions.count()) == (1, 1)


@pytest.mark.parametrize(("count", "is_taken"), [(99, False), (100, True), (150, True), (151, False)])
def test_length_outside_needs_its_reason(world, june, count, is_taken):
    matter = world.started()
    if is_taken:
        assert submit(world, matter, text="字" * count, reason_outside="不需要的理由", now=june).reason_outside == ""
        return
    with pytest.raises(Invalid) as refusal:
        submit(world, matter, text="字" * count, now=june)
    assert refusal.value.field == "reason_outside"
    assert Report.objects.count() == 0
    report = submit(world, matter, text="字" * count, reason_outside="只有这些可说", now=june)
    assert (report.chars, report.reason_outside) == (count, "只有这些可说")


def test_pasted_table_is_stored_as_text(world, june):
    pasted = f"<table><tr><td>学校</td><td>3所</td></tr></table>{TEXT}"
    assert submit(world, world.started(), text=pasted, now=june).text == f"学校 3所 {TEXT}"


def test_report_after_its_day_is_taken_and_counts_as_late(world, june):
    matter = world.started()
    late = june.replace(day=22)
    report = submit(world, matter, now=late)
    assert report.first_sent_on > report.report_day
    assert owed_reports(matter)[0] == (DAY, "met", date(2020, 6, 22))


def test_other_lead_writes_its_own_and_owes_none(world, june):
    matter = world.started(leads=("教育局", "财政局"))
    assert submit(world, matter, unit="财政局", now=june).state == "sent"
    assert owed_reports(matter, unit="教育局")[0] == (DAY, "open", None)
    assert owed_reports(matter, unit="财政局") == []


def test_who_may_not_write(world, june):
    matter = world.started(supports=("住建局",))
    refused = (
        world.liaison("交通局"),
        holder("director", jurisdiction=world.county),
        world.liaison("教育局", role="responsible"),
        Actor(name="无"),
    )
    for by in refused:
        with pytest.raises(NotAllowed):
            submit(world, matter, by=by, now=june)
    for unit in ("住建局", "财政局"):
        with pytest.raises(NotFound):
            submit(world, matter, unit=unit, now=june)
    with pytest.raises(NotFound):
        submit(world, matter, by=world.officer, now=june)
    assert (Report.objects.count(), names_of_events(**EVENTS)) == (0, [])


def test_nothing_is_reported_that_is_not_asked_for(world, june):
    paused = suspend(
        world.started(), reason="等待上级批复", approval=world.approval(), by=world.office_head, now=world.now
    )
    for matter in (paused, world.closed(serial="2"), world.registered(serial="3")):
        with pytest.raises(WrongState):
            submit(world, matter, now=june)
    matter = world.started(serial="4")
    with pytest.raises(WrongState) as refusal:
        submit(world, matter, day=date(2020, 6, 21), now=june)
    assert refusal.value.message == "第4项这一期不需要报送。"


def test_report_let_go_by_the_office_may_still_be_given(world, june):
    matter = world.started()
    owed = Obligation.objects.get(matter=matter, kind=Owed.REPORT, due_on=DAY)
    waive_obligation(owed, reason="本期免报", by=world.office_head, now=june)
    assert report_asked(matter, report_day=DAY) is not None
    assert submit(world, matter, now=june).state == "sent"
    assert owed_reports(matter)[0] == (DAY, "waived", None)


def test_nothing_is_handed_in_when_the_audit_fails(world, june, monkeypatch):
    matter = world.started()

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(writing, "record", fail)
    with pytest.raises(RuntimeError):
        submit(world, matter, now=june)
    assert Report.objects.count() == 0
    assert owed_reports(matter)[0] == (DAY, "open", None)


# ---- entered for a unit


def entered(world, matter, *, by=None, now, behalf=None, version=0, text=TEXT, **more):
    return enter_for_unit(
        matter,
        unit=world.unit("教育局"),
        report_day=DAY,
        text=text,
        version=version,
        behalf=behalf or Behalf(Channel.PAPER, "周二"),
        by=by or world.officer,
        now=now,
        **more,
    )


def test_office_enters_what_came_on_paper_as_of_the_day_it_came(world, june):
    matter = world.started()
    report = entered(world, matter, now=june.replace(day=24), received_on=date(2020, 6, 19))
    assert (report.state, report.channel, report.informant, report.first_sent_on) == (
        "sent", "paper", "周二", date(2020, 6, 19),
    )  # fmt: skip
    assert owed_reports(matter)[0] == (DAY, "met", date(2020, 6, 19))
    event = Event.objects.get(**EVENTS)
    assert (event.name, event.data["channel"], event.data["received_on"]) == ("reports.approved", "paper", "2020-06-19")


def test_what_the_unit_had_begun_to_write_is_kept(world, june):
    matter = world.started()
    draft = save(world, matter, "单位写的", now=june)
    with pytest.raises(Conflict):
        entered(world, matter, now=june)
    report = entered(world, matter, version=draft.version, now=june)
    assert [(one.text, one.written_by_name) for one in report.versions.all()] == [
        ("单位写的", "教育局联络员"),
        (TEXT, "督查员甲"),
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"behalf": Behalf(Channel.PAPER, " ")}, "informant"),
        ({"received_on": date(2020, 6, 11)}, "received_on"),
        ({"received_on": date(2019, 12, 31)}, "received_on"),
        ({"text": " "}, "text"),
    ],
)
def test_what_cannot_be_entered_for_a_unit(world, june, more, field):
    with pytest.raises(Invalid) as refusal:
        entered(world, world.started(), now=june, **more)
    assert refusal.value.field == field
    assert Report.objects.count() == 0


def test_unit_enters_nothing_on_behalf_and_paper_does_not_replace_what_was_sent(world, june):
    matter = world.started()
    with pytest.raises(NotAllowed):
        entered(world, matter, by=world.liaison("教育局"), now=june)
    report = sent(world, matter, now=june)
    with pytest.raises(WrongState):
        entered(world, matter, text="换" + TEXT, version=report.version, now=june)


# ---- what a draft is made of


def test_draft_rests_on_what_was_said_since_the_last_report(world, june):
    jobs = NewTarget("1.61万人", 16100, None, "人", Sense.EQUAL, "新增人才")
    matter = world.started(targets=[jobs])
    liaison, unit = world.liaison("教育局"), world.unit("教育局")
    target = matter.targets.get()
    enter_progress(
        matter,
        unit=unit,
        said=Said(figures={target.pk: "0.5万"}, sentence="开局良好。"),
        by=liaison,
        now=june - timedelta(days=30),
    )
    part = matter.assignments.select_related("unit").get()
    material = material_of(part, report_day=DAY, today=june.date(), last=None, is_own=True)
    draft = draft_of(material, low=100, high=150)
    assert draft.text == "截至5月11日，新增人才0.5万人，完成目标的31.05%。开局良好。"
    sent(world, matter, text=draft.text, reason_outside="只有这些", sentences=draft.sentences, now=june)
    later = june.replace(month=11)
    enter_progress(
        matter, unit=unit, said=Said(figures={target.pk: "1.2万"}, sentence="势头更好。"), by=liaison, now=later
    )
    last = last_report(matter, unit=unit, before=DECEMBER)
    material = material_of(part, report_day=DECEMBER, today=later.date(), last=last, is_own=True)
    draft = draft_of(material, low=100, high=150)
    assert draft.text == "截至11月10日，新增人才1.2万人，完成目标的74.53%。势头更好。"


def test_look_back_is_in_the_units_own_draft_only(world, june):
    matter = world.started(supports=("住建局",))
    for name in ("教育局", "住建局"):
        write_look_back(
            world.unit(name),
            month=june.date(),
            lines=[Looked(matter.pk, done=f"{name}内部记的")],
            by=world.liaison(name),
            now=june,
        )
    part = matter.assignments.select_related("unit").get(part="lead")

    def text(*, is_own):
        material = material_of(part, report_day=DAY, today=june.date(), last=None, is_own=is_own)
        return draft_of(material, low=1, high=150).text

    assert (text(is_own=True), text(is_own=False)) == ("教育局内部记的。", "")


@pytest.mark.parametrize("number", [1, 3])
def test_material_costs_the_same_however_much_was_said(world, june, number, django_assert_num_queries):
    matter = world.started()
    for place in range(number):
        said = Said(sentence=f"第{place}件事办成了。")
        enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=june)
    part = matter.assignments.select_related("unit").get()
    with django_assert_num_queries(5):
        material = material_of(part, report_day=DAY, today=june.date(), last=None, is_own=True)
    assert len(material.entries) == number


def test_however_long_the_history_a_draft_reads_its_end(world, june):
    matter = world.started()
    liaison, unit = world.liaison("教育局"), world.unit("教育局")
    Progress.objects.bulk_create(
        Progress(
            matter=matter,
            unit=unit,
            effective_on=june.date() - timedelta(days=(3000 - place) // 40),
            sentence=f"第{place}件事办成了。",
            recorded_at=june,
            recorded_by_name=liaison.name,
        )
        for place in range(3000)
    )
    part = matter.assignments.select_related("unit").get()
    material = material_of(part, report_day=DAY, today=june.date(), last=None, is_own=True)
    assert len(material.entries) == 40
    assert draft_of(material, low=100, high=150).sentences[-1].text == "第2999件事办成了。"
