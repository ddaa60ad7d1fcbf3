"""PDF files with text: ruled tables over pages, running text, and what is no text at all."""

import io
import random
from pathlib import Path

import pytest
import typst
from PIL import Image

from duban.reading import NotReadable, pdf_pages, read_notice
from duban.reading import pdf as reader
from duban.reading.pdf_pages import extracted
from duban.reading.shape import Grid, Paragraph
from tests.reading.support import EXAMPLE, SAMPLES, differences, expected
from tests.reading.support import row as fields
from tests.reading.test_robustness import lost_lines

pytestmark = pytest.mark.engine_free

FORMATS = SAMPLES / "formats"
FONTS = Path(__file__).parents[2] / "src" / "duban" / "documents" / "fonts"

PAGE = """
#set page(paper: "a4", flipped: true, margin: 2cm, header: [临江区人民政府办公室文件],
  footer: context align(center)[— #counter(page).display() —])
#set text(font: "FandolSong", size: 10.5pt, lang: "zh")
#set par(first-line-indent: (amount: 2em, all: true), justify: true)
"""
BARE = '#set page(paper: "a4")\n#set text(font: "FandolSong", lang: "zh")\n'
NOTICE = """
#align(center, text(size: 18pt)[临江区人民政府办公室关于印发2020年目标任务责任分解表的通知])
各镇人民政府，区政府各部门：

2020年是收官之年。为全面落实好各项工作任务，经区政府同意，现将目标任务进行责任分解，请认真抓好贯彻落实，坚持稳中求进工作总基调，
践行新发展理念，推动高质量发展，并于2020年6月20日前将完成情况报送区政府督查室。

有关事项另行通知。

#let band(n) = if n == 1 { (table.cell(colspan: 6)[一、经济发展],) } else if n == 25 {
  (table.cell(colspan: 6)[二、民生实事],) } else { () }
#let merged(body) = table.cell(rowspan: 6, body)
#let names(n) = if n == 17 {
  (merged[教育局\\ 住建局], merged[王力\\ 李明], merged[各镇（街道）], merged[赵刚])
} else if n > 17 and n < 23 { () } else {
  ([市场监督管理局\\ 石化安控区指挥部办公室], [孙立\\ 周敏], [], [郑华])
}
#let line(n) = (
  [#n], [推进第#(n)批学校建设，优化布局，完善设施，提高质量，满足群众需要，办好人民满意的教育。])
#let rows = range(1, 41).map(n => (band(n), line(n), names(n)).flatten()).flatten()
#table(columns: (1.2cm, 1fr, 3.2cm, 2cm, 3cm, 2cm),
  table.header[序号][目标任务][牵头单位][责任人][协办单位][责任领导], ..rows)

抄送：区委办。
"""


def made(text: str, *, head: str = PAGE) -> bytes:
    return typst.compile((head + text).encode(), font_paths=[str(FONTS)], ignore_system_fonts=True)


@pytest.mark.parametrize("name", ["table_one.pdf", "table_pages.pdf"])
def test_the_sample_notice_is_read_as_from_text(name):
    reading = read_notice((FORMATS / name).read_bytes())
    text = read_notice(EXAMPLE.read_bytes())
    assert differences(expected("quangang-2020-2"), reading.matters) == []
    assert len(reading.matters) == 128
    assert [m.links for m in reading.matters] == [m.links for m in text.matters]
    assert [m.oversight for m in reading.matters] == [m.oversight for m in text.matters]
    assert [(f.kind, f.serials, f.severity) for f in reading.findings] == [
        (f.kind, f.serials, f.severity) for f in text.findings
    ]
    assert (reading.notice.title, reading.notice.issued_on) == (text.notice.title, text.notice.issued_on)
    assert [(c.key, c.value) for c in reading.notice.clauses] == [(c.key, c.value) for c in text.notice.clauses]
    assert lost_lines(reading) == []


@pytest.fixture(scope="module")
def notice():
    return read_notice(made(NOTICE))


