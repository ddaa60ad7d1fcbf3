from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.errors import Invalid
from duban.core.workdays import is_workday
from duban.matters.rules import Kind, Sense
from duban.progress.rules import NODE_LENGTH, Goal, Node, checked_nodes, propose_schedule

pytestmark = pytest.mark.engine_free

START, DUE, TODAY = date(2020, 1, 22), date(2020, 12, 31), date(2020, 2, 3)
REPORTS = [date(2020, 6, 20), date(2020, 12, 20)]
PEOPLE = Goal("新增人才", "1.61万人", D(16100), "人", Sense.EQUAL)
SCHOOLS = Goal("学校", "3所", D(3), "所", Sense.EQUAL)


def proposed(kind, text="甲", targets=(), *, starts_on=START, due_on=DUE, today=TODAY, report_days=REPORTS):
    nodes = propose_schedule(
        kind=kind,
        text=text,
        targets=targets,
        starts_on=starts_on,
        due_on=due_on,
        report_days=report_days,
        today=today,
    )
    return [(f"{one.due_on:%m-%d}", one.title, int(one.pct)) for one in nodes]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (
            [PEOPLE],
            [
                ("03-31", "新增人才 0.4 万人（25%）", 25),
                ("06-19", "新增人才 0.8 万人（50%）", 50),  # the report day, a Saturday, on the Friday before
                ("09-30", "新增人才 1.2 万人（75%）", 75),
                ("12-31", "新增人才 1.61 万人（100%）", 100),
            ],
        ),
        (
            [Goal("", "53个", D(53), "个", Sense.AT_LEAST)],
            [
                ("03-31", "完成 13 个（25%）", 25),
                ("06-19", "完成 27 个（50%）", 50),
                ("09-30", "完成 40 个（75%）", 75),
                ("12-31", "完成 53 个（100%）", 100),
            ],
        ),
        (
            [PEOPLE, Goal("就业", "2万人", D(20000), "人", Sense.MORE), Goal("培训", "9次", D(9), "次", Sense.EQUAL)],
            [
                ("03-31", "新增人才 0.4 万人、就业 0.5 万人（25%）", 25),
                ("06-19", "新增人才 0.8 万人、就业 1 万人（50%）", 50),
                ("09-30", "新增人才 1.2 万人、就业 1.5 万人（75%）", 75),
                ("12-31", "新增人才 1.61 万人、就业 2 万人（100%）", 100),
            ],
        ),
        (
            [Goal("覆盖率", "80%", D(80), "%", Sense.AT_LEAST)],  # half of a rate is no aim
            [
                ("03-31", "完成任务的 25%", 25),
                ("06-19", "完成任务的 50%", 50),
                ("09-30", "完成任务的 75%", 75),
                ("12-31", "完成全部任务", 100),
            ],
        ),
    ],
)
def test_quantified_by_the_targets_share_at_the_quarters(targets, expected):
    assert proposed(Kind.QUANTIFIED, targets=targets) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "新建小学1所，年底前投入使用。",
            ["完成选址立项等前期工作", "开工建设", "主体完工", "竣工验收", "投入使用"],
        ),
        ("加快推进污水处理厂建设，竣工并投产。", ["开工建设", "主体完工", "竣工验收", "投入使用"]),
        ("改造老旧小区6个。", ["完成选址立项等前期工作", "开工建设", "主体完工", "竣工验收"]),
        ("完成选址、立项，年底前开工。", ["完成选址立项等前期工作", "开工建设"]),
        ("完成体育馆选址。", ["确定方案", "完成选址立项等前期工作"]),
        ("制定人才引进实施方案。", ["形成初稿", "完成审议", "印发"]),
        ("出台管理办法并组织实施。", ["形成初稿", "完成审议", "印发", "组织实施"]),
        ("举办第二届文化节。", ["确定方案", "完成筹备", "如期举办"]),
        ("完成人口普查。", ["启动并部署", "完成过半", "完成自查", "完成验收"]),
        ("启动公共数据平台。", ["启动并明确方案", "完成过半", "基本完成", "全部完成"]),
    ],
)
def test_milestones_by_the_texts_own_verbs(text, expected):
    assert [title for _, title, _ in proposed(Kind.MILESTONE, text)] == expected


