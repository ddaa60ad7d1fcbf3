"""A paper as .docx, read back with python-docx and as bare XML."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from duban.documents.docx_file import to_docx
from duban.documents.docx_file.heads import Mark, mark_of
from duban.documents.docx_file.tables import runs_of
from duban.documents.paper import (
    Align,
    Annex,
    Colophon,
    Column,
    DocumentError,
    Face,
    Figure,
    Form,
    Head,
    Heading,
    Paper,
    Paragraph,
    Row,
    Run,
    Signature,
    Table,
    text,
)
from tests.documents.papers import BULLETIN, FILE, FORMS, LETTER, MINUTES, OFFICE, PLAIN, SVG, TABLE, row, table

pytestmark = pytest.mark.engine_free

FORM = pytest.mark.parametrize("paper", FORMS.values(), ids=FORMS)


def read(paper):
    return Document(io.BytesIO(to_docx(paper)))


def plain(*blocks, **told):
    return Paper(Form.PLAIN, "标题", blocks, **told)


def parts(paper):
    """Return every part of the file by its name."""
    with zipfile.ZipFile(io.BytesIO(to_docx(paper))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tree(paper, name="word/document.xml"):
    return etree.fromstring(parts(paper)[name])


def furniture(paper, kind, section=0):
    """Return (XML by the pages it stands on) of a section's headers or footers."""
    files = parts(paper)
    names = dict(re.findall(rb'Id="(\w+)" Type="[^"]+" Target="([^"]+)"', files["word/_rels/document.xml.rels"]))
    shape = list(tree(paper).iter(qn("w:sectPr")))[section]
    return {
        one.get(qn("w:type")): files["word/" + names[one.get(qn("r:id")).encode()].decode()].decode()
        for one in shape.findall(qn(f"w:{kind}Reference"))
    }


def of_style(paper, name):
    return [one for one in read(paper).paragraphs if one.style.name == name]


def twips(mm):
    return round(mm * 1440 / 25.4)


# ── the file ──

SEQUENCES = {
    "pPr": """pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs
        suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd
        snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment
        textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange""",
    "rPr": """rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid
        vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em
        lang eastAsianLayout specVanish oMath""",
    "tblPr": """tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing
        tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription""",
    "tcPr": """cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign
        hideMark""",
    "sectPr": """headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType
        pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings""",
    "pBdr": "top left bottom right between bar",
    "tblBorders": "top left bottom right insideH insideV",
    "tblCellMar": "top left bottom right",
    "tbl": "tblPr tblGrid tr",
    "tc": "tcPr p",
    "style": """name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked
        personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr""",
    "font": "altName panose1 charset family notTrueType pitch sig embedRegular",
    "settings": """zoom bordersDoNotSurroundHeader bordersDoNotSurroundFooter defaultTabStop evenAndOddHeaders
        drawingGridVerticalSpacing characterSpacingControl compat themeFontLang decimalSymbol listSeparator""",
    "compat": "spaceForUL doNotLeaveBackslashAlone ulTrailSpace doNotExpandShiftReturn compatSetting",
    "docDefaults": "rPrDefault pPrDefault",
}


@FORM
def test_children_stand_in_the_order_of_the_schema(paper):
    seen = set()
    for name, content in parts(paper).items():
        if not re.fullmatch(r"word/\w+\.xml", name):
            continue
        for element in etree.fromstring(content).iter(*(qn(f"w:{one}") for one in SEQUENCES)):
            kind = etree.QName(element).localname
            order = SEQUENCES[kind].split()
            places = [order.index(etree.QName(child).localname) for child in element]
            assert places == sorted(places), (name, etree.tostring(element))
            seen.add(kind)
    assert seen >= {"pPr", "rPr", "sectPr", "style", "settings"}


@FORM
def test_same_paper_gives_the_same_bytes_and_tells_neither_who_nor_when(paper):
    content = to_docx(paper)
    assert content == to_docx(replace(paper))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    told = read(paper).core_properties
    assert told.title == paper.title
    assert (told.author, told.last_modified_by, told.created, told.modified) == ("", "", None, None)


