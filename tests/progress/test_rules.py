from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.errors import Invalid
from duban.matters.rules import Sense
from duban.progress.rules import checked_sentence, needs_sentence, pct_of, pct_text, read_figure, read_pct, target_share

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("typed", "unit", "printed", "goal", "number"),
    [
        ("0.83万", "人", "1.61万人", "16100", "8300"),
        ("０．８３ 万人", "人", "1.61万人", "16100", "8300"),
        ("8300", "人", "1.61万人", "16100", "8300"),
        ("8,300人", "人", "1.61万人", "16100", "8300"),
        ("0.83人", "人", "1.61万人", "16100", "0.83"),
        ("20", "人", "1.61万人", "16100", "20"),
        ("3.2亿元", "元", "5亿元", "500000000", "320000000"),
        ("5百万", "元", "8百万元", "8000000", "5000000"),
        ("1.5万亿", "元", "2万亿元", "2000000000000", "1500000000000"),
        (".5", "公里", "20公里", "20", "0.5"),
        ("51.5%", "%", "80%", "80", "51.5"),
        ("51.5", "%", "80%", "80", "51.5"),
        ("-0.2％", "%", "6%", "6", "-0.2"),
        ("0", "个", "53个", "53", "0"),
        ("53000", "个", "53个", "53", "53000"),
        ("0.12345", "公里", "20公里", "20", "0.1234"),
    ],
)
def test_figure_is_read_as_the_field_writes_it(typed, unit, printed, goal, number):
    assert read_figure(typed, unit_of_measure=unit, printed=printed, goal=D(goal)) == D(number)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("很多", "“很多”不是数字，请填如 8300 或 0.83万。"),
        ("1.2.3", "“1.2.3”的单位不对，请填以“人”为单位的数。"),
        ("0.83万户", "“0.83万户”的单位不对，请填以“人”为单位的数。"),
        ("51%", "“51%”的单位不对，请填以“人”为单位的数。"),
        ("0.83", "请写清是“0.83万”还是“0.83人”：目标是“1.61万人”。"),
        ("1", "请写清是“1万”还是“1人”：目标是“1.61万人”。"),
        ("9999999亿亿", "“9999999亿亿”太大，请核对。"),
        ("1611万", "“1611万”是目标“1.61万人”的 1000 倍，请核对。"),
        ("￥5", "“￥5”不是数字，请填如 8300 或 0.83万。"),
    ],
)
def test_figure_that_cannot_be_meant_is_refused_in_words(typed, message):
    with pytest.raises(Invalid) as refusal:
        read_figure(typed, unit_of_measure="人", printed="1.61万人", goal=D(16100))
    assert refusal.value.message == message


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_number_or_refused(typed):
    try:
        assert abs(read_figure(typed, unit_of_measure="人", printed="53人", goal=D(53))) < 10**15
    except Invalid as refusal:
        assert refusal.message


@pytest.mark.parametrize(
    ("typed", "pct"), [("51.55", "51.55"), ("51.559%", "51.55"), ("１００％", "100"), ("0", "0"), ("7.", "7")]
)
def test_percentage_is_read(typed, pct):
    assert read_pct(typed) == D(pct)


@pytest.mark.parametrize("typed", ["100.01", "-1", "一半", "101", "1e2", "5万", "12345"])
def test_percentage_out_of_bounds_is_refused(typed):
    with pytest.raises(Invalid) as refusal:
        read_pct(typed)
    assert (refusal.value.message, refusal.value.field) == (
        f"完成百分比应为 0 到 100 之间的数，不能是“{typed}”。",
        "pct",
    )


@pytest.mark.parametrize(
    ("sense", "value", "upper", "current", "share"),
    [
        (Sense.EQUAL, "16100", None, "8300", "51.55"),
        (Sense.EQUAL, "53", None, "53", "100"),
        (Sense.EQUAL, "53", None, "60", "100"),
        (Sense.EQUAL, "30000", None, "29999.9", "99.99"),
        (Sense.AT_LEAST, "80", None, "80", "100"),
        (Sense.AT_LEAST, "80", None, "79.99", "99.98"),
        (Sense.AT_LEAST, "0", None, "0", "100"),
        (Sense.AT_LEAST, "6", None, "-0.2", "0"),
        (Sense.MORE, "40000", None, "40000", "99.99"),
        (Sense.MORE, "40000", None, "40001", "100"),
        (Sense.MORE, "0", None, "0", "0"),
        (Sense.AT_MOST, "3", None, "2.9", "100"),
        (Sense.AT_MOST, "3", None, "3", "100"),
        (Sense.AT_MOST, "3", None, "4", "75"),
        (Sense.AT_MOST, "0", None, "1", "0"),
        (Sense.AT_MOST, "0", None, "0", "100"),
        (Sense.LESS, "3", None, "3", "99.99"),
        (Sense.LESS, "3", None, "2.99", "100"),
        (Sense.RANGE, "6", "8", "3", "50"),
        (Sense.RANGE, "6", "8", "6", "100"),
        (Sense.RANGE, "6", "8", "8", "100"),
        (Sense.RANGE, "6", "8", "10", "80"),
        (Sense.RANGE, "6", None, "10", "100"),
    ],
)
def test_share_of_a_target(sense, value, upper, current, share):
    got = target_share(D(current), value=D(value), upper=D(upper) if upper else None, sense=sense)
    assert got == D(share)


def test_several_targets_give_the_smallest_share():
    assert pct_of([D(80), D("51.55"), D(100)]) == D("51.55")
    assert pct_of([]) is None


@pytest.mark.parametrize(
    ("pct", "counted", "before", "why"),
    [
        (None, None, "50", None),
        ("50", None, None, None),
        ("50", None, "50", None),
        ("49.99", None, "50", "完成百分比（49.99%）低于上次填报（50%），请用一句话说明原因。"),
        ("60", "51.55", None, "填写的百分比（60%）与按数字算出的（51.55%）不一致，请用一句话说明原因。"),
        ("51.55", "51.55", "40", None),
    ],
)
def test_percentage_that_needs_a_reason(pct, counted, before, why):
    given = {"pct": pct, "counted": counted, "before": before}
    assert needs_sentence(**{name: D(one) if one else None for name, one in given.items()}) == why


def test_sentence_is_one_line_of_two_hundred():
    assert checked_sentence("  第一期\n已经 建成。 ") == "第一期 已经 建成。"
    assert checked_sentence("字" * 200) == "字" * 200
    with pytest.raises(Invalid) as refusal:
        checked_sentence("字" * 201)
    assert refusal.value.message == "说明不超过 200 字，现在 201 字。"


def test_percentage_in_words():
    assert [pct_text(D(one)) for one in ("51.55", "50.00", "0", "100")] == ["51.55%", "50%", "0%", "100%"]
