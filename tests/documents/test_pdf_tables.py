"""Tables drawn as PDF and read back: heading on every page, merged cells, groups kept, rows longer than a page."""

import pytest

from duban.documents.paper import Align, Annex, Column, DocumentError, Form, Paper, Row, Signature, Table, text
from duban.documents.pdf import to_pdf
from tests.documents.reading_back import MM, baseline, find_line, lines_of, read, rules_of, texts, words

pytestmark = pytest.mark.engine_free

COLUMNS = (Column("序号", 1, Align.CENTRE), Column("目标任务", 6), Column("牵头单位", 3), Column("责任人", 2))


def a_table(*rows, **changed):
    return Table(**{"columns": COLUMNS, "rows": rows, "merged": (2, 3), **changed})


def row(number, unit="教育局", person="江岚", task="完成建设任务", **more):
    return Row((str(number), task, unit, person), **more)


def drawn(*blocks, **changed):
    return read(to_pdf(Paper(form=Form.PLAIN, title="责任分解表", blocks=blocks, **changed)))


def cell_words(page):
    """Return the words of each cell of the page's first table, None where it is part of a larger one."""
    return [[words_ and words_.replace("\n", "") for words_ in line] for line in page.extract_tables()[0]]


def test_table_has_its_cells():
    (page,) = drawn(a_table(row(1), row(2, "财政局", "李明")))
    assert cell_words(page) == [
        ["序号", "目标任务", "牵头单位", "责任人"],
        ["1", "完成建设任务", "教育局", "江岚"],
        ["2", "完成建设任务", "财政局", "李明"],
    ]
    assert lines_of(page)[1][0]["fontname"][7:] == "FandolHei-Regular"


def test_alike_cells_are_merged_downwards_together():
    (page,) = drawn(
        a_table(
            row(1),
            row(2),
            row(3, person="李明"),
            row(4, "", ""),
            row(5, "", ""),
            Row(("二、民生",), is_band=True),
            row(6),
        )
    )
    assert [line[2:] for line in cell_words(page)[1:]] == [
        ["教育局", "江岚"],
        [None, None],
        ["教育局", "李明"],  # the unit alone is alike: the two columns are merged together or not at all
        ["", ""],
        ["", ""],  # empty ones are not
        [None, None],
        ["教育局", "江岚"],  # and a band ends a run
    ]
    assert cell_words(page)[6][0] == "二、民生"
    merged = [line for line in lines_of(page) if "教育局江岚" in words(line)]
    rows = {one["text"]: baseline(page, [one]) for line in lines_of(page) for one in line[:1] if one["text"] in "12"}
    assert baseline(page, merged[0]) == pytest.approx((rows["1"] + rows["2"]) / 2, abs=0.1)


def test_thick_rules_outside_thin_ones_inside():
    (page,) = drawn(a_table(row(1), row(2, "财政局")))
    level = rules_of(page)
    assert (level[0][4], level[-1][4]) == pytest.approx((0.35, 0.35), abs=0.01)
    assert {round(one[4], 2) for one in level[1:-1]} == {0.2}
    assert level[0][2] - level[0][0] == pytest.approx(156, abs=0.1)
    upright = rules_of(page, is_level=False)
    edges = sorted({round(one[0], 1) for one in upright})
    assert edges == pytest.approx([28, 28 + 13, 28 + 91, 28 + 130, 184], abs=0.1)


def test_heading_is_repeated_on_every_page():
    pages = drawn(a_table(*(row(one, f"第{one}局") for one in range(1, 129))), is_landscape=True)
    assert len(pages) > 5
    for page in pages:
        assert cell_words(page)[0] == ["序号", "目标任务", "牵头单位", "责任人"]
        level = rules_of(page)
        assert level[-1][4] == pytest.approx(0.35, abs=0.01)
        assert level[-1][1] < 28 + 156 + 0.1
    numbers = [line[0] for page in pages for line in cell_words(page)[1:]]
    assert numbers == [str(one) for one in range(1, 129)]


def test_further_headings_span_columns_and_let_titles_reach_up():
    heads = ((("", 1), ("任务", 1), ("责任", 2)),)
    (page,) = drawn(a_table(row(1), heads=heads))
    found = cell_words(page)
    assert found[0] == ["序号", "任务", "责任", None]
    assert found[1] == [None, "目标任务", "牵头单位", "责任人"]


def test_run_of_merged_rows_is_kept_on_one_page():
    rows = [row(one, f"第{one}局") for one in range(1, 22)] + [row(one, "教育局") for one in range(22, 32)]
    pages = drawn(a_table(*rows))
    numbers = [[line[0] for line in cell_words(page)[1:]] for page in pages]
    together = [page for page in numbers if "22" in page]
    assert together == [[str(one) for one in range(22, 32)]]