def test_a_table_goes_on_over_pages(notice):
    others = ("市场监督管理局 石化安控区指挥部办公室", "", "孙立 周敏", "郑华", None)
    shared = ("教育局 住建局", "各镇（街道）", "王力 李明", "赵刚", None)
    assert [fields(m)[2:] for m in notice.matters] == [shared if 17 <= n <= 22 else others for n in range(1, 41)]
    assert [m.serial for m in notice.matters] == [str(n) for n in range(1, 41)]
    assert [m.section for m in notice.matters] == ["一、经济发展"] * 24 + ["二、民生实事"] * 16
    assert [m.serial for m in notice.matters if m.inherited] == ["18", "19", "20", "21", "22"]
    assert len(notice.notice.tables) == 1
    assert lost_lines(notice) == []


def test_pages_are_known_and_furniture_is_gone(notice):
    pages = [m.page for m in notice.matters]
    assert pages == sorted(pages)
    assert (pages[0], pages[-1]) == (1, 5)
    assert not [line for line in notice.lines if "人民政府办公室文件" in line or line.startswith("—")]
    box = notice.document.blocks[0].position.box
    assert 40 < box[1] < 100
    assert box[0] < box[2]


def test_lines_become_paragraphs(notice):
    before = [block.text for block in notice.document.blocks if isinstance(block, Paragraph)]
    assert before[:2] == [
        "临江区人民政府办公室关于印发2020年目标任务责任分解表的通知",
        "各镇人民政府，区政府各部门：",
    ]
    assert before[2].startswith("2020年是收官之年。")
    assert before[2].endswith("报送区政府督查室。")
    assert before[3:] == ["有关事项另行通知。", "抄送：区委办。"]
    assert notice.notice.copies_to == ("区委办",)


def grid(text: str) -> list[list]:
    """Rows of the only grid of a page of A4: None where covered, else text, with its spans where it has any."""
    (found,) = [block for block in reader.read(made(text)).document.blocks if isinstance(block, Grid)]
    return [
        [
            one and ((one.text, one.row_span, one.col_span) if one.row_span * one.col_span > 1 else one.text)
            for one in line.cells
        ]
        for line in found.rows
    ]


def test_merged_cells_are_spans():
    rows = grid("""#table(columns: 4, [序号], [任务], table.cell(colspan: 2)[责任],
      [1], [甲], table.cell(rowspan: 2)[教育局], [王力], [2], [乙], [李明])""")
    assert rows == [
        ["序号", "任务", ("责任", 1, 2), None],
        ["1", "甲", ("教育局", 2, 1), "王力"],
        ["2", "乙", None, "李明"],
    ]


def test_a_merge_goes_on_over_a_page_break_and_a_blank_stays_blank():
    text = """#set page(flipped: false, width: 29.7cm, height: 8cm)
    #table(columns: (1cm, 6cm, 4cm, 3cm), table.header[序号][任务][牵头单位][责任领导],
      [1], [甲。], [教育局], table.cell(rowspan: 7)[赵刚],
      ..range(2, 8).map(n => ([#n], [第#(n)件事。], if n == 5 { [] } else { [教育局] })).flatten(),
      [8], [乙。], [财政局], [])"""
    reading = read_notice(made(text))
    assert {m.page for m in reading.matters} >= {1, 2}
    assert [m.overseers[0].name if m.overseers else None for m in reading.matters] == ["赵刚"] * 7 + [None]


def test_a_row_cut_by_the_end_of_a_page_is_one_matter():
    text = """#set page(flipped: false, width: 29.7cm, height: 8cm)
    #table(columns: (1cm, 5cm, 4cm), table.header[序号][任务][牵头单位], [1], [甲。], [教育局],
      [2], [推进学校建设，优化布局，完善设施，提高质量，满足群众需要，办好人民满意的教育，改善办学条件，配齐教师，
      建好操场，修好道路，通好公交，管好食堂，年底前全部完成。],
      [县教育局\\ 县财政局\\ 县住建局\\ 县交通局\\ 县卫健局\\ 县公安局],
      [3], [丙。], [民政局])"""
    reading = read_notice(made(text))
    assert [m.serial for m in reading.matters] == ["1", "2", "3"]
    middle = reading.matters[1]
    assert middle.text == (
        "推进学校建设，优化布局，完善设施，提高质量，满足群众需要，办好人民满意的教育，改善办学条件，配齐教师，"
        "建好操场，修好道路，通好公交，管好食堂，年底前全部完成。"
    )
    assert [unit.name for unit in middle.lead_units] == [
        *("县教育局", "县财政局", "县住建局", "县交通局", "县卫健局", "县公安局"),
    ]


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("临江经济技术开发区管理委员会", ["临江经济技术开发区管理委员会"]),
        ("县人力资源和社会保障局、县市场监督管理局", ["县人力资源和社会保障局", "县市场监督管理局"]),
        ("县市场监管局\\ 县工信局", ["县市场监管局", "县工信局"]),
        ("城东街道办事处\\ 县残联", ["城东街道办事处", "县残联"]),
        ("石化安控指挥办公室", ["石化安控指挥办公室"]),
    ],
)
def test_a_name_wrapped_in_its_cell_is_joined(printed, names):
    text = f"#table(columns: (1cm, 5cm, 3cm), [序号], [任务], [牵头单位], [1], [甲。], [{printed}])"
    assert [unit.name for unit in read_notice(made(text)).matters[0].lead_units] == names


