"""A matter's light on its page, in the ledger, and the office's override."""

from datetime import date, datetime
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from duban.core.actor import SYSTEM
from duban.lights.actions import override_light, tick
from duban.matters.actions import NewMilestone, ask_to_close, set_milestones, suspend
from duban.matters.models import Matter
from duban.matters.rules import Forecast, Kind, Light
from duban.progress.actions import Said, enter_progress
from tests.matters.builders import World, usual_world
from tests.web.matter_doors import set_clock, signed_in

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T10:00").replace(tzinfo=SHANGHAI)


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture
def matter(world):
    return world.started(serial="1", starts_on=date(2020, 1, 1), due_on=date(2020, 12, 31), kind=Kind.QUANTIFIED)


@pytest.fixture
def on(monkeypatch):
    """Go to a day: the rounds until then are made, and the pages show it."""

    def go(day: str):
        tick(date.fromisoformat(day), by=SYSTEM, now=at(day))
        set_clock(monkeypatch, at(day))

    return go


def visitor(world, who="office_head"):
    """The same person at the same desk, however often a test asks."""
    clients = world.__dict__.setdefault("clients", {})
    if who not in clients:
        clients[who] = signed_in(world, who)
    return clients[who]


def page(world, matter, who="office_head") -> str:
    return visitor(world, who).get(reverse("matter", args=[matter.pk])).content.decode()


def say(world, matter, pct, *, day, forecast=None):
    said = Said(pct=Decimal(pct) if pct else None, sentence="按实际填报。", forecast=forecast)
    enter_progress(matter, unit=world.unit("教育局"), said=said, by=world.liaison("教育局"), now=at(day))


def test_a_green_light_says_what_will_turn_it(world, matter, on):
    say(world, matter, "8", day="2020-02-05")
    on("2020-02-06")
    shown = page(world, matter)
    for words in ("绿灯", "没有转黄、转红的原因。", "3月7日将转黄", "届时应完成 18.08%，现报 8%", "5月1日将转红"):
        assert words in shown


def test_a_yellow_light_says_why_since_when_what_cures_it_and_what_comes(world, matter, on):
    on("2020-02-12")
    shown = page(world, matter, "联络员 教育局")
    for words in (
        "2020年2月7日起",
        "落后序时进度 11.5 个百分点：到今天应完成 11.5%，尚未填报进展",
        "推进并填报进展：今天达到 2% 即消除",
        "4月1日将转红",
        "届时已连续 2 个月末为黄灯",
        "绿灯转黄灯",
    ):
        assert words in shown


def test_a_red_light_names_every_reason_the_worst_first(world, matter, on):
    nodes = [NewMilestone("完成招标", date(2020, 3, 2), 20)]
    set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=at("2020-02-04"))
    say(world, matter, "2", day="2020-02-05", forecast=Forecast.STRAINED)
    on("2020-03-18")
    shown = page(world, matter)
    for words in (
        "节点“完成招标”3月2日已逾期 12 个工作日，尚未完成（应完成 20%，现报 2%）",
        "完成后填报进展，达到 20%",
        "落后序时进度 19.09 个百分点",
        "单位自己预判“有困难但可完成”（2月5日）",
        "困难解决后重新填报预判",
    ):
        assert words in shown
    assert shown.index("完成招标”3月2日已逾期") < shown.index("落后序时进度")
    assert "原因不消除，红灯一直亮着；红灯的原因消除后转为黄灯，全部原因消除后转为绿灯。" in shown


def test_red_by_month_ends_goes_with_the_yellow_it_came_from(world, matter, on):
    say(world, matter, "2", day="2020-02-05", forecast=Forecast.STRAINED)
    on("2020-04-02")
    assert "原因不消除，红灯一直亮着；全部原因消除后转为绿灯。" in page(world, matter)


def test_red_by_month_ends_dates_from_them_whatever_is_reported_later(world, matter, on):
    say(world, matter, "2", day="2020-02-05", forecast=Forecast.STRAINED)
    on("2020-04-20")
    say(world, matter, "28", day="2020-04-20", forecast=Forecast.STRAINED)
    on("2020-04-21")
    why = page(world, matter).partition("连续 2 个月末没有转绿")[2]
    assert '<td class="nowrap" data-label="从哪天起">4月1日</td>' in why[:120]


def test_a_matter_being_verified_says_that_time_changes_nothing(world, matter, on):
    ask_to_close(matter, statement="已经完成。", by=world.officer, now=at("2020-02-05"))
    on("2020-06-01")
    assert "督查室核验期间，灯色不因时间推移变化。" in page(world, matter)


def test_a_matter_without_a_light_says_why(world, matter, on):
    later = world.started(serial="2", starts_on=date(2020, 3, 1))
    suspend(matter, reason="停工", approval=world.approval(), by=world.office_head, now=at("2020-02-05"))
    on("2020-02-06")
    assert "已暂停" in page(world, matter)
    assert "未开始，3月1日起亮灯。" in page(world, later)
    assert 'id="light"' not in page(world, world.registered(serial="3"))


