import pytest
from django.db import DatabaseError, connection, transaction

from duban.audit.actions import Subject, record, record_many, subject_of
from duban.audit.models import Event
from duban.audit.queries import events_of_matter, untrue_events
from duban.audit.rules import EventName
from duban.core.actor import SYSTEM


@pytest.fixture
def event(county, now):
    with transaction.atomic():
        return record(EventName.JURISDICTION_CREATED, county, by=SYSTEM, now=now, data={"on": now.date()})


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET actor_name = '别人'", "DELETE FROM audit_event"])
def test_trail_refuses_change(event, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get(pk=event.pk).actor_name == "系统"


def test_record_unknown_name_is_an_error(county, now):
    with pytest.raises(ValueError, match=r"no\.such\.event"), transaction.atomic():
        record("no.such.event", county, by=SYSTEM, now=now)


@pytest.mark.django_db(transaction=True)
def test_record_outside_a_transaction_is_an_error(now):
    from duban.orgs.models import Jurisdiction

    county = Jurisdiction.objects.create(level="county", name="临江区", short_name="临江区")
    with pytest.raises(RuntimeError):
        record(EventName.JURISDICTION_CREATED, county, by=SYSTEM, now=now)


def test_digest_answers_to_the_content_read_back(event):
    assert untrue_events(Event.objects.all()) == []
    event.actor_name = "别人"
    assert untrue_events([event]) == [event.pk]


def test_matter_events_are_numbered_without_gap(county, now):
    from dataclasses import replace

    one = replace(subject_of(county), matter_id=7)
    other = replace(subject_of(county), matter_id=8)
    with transaction.atomic():
        record_many(EventName.MATTER_EDITED, [one, other, one], by=SYSTEM, now=now)
        record_many(EventName.MATTER_EDITED, [one], by=SYSTEM, now=now)
    assert [event.matter_no for event in events_of_matter(7)] == [1, 2, 3]
    assert [event.matter_no for event in events_of_matter(8)] == [1]


def test_numbers_of_every_size_answer_to_their_digest_when_read_back(now, db):
    numbers = [-0.0, 0.5, 1e-7, 30.0, 1e16, 1.1e22, -2.5e17, 12345678901234567890, "1e16"]
    with transaction.atomic():
        record(
            EventName.POLICY_ADOPTED,
            Subject(type="policy", id=1, label="督查规则", data={"after": numbers}),
            by=SYSTEM,
            now=now,
        )
    assert untrue_events(Event.objects.all()) == []


def test_what_is_no_number_is_never_recorded(now, db):
    with pytest.raises(ValueError), transaction.atomic():
        record(
            EventName.POLICY_ADOPTED,
            Subject(type="policy", id=1, label="督查规则", data={"after": float("nan")}),
            by=SYSTEM,
            now=now,
        )
