"""A year is loaded once, told of, and every process works by it."""

from datetime import date, timedelta

import pytest

from duban.access.rules import Role
from duban.audit.models import Event
from duban.calendars.actions import load_notice
from duban.calendars.models import YearNotice
from duban.calendars.queries import loaded_calendar, notices_by_year, use_loaded_notices
from duban.calendars.rules import NamedDay
from duban.core.errors import Invalid, NotAllowed
from duban.core.workdays import add_workdays, calendar_of, is_known_year, is_workday, use_notices
from tests.conftest import holder

DAYS = [NamedDay(date(2031, 1, 1), False, "元旦"), NamedDay(date(2031, 1, 4), True, "元旦")]


@pytest.fixture
def admin(db):
    return holder(Role.SYSTEM_ADMIN, name="系统管理员")


def load(admin, now, days=DAYS, **more):
    return load_notice(days, **{"year": 2031, "title": "国办发明电〔2030〕9号", "by": admin, "now": now, **more})


def test_a_loaded_year_holds_at_once(admin, now):
    assert not is_known_year(2031)
    load(admin, now)
    assert is_known_year(2031)
    assert (is_workday(date(2031, 1, 1)), is_workday(date(2031, 1, 4))) == (False, True)
    assert add_workdays(date(2030, 12, 31), 3) == date(2031, 1, 4)
    event = Event.objects.get(name="calendars.notice_loaded")
    assert event.data == {
        "title": "国办发明电〔2030〕9号",
        "off_days": ["2031-01-01"],
        "worked_days": ["2031-01-04"],
    }


def test_the_last_notice_of_a_year_holds_and_the_earlier_stays(admin, now):
    load(admin, now)
    load(admin, now + timedelta(days=1), days=DAYS[:1], title="更正")
    assert (YearNotice.objects.count(), is_workday(date(2031, 1, 4))) == (2, False)
    assert notices_by_year()[2031].title == "更正"
    assert loaded_calendar(now).is_workday(date(2031, 1, 4))
    assert not loaded_calendar(now - timedelta(days=1)).is_known_year(2031)


def test_another_process_reads_what_was_loaded_and_then_only_asks(admin, now, django_assert_num_queries):
    load(admin, now)
    use_notices(calendar_of(()), key=None)  # a process that has not heard of it
    with django_assert_num_queries(3):
        use_loaded_notices()
    assert is_known_year(2031)
    with django_assert_num_queries(1):
        use_loaded_notices()


@pytest.mark.parametrize(
    "wrong", [{"days": []}, {"title": " "}, {"year": 1999}, {"year": 2101}], ids=["days", "title", "early", "late"]
)
def test_what_says_nothing_is_refused(admin, now, wrong):
    with pytest.raises(Invalid):
        load(admin, now, **wrong)
    assert (YearNotice.objects.count(), Event.objects.count()) == (0, 0)


def test_only_the_system_administrator_loads(county, now):
    for role in (Role.OFFICE_HEAD, Role.SECURITY_ADMIN, Role.LIAISON):
        with pytest.raises(NotAllowed):
            load(holder(role, jurisdiction=county), now)
