"""Tampering behind the triggers is found."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from duban.access.actions import verify_trail
from duban.audit.actions import record_many, subject_of
from duban.audit.models import Event
from duban.audit.queries import untrue_events, verification
from duban.audit.rules import EventName, leaf_digest
from duban.audit.triggers import drop_triggers, make_triggers
from duban.core.actor import SYSTEM


@pytest.fixture
def trail(county, now) -> list[Event]:
    subject = replace(subject_of(county), data={"before": {"名称": "旧"}, "after": {"名称": "新"}})
    with transaction.atomic():
        return record_many(
            EventName.MATTER_EDITED,
            [subject, replace(subject, matter_id=7), replace(subject, matter_id=7)],
            by=SYSTEM,
            now=now,
        )


def tamper(statement: str, *values: object) -> None:
    drop_triggers(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
    finally:
        make_triggers(connection)


CHANGES = {
    "at": "2021-01-01 00:00:00+00:00",
    "name": "matters.created",
    "actor_id": 99,
    "actor_name": "别人",
    "subject_type": "unit",
    "subject_id": 4711,
    "subject_label": "别的",
    "jurisdiction_id": 4711,
    "matter_id": 8,
    "matter_no": 9,
    "data": '{"before": {}, "after": {}}',
    "digest": "0" * 64,
    "algorithm": "none",
    "key_id": "0" * 16,
}


def test_every_column_is_in_the_list_of_changes():
    assert set(CHANGES) == {field.column for field in Event._meta.fields} - {"id"}


@pytest.mark.parametrize("column", CHANGES)
def test_changed_row_is_found(trail, column):
    changed = trail[1].pk
    tamper(f"UPDATE audit_event SET {column} = %s WHERE id = %s", CHANGES[column], changed)
    assert untrue_events(Event.objects.order_by("pk")) == [changed]


def test_row_written_with_a_digest_of_another_key_is_found(trail):
    event = trail[0]
    content = event.content() | {"actor_name": "别人"}
    forged = leaf_digest(content, key=b"another key")
    tamper("UPDATE audit_event SET actor_name = '别人', digest = %s WHERE id = %s", forged, event.pk)
    assert verification().untrue == [event.pk]


def test_deleted_event_of_a_matter_leaves_a_gap(trail):
    tamper("DELETE FROM audit_event WHERE id = %s", trail[2].pk)
    found = verification()
    assert (found.checked, found.untrue, found.matters_with_gaps, found.is_clean) == (2, [], [7], False)


def test_triggers_stand_again_after_tampering(trail):
    tamper("UPDATE audit_event SET actor_name = '别人' WHERE id = %s", trail[0].pk)
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET actor_name = '系统'")


def test_verifying_is_an_event_and_finds_a_clean_trail_clean(trail, auditor, now):
    found = verify_trail(by=auditor, now=now)
    assert (found.checked, found.is_clean) == (3, True)
    event = Event.objects.latest("pk")
    assert (event.name, event.data) == ("audit.verified", {"checked": 3, "untrue": [], "gaps": []})
    assert verify_trail(by=auditor, now=now).checked == 4