def test_few_things_to_build_go_by_stages_not_by_parts_of_a_thing():
    assert proposed(Kind.QUANTIFIED, "新建学校3所。", [SCHOOLS])[0] == ("03-23", "完成选址立项等前期工作", 15)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [("06-19", "落实上半年工作", 50), ("12-31", "完成全年工作", 100)]),
        ({"due_on": date(2020, 6, 30)}, []),
        ({"today": date(2020, 7, 1)}, []),
        ({"report_days": []}, []),
        (
            {"report_days": [date(2020, 4, 10), date(2020, 8, 10)], "due_on": date(2020, 11, 30)},
            [("04-10", "落实4月前的工作", 35), ("08-10", "落实8月前的工作", 65), ("11-30", "完成全部工作", 100)],
        ),
    ],
)
def test_continuing_by_the_report_days_or_not_at_all(given, expected):
    assert proposed(Kind.CONTINUING, "持续推进。", **given) == expected


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({"today": date(2020, 8, 1)}, ["09-30", "12-31"]),
        ({"today": date(2020, 12, 25)}, ["12-31"]),
        ({"today": DUE}, ["12-31"]),
        ({"today": date(2021, 1, 1)}, []),
        ({"due_on": date(2020, 6, 30)}, ["03-31", "06-30"]),
        ({"due_on": date(2020, 2, 10)}, ["02-10"]),
        ({"starts_on": date(2020, 9, 1)}, ["09-30", "12-31"]),
        ({"due_on": date(2021, 12, 31)}, ["06-19", "12-18", "06-30", "12-31"]),
        ({"due_on": date(2025, 12, 31)}, ["06-30", "12-30", "06-28", "12-31"]),
    ],
)
def test_nodes_lie_ahead_and_apart(given, days):
    assert [day for day, _, _ in proposed(Kind.QUANTIFIED, targets=[PEOPLE], **given)] == days


DAYS = st.dates(date(2019, 1, 1), date(2022, 12, 31))


@given(
    st.sampled_from(Kind),
    st.text(alphabet="选址立项开工主体竣工建成投用制定审议印发实施举办验收启动继续甲乙，。", max_size=30),
    st.lists(
        st.builds(
            Goal,
            st.text(max_size=30),
            st.sampled_from(["1.61万人", "53个", "80%", "3所", "2亿元", "0.5公里"]),
            st.decimals(0, 10**9, places=4),
            st.sampled_from(["人", "个", "%", "公里", ""]),
            st.sampled_from(Sense),
        ),
        max_size=3,
    ),
    DAYS,
    DAYS,
    DAYS,
    st.lists(DAYS, max_size=4),
)
def test_whatever_the_matter_the_proposal_may_be_sent_as_it_is(kind, text, targets, first, second, today, reports):
    starts_on, due_on = sorted((first, second))
    nodes = propose_schedule(
        kind=kind,
        text=text,
        targets=targets,
        starts_on=starts_on,
        due_on=due_on,
        report_days=reports,
        today=today,
    )
    assert len(nodes) <= 5
    if not nodes:
        assert due_on < today or kind is Kind.CONTINUING
        return
    assert checked_nodes(nodes, starts_on=starts_on, due_on=due_on, note="") == nodes
    assert all(one.due_on >= today and is_workday(one.due_on) for one in nodes[:-1])
    assert (nodes[-1].due_on, nodes[-1].pct) == (due_on, D(100))


# ---- what a unit gives


def node(month, day, pct, title="封顶"):
    return Node(date(2020, month, day), title, D(pct))


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([], "请至少填写一个节点。"),
        ([node(1, 22 + place % 9, 1 + place) for place in range(13)], "节点不超过 12 个，现在 13 个。"),
        ([node(6, 1, 50, "  "), node(12, 31, 100)], "第 1 个节点没有写明要完成什么。"),
        ([node(6, 1, 50, "长" * 61)], f"第 1 个节点的内容不超过 {NODE_LENGTH} 字，现在 61 字。"),
        ([node(1, 21, 50)], "第 1 个节点的日期（2020年1月21日）应在2020年1月22日至2020年12月31日之间。"),
        (
            [node(6, 1, 50), Node(date(2021, 1, 1), "竣工", D(100))],
            "第 2 个节点的日期（2021年1月1日）应在2020年1月22日至2020年12月31日之间。",
        ),
        ([node(6, 1, 0)], "第 1 个节点的百分比应大于 0、不超过 100。"),
        ([node(6, 1, "100.01")], "第 1 个节点的百分比应大于 0、不超过 100。"),
        (
            [node(6, 1, 50), node(5, 1, 60), node(12, 31, 100)],
            "第 2 个节点（2020年5月1日）不晚于前一个（2020年6月1日），请按日期先后排列。",
        ),
        (
            [node(6, 1, 50), node(6, 1, 60), node(12, 31, 100)],
            "第 2 个节点（2020年6月1日）不晚于前一个（2020年6月1日），请按日期先后排列。",
        ),
        ([node(6, 1, 50), node(7, 1, 50), node(12, 31, 100)], "第 2 个节点的百分比（50%）应高于前一个（50%）。"),
        (
            [node(6, 1, 50), node(12, 30, 100)],
            "最后一个节点应为2020年12月31日完成 100%；另有安排的，请在“说明”中写明原因。",
        ),
        ([node(12, 31, 90)], "最后一个节点应为2020年12月31日完成 100%；另有安排的，请在“说明”中写明原因。"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said_with_its_row(nodes, message):
    with pytest.raises(Invalid) as refusal:
        checked_nodes(nodes, starts_on=START, due_on=DUE, note="")
    assert refusal.value.message == message


def test_first_and_last_day_count_and_a_reason_lets_the_last_be_another():
    whole = [node(1, 22, 1), node(12, 31, 100)]
    assert checked_nodes(whole, starts_on=START, due_on=DUE, note="") == whole
    early = [node(6, 1, 50, " 主体  封顶 ")]
    assert checked_nodes(early, starts_on=START, due_on=DUE, note="其余待批") == [node(6, 1, 50, "主体 封顶")]