def test_bold_made_by_printing_twice_is_read_once():
    blocks = reader.read(
        made("#place[关于印发方案的通知]#place(dx: 0.3pt)[关于印发方案的通知]", head=BARE)
    ).document.blocks
    assert [block.text for block in blocks] == ["关于印发方案的通知"]


def test_columns_without_lines_are_told_by_their_distance():
    text = """#table(columns: (2cm, 8cm, 6cm), stroke: none, [序号], [工作任务], [责任单位],
      [1], [新建学校2所。], [县教育局], [2], [改造市场3个。], [县商务局])"""
    assert [fields(m)[:3] for m in read_notice(made(text)).matters] == [
        ("1", "新建学校2所。", "县教育局"),
        ("2", "改造市场3个。", "县商务局"),
    ]


# --- files that are not what they should be

SAMPLE = (FORMATS / "table_one.pdf").read_bytes()


def scan() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (600, 800), 255).save(stream, "PDF")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (scan(), "scan", "扫描件"),
        (made("", head=BARE), "scan", "文字识别（OCR）"),
        (SAMPLE[:2000], "truncated", "不完整或已损坏"),
        (b"%PDF-1.7\n...", "truncated", "不完整或已损坏"),
        (made("#pagebreak()" * 200 + "甲"), "too_large", "201 页"),
    ],
    ids=["scan", "blank", "cut", "nothing", "201-pages"],
)
def test_a_file_that_cannot_be_read_is_refused_with_words(data, code, words):
    with pytest.raises(NotReadable) as refused:
        read_notice(data)
    assert refused.value.code == code
    assert words in refused.value.message_zh
    assert refused.value.message_zh.endswith("。")


def test_pages_that_are_pictures_are_named():
    stream = io.BytesIO()
    Image.new("L", (60, 80), 128).save(stream, "PNG")
    picture = f"#image(bytes(({', '.join(map(str, stream.getvalue()))})))"
    table = "#table(columns: 3, [序号], [工作任务], [责任单位], [1], [新建学校2所。], [教育局])"
    reading = read_notice(made(f"{table}#pagebreak(){picture}", head=BARE))
    assert [m.serial for m in reading.matters] == ["1"]
    assert [f.message for f in reading.findings if f.kind == "left_out"] == ["第 2 页是图片，里面没有文字，没有读。"]


def test_pages_that_lie_on_their_side_are_named():
    turned = "#pagebreak()#rotate(90deg, reflow: true)[新建学校2所，改造市场3个，完成投资4万元。]"
    table = "#table(columns: 3, [序号], [工作任务], [责任单位], [1], [新建学校2所。], [教育局])"
    reading = read_notice(made(table + turned, head=BARE))
    assert [f.message for f in reading.findings if f.kind == "left_out"] == [
        "第 2 页的文字是横倒的，没有读；请把页面转正后另存再读。"
    ]
    with pytest.raises(NotReadable, match="横倒的（第 2 页）"):
        read_notice(made(turned, head=BARE))


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_read_or_refused(seed):
    dice = random.Random(seed)
    data = bytearray(made(NOTICE.split("#let")[0]))
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(data))
        data[at : at + dice.randint(0, 30)] = dice.randbytes(dice.randint(0, 30))
    try:
        extracted(bytes(data))
    except NotReadable as refused:
        assert refused.message_zh.endswith("。")


def test_a_fault_of_our_own_is_not_told_as_a_damaged_file(monkeypatch):
    monkeypatch.setattr(pdf_pages, "_within", None)
    with pytest.raises(TypeError):
        extracted(SAMPLE)
