"""Workbooks: a sheet is read as the table it shows."""

import io
import random
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.styles import PatternFill

from duban.reading import NotReadable, read_notice
from tests.reading.office import package
from tests.reading.support import SAMPLES, differences, expected
from tests.reading.support import row as fields
from tests.reading.test_robustness import lost_lines

pytestmark = pytest.mark.engine_free

FORMATS = SAMPLES / "formats"
HEADER = ("序号", "工作任务", "牵头单位", "责任人", "完成时限")


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(*rows: tuple, merged: tuple[str, ...] = (), name: str = "Sheet1") -> bytes:
    book = Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    return saved(book)


@pytest.mark.parametrize("name", ["table.xlsx", "table.xls"])
def test_the_sample_table_is_read_as_from_text(name):
    reading = read_notice((FORMATS / name).read_bytes())
    assert differences(expected("quangang-2020-2"), reading.matters) == []
    assert len(reading.matters) == 128
    assert reading.notice.title == "2020年区政府工作报告目标任务责任分解表"
    assert {m.section for m in reading.matters} == {None}
    assert [f.serials for f in reading.findings if f.kind == "person_without_unit"] == [("16",)]
    assert lost_lines(reading) == []


def test_a_line_is_a_row_of_the_sheet_and_a_page_is_a_sheet():
    data = workbook(
        ("任务分解表",), (), HEADER, (1, "甲。", "教育局", "王力", "年底"), (), (2, "乙。", "财政局", "李明", "年底")
    )
    reading = read_notice(data)
    assert [(m.serial, m.line, m.page) for m in reading.matters] == [("1", 4, 1), ("2", 6, 1)]
    assert reading.lines == (
        "任务分解表",
        "",
        "\t".join(HEADER),
        "1\t甲。\t教育局\t王力\t年底",
        "",
        "2\t乙。\t财政局\t李明\t年底",
    )


def test_numbers_are_as_printed_and_dates_are_dates():
    data = workbook(
        HEADER,
        (69.0, "甲。", "教育局", "王力", date(2020, 6, 30)),
        ("70", "完成0.3亿元。", "财政局", "李明", 0.1 + 0.2),
        (71, "丙。", "民政局", "赵刚", True),
    )
    assert [(m.serial, m.deadline) for m in read_notice(data).matters] == [
        ("69", "2020-06-30"),
        ("70", "0.3"),
        ("71", "是"),
    ]


def test_percentages_are_as_shown():
    book = Workbook()
    sheet = book.active
    sheet.append(HEADER)
    formats = ("0%", "0.00%", '"占"0%', '0"%"', "General", "[红色]0.0%")
    for serial, shown in enumerate(formats, start=1):
        sheet.append((serial, f"事项{serial}。", "教育局", "王力", 0.917 if serial > 1 else 1))
        sheet.cell(serial + 1, 5).number_format = shown
    sheet.insert_rows(1)  # what stands first is not at the first row
    found = [one.deadline for one in read_notice(saved(book)).matters]
    assert found == ["100%", "91.7%", "91.7%", "0.917", "0.917", "91.7%"]


def test_merged_cells_are_filled_and_blank_ones_are_not():
    data = workbook(
        HEADER,
        (1, "甲。", "教育局", "王力", "6月底"),
        (2, "乙。", None, None, None),
        (3, "丙。", "财政局", "李明", None),
        merged=("C2:C3", "D2:D3", "E2:E3"),
    )
    assert [fields(m) for m in read_notice(data).matters] == [
        ("1", "甲。", "教育局", "", "王力", "", "6月底"),
        ("2", "乙。", "教育局", "", "王力", "", "6月底"),
        ("3", "丙。", "财政局", "", "李明", "", None),
    ]


def test_every_sheet_is_read_under_its_name_and_hidden_ones_are_named():
    book = Workbook()
    book.active.title = "重点项目"
    for name, serial, state in (("重点项目", 1, "visible"), ("民生实事", 2, "visible"), ("草稿", 3, "hidden")):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        sheet.sheet_state = state
        sheet.append(HEADER)
        sheet.append((serial, "新建学校。", "教育局", "王力", "年底"))
    book.create_sheet("空的")
    reading = read_notice(saved(book))
    assert [(m.serial, m.section, m.page) for m in reading.matters] == [("1", "重点项目", 1), ("2", "民生实事", 2)]
    assert [f.message for f in reading.findings if f.kind == "left_out"] == [
        "工作簿里隐藏的工作表“草稿”没有读；要读请先取消隐藏。"
    ]
    assert lost_lines(reading) == []


def test_coloured_columns_without_text_are_no_columns():
    book = Workbook()
    book.active.append(("", *HEADER))
    book.active.append(("", 1, "甲。", "教育局", "王力", "年底"))
    for column in "AGHI":
        book.active[f"{column}9"].fill = PatternFill("solid", fgColor="FFFF00")
    reading = read_notice(saved(book))
    assert reading.lines == ("\t".join(HEADER), "1\t甲。\t教育局\t王力\t年底")


SAMPLE = (FORMATS / "table.xlsx").read_bytes()


def far_away() -> bytes:
    """A sheet whose last cell is the last one there can be: as a dense table it would take half a terabyte."""
    book = Workbook()
    book.active.append(HEADER)
    book.active["XFD1048576"] = "远"
    return saved(book)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (SAMPLE[:-3000], "truncated", "不完整"),
        (SAMPLE[:3000], "truncated", "不完整"),
        (package({"xl/workbook.xml": "<a/>"}), "unsupported_format", "已损坏"),
        (workbook(), "empty", "空的"),
        (workbook(*(("甲", "乙"),) * 20_001), "too_large", "20000 行"),
        (far_away(), "too_large", "太大"),
        ((FORMATS / "table.xls").read_bytes()[:9000], "truncated", "不完整"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage\0".encode("utf-16-le") * 99, "undecodable", "密码"),
    ],
    ids=["cut", "cut-early", "no-workbook", "empty", "20001-rows", "far-away", "cut-xls", "password"],
)
def test_a_file_that_cannot_be_read_is_refused_with_words(data, code, words):
    with pytest.raises(NotReadable) as refused:
        read_notice(data)
    assert refused.value.code == code
    assert words in refused.value.message_zh
    assert refused.value.message_zh.endswith("。")


@pytest.mark.parametrize("name", ["table.xlsx", "table.xls"])
@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_is_read_or_refused(name, seed):
    dice = random.Random(seed)
    data = bytearray((FORMATS / name).read_bytes())
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data))
        data[at : at + dice.randint(0, 30)] = dice.randbytes(dice.randint(0, 30))
    try:
        reading = read_notice(bytes(data))
    except NotReadable as refused:
        assert refused.message_zh.endswith("。")
    else:
        assert lost_lines(reading) == []
