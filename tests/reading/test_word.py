"""Word files: what Word shows is what is read."""

import random

import pytest

from duban.reading import NotReadable, read_notice
from duban.reading import word as reader
from duban.reading.numbering import written
from duban.reading.package import Package
from duban.reading.shape import Grid, Paragraph
from tests.reading.office import HEADER, annex, cell, package, paragraph, row, table, word
from tests.reading.support import EXAMPLE, SAMPLES, differences, expected
from tests.reading.support import row as fields
from tests.reading.test_robustness import lost_lines

pytestmark = pytest.mark.engine_free

FORMATS = SAMPLES / "formats"


def texts(data: bytes) -> list[str]:
    """The text of every paragraph, and of every cell that begins in a grid."""
    found = []
    for block in reader.read(data).document.blocks:
        if isinstance(block, Paragraph):
            found.append(block.text)
        else:
            found.extend(one.text for line in block.rows for one in line.cells if one is not None)
    return found


def grid(data: bytes) -> Grid:
    (found,) = [block for block in reader.read(data).document.blocks if isinstance(block, Grid)]
    return found


def spans(data: bytes) -> list[list]:
    """Each row of the only grid: None where covered, else text, or text with its spans."""
    return [
        [
            None
            if one is None
            else (one.text, one.row_span, one.col_span)
            if one.row_span * one.col_span > 1
            else one.text
            for one in line.cells
        ]
        for line in grid(data).rows
    ]


@pytest.mark.parametrize("name", ["table_one.docx", "table_pages.docx"])
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


def test_a_matter_knows_its_line_and_the_row_it_was_merged_with():
    reading = read_notice((FORMATS / "table_one.docx").read_bytes())
    by_serial = {m.serial: m for m in reading.matters}
    lead = by_serial["20"].cells["lead_units"]
    assert (lead.basis, lead.line) == ("inherited", by_serial["19"].line)
    assert reading.lines[by_serial["20"].line - 1] == "20\t打造7个文体旅游融合试点村。"
    assert by_serial["20"].page is None


def test_merged_cells_are_spans():
    data = word(
        table(
            row("序号", "工作任务", cell("责任", '<w:gridSpan w:val="2"/>')),
            row("1", "甲", cell("教育局", '<w:vMerge w:val="restart"/>'), "王力"),
            row("2", "乙", cell("看不见的", "<w:vMerge/>"), "李明"),
            row("3", "丙", cell("财政局", '<w:gridSpan w:val="2"/><w:vMerge w:val="restart"/>')),
            row("4", "丁", cell("", '<w:gridSpan w:val="2"/><w:vMerge w:val="continue"/>')),
        )
    )
    assert spans(data) == [
        ["序号", "工作任务", ("责任", 1, 2), None],
        ["1", "甲", ("教育局", 2, 1), "王力"],
        ["2", "乙", None, "李明"],
        ["3", "丙", ("财政局", 2, 2), None],
        ["4", "丁", None, None],
    ]


def test_a_cell_over_two_columns_is_not_taken_from_the_row_above():
    header = row("序号", "工作任务", "牵头单位", "责任人")
    data = word(
        table(header, row("1", "甲。", "教育局", "王力"), row("2", "乙。", cell("财政局", '<w:gridSpan w:val="2"/>')))
    )
    assert [fields(m) for m in read_notice(data).matters] == [
        ("1", "甲。", "教育局", "", "王力", "", None),
        ("2", "乙。", "财政局", "", "", "", None),
    ]


def test_a_row_that_begins_late_keeps_its_columns():
    late = row("乙。", "财政局", properties='<w:gridBefore w:val="1"/>')
    assert spans(word(table(HEADER, row("1", "甲。", "教育局"), late)))[2] == ["", "乙。", "财政局"]


def test_edges_a_hair_apart_are_one_column():
    edges = "".join(f'<w:gridCol w:w="{width}"/>' for width in (600, 4000, 40, 2000))
    data = word(
        f"<w:tbl><w:tblGrid>{edges}</w:tblGrid>"
        + row("序号", "工作任务", cell("责任单位", '<w:gridSpan w:val="2"/>'))
        + row("1", cell("甲。", '<w:gridSpan w:val="2"/>'), "教育局")
        + "</w:tbl>"
    )
    assert spans(data) == [["序号", "工作任务", "责任单位"], ["1", "甲。", "教育局"]]


