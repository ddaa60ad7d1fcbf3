"""What LibreOffice makes of the .docx, measured on the page: lines, characters, rules, numbers.

LibreOffice here has none of the field's fonts; a font configuration lends their names to the fonts of the package.
"""

import os
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pdfplumber
import pytest
from PIL import ImageOps

import duban.documents
from duban.documents.docx_file import to_docx
from duban.documents.paper import Annex, text
from tests.documents.papers import FILE, FULL, LETTER, TABLE, row, table

pytestmark = [pytest.mark.engine_free, pytest.mark.timeout(300)]

FONTS = Path(duban.documents.__file__).parent / "fonts"
LENT = {
    "仿宋_GB2312": "FandolFang R",
    "仿宋": "LXGW WenKai",
    "楷体_GB2312": "FandolKai",
    "黑体": "FandolHei",
    "宋体": "FandolSong",
    "方正小标宋简体": "FandolSong",
}
MM = 25.4 / 72
LONG = "长" * 3000
UNITS = tuple(f"区重点项目建设领导小组办公室{number}" for number in range(20))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the pages of the PDF LibreOffice makes, by the name of the paper; both in one run of it."""
    folder = tmp_path_factory.mktemp("docx")
    long = table(*TABLE.rows, row(7, "王五", "教育局", task=LONG), row(8, "昇玥", "教育局"))
    annexes = (FILE.annexes[0], Annex("附件2", "清单", (long,)))
    given = {
        "file": replace(FILE, annexes=annexes, colophon=replace(FILE.colophon, copies_to=UNITS)),
        "letter": replace(LETTER, blocks=(text(FULL[: 28 * 9]),), colophon=None, watermark=""),
    }
    for name, paper in given.items():
        (folder / f"{name}.docx").write_bytes(to_docx(paper))
    lent = "".join(
        f'<match target="pattern"><test name="family"><string>{name}</string></test>'
        f'<edit name="family" mode="assign" binding="strong"><string>{other}</string></edit></match>'
        for name, other in LENT.items()
    )
    (folder / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{FONTS}</dir><cachedir>{folder / 'cache'}</cachedir>{lent}</fontconfig>",
        "utf-8",
    )
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
            *("--convert-to", "pdf", "--outdir", str(folder)),
            *(str(folder / f"{name}.docx") for name in given),
        ],
        env={**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")},
        check=True,
        capture_output=True,
        timeout=240,
    )
    return {name: pdfplumber.open(folder / f"{name}.pdf").pages for name in given}


def rules(page):
    """Return the level rules of a page: (middle, left, right, thickness) in mm from its upper left corner.

    LibreOffice draws some of them twice.
    """
    found = {
        tuple(round(one[side] * MM, 2) for side in ("top", "x0", "x1", "linewidth"))
        for one in page.lines
        if abs(one["top"] - one["bottom"]) < 0.1
    }
    return sorted(found)


def number_of(page):
    """Return (left, right) in mm of the page's number."""
    foot = [one for one in page.chars if one["top"] * MM > 263 and one["text"].strip()]
    return "".join(one["text"] for one in foot), foot[0]["x0"] * MM, foot[-1]["x1"] * MM


def air_above(page, mm):
    """Return how far above a place of the page, in mm, the strokes of the words end."""
    image = page.to_image(resolution=254).original.convert("L").crop((280, round(mm * 10) - 150, 1840, round(mm * 10)))
    return (150 - ImageOps.invert(image).getbbox()[3]) / 10


def test_a_full_page_has_22_lines_of_28_characters_within_the_edges(pages):
    page = pages["file"][1]
    lines = Counter(round(one["top"]) for one in page.chars if one["text"] == "督")
    assert len(lines) == 22
    assert set(lines.values()) == {28}
    strokes = [one for one in page.chars if one["text"] == "督"]
    assert min(one["x0"] for one in strokes) * MM == pytest.approx(28, abs=0.5)
    assert max(one["x1"] for one in strokes) * MM == pytest.approx(184, abs=0.5)
    tops = sorted(lines)
    assert tops[-1] - tops[0] == pytest.approx(21 * 28.95, abs=1)


