"""Which talks are proposed, by tables of cases with the edge days; without a database."""

from dataclasses import replace
from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.core.workdays import Workdays
from duban.interviews.rules import (
    Facts,
    GroundKind,
    Level,
    NamedIn,
    RedAt,
    Silent,
    Unmet,
    Untrue,
    checked_lines,
    checked_name,
    ground_words,
    grounds_of,
    next_level,
    proposals_of,
)
from duban.matters.policy import default_preset, figures_of

pytestmark = pytest.mark.engine_free

FIGURES = figures_of(default_preset().values).interviews
CALENDAR = Workdays()
UNIT, OTHER = 7, 8


def day(text: str) -> date:
    return date.fromisoformat(f"2020-{text}")


def found(facts: Facts, on: str, figures=FIGURES) -> list[tuple[str, date]]:
    return [(one.key, one.since) for one in grounds_of(facts, day=day(on), figures=figures, calendar=CALENDAR)]


# ---- a 督办函 without an answer


@pytest.mark.parametrize(
    ("clock_on", "due_on", "on", "since"),
    [
        # delivered Monday 6 April 2020: the tenth working day is Monday 20 April
        ("04-06", "04-20", "04-20", None),
        ("04-06", "04-20", "04-21", "04-21"),
        # an answer returned has a day of its own, later than that
        ("04-06", "04-30", "04-30", None),
        # 1 to 5 May 2020 are a holiday: the first working day after 30 April is 6 May
        ("04-06", "04-30", "05-01", "05-06"),
        # over the holiday, with Saturday 9 May and Sunday 26 April worked: from 22 April ten working days end on 8 May
        ("04-22", "05-08", "05-08", None),
        ("04-22", "05-08", "05-09", "05-09"),
        # 29 February
        ("02-17", "02-29", "03-02", None),
        ("02-17", "02-29", "03-03", "03-03"),
    ],
)
def test_letter_unanswered_after_ten_working_days(clock_on, due_on, on, since):
    facts = Facts(silent=[Silent(3, 1, UNIT, "临江政督办〔2020〕1号", day(clock_on), day(due_on))])
    wanted = [("unanswered/3/1", day(since))] if since else []
    assert found(facts, on) == wanted


def test_policy_says_how_long_silence_lasts():
    facts = Facts(silent=[Silent(3, 1, UNIT, "", day("04-06"), day("04-20"))])
    longer = replace(FIGURES, unanswered_workdays=12)
    assert found(facts, "04-22", longer) == []
    assert [key for key, _ in found(facts, "04-23", longer)] == ["unanswered/3/1"]


# ---- red at snapshots running


def snapshots(*red: tuple[str, set[int]]) -> list[RedAt]:
    return [RedAt(day(on), frozenset(some)) for on, some in red]


@pytest.mark.parametrize(
    ("red", "on", "wanted"),
    [
        ([("05-31", {1})], "06-01", []),
        ([("05-31", {1}), ("06-30", {1})], "06-29", []),
        ([("05-31", {1}), ("06-30", {1})], "06-30", [("red/1/7/2020-05-31", "06-30")]),
        ([("05-31", {1}), ("06-30", set()), ("07-31", {1})], "08-01", []),
        ([("04-30", {1}), ("05-31", {1}), ("06-30", {1})], "07-01", [("red/1/7/2020-04-30", "05-31")]),
        (
            [("04-30", {1}), ("05-31", set()), ("06-30", {1}), ("07-31", {1})],
            "08-01",
            [("red/1/7/2020-06-30", "07-31")],
        ),
        ([("05-31", {1, 2}), ("06-30", {1, 2})], "07-01", [("red/1/7/2020-05-31", "06-30")]),  # 2 is not red today
        ([("05-31", {3}), ("06-30", {3})], "07-01", []),  # nobody leads 3
    ],
)
def test_red_at_two_snapshots_running_and_red_still(red, on, wanted):
    facts = Facts(snapshots=snapshots(*red), leads={1: UNIT, 2: UNIT}, red_now={1, 3})
    assert found(facts, on) == [(key, day(since)) for key, since in wanted]


def test_no_snapshot_proposes_nothing():
    assert found(Facts(leads={1: UNIT}, red_now={1}), "07-01") == []


# ---- named twice


