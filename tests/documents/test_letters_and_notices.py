"""函 and 交办通知: what stands in them and where."""

from dataclasses import replace

import pytest

from duban.documents.kinds import assignment_notice, duty_table, letter
from duban.documents.kinds.letter import LetterMatter
from duban.documents.paper import Align, DocumentError, Form, Heading, Paragraph, Table
from tests.documents import examples
from tests.documents.papers import words_of

pytestmark = pytest.mark.engine_free


def test_letter_says_opening_matters_demand_and_ending_in_order():
    paper = letter.paper_of(examples.REMIND)
    assert [words_of(one) for one in paper.blocks] == [
        "你单位承办的下列督查事项进度偏慢或者期限临近：",
        "一、第20项：打造7个文体旅游融合试点村。" + examples.REMIND.matters[0].reason,
        "二、第54项：举办公益文化展演展播百场以上。" + examples.REMIND.matters[1].reason,
        "请抓紧推进，于收到本函后5个工作日内改正；一时难以改正的，请书面说明一句。",
        "特此提醒。",
    ]
    assert (paper.form, paper.head.mark, paper.head.number) == (
        Form.LETTER,
        "临江区人民政府办公室",
        "临江政督提〔2020〕1号",
    )
    assert paper.recipients == "文体旅游局"
    assert paper.note == "联系人：方知白，联系电话：0000-00000000"
    assert paper.colophon is None


def test_only_matter_is_not_numbered():
    paper = letter.paper_of(examples.SUPERVISE)
    assert words_of(paper.blocks[1]).startswith("第24项：启动环江旅游公路建设。7月1日起为红灯。")
    assert isinstance(paper.blocks[1], Paragraph)
    assert paper.colophon.copies_to == ("齐同舟副区长",)
    assert paper.head.urgency == "加急"


@pytest.mark.parametrize(("count", "is_table"), [(2, False), (5, False), (6, True), (70, True)])
def test_more_than_five_matters_stand_in_a_table(count, is_table):
    matters = tuple(LetterMatter(str(n), f"事项{n}", f"原因{n}。") for n in range(1, count + 1))
    blocks = letter.paper_of(replace(examples.REMIND, matters=matters)).blocks
    tables = [one for one in blocks if isinstance(one, Table)]
    assert bool(tables) is is_table
    if is_table:
        assert tables[0].rows[-1].cells == (str(count), str(count), f"事项{count}", f"原因{count}。")
    else:
        assert sum(isinstance(one, Heading) for one in blocks) == count


def test_letter_without_a_matter_is_refused_and_one_without_a_serial_is_not_counted_in_the_ledger():
    with pytest.raises(DocumentError, match="没有事项"):
        letter.paper_of(replace(examples.REMIND, matters=()))
    paper = letter.paper_of(replace(examples.REMIND, matters=(LetterMatter("", "整治早市占道经营", "未完成。"),)))
    assert words_of(paper.blocks[1]) == "整治早市占道经营。未完成。"


@pytest.mark.parametrize("make", [letter.paper_of, assignment_notice.paper_of, duty_table.paper_of])
def test_draft_bears_its_mark(make):
    data = {
        letter.paper_of: examples.REMIND,
        assignment_notice.paper_of: examples.assignment_notice(),
        duty_table.paper_of: examples.duty_table(),
    }[make]
    assert (make(data).watermark, make(replace(data, is_draft=True)).watermark) == ("", "草稿")


def test_number_typed_with_other_brackets_is_printed_right():
    assert (
        letter.paper_of(replace(examples.REMIND, number="临江政督提[2020]01号")).head.number == "临江政督提〔2020〕1号"
    )


def test_notice_carries_the_table_as_its_annex():
    paper = assignment_notice.paper_of(examples.assignment_notice())
    (annex,) = paper.annexes
    (table,) = annex.blocks
    assert paper.head.mark == "临江区人民政府办公室文件"
    assert paper.recipients == (
        "江东工业园区，各镇人民政府、望江街道办事处，区政府各部门，各直属机构，上级驻临江各单位，区属各国有企业"
    )
    assert paper.attachments == (annex.title,) == ("2020年区政府工作报告目标任务责任分解表",)
    assert (annex.label, annex.is_landscape, len(table.rows)) == ("附件", True, 128)
    assert [one.text for one in paper.blocks if isinstance(one, Heading)] == [
        "一、紧扣中心，明确主体责任",
        "二、齐抓共管，形成工作合力",
        "三、强化督查，健全考核机制",
    ]


def test_notice_to_nobody_and_a_table_without_rows_are_refused():
    with pytest.raises(DocumentError, match="主送"):
        assignment_notice.paper_of(replace(examples.assignment_notice(), recipients=()))
    with pytest.raises(DocumentError, match="没有事项"):
        duty_table.paper_of(replace(examples.duty_table(), duties=()))


def test_duty_table_has_the_columns_of_the_field_and_inherited_cells_filled():
    (table,) = duty_table.paper_of(examples.duty_table()).blocks
    assert [one.title for one in table.columns] == list(duty_table.TITLES)
    assert table.columns[1].align is Align.START
    assert table.merged == (2, 3, 4, 5)
    by_serial = {row.cells[0]: row.cells for row in table.rows}
    assert (
        by_serial["20"][2:]
        == by_serial["19"][2:]
        == ("文体旅游局\n文旅发展公司", "孙晓岚\n华长青", "各镇（街道）", "吴敏之")
    )


def test_sections_of_the_table_are_bands_once_each():
    duties = tuple(replace(one, section=f"{n // 2}、部分") for n, one in enumerate(examples.duty_table().duties[:4]))
    (table,) = duty_table.paper_of(replace(examples.duty_table(), duties=duties)).blocks
    assert [row.is_band for row in table.rows] == [True, False, False, True, False, False]


def test_spreadsheet_of_the_table_says_the_same():
    data = examples.duty_table()
    sheet = duty_table.sheet_of(data)
    (table,) = duty_table.paper_of(data).blocks
    assert sheet.rows == tuple(row.cells for row in table.rows)
    assert sheet.merged == table.merged
