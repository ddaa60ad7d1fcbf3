"""The round of a morning: who is told what, what nobody is told, and that it happens once."""

from datetime import date

import pytest
from django.db import DatabaseError, connection

from duban.access.models import Account, Grant
from duban.audit.models import Event
from duban.core.actor import SYSTEM
from duban.core.errors import NotAllowed
from duban.matters.actions import (
    ask_to_close,
    create_plan,
    decide_refusal,
    extend,
    meet_owed,
    owe,
    refuse,
    return_closure,
    suspend,
    waive_obligation,
)
from duban.matters.models import Assignment, Obligation
from duban.matters.rules import Owed
from duban.orgs.models import Appointment, Jurisdiction, Person, Unit, UnitContact
from duban.outbox.models import Message
from duban.reminders.actions import remind
from duban.reminders.models import Digest, DigestPart, Round
from duban.reports.models import Report
from tests.matters.builders import names_of_events
from tests.reminders.builders import at, both_contacts, contact, d, morning, person, text_to, told

pytestmark = pytest.mark.django_db

DUE = date(2020, 3, 16)  # a Monday; mentioned on 2, 9 and 13 March
NOBODY_TOLD = {"digests": 0, "items": 0, "unreached": 0}


@pytest.fixture
def matter(world):
    both_contacts(world, "教育局")
    return world.started(due_on=DUE, serial="3")


# ── what is said, to whom ──


def test_liaison_is_told_ten_workdays_before(world, matter):
    assert morning("03-02") == {"digests": 1, "items": 1, "unreached": 0}
    message = Message.objects.get()
    assert (message.person.name, message.title) == ("教育局联络员", "3月16日到期 1 项")
    assert message.text == "3月16日到期 1 项：\n· 办结时限：第3项“新建小学1所”"
    assert (message.kind, message.link, message.count) == ("reminder", "/", 1)
    assert (message.not_before, message.posted_at) == (at("03-02", 8, 30), at("03-02"))
    part = DigestPart.objects.get()
    final = Obligation.objects.get(matter=matter, kind="final")
    assert (part.unit.name, part.obligation_ids, part.items) == ("教育局", [final.pk], 1)
    assert (part.digest.person, part.digest.message, part.digest.items) == (message.person, message, 1)


def test_round_is_told_of_in_one_event(world, matter):
    morning("03-02")
    event = Event.objects.get(name="reminders.sent")
    assert (event.actor_name, event.subject_label, event.jurisdiction_id) == (
        "系统",
        "2020年3月2日提醒",
        world.county.pk,
    )
    assert event.data == {"day": "2020-03-02", "digests": 1, "items": 1, "unreached": {}}


def test_only_the_system_sends_reminders(world, matter):
    with pytest.raises(NotAllowed):
        remind(d("03-02"), by=world.officer, now=at("03-02"))
    assert (Round.objects.count(), Message.objects.count()) == (0, 0)


def test_deputy_is_told_the_day_before_and_when_overdue(world, matter):
    days = {}
    for day in ("03-02", "03-09", "03-12", "03-13", "03-16", "03-17", "03-18", "03-23", "03-24", "03-30"):
        morning(day)
        days[day] = told(day)
    both = ("教育局联络员", "教育局副职")
    assert {day: some for day, some in days.items() if some} == {
        "03-02": {"教育局联络员": "3月16日到期 1 项"},
        "03-09": {"教育局联络员": "3月16日到期 1 项"},
        "03-13": dict.fromkeys(both, "下周一到期 1 项"),
        "03-17": dict.fromkeys(both, "逾期 1 项"),
        "03-23": dict.fromkeys(both, "逾期 1 项"),
        "03-30": dict.fromkeys(both, "逾期 1 项"),
    }


def test_who_acts_for_several_units_has_one_digest(world):
    liaison, _ = both_contacts(world, "教育局")
    contact(world, "住建局", liaison)
    contact(world, "住建局", "住建局副职", role="deputy")
    world.started(due_on=DUE, serial="3", supports=())
    world.assigned(due_on=DUE, serial="4", text="改造校舍2栋。", leads=("住建局",))
    assert morning("03-02")["digests"] == 2  # 住建局 has not signed, and its deputy is told of that too
    assert text_to("教育局联络员", "03-02") == [
        "逾期 1 项：",
        "· 住建局 · 签收2020年度临江区督查台账交办事项（2月5日到期，已过 18 个工作日）",
        "3月16日到期 2 项：",
        "· 教育局 · 办结时限：第3项“新建小学1所”",
        "· 住建局 · 办结时限：第4项“改造校舍2栋”",
    ]
    assert Digest.objects.get(person=liaison).items == 3
    parts = DigestPart.objects.filter(digest__person=liaison).order_by("unit__name")
    assert [(one.unit.name, one.items) for one in parts] == [("住建局", 2), ("教育局", 1)]


