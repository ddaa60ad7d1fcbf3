"""What a person must look at."""

import pytest

from tests.reading.support import read

pytestmark = pytest.mark.engine_free
HEAD = "序号\t任务\t牵头单位\t责任人\t协办单位\t责任领导\n"


def kinds(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.kind, finding.serials) for finding in read(text).findings]


def table(*rows: str) -> str:
    return HEAD + "".join(row.replace("|", "\t") + "\n" for row in rows)


FULL = (
    "甲。|教育局|王力|财政局|赵刚",
    "乙。|教育局|王力|财政局|赵刚",
    "丙。|民政局|李明|财政局|孙立",
    "丁。|民政局|李明|财政局|孙立",
)


def full(*more: str) -> str:
    rows = [*FULL, *more]
    return table(*(f"{number}|{row}" for number, row in enumerate(rows, start=1)))


def test_a_clean_table_gives_no_finding():
    assert kinds(full()) == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["戊。|教育局|||赵刚"], [("blank_cell", ("5",))]),
        (["戊。|教育局|王力|财政局|"], [("inherited_cells", ("5",))]),
        (["戊。|教育局|王力 李明|财政局|赵刚"], [("person_without_unit", ("5",))]),
        (["戊。|教育局 民政局 审计局|王力 李明|财政局|赵刚"], [("unequal_counts", ("5",))]),
        (["戊。|教育局 民政局|李明 王力|财政局|赵刚"], [("order_differs", ("5",)), ("order_differs", ("5",))]),
        (["戊。||||"], [("inherited_cells", ("5",))]),
        (["戊。|教育局|王力|相关镇|赵刚"], [("unresolved_group", ("5",))]),
        (["戊。|教育局|王力|各镇|赵刚"], []),
    ],
)
def test_a_row_that_needs_a_look(rows, found):
    assert kinds(full(*rows)) == found


def test_missing_and_duplicate_serials():
    text = table(
        "1|甲。|教育局|王力||赵刚", "2|乙。|教育局|王力||赵刚", "2|丙。|教育局|王力||赵刚", "5|丁。|教育局|王力||赵刚"
    )
    assert kinds(text) == [("missing_serials", ("3", "4")), ("duplicate_serials", ("2",))]


def test_an_inherited_row_about_something_else_stands_out():
    text = full(
        "推进化工项目搬迁。|工信局|周正|财政局|孙立", "落实安全生产责任制，消除事故隐患。||||", "编制园区产业规划。||||"
    )
    found = [finding for finding in read(text).findings if finding.kind == "inherited_cells"]
    assert [(finding.severity, finding.serials) for finding in found] == [("warning", ("6",)), ("notice", ("7",))]
    assert "安全生产" in found[0].message


def test_a_name_read_wrongly_is_told_from_the_others():
    text = full(
        "戊。|民政局|李晓明|财政局|孙立新",
        "己。|民政局|李晓明|财政局|孙立新",
        "庚。|民政局|李晓明|财政局|孙立新",
        "辛。|民政局|李晓朋|财政局|孙立新",
    )
    (misprint,) = [finding for finding in read(text).findings if finding.kind == "possible_misprint"]
    assert misprint.serials == ("8",)
    assert misprint.suggestion == {"field": "persons", "action": "replace", "value": {"from": "李晓朋", "to": "李晓明"}}


def test_a_suggestion_of_the_missing_unit():
    (finding,) = read(full("戊。|教育局|王力 李明|财政局|赵刚")).findings
    assert finding.suggestion == {
        "field": "lead_units",
        "action": "add",
        "value": {"name": "民政局", "qualifier": None},
    }
    assert finding.line == 6


def test_the_end_of_a_file_that_stops_in_mid_sentence():
    text = full("戊。|教育局|王力|财政局|赵刚", "推进教育事业发展，加|教育局|王力|财政局|赵刚")
    assert ("unfinished_end", ("6",)) in kinds(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (HEAD, "header_without_rows"),
        (HEAD, "no_matters"),
        ("关于春节放假的通知\n各单位：\n放假七天。\n", "no_matters"),
        ("1\t新建学校\t教育局\n2\t新建公园\t城管局\n3\t新建医院\t卫健局\n", "missing_header"),
        ("序号\t任务\t责任单位\t备注\n1\t甲。\t教育局\t重点\n2\t乙。\t教育局\t\n", "extra_columns"),
    ],
)
def test_findings_about_the_whole_document(text, kind):
    assert kind in [finding.kind for finding in read(text).findings]


def test_a_line_among_the_matters_that_is_not_understood_is_kept_and_shown():
    text = "1.建学校。（教育局负责）\n2.建公园。（城管局负责）\n\n＊＊＊ 这里有一行\n3.建医院。（卫健局负责）\n"
    reading = read(text)
    assert [m.serial for m in reading.matters] == ["1", "2", "3"]
    (unread,) = [finding for finding in reading.findings if finding.kind == "unread_text"]
    assert unread.lines == (4,)
    assert "这里有一行" in unread.evidence


def test_findings_are_ordered_by_weight():
    weights = [
        finding.severity
        for finding in read(full("戊。|教育局|||赵刚", "己。||||", "|教育局|王力|相关镇|赵刚")).findings
    ]
    assert weights == sorted(weights, key=["error", "warning", "notice"].index)


def test_what_paragraphs_do_not_all_say_is_not_missed():
    reading = read(
        "1.修路。（牵头单位：县交通局；责任领导：周平）\n2.修桥。（牵头单位：县交通局；责任领导：周平）\n"
        "3.修渠。（牵头单位：县水利局；责任领导：周平）\n4.修库。（牵头单位：县水利局）\n5.修站。（牵头单位：县水利局）\n"
    )
    assert [finding.kind for finding in reading.findings] == []


def test_lines_of_a_web_page_and_numbers_of_parts_are_no_findings():
    reading = read(
        "【字体：大 中 小】 打印 关闭\n时间：2022-05-17 来源：县政府办公室\n2022年重点任务分工\n"
        "1.做好招商。①新签约项目60个。（责任单位：县招商局）②举办推介会12场。（责任单位：县招商局）\n"
        "2.打通道路3条。（责任单位：县住建局）\n"
    )
    assert [m.serial for m in reading.matters] == ["1①", "1②", "2"]
    assert [finding.kind for finding in reading.findings] == []


def test_a_table_run_together_is_called_so():
    reading = read(
        "2021年民生实事任务分解表\n序号项目名称责任单位配合单位1新建学校3个。教育局各街道2促进就业。人社局各街道\n"
    )
    assert [(finding.kind, finding.line) for finding in reading.findings] == [
        ("no_matters", None),
        ("header_without_rows", 2),
    ]