def test_rows_in_content_controls_and_insertions_are_read_and_deletions_are_not():
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{row('1', '甲。', '教育局')}</w:sdtContent></w:sdt>"
    inserted = row("2", "乙。", "财政局", properties='<w:ins w:id="1" w:author="a"/>')
    deleted = row("3", "丙。", "民政局", properties='<w:del w:id="2" w:author="a"/>')
    edited = (
        "<w:p><w:r><w:t>完成</w:t></w:r><w:del><w:r><w:delText>三</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>四</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>旧</w:t></w:r></w:moveFrom>"
        "<w:moveTo><w:r><w:t>新</w:t></w:r></w:moveTo><w:r><w:t>所。</w:t></w:r></w:p>"
    )
    reading = read_notice(word(table(HEADER, control, inserted, deleted, row("4", cell(edited), "公安局"))))
    assert [(m.serial, m.text) for m in reading.matters] == [("1", "甲。"), ("2", "乙。"), ("4", "完成四新所。")]
    (said,) = [f.message for f in reading.findings if f.kind == "left_out"]
    assert said == "文件里有未接受的修订：删除的文字（2 处）没有读，插入的照读。"


def test_a_paragraph_whose_end_was_deleted_goes_on():
    first = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>关于印发</w:t></w:r></w:p>"
    assert texts(word(first + paragraph("方案的通知"))) == ["关于印发方案的通知"]


def test_hidden_text_is_left_out_and_signs_are_kept():
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>暗</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>二</w:t></w:r>"
        '<w:r><w:sym w:font="仿宋" w:char="3007"/><w:sym w:font="Wingdings" w:char="F0FE"/><w:t>年</w:t><w:br/>'
        "<w:t>下一行</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:r><w:ruby><w:rt><w:r><w:t>shuài</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>率</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>"
    )
    assert texts(word(body)) == ["二〇年", "下一行率"]


def test_a_text_box_is_read_once():
    def box(text):
        return f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"

    drawing = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"<w:drawing><wps:txbx>{box('临政办〔2020〕2号')}</wps:txbx></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{box('临政办〔2020〕2号')}</v:textbox></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )
    only_old = f"<w:r><w:pict><v:shape><v:textbox>{box('临江区人民政府办公室')}</v:textbox></v:shape></w:pict></w:r>"
    body = f"<w:p>{only_old}</w:p><w:p>{drawing}<w:r><w:t>正文</w:t></w:r></w:p>"
    assert texts(word(body)) == ["临江区人民政府办公室", "临政办〔2020〕2号", "正文"]


def level(depth: int, form: str, text: str, more: str = "") -> str:
    inside = f'<w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{depth}">{inside}</w:lvl>'