def test_stand_in_is_told_while_standing_in(world, matter):
    UnitContact.objects.filter(role="liaison").update(to_on="2020-03-05")
    contact(world, "教育局", "代班人", from_on="2020-03-06", to_on="2020-03-12")
    contact(world, "教育局", "新联络员", from_on="2020-03-13")
    for day in ("03-02", "03-09", "03-13"):
        morning(day)
    assert [list(told(day)) for day in ("03-02", "03-09")] == [["教育局联络员"], ["代班人"]]
    assert sorted(told("03-13")) == ["教育局副职", "新联络员"]


def test_responsible_person_is_told_when_it_presses_and_the_successor_after(world, matter):
    post = world.post("教育局", "教育局责任人", "周四")
    Appointment.objects.filter(post=post).update(to_on="2020-03-14")
    Appointment.objects.create(post=post, person=person(world, "郑五"), from_on="2020-03-15")
    Person.objects.filter(name="周四").update(email="a@example.cn")
    Obligation.objects.filter(matter=matter).update(post=post)
    for day in ("03-09", "03-13", "03-17"):
        morning(day)
    assert [sorted(told(day)) for day in ("03-09", "03-13", "03-17")] == [
        ["教育局联络员"],
        ["周四", "教育局副职", "教育局联络员"],
        ["教育局副职", "教育局联络员", "郑五"],
    ]


def test_head_of_the_unit_is_not_reminded(world, matter):
    post = world.post("教育局", "教育局局长", "周一", kind="unit_head")
    Obligation.objects.filter(matter=matter).update(post=post)
    morning("03-17")
    assert sorted(told("03-17")) == ["教育局副职", "教育局联络员"]


def test_deputy_stands_for_a_liaison_who_is_missing(world, matter):
    UnitContact.objects.filter(role="liaison").update(to_on="2020-02-29")
    assert morning("03-02")["unreached"] == 0
    assert told("03-02") == {"教育局副职": "3月16日到期 1 项"}


def test_merged_units_dues_go_to_whom_they_were_merged_into(world, matter):
    heir = contact(world, "教体局", "新单位联络员")
    Unit.objects.filter(name="教育局").update(merged_into=world.unit("教体局"), merged_at=world.now)
    morning("03-02")
    assert told("03-02") == {heir.name: "3月16日到期 1 项"}
    assert DigestPart.objects.get().unit.name == "教体局"


# ── what is not said ──


@pytest.mark.parametrize("what", ["met", "waived", "suspended", "verifying"])
def test_nothing_is_said_of_what_needs_nothing(world, matter, what):
    final = Obligation.objects.get(matter=matter, kind="final")
    told_by = {"by": world.office_head, "now": world.now}
    if what == "met":
        Obligation.objects.filter(pk=final.pk).update(state="met", met_on="2020-02-10")
    elif what == "waived":
        waive_obligation(final, reason="不再需要", **told_by)
    elif what == "suspended":
        suspend(matter, reason="疫情防控", approval=world.approval(), **told_by)
    else:
        ask_to_close(matter, statement="已经建成。", by=world.officer, now=world.now)
    assert morning("03-02") == NOBODY_TOLD
    assert Message.objects.count() == 0
    assert names_of_events(name="reminders.sent") == ["reminders.sent"]


def test_nothing_is_said_of_a_matter_sent_back_and_not_decided_on(world):
    both_contacts(world, "教育局")
    world.assigned(due_on=DUE)
    Obligation.objects.filter(kind="acknowledge").delete()
    assignment = Assignment.objects.select_related("matter__plan", "unit").get()
    refuse(assignment, reason="不属本单位职责", by=world.liaison("教育局"), now=world.now)
    assert morning("03-02")["digests"] == 0
    assignment.refresh_from_db()
    decide_refusal(assignment, is_upheld=False, reason="属于本单位", by=world.office_head, now=at("03-02", 10))
    assert morning("03-03") == {"digests": 1, "items": 1, "unreached": 0}
    assert text_to("教育局联络员", "03-03") == ["退回重办 1 项：", "· 裁定退回：“新建小学1所”"]