def test_run_longer_than_a_page_is_said_again_on_the_next():
    pages = drawn(a_table(*(row(one) for one in range(1, 81))))
    assert len(pages) > 1
    for page in pages:
        found = cell_words(page)
        assert found[1][2:] == ["教育局", "江岚"]
        assert [line[2] for line in found[2:]] == [None] * (len(found) - 2)


def test_rows_that_keep_with_their_next_stand_on_one_page():
    rows = [row(one, f"第{one}局", keeps_next=one in (24, 25, 26, 27, 28)) for one in range(1, 41)]
    numbers = [[line[0] for line in cell_words(page)[1:]] for page in drawn(a_table(*rows))]
    (holding,) = [page for page in numbers if "24" in page]
    assert [str(one) for one in range(24, 30)] == [one for one in holding if 24 <= int(one) <= 29]


@pytest.mark.parametrize("before", range(20, 30))
def test_band_is_never_last_on_a_page(before):
    rows = [row(one, f"第{one}局") for one in range(before)] + [Row(("二、民生",), is_band=True), row(99)]
    for page in drawn(a_table(*rows)):
        assert cell_words(page)[-1][0] != "二、民生"


def test_row_longer_than_a_page_goes_on_over_it():
    task = "".join(f"第{one}项任务按时完成并报送材料。" for one in range(1, 200))
    pages = drawn(a_table(row(1, task=task), row(2, "财政局")))
    assert len(pages) > 2
    for page in pages:
        assert cell_words(page)[0][1] == "目标任务"
        assert rules_of(page)[-1][1] < 262.1
    assert "".join(line[1] for page in pages for line in cell_words(page)[1:] if line[0] != "2") == task
    assert cell_words(pages[-1])[-1][0] == "2"


def test_merged_words_longer_than_their_rows_make_room():
    unit = "临江区人民政府重点项目建设工作领导小组办公室及其所属各专项工作组" * 3
    (page,) = drawn(a_table(row(1, unit), row(2, unit), row(3, "财政局")))
    assert cell_words(page)[1][2] == unit
    assert cell_words(page)[3][2] == "财政局"


def test_caption_stays_with_the_table_and_notes_below_it():
    (page,) = drawn(a_table(row(1), caption="附表", notes=("注：数据截至6月20日。",)))
    assert texts(page)[1] == "附表"
    assert baseline(page, find_line(page, "注：")) > rules_of(page)[-1][1]


def test_text_after_a_table_is_back_on_the_grid():
    (page,) = drawn(a_table(row(1)), text("以上情况，特此报告。"))
    line = find_line(page, "特此报告")
    place = (baseline(page, line) - 37) * MM - 0.88 * 16
    assert place / 28.99 == pytest.approx(round(place / 28.99), abs=0.01)


@pytest.mark.parametrize("count", range(15, 40))
def test_signature_stands_with_the_last_row(count):
    signature = Signature(("临江区人民政府办公室",), None)
    pages = drawn(a_table(*(row(one, f"第{one}局") for one in range(count))), signature=signature)
    assert cell_words(pages[-1])[-1][0] == str(count - 1)
    assert "临江区人民政府办公室" in texts(pages[-1])


def test_landscape_annex_takes_the_whole_width():
    table = a_table(row(1))
    annexes = (Annex("附件", "责任分解表", (table,), is_landscape=True),)
    page = drawn(text("一"), annexes=annexes)[1]
    level = rules_of(page)
    assert (level[0][0], level[0][2]) == pytest.approx((35, 35 + 225), abs=0.1)


def test_column_too_narrow_for_a_character_is_refused():
    columns = tuple(Column("栏", 1) for _ in range(60))
    with pytest.raises(DocumentError, match="栏太多"):
        drawn(Table(columns, (Row(("一",) * 60),)))


def test_heading_higher_than_a_page_is_refused():
    columns = (Column("很长的栏目名称" * 300, 1), Column("目", 10))
    with pytest.raises(DocumentError, match="表头比一页还高"):
        drawn(Table(columns, (Row(("一", "二")),)))


def test_table_without_rows_is_its_heading():
    (page,) = drawn(a_table())
    assert cell_words(page) == [["序号", "目标任务", "牵头单位", "责任人"]]


def test_row_of_the_wrong_length_is_an_error():
    with pytest.raises(ValueError, match="2 cells in a table of 4 columns"):
        drawn(a_table(Row(("1", "2"))))
