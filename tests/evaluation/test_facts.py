"""What counts of a year, from where it stands; and what never does."""

import ast
import inspect
from datetime import date, timedelta

import pytest

from duban.bulletins.actions import withdraw_citation
from duban.bulletins.models import Citation
from duban.evaluation.queries import facts, facts_of_year
from duban.evaluation.rules import Outcome
from duban.letters.actions import NewItem, write_letter
from duban.letters.rules import LetterKind
from duban.matters.actions import Behalf, NewAssignment, NewMatter, extend, merge_units, split, suspend
from duban.matters.models import Matter, Obligation
from duban.matters.rules import Channel, Part
from duban.reports.actions import enter_for_unit, give_contributions, lift_hollow, mark_contribution_missing
from duban.reports.actions.contributing import Given
from duban.reports.models import HollowMark
from duban.visits.actions import overturn_finding
from duban.visits.rules import Result
from tests.evaluation.builders import UNTIL, kinds_of, played, reported
from tests.interviews.builders import held, red_twice
from tests.letters.builders import at, sent_out, signer
from tests.letters.builders import reported as progressed
from tests.reports.builders import DAY, DECEMBER, TEXT
from tests.visits import builders as visits

pytestmark = pytest.mark.django_db


def of(world, name="教育局", until=UNTIL):
    return next(one for one in facts_of_year(world.plan, until=until).units if one.name == name)


def counted(world, kind, name="教育局", until=UNTIL) -> int:
    return sum(one.kind == kind for one in of(world, name, until).facts)


def test_a_played_year_counts_what_happened(world):
    year = played(world)
    found = facts_of_year(world.plan, until=UNTIL)
    behind, second = year.behind.pk, Matter.objects.get(serial="2").pk
    assert kinds_of(found, "教育局") == [
        ("not_done", "lead", behind),
        ("late_report", "lead", behind),
        ("missing_report", "lead", second),
        ("missing_report", "lead", behind),
        ("missing_report", "lead", second),
        ("returned", "lead", behind),
        ("no_substance", "lead", behind),
        ("criticised", "lead", behind),
        ("criticised", "lead", second),
    ]
    assert kinds_of(found, "临江镇") == [("not_done", "support", behind)]
    assert kinds_of(found, "交通局") == [("praised", "lead", year.done.pk)]
    outcomes = {one.name: [each.outcome for each in one.matters] for one in found.units}
    assert outcomes == {
        "教育局": [Outcome.NOT_DONE, Outcome.RUNNING],
        "临江镇": [Outcome.NOT_DONE],
        "交通局": [Outcome.EARLY],
    }


def test_every_fact_says_when_what_and_where_its_events_are(world):
    year = played(world)
    for unit in facts_of_year(world.plan, until=UNTIL).units:
        assert len({one.key for one in unit.facts}) == len(unit.facts)
        for one in unit.facts:
            assert one.words and one.name and one.source_id and one.on <= UNTIL, one
    late = next(one for one in of(world).facts if one.kind == "late_report")
    assert late.words == "应于2020年6月20日前报送，2020年6月23日报来"
    assert (late.source, late.source_id, late.matter_id) == ("report", 20200620, year.behind.pk)


def test_the_year_is_seen_as_it_was_on_any_day(world):
    played(world)
    assert of(world, until=date(2020, 6, 19)).facts == ()
    june = of(world, until=date(2020, 6, 22))
    assert [one.kind.value for one in june.facts] == ["missing_report", "missing_report"]
    assert counted(world, "late_report", until=date(2020, 6, 23)) == 1
    assert counted(world, "not_done", until=date(2020, 11, 29)) == 0
    assert counted(world, "not_done", until=date(2020, 11, 30)) == 1


def test_an_approved_extension_and_a_suspension_are_not_counted_as_undone(world):
    year = played(world)
    told = {"approval": world.approval(), "by": world.office_head, "now": at("2020-11-01")}
    matter = Matter.objects.select_related("plan__policy", "plan__jurisdiction").get(pk=year.behind.pk)
    extend(matter, due_on=date(2021, 2, 28), reason="用地调整", **told)
    assert counted(world, "not_done") == 0
    assert of(world).matters[0].outcome is Outcome.RUNNING
    suspend(Matter.objects.get(serial="2"), reason="待规划批复", **told)
    assert of(world).matters[1].outcome is Outcome.ADJUSTED


def test_a_report_returned_and_sent_again_is_returned_once_and_not_late(world):
    year = played(world)
    matter = Matter.objects.get(pk=year.behind.pk)
    before = counted(world, "late_report")
    enter_for_unit(
        matter,
        unit=world.unit("教育局"),
        report_day=DAY,
        text=TEXT,
        version=matter.reports.get().version,
        behalf=Behalf(Channel.PAPER, "局办公室"),
        by=world.officer,
        now=at("2020-07-10"),
    )
    assert (counted(world, "late_report"), counted(world, "returned")) == (before, 1)


def test_a_lifted_hollow_mark_no_longer_counts(world):
    played(world)
    assert counted(world, "no_substance") == 1
    lift_hollow(HollowMark.objects.get(), reason="单位补充了附表", by=world.officer, now=at("2020-07-01"))
    assert counted(world, "no_substance") == 0


def test_a_citation_withdrawn_after_its_issue_no_longer_counts(world):
    year = played(world)
    one = Citation.objects.select_related("bulletin__plan__policy", "unit", "matter").get(matter=year.behind)
    withdraw_citation(one, reason="复核认定事实有误", by=signer(world, "director"), now=at("2021-01-04"))
    assert counted(world, "criticised") == 1