def test_pages_are_as_many_as_they_should_be_and_numbered_in_turn(pages):
    upright = [page for page in pages["file"] if page.width < page.height]
    assert [page.width > page.height for page in pages["file"]].count(True) == 1
    assert [number_of(page)[0].replace(" ", "") for page in upright] == [f"—{page.page_number}—" for page in upright]
    for page in upright:
        _, left, right = number_of(page)
        if page.page_number % 2:
            assert right == pytest.approx(184 - 14 * MM, abs=0.5)
        else:
            assert left == pytest.approx(28 + 14 * MM, abs=0.5)


def test_number_of_the_landscape_page_stands_where_an_upright_one_has_it(pages):
    (page,) = [page for page in pages["file"] if page.width > page.height]
    turned = [one for one in page.chars if not one["upright"] and one["text"].strip()]
    assert "".join(one["text"] for one in turned).replace(" ", "") in (
        f"—{page.page_number}—",
        f"—{page.page_number}—"[::-1],
    )
    assert min(one["x0"] for one in turned) * MM > 297 - 262 - 7 - 14 * MM - 1
    assert max(one["x1"] for one in turned) * MM < 35
    if page.page_number % 2:
        assert max(one["bottom"] for one in turned) * MM == pytest.approx(210 - 26 - 14 * MM, abs=0.7)
    else:
        assert min(one["top"] for one in turned) * MM == pytest.approx(28 + 14 * MM, abs=0.7)


def test_last_rule_of_the_colophon_stands_on_the_foot_of_the_text(pages):
    found = [one for one in rules(pages["file"][-1]) if one[2] - one[1] > 155]
    middle, left, right, thick = found[-1]
    assert middle + thick / 2 == pytest.approx(262, abs=0.5)
    assert (left, right) == (pytest.approx(28, abs=0.5), pytest.approx(184, abs=0.5))
    assert thick == pytest.approx(0.35, abs=0.05)
    assert found[-2][3] == pytest.approx(0.25, abs=0.05)
    words = pages["file"][-1].extract_text()
    assert UNITS[-1] in words.replace("\n", "")
    assert "共印60份" in words.replace(" ", "")


def test_red_rule_of_a_file_is_as_wide_as_the_text_and_about_4_mm_below_its_number(pages):
    page = pages["file"][0]
    (rule,) = [one for one in rules(page) if one[2] - one[1] > 155]
    assert (rule[1], rule[2]) == (pytest.approx(28, abs=0.5), pytest.approx(184, abs=0.5))
    assert air_above(page, rule[0] - rule[3]) == pytest.approx(4, abs=0.5)
    mark = [one for one in page.chars if one["size"] > 30]
    assert "".join(one["text"] for one in mark) == "临江区人民政府办公室文件"
    assert mark[0]["x0"] * MM >= 27.5
    assert mark[-1]["x1"] * MM <= 184.5


def test_letter_has_two_double_rules_and_no_number_on_its_first_page(pages):
    first, second = pages["letter"]
    found = [one for one in rules(first) if one[2] - one[1] > 169]
    assert [(round(one[1]), round(one[2])) for one in found] == [(20, 190)] * 4
    thickness = [one[3] for one in found]
    assert thickness[0] > 2 * thickness[1]
    assert thickness[3] > 2 * thickness[2]
    assert found[3][0] == pytest.approx(297 - 20, abs=0.6)
    assert found[1][0] - found[0][0] < 1.5
    assert not [one for one in first.chars if one["top"] * MM > 262.5]
    assert number_of(second)[0].replace(" ", "") == "—2—"
    mark = [one for one in first.chars if one["size"] > 30]
    assert max(one["bottom"] for one in mark) * MM < found[0][0] + 1


def test_table_repeats_its_heading_and_a_row_longer_than_a_page_loses_nothing(pages):
    over = [page for page in pages["file"] if "长长长" in page.extract_text()]
    assert len(over) >= 3
    assert all("目标任务" in page.extract_text() for page in over)
    assert sum(page.extract_text().count("长") for page in over) == len(LONG)
    assert "昇玥" in pages["file"][-1].extract_text() + pages["file"][-2].extract_text()
