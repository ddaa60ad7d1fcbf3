from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from duban.closing.rules import (
    Answer,
    ClosureState,
    Doubt,
    Item,
    ItemKind,
    Method,
    NodeFacts,
    OnSite,
    PartFacts,
    TargetFacts,
    checked_how,
    checked_text,
    checklist_of,
    clauses_of,
    decide_by,
    doubts_of,
    how_for,
    is_going_on,
    lot_of,
    lot_seed,
    statement_of,
    what_blocks_asking,
    why_on_site,
)
from duban.core.errors import Invalid
from duban.matters.rules import Kind, State

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("新建小学1所。", ["新建小学1所"]),
        ("新建小学1所", ["新建小学1所"]),
        ("新建小学1所；改造校舍2栋;完成验收。", ["新建小学1所", "改造校舍2栋", "完成验收"]),
        ("城镇新增就业1.61万人。登记失业率控制在3.5%以内。", ["城镇新增就业1.61万人", "登记失业率控制在3.5%以内"]),
        ("1.新建小学1所；2.改造校舍2栋。", ["新建小学1所", "改造校舍2栋"]),
        ("1、新建小学1所，2、改造校舍2栋", ["新建小学1所", "改造校舍2栋"]),
        ("推进教育：1.新建小学；2.改造校舍。", ["新建小学", "改造校舍"]),
        ("办好3件实事：①新建小学②改造校舍", ["办好3件实事", "新建小学", "改造校舍"]),
        ("抓好教育：一是新建小学1所，二是改造校舍2栋。", ["新建小学1所", "改造校舍2栋"]),
        ("（一）新建小学。\n（二）改造校舍。", ["新建小学", "改造校舍"]),
        ("一、新建小学\n二、改造校舍", ["新建小学", "改造校舍"]),
        ("统一是非标准，提高一、二级公路比重。", ["统一是非标准，提高一、二级公路比重"]),
        ("一、二级公路通车20公里。", ["一、二级公路通车20公里"]),
        ("1.5万人参保；2.5公里通车。", ["1.5万人参保", "2.5公里通车"]),
        ("开展“学习；实践。再学习”活动；完成总结。", ["开展“学习；实践。再学习”活动", "完成总结"]),
        ("完成规划（含村庄；集镇）编制。", ["完成规划（含村庄；集镇）编制"]),
        ("完成规划（含村庄；集镇编制。", ["完成规划（含村庄", "集镇编制"]),
        ("新建小学；新建小学；", ["新建小学"]),
        ("目标：达到80%。", ["目标：达到80%"]),
        ("；。", ["；。"]),
        ("  ", [""]),
        ("新建\u3000小学 1 所；", ["新建 小学 1 所"]),
        ("(1)新建小学；(2)改造校舍", ["新建小学", "改造校舍"]),
        ("打造“1、2号”样板", ["打造“1、2号”样板"]),
    ],
)
def test_clauses_are_the_elements_of_a_text(text, clauses):
    assert clauses_of(text) == clauses


def test_checklist_holds_clauses_targets_nodes_and_work_items_with_what_is_known():
    items = checklist_of(
        "新增就业1.61万人；建成小学。",
        targets=[
            TargetFacts("1.61万人", "城镇新增就业", "人", D("8300.0000"), False),
            TargetFacts("53个", "", "个", D(53), True),
            TargetFacts("80%", "覆盖率", "%", None, False),
        ],
        milestones=[NodeFacts("主体封顶", date(2020, 6, 30), D("60.00"))],
        work_items=[PartFacts("完成选址", State.CLOSED), PartFacts("完成主体", State.TERMINATED)],
    )
    assert [(one.kind.value, one.text, one.facts, one.is_met) for one in items] == [
        ("clause", "新增就业1.61万人", "", False),
        ("clause", "建成小学", "", False),
        ("target", "城镇新增就业 1.61万人", "现为 8,300 人，未达到", False),
        ("target", "53个", "现为 53 个，已达到", True),
        ("target", "覆盖率 80%", "还没有填报过数字", False),
        ("milestone", "主体封顶（2020年6月30日，60%）", "", False),
        ("work_item", "完成选址", "已销号", True),
        ("work_item", "完成主体", "已终止", False),
    ]