@FORM
def test_every_part_is_told_of_and_every_relation_leads_somewhere(paper):
    files = parts(paper)
    targets = re.findall(rb'Target="([^"]+)"', files["word/_rels/document.xml.rels"])
    assert {f"word/{one.decode()}" for one in targets} <= set(files)
    used = set(re.findall(rb'r:(?:id|embed)="(\w+)"', files["word/document.xml"]))
    assert used <= set(re.findall(rb'Id="(\w+)"', files["word/_rels/document.xml.rels"]))
    told = files["[Content_Types].xml"].decode()
    endings = set(re.findall(r'Extension="(\w+)"', told))
    assert all(name.rsplit(".", 1)[-1] in endings for name in files if name != "[Content_Types].xml")


@FORM
def test_drawings_have_numbers_of_their_own(paper):
    numbers = [one for content in parts(paper).values() for one in re.findall(rb'<wp:docPr id="(\d+)"', content)]
    assert len(numbers) == len(set(numbers))


# ── the page ──


def test_pages_are_those_of_the_standard():
    shapes = list(tree(FILE).iter(qn("w:sectPr")))
    upright, turned = shapes[0], shapes[1]
    edges = {one: int(upright.find(qn("w:pgMar")).get(qn(f"w:{one}"))) for one in ("top", "right", "bottom", "left")}
    assert edges == {"top": twips(37), "right": twips(26), "bottom": twips(35), "left": twips(28)}
    size = [upright.find(qn("w:pgSz")).get(qn(f"w:{one}")) for one in ("w", "h")]
    assert size == [str(twips(210)), str(twips(297))]
    assert turned.find(qn("w:pgSz")).get(qn("w:orient")) == "landscape"
    edges = {one: int(turned.find(qn("w:pgMar")).get(qn(f"w:{one}"))) for one in ("top", "right", "bottom", "left")}
    assert edges == {"top": twips(28), "right": twips(37), "bottom": twips(26), "left": twips(35)}
    grids = {(one.get(qn("w:type")), one.get(qn("w:linePitch"))) for one in tree(FILE).iter(qn("w:docGrid"))}
    assert grids == {("lines", "579")}
    assert 22 * 579 <= twips(225) < 22 * 580


def test_annexes_begin_sections_of_their_own_and_lie_as_asked():
    sections = read(FILE).sections
    assert [one.page_width > one.page_height for one in sections] == [False, True, False]
    assert {one.start_type for one in sections} == {2}


def test_a_landscape_end_gives_the_colophon_an_upright_page():
    paper = replace(FILE, annexes=FILE.annexes[:1])
    assert [one.page_width > one.page_height for one in read(paper).sections] == [False, True, False]


def test_body_style_has_the_fonts_and_the_grid():
    style = next(one for one in tree(FILE, "word/styles.xml").iter(qn("w:style")) if one.get(qn("w:styleId")) == "Body")
    font = style.find(f".//{qn('w:rFonts')}")
    assert {font.get(qn(f"w:{one}")) for one in ("ascii", "hAnsi", "eastAsia", "cs")} == {"仿宋_GB2312"}
    assert font.get(qn("w:hint")) == "eastAsia"
    assert style.find(f"{qn('w:rPr')}/{qn('w:spacing')}").get(qn("w:val")) == "-5"
    spacing = style.find(f"{qn('w:pPr')}/{qn('w:spacing')}")
    assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("579", "exact")
    for name in ("widowControl", "autoSpaceDE", "autoSpaceDN", "overflowPunct"):
        assert style.find(f".//{qn(f'w:{name}')}").get(qn("w:val")) == "0"
    assert style.find(f".//{qn('w:ind')}").get(qn("w:firstLineChars")) == "200"


def test_styles_have_the_names_officers_know_and_levels_for_the_navigation():
    document = read(FILE)
    told = {one.style.name: one.text for one in document.paragraphs}
    assert told["公文标题"].replace("\n", "") == "销号清单"
    assert told["一级标题"] == "一、总体要求"
    assert told["二级标题"] == "（一）提高认识。各单位要高度重视。"
    assert told["三级标题"] == "1. 加强领导。"
    assert told["四级标题"] == "（1）落实到人。"
    assert told["主送机关"] == "各镇人民政府，区直各单位："
    levels = [
        int(document.styles[name].element.find(f".//{qn('w:outlineLvl')}").get(qn("w:val")))
        for name in ("一级标题", "二级标题", "三级标题", "四级标题")
    ]
    assert levels == [0, 1, 2, 3]


