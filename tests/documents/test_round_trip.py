"""What the 责任分解表 prints is what `duban read` reads again: the same 128 matters, every name in its column."""

from dataclasses import replace
from pathlib import Path

import pytest

from duban.documents.docx_file import to_docx
from duban.documents.kinds import assignment_notice, duty_table
from duban.documents.pdf import to_pdf
from duban.documents.sheets import to_xlsx
from duban.reading import read_notice
from tests.documents import examples

pytestmark = pytest.mark.engine_free

SAMPLE = Path(__file__).parents[2] / "examples" / "quangang-2020-2.txt"


@pytest.fixture(scope="module")
def table():
    read = read_notice(SAMPLE.read_bytes(), file_name=SAMPLE.name)
    return replace(examples.duty_table(), duties=examples.duties_of(read))


def as_docx(table):
    return to_docx(duty_table.paper_of(table))


def as_notice(table):
    return to_docx(assignment_notice.paper_of(replace(examples.assignment_notice(), table=table)))


def as_xlsx(table):
    return to_xlsx(duty_table.sheet_of(table))


@pytest.mark.parametrize("form", [as_docx, as_notice, as_xlsx])
def test_table_read_again_gives_the_same_matters(table, form):
    assert len(table.duties) == 128
    assert examples.duties_of(read_notice(form(table))) == table.duties


def test_pdf_read_again_gives_the_same_matters_but_for_blanks_where_a_line_ends(table):
    def bare(duties):
        return [replace(one, text="".join(one.text.split())) for one in duties]

    again = examples.duties_of(read_notice(to_pdf(duty_table.paper_of(table))))
    assert bare(again) == bare(table.duties)


def test_cells_once_inherited_come_back_resolved(table):
    again = {one.serial: one for one in examples.duties_of(read_notice(as_docx(table)))}
    assert again["20"].lead_units == again["21"].lead_units == ("文体旅游局", "文旅开发公司")
    assert again["17"].support_units == ()


def test_odd_texts_rare_names_and_blanks_beside_merged_cells_survive(table):
    merged = table.duties[5:8]  # 19 to 21 share their responsibility cells
    one = replace(merged[0], serial="1", text="完成“一窗受理”80%—90%，A座2#楼。", persons=("昇玥喆", "江岚"))
    two = replace(one, serial="2", lead_units=("商务局（口岸办）",), persons=(), support_units=(), overseers=())
    three = replace(one, serial="3", support_units=("各镇（街道）", "区直有关单位"))
    duties = (*merged, one, two, three)
    for form in (as_docx, as_xlsx):
        assert examples.duties_of(read_notice(form(replace(table, duties=duties)))) == duties


def test_matter_without_a_serial_comes_back_without_one(table):
    one, two = table.duties[0], table.duties[3]
    none = replace(two, serial="", text="落实常务会议议定事项。")
    duties = (one, none, two, replace(none, text="落实区长批示。"))
    for form in (as_docx, as_xlsx, lambda table: to_pdf(duty_table.paper_of(table))):
        again = read_notice(form(replace(table, duties=duties)))
        assert [one.serial for one in again.matters] == [one.serial, None, two.serial, None]
        assert [one.text for one in again.matters][1::2] == ["落实常务会议议定事项。", "落实区长批示。"]


def test_notice_read_again_says_its_title_number_and_rules():
    data = examples.assignment_notice()
    notice = read_notice(to_docx(assignment_notice.paper_of(data))).notice
    assert notice.title == data.title
    assert (notice.document_number, notice.issuer) == (data.number, data.issuer)
    assert notice.recipients == tuple(one.name for one in data.recipients)
    assert (notice.declared_items, notice.report_dates) == (157, ("2020-06-20", "2020-12-20"))
    assert notice.dated_on == "2020-01-22"
