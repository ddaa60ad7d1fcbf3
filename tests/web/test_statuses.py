"""The three statuses at the top of a matter's page: each in its own words, and where they disagree."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse

from duban.evidence.actions import add_evidence
from duban.matters.actions import NewMilestone, NewTarget, carry_over, create_plan, suspend
from duban.matters.rules import Forecast, Kind, Sense
from duban.progress.actions import Said, enter_progress
from tests.closing.builders import verified
from tests.evidence.builders import LINK
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

JOBS = NewTarget("1.61万人", D(16100), None, "人", Sense.EQUAL, "城镇新增就业")


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def _today(monkeypatch, now):
    set_clock(monkeypatch, now)


def statuses(client, matter) -> dict:
    return client.get(reverse("matter", args=[matter.pk])).context["statuses"]


def page(client, matter) -> str:
    return client.get(reverse("matter", args=[matter.pk])).content.decode()


def enter(world, matter, *, unit="教育局", now=None, **said):
    by = world.liaison(unit)
    return enter_progress(matter, unit=world.unit(unit), said=Said(**said), by=by, now=now or world.now)


def test_with_nothing_said_and_nothing_given_each_has_its_words(world):
    matter = world.started(due_on=date(2020, 12, 31), kind=Kind.MILESTONE)
    client = signed_in(world, "officer")
    shown = page(client, matter)
    for words in ("单位填报", "还没有填报。", "佐证情况", "没有佐证材料。", "时间要求", "今天的序时进度"):
        assert words in shown
    found = statuses(client, matter)
    assert (found["demanded"]["expected"], found["demanded"]["gap"], found["notes"]) == ("0%", "", [])
    assert found["demanded"]["left"] == "办结时限2020年12月31日，还有 332 天"


def test_each_says_its_own_and_the_gap_is_told_in_points(world, monkeypatch):
    nodes = [NewMilestone("过半", date(2020, 7, 1), 50), NewMilestone("完成", date(2020, 12, 31), 100)]
    matter = world.started(starts_on=date(2020, 1, 1), due_on=date(2020, 12, 31), targets=[JOBS], milestones=nodes)
    target = matter.targets.get()
    entry = enter(world, matter, figures={target.pk: "0.83万"}, sentence="一月开局良好。", forecast=Forecast.ON_TIME)
    add_evidence(
        matter,
        unit=world.unit("教育局"),
        given=[LINK],
        subject=entry,
        by=world.liaison("教育局"),
        now=world.now,
    )
    client = signed_in(world, "officer")
    found = statuses(client, matter)
    assert (found["said"]["pct_text"], found["said"]["forecast"], found["said"]["sentence"]) == (
        "51.55%",
        "能按期",
        "一月开局良好。",
    )
    assert (found["evidence"]["count"], found["evidence"]["figures"]) == (1, "1 个数字，1 个附有佐证")
    assert found["demanded"]["expected"] == "9.04%"
    assert found["demanded"]["gap"] == "所报比序时多 42.51 个百分点"
    assert found["demanded"]["next"] == {"title": "过半", "on": date(2020, 7, 1), "pct": "50%"}
    assert found["notes"] == []
    set_clock(monkeypatch, world.now + timedelta(days=240))
    client = signed_in(world, "officer", username="later")
    found = statuses(client, matter)
    assert found["evidence"]["age"] == "7 个月前"
    assert found["demanded"]["next"]["title"] == "完成"
    assert found["notes"] == [
        "单位预判能按期，所报比序时少 23.24 个百分点",
        "所报比序时少 23.24 个百分点，上次填报为 7 个月前",
    ]
    assert "<li>单位预判能按期" in page(client, matter)


def test_a_supporting_unit_sees_the_percentage_and_its_own_evidence_only(world):
    matter = world.started(supports=("住建局",))
    enter(world, matter, pct=D(40), sentence="主体已开工。")
    add_evidence(matter, unit=world.unit("教育局"), given=[LINK], by=world.liaison("教育局"), now=world.now)
    client = signed_in(world, "联络员 住建局")
    found = statuses(client, matter)
    assert (found["said"]["pct_text"], found["said"]["sentence"]) == ("40%", "")
    assert (found["evidence"]["count"], found["evidence"]["is_whole"]) == (0, False)
    assert found["notes"] == []
    lead = statuses(signed_in(world, "联络员 教育局"), matter)
    assert (lead["evidence"]["count"], lead["said"]["sentence"]) == (1, "主体已开工。")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", None),
        ("registered", None),
        ("assigned", ""),
        ("closing", ""),
        ("closed", "已销号。"),
    ],
)
def test_what_is_demanded_follows_the_state(world, state, words):
    found = statuses(signed_in(world, "officer"), getattr(world, state)(kind=Kind.MILESTONE))
    assert (found["demanded"]["words"] if found else None) == words


def test_a_paused_and_a_carried_over_matter_demand_nothing_and_disagree_about_nothing(world):
    approved = {"reason": "等待规划", "approval": world.approval(), "by": world.office_head, "now": world.now}
    paused, carried = world.started(), world.started()
    enter(world, paused, pct=D(40))
    suspend(paused, **approved)
    later = create_plan(world.county, year=2021, title="2021年度台账", by=world.officer, now=world.now)
    carry_over(carried, into=later, **approved)
    client = signed_in(world, "officer")
    assert [statuses(client, one)["demanded"]["words"] for one in (paused, carried)] == [
        "已暂停，暂停期间不计时限。",
        "已结转下年。",
    ]
    assert statuses(client, paused)["notes"] == []


def test_a_continuing_matter_has_no_percentage_to_be_at(world):
    found = statuses(signed_in(world, "officer"), world.started(kind=Kind.CONTINUING))
    assert found["demanded"]["expected"] == ""
    assert found["demanded"]["words"] == "常态事项不计序时进度，看节点和报送。"


@pytest.mark.parametrize(
    ("days", "left"),
    [
        (-1, "办结时限2020年6月30日，还有 1 天"),
        (0, "办结时限2020年6月30日，就是今天"),
        (1, "办结时限2020年6月30日，已过 1 天"),
    ],
)
def test_how_far_the_final_date_is(world, monkeypatch, days, left):
    matter = world.started(due_on=date(2020, 6, 30))
    set_clock(monkeypatch, world.now.replace(month=6, day=30) + timedelta(days=days))
    assert statuses(signed_in(world, "officer"), matter)["demanded"]["left"] == left


def test_what_a_verification_found_stands_with_the_evidence(world):
    closure = verified(world)
    found = statuses(signed_in(world, "officer"), closure.matter)
    assert found["verified"] == {"method": "现场核验", "on": date(2020, 2, 3), "findings": "已到现场看过，属实。"}
    assert "现场核验：已到现场看过，属实。" in page(signed_in(world, "office_head"), closure.matter)