def numbered(number: int, depth: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'


def pattern(number: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


NUMBERING = (
    pattern(7, level(0, "chineseCounting", "%1、"), level(1, "decimal", "%1.%2", "<w:isLgl/>"))
    + pattern(8, level(0, "decimal", "%1"), level(1, "bullet", "●"))
    + '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="7"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
)


def test_numbers_that_word_counts_are_text():
    body = "".join(
        paragraph(text, properties)
        for text, properties in (
            ("明确责任", numbered(1)),
            ("层层落实", numbered(1, 1)),
            ("按时报送", numbered(1, 1)),
            ("不编号", ""),
            ("严格考核", numbered(1)),
            ("另起", numbered(1, 1)),
            ("重新开始", numbered(3)),
            ("项目符号", numbered(2, 1)),
            ("取消编号", numbered(0)),
        )
    )
    assert texts(word(body, numbering=NUMBERING)) == [
        *("一、明确责任", "1.1 层层落实", "1.2 按时报送", "不编号", "二、严格考核", "2.1 另起", "五、重新开始"),
        *("项目符号", "取消编号"),
    ]


def test_numbers_of_a_style_are_counted_too():
    styles = (
        '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="heading 2"/><w:pPr>'
        f'{numbered(1)}</w:pPr></w:style><w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="a"/></w:style>'
    )
    body = paragraph("甲", '<w:pStyle w:val="a"/>') + paragraph("乙", '<w:pStyle w:val="b"/>')
    blocks = reader.read(word(body, numbering=NUMBERING, styles=styles)).document.blocks
    assert [(block.text, block.level) for block in blocks] == [("一、甲", 2), ("二、乙", 2)]


def test_serials_that_word_counts_are_serials():
    rows = [row(cell(paragraph("", numbered(2))), f"新建学校{n}所。", "教育局") for n in (1, 2, 3)]
    reading = read_notice(word(table(HEADER, *rows), numbering=NUMBERING))
    assert [(m.serial, m.text) for m in reading.matters] == [
        ("1", "新建学校1所。"),
        ("2", "新建学校2所。"),
        ("3", "新建学校3所。"),
    ]


@pytest.mark.parametrize(
    ("number", "form", "expected_text"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCountingThousand", "十"),
        (21, "japaneseCounting", "二十一"),
        (105, "chineseCountingThousand", "一百零五"),
        (110, "chineseCountingThousand", "一百一十"),
        (1003, "taiwaneseCountingThousand", "一千零三"),
        (3, "ideographTraditional", "丙"),
        (12, "decimalEnclosedCircle", "⑫"),
        (28, "lowerLetter", "bb"),
        (14, "upperRoman", "XIV"),
        (7, "decimalZero", "07"),
        (7, "decimalFullWidth", "７"),
        (7, "somethingElse", "7"),
    ],
)
def test_a_number_in_words_form(number, form, expected_text):
    assert written(number, form) == expected_text


def test_a_table_in_a_frame_stands_by_itself_and_one_in_a_cell_is_lines():
    inner = table(row("县教育局", "王力"), row("县财政局", "李明"))
    framed = table(row(cell(paragraph("附件") + table(HEADER, row("1", "甲。", cell(inner + paragraph("")))))))
    assert texts(word(framed)) == ["附件", "序号", "工作任务", "责任单位", "1", "甲。", "县教育局 王力\n县财政局 李明"]


def test_footnotes_are_kept():
    notes = '<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>' + (
        f'<w:footnote w:id="1">{paragraph("带★的为民生实事。")}</w:footnote>'
    )
    assert texts(word(paragraph("正文。"), footnotes=notes)) == ["正文。", "带★的为民生实事。"]


def test_columns_set_with_tabs_are_read_as_in_text():
    def line(*cells):
        return "<w:p><w:r>" + "<w:tab/>".join(f"<w:t>{one}</w:t>" for one in cells) + "</w:r></w:p>"

    data = word(line("序号", "工作任务", "责任单位") + line("1", "新建学校2所。", "教育局"))
    assert [fields(m)[:3] for m in read_notice(data).matters] == [("1", "新建学校2所。", "教育局")]


ANNEX = [
    ("一、经济发展",),
    ("1", "新建标准厂房5万平方米。", "工信局、财政局", "王力、李明", "各镇（街道）", "赵刚"),
    ("2", "新增规上企业10家。", None, None, None, None),
    ("3", "引进项目3个。", "商务局", "孙立", "", "赵刚"),
    ("二、民生实事",),
    ("4", "新建学校2所。", "教育局\n住建局", "周敏\n吴涛", "城南镇", "郑华"),
    ("5", "改造市场1个。", "商务局", "孙立", None, None),
    ("6", "开展培训100场。", "人社局", "冯丽", "", ""),
]


def test_an_annex_on_a_landscape_page_with_bands_and_merges():
    header = ("序号", "目标任务", "牵头单位", "责任人", "协办单位", "责任领导")
    reading = read_notice(annex(ANNEX, title="2020年目标任务责任分解表", header=header))
    first, second = (
        ("工信局 财政局", "各镇（街道）", "王力 李明", "赵刚"),
        ("教育局 住建局", "城南镇", "周敏 吴涛", "郑华"),
    )
    assert [fields(m) for m in reading.matters] == [
        ("1", "新建标准厂房5万平方米。", *first, None),
        ("2", "新增规上企业10家。", *first, None),
        ("3", "引进项目3个。", "商务局", "", "孙立", "赵刚", None),
        ("4", "新建学校2所。", *second, None),
        ("5", "改造市场1个。", "商务局", "城南镇", "孙立", "郑华", None),
        ("6", "开展培训100场。", "人社局", "", "冯丽", "", None),
    ]
    assert [m.section for m in reading.matters] == ["一、经济发展"] * 3 + ["二、民生实事"] * 3
    assert [m.inherited for m in reading.matters] == [False, True, False, False, False, False]
    assert [m.cells["overseers"].basis for m in reading.matters] == [
        *("read", "inherited", "read", "read", "inherited", "blank"),
    ]
    assert lost_lines(reading) == []


# --- files that are not what they should be

SAMPLE = (FORMATS / "table_one.docx").read_bytes()


def refusal(data: bytes) -> NotReadable:
    with pytest.raises(NotReadable) as refused:
        read_notice(data)
    assert refused.value.message_zh.endswith("。")
    return refused.value


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (SAMPLE[:-2000], "truncated", "不完整或已损坏"),
        (SAMPLE[:5000], "truncated", "不完整或已损坏"),
        (package({"word/document.xml": "<a/>"}), "truncated", "不完整或已损坏"),
        (word("<w:p>"), "truncated", "不完整或已损坏"),
        (word(""), "empty", "空的"),
        (word(paragraph("甲"), head='<!DOCTYPE x [<!ENTITY a "b">]>'), "undecodable", "DTD"),
        (word(paragraph("&a;"), head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "undecodable", "DTD"),
        (word(paragraph("甲" * 30_000_000)), "too_large", "展开后太大"),
        (package({"word/document.xml": "", **{f"x{n}": "" for n in range(10_001)}}), "too_large", "展开后太大"),
    ],
    ids=["cut", "cut-early", "no-relations", "not-xml", "empty", "dtd", "entity", "bomb", "many-parts"],
)
def test_a_file_that_cannot_be_read_is_refused_with_words(data, code, words):
    refused = refusal(data)
    assert refused.code == code
    assert words in refused.message_zh


def altered(*, flags: int | None = None, method: int | None = None, name: bytes | None = None) -> bytes:
    """Return a .docx whose parts say of themselves that they are packed in another way."""
    data = bytearray(word(paragraph("甲")))
    for mark, first in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            if flags is not None:
                data[at + first : at + first + 2] = flags.to_bytes(2, "little")
            if method is not None:
                data[at + first + 2 : at + first + 4] = method.to_bytes(2, "little")
            at = data.find(mark, at + 4)
    return bytes(data) if name is None else bytes(data).replace(b"_rels/.rels", name)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (altered(flags=0x01), "undecodable", "密码"),
        (altered(flags=0x40), "undecodable", "密码"),
        (altered(flags=0x20), "truncated", "不完整或已损坏"),
        (altered(flags=0x800, name=b"\xff_rels/.rel"), "truncated", "不完整或已损坏"),
        (altered(method=9), "truncated", "不完整或已损坏"),
        (altered(method=14), "truncated", "不完整或已损坏"),
    ],
    ids=["password", "strong-password", "patched", "name-in-no-encoding", "deflate64", "lzma"],
)
def test_parts_packed_in_another_way_are_refused_with_the_reason(data, code, words):
    refused = refusal(data)
    assert refused.code == code
    assert words in refused.message_zh


