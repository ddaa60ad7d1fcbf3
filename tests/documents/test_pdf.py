"""Documents drawn as PDF and read back: the page of GB/T 9704, head, signature, 版记, page numbers, and bad input."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pypdfium2
import pytest
from PIL import ImageChops

from duban.documents.fonts import font_book
from duban.documents.paper import (
    Annex,
    Colophon,
    DocumentError,
    Face,
    Figure,
    Form,
    Head,
    Heading,
    MissingGlyph,
    Paper,
    Paragraph,
    Run,
    Signature,
    text,
)
from duban.documents.pdf import to_pdf, to_pdf_batch
from duban.documents.pdf.marks import Page, Words
from duban.documents.pdf.paint import paint
from tests.documents.reading_back import (
    MM,
    baseline,
    find_line,
    is_red,
    line_that_is,
    lines_of,
    read,
    rules_of,
    texts,
    turned,
    words,
)

pytestmark = pytest.mark.engine_free

DAY = date(2020, 1, 22)
OFFICE = "临江区人民政府办公室"
BODY = "全区上下认真贯彻落实区委区政府各项决策部署对照政府工作报告确定的目标任务主动作为攻坚克难总体进展顺利"
HALF = 0.5  # mm


def a_file(**changed):
    paper = Paper(
        form=Form.FILE,
        title="关于印发责任分解的通知",
        head=Head(f"{OFFICE}文件", number="临政办〔2020〕2号"),
        recipients="各镇人民政府、街道办事处，区政府各部门",
        blocks=(text("现将责任分解表印发给你们，请认真贯彻落实。"),),
        signature=Signature((OFFICE,), DAY),
        colophon=Colophon(copies_to=("区委各部门",), printer=OFFICE, printed_on=DAY),
    )
    return replace(paper, **changed)


def a_letter(**changed):
    paper = Paper(
        form=Form.LETTER,
        title="关于推进第三实验小学建设的督办函",
        head=Head(OFFICE, number="临政督办〔2020〕3号"),
        recipients="区教育局",
        blocks=(text("请将整改措施书面报送区政府督查室。"),),
        signature=Signature((OFFICE,), DAY),
        colophon=Colophon(copies_to=("区政府领导",)),
    )
    return replace(paper, **changed)


def plain(*blocks, title="情况", **changed):
    return Paper(form=Form.PLAIN, title=title, blocks=blocks, **changed)


def red_picture(data):
    """Return the first page with nothing but what is red, and how many of its pixels are a point."""
    scale = 300 / 72
    red, green, _ = pypdfium2.PdfDocument(data)[0].render(scale=scale).to_pil().convert("RGB").split()
    return ImageChops.subtract(red, green).point(lambda value: 255 if value > 128 else 0), scale


def red_ink(data):
    """Return (left, top, right, bottom) in millimetres of what is red on the first page, letters and rules."""
    found, scale = red_picture(data)
    return tuple(value / scale / MM for value in found.getbbox())


def red_bands(data):
    """Return (top, bottom) in millimetres of what is red on the first page, parted where a whole row is not."""
    found, scale = red_picture(data)
    bands, begun = [], None
    for row in range(found.height):
        is_there = found.crop((0, row, found.width, row + 1)).getbbox() is not None
        if is_there and begun is None:
            begun = row
        if not is_there and begun is not None:
            bands.append((begun / scale / MM, row / scale / MM))
            begun = None
    return bands


def reds(page):
    return [one for one in rules_of(page) if any(is_red(line) for line in page.lines if line["top"] / MM == one[1])]


# ---- the page


def test_full_page_holds_22_lines_of_28_characters():
    pages = read(to_pdf(plain(text(BODY * 40))))
    lines = lines_of(pages[1])
    assert [len(one) for one in lines[:-1]] == [28] * 22
    assert [one[0]["fontname"][7:] for one in lines[:-1]] == ["FandolFang-Regular"] * 22
    assert {round(one["size"], 3) for line in lines[:-1] for one in line} == {16.0}


def test_full_page_keeps_the_grid_and_the_margins():
    page = read(to_pdf(plain(text(BODY * 40))))[2]
    lines = lines_of(page)[:-1]
    pitches = [(upper[0]["matrix"][5] - lower[0]["matrix"][5]) for upper, lower in pairwise(lines)]
    assert pitches == pytest.approx([28.99] * 21, abs=0.01)
    steps = [right["x0"] - left["x0"] for left, right in pairwise(lines[3])]
    assert steps == pytest.approx([156 * MM / 28] * 27, abs=0.01)
    assert lines[0][0]["x0"] / MM == pytest.approx(28, abs=0.05)
    assert lines[0][-1]["x1"] / MM == pytest.approx(28 + 156, abs=0.1)
    assert baseline(page, lines[0]) - 0.88 * 16 / MM == pytest.approx(37, abs=0.05)
    assert baseline(page, lines[-1]) < 37 + 225
    assert (float(page.width) / MM, float(page.height) / MM) == pytest.approx((210, 297), abs=0.01)


def test_binding_is_at_the_right_of_even_pages():
    pages = read(to_pdf(plain(text(BODY * 40))))
    starts = [lines_of(page)[2][0]["x0"] / MM for page in pages[:4]]
    assert starts == pytest.approx([28, 26, 28, 26], abs=0.05)


def test_page_numbers_stand_outside_seven_millimetres_below():
    pages = read(to_pdf(plain(text(BODY * 40))))
    for number, page in enumerate(pages, start=1):
        line = lines_of(page)[-1]
        assert words(line) == f"—{number}—"
        assert {(one["fontname"][7:], round(one["size"], 3)) for one in line} == {("FandolSong-Regular", 14.0)}
        assert baseline(page, line) - 0.28 * 14 / MM == pytest.approx(37 + 225 + 7, abs=HALF)
        if number % 2:
            assert line[-1]["x1"] / MM == pytest.approx(184 - 14 / MM, abs=HALF)
        else:
            assert line[0]["x0"] / MM == pytest.approx(26 + 14 / MM, abs=HALF)


def test_landscape_page_is_numbered_at_the_side_as_if_turned():
    pages = read(to_pdf(plain(text(BODY * 40), is_landscape=True)))
    for page, expected_y in ((pages[0], 28 + 156), (pages[1], 26)):
        assert (float(page.width) / MM, float(page.height) / MM) == pytest.approx((297, 210), abs=0.01)
        number = turned(page)
        assert "".join(one["text"] for one in sorted(number, key=lambda one: one["top"])) in ("—1—", "—2—")
        assert 35 - number[0]["matrix"][4] / MM == pytest.approx(7 + 0.28 * 14 / MM, abs=HALF)
        edge = max(one["bottom"] for one in number) if expected_y > 100 else min(one["top"] for one in number)
        assert edge / MM == pytest.approx(expected_y + (-1 if expected_y > 100 else 1) * 14 / MM, abs=HALF)
        assert lines_of(page)[2][0]["x0"] / MM == pytest.approx(35, abs=0.1)


def test_head_of_a_landscape_paper_takes_its_whole_width():
    page = read(to_pdf(a_file(is_landscape=True)))[0]
    (rule,) = reds(page)
    assert (rule[0], rule[2]) == pytest.approx((35, 35 + 225), abs=0.1)


def test_paper_without_a_title_begins_with_its_text():
    page = read(to_pdf(plain(text("正文"), title="")))[0]
    assert baseline(page, find_line(page, "正文")) - 0.88 * 16 / MM == pytest.approx(37, abs=0.05)


def test_levels_have_their_faces_and_indents():
    blocks = (
        Heading(1, "一、明确责任"),
        Heading(2, "（一）强化牵头。", "各牵头单位要切实负责。"),
        Heading(3, "1.细化任务。"),
        Heading(4, "（1）倒排工期。"),
        Paragraph((Run("顶格", Face.KAI), Run("混排")), is_indented=False),
    )
    page = read(to_pdf(plain(*blocks)))[0]
    found = {words(line): line for line in lines_of(page)[1:-1]}
    assert [line[0]["fontname"][13:] for line in found.values()] == [
        "Hei-Regular",
        "Kai-Regular",
        "Fang-Regular",
        "Fang-Regular",
        "Kai-Regular",
    ]
    assert [one["fontname"][13:] for one in find_line(page, "强化牵头")][-1] == "Fang-Regular"
    indents = [(line[0]["x0"] / MM - 28) / (156 / 28) for line in found.values()]
    assert indents == pytest.approx([2, 2, 2, 2, 0], abs=0.05)


def test_heading_goes_over_the_page_with_what_follows():
    lines = 22 - 2  # title and blank line
    blocks = [text("甲" * 26) for _ in range(lines - 1)]
    pages = read(to_pdf(plain(*blocks, Heading(1, "一、明确责任"), text("乙" * 26))))
    assert texts(pages[0])[-2] == "甲" * 26
    assert texts(pages[1])[:2] == ["一、明确责任", "乙" * 26]


# ---- 文件


def test_file_mark_number_and_rule_stand_where_the_standard_says():
    data = to_pdf(a_file())
    page = read(data)[0]
    left, top, right, _ = red_ink(data)
    assert top == pytest.approx(37 + 35, abs=HALF)
    assert left == pytest.approx(28, abs=HALF)
    assert right == pytest.approx(28 + 156, abs=HALF)
    (rule,) = reds(page)
    assert rule[2] - rule[0] == pytest.approx(156, abs=0.05)
    number = find_line(page, "临政办〔2020〕2号")
    assert baseline(page, number) + 0.12 * 16 / MM + 4 == pytest.approx(rule[1] - rule[4] / 2, abs=0.1)
    assert (number[0]["x0"] + number[-1]["x1"]) / 2 / MM == pytest.approx(28 + 78, abs=HALF)
    title = find_line(page, "责任分解的通知")
    assert baseline(page, title) - 0.88 * 22 / MM - rule[1] == pytest.approx(2 * 28.99 / MM, abs=HALF)
    assert {(one["fontname"][7:], round(one["size"], 3)) for one in title} == {("FandolSong-Bold", 22.0)}
    recipients = find_line(page, "各镇人民政府")
    assert words(recipients)[-1] == "："
    assert recipients[0]["x0"] / MM == pytest.approx(28, abs=0.05)
    assert baseline(page, recipients) - baseline(page, title) == pytest.approx((2 * 28.99 - 0.88 * 6) / MM, abs=0.05)


@pytest.mark.parametrize("mark", ["区政府文件", f"{OFFICE}文件", "临江区" + "人民政府办公室" * 5 + "文件"])
def test_file_mark_is_one_line_within_the_page(mark):
    data = to_pdf(a_file(head=Head(mark, number="临政办〔2020〕2号")))
    left, top, right, _ = red_ink(data)
    assert top == pytest.approx(72, abs=HALF)
    assert left >= 28 - HALF
    assert right <= 184 + HALF
    (line,) = [one for one in lines_of(read(data)[0]) if is_mark(one)]
    assert words(line) == mark


def is_mark(line):
    return line[0]["non_stroking_color"] == (1.0, 0.0, 0.0)


def test_file_corner_and_signers():
    head = Head(
        f"{OFFICE}文件",
        number="临政办〔2020〕2号",
        copy_number="000012",
        secrecy="机密★1年",
        urgency="特急",
        signers=("江岚", "陈之行", "李明"),
    )
    page = read(to_pdf(a_file(head=head)))[0]
    for place, words_ in enumerate(("000012", "机密★1年", "特急")):
        line = find_line(page, words_)
        assert line[0]["fontname"][7:] == "FandolHei-Regular"
        assert line[0]["x0"] / MM == pytest.approx(28, abs=0.1)
        assert baseline(page, line) == pytest.approx(37 + (place * 28.99 + 0.88 * 16) / MM, abs=0.05)
    first = find_line(page, "签发人")
    assert words(first) == "签发人：江岚陈之行"
    last = find_line(page, "临政办")
    assert words(last) == "临政办〔2020〕2号李明"
    assert last[0]["x0"] / MM == pytest.approx(28 + 156 / 28, abs=0.1)
    assert first[-1]["x1"] / MM == pytest.approx(184 - 156 / 28, abs=HALF)
    assert find_word(first, "江")["x0"] == pytest.approx(find_word(last, "李")["x0"], abs=0.01)
    assert find_word(first, "江")["fontname"][7:] == "FandolKai-Regular"


def find_word(line, character):
    return next(one for one in line if one["text"] == character)


# ---- 信函


def test_letter_has_double_rules_and_no_number_on_its_first_page():
    data = to_pdf(a_letter(blocks=(text(BODY * 12),)))
    pages = read(data)
    assert red_ink(data)[1] == pytest.approx(30, abs=HALF)
    upper, lower, third, fourth = reds(pages[0])
    assert [one[2] - one[0] for one in (upper, lower, third, fourth)] == pytest.approx([170] * 4, abs=0.05)
    assert upper[0] == pytest.approx(20, abs=0.05)
    assert upper[4] > lower[4]
    assert third[4] < fourth[4]
    assert fourth[1] + fourth[4] / 2 == pytest.approx(297 - 20, abs=HALF)
    number = find_line(pages[0], "临政督办")
    assert number[-1]["x1"] / MM == pytest.approx(184, abs=0.1)
    assert baseline(pages[0], number) - 0.88 * 16 / MM - (lower[1] + lower[4] / 2) == pytest.approx(14 / MM, abs=HALF)
    title = find_line(pages[0], "督办函")
    assert baseline(pages[0], title) - baseline(pages[0], number) == pytest.approx(
        (3 * 28.99 + 0.88 * 6) / MM, abs=HALF
    )
    assert not any("—1—" in one for one in texts(pages[0]))
    assert texts(pages[1])[-1] == "—2—"
    last = lines_of(pages[0])[-1]
    assert baseline(pages[0], last) + 0.12 * 16 / MM <= third[1] - 14 / MM + 0.01
    assert rules_of(pages[1]) == []


def test_letter_without_a_number_keeps_the_line_for_it():
    numbered, draft = (read(to_pdf(a_letter(head=Head(OFFICE, number=one))))[0] for one in ("临政督办〔2020〕3号", ""))
    assert baseline(draft, find_line(draft, "督办函")) == baseline(numbered, find_line(numbered, "建设的督办函"))


def test_letter_names_only_whom_it_is_copied_to():
    page = read(to_pdf(a_letter(colophon=Colophon(("区政府领导",), printer=OFFICE, printed_on=DAY))))[0]
    line = find_line(page, "抄送")
    assert words(line) == "抄送：区政府领导。"
    assert not any("印发" in one for one in texts(page)[5:])
    assert len(rules_of(page)) == 4
    assert 37 + 225 - 21 / MM < baseline(page, line) < 37 + 225


def test_letter_rule_is_four_millimetres_below_its_mark():
    mark, thick, thin, *_ = red_bands(to_pdf(a_letter()))
    assert mark[0] == pytest.approx(30, abs=HALF)
    assert thick[0] - mark[1] == pytest.approx(4, abs=0.2)
    assert thick[1] - thick[0] > thin[1] - thin[0]


def test_letter_of_one_page_has_its_copies_on_it():
    blocks = tuple(text("甲" * 26) for _ in range(6))
    pages = read(to_pdf(a_letter(blocks=blocks, note="联系人：江岚")))
    assert len(pages) == 1
    assert texts(pages[0])[-1] == "抄送：区政府领导。"


# ---- 版记


def test_colophon_stands_on_the_foot_of_the_last_page():
    pages = read(to_pdf(a_file(blocks=(text(BODY * 20),))))
    assert len(pages) == 3
    page = pages[-1]
    first, middle, last = rules_of(page)
    assert [one[4] for one in (first, middle, last)] == pytest.approx([0.35, 0.25, 0.35], abs=0.01)
    assert last[1] == pytest.approx(37 + 225, abs=0.05)
    assert [one[2] - one[0] for one in (first, middle, last)] == pytest.approx([156] * 3, abs=0.05)
    copied, printed = find_line(page, "抄送"), find_line(page, "印发")
    assert words(copied) == "抄送：区委各部门。"
    assert words(printed) == f"{OFFICE}2020年1月22日印发"
    for line in (copied, printed):
        assert {(one["fontname"][7:], round(one["size"], 3)) for one in line} == {("FandolFang-Regular", 14.0)}
        assert line[0]["x0"] / MM == pytest.approx(28 + 14 / MM, abs=0.1)
    assert printed[-1]["x1"] / MM == pytest.approx(184 - 14 / MM, abs=0.1)
    assert first[1] < baseline(page, copied) < middle[1] < baseline(page, printed) < last[1]
    assert rules_of(pages[0])[1:] == []
    assert rules_of(pages[1]) == []


def test_colophon_hangs_sixty_recipients_behind_the_colon():
    names = tuple(f"第{number}号镇人民政府" for number in range(1, 61))
    pages = read(to_pdf(a_file(colophon=Colophon(copies_to=names, printer=OFFICE, printed_on=DAY))))
    page = pages[-1]
    lines = lines_of(page)
    first = next(place for place, line in enumerate(lines) if words(line).startswith("抄送"))
    copied = lines[first : next(place for place, line in enumerate(lines) if "印发" in words(line) and place > first)]
    assert "".join(map(words, copied)) == f"抄送：{'、'.join(names)}。"
    assert {round(line[0]["x0"], 1) for line in copied[1:]} == {round(copied[0][3]["x0"], 1)}
    assert rules_of(page)[-1][1] == pytest.approx(262, abs=0.05)


def test_colophon_of_a_bulletin_reports_sends_and_distributes():
    found = Colophon(sent=(("报", "区委、区政府领导"), ("送", "区人大常委会办公室"), ("发", "各镇")), copies=50)
    head = Head("政务督查", issue="第3期", issue_total="总第128期", left="临江区人民政府督查室", right="2020年7月6日")
    paper = Paper(form=Form.BULLETIN, title="上半年完成情况", head=head, blocks=(text(BODY),), colophon=found)
    data = to_pdf(paper)
    page = read(data)[0]
    assert texts(page)[:4] == ["政务督查", "第3期（总第128期）", "临江区人民政府督查室2020年7月6日", "上半年完成情况"]
    office = find_line(page, "督查室")
    assert office[0]["x0"] / MM == pytest.approx(28, abs=0.1)
    assert office[-1]["x1"] / MM == pytest.approx(184, abs=0.1)
    assert len(reds(page)) == 1
    assert texts(page)[-5:-1] == ["报：区委、区政府领导。", "送：区人大常委会办公室。", "发：各镇。", "共印50份"]
    assert rules_of(page)[-1][1] == pytest.approx(262, abs=0.05)


def test_minutes_have_their_mark_where_a_file_has_it():
    head = Head("约谈会议纪要", number="〔2020〕1号", left="临江区人民政府督查室", right="2020年7月6日")
    data = to_pdf(Paper(form=Form.MINUTES, title="约谈会议纪要", head=head, blocks=(text(BODY),)))
    assert red_ink(data)[1] == pytest.approx(72, abs=HALF)
    assert len(reds(read(data)[0])) == 1


# ---- signature, note, annexes


def test_signature_with_seal_centres_the_name_on_the_date():
    page = read(to_pdf(a_file()))[0]
    name, day, body = line_that_is(page, OFFICE), line_that_is(page, "2020年1月22日"), find_line(page, "贯彻落实")
    assert words(day) == "2020年1月22日"
    assert day[-1]["x1"] / MM == pytest.approx(184 - 4 * 156 / 28, abs=0.2)
    assert name[0]["x0"] + name[-1]["x1"] == pytest.approx(day[0]["x0"] + day[-1]["x1"], abs=0.5)
    assert baseline(page, name) - baseline(page, body) == pytest.approx(3 * 28.99 / MM, abs=0.05)
    assert baseline(page, day) - baseline(page, name) == pytest.approx(28.99 / MM, abs=0.05)


def test_signature_without_seal_ends_two_characters_in():
    page = read(to_pdf(a_file(signature=Signature((OFFICE,), DAY, has_seal=False), colophon=None)))[0]
    name, day = line_that_is(page, OFFICE), line_that_is(page, "2020年1月22日")
    assert name[-1]["x1"] / MM == pytest.approx(184 - 2 * 156 / 28, abs=0.2)
    assert (day[0]["x0"] - name[0]["x0"]) / MM == pytest.approx(2 * 156 / 28, abs=0.05)


def test_signature_without_a_date_leaves_room_for_it():
    page = read(to_pdf(a_file(signature=Signature((OFFICE,), None), colophon=None)))[0]
    assert "年月日" in texts(page)


def test_long_name_stands_two_characters_in_with_the_date_centred_below():
    name = "临江区人民政府重点项目建设工作领导小组办公室"
    page = read(to_pdf(a_file(signature=Signature((name,), DAY), colophon=None)))[0]
    line, day = line_that_is(page, name), line_that_is(page, "2020年1月22日")
    assert line[-1]["x1"] / MM == pytest.approx(184 - 2 * 156 / 28, abs=0.2)
    assert line[0]["x0"] + line[-1]["x1"] == pytest.approx(day[0]["x0"] + day[-1]["x1"], abs=0.5)


def test_joint_signatures_stand_a_seal_apart():
    issuers = ("区教育局", "区财政局", "区住建局", "区审计局")
    page = read(to_pdf(a_file(signature=Signature(issuers, DAY), colophon=None)))[0]
    first, last = find_line(page, "区教育局"), find_line(page, "区审计局")
    assert words(first) == "区教育局区财政局区住建局"
    assert words(last) == "区审计局"
    assert (first[4]["x0"] - first[0]["x0"]) / MM > 42
    assert first[0]["x0"] / MM > 28


@pytest.mark.parametrize("lines", range(1, 24))
def test_signature_is_never_alone_on_a_page(lines):
    paragraphs = tuple(text("甲" * 26) for _ in range(lines))
    for page in read(to_pdf(plain(*paragraphs, signature=Signature((OFFICE,), DAY), note="此件公开发布"))):
        found = texts(page)
        if "2020年1月22日" in found:
            assert found[0] in ("情况", "甲" * 26)
            assert found[found.index(OFFICE) - 1] == "甲" * 26
            assert found[found.index(OFFICE) + 1 : -1] == ["2020年1月22日", "（此件公开发布）"]


def test_attachments_hang_below_the_beginning_of_their_name():
    long = "上半年区政府工作报告主要目标任务完成情况汇总表及有关责任单位说明"
    page = read(to_pdf(a_file(attachments=("责任分解表", long), colophon=None)))[-1]
    first, second = find_line(page, "附件"), find_line(page, "2.上半年")
    following = lines_of(page)[lines_of(page).index(second) + 1]
    assert words(first) == "附件：1.责任分解表"
    assert (first[0]["x0"] / MM - 26) == pytest.approx(2 * 156 / 28, abs=0.1)
    assert second[2]["x0"] == pytest.approx(first[5]["x0"], abs=0.01)
    assert following[0]["x0"] == pytest.approx(second[2]["x0"], abs=0.01)
    body = find_line(page, "贯彻落实")
    assert baseline(page, first) - baseline(page, body) == pytest.approx(2 * 28.99 / MM, abs=0.05)


def test_one_attachment_has_no_number():
    page = read(to_pdf(a_file(attachments=("责任分解表",), colophon=None)))[0]
    assert words(find_line(page, "附件")) == "附件：责任分解表"


def test_annex_begins_a_page_and_the_colophon_closes_the_last():
    annexes = (
        Annex("附件1", "责任分解表", (text(BODY),), is_landscape=True),
        Annex("附件2", "说明", (text(BODY),)),
    )
    pages = read(to_pdf(a_file(annexes=annexes)))
    assert [round(float(page.width) / MM) for page in pages] == [210, 297, 210]
    label, title = lines_of(pages[2])[:2]
    assert (words(label), words(title)) == ("附件2", "说明")
    assert label[0]["fontname"][7:] == "FandolHei-Regular"
    assert baseline(pages[2], title) - 0.88 * 22 / MM == pytest.approx(37 + 2 * 28.99 / MM, abs=0.05)
    assert rules_of(pages[2])[-1][1] == pytest.approx(262, abs=0.05)
    assert rules_of(pages[0])[1:] == []


def test_colophon_after_a_landscape_annex_stands_upright():
    annexes = (Annex("附件", "责任分解表", (text(BODY),), is_landscape=True),)
    pages = read(to_pdf(a_file(annexes=annexes)))
    assert [round(float(page.width) / MM) for page in pages] == [210, 297, 210]
    assert rules_of(pages[2])[-1][1] == pytest.approx(262, abs=0.05)


# ---- watermark, code, figures


def test_watermark_lies_across_every_page_until_it_is_issued():
    draft, issued = to_pdf(a_file(blocks=(text(BODY * 20),), watermark="草稿")), to_pdf(a_file())
    for page in read(draft):
        mark = turned(page)
        assert "".join(one["text"] for one in mark) == "草稿"
        assert mark[0]["size"] > 100
        assert mark[0] is page.chars[0]  # behind all else
        middle = (min(one["x0"] for one in mark) + max(one["x1"] for one in mark)) / 2
        assert middle == pytest.approx(float(page.width) / 2, abs=20)
    assert [turned(page) for page in read(issued)] == [[]]


def test_code_stands_in_the_corner_of_the_last_page_only_when_asked():
    with_code = read(to_pdf(a_letter(blocks=(text(BODY * 12),), code="临政督办〔2020〕3号")))
    dark = with_code[1].curves + with_code[1].rects + with_code[1].lines
    assert len(with_code) == 2
    assert dark
    assert min(one["x0"] for one in dark) / MM == pytest.approx(26 + 156 - 18, abs=1)
    assert max(one["bottom"] for one in dark) / MM < 37
    assert len(read(to_pdf(a_letter(blocks=(text(BODY * 12),))))[1].curves) == 0
    assert len(with_code[0].curves) == 0


def test_code_too_long_is_refused():
    with pytest.raises(DocumentError, match="二维码"):
        to_pdf(a_letter(code="督" * 4000))


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 40"><text x="5" y="20" font-size="8" {0}>完成</text>'
    '<text x="5" y="35" font-size="8" {0}>昇</text></svg>'
)


@pytest.mark.parametrize(
    "family", ["", 'font-family="sans-serif"', 'font-family="SimHei, sans-serif"', 'style="font-family: 宋体"']
)
def test_words_of_a_figure_are_in_the_fonts_shipped(family):
    page = read(to_pdf(plain(Figure(SVG.format(family).encode(), 100, 40, "图1"))))[0]
    line = find_line(page, "完成")
    assert words(line) == "完成"
    assert line[0]["fontname"][7:] == ("FandolSong-Regular" if "宋体" in family else "FandolHei-Regular")
    assert find_line(page, "昇")[0]["fontname"][7:] == "LXGWWenKai-Regular"
    assert find_line(page, "图1")


def test_families_in_a_style_sheet_of_a_figure_are_ours_too():
    svg = SVG.format('class="a"').replace("<text", "<style>.a { font-family: KaiTi; fill: red }</style><text", 1)
    page = read(to_pdf(plain(Figure(svg.encode(), 100, 40, "图1"))))[0]
    assert find_line(page, "完成")[0]["fontname"][7:] == "FandolKai-Regular"


def test_figure_higher_than_a_page_is_made_smaller():
    pages = read(to_pdf(plain(text(BODY), Figure(SVG.format("").encode(), 400, 400, "图1"), text("完"))))
    assert [len(page.chars) > 0 for page in pages] == [True] * len(pages)
    assert max(one["x1"] for page in pages for one in page.chars) / MM < 184.1


def test_figure_that_is_no_svg_is_refused():
    with pytest.raises(DocumentError, match="SVG"):
        to_pdf(plain(Figure(b"<svg", 100, 40, "图1")))


def test_figure_with_an_unknown_character_is_refused():
    with pytest.raises(MissingGlyph, match="☑"):
        to_pdf(plain(Figure(SVG.format("").replace("昇", "☑").encode(), 100, 40)))


# ---- the same bytes, batches


@pytest.mark.parametrize("paper", [a_file(watermark="草稿"), a_letter(code="1"), plain(text(BODY))])
def test_same_paper_gives_the_same_bytes(paper):
    assert to_pdf(paper) == to_pdf(paper)


def test_threads_draw_the_same_bytes():
    papers = [a_file(), a_letter(), plain(text(BODY))] * 6
    expected = [to_pdf(paper) for paper in papers[:3]] * 6
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(to_pdf, papers)) == expected


def test_warning_of_typst_is_an_error():
    font = replace(font_book().find(Face.FANG, "督", "督")[0], family="没有这个字体")
    page = Page(1, is_landscape=False, depth=0.0, marks=[Words(100.0, 100.0, "督", font, 16.0)])
    with pytest.raises(DocumentError, match="unknown font family"):
        paint(font_book(), [page], title="督", day=None)


def test_dated_document_is_archival():
    assert b"pdfaid:part>2" in to_pdf(a_file())
    assert b"pdfaid" not in to_pdf(plain(text(BODY)))


def test_batch_begins_each_document_on_an_odd_page():
    papers = [a_letter(), a_letter(blocks=(text(BODY * 12),)), a_file()]
    pages = read(to_pdf_batch(papers))
    assert [bool(page.chars) for page in pages] == [True, False, True, True, True]
    assert [texts(page)[-1] for page in pages[3:]] == ["—2—", "—1—"]
    assert texts(pages[4])[0] == f"{OFFICE}文件"


def test_empty_batch_is_refused():
    with pytest.raises(DocumentError, match="没有选中"):
        to_pdf_batch([])


# ---- bad input


@pytest.mark.parametrize("name", ["昇玥喆", "珺翀赟", "镕", "𠮷", "㎡", "²"])
def test_rare_characters_come_from_the_fallback(name):
    page = read(to_pdf(plain(text(f"责任人{name}同志"))))[0]
    line = find_line(page, "责任人")
    assert words(line) == f"责任人{name}同志"
    assert {one["fontname"][7:] for one in line if one["text"] in name} == {"LXGWWenKai-Regular"}
    assert {one["fontname"][7:] for one in line if one["text"] not in name} == {"FandolFang-Regular"}


def test_character_without_glyph_is_named_with_its_words():
    with pytest.raises(MissingGlyph, match=r"☑.*U\+2611.*重点项目☑已完成") as caught:
        to_pdf(plain(text("区第三实验小学等重点项目☑已完成")))
    assert caught.value.character == "☑"


def test_markup_is_only_words():
    words_ = '#set page(1cm) *重* _点_ $x$ `码` <标> @引 \\ "引" //注 = 题 ~ - + /'
    page = read(to_pdf(plain(text(words_), title=words_)))[0]
    found = "".join(texts(page))
    assert found.count(re.sub(r"\s", "", words_)) == 2


def test_control_characters_are_left_out():
    page = read(to_pdf(plain(text("完\x00成\x1b情\u200b况\ufeff良\x07好\t了"))))[0]
    assert "完成情况良好了" in texts(page)


def test_line_breaks_within_a_paragraph_are_kept():
    page = read(to_pdf(plain(text("第一行\n第二行\r\n第三行"))))[0]
    assert texts(page)[1:4] == ["第一行", "第二行", "第三行"]


def test_long_address_is_parted_within_the_page():
    address = "https://www.example.gov.cn/duban/2020/letters/" + "abcdefghij" * 12 + "?id=1"
    page = read(to_pdf(plain(text(f"请登录{address}填报。"))))[0]
    lines = lines_of(page)[1:-1]
    assert "".join(map(words, lines)) == f"请登录{address}填报。"
    assert max(one["x1"] for line in lines for one in line) / MM < 184.1


@pytest.mark.parametrize("count", [1, 80])
def test_titles_short_and_long_stay_within_the_page(count):
    title = ("关于加快推进重点项目建设的通知" * 6)[:count]
    page = read(to_pdf(a_file(title=title)))[0]
    lines = [line for line in lines_of(page) if line[0]["size"] == 22]
    assert "".join(map(words, lines)) == title
    assert min(line[0]["x0"] for line in lines) / MM > 28
    assert max(line[-1]["x1"] for line in lines) / MM < 184


def test_unit_of_forty_characters_stays_within_the_page():
    unit = ("临江区人民政府重点项目建设工作领导小组办公室" * 2)[:40]
    paper = a_file(
        head=Head(unit, number="临政办〔2020〕2号", signers=("江岚",)),
        signature=Signature((unit,), DAY),
        recipients=unit,
        never_split=(unit,),
        title=f"{unit}关于印发方案的通知",
        colophon=Colophon((unit,), printer=unit, printed_on=DAY),
    )
    for one in (paper, replace(paper, form=Form.LETTER), replace(paper, form=Form.BULLETIN)):
        for page in read(to_pdf(one)):
            assert min(char["x0"] for char in page.chars) / MM > 25.9
            assert max(char["x1"] for char in page.chars) / MM < 184.3


def test_sixty_recipients_are_all_named():
    names = "、".join(f"第{number}号镇人民政府" for number in range(1, 61))
    found = "".join(one for page in read(to_pdf(a_file(recipients=names))) for one in texts(page)[:-1])
    assert f"{names}：" in found


def test_heading_of_a_fifth_level_is_refused():
    with pytest.raises(DocumentError, match="第5级"):
        to_pdf(plain(Heading(5, "①")))
