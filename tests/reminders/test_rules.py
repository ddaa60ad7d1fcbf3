"""Which day something owed is mentioned, and in what words."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pytest

from duban.core.clock import SHANGHAI
from duban.core.workdays import Workdays
from duban.matters.policy import default_preset, figures_of
from duban.matters.rules import Owed
from duban.reminders.rules import (
    ASKED_LABELS,
    LINES_MOST,
    SPARED_LABELS,
    Burden,
    Item,
    Part,
    Refrain,
    asked_as,
    day_words,
    digest_text,
    digest_title,
    is_mentioned,
    is_pressing,
    item_name,
    last_mention,
    met_early_days,
    part_of,
    refrains,
    sending_time,
)

pytestmark = pytest.mark.engine_free

CALENDAR = Workdays()
FIGURES = figures_of(default_preset().values).reminders


def d(text: str) -> date:
    return date.fromisoformat(f"2020-{text}" if len(text) == 5 else text)


def mentions(due_on: str, first: str, until: str, **changed) -> list[str]:
    """The days, from `first` to `until`, on which a round made every day would mention something due."""
    figures, day, found = replace(FIGURES, **changed), d(first), []
    while day <= d(until):
        since = day - timedelta(days=1)
        if is_mentioned(d(due_on), day=day, since=since, figures=figures, calendar=CALENDAR):
            found.append(f"{day:%m-%d}")
        day += timedelta(days=1)
    return found


@pytest.mark.parametrize(
    ("due_on", "first", "until", "days"),
    [
        # a Wednesday in a plain month
        ("07-15", "06-25", "07-15", ["07-01", "07-08", "07-14"]),
        # both report days of 2020 are no workdays: the last word is on the Friday before
        ("06-20", "06-01", "06-21", ["06-08", "06-15", "06-19"]),
        ("12-20", "12-01", "12-20", ["12-07", "12-14", "12-18"]),
        # a Monday: the day before is a Friday
        ("03-16", "03-01", "03-16", ["03-02", "03-09", "03-13"]),
        # 29 February, a Saturday; and 1 March in a year that has it, and in one that has not
        ("02-29", "02-10", "02-29", ["02-17", "02-24", "02-28"]),
        ("03-01", "02-10", "03-01", ["02-17", "02-24", "02-28"]),
        ("2021-03-01", "2021-02-08", "2021-03-01", ["02-09", "02-22", "02-26"]),
        # within the spring festival as it was changed (24 January – 2 February off, 19 January worked)
        ("01-30", "01-05", "02-02", ["01-13", "01-19", "01-23"]),
        ("02-03", "01-05", "02-03", ["01-13", "01-19", "01-23"]),
        ("02-04", "01-05", "02-04", ["01-14", "01-20", "02-03"]),
        # over 国庆 (1–8 October off, 27 September and 10 October worked): ten workdays are three weeks
        ("10-09", "09-10", "10-09", ["09-18", "09-25", "09-30"]),
        ("10-01", "09-10", "10-08", ["09-18", "09-25", "09-30"]),
        ("10-12", "09-10", "10-12", ["09-22", "09-28", "10-10"]),
        # May: 1–5 off, 26 April and 9 May worked
        ("05-05", "04-15", "05-05", ["04-20", "04-26", "04-30"]),
    ],
)
def test_mentioned_ten_five_and_one_workday_before(due_on, first, until, days):
    assert mentions(due_on, first, until) == days


@pytest.mark.parametrize(
    ("due_on", "until", "days"),
    [
        # the first overdue workday, then every week's first workday
        ("07-15", "08-04", ["07-16", "07-20", "07-27", "08-03"]),
        # due on a Friday: the Monday is the first overdue workday, and not two mentions
        ("07-17", "08-04", ["07-20", "07-27", "08-03"]),
        ("07-18", "07-27", ["07-20", "07-27"]),
        # a week that is all holiday hands its day to the next workday
        ("09-23", "10-13", ["09-24", "09-28", "10-09", "10-12"]),
        ("01-21", "02-11", ["01-22", "02-03", "02-10"]),
    ],
)
def test_overdue_is_mentioned_at_once_and_then_weekly(due_on, until, days):
    after = (d(due_on) + timedelta(days=1)).isoformat()
    assert mentions(due_on, after, until) == days


def test_overdue_every_second_week_or_only_once():
    assert mentions("07-15", "07-16", "08-31", overdue_every_weeks=2) == ["07-16", "07-27", "08-10", "08-24"]
    assert mentions("07-15", "07-16", "08-31", overdue_every_weeks=0) == ["07-16"]


def test_due_today_is_mentioned_where_the_policy_says_so():
    assert mentions("07-15", "07-15", "07-15") == []
    assert mentions("07-15", "07-13", "07-15", before_workdays=(1, 0)) == ["07-14", "07-15"]
    assert mentions("06-20", "06-18", "06-20", before_workdays=(0,)) == ["06-19"]


@pytest.mark.parametrize(
    ("due_on", "since", "day", "is_now"),
    [
        ("07-15", "07-14", "07-15", False),
        ("07-15", "07-13", "07-15", True),  # 14 July was missed: due today, and said once
        ("07-15", "07-07", "07-15", True),  # two of its days were missed
        ("07-15", "07-01", "07-10", True),
        ("07-15", "07-08", "07-10", False),
        ("07-15", "07-10", "07-17", True),  # missed before, and overdue by now
        ("07-15", "07-16", "07-17", False),
        ("07-15", "07-17", "07-17", False),
        ("07-15", None, "07-10", True),  # came into being since: its ten and five days are past
        ("07-15", None, "06-30", False),
        ("07-15", None, "07-15", True),
        ("07-15", None, "07-20", True),
    ],
)
def test_missed_days_are_told_of_once(due_on, since, day, is_now):
    since = d(since) if since else None
    assert is_mentioned(d(due_on), day=d(day), since=since, figures=FIGURES, calendar=CALENDAR) is is_now


def test_nothing_is_mentioned_long_before():
    assert last_mention(d("12-20"), until=d("02-03"), figures=FIGURES, calendar=CALENDAR) is None


@pytest.mark.parametrize(
    ("due_on", "day", "is_told"),
    [
        ("07-16", "07-14", False),
        ("07-15", "07-14", True),
        ("07-15", "07-15", True),
        ("07-15", "07-16", True),
        ("06-20", "06-19", True),
        ("10-09", "09-30", True),
        ("10-10", "09-30", False),
    ],
)
def test_deputy_is_told_when_it_presses(due_on, day, is_told):
    assert is_pressing(d(due_on), day=d(day), figures=FIGURES, calendar=CALENDAR) is is_told


def at(day: str, hour: int, minute: int = 0) -> datetime:
    one = d(day)
    return datetime(one.year, one.month, one.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "now", "why"),
    [
        ("02-03", at("02-03", 6, 40), None),
        ("02-01", at("02-01", 6, 40), Refrain.DAY_OFF),  # a Saturday that was to be worked, and was not
        ("01-19", at("01-19", 6, 40), None),  # a Sunday worked in exchange
        ("10-05", at("10-05", 6, 40), Refrain.DAY_OFF),
        ("02-03", at("02-04", 6, 40), Refrain.NOT_TODAY),  # missed
        ("02-03", at("02-02", 23, 59), Refrain.NOT_TODAY),
    ],
)
def test_no_round_for_a_missed_day_or_a_day_off(day, now, why):
    assert refrains(d(day), now=now, calendar=CALENDAR) is why


@pytest.mark.parametrize(
    ("now", "arrives"),
    [
        (at("02-03", 6, 40), at("02-03", 8, 30)),
        (at("02-03", 0, 5), at("02-03", 8, 30)),
        (at("02-03", 8, 30), at("02-03", 8, 30)),
        (at("02-03", 11, 7), at("02-03", 11, 7)),
        (at("02-03", 17, 59), at("02-03", 17, 59)),
        (at("02-03", 18), None),
        (at("02-03", 23, 59), None),
    ],
)
def test_nothing_arrives_in_quiet_hours(now, arrives):
    assert sending_time(d("02-03"), now=now, figures=FIGURES) == arrives


# ── in what words ──


@pytest.mark.parametrize(
    ("due_on", "day", "words"),
    [
        ("07-15", "07-15", "今天"),
        ("07-16", "07-15", "明天"),
        ("07-17", "07-15", "后天"),
        ("07-18", "07-15", "本周六"),
        ("07-20", "07-17", "下周一"),
        ("07-19", "07-17", "后天"),
        ("07-27", "07-17", "7月27日"),
        ("2021-01-31", "12-20", "2021年1月31日"),
        ("07-14", "07-15", "7月14日"),
    ],
)
def test_days_are_said_as_a_person_says_them(due_on, day, words):
    assert day_words(d(due_on), day=d(day)) == words


@pytest.mark.parametrize(
    ("kind", "title", "serial", "heading", "said"),
    [
        ("final", "办结", "3", "新建小学1所。", ("办结时限", "第3项“新建小学1所”")),
        ("report", "报送完成情况", "", "新建小学1所。", ("报送完成情况", "“新建小学1所”")),
        ("milestone", "主体封顶（应完成 60%）", "3", "新建小学", ("时间节点", "第3项“新建小学”主体封顶（应完成 60%）")),
        ("acknowledge", "签收2020年度台账交办事项", "", "", ("", "签收2020年度台账交办事项")),
        ("obstacle", "答复住建局提出的困难问题", "3", "新建小学", ("", "答复住建局提出的困难问题（第3项）")),
        ("instruction", "落实吴一批示", "", "", ("", "落实吴一批示")),
    ],
)
def test_what_is_owed_is_named(kind, title, serial, heading, said):
    assert item_name(kind=kind, title=title, serial=serial, heading=heading) == said


def owed(due_on: str, day: str, name="第3项“新建小学1所”", what="办结时限", unit="教育局", unit_id=1, part=None):
    return Item(part or part_of(d(due_on), day=d(day), calendar=CALENDAR), unit_id, unit, what, name, due_on=d(due_on))


def test_digest_says_what_a_person_would():
    day = "07-14"
    items = [
        owed("07-15", day),
        owed("07-15", day, "第4项“改造校舍2栋”"),
        owed("07-10", day, "第5项“养护公路”", what="时间节点"),
    ]
    assert digest_title(items, day=d(day)) == "明天到期 2 项，逾期 1 项"
    assert digest_text(items, day=d(day), calendar=CALENDAR) == (
        "明天（7月15日）到期 2 项：\n"
        "· 办结时限：第3项“新建小学1所”、第4项“改造校舍2栋”\n"
        "逾期 1 项：\n"
        "· 时间节点：第5项“养护公路”（7月10日到期，已过 2 个工作日）"
    )


def test_every_part_has_its_place():
    day = "07-17"
    items = [
        owed("07-31", day, "第9项“甲”"),
        owed("07-24", day, "第8项“乙”"),
        owed("07-24", day, "答复住建局提出的困难问题（第3项）", what="", part=Part.NEW),
        owed("06-20", day, "第3项“新建小学”", what="报送完成情况", part=Part.RETURNED),
        Item(Part.NEWS, 1, "教育局", "延期", "第6项“丙”"),
        owed("07-20", day, "第7项“丁”"),
        owed("07-17", day, "第1项“戊”"),
        Item(Part.APPROVAL, 1, "教育局", "报告", "第2项“己”"),
    ]
    title = "今天到期 1 项，下周一到期 1 项，退回重办 1 项，近期到期 2 项，新交来 1 项，待您审签 1 项，裁定 1 项"
    assert digest_title(items, day=d(day)) == title
    assert digest_text(items, day=d(day), calendar=CALENDAR).split("\n") == [
        "今天（7月17日）到期 1 项：",
        "· 办结时限：第1项“戊”",
        "下周一（7月20日）到期 1 项：",
        "· 办结时限：第7项“丁”",
        "退回重办 1 项：",
        "· 报送完成情况：第3项“新建小学”",
        "下周五（7月24日）到期 1 项：",
        "· 办结时限：第8项“乙”",
        "7月31日到期 1 项：",
        "· 办结时限：第9项“甲”",
        "新交来 1 项：",
        "· 答复住建局提出的困难问题（第3项）（7月24日前）",
        "待您审签 1 项：",
        "· 报告：第2项“己”",
        "近日裁定 1 项：",
        "· 延期：第6项“丙”",
    ]


def test_one_day_ahead_is_named_in_the_title():
    assert digest_title([owed("06-20", "06-08")] * 3, day=d("06-08")) == "6月20日到期 3 项"


def test_many_of_a_kind_are_one_line():
    items = [owed("06-20", "06-19", f"第{number}项“甲”", what="报送完成情况") for number in range(1, 61)]
    assert digest_title(items, day=d("06-19")) == "明天到期 60 项"
    assert digest_text(items, day=d("06-19"), calendar=CALENDAR).split("\n") == [
        "明天（6月20日）到期 60 项：",
        "· 报送完成情况：第1项“甲”、第2项“甲”、第3项“甲”等 60 项",
    ]


def test_more_than_fits_is_counted():
    items = [owed("07-31", "07-17", f"答复第{number}个困难问题", what="") for number in range(1, 35)]
    lines = digest_text(items, day=d("07-17"), calendar=CALENDAR).split("\n")
    assert (lines[0], len(lines)) == ("7月31日到期 34 项：", 1 + LINES_MOST + 1)
    assert lines[-1] == f"还有 {34 - LINES_MOST} 项，请看“我的事项”。"


def test_units_are_named_to_who_has_several():
    items = [owed("07-20", "07-17"), owed("07-20", "07-17", "第4项“甲”", unit="体育局", unit_id=2)]
    assert digest_title(items, day=d("07-17")) == "下周一到期 2 项"
    assert digest_text(items, day=d("07-17"), calendar=CALENDAR).split("\n")[1:] == [
        "· 教育局 · 办结时限：第3项“新建小学1所”",
        "· 体育局 · 办结时限：第4项“甲”",
    ]


def test_office_is_told_of_units_nobody_can_be_told_for():
    items = [Item(Part.UNREACHED, 1, "教育局", "", "")] * 3 + [Item(Part.UNREACHED, 2, "住建局", "", "")]
    assert digest_title(items, day=d("07-17")) == "2 个单位无人可提醒"
    assert digest_text(items, day=d("07-17"), calendar=CALENDAR).split("\n") == [
        "没有联络员、分管领导可提醒的 2 个单位：",
        "· 教育局 3 项、住建局 1 项",
    ]
    many = [Item(Part.UNREACHED, number, f"单位{number}", "", "") for number in range(9)]
    lines = digest_text(many, day=d("07-17"), calendar=CALENDAR).split("\n")
    assert lines[0] == "没有联络员、分管领导可提醒的 9 个单位："
    assert lines[1:] == ["· " + "、".join(f"单位{number} 1 项" for number in range(8)) + "等 9 个单位"]


# ── 减负账 ──


@pytest.mark.parametrize(
    ("met_on", "created_on", "days"),
    [
        # due on 15 July: it would have been mentioned on the 1st, 8th and 14th
        ("06-20", "06-01", ["07-01", "07-08", "07-14"]),
        ("07-01", "06-01", ["07-08", "07-14"]),  # mentioned that morning, done that day
        ("07-10", "06-01", ["07-14"]),
        ("07-14", "06-01", []),
        ("07-20", "06-01", []),
        ("07-09", "07-08", ["07-14"]),  # it came into being on a day of mention, after the morning
        ("07-05", "07-03", ["07-08", "07-14"]),
    ],
)
def test_mention_that_fell_away_is_counted(met_on, created_on, days):
    found = met_early_days(d("07-15"), met_on=d(met_on), created_on=d(created_on), figures=FIGURES, calendar=CALENDAR)
    assert [f"{day:%m-%d}" for day in found] == days


def test_every_kind_owed_counts_as_something_asked():
    assert {asked_as(one.value) for one in Owed} <= set(ASKED_LABELS)
    assert (asked_as("report"), asked_as("contribution"), asked_as("instruction")) == ("reports", "sheets", "answers")


def test_burden_sums_what_was_asked_and_what_was_spared_apart():
    one = Burden(**{name: place for place, name in enumerate([*ASKED_LABELS, *SPARED_LABELS], start=1)})
    assert (one.asked, one.spared) == (sum(range(1, 9)), sum(range(9, 14)))
    whole = Burden(reports=2)
    whole.add(one)
    assert (whole.reports, whole.asked, whole.spared) == (4, one.asked + 2, one.spared)
    assert {*ASKED_LABELS, *SPARED_LABELS} == {field.name for field in fields(Burden)}
