"""The merged reports as a .docx, without a database."""

import io

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from duban.documents.docx_file import to_docx
from duban.documents.report_book import Chapter, Item, ReportBook, Said, paper_of

pytestmark = pytest.mark.engine_free


def read(book):
    return Document(io.BytesIO(to_docx(paper_of(book))))


def test_paper_holds_everything_in_order():
    items = (
        Item("1. 新建小学。", (Said("教育局", "主体封顶。", "逾期"), Said("财政局", "", "未报"))),
        Item("2. 新建公路。", (Said("交通局", "完成路基。"),)),
    )
    paper = read(ReportBook("报送情况", "2020年6月22日", (Chapter("", items),)))
    assert [one.text for one in paper.paragraphs] == [
        "报送情况",
        "2020年6月22日",
        "",
        "1. 新建小学。",
        "教育局：主体封顶。（逾期）",
        "财政局：（未报）",
        "2. 新建公路。",
        "交通局：完成路基。",
    ]


def test_page_is_a4_with_the_edges_of_official_papers_and_says_nothing_of_its_maker():
    paper = read(ReportBook("报送情况", "", ()))
    page = paper.sections[0]
    edges = (page.page_width, page.page_height, page.top_margin, page.left_margin)
    wanted = (Mm(210), Mm(297), Mm(37), Mm(28))
    assert all(abs(one - other) < 1_000 for one, other in zip(edges, wanted, strict=True))
    told = paper.core_properties
    assert (told.title, told.author, told.comments, told.last_modified_by) == ("报送情况", "", "", "")


def test_headings_have_the_styles_of_official_papers():
    paper = read(ReportBook("报送情况", "", (Chapter("教育局", (Item("1. 新建小学。", (Said("教育局", "完。"),)),)),)))
    styles = [one.style.name for one in paper.paragraphs if one.text]
    assert styles == ["公文标题", "一级标题", "二级标题", "公文正文"]


def test_note_stands_behind_in_another_face():
    paper = read(ReportBook("报送情况", "", (Chapter("", (Item("1.", (Said("教育局", "完。", "逾期"),)),)),)))
    runs = [(one.text, one._r.rPr.rFonts.get(qn("w:eastAsia"))) for one in paper.paragraphs[-1].runs]
    assert runs == [("教育局：完。", None), ("（逾期）", "楷体_GB2312")]


@pytest.mark.parametrize("text", ["\x00\x07控制", "\ud800孤", "<w:t>&", "=1+1", "😀𠮷"])
def test_hostile_text_is_kept_as_text(text):
    paper = read(ReportBook(text, text, (Chapter("", (Item(text, (Said("教育局", text),)),)),)))
    assert paper.paragraphs[3].text == "".join(one for one in text if one not in "\x00\x07\ud800")