def named(*rows: tuple[str, str, int], unit=UNIT) -> list[NamedIn]:
    return [NamedIn(issue, day(on), unit, matter) for issue, on, matter in rows]


@pytest.mark.parametrize(
    ("rows", "on", "wanted"),
    [
        ([("2020-1", "07-10", 1)], "12-31", []),
        ([("2020-1", "07-10", 1), ("2020-1", "07-10", 2)], "12-31", []),  # twice in one issue is once
        ([("2020-1", "07-10", 1), ("2020-2", "09-20", 1)], "09-19", []),
        ([("2020-1", "07-10", 1), ("2020-2", "09-20", 1)], "09-20", ["named/7/2020-1+2020-2/1"]),
        (
            [("2020-1", "07-10", 1), ("2020-2", "09-20", 2)],
            "09-20",
            ["named/7/2020-1+2020-2/1", "named/7/2020-1+2020-2/2"],
        ),
        (  # a third time is no further ground, a fourth is
            [("2020-1", "07-10", 1), ("2020-2", "09-20", 1), ("2020-3", "10-20", 1)],
            "12-31",
            ["named/7/2020-1+2020-2/1"],
        ),
        (
            [("2020-1", "07-10", 1), ("2020-2", "09-20", 1), ("2020-3", "10-20", 1), ("2020-4", "11-20", 1)],
            "12-31",
            ["named/7/2020-1+2020-2/1", "named/7/2020-3+2020-4/1"],
        ),
    ],
)
def test_named_in_two_issues(rows, on, wanted):
    assert [key for key, _ in found(Facts(named=named(*rows)), on)] == wanted


def test_nobody_is_talked_with_about_what_is_over():
    facts = Facts(named=named(("2020-1", "07-10", 1), ("2020-2", "09-20", 2)), ended={1})
    assert [key for key, _ in found(facts, "12-31")] == ["named/7/2020-1+2020-2/2"]


def test_issues_name_units_apart():
    facts = Facts(named=[*named(("2020-1", "07-10", 1)), *named(("2020-2", "09-20", 2), unit=OTHER)])
    assert found(facts, "12-31") == []


# ---- untrue, and what a re-check found wanting


def test_untrue_finding_counts_from_its_day():
    facts = Facts(untrue=[Untrue("44", 1, UNIT, day("12-10"), "现场未动工")])
    assert found(facts, "12-09") == []
    assert found(facts, "12-10") == [("untrue/44/7", day("12-10"))]


def test_rectification_not_met_proposes_the_next_level():
    facts = Facts(unmet=[Unmet(5, UNIT, day("08-12"), Level.FIRST, (1, 2))], talked={UNIT})
    [one] = proposals(facts, "08-12")
    assert (one.level, one.why) == (Level.SECOND, "上次约谈后整改不到位，提高一级。")
    assert one.keys == ["unmet/5/1", "unmet/5/2"]
    assert next_level(Level.THIRD) is Level.THIRD


# ---- proposals


def proposals(facts: Facts, on: str, *, used=frozenset(), figures=FIGURES):
    return proposals_of(facts, day=day(on), figures=figures, calendar=CALENDAR, used=used)


RED = Facts(
    snapshots=snapshots(("05-31", {1, 2}), ("06-30", {1, 2})), leads={1: UNIT, 2: UNIT, 3: UNIT}, red_now={1, 2}
)


@pytest.mark.parametrize(
    ("facts", "level", "why"),
    [
        (RED, Level.FIRST, "本年度首次约谈。"),
        (replace(RED, talked={UNIT}), Level.SECOND, "本年度已经约谈过。"),
        (replace(RED, talked={OTHER}), Level.FIRST, "本年度首次约谈。"),
        (replace(RED, untrue=[Untrue("4", 3, UNIT, day("06-01"))]), Level.SECOND, "核验发现报送不实。"),
        (replace(RED, red_now={1, 2, 3}), Level.THIRD, "该单位现有红灯 3 项，达到 3 项。"),
    ],
)
def test_level_proposed(facts, level, why):
    [one] = proposals(facts, "07-01")
    assert (one.unit_id, one.level, one.why) == (UNIT, level, why)


