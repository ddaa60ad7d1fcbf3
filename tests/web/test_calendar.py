"""放假安排: read, shown, confirmed; what is wrong is said line by line."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from duban.access.rules import Role
from duban.calendars.models import YearNotice
from duban.core.workdays import calendar_of, is_workday, use_notices
from tests.web.test_administration import new_account, text

pytestmark = pytest.mark.django_db

LINES = "日期,休/班,名称\n2031-01-01,休,元旦\n2031-01-04,班,元旦\n"
GIVEN = {"year": "2031", "title": "国办发明电〔2030〕9号", "text": LINES}


@pytest.fixture(autouse=True)
def _own_calendar():
    yield
    use_notices(calendar_of(()), key=None)


@pytest.fixture
def system():
    client = Client()
    client.force_login(new_account("xitong", "系统员", Role.SYSTEM_ADMIN))
    return client


def test_years_that_nobody_has_published_are_marked(system):
    assert "没有，暂按周一至周五" in text(system.get(reverse("calendar")))


def test_a_year_is_shown_first_and_loaded_when_confirmed(system):
    page = text(system.post(reverse("calendar"), {**GIVEN, "step": "preview"}))
    assert "放假 1 天，调休上班 1 天" in page
    assert "请核对是否漏了" in page
    assert YearNotice.objects.count() == 0
    done = text(system.post(reverse("calendar"), {**GIVEN, "step": "load"}, follow=True))
    assert "2031年放假安排已载入，全部事项的灯已按新的工作日重新判定。" in done
    assert "国办发明电〔2030〕9号" in done
    assert is_workday(date(2031, 1, 4))


def test_a_file_is_read_in_whatever_encoding(system):
    file = SimpleUploadedFile("2031.csv", LINES.encode("gb18030"))
    page = text(system.post(reverse("calendar"), {**GIVEN, "text": "", "file": file, "step": "preview"}))
    assert "2031年1月4日" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": "2031-02-30,休,春节"}, "第 1 行：“2031-02-30”不是日期，应写成 2027-01-01。"),
        ({"text": ""}, "没有任何一行放假或上班的日期。"),
        ({"year": "31"}, "请填写四位年度，如 2027。"),
        ({"title": ""}, "请写明通知的文号或标题。"),
        ({"file": SimpleUploadedFile("x.csv", b"x" * 100_001)}, "文件太大：一年的放假安排只有几十行。"),
        ({"file": SimpleUploadedFile("x.csv", b"PK\x03\x04" + b"\0" * 40)}, ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_loaded(system, wrong, said):
    answer = system.post(reverse("calendar"), {**GIVEN, "step": "load", **wrong})
    assert (answer.status_code, said in text(answer)) == (400, True)
    assert YearNotice.objects.count() == 0
