"""Charts: valid XML, true lengths, legible without colour."""

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.documents.charts import (
    WIDTH_MM,
    Change,
    Counts,
    Progress,
    UnitLights,
    changes_since,
    lights_by_unit,
    progress_against_schedule,
)

pytestmark = pytest.mark.engine_free

SVG = "{http://www.w3.org/2000/svg}"


def tree(figure):
    return ElementTree.fromstring(figure.svg)


def bars(figure, name=None):
    found = [one for one in tree(figure).iter(f"{SVG}rect") if one.get("data-value")]
    return [one for one in found if name in (None, one.get("class"))]


def texts(figure):
    return [one.text for one in tree(figure).iter(f"{SVG}text")]


def test_no_unit_gives_no_chart_and_no_matter_gives_words():
    assert lights_by_unit([]) == ()
    assert progress_against_schedule([]) == ()
    (figure,) = lights_by_unit([UnitLights("教育局", Counts())])
    assert bars(figure) == []
    assert "无事项" in texts(figure)
    assert figure.words == "教育局：无事项"


def test_one_unit():
    (figure,) = lights_by_unit([UnitLights("教育局", Counts(green=1))], caption="各单位亮灯情况")
    assert [(one.get("class"), one.get("data-value")) for one in bars(figure)] == [("green", "1")]
    assert figure.caption == "各单位亮灯情况"
    assert "共1：绿1" in texts(figure)


counts = st.builds(Counts, *[st.integers(0, 200)] * 4)


@given(st.lists(counts, min_size=1, max_size=80))
def test_bars_are_as_long_as_their_counts_and_every_matter_is_drawn(some):
    units = [UnitLights(f"单位{number}", one) for number, one in enumerate(some)]
    figures = lights_by_unit(units)
    drawn = [one for figure in figures for one in bars(figure)]
    assert sum(int(one.get("data-value")) for one in drawn) == sum(one.total for one in some)
    scales = {round(float(one.get("width")) / int(one.get("data-value")), 1) for one in drawn if one}
    assert len(scales) <= 2
    edge = WIDTH_MM * 72 / 25.4
    assert all(float(one.get("x")) + float(one.get("width")) <= edge for one in drawn)


def test_seventy_units_are_parted_into_charts_that_fit_a_page():
    figures = lights_by_unit([UnitLights(f"单位{n}", Counts(1, 2, 3, 4)) for n in range(70)], caption="亮灯情况")
    assert [one.caption for one in figures] == ["亮灯情况", "亮灯情况（续）"]
    assert all(one.height_mm < 215 for one in figures)
    assert "".join(one.words for one in figures).count("绿灯1项") == 70
    short = lights_by_unit([UnitLights(f"单位{n}", Counts(1)) for n in range(9)], most_rows=8)
    assert [one.words.count("：") for one in short] == [4, 5], "short enough to stand below a page's text"


def test_the_three_lights_differ_without_colour():
    (figure,) = lights_by_unit([UnitLights("教育局", Counts(9, 9, 9, 9))])
    fills = {one.get("class"): one.get("fill") for one in bars(figure)}
    assert len(set(fills.values())) == 4
    shapes = {one.get("id"): one[1].tag for one in tree(figure).iter(f"{SVG}pattern")}
    assert shapes == {"green": f"{SVG}circle", "yellow": f"{SVG}path", "grey": f"{SVG}path"}
    assert not fills["red"].startswith("url")
    assert {"绿灯", "黄灯", "红灯", "不亮灯"} <= set(texts(figure))


@pytest.mark.parametrize(
    ("done", "name", "word"),
    [
        (Decimal("28.6"), "yellow", "28.6%（落后）"),
        (Decimal(50), "green", "50%（达到）"),
        (Decimal(130), "green", "130%（达到）"),
        (None, None, "未报（落后）"),
    ],
)
def test_progress_against_schedule(done, name, word):
    (figure,) = progress_against_schedule([Progress("城管局", done, Decimal(50))])
    assert [one.get("class") for one in bars(figure)] == ([name] if name else [])
    assert word in texts(figure)
    track = max(float(one.get("width")) for one in tree(figure).iter(f"{SVG}rect") if one.get("fill") == "none")
    if done is not None:
        assert float(bars(figure)[0].get("width")) == pytest.approx(track * min(float(done), 100) / 100, abs=0.02)
    mark = next(one for one in tree(figure).iter(f"{SVG}path") if one.get("class") == "expected")
    left = min(float(one.get("x")) for one in tree(figure).iter(f"{SVG}rect") if one.get("fill") == "none")
    assert float(re.match(r"M([\d.]+)", mark.get("d")).group(1)) == pytest.approx(left + track / 2, abs=0.02)


def test_changes_since_the_last_issue():
    (figure,) = changes_since(
        UnitLights("上期（第2期）", Counts(90, 20, 10, 8)),
        UnitLights("本期（第3期）", Counts(80, 24, 12, 12)),
        [Change("绿灯转黄灯", 9), Change("黄灯转红灯", 3), Change("红灯转绿灯", 0)],
    )
    assert sum(int(one.get("data-value")) for one in bars(figure)) == 256
    assert "绿灯转黄灯9项，黄灯转红灯3项" in texts(figure)
    assert figure.words.endswith("绿灯转黄灯9项，黄灯转红灯3项")


@pytest.mark.parametrize("name", ["<b>&\"'", "\x00\x07控制", "𠮷" * 40, "\ud800", "]]>", "临江市" * 13])
def test_hostile_names_are_text(name):
    (figure,) = lights_by_unit([UnitLights(name, Counts(1))])
    plain = tree(lights_by_unit([UnitLights("甲", Counts(1))])[0])
    assert {one.tag for one in tree(figure).iter()} == {one.tag for one in plain.iter()}
    said = "".join(one for one in texts(figure) if one)
    assert name[:1] in said or not name[:1].isprintable()


def test_count_below_nought_is_refused():
    with pytest.raises(ValueError, match="below"):
        Counts(green=-1)
