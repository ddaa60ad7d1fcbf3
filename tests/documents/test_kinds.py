"""Bulletin, interview, tables, files, brief, passage: what stands in them, what is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.documents.kinds import (
    assignment_notice,
    bulletin,
    closure_list,
    evaluation_table,
    half_year_table,
    interview_minutes,
    interview_notice,
    leader_brief,
    matter_file,
    report_passage,
    review_decision,
    unit_list,
    visit_table,
)
from duban.documents.kinds.bulletin import Total
from duban.documents.kinds.leader_brief import BriefList
from duban.documents.kinds.parts import sentence, serials_words
from duban.documents.kinds.report_passage import Count, Passage, Sum
from duban.documents.paper import DocumentError, Figure, Form, Heading, Paragraph, Table
from duban.documents.titles import width_of
from tests.documents import examples
from tests.documents.papers import words_of

pytestmark = pytest.mark.engine_free


def headings(paper):
    return [one.text for one in paper.blocks if isinstance(one, Heading) and one.level == 1]


def tables(paper):
    return [one for one in paper.blocks if isinstance(one, Table)]


DATA = {
    bulletin: examples.bulletin(),
    closure_list: examples.closure_list(),
    evaluation_table: examples.evaluation_table(),
    half_year_table: examples.half_year_table(),
    interview_minutes: examples.INTERVIEW_MINUTES,
    interview_notice: examples.INTERVIEW_NOTICE,
    leader_brief: examples.LEADER_BRIEF,
    matter_file: examples.MATTER_FILE,
    report_passage: examples.REPORT_PASSAGE,
    review_decision: examples.REVIEW_DECISION,
    unit_list: examples.unit_list(),
    visit_table: examples.visit_table(),
}


@pytest.mark.parametrize("kind", DATA, ids=lambda one: one.__name__.rpartition(".")[2])
def test_draft_bears_its_mark_and_the_issued_does_not(kind):
    assert kind.paper_of(replace(DATA[kind], is_draft=True)).watermark == "草稿"
    assert kind.paper_of(replace(DATA[kind], is_draft=False)).watermark == ""


@pytest.mark.parametrize("paper", examples.every_kind().values(), ids=examples.every_kind())
def test_every_row_has_a_value_for_every_column(paper):
    blocks = [*paper.blocks, *(block for annex in paper.annexes for block in annex.blocks)]
    for table in (one for one in blocks if isinstance(one, Table)):
        assert {len(row.cells) for row in table.rows if not row.is_band} <= {len(table.columns)}
        assert {len(row.cells) for row in table.rows if row.is_band} <= {1}


# ---- bulletin


def test_bulletin_has_masthead_parts_and_sent_lines():
    paper = bulletin.paper_of(examples.bulletin())
    head = paper.head
    assert paper.form is Form.BULLETIN
    assert (head.mark, head.issue, head.issue_total) == ("政务督查", "第3期", "总第128期")
    assert (head.left, head.right) == ("临江区人民政府督查室", "2020年7月8日")
    assert headings(paper) == [
        "一、总体情况",
        "二、工作成效明显的事项",
        "三、工作进展滞后的事项",
        "四、未按时报送完成情况的单位",
        "五、下一步工作要求",
    ]
    assert "截至2020年6月30日，列入督查的128项任务中，已销号17项，绿灯83项，黄灯18项，红灯6项，未开始或暂停4项。" in [
        words_of(one) for one in paper.blocks
    ]
    assert [label for label, _ in paper.colophon.sent] == ["报", "送", "发"]
    assert [one.caption for one in paper.blocks if isinstance(one, Figure)] == [
        "图1　与上期相比的变化",
        "图2　各领域平均进度与序时进度",
        "图3　部分牵头单位亮灯情况",
    ]
    assert paper.annexes[0].is_landscape


def test_bulletin_has_no_blanks_around_figures_and_a_new_line_is_a_new_paragraph():
    whole = examples.bulletin()
    entry = replace(whole.entries[0], standing="应完成 46.51%，现报 4%。", next_step="于 5 个工作日内报方案。")
    data = replace(whole, entries=(entry,), summary=("完成 3 项。\n\n各单位要抓紧整改。",))
    said = [words_of(one) for one in bulletin.paper_of(data).blocks if isinstance(one, Paragraph)]
    for line in (
        "完成3项。",
        "各单位要抓紧整改。",
        "进展情况：应完成46.51%，现报4%。",
        "下一步：于5个工作日内报方案。",
    ):
        assert line in said


def test_notice_has_no_blanks_around_figures():
    data = replace(examples.assignment_notice(), opening="现将 3 项事项交办给你们。", ending="于 2 个工作日内签收。")
    said = [words_of(one) for one in assignment_notice.paper_of(data).blocks]
    assert (said[0], said[-1]) == ("现将3项事项交办给你们。", "于2个工作日内签收。")


def test_late_reports_stand_apart_from_late_work():
    paper = bulletin.paper_of(examples.bulletin())
    said = [words_of(one) for one in paper.blocks]
    work, reports = said.index("三、工作进展滞后的事项"), said.index("四、未按时报送完成情况的单位")
    assert not any("逾期3个工作日报送" in one for one in said[work:reports])
    (table,) = tables(paper)
    assert table.rows[0].cells == ("文旅发展公司", "第19、23项", "逾期3个工作日报送")


def test_parts_without_anything_are_not_counted():
    paper = bulletin.paper_of(examples.special_issue())
    assert headings(paper) == [
        "一、总体情况",
        "二、工作成效明显的事项",
        "三、工作进展滞后的事项",
        "四、下一步工作要求",
    ]
    assert paper.head.issue == "第4期（专刊）"
    assert paper.annexes == ()


@pytest.mark.parametrize(("field", "word"), [("cause", "原因"), ("next_step", "下一步措施")])
def test_criticism_without_a_cause_or_a_next_step_is_refused(field, word):
    data = examples.bulletin()
    entry = replace(data.entries[0], **{field: " "})
    with pytest.raises(DocumentError, match=f"第48项没有写明{word}"):
        bulletin.paper_of(replace(data, entries=(entry,)))


def test_totals_that_do_not_add_up_are_refused():
    with pytest.raises(DocumentError, match="相加为3项，与总数128项不符"):
        bulletin.paper_of(replace(examples.bulletin(), totals=(Total("绿灯", 3),)))


# ---- interview


def test_minutes_say_reasons_explanation_demands_and_undertaking():
    paper = interview_minutes.paper_of(examples.INTERVIEW_MINUTES)
    assert paper.form is Form.MINUTES
    assert headings(paper) == ["一、约谈事由", "二、被约谈单位说明的情况", "三、约谈要求", "四、被约谈单位的承诺"]
    said = [words_of(one) for one in paper.blocks]
    assert said[0] == "2020年8月6日上午，区政府办公室主任梁伯庸在区政府第三会议室主持约谈。纪要如下："
    assert (
        "（一）8月20日前报送整改方案，逐项明确责任人和完成时间。（责任单位：城管局；完成时间：2020年8月20日前）" in said
    )
    assert said[-1] == "记录：方知白。"


@pytest.mark.parametrize(("field", "word"), [("reasons", "约谈事由"), ("demands", "约谈要求")])
def test_minutes_without_reasons_or_demands_are_refused(field, word):
    with pytest.raises(DocumentError, match=word):
        interview_minutes.paper_of(replace(examples.INTERVIEW_MINUTES, **{field: ()}))


def test_review_decision_says_what_was_asked_found_decided_and_who_stood_aside():
    paper = review_decision.paper_of(examples.REVIEW_DECISION)
    assert paper.form is Form.LETTER
    assert headings(paper) == ["一、申请理由", "二、复核请求", "三、复核认定", "四、复核决定", "五、回避情况"]
    assert words_of(paper.blocks[-1]) == "特此决定。"


@pytest.mark.parametrize(("field", "word"), [("findings", "理由"), ("decision", "复核决定"), ("recusal", "回避情况")])
def test_review_decision_without_reasons_decision_or_recusal_is_refused(field, word):
    with pytest.raises(DocumentError, match=word):
        review_decision.paper_of(replace(examples.REVIEW_DECISION, **{field: ()}))


def test_interview_notice_says_when_where_who_and_why():
    paper = interview_notice.paper_of(examples.INTERVIEW_NOTICE)
    assert headings(paper) == ["一、约谈安排", "二、约谈事由", "三、有关准备"]
    said = [words_of(one) for one in paper.blocks]
    assert "时间：2020年8月6日（星期四）上午9时。" in said
    assert "约谈人：梁伯庸（区政府办公室主任）。" in said
    with pytest.raises(DocumentError, match="约谈事由"):
        interview_notice.paper_of(replace(examples.INTERVIEW_NOTICE, reasons=()))
    with pytest.raises(DocumentError, match="约谈对象"):
        interview_notice.paper_of(replace(examples.INTERVIEW_NOTICE, invited=()))


# ---- tables


def test_half_year_table_says_what_was_not_reported():
    data = examples.half_year_table()
    (table,) = tables(half_year_table.paper_of(data))
    assert [row.cells[3] for row in table.rows].count("未报") == sum(not one.report for one in data.rows) == 8
    assert table.notes == ("注：共24项，已报16项，未报8项。完成情况为各牵头单位所报，未作改动。",)


def test_closure_list_keeps_the_first_day_of_what_was_reopened():
    (table,) = tables(closure_list.paper_of(examples.closure_list()))
    assert [row.cells[-1] for row in table.rows] == ["2020.4.10", "2020.6.18", "2020.6.28\n（2020.5.20）", "2020.6.29"]
    assert "第20项曾重新办理" in table.notes[0]
    graded = tuple(replace(one, grade="良好") for one in examples.closure_list().rows)
    (table,) = tables(closure_list.paper_of(replace(examples.closure_list(), rows=graded)))
    assert [one.title for one in table.columns][-1] == "等次"


def test_evaluation_table_has_a_line_a_unit_and_one_a_fact():
    data = examples.evaluation_table()
    units, facts = tables(evaluation_table.paper_of(data))
    assert [row.cells[1] for row in units.rows] == [one.unit for one in data.units]
    assert units.rows[0].cells[-5:] == ("2", "97.00", "93.50", "96.30", "")
    assert [row.cells[1] for row in facts.rows] == [one.kind for one in data.facts]
    assert len(facts.columns) == 7


def test_evaluation_table_without_scoring_has_no_figure_of_it():
    data = replace(examples.evaluation_table(), is_scored=False)
    units, facts = tables(evaluation_table.paper_of(data))
    assert "总分" not in [one.title for one in units.columns]
    assert len(facts.columns) == 6
    assert headings(evaluation_table.paper_of(data))[2] == "三、说明"


def test_evaluation_table_with_a_count_missing_is_refused():
    data = examples.evaluation_table()
    first = replace(data.units[0], counts=(1, 2))
    with pytest.raises(DocumentError, match="工信局的考评数据不全"):
        evaluation_table.paper_of(replace(data, units=(first, *data.units[1:])))


def test_visit_table_has_a_result_to_tick_for_every_claim():
    paper = visit_table.paper_of(examples.visit_table())
    (table,) = tables(paper)
    assert [row.cells[0] for row in table.rows if not row.is_band] == ["48", "48", "24", "92", "92"]
    assert table.rows[0].cells[6] == "□属实\n□基本属实\n□不实"
    assert [row.keeps_next for row in table.rows] == [True, False, False, True, True, True, False]
    assert table.rows[-1].cells[0].startswith("核验人（签名）：＿")


def test_visit_table_filled_in_and_a_result_that_is_none():
    data = examples.visit_table()
    first = data.matters[0]
    claim = replace(first.claims[0], result="不实", found="3条未通车")
    filled = replace(data, matters=(replace(first, claims=(claim,)),), visited_on=date(2020, 12, 3))
    (table,) = tables(visit_table.paper_of(filled))
    assert table.rows[0].cells[6:] == ("□属实\n□基本属实\n■不实", "3条未通车")
    with pytest.raises(DocumentError, match="“很好”不在"):
        visit_table.paper_of(replace(data, matters=(replace(first, claims=(replace(claim, result="很好"),)),)))
    with pytest.raises(DocumentError, match="没有列出要核验的内容"):
        visit_table.paper_of(replace(data, matters=(replace(first, claims=()),)))


def test_unit_list_has_what_it_leads_before_what_it_supports():
    (table,) = tables(unit_list.paper_of(examples.unit_list()))
    bands = [row.cells[0] for row in table.rows if row.is_band]
    assert bands[0].startswith("牵头事项（") and bands[1].startswith("协办事项（")


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (half_year_table, "rows"),
        (closure_list, "rows"),
        (unit_list, "rows"),
        (visit_table, "matters"),
        (evaluation_table, "units"),
        (report_passage, "passages"),
    ],
)
def test_nothing_to_print_is_refused(kind, field):
    with pytest.raises(DocumentError, match="没有"):
        kind.paper_of(replace(DATA[kind], **{field: ()}))


# ---- a matter's file


def test_file_of_a_matter_is_in_order_of_time():
    paper = matter_file.paper_of(examples.MATTER_FILE)
    facts, happenings, exhibits = tables(paper)
    assert facts.rows[0].cells == ("任务原文", "启动环江旅游公路建设。")
    days = [tuple(map(int, row.cells[0].split("."))) for row in happenings.rows]
    assert days == sorted(days)
    assert exhibits.rows[0].cells[-1] == "3f9a0c51"
    assert exhibits.rows[3].cells[1] == "监理月报（9月）.pdf（已撤下：传错文件）"


def test_file_of_a_matter_without_anything_says_so():
    paper = matter_file.paper_of(replace(examples.MATTER_FILE, happenings=(), exhibits=()))
    assert [words_of(one) for one in paper.blocks if isinstance(one, Paragraph)] == ["尚无记录。", "没有提交佐证材料。"]


# ---- a leader's page


def test_brief_says_how_many_are_left_out():
    items = tuple(f"第{n}项：应完成50%，现报{n}%" for n in range(1, 41))
    data = replace(examples.LEADER_BRIEF, lists=(BriefList("红灯事项", items[:3]), BriefList("黄灯事项", items)))
    said = [words_of(one) for one in leader_brief.paper_of(data).blocks]
    assert said[1] == "一、红灯事项（3项）"
    assert "二、黄灯事项（40项）" in said
    shown = sum("应完成" in one for one in said) - 3
    assert said[-1] == f"另有{40 - shown}项，详见台账。"
    assert shown >= 5


@given(st.lists(st.lists(st.integers(5, 200), min_size=1, max_size=30), min_size=1, max_size=4))
def test_brief_always_fits_its_lines(lengths):
    lists = tuple(BriefList(f"事项{n}", tuple("督" * one for one in some)) for n, some in enumerate(lengths))
    blocks = leader_brief.paper_of(replace(examples.LEADER_BRIEF, lists=lists)).blocks
    lines = sum(ceil((width_of(words_of(one)) + 2) / 28) for one in blocks)
    assert lines <= 17
    for n, some in enumerate(lengths):
        assert any(f"事项{n}（{len(some)}项）" in words_of(one) for one in blocks)


def test_brief_whose_summary_fills_the_page_is_refused():
    with pytest.raises(DocumentError, match="200字"):
        leader_brief.paper_of(replace(examples.LEADER_BRIEF, summary="督" * 600))


# ---- a passage of the work report


def test_every_figure_has_a_note_that_names_its_matters():
    paper = report_passage.paper_of(examples.REPORT_PASSAGE)
    said = [words_of(one) for one in paper.blocks]
    assert "新增城镇就业1.61万人［3］，新改扩建学校17所［4］，新增学位1620个［5］，群众满意度达96%。" in said
    assert "［1］第14—141项。" in said
    assert "［3］第102项8000人、第104项8100人。" in said
    assert said[-1] == "下列数字写在文字中，没有对应的督查事项，请另行核实：96%。"


def test_same_source_is_noted_once_and_years_are_no_figures():
    count = Count(("1", "2"))
    words_ = ("2020年6月20日前，按照《2020年计划》和临江政办〔2020〕2号，完成", count, "，其中民生", count, "。")
    passages = (Passage("", (words_,)),)
    paper = report_passage.paper_of(replace(examples.REPORT_PASSAGE, passages=passages))
    assert [words_of(one) for one in paper.blocks][-2:] == ["数据来源", "［1］第1—2项。"]
    assert report_passage.untraced(passages) == ()


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(0, 10**9)), min_size=1, max_size=20))
def test_sum_is_the_sum_of_its_parts(parts):
    one = Sum(tuple((str(serial), Decimal(value)) for serial, value in parts), "人")
    digits = one.text.removesuffix("人")
    power = {"万": 10_000, "亿": 100_000_000}.get(digits[-1], 1)
    assert Decimal(digits.rstrip("万亿")) * power == sum(value for _, value in parts)


@pytest.mark.parametrize("part", [Count(()), Sum((), "人")])
def test_figure_without_a_matter_is_refused(part):
    passages = (Passage("", (("完成", part),)),)
    with pytest.raises(DocumentError, match="没有来源"):
        report_passage.paper_of(replace(examples.REPORT_PASSAGE, passages=passages))


# ---- parts


@pytest.mark.parametrize(
    ("serials", "result"),
    [
        (("1", "2", "3", "7"), "第1—3、7项"),
        (("5",), "第5项"),
        (("2", "附1", "1"), "第1—2、附1项"),
    ],
)
def test_serials_words(serials, result):
    assert serials_words(serials) == result


@pytest.mark.parametrize(
    ("given_", "result"),
    [
        ("", ""),
        ("完成", "完成。"),
        ("完成。", "完成。"),
        ("他说“完成。”", "他说“完成。”"),
        ("城管局（城区）", "城管局（城区）。"),
    ],
)
def test_sentence(given_, result):
    assert sentence(given_) == result
