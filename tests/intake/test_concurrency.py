"""Two reviewers at once: SQLite in a file, or PostgreSQL."""

import pytest
from django.db import connection

from duban.audit.models import Event
from duban.core.errors import Conflict, WrongState
from duban.intake.actions import (
    AlreadyImported,
    accept_row,
    accept_rows,
    correct_cell,
    decide_group,
    register_as_read,
    settle_finding,
    upload_notice,
)
from duban.intake.models import Cell, NameReading, Notice, Row
from duban.matters.models import Matter, Plan
from tests.at_once import at_once
from tests.conftest import holder
from tests.intake.builders import notice_bytes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def colleague(county):
    return holder("officer", jurisdiction=county, name="督查员乙", account_id=9)


def test_one_cell_corrected_by_two_keeps_the_first_and_tells_the_second(cell, officer, colleague, now):
    if connection.vendor == "sqlite":
        assert not connection.is_in_memory_db()
    seen = cell("4", "deadline")
    outcomes = at_once(
        lambda: correct_cell(seen, value="7月底前", version=1, by=officer, now=now),
        lambda: correct_cell(seen, value="8月底前", version=1, by=colleague, now=now),
    )
    (won,) = [one for one in outcomes if isinstance(one, Cell)]
    (lost,) = [one for one in outcomes if isinstance(one, Exception)]
    assert isinstance(lost, Conflict)
    assert (lost.theirs.text, cell("4", "deadline").value) == (won.value, won.value)
    assert Event.objects.filter(name="intake.cell_corrected").count() == 1


def test_every_cell_of_a_row_corrected_at_once_loses_nothing(notice, row, cell, officer, colleague, now):
    given = {
        "text": "抓好春季开学工作。",
        "persons": "孙秀英",
        "support_units": "审计局、水务局",
        "overseers": "卫东来",
        "deadline": "8月底前",
    }
    calls = [
        lambda field=field, value=value, by=by: correct_cell(cell("4", field), value=value, version=1, by=by, now=now)
        for (field, value), by in zip(given.items(), [officer, colleague] * 3, strict=False)
    ]
    before = row("4").version
    outcomes = at_once(*calls)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    assert cell("4", "text").value == given["text"]
    assert [one["name"] for one in cell("4", "support_units").value] == ["审计局", "水务局"]
    assert row("4").version == before + 5
    assert Event.objects.filter(name="intake.cell_corrected").count() == 5
    assert NameReading.objects.get(notice=notice, name="卫东来").uses == 2


def test_row_passed_by_two_is_passed_once(row, officer, colleague, now):
    seen = row("1")
    outcomes = at_once(
        lambda: accept_row(seen, version=seen.version, by=officer, now=now),
        lambda: accept_row(seen, version=seen.version, by=colleague, now=now),
    )
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [WrongState]
    assert Event.objects.filter(name="intake.row_accepted").count() == 1


def test_bulk_and_single_hands_do_not_count_twice(notice, row, officer, colleague, now):
    seen = row("1")
    at_once(
        lambda: accept_rows(notice, by=officer, now=now),
        lambda: accept_rows(notice, by=colleague, now=now),
        lambda: accept_row(seen, version=seen.version, by=colleague, now=now),
    )
    accepted = Row.objects.filter(notice=notice, state="accepted").values_list("pk", flat=True)
    told = Event.objects.filter(name="intake.row_accepted").values_list("subject_id", flat=True)
    assert sorted(told) == sorted(accepted)


def test_finding_settled_by_two_is_settled_once(notice, cell, officer, colleague, now):
    finding = notice.findings.get(kind="person_without_unit")
    outcomes = at_once(
        lambda: settle_finding(finding, accept=True, by=officer, now=now),
        lambda: settle_finding(finding, accept=True, by=colleague, now=now),
    )
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [Conflict]
    assert [one["name"] for one in cell("5", "lead_units").value] == ["财政局", "教育局"]


def test_group_decided_by_two_keeps_the_first(notice, officer, colleague, now):
    group = notice.names.get(name="相关镇（街道）")
    outcomes = at_once(
        lambda: decide_group(group, version=1, members=["南山镇"], by=officer, now=now),
        lambda: decide_group(group, version=1, is_open=True, by=colleague, now=now),
    )
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [Conflict]


def test_same_file_uploaded_by_two_comes_in_once(county, officer, colleague, now, files):
    outcomes = at_once(
        *[
            lambda by=by: upload_notice(county, data=notice_bytes(), file_name="a.txt", by=by, now=now)
            for by in (officer, colleague)
        ]
    )
    (lost,) = [one for one in outcomes if isinstance(one, Exception)]
    assert (type(lost), lost.theirs) == (AlreadyImported, Notice.objects.get())


def test_notice_registered_by_two_stands_once(notice, officer, colleague, now):
    outcomes = at_once(
        lambda: register_as_read(notice, by=officer, now=now),
        lambda: register_as_read(notice, by=colleague, now=now),
    )
    assert sorted(isinstance(one, Plan) for one in outcomes) == [False, True]
    assert Matter.objects.count() == 8
    assert Event.objects.filter(name="intake.notice_registered").count() == 1
