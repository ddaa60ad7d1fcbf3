"""The notice itself."""

import pytest

from tests.reading.support import read

pytestmark = pytest.mark.engine_free

NOTICE = """云岭县人民政府办公室文件
云政办发〔2024〕3号
云岭县人民政府办公室
关于印发2024年重点工作任务责任分解方案的通知

各乡镇人民政府、街道办事处，县政府各部门、各直属机构：
现将《方案》印发给你们。本方案分解为5个方面46项重点任务。
一、各牵头单位要明确1名分管领导和一名联络员，请于每月25日前将进展情况报县政府督查室，字数不超过200字。
二、责任领导和责任人发生变动后，由继任者自然替补。责任分解中，列第一位的责任单位为牵头单位。
（联系人：白文、巴日，联系电话：8812822，电子邮箱：dc@example.cn）
云岭县人民政府办公室
二〇二四年二月五日
（此件公开发布）

附件：任务清单
序号\t工作任务\t责任单位
1\t新建学校2所。\t县教育局
2\t建设公园。\t县城管局
抄送：县委办，县人大办、县政协办。
云岭县人民政府办公室 2024年2月6日印发
"""


def test_facts_of_a_notice():
    notice = read(NOTICE).notice
    assert notice.title == "云岭县人民政府办公室关于印发2024年重点工作任务责任分解方案的通知"
    assert notice.document_number == "云政办发〔2024〕3号"
    assert notice.issuer == "云岭县人民政府办公室"
    assert notice.recipients == ("各乡镇人民政府、街道办事处", "县政府各部门", "各直属机构")
    assert (notice.dated_on, notice.issued_on, notice.year) == ("2024-02-05", "2024-02-06", 2024)
    assert notice.declared_items == 46
    assert notice.report_length == (0, 200)
    assert notice.contact == {"name": "白文、巴日", "phone": "8812822", "fax": None, "email": "dc@example.cn"}
    assert notice.copies_to == ("县委办", "县人大办", "县政协办")


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        (
            "云岭县人民政府办公室\n关于印发2024年县政府工作报告\n目标任务责任分解表的通知",
            "云岭县人民政府办公室关于印发2024年县政府工作报告目标任务责任分解表的通知",
        ),
        (
            "云岭县人民政府办公室\n关于印发2024年重点工作方案\n各乡镇要认真落实",
            "云岭县人民政府办公室关于印发2024年重点工作方案",
        ),
    ],
)
def test_title_of_several_lines_ends_with_its_own_kind_where_a_line_says_it(printed, title):
    head, _, rest = NOTICE.partition("云岭县人民政府办公室\n关于印发2024年重点工作任务责任分解方案的通知")
    assert read(head + printed + rest).notice.title == title


def test_rules_of_a_notice():
    clauses = {clause.key: clause.value for clause in read(NOTICE).notice.clauses}
    assert clauses["report_cycle"] == {"every": "month", "day": 25}
    assert clauses["contacts_per_unit"] == {"deputy": 1, "liaison": 1}
    assert clauses["succession"] is True
    assert clauses["first_is_lead"] is True


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("云政办〔2020〕2号", "云政办〔2020〕2号"),
        ("(揭府〔2011〕18号)", "揭府〔2011〕18号"),
        ("云政发[2021]第3号", "云政发〔2021〕3号"),
        ("云政办函（2022）15号", "云政办函〔2022〕15号"),
        ("发布机构 县政府办公室 文    号 云政办〔2023〕1号", "云政办〔2023〕1号"),
        ("根据《省政府关于做好工作的通知》（省政发〔2019〕9号）要求，现通知如下。", None),
    ],
)
def test_document_number(line, number):
    assert read(f"关于做好工作的通知\n{line}\n").notice.document_number == number


@pytest.mark.parametrize(
    ("sentence", "total"),
    [
        ("针对确定的157项“法定作业”，抓好落实。", 157),
        ("将《报告》6个方面243项工作任务予以分解印发。", 243),
        ("共计分解任务46项，请认真落实。", 46),
        ("提出3条意见，请遵照执行。", None),
        ("第五项工作由教育局负责。", None),
    ],
)
def test_declared_items(sentence, total):
    assert read(f"关于任务分解的通知\n{sentence}\n").notice.declared_items == total


def test_report_dates_take_the_year_named_before_them():
    notice = read("关于任务分解的通知\n请分别于2021年6月20日前和12月20日前将完成情况报送督查室。\n").notice
    assert notice.report_dates == ("2021-06-20", "2021-12-20")


@pytest.mark.parametrize("day", ["2021年2月30日", "2021年13月1日", "2021年4月31日"])
def test_a_day_that_does_not_exist_is_no_date(day):
    assert read(f"关于工作的通知\n{day}\n").notice.dated_on is None
