"""Numbers, dates and names as official documents write them."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.documents.wording import (
    Addressee,
    Rank,
    day,
    days,
    document_number,
    listed,
    numeral,
    percent,
    quantity,
    recipients,
    share,
    span,
    unspaced,
    with_brackets,
)

pytestmark = pytest.mark.engine_free

NOTICE = Path(__file__).parents[2] / "examples" / "quangang-2020-2.txt"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_numeral(number, words):
    assert numeral(number) == words


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        ("应完成 10.17%，现报 0%。", "应完成10.17%，现报0%。"),
        ("于收到本函后 5 个工作日内改正", "于收到本函后5个工作日内改正"),
        ("完成 53 个 A 类项目", "完成53个 A 类项目"),
        ("没有空格的 words 1 2", "没有空格的 words 1 2"),
    ],
)
def test_paper_has_no_blanks_around_figures(words, printed):
    assert unspaced(words) == printed


@pytest.mark.parametrize("number", [0, 100, -1])
def test_headings_are_not_counted_beyond(number):
    with pytest.raises(ValueError, match=str(number)):
        numeral(number)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (16100, "人", "1.61万人"),
        (3_810_000, "平方米", "381万平方米"),
        (53, "个", "53个"),
        (9_999, "人", "9999人"),
        (10_000, "人", "1万人"),
        (12_345, "人", "12345人"),
        (Decimal("1.50"), "公里", "1.5公里"),
        (380_000_000, "元", "3.8亿元"),
        (38_000, "万元", "3.8亿元"),
        (10, "万元", "10万元"),
        (Decimal("0.5"), "亿元", "5000万元"),
        (Decimal("1E+3"), "人", "1000人"),
        (80, "%", "80%"),
        (0, "人", "0人"),
        (-20_000, "人", "-2万人"),
        (123_450_000, "元", "12345万元"),
        (3, "万", "3万"),
    ],
)
def test_quantity(value, unit, words):
    assert quantity(value, unit) == words


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_quantity_rounds_nothing(value):
    words = quantity(value)
    power = {"万": 10_000, "亿": 100_000_000}.get(words[-1], 1)
    assert Decimal(words.rstrip("万亿")) * power == value


@pytest.mark.parametrize(
    ("value", "words"), [(80, "80%"), (Decimal(1100) / 12, "91.7%"), (Decimal("0.05"), "0.1%"), (100, "100%")]
)
def test_percent(value, words):
    assert percent(value) == words


def test_share():
    assert (share(9, 128), share(64, 128), share(0, 0)) == ("7%", "50%", "")


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (1, 2, "条", "1—2条"),
        (10, 30, "%", "10%—30%"),
        (3, 3, "个", "3个"),
        (10_000, 20_000, "人", "1万—2万人"),
    ],
)
def test_span(low, high, unit, words):
    assert span(low, high, unit) == words


@pytest.mark.parametrize(
    ("first", "last", "year", "words"),
    [
        (date(2020, 6, 20), date(2020, 6, 25), 2020, "6月20日至25日"),
        (date(2020, 6, 20), date(2020, 7, 5), 2020, "6月20日至7月5日"),
        (date(2020, 6, 20), date(2020, 7, 5), None, "2020年6月20日至7月5日"),
        (date(2019, 12, 20), date(2020, 1, 5), None, "2019年12月20日至2020年1月5日"),
        (date(2020, 6, 20), date(2020, 6, 20), 2020, "6月20日"),
    ],
)
def test_days(first, last, year, words):
    assert days(first, last, year=year) == words


def test_day():
    assert (day(date(2020, 6, 20)), day(date(2020, 6, 20), year=2020)) == ("2020年6月20日", "6月20日")
    assert day(date(2019, 12, 31), year=2020) == "2019年12月31日"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("临江政办[2020]2号", "临江政办〔2020〕2号"),
        ("临江政办（2020）第02号", "临江政办〔2020〕2号"),
        ("临江政办【2020】 2 号", "临江政办〔2020〕2号"),
        ("临江政办〔2020〕2号", "临江政办〔2020〕2号"),
        ("会议（2020年）第2号楼", "会议（2020年）第2号楼"),
    ],
)
def test_brackets_of_a_documents_number(typed, printed):
    assert with_brackets(typed) == printed


def test_document_number():
    assert document_number("临江政办函", year=2020, number=3) == "临江政办函〔2020〕3号"


def test_recipients_stand_as_in_the_sample_notice():
    printed = re.search(r"^石化工业园区.*(?=：$)", NOTICE.read_text("utf-8"), re.MULTILINE).group()
    named = [
        Addressee("区政府各部门", Rank.DEPARTMENT),
        Addressee("各镇人民政府", Rank.TOWN),
        Addressee("区属各国有企业", Rank.ENTERPRISE),
        Addressee("山腰街道办事处", Rank.TOWN),
        Addressee("各直属机构", Rank.INSTITUTION),
        Addressee("省市直驻泉港各单位", Rank.VERTICAL),
        Addressee("石化工业园区", Rank.ZONE),
        Addressee("各镇人民政府", Rank.TOWN),
    ]
    assert recipients(named) == printed


def test_recipients_of_nobody_and_of_one():
    assert (recipients([]), recipients([Addressee("教育局", Rank.DEPARTMENT)])) == ("", "教育局")


def test_listed():
    assert listed(["甲", "乙"]) == "甲、乙"
    assert listed(["甲", "乙", "丙", "丁"], most=2, measure="项") == "甲、乙等4项"