def test_key_of_an_item_holds_as_long_as_its_words_do():
    one = Item(ItemKind.CLAUSE, "建成小学", "甲")
    assert one.key == Item(ItemKind.CLAUSE, "建成小学", "乙", True).key
    keys = {one.key, Item(ItemKind.TARGET, "建成小学").key, Item(ItemKind.CLAUSE, "建成中学").key}
    assert len(keys) == 3
    twice = checklist_of("建", targets=[TargetFacts("80%", "", "%", None, False)] * 2)
    assert len(twice) == 2


@pytest.mark.parametrize(
    ("words", "sentences", "how"),
    [
        ("新建小学1所", ["主体封顶；新建小学已完成选址。"], "新建小学已完成选址"),
        ("新建小学1所", ["新建小学正在装修。", "新建小学已完成选址。"], "新建小学正在装修"),
        ("新建小学1所，改造校舍2栋", ["小学新建完成；校舍改造完成；资金到位"], ""),
        ("新建小学1所，改造校舍2栋", ["新建小学完成；改造校舍完成；资金到位"], "新建小学完成；改造校舍完成"),
        ("改造校舍2栋", ["新建小学已完成选址。"], ""),
        ("改造校舍2栋", [], ""),
        ("改造校舍2栋", ["改造" + "校舍" * 80], ("改造" + "校舍" * 80)[:100]),
        ("", ["新建小学已完成选址。"], ""),
    ],
)
def test_how_is_what_was_said_of_it_and_nothing_made_up(words, sentences, how):
    assert how_for(words, sentences=sentences) == how


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(True, "已经建成"), None),
        (Answer(False, "资金未到位"), None),
        (Answer(True, ""), "请用一句话写明“建成小学”是怎样完成的。"),
        (Answer(True, "好"), "请用一句话写明“建成小学”是怎样完成的。"),
        (Answer(), "“建成小学”没有勾选完成；确实没有完成的，请写明原因，由督查室审定。"),
    ],
)
def test_what_is_not_explained_blocks_asking(answer, problem):
    assert what_blocks_asking("建成小学", answer=answer) == problem


def test_long_words_are_cut_in_what_blocks():
    assert f"“{'字' * 29}…”" in (what_blocks_asking("字" * 31, answer=Answer()) or "")
    assert f"“{'字' * 30}”" in (what_blocks_asking("字" * 30, answer=Answer()) or "")


def test_how_fits_a_line():
    assert checked_how("  已经\n建成 ") == "已经 建成"
    assert len(checked_how("字" * 100)) == 100
    with pytest.raises(Invalid, match="现在 101 字"):
        checked_how("字" * 101)


@pytest.mark.parametrize(("text", "is_right"), [("", False), (" 好 ", False), ("属实", True), ("字" * 1000, True)])
def test_texts_say_something(text, is_right):
    if is_right:
        assert checked_text(f" {text} ", field="findings", message="请写明核验情况。") == text
        return
    with pytest.raises(Invalid, match="请写明核验情况。") as refusal:
        checked_text(text, field="findings", message="请写明核验情况。")
    assert refusal.value.field == "findings"


def test_texts_have_an_end():
    with pytest.raises(Invalid, match="现在 1001 字"):
        checked_text("字" * 1001, field="findings", message="")


def test_statement_counts_what_is_done():
    done, open_ = Answer(True, "已经建成"), Answer(False, "资金未到位")
    assert statement_of([done, done]) == "2 项要求均已完成，详见销号清单。"
    assert statement_of([done, open_, open_]) == "3 项要求完成 1 项，其余 2 项已说明情况，详见销号清单。"


MADE = datetime(2020, 1, 22, 1, 30, 0, 250, tzinfo=UTC)


def test_lot_can_be_drawn_again_by_anybody():
    seed = lot_seed(plan_id=1, plan_created_at=MADE, matter_id=7, attempt=2)
    assert seed == "1|1579656600.000250|7|2"
    assert lot_of(seed) == 78
    assert lot_of(seed) == lot_of(seed)
    other = lot_seed(plan_id=1, plan_created_at=MADE, matter_id=7, attempt=3)
    assert lot_of(other) != lot_of(seed)


