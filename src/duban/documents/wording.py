"""Numbers, dates and names as official documents write them. Nothing is rounded in silence.

Numbers and ranges after GB/T 15835-2011, document numbers after GB/T 9704-2012, addressees in the order in which the
notices of the field name them. Source: docs/sources.md#documents
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from itertools import groupby

from duban.core.text import date_text, plain_number

_DIGITS = "零一二三四五六七八九"
_POWERS = ((Decimal(100_000_000), "亿"), (Decimal(10_000), "万"))
_SCALED = Decimal("0.01")
_NUMBER = re.compile(r"[\[［\(（【﹝\{]\s*(\d{4})\s*[\]］\)）】﹞\}]\s*(?:第\s*)?0*(\d+)\s*号")

_BLANK = re.compile(r"(?<=[\u4e00-\u9fff，。；：、“”（）〔〕《》]) +(?=\d)|(?<=[\d%]) +(?=[\u4e00-\u9fff])")


# ---- numbers


def unspaced(words: str) -> str:
    """Return words as paper prints them: no blank parts a figure from the Chinese around it, as screens do.

    应完成 10.17%，于 5 个工作日内 → 应完成10.17%，于5个工作日内. Other blanks stay.
    """
    return _BLANK.sub("", words)


def numeral(number: int) -> str:
    """Return a number from 1 to 99 as headings count: 1 → 一, 12 → 十二, 20 → 二十."""
    if not 1 <= number <= 99:
        raise ValueError(f"headings are counted from 1 to 99, not {number}")
    tens, ones = divmod(number, 10)
    return f"{'' if tens < 2 else _DIGITS[tens]}{'十' if tens else ''}{_DIGITS[ones] if ones else ''}"


def quantity(value: Decimal | int, unit: str = "") -> str:
    """Return a quantity as the field writes it: 16100, 人 → 1.61万人; 3810000, 平方米 → 381万平方米; 53, 个 → 53个.

    In 万 or 亿 only where two decimals hold the whole of it: 12345 stays 12345. A unit that itself begins with 万 or 亿
    is multiplied out first: 38000, 万元 → 3.8亿元.
    """
    number = Decimal(value)
    for size, power in _POWERS:
        if unit.startswith(power) and len(unit) > 1:
            number, unit = number * size, unit[1:]
    for size, power in _POWERS:
        scaled = number / size
        if abs(scaled) >= 1 and scaled == scaled.quantize(_SCALED):
            return f"{plain_number(scaled)}{power}{unit}"
    return f"{plain_number(number)}{unit}"


def percent(value: Decimal | int, *, most_decimals: int = 1) -> str:
    """Return a percentage, value 80 → 80%, 91.666… → 91.7%: rounded half up to so many decimals, zeros left out."""
    step = Decimal(1).scaleb(-most_decimals)
    return f"{plain_number(Decimal(value).quantize(step, rounding='ROUND_HALF_UP'))}%"


def share(part: int, whole: int) -> str:
    """Return what part of a whole, as a percentage with one decimal: 9 of 128 → 7%; of nothing an empty string."""
    return percent(Decimal(part) * 100 / whole) if whole else ""


def span(low: Decimal | int, high: Decimal | int, unit: str = "") -> str:
    """Return a range, its sign a one-em dash: 1—2条, 10%—30%; low and high alike are one number."""
    if low == high:
        return quantity(low, unit)
    first = quantity(low, unit) if unit in ("%", "‰") else quantity(low)
    return f"{first}—{quantity(high, unit)}"


# ---- days


def day(on: date, *, year: int | None = None) -> str:
    """Return a day: 2020年6月20日, or within a text about that year 6月20日."""
    return f"{on.month}月{on.day}日" if on.year == year else date_text(on)


def days(first: date, last: date, *, year: int | None = None) -> str:
    """Return a span of days: 6月20日至25日, 6月20日至7月5日, 2019年12月20日至2020年1月5日."""
    if first == last:
        return day(first, year=year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{day(first, year=year)}至{last.day}日"
    return f"{day(first, year=year)}至{day(last, year=first.year)}"


def document_number(word: str, *, year: int, number: int) -> str:
    """Return a document's number: 临江政办函, 2020, 3 → 临江政办函〔2020〕3号 (no 第, no leading zero)."""
    return f"{word}〔{year}〕{number}号"


def with_brackets(text: str) -> str:
    """Return words with the numbers of documents as GB/T 9704 wants them: [2020]03号, （2020）第3号 → 〔2020〕3号."""
    return _NUMBER.sub(r"〔\1〕\2号", text)


# ---- who


class Rank(IntEnum):
    """The order in which addressees are named, as the notices of the field do; members of one rank stand together.

    Bodies not of the government itself do not stand in those notices; among them the order is that of 抄送, and
    where they are addressed beside the government's their place is ★. Source: docs/sources.md#documents
    """

    ABOVE = 0  # 上级、本级政府领导
    PARTY = 1  # 区委各部门
    CONGRESS = 2  # 区人大常委会办公室
    CONFERENCE = 3  # 区政协办公室
    COURTS = 4  # 区法院、区检察院
    ZONE = 5  # 园区、开发区
    TOWN = 6  # 各镇人民政府、街道办事处
    DEPARTMENT = 7  # 区政府各部门
    INSTITUTION = 8  # 各直属机构
    VERTICAL = 9  # 省市直驻区各单位
    ENTERPRISE = 10  # 区属国有企业
    MASS = 11  # 群团组织
    MILITARY = 12  # 人武部
    OTHER = 13


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a document is sent to: a name as it is to stand, and its rank."""

    name: str
    rank: Rank = Rank.OTHER


def recipients(units: Iterable[Addressee]) -> str:
    """Return addressees in protocol order, 、 within a rank, ，between ranks; each once, as given within its rank.

    石化工业园区，各镇人民政府、山腰街道办事处，区政府各部门，各直属机构
    """
    ordered = sorted(dict.fromkeys(units), key=lambda one: one.rank)
    ranks = [[one.name for one in members] for _, members in groupby(ordered, key=lambda one: one.rank)]
    return "，".join("、".join(dict.fromkeys(names)) for names in ranks)


def listed(names: Sequence[str], *, most: int | None = None, measure: str = "个") -> str:
    """Return names joined by 、; more than `most` are shortened by a count: 甲、乙等5个."""
    if most is None or len(names) <= most:
        return "、".join(names)
    return f"{'、'.join(names[:most])}等{len(names)}{measure}"
