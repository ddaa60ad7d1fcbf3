from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.core.text import date_text, folded, number_text, plain_number, ranges_text

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("", ""),
        ("江 岚", "江岚"),
        ("海关\u3000泉港\t办事处", "海关泉港办事处"),
        ("商务局（口岸办）", "商务局(口岸办)"),
        ("ＡＢＣ１２３", "abc123"),
        ("Duban", "duban"),
        ("各镇、街道", "各镇、街道"),
    ],
)
def test_folded(value, result):
    assert folded(value) == result


@given(st.text())
def test_folded_has_no_space_and_keeps_its_length_in_words(value):
    once = folded(value)
    assert once == "".join(once.split())
    assert folded(f" {value}\u3000") == once


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x9FFF)))
def test_folded_twice_is_folded_once(value):
    assert folded(folded(value)) == folded(value)


@pytest.mark.parametrize(
    ("numbers", "result"),
    [
        ([], ""),
        ([7], "7"),
        ([1, 2], "1–2"),
        ([1, 2, 3, 7], "1–3、7"),
        ([3, 1, 2, 2], "1–3"),
        ([*range(1, 14), *range(142, 158)], "1–13、142–157"),
        ([0, 2], "0、2"),
    ],
)
def test_ranges_text(numbers, result):
    assert ranges_text(numbers) == result


@given(st.lists(st.integers(0, 300)))
def test_ranges_text_says_every_number_once(numbers):
    said = []
    for part in filter(None, ranges_text(numbers).split("、")):
        first, _, last = part.partition("–")
        said.extend(range(int(first), int(last or first) + 1))
    assert said == sorted(set(numbers))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("8300.0000", "人", "8,300 人"),
        ("0.8300", "", "0.83"),
        ("100", "%", "100 %"),
        ("-0.5", "个", "-0.5 个"),
        ("0", "", "0"),
    ],
)
def test_number_text(value, unit, words):
    assert number_text(Decimal(value), unit) == words


@pytest.mark.parametrize(("day", "result"), [(date(2020, 1, 22), "2020年1月22日"), (None, "")])
def test_date_text(day, result):
    assert date_text(day) == result


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("1.610", "1.61"),
        ("381", "381"),
        ("380", "380"),
        ("1E+3", "1000"),
        ("-0.0", "0"),
        ("0.00", "0"),
        ("-2.50", "-2.5"),
    ],
)
def test_plain_number(value, result):
    assert plain_number(Decimal(value)) == result
