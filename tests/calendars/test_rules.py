"""Reading a year's notice: what stands, what cannot be, what looks odd."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.calendars.rules import NamedDay, read_notice
from duban.core.workdays import calendar_of

pytestmark = pytest.mark.engine_free

YEAR = """日期,休/班,名称
2027-01-01,休,元旦
2027年2月5日，休，春节
2027/2/6\t休\t春节
2027.02.14, 班 ,春节
2026-12-26,班,元旦
"""


def test_lines_are_read_however_they_are_written():
    read = read_notice(YEAR, year=2027)
    assert read.problems == ()
    assert read.days == (
        NamedDay(date(2026, 12, 26), True, "元旦"),
        NamedDay(date(2027, 1, 1), False, "元旦"),
        NamedDay(date(2027, 2, 5), False, "春节"),
        NamedDay(date(2027, 2, 6), False, "春节"),
        NamedDay(date(2027, 2, 14), True, "春节"),
    )
    assert (read.off_days, read.worked_days) == (3, 2)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("2027-02-29,休,春节", "第 1 行：“2027-02-29”不是日期，应写成 2027-01-01。"),
        ("元旦,休", "第 1 行：“元旦”不是日期，应写成 2027-01-01。"),
        ("2027-01-01", "第 1 行：应写成“日期,休或班,名称”，如 2027-01-01,休,元旦。"),
        ("2027-01-01,放,元旦", "第 1 行：第二列应写“休”或“班”，不能是“放”。"),
        ("2028-01-01,休,元旦", "第 1 行：2028年1月1日不在2027年（可以写上一年12月的日子）。"),
        ("2026-11-30,班,元旦", "第 1 行：2026年11月30日不在2027年（可以写上一年12月的日子）。"),
        ("2027-01-01,休\n2027-01-01,班", "第 2 行：2027年1月1日写了两次。"),
        ("日期,休/班,名称", "没有任何一行放假或上班的日期。"),
        ("", "没有任何一行放假或上班的日期。"),
        ("2027-01-01,休\n" * 201, "共 201 行，一年的放假安排不会超过 200 行，请核对文件。"),
    ],
)
def test_a_bad_line_is_named_and_nothing_stands(line, problem):
    read = read_notice(line, year=2027)
    assert problem in read.problems
    assert read.hints == ()


def test_what_looks_odd_is_asked_about():
    assert read_notice("2027-01-01,休,元旦\n2027-03-03,班,清明", year=2027).hints == (
        "名称里没有春节、劳动、端午、中秋、国庆，请核对是否漏了。",
        "2027年3月3日本来就是工作日，写了“班”。",
        "星期一至星期五里只有 1 天放假，通常在 10 天以上，请核对是否完整。",
    )


@given(st.text(max_size=60))
def test_whatever_is_given_is_read_or_named(text):
    read = read_notice(text, year=2027)
    assert bool(read.problems) != bool(read.days)


def test_a_loaded_year_stands_instead_of_what_was_known():
    known = calendar_of(())
    loaded = calendar_of(((2020, ((date(2020, 1, 2), False), (date(2020, 2, 1), True))),))
    assert (known.is_workday(date(2020, 1, 2)), loaded.is_workday(date(2020, 1, 2))) == (True, False)
    assert (known.is_workday(date(2020, 1, 24)), loaded.is_workday(date(2020, 1, 24))) == (False, True)
    assert loaded.is_workday(date(2020, 2, 1))
    assert not loaded.is_workday(date(2019, 10, 1))


def test_a_year_nobody_knew_is_known_once_loaded():
    loaded = calendar_of(((2099, ((date(2099, 1, 1), False),)),))
    assert (calendar_of(()).is_known_year(2099), loaded.is_known_year(2099)) == (False, True)


def test_december_may_be_named_by_the_next_years_notice():
    loaded = calendar_of(((2027, ((date(2026, 12, 26), True),)),))
    assert (calendar_of(()).is_workday(date(2026, 12, 26)), loaded.is_workday(date(2026, 12, 26))) == (False, True)