def test_days_of_years_nobody_has_published_are_said(world, on):
    far = world.started(serial="9", starts_on=date(2020, 1, 1), due_on=date(2031, 12, 31))
    on("2020-02-06")
    assert "2031、2032 年放假安排尚未载入，工作日暂按周一至周五推算。" in page(world, far)


def test_the_head_of_the_office_overrides_and_the_unit_sees_both(world, matter, on):
    on("2020-02-12")
    client = visitor(world)
    address = reverse("matter_light", args=[matter.pk])
    assert address in page(world, matter)
    assert client.get(address).status_code == 200
    done = client.post(address, {"step": "override", "light": "red", "reason": "现场停工一个月"}, follow=True)
    assert "已改判为红灯" in done.content.decode()
    unit = page(world, matter, "联络员 教育局")
    assert "改判为<b>红灯</b>" in unit
    assert "按规则判定为" in unit
    assert "现场停工一个月" in unit
    assert address not in unit
    lifted = client.post(address, {"step": "lift", "reason": "已经复工"}, follow=True).content.decode()
    assert "已取消改判" in lifted
    assert Matter.objects.get(pk=matter.pk).light_override == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"step": "override", "light": "red", "reason": " "}, "请写明改判的理由，单位会看到。"),
        ({"step": "override", "light": "blue", "reason": "现场停工"}, "请选择改判为哪种灯。"),
        ({"step": "override", "light": "green", "reason": "没有问题"}, "第1项现在显示的就是绿灯，不必改判。"),
        ({"step": "lift", "reason": "没有改判"}, "第1项没有改判，可能他人刚刚取消过。"),
    ],
)
def test_what_is_wrong_with_an_override_is_said_and_nothing_is_changed(world, matter, on, given, said):
    on("2020-02-05")
    answer = visitor(world).post(reverse("matter_light", args=[matter.pk]), given)
    assert (answer.status_code in (400, 409), said in answer.content.decode()) == (True, True)
    assert Matter.objects.get(pk=matter.pk).light_override == ""


def test_units_and_officers_do_not_override(world, matter, on):
    on("2020-02-05")
    address, given = reverse("matter_light", args=[matter.pk]), {"light": "red", "reason": "现场停工"}
    for who, status in (("officer", 403), ("联络员 教育局", 403), ("联络员 住建局", 404)):
        world.unit("住建局")
        assert visitor(world, who).post(address, given).status_code == status


# ---------------------------------------------------------------- the ledger


@pytest.fixture
def three(world, matter, on):
    """One overridden to red, one yellow, one green (常态), one without a light."""
    yellow = world.started(
        serial="2", text="二小。", starts_on=date(2020, 1, 1), due_on=date(2020, 12, 31), kind="milestone"
    )
    world.started(serial="3", text="三小。", kind=Kind.CONTINUING)
    world.registered(serial="4", text="四小。")
    on("2020-02-12")
    override_light(matter, light=Light.RED, reason="现场停工", by=world.office_head, now=at("2020-02-12"))
    return yellow


def ledger(world, **asked) -> str:
    return visitor(world).get(reverse("ledger"), asked).content.decode()


def serials(html: str) -> list[str]:
    return [part.split("</td>")[0] for part in html.split('<td class="c-serial">')[1:]]


def test_the_ledger_shows_each_light_and_how_many(world, three):
    html = ledger(world)
    rows = html.split("<tbody")[1]
    assert rows.count('class="lamp lamp-red"') == 1
    assert rows.count('class="lamp lamp-yellow"') == 1
    assert "改判" in rows
    assert [part.split("</b>")[0] for part in html.split("灯</span> <b>")[1:]] == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("light", "expected"), [("red", ["1"]), ("yellow", ["2"]), ("green", ["3"]), ("none", ["4"]), ("blue", None)]
)
def test_the_ledger_is_narrowed_to_the_light_that_is_shown(world, three, light, expected):
    assert serials(ledger(world, light=light)) == (expected or ["1", "2", "3", "4"])


def test_the_ledger_is_sorted_and_grouped_by_light(world, three):
    assert serials(ledger(world, sort="light")) == ["1", "2", "3", "4"]
    assert serials(ledger(world, sort="-light"))[:3] != ["1", "2", "3"]
    html = ledger(world, group="light")
    headings = [part.split(" <span")[0] for part in html.split('scope="colgroup">')[1:]]
    assert headings == ["红灯", "黄灯", "绿灯", "不亮灯"]


def test_what_has_not_begun_says_so_in_grey(world, three):
    world.started(serial="5", text="五小。", starts_on=date(2020, 3, 1))
    assert ledger(world).split("<tbody")[1].count('<span class="lamp lamp-none">未开始</span>') == 1


def test_paper_and_sheets_write_the_light_in_words(world, three):
    client = visitor(world)
    assert "红灯（改判）" in client.get(reverse("ledger_print")).content.decode()
    assert "红灯（改判）" in client.post(reverse("ledger_csv")).content.decode("utf-8-sig")