def test_writer_is_not_asked_for_a_report_that_lies_with_the_deputy(world, matter):
    day = date(2020, 6, 20)
    Report.objects.create(
        matter=matter, unit=world.unit("教育局"), report_day=day, state="submitted", text="已开工。", chars=3,
        submitted_at=at("06-18", 10), saved_at=at("06-18", 10), saved_by_name="甲",
    )  # fmt: skip
    Obligation.objects.filter(kind="final").update(state="met", met_on="2020-03-01")
    Round.objects.create(jurisdiction=world.county, day=d("06-18"), done_at=at("06-18"))
    morning("06-19")
    assert told("06-19") == {"教育局副职": "明天到期 1 项，待您审签 1 项"}


# ── which day ──


def test_missed_day_is_folded_into_the_next_round(world, matter):
    morning("03-09")
    now = at("03-16")
    late = [remind(d(day), by=SYSTEM, now=now) for day in ("03-10", "03-11", "03-12", "03-13", "03-14", "03-15")]
    assert late == [NOBODY_TOLD] * 6
    assert (Round.objects.count(), told("03-13")) == (1, {})
    morning("03-16")
    assert told("03-16") == dict.fromkeys(["教育局联络员", "教育局副职"], "今天到期 1 项")
    morning("03-17")
    assert told("03-17") == dict.fromkeys(["教育局联络员", "教育局副职"], "逾期 1 项")


def test_day_off_has_no_round(world, matter):
    Obligation.objects.filter(kind="final").update(due_on="2020-10-09")
    assert [morning(day)["digests"] for day in ("09-29", "09-30", "10-01", "10-05", "10-08")] == [0, 2, 0, 0, 0]
    assert Round.objects.filter(day__gte=d("10-01")).count() == 0
    assert told("09-30") == dict.fromkeys(["教育局联络员", "教育局副职"], "下周五到期 1 项")


def test_nothing_is_sent_once_it_is_quiet_and_the_next_round_tells(world, matter):
    assert morning("03-13", hour=18, minute=0) == NOBODY_TOLD
    assert (Round.objects.count(), Message.objects.count()) == (0, 0)
    Round.objects.create(jurisdiction=world.county, day=d("03-12"), done_at=at("03-12"))
    assert morning("03-16")["digests"] == 2
    assert told("03-16") == dict.fromkeys(["教育局联络员", "教育局副职"], "今天到期 1 项")


def test_round_at_midday_arrives_at_once(world, matter):
    morning("03-02", hour=11, minute=20)
    assert Message.objects.get().not_before is None


def test_second_round_of_a_day_finds_it_made(world, matter):
    morning("03-02")
    assert morning("03-02", hour=9) == NOBODY_TOLD
    assert (Message.objects.count(), Digest.objects.count(), Round.objects.count()) == (1, 1, 1)
    assert Event.objects.filter(name="reminders.sent").count() == 1


def test_nothing_is_kept_when_the_trail_fails(world, matter, monkeypatch):
    def broken(*args, **given):
        raise DatabaseError("trail")

    monkeypatch.setattr("duban.reminders.actions.record", broken)
    with pytest.raises(DatabaseError):
        morning("03-02")
    assert (Round.objects.count(), Message.objects.count(), Digest.objects.count()) == (0, 0, 0)


def test_each_plan_follows_its_own_policy(world, matter):
    figures = world.plan.policy.figures
    figures["reminders"] = {"before_workdays": [3], "send_at": "09:15"}  # as a version older than the other figures
    world.plan.policy.save()
    assert [morning(day)["digests"] for day in ("03-02", "03-09", "03-11", "03-13")] == [0, 0, 1, 0]
    assert Message.objects.get().not_before == at("03-11", 9, 15)


# ── what came to hand ──