@pytest.mark.parametrize("seed", range(200))
def test_a_package_damaged_anywhere_is_refused_or_opened(seed):
    dice = random.Random(seed)
    data = bytearray(word(paragraph("甲" * 200)))
    for _ in range(dice.randint(1, 3)):
        data[dice.randrange(4, len(data))] = dice.randrange(256)
    try:
        opened = Package(bytes(data), kind="Word 文件（.docx）")
        opened.xml(opened.main_part())
    except NotReadable as refused:
        assert refused.message_zh.endswith("。")


def test_tables_a_thousand_deep_are_no_trap():
    deep = "".join("<w:tbl><w:tr><w:tc>" for _ in range(60)) + paragraph("底") + "</w:tc></w:tr></w:tbl>" * 60
    reading = read_notice(word(table(HEADER, row("1", "甲。", "教育局")) + deep))
    assert [m.serial for m in reading.matters] == ["1"]


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_read_or_refused(seed):
    dice = random.Random(seed)
    data = bytearray(SAMPLE)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data))
        data[at : at + dice.randint(0, 20)] = dice.randbytes(dice.randint(0, 20))
    try:
        reading = read_notice(bytes(data))
    except NotReadable as refused:
        assert refused.message_zh.endswith("。")
    else:
        assert lost_lines(reading) == []