def test_lots_draw_about_as_many_as_they_should():
    lots = [
        lot_of(lot_seed(plan_id=1, plan_created_at=MADE, matter_id=matter_id, attempt=1))
        for matter_id in range(1, 5001)
    ]
    assert (min(lots), max(lots)) == (0, 99)
    assert 440 <= sum(one < 10 for one in lots) <= 560


FIGURES = {"onsite_livelihood": True, "onsite_quantified": True, "onsite_random_pct": 10}


@pytest.mark.parametrize(
    ("kind", "is_livelihood", "lot", "changed", "why"),
    [
        (Kind.MILESTONE, False, 10, {}, []),
        (Kind.MILESTONE, False, 9, {}, [OnSite.DRAWN]),
        (Kind.CONTINUING, False, 0, {}, [OnSite.DRAWN]),
        (Kind.CONTINUING, False, 0, {"onsite_random_pct": 0}, []),
        (Kind.CONTINUING, False, 99, {"onsite_random_pct": 100}, [OnSite.DRAWN]),
        (Kind.QUANTIFIED, False, 50, {}, [OnSite.QUANTIFIED]),
        (Kind.QUANTIFIED, False, 50, {"onsite_quantified": False}, []),
        (Kind.MILESTONE, True, 50, {}, [OnSite.LIVELIHOOD]),
        (Kind.MILESTONE, True, 50, {"onsite_livelihood": False}, []),
        (Kind.QUANTIFIED, True, 5, {}, [OnSite.LIVELIHOOD, OnSite.QUANTIFIED]),
    ],
)
def test_who_is_looked_at_on_site(kind, is_livelihood, lot, changed, why):
    assert why_on_site(kind=kind, is_livelihood=is_livelihood, lot=lot, **{**FIGURES, **changed}) == why


@pytest.mark.parametrize(
    ("changed", "doubts"),
    [
        ({}, []),
        ({"done": [True, False]}, [Doubt.UNMET]),
        ({"true": [False, True]}, [Doubt.UNTRUE]),
        ({"on_site": [OnSite.DRAWN]}, [Doubt.DOCUMENTS_ONLY]),
        ({"on_site": [OnSite.DRAWN], "method": Method.ON_SITE}, []),
        ({"obstacles": 1}, [Doubt.OBSTACLES]),
        ({"is_found_untrue": True}, [Doubt.FOUND_UNTRUE]),
        (
            {"done": [False], "true": [False], "on_site": [OnSite.LIVELIHOOD], "obstacles": 2},
            [Doubt.UNMET, Doubt.UNTRUE, Doubt.DOCUMENTS_ONLY, Doubt.OBSTACLES],
        ),
    ],
)
def test_what_speaks_against_granting(changed, doubts):
    given = {"done": [True, True], "true": [True, True], "on_site": [], "method": Method.DOCUMENTS, "obstacles": 0}
    assert doubts_of(**{**given, **changed}) == doubts


@pytest.mark.parametrize(
    ("state", "matter_state", "goes_on"),
    [
        (ClosureState.PREPARED, State.IN_PROGRESS, True),
        (ClosureState.SENT_BACK, State.SUSPENDED, True),
        (ClosureState.PREPARED, State.CLOSED, False),
        (ClosureState.PREPARED, State.TERMINATED, False),
        (ClosureState.SENT_BACK, State.CARRIED_OVER, False),
        (ClosureState.VERIFIED, State.CLOSING, True),
        (ClosureState.GRANTED, State.CLOSED, False),
        (ClosureState.RETURNED, State.IN_PROGRESS, False),
    ],
)
def test_a_request_ends_with_its_matter(state, matter_state, goes_on):
    assert is_going_on(state, matter_state=matter_state) is goes_on


@pytest.mark.parametrize(
    ("asked_on", "by"),
    [
        (date(2020, 2, 3), date(2020, 2, 10)),
        (date(2020, 4, 30), date(2020, 5, 11)),  # 5月1—5日 off, Saturday 9 May worked
        (date(2020, 1, 19), date(2020, 2, 3)),  # 春节
    ],
)
def test_office_decides_within_its_working_days(asked_on, by):
    assert decide_by(asked_on, decide_workdays=5) == by