def test_what_is_newly_owed_is_told_of_the_next_morning_whatever_its_kind(world, matter):
    morning("02-10")
    for kind, title, due_on in (
        (Owed.OBSTACLE, "答复住建局提出的困难问题", d("02-17")),
        (Owed.LETTER, "答复催办函", d("02-12")),
    ):
        owe(
            world.unit("教育局"), plan=world.plan, kind=kind, subject=matter, title=title, due_on=due_on,
            matter=matter if kind is Owed.OBSTACLE else None, by=world.officer, now=at("02-10", 10),
        )  # fmt: skip
        matter.pk += 1_000  # another thing to be owed about
    morning("02-11")
    assert told("02-11")["教育局联络员"] == "明天到期 1 项，新交来 1 项"
    assert text_to("教育局联络员", "02-11") == [
        "明天（2月12日）到期 1 项：",
        "· 答复催办函",
        "新交来 1 项：",
        "· 答复住建局提出的困难问题（第3项）（2月17日前）",
    ]
    morning("02-12")
    assert told("02-12") == {}


def test_what_was_committed_while_the_round_read_is_told_of_by_the_next(world, matter):
    told_of, missed = (
        owe(
            world.unit("教育局"), plan=world.plan, kind=Owed.OBSTACLE, subject=subject, title=title,
            due_on=d("02-28"), by=world.officer, now=at("02-10", 9, 59),
        )
        for subject, title in ((matter, "答复住建局提出的困难问题"), (world.plan, "答复民政局提出的困难问题"))
    )  # fmt: skip
    Obligation.objects.filter(pk=missed.pk).update(state="waived")  # as a reader of that moment does not see it
    morning("02-10", hour=10, minute=0)
    Obligation.objects.filter(pk=missed.pk).update(state="open")
    assert DigestPart.objects.get().obligation_ids == [told_of.pk]
    morning("02-11")
    assert text_to("教育局联络员", "02-11") == ["新交来 1 项：", "· 答复民政局提出的困难问题（2月28日前）"]
    morning("02-12")
    assert told("02-12") == {}


def test_what_was_answered_before_morning_is_not_told_of(world, matter):
    morning("02-10")
    given = {"by": world.officer, "now": at("02-10", 10)}
    owe(
        world.unit("教育局"),
        plan=world.plan,
        kind=Owed.LETTER,
        subject=matter,
        title="答复",
        due_on=d("02-12"),
        **given,
    )
    meet_owed(matter, **given)
    assert morning("02-11") == NOBODY_TOLD


def test_returned_closure_is_told_of_the_next_morning_unless_asked_again(world, matter):
    morning("02-10")
    for words in ("请补佐证。", "还缺一份。"):
        ask_to_close(matter, statement="已经建成。", by=world.officer, now=at("02-10", 10))
        return_closure(matter, reasons=words, by=world.office_head, now=at("02-10", 11))
    assert morning("02-11") == {"digests": 1, "items": 1, "unreached": 0}
    assert text_to("教育局联络员", "02-11") == ["退回重办 1 项：", "· 退回销号申请：第3项“新建小学1所”"]
    part = DigestPart.objects.get()
    assert (part.obligation_ids, part.items) == ([], 1)
    ask_to_close(matter, statement="已经建成。", by=world.officer, now=at("02-11", 10))
    return_closure(matter, reasons="再看看。", by=world.office_head, now=at("02-11", 11))
    ask_to_close(matter, statement="补齐了。", by=world.officer, now=at("02-11", 12))
    assert morning("02-12") == NOBODY_TOLD


def test_decision_waits_for_a_digest_that_goes_out_anyhow(world, matter):
    other = world.started(serial="4", text="改造校舍2栋。", due_on=date(2020, 8, 31))
    morning("02-10")
    extend(
        other,
        due_on=date(2020, 9, 30),
        reason="疫情影响",
        approval=world.approval(),
        by=world.office_head,
        now=at("02-28"),
    )
    assert morning("02-28") == NOBODY_TOLD
    morning("03-02")
    assert told("03-02") == {"教育局联络员": "3月16日到期 1 项，裁定 1 项"}
    assert text_to("教育局联络员", "03-02")[-1] == "· 延期：第4项“改造校舍2栋”"
    assert Message.objects.get().count == 1
    morning("03-09")
    assert told("03-09") == {"教育局联络员": "3月16日到期 1 项"}


# ── whom nobody can be told for ──


def account(name: str, world, role="officer") -> Account:
    made = Account.objects.create(username=name, name=name, created_at=world.now)
    Grant.objects.create(account=made, role=role, jurisdiction_id=world.county.pk, from_on="2020-01-01")
    return made