# ---------------------------------------------------------------- an earlier day


def test_the_ledger_of_an_earlier_day_says_so_and_offers_no_step(world, three):
    shown = ledger(world, as_of="2020-02-04", group="light")
    assert "<b>2020年2月4日的台账</b>" in shown
    assert [part.split(" <span")[0] for part in shown.split('scope="colgroup">')[1:]] == ["绿灯", "不亮灯"]
    assert f'href="{reverse("matter", args=[three.pk])}?as_of=2020-02-04"' in shown
    for gone in ('name="matter"', "集中延期", "新增事项"):
        assert gone not in shown
        assert gone in ledger(world)


def test_narrowing_an_earlier_day_stays_on_that_day(world, three):
    shown = ledger(world, as_of="2020-02-04", light="green")
    assert serials(shown) == ["1", "2", "3"]
    assert '<input type="hidden" name="as_of" value="2020-02-04">' in shown
    assert 'href="?light=green">回到今天</a>' in shown


@pytest.mark.parametrize("asked", ["2020-02-12", "2020-12-31", "2020-02-30", "昨天", ""])
def test_today_and_what_is_no_earlier_day_show_the_ledger_as_it_stands(world, three, asked):
    assert "回到今天" not in ledger(world, as_of=asked)


def test_before_anything_was_registered_the_ledger_is_empty(world, three):
    assert serials(ledger(world, as_of="2020-02-02")) == []


def test_paper_and_sheets_of_an_earlier_day_name_it(world, three):
    client, day = visitor(world), "?as_of=2020-02-04"
    paper = client.get(reverse("ledger_print") + day).content.decode()
    sheet = client.post(reverse("ledger_csv") + day)
    assert "2020年2月4日的情况" in paper
    assert quote("2020年督查台账（2020年2月4日的情况）.csv") in sheet["Content-Disposition"]
    for shown in (paper, sheet.content.decode("utf-8-sig")):
        assert ("绿灯" in shown, "红灯" in shown) == (True, False)


def test_extending_what_is_shown_is_of_the_ledger_as_it_stands(world, three):
    page = visitor(world).get(reverse("ledger_extend"), {"light": "red", "as_of": "2020-02-04"})
    assert [row["matter"].serial for row in page.context["rows"]] == ["1"]


def of_day(world, matter, day, who="office_head"):
    return visitor(world, who).get(reverse("matter", args=[matter.pk]), {"as_of": day})


def test_a_matter_of_an_earlier_day_explains_the_light_it_had(world, matter, on):
    nodes = [NewMilestone("完成招标", date(2020, 3, 2), 20)]
    set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=at("2020-02-04"))
    on("2020-02-12")
    override_light(matter, light=Light.RED, reason="现场停工", by=world.office_head, now=at("2020-02-12"))
    on("2020-03-18")
    say(world, matter, "30", day="2020-03-18")
    shown = of_day(world, matter, "2020-02-20", "联络员 教育局").content.decode()
    for words in (
        "<b>2020年2月20日的情况</b>",
        "改判为<b>红灯</b>",
        "现场停工",
        "到当日应完成 13.69%，尚未填报进展",
        "当日达到 4% 即消除",
        "（2月7日起）",
        "3月17日将转红",
        "2020年3月2日 完成招标（应完成 20%）",
        "2020年6月20日，尚未报送",
        "回到今天",
    ):
        assert words in shown, words
    assert "30%" not in shown
    assert reverse("matter_light", args=[matter.pk]) not in shown


def test_a_matter_that_was_not_handed_out_by_then_says_so(world, matter, on):
    on("2020-02-12")
    assert "2020年2月2日本项尚未交办，没有灯。" in of_day(world, matter, "2020-02-02").content.decode()


def test_an_earlier_day_is_for_those_who_see_the_matter(world, matter, on):
    on("2020-02-12")
    world.unit("住建局")
    assert of_day(world, matter, "2020-02-05", "联络员 住建局").status_code == 404


def test_the_light_of_today_offers_an_earlier_day(world, matter, on):
    on("2020-02-12")
    assert 'name="as_of" required max="2020-02-12"' in page(world, matter)
    assert 'name="as_of" required max="2020-02-12"' in ledger(world)


@pytest.mark.parametrize("number", [1, 3])
def test_a_matter_of_an_earlier_day_costs_the_same_however_much_it_holds(
    world, matter, on, number, django_assert_num_queries
):
    for place in range(number):
        nodes = [NewMilestone(f"节点{n}", date(2020, 3, 2 + n), 20 + n) for n in range(place + 1)]
        set_milestones(matter, milestones=nodes, reason="明确节点", by=world.officer, now=at(f"2020-02-0{4 + place}"))
    on("2020-02-12")
    of_day(world, matter, "2020-02-10")
    with django_assert_num_queries(OF_DAY):
        of_day(world, matter, "2020-02-10")


OF_DAY = 13