def test_fonts_have_their_other_names():
    named = {
        one.get(qn("w:name")): one.find(qn("w:altName")).get(qn("w:val")).split(",")
        for one in tree(FILE, "word/fontTable.xml")
    }
    assert set(named) >= {"方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"}
    assert "仿宋" in named["仿宋_GB2312"]


def test_faces_of_headings_and_runs():
    blocks = (Heading(2, "（一）先。", "后。"), Paragraph((Run("甲"), Run("乙", Face.HEI))))
    body = read(plain(*blocks)).paragraphs
    heading = next(one for one in body if one.style.name == "二级标题")
    assert heading.style.element.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")) == "楷体_GB2312"
    assert heading.runs[1]._r.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert heading.paragraph_format.keep_with_next is False
    words = next(one for one in body if one.text == "甲乙")
    assert [one._r.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")) for one in words.runs] == [None, "黑体"]


def test_rare_characters_are_given_a_font_that_has_them():
    words = next(one for one in read(plain(text("由马昇玥、𠮷办"))).paragraphs if one.text.startswith("由"))
    fonts = [(one.text, one._r.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia"))) for one in words.runs]
    assert fonts == [("由马", None), ("昇玥", "仿宋"), ("、", None), ("𠮷", "SimSun-ExtB"), ("办", None)]


# ── heads ──


def test_file_has_its_mark_number_and_rule():
    (mark,) = of_style(FILE, "发文机关标志")
    (number,) = of_style(FILE, "发文字号")
    assert (mark.text, number.text) == ("临江区人民政府办公室文件", "临江政办〔2020〕12号")
    assert [one.text for one in of_style(FILE, "份号密级紧急程度")] == ["000012", "加急"]
    rule = number._p.find(f".//{qn('w:pBdr')}/{qn('w:bottom')}")
    assert (rule.get(qn("w:val")), rule.get(qn("w:color"))) == ("single", "FF0000")
    assert mark.style.font.color.rgb == (255, 0, 0)


def test_signers_of_a_report_upwards_stand_beside_the_number_two_to_a_line():
    paper = replace(
        FILE, head=Head("临江区人民政府文件", number="临江政〔2020〕1号", signers=("张三", "欧阳四", "李五"))
    )
    told = [one.text for one in of_style(paper, "发文字号")]
    assert told == ["\t\t签发人：张　三　　欧阳四", "\t临江政〔2020〕1号\t李　五"]


def test_letter_has_double_rules_170_mm_wide_and_no_number_on_its_first_page():
    assert read(LETTER).sections[0].different_first_page_header_footer
    header, footer = furniture(LETTER, "header")["first"], furniture(LETTER, "footer")["first"]
    assert OFFICE in header
    assert [re.findall(r'w:bottom w:val="single" w:sz="(\d+)"', one) for one in (header, footer)] == [
        ["20", "6"],
        ["6", "20"],
    ]
    left, right = re.findall(r'<w:ind w:left="(-\d+)" w:right="(-\d+)"', footer)[0]
    assert abs(twips(156) - int(left) - int(right) - twips(170)) <= 2
    assert "PAGE" not in footer
    assert "PAGE" in furniture(LETTER, "footer")["default"]
    assert not read(FILE).sections[0].different_first_page_header_footer
    assert of_style(LETTER, "发文字号")[0].text == "特急\t临江政办函〔2020〕3号"


def test_bulletin_has_issue_office_and_date():
    told = [one.text for one in of_style(BULLETIN, "发文字号")]
    assert told == ["第3期（总第128期）", "督查室\t2020年7月3日"]
    assert [one.text for one in of_style(BULLETIN, "发文机关标志")] == ["政务督查"]
    assert [one.text for one in of_style(MINUTES, "发文字号")] == ["〔2020〕8号", f"{OFFICE}\t2020年7月3日"]


@pytest.mark.parametrize(
    ("name", "form", "size_pt", "narrow_pct", "spread_pt"),
    [
        ("政务督查", Form.BULLETIN, 72, 100, 25),
        ("临江区政务督查通报", Form.BULLETIN, 68, 72, 0),
        ("临江区人民政府", Form.LETTER, 46, 100, 0),
        ("临江区人民政府办公室文件", Form.FILE, 51, 72, 0),
        ("临江区人民政府政务督查室工作专班文件", Form.FILE, 34, 72, 0),
    ],
)
def test_mark_is_as_large_as_the_page_allows(name, form, size_pt, narrow_pct, spread_pt):
    assert mark_of(name, form) == Mark((name,), size_pt, narrow_pct, spread_pt)


def test_mark_of_forty_characters_goes_on_two_lines_within_the_page():
    mark = mark_of("临江区人民政府" + "重大项目建设" * 4 + "工作领导小组办公室", Form.FILE)
    assert len(mark.lines) == 2
    assert max(map(len, mark.lines)) * mark.size_pt * mark.narrow_pct / 100 <= 156 * 72 / 25.4
    assert mark.size_pt >= 24


def test_title_is_broken_by_its_words_in_one_paragraph():
    title = of_style(FILE, "公文标题")[0]
    lines = title.text.split("\n")
    assert "".join(lines) == FILE.title
    assert len(lines) == 3
    assert max(map(len, lines)) <= 20


# ── tails ──


def right_of(line):
    return int(line._p.find(f".//{qn('w:ind')}").get(qn("w:right"))) / 315


def test_seal_has_its_room_and_the_date_stands_four_in_with_the_issuer_above_its_middle():
    (issuer,), (day,) = of_style(FILE, "发文机关署名"), of_style(FILE, "成文日期")
    assert (issuer.text, day.text) == (OFFICE, "2020年6月2日")
    assert issuer.paragraph_format.space_before.pt == pytest.approx(3 * 28.95)
    wide = 6.0
    assert right_of(day) == pytest.approx(4, abs=0.01)
    assert right_of(issuer) + len(OFFICE) / 2 == pytest.approx(right_of(day) + wide / 2, abs=0.01)


def test_without_a_seal_the_date_begins_two_behind_the_issuer():
    paper = replace(FILE, signature=Signature(("临江区人民政府",), date(2020, 12, 22), has_seal=False))
    (issuer,), (day,) = of_style(paper, "发文机关署名"), of_style(paper, "成文日期")
    assert issuer.paragraph_format.space_before.pt == pytest.approx(28.95)
    assert right_of(day) == pytest.approx(2, abs=0.01)
    assert right_of(issuer) + len(issuer.text) - right_of(day) - 7 == pytest.approx(2, abs=0.01)


def test_names_with_seals_have_room_for_each_and_long_ones_move_the_date():
    names = ("临江区人民政府", "临江区重点项目建设领导小组办公室")
    paper = replace(FILE, signature=Signature(names, None))
    first, second = of_style(paper, "发文机关署名")
    (day,) = of_style(paper, "成文日期")
    assert [one.paragraph_format.space_before.pt for one in (first, second)] == [pytest.approx(3 * 28.95)] * 2
    assert right_of(second) == pytest.approx(2, abs=0.01)
    assert day.text == "\u3000\u3000年\u3000月\u3000日"
    assert right_of(day) + 7 / 2 == pytest.approx(right_of(second) + 16 / 2, abs=0.01)
    assert right_of(first) + 7 / 2 == pytest.approx(right_of(second) + 16 / 2, abs=0.01)


def test_what_is_signed_is_kept_with_the_end_of_the_text():
    told = [one for one in read(FILE).paragraphs if one.style.name != "占位"]
    names = [one.text for one in told]
    start, end = names.index("特此通知。"), names.index("2020年6月2日")
    assert all(
        one.paragraph_format.keep_with_next or one.style.paragraph_format.keep_with_next for one in told[start:end]
    )
    assert not told[end].paragraph_format.keep_with_next


def test_attachments_are_numbered_where_there_are_several():
    assert [one.text for one in of_style(FILE, "附件说明")] == ["附件：1.\t责任分解表", "2.\t销号清单"]
    assert [one.text for one in of_style(replace(FILE, attachments=("清单",)), "附件说明")] == ["附件：清单"]
    assert [one.text for one in of_style(FILE, "附注")] == ["（此件主动公开）"]
    assert [one.text for one in of_style(FILE, "附件标识")] == ["附件1", "附件2"]


def colophon(paper):
    """Return (the lines of 版记, its rules) from the box at the foot."""
    for box in tree(paper).iter("{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}txbx"):
        lines = ["".join(one.itertext()) for one in box.iter(qn("w:p"))]
        return lines, [
            (etree.QName(one).localname, one.get(qn("w:sz"))) for one in box.iterfind(f".//{qn('w:tblBorders')}/*")
        ]
    return None


def test_colophon_stands_on_the_foot_of_the_last_page():
    lines, rules = colophon(FILE)
    assert lines == ["抄送：区委办公室、区人大常委会办公室。", f"{OFFICE}2020年6月2日印发", "共印60份", ""]
    assert rules == [("top", "8"), ("bottom", "8"), ("insideH", "6")]
    last = list(tree(FILE).find(qn("w:body")))[-2]
    place = last.find(f".//{{{etree.QName(last.find('.//{*}anchor')).namespace}}}positionV")
    assert (place.get("relativeFrom"), place[0].text) == ("margin", "bottom")


def test_colophon_of_a_letter_has_neither_rules_nor_printer_and_that_of_a_bulletin_says_to_whom():
    assert colophon(LETTER) == (["抄送：区委办公室。", ""], [])
    assert colophon(BULLETIN)[0] == ["报：区委书记。", "送：区委办公室。", "发：各镇人民政府。", ""]
    assert colophon(MINUTES) is None
    assert colophon(replace(LETTER, colophon=Colophon())) is None


@pytest.mark.parametrize(("pages", "align", "edge"), [("default", "right", "right"), ("even", "both", "left")])
def test_page_number_stands_right_on_odd_and_left_on_even_pages(pages, align, edge):
    xml = furniture(FILE, "footer")[pages]
    assert "".join(re.findall(r"<w:t [^>]*>([^<]*)", xml)) == "— 1 —"
    assert f'w:jc w:val="{align}"' in xml
    assert f'w:{edge}="280"' in xml
    assert "evenAndOddHeaders" in parts(FILE)["word/settings.xml"].decode()


def test_page_number_of_a_landscape_page_is_turned_to_where_the_others_have_it():
    xml = furniture(PLAIN, "footer")["default"]
    assert 'vert="vert"' in xml
    assert "layout-flow:vertical" in xml


# ── tables ──


def cells_of(paper):
    return [list(one.findall(qn("w:tc"))) for one in tree(paper).iter(qn("w:tr"))]


def merge_of(cell):
    told = cell.find(f".//{qn('w:vMerge')}")
    return None if told is None else told.get(qn("w:val"))


def test_table_is_read_back_with_its_merged_cells():
    (given,) = read(PLAIN).tables
    told = [[cell.text for cell in one.cells] for one in given.rows]
    assert told[:2] == [
        ["序号", "目标任务", "责任", "责任", "完成时限"],
        ["序号", "目标任务", "责任领导", "牵头单位", "完成时限"],
    ]
    assert told[2] == ["一、重点项目"] * 5
    assert [one[2:4] for one in told[3:]] == [["张三", "教育局"]] * 3 + [["李四", "教育局"]] + [["", ""]] * 2
    assert given._tbl.findall(f".//{qn('w:gridSpan')}")[0].get(qn("w:val")) == "2"


def test_rows_alike_in_all_merged_columns_are_merged_and_empty_ones_are_not():
    merges = [[merge_of(cell) for cell in cells] for cells in cells_of(PLAIN)][3:]
    begin, on = [None, None, "restart", "restart", None], [None, None, "continue", "continue", None]
    assert merges == [begin, on, on] + [[None] * 5] * 3
    assert runs_of(TABLE) == [(1, 4)]


def test_a_band_ends_a_run():
    band = Row(("二",), is_band=True)
    assert runs_of(table(row(1, "甲", "乙"), row(2, "甲", "乙"), band, row(3, "甲", "乙"))) == [(0, 2)]
    assert runs_of(table(band, band)) == []
    assert runs_of(table()) == []


def test_heading_is_repeated_and_rows_are_not_parted():
    rows = list(tree(PLAIN).iter(qn("w:tr")))
    assert [one.find(f".//{qn('w:tblHeader')}") is not None for one in rows] == [True] * 2 + [False] * 7
    assert all(one.find(f".//{qn('w:cantSplit')}") is not None for one in rows)


def is_kept(cells):
    return all(cell.find(f".//{qn('w:keepNext')}") is not None for cell in cells)


def test_a_run_is_kept_together_unless_it_is_longer_than_a_page():
    assert [is_kept(one) for one in cells_of(PLAIN)[2:]] == [True, True, True, False, False, False, False]
    long = plain(table(*(row(number, "张三", "教育局", task="建" * 300) for number in range(20))))
    assert not any(is_kept(one) for one in cells_of(long)[2:])


def test_rows_are_kept_as_asked():
    given = plain(table(row(1, "甲", "乙", keeps_next=True), row(2, "丙", "丁"), row(3, "", "", keeps_next=True)))
    assert [is_kept(one) for one in cells_of(given)[2:]] == [True, False, False]


def test_a_row_longer_than_a_page_goes_on_over_it():
    rows = list(tree(plain(table(row(1, "甲", "乙", task="长" * 3000), row(2, "丙", "丁")))).iter(qn("w:tr")))[2:]
    assert [one.find(f".//{qn('w:cantSplit')}") is not None for one in rows] == [False, True]


def test_table_is_as_wide_as_the_text_and_columns_have_their_shares():
    widths = [int(one.get(qn("w:w"))) for one in tree(PLAIN).iter(qn("w:gridCol"))]
    assert sum(widths) == twips(225)
    assert widths[1] / widths[0] == pytest.approx(6, rel=0.01)
    alignments = [one.find(f".//{qn('w:jc')}") for one in cells_of(PLAIN)[3]]
    assert [None if one is None else one.get(qn("w:val")) for one in alignments] == ["center", None, *["center"] * 3]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (Table((), ()), "没有列"),
        (table(Row(("1", "二"))), "第1行却有2格"),
        (table(heads=((("甲", 2),),)), "表头“甲”一行与之不符"),
    ],
)
def test_table_that_does_not_fit_is_refused(bad, told):
    with pytest.raises(DocumentError, match=told):
        to_docx(plain(bad))


def test_tables_in_a_row_are_kept_apart():
    body = tree(plain(TABLE, replace(TABLE, caption="", notes=()), replace(TABLE, caption=""))).find(qn("w:body"))
    names = [etree.QName(one).localname for one in body]
    assert ("tbl", "tbl") not in list(pairwise(names))
    assert names[-2:] == ["p", "sectPr"]


def test_a_table_stands_apart_from_the_text_before_it_and_with_it():
    body = list(tree(plain(Heading(1, "一、情况"), replace(TABLE, caption=""))).find(qn("w:body")))
    place = [etree.QName(one).localname for one in body].index("tbl")
    between = body[place - 1]
    assert between.find(f".//{qn('w:spacing')}").get(qn("w:line")) == "120"
    assert between.find(f".//{qn('w:keepNext')}") is not None
    assert "".join(body[place - 2].itertext()) == "一、情况"


# ── drawings ──


def test_figure_is_svg_with_a_png_beside_it_and_says_what_it_shows():
    files = parts(FILE)
    assert [content for name, content in files.items() if name.endswith(".svg")] == [SVG]
    (png,) = (content for name, content in files.items() if name.endswith(".png"))
    assert png.startswith(b"\x89PNG")
    xml = files["word/document.xml"].decode()
    assert re.search(r'<a:blip r:embed="\w+"><a:extLst><a:ext uri="\{96DAC541[^"]+"><asvg:svgBlip r:embed="\w+"/>', xml)
    (drawn,) = read(FILE).inline_shapes
    assert (drawn.width.mm, drawn.height.mm) == (100, 40)
    assert 'descr="已过半"' in xml
    assert of_style(FILE, "表题图题")[-1].text == "图1 进度"


@pytest.mark.parametrize("svg", [b"", b"<svg", b"\xff\xfe", "无".encode()])
def test_a_figure_that_is_no_svg_is_refused_by_its_caption(svg):
    with pytest.raises(DocumentError, match="图1"):
        to_docx(plain(Figure(svg, 100, 40, caption="图1")))


def test_watermark_is_on_every_page_and_only_where_asked():
    headers = furniture(LETTER, "header")
    assert set(headers) == {"default", "even", "first"}
    assert all('string="草稿"' in one for one in headers.values())
    assert furniture(replace(LETTER, watermark=""), "header").keys() == {"first"}
    assert furniture(FILE, "header") == {}
    paper = replace(FILE, watermark="草稿")
    assert [set(furniture(paper, "header", place)) for place in range(3)] == [{"default", "even"}] * 3


def test_code_is_drawn_only_where_asked():
    def drawn(paper):
        return [one.get("name") for one in tree(paper).iter("{*}docPr") if one.get("name").startswith("二维码")]

    assert len(drawn(LETTER)) == 1
    assert drawn(replace(LETTER, code="")) == []


def test_a_code_that_is_too_long_is_refused():
    with pytest.raises(DocumentError, match="二维码放不下"):
        to_docx(replace(LETTER, code="长" * 2000))


# ── bad input ──

HOSTILE = ["\x00\x07控制", "\ud800孤", "<w:t>&\"']]>", "=1+1", "😀𠮷𫍽", "\r\n换行\t制表", "\ufffe", "", "　"]


@pytest.mark.parametrize("given", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(given):
    paper = Paper(
        Form.FILE,
        given,
        (
            text(given),
            Heading(1, given, given),
            Table((Column(given, 1),), (Row((given,)), Row((given,), is_band=True)), caption=given, notes=(given,)),
            Figure(SVG, 50, 20, caption=given, words=given),
        ),
        head=Head(given, given, given, given, given, (given,)),
        subtitle=given,
        recipients=given,
        attachments=(given, given),
        signature=Signature((given,), None),
        note=given,
        annexes=(Annex(given, given, (Paragraph((Run(given),), align=Align.END),)),),
        colophon=Colophon((given,), ((given, given),), given),
        watermark=given,
    )
    for name, content in parts(paper).items():
        if name.endswith(".xml"):
            etree.fromstring(content)
    kept = "".join(one for one in given.replace("\r\n", "\n") if one not in "\x00\x07\ud800\ufffe")
    assert kept in [one.text for one in read(paper).paragraphs if one.style.name == "公文正文"]
    assert read(paper).tables[0].rows[1].cells[0].text == kept


def test_sixty_recipients_and_a_unit_of_forty_characters_are_all_there():
    unit = "临江区" + "重点项目建设" * 5 + "领导小组办公室"
    assert len(unit) == 40
    units = [f"{unit[:-2]}{number}" for number in range(60)]
    paper = replace(
        LETTER,
        head=Head(unit, number="临江重〔2020〕1号"),
        recipients="、".join(units),
        signature=Signature((unit,), date(2020, 6, 2)),
        colophon=Colophon(tuple(units[:10])),
    )
    assert of_style(paper, "主送机关")[0].text == "、".join(units) + "："
    assert colophon(paper)[0][0] == "抄送：" + "、".join(units[:10]) + "。"
    assert of_style(paper, "发文机关署名")[0].text == unit
    assert right_of(of_style(paper, "发文机关署名")[0]) == pytest.approx(2, abs=0.01)


def test_a_colophon_longer_than_a_page_goes_over_pages_of_its_own():
    units = [f"临江区重点项目建设领导小组办公室重点项目建设专班{number}" for number in range(60)]
    paper = replace(FILE, colophon=replace(FILE.colophon, copies_to=tuple(units)), annexes=())
    document = read(paper)
    assert len(document.sections) == 2
    assert colophon(paper) is None
    told = [row.cells[0].text for row in document.tables[-1].rows]
    assert told == ["抄送：" + "、".join(units) + "。", f"{OFFICE}\t2020年6月2日印发", "\t共印60份"]


def test_empty_papers_are_papers():
    for paper in (Paper(Form.PLAIN, "", ()), Paper(Form.LETTER, "函", ()), Paper(Form.FILE, "", (), head=Head(""))):
        assert read(paper).sections[0].page_width > 0