def test_office_is_told_of_a_unit_without_contacts(world):
    world.started(due_on=DUE, serial="3")
    Obligation.objects.exclude(kind="final").delete()
    account("督查员乙", world)
    account("主任乙", world, role="office_head")
    account("政府办主任", world, role="director")
    assert morning("03-02") == {"digests": 2, "items": 2, "unreached": 1}
    assert told("03-02") == dict.fromkeys(["督查员乙", "主任乙"], "1 个单位无人可提醒")
    message = Message.objects.filter(account__name="督查员乙").get()
    assert (message.text, message.link) == (
        "没有联络员、分管领导可提醒的 1 个单位：\n· 教育局 1 项",
        "/units/contacts/",
    )
    assert Round.objects.get().unreached == {str(world.unit("教育局").pk): 1}
    assert DigestPart.objects.count() == 0
    morning("03-03")
    assert told("03-03") == {}


def test_contact_who_cannot_be_reached_is_none(world, matter):
    UnitContact.objects.filter(role="deputy").update(to_on="2020-02-29")
    liaison = UnitContact.objects.get(role="liaison").person
    liaison.email, liaison.phone = "", "0595-00000000"
    liaison.save()
    assert morning("03-02") == {"digests": 0, "items": 0, "unreached": 1}
    liaison.phone = "139-0000-0001"
    liaison.save()
    assert morning("03-09")["digests"] == 1


def test_officer_who_is_somebodys_contact_too_has_one_digest(world, matter):
    world.assigned(due_on=DUE, serial="4", leads=("住建局",))
    Obligation.objects.exclude(kind="final").delete()
    liaison = UnitContact.objects.get(role="liaison").person
    liaison.account = account("督查员乙", world)
    liaison.save()
    assert morning("03-02") == {"digests": 1, "items": 2, "unreached": 1}
    assert told("03-02") == {"教育局联络员": "3月16日到期 1 项，1 个单位无人可提醒"}
    assert Message.objects.get().link == "/"


def test_each_place_has_a_round_of_its_own(world, matter):
    other = Jurisdiction.objects.create(level="county", name="临江市江北区", short_name="江北区")
    Jurisdiction.objects.create(level="county", name="临江市江南区", short_name="江南区")
    create_plan(other, year=2020, title="2020年度江北区督查台账", by=SYSTEM, now=world.now)
    assert morning("03-02")["digests"] == 1
    rounds = Round.objects.order_by("pk").values_list("jurisdiction__short_name", "digests")
    assert list(rounds) == [("临江区", 1), ("江北区", 0)]
    assert Event.objects.filter(name="reminders.sent").count() == 2


# ── how much it costs ──


def statements_of(day: str, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(60) as asked:
        morning(day)
    return len(asked)


def test_round_asks_as_often_for_many_units_as_for_one(world, matter, django_assert_max_num_queries):
    one = statements_of("03-02", django_assert_max_num_queries)
    for name in ("住建局", "交通局"):
        both_contacts(world, name)
        world.assigned(due_on=DUE, leads=(name,))
    assert told("03-02") == {"教育局联络员": "3月16日到期 1 项"}
    three = statements_of("03-09", django_assert_max_num_queries)
    assert Digest.objects.filter(round__day=d("03-09")).count() == 5
    assert (one, three) == (28, 29)  # what the round before told of is asked once there is one


def test_ten_thousand_open_obligations_of_seventy_units(world, matter, django_assert_max_num_queries):
    morning("02-28")  # from then on each round asks what the one before told of
    few = statements_of("03-02", django_assert_max_num_queries)
    units = [world.unit(f"单位{number}") for number in range(70)]
    for number, _ in enumerate(units):
        contact(world, f"单位{number}", f"联络员{number}")
    rows = [
        Obligation(
            jurisdiction=world.county, plan=world.plan, unit=units[number % 70], kind="instruction", due_on=DUE,
            title=f"落实批示{number}", subject_type="instruction", subject_id=number, created_at=world.now,
        )
        for number in range(10_000)
    ]  # fmt: skip
    Obligation.objects.bulk_create(rows)
    many = statements_of("03-09", django_assert_max_num_queries)
    assert Round.objects.get(day=d("03-09")).items == 10_001
    more = 2 if connection.vendor == "sqlite" else 0  # rows that do not fit in one INSERT
    assert many - few <= more