def test_a_talk_that_was_held_counts_for_its_unit_from_that_day(world):
    red_twice(world)
    held(world)
    assert counted(world, "interview", until=date(2020, 7, 7)) == 0
    [fact] = [one for one in of(world, until=date(2020, 7, 8)).facts if one.kind == "interview"]
    assert (fact.words, fact.part.value, fact.source, fact.name) == (
        "一级约谈",
        "lead",
        "interview",
        "第1项 改造校舍1。",
    )


def test_an_untrue_claim_counts_once_a_visit_and_no_longer_once_it_is_overturned(world):
    visit = visits.confirmed(world, untrue=0)
    day = visit.visited_on
    assert counted(world, "untrue", until=day - timedelta(days=1)) == 0
    [fact] = [one for one in of(world, until=day).facts if one.kind == "untrue"]
    assert (fact.on, fact.source, fact.source_id, fact.part.value) == (day, "visit", visit.pk, "lead")
    assert fact.words.startswith("核验发现不实")
    told = {"reason": "复核认为基本属实。", "by": world.office_head, "now": at("2021-01-20")}
    overturn_finding(visits.item_of(visit), result=Result.MOSTLY, **told)
    assert counted(world, "untrue", until=date(2021, 1, 31)) == 0


def test_a_supporting_unit_counts_only_where_the_lead_marked_it(world):
    year = played(world)
    assert counted(world, "missing_report", "临江镇") == 0
    town = world.unit("临江镇")
    mark_contribution_missing(
        year.behind, unit=town, report_day=DECEMBER, by=world.liaison("教育局"), now=at("2020-12-21")
    )
    [fact] = [one for one in of(world, "临江镇").facts if one.kind == "missing_report"]
    assert (fact.part.value, fact.on) == ("support", date(2020, 12, 21))
    lines = [Given(year.behind.pk, "已配合完成。", version=1)]
    give_contributions(
        town, plan=world.plan, report_day=DECEMBER, lines=lines, by=world.liaison("临江镇"), now=at("2020-12-24")
    )
    assert (counted(world, "missing_report", "临江镇"), counted(world, "late_report", "临江镇")) == (0, 1)


def test_a_merged_unit_answers_through_the_one_it_went_into(world):
    played(world)
    world.unit("教体局")
    merge_units(world.unit("教育局"), into=world.unit("教体局"), by=world.officer, now=at("2020-12-01"))
    names = [one.name for one in facts_of_year(world.plan, until=UNTIL).units]
    assert "教育局" not in names
    assert counted(world, "criticised", "教体局") == 2
    assert of(world, "教体局").obligations > 0


def test_a_matter_split_counts_by_its_work_items(world):
    year = played(world)
    items = [
        NewMatter(
            text="改造东校舍。", assignments=[NewAssignment(world.unit("教育局"), Part.LEAD)], due_on=date(2020, 11, 30)
        ),
        NewMatter(
            text="改造西校舍。", assignments=[NewAssignment(world.unit("交通局"), Part.LEAD)], due_on=date(2020, 11, 30)
        ),
    ]
    matter = Matter.objects.select_related("plan__policy", "plan__jurisdiction").get(pk=year.behind.pk)
    split(
        matter,
        items=items,
        reason="分两标段",
        approval=world.approval(),
        by=world.office_head,
        now=at("2020-10-01"),
    )
    undone = [one for one in of(world).facts if one.kind == "not_done"]
    assert [one.name for one in undone] == ["第1-1项 改造东校舍。"]
    assert counted(world, "not_done", "交通局") == 1
    september = of(world, until=date(2020, 9, 30))
    assert [one.name for one in september.matters] == ["第1项 改造校舍。", "第2项 新建幼儿园。"]


# ---- what never counts


NEVER = {
    "letters",
    "instructions",
    "obstacles",
    "superiors",
    "evidence",
    "progress",
    "access",
    "audit",
    "outbox",
    "reminders",
}


def test_facts_are_read_from_no_place_that_knows_letters_or_the_use_of_the_system():
    tree = ast.parse(inspect.getsource(facts))
    rooms = {
        one.module.split(".")[1]
        for one in ast.walk(tree)
        if isinstance(one, ast.ImportFrom) and one.module and one.module.startswith("duban.")
    }
    assert rooms & NEVER == set()
    assert {"matters", "reports", "bulletins"} <= rooms
    words = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
    assert words & {"LookBack", "BulletinReceipt", "Letter", "Instruction", "Event", "Evidence"} == set()


def test_letters_progress_and_sign_ins_change_no_fact_and_no_workload(world):
    year = played(world)
    before = facts_of_year(world.plan, until=UNTIL)
    progressed(world, year.behind, 20, on="2020-07-02")
    item = [NewItem(year.behind, "进展缓慢。")]
    letter = write_letter(
        world.plan,
        unit=world.unit("教育局"),
        kind=LetterKind.SUPERVISE,
        items=item,
        by=world.officer,
        now=at("2020-07-03"),
    )
    sent_out(world, letter, on="2020-07-03")
    assert Obligation.objects.filter(kind="letter").exists()
    assert facts_of_year(world.plan, until=UNTIL) == before


# ---- statements


@pytest.mark.parametrize("more", [0, 3])
def test_facts_take_the_same_statements_for_one_matter_and_for_many(world, django_assert_num_queries, more):
    played(world)
    for number in range(more):
        matter = world.started(text=f"新建公园{number}。", serial=str(10 + number), due_on=date(2020, 11, 30))
        reported(world, matter, on="2020-06-29")
    with django_assert_num_queries(12):
        facts_of_year(world.plan, until=UNTIL + timedelta(days=1))