def test_proposal_lists_the_grounds_of_a_unit_by_their_days():
    facts = replace(RED, silent=[Silent(3, 1, UNIT, "", day("04-06"), day("04-20"))])
    [one] = proposals(facts, "07-01")
    assert [(each.kind, each.matter_id, each.since) for each in one.grounds] == [
        (GroundKind.UNANSWERED, 1, day("04-21")),
        (GroundKind.RED, 1, day("06-30")),
        (GroundKind.RED, 2, day("06-30")),
    ]
    assert one.reds == 2


def test_what_was_decided_is_never_proposed_again():
    used = {"red/1/7/2020-05-31"}
    [one] = proposals(RED, "07-01", used=used)
    assert one.keys == ["red/2/7/2020-05-31"]
    later = replace(RED, snapshots=[*RED.snapshots, *snapshots(("07-31", {1, 2}))])
    assert [each.keys for each in proposals(later, "08-01", used=used)] == [["red/2/7/2020-05-31"]]
    assert proposals(RED, "07-01", used={*used, "red/2/7/2020-05-31"}) == []


def test_units_that_are_invited_get_a_talk_without_level_or_none():
    facts = replace(RED, red_now={1, 2, 3}, inviting={UNIT})
    [one] = proposals(facts, "07-01")
    assert (one.is_inviting, one.level) == (True, Level.FIRST)
    assert "不计分" in one.why
    assert proposals(facts, "07-01", figures=replace(FIGURES, inviting_talks=False)) == []


def test_the_highest_level_stands_first():
    red = {1, 2, 3, 4}
    facts = Facts(
        snapshots=snapshots(("05-31", red), ("06-30", red)),
        leads={1: OTHER, 2: UNIT, 3: UNIT, 4: UNIT},
        red_now=red,
    )
    assert [(one.unit_id, one.level) for one in proposals(facts, "07-01")] == [
        (UNIT, Level.THIRD),
        (OTHER, Level.FIRST),
    ]


# ---- words


@pytest.mark.parametrize(
    ("kind", "figures", "words"),
    [
        (
            GroundKind.UNANSWERED,
            {"number": "临江政督办〔2020〕1号", "clock_on": "2020-04-06", "due_on": "2020-04-20"},
            "2020年4月6日送达的督办函（临江政督办〔2020〕1号）应于2020年4月20日前答复，逾期未答复。",
        ),
        (
            GroundKind.RED,
            {"days": ["2020-05-31", "2020-06-30"]},
            "2020年5月31日、6月30日连续2次定格为红灯，至今仍为红灯。",
        ),
        (
            GroundKind.RED,
            {"days": ["2020-12-31", "2021-01-31"]},
            "2020年12月31日、2021年1月31日连续2次定格为红灯，至今仍为红灯。",
        ),
        (
            GroundKind.RED,
            {"days": ["2020-08-31", "2020-09-30", "2020-10-31", "2020-11-30"]},
            "2020年8月31日至2020年11月30日连续4次定格为红灯，至今仍为红灯。",
        ),
        (
            GroundKind.NAMED,
            {"issues": ["2020-1", "2020-2"], "own": ["2020-2"]},
            "单位在《政务督查》2020年第1期、2020年第2期被通报2次，本事项列于2020年第2期。",
        ),
        (
            GroundKind.UNTRUE,
            {"found_on": "2020-12-10", "words": "现场未动工。"},
            "2020年12月10日核验发现报送情况不实：现场未动工。",
        ),
        (GroundKind.UNTRUE, {"found_on": "2020-12-10"}, "2020年12月10日核验发现报送情况不实。"),
        (GroundKind.UNMET, {"checked_on": "2020-08-12", "level": 1}, "2020年8月12日复查，约谈要求的整改不到位。"),
        (GroundKind.HAND, {"words": "区长要求约谈。"}, "区长要求约谈。"),
    ],
)
def test_ground_in_words(kind, figures, words):
    assert ground_words(kind, figures) == words


def test_what_is_typed_is_kept_in_lines():
    assert checked_lines(" 一是征迁。 \n\n 二是资金。", what="原因", field="x") == "一是征迁。\n二是资金。"
    assert checked_lines("  \n", what="准备", field="x", is_required=False) == ""
    assert checked_name(" 张三、 李四 ", what="人员", field="x") == "张三、 李四"
    with pytest.raises(Invalid, match="请写明原因"):
        checked_lines(" \n ", what="原因", field="x")
    with pytest.raises(Invalid, match="不超过 5 字"):
        checked_name("一二三四五六", what="地点", field="x", most=5)
