"""Spreadsheets as bytes, out and in again."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from duban.documents.sheets import Column, Sheet, to_xlsx
from duban.reading import NotReadable, read_notice
from duban.reading.sheets import read_sheet

pytestmark = pytest.mark.engine_free

COLUMNS = (Column("序号", 6, is_centred=True), Column("任务", 40), Column("单位", 12))
ROWS = (("1", "甲", "教育局"), ("2", "乙", "教育局"), ("3", "丙", None), ("4", "丁", None))


def opened(data):
    return load_workbook(io.BytesIO(data)).worksheets[0]


def test_to_xlsx_with_a_title_is_laid_out_for_paper():
    page = opened(
        to_xlsx(Sheet("清单", COLUMNS, ROWS, title="责任清单", subtitle="2020年", merged=(2,), notes=("注",)))
    )
    assert [cell.value for cell in page[3]] == ["序号", "任务", "单位"]
    assert sorted(str(one) for one in page.merged_cells.ranges) == ["A1:C1", "A2:C2", "A8:C8", "C4:C5"]
    assert (page.freeze_panes, page.print_title_rows) == ("A4", "$3:$3")
    assert (page.oddFooter.center.text, page.sheet_properties.pageSetUpPr.fitToPage) == ("— &P —", True)
    assert (page.page_setup.orientation, page.page_setup.paperSize, page.page_setup.fitToHeight) == ("landscape", 9, 0)


def test_to_xlsx_without_a_title_can_be_read_in_again():
    data = to_xlsx(Sheet("名册", COLUMNS, ROWS))
    assert read_sheet(data) == [
        ["序号", "任务", "单位"],
        ["1", "甲", "教育局"],
        ["2", "乙", "教育局"],
        ["3", "丙", ""],
        ["4", "丁", ""],
    ]


def test_to_xlsx_text_is_never_a_formula():
    rows = (("=1+1", "@SUM(A1)", "\x07-2"),)
    page = opened(to_xlsx(Sheet("a/b[c]", COLUMNS, rows)))
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in page[2]] == [
        ("=1+1", "s", True),
        ("@SUM(A1)", "s", True),
        ("-2", "s", False),
    ]
    assert page.title == "a b c "


def test_read_sheet_numbers_and_dates_as_a_person_sees_them():
    book = Workbook()
    book.create_sheet("第二").append(["电话", 13900000001, 1.5, date(2020, 1, 22), True, None, " x "])
    stream = io.BytesIO()
    book.save(stream)
    assert read_sheet(stream.getvalue()) == [["电话", "13900000001", "1.5", "2020-01-22", "是", "", "x"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_read_sheet_csv(encoding, separator):
    text = separator.join(["简称", "别名"]) + "\r\n" + separator.join(["教育局", '"教体局、教委\n二行"']) + "\r\n\r\n"
    assert read_sheet(text.encode(encoding)) == [["简称", "别名"], ["教育局", "教体局、教委\n二行"]]


def test_read_sheet_takes_the_apostrophe_of_a_harmless_formula_away():
    assert read_sheet("简称,电话\n'=1+1,'+86\n".encode()) == [["简称", "电话"], ["=1+1", "+86"]]


def package(*parts: tuple[str, str]) -> bytes:
    """A zip of named parts, nothing packed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, text in parts:
            packed.writestr(name, text)
    return target.getvalue()


ODS = package(
    ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<office:document-content/>")
)


@pytest.mark.parametrize("data", [ODS, package(("word/document.xml", "<w:document/>"))], ids=["ods", "docx"])
def test_other_packages_than_xlsx_are_refused_with_what_to_do(data):
    with pytest.raises(NotReadable) as refusal:
        read_sheet(data)
    assert (refusal.value.code, refusal.value.message_zh) == (
        "unsupported_format",
        "这不是 Excel 表格；.ods 等其他格式现在不读。请用 WPS 或 Excel 另存为 .xlsx 后再导入。",
    )


def test_a_notice_as_opendocument_is_named():
    with pytest.raises(NotReadable, match=r"这是OpenDocument 表格（\.ods），目前还不能直接读。"):
        read_notice(ODS, file_name="通知.ods")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 broken", "truncated"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "unsupported_format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "unsupported_format"),
        (to_xlsx(Sheet("空", (Column("", 5),), ())), "empty"),
        (b"a," * 11_000_000, "too_large"),
        ("行\n".encode() * 20_001, "too_large"),
    ],
    ids=["empty", "cut-zip", "ole", "png", "empty-sheet", "22-mb", "20001-rows"],
)
def test_read_sheet_says_what_is_wrong(data, code):
    with pytest.raises(NotReadable) as refusal:
        read_sheet(data)
    assert refusal.value.code == code
