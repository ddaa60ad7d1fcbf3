"""Writing events: always inside the transaction of what they tell of."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import F, QuerySet

from duban.audit.models import Event, MatterCounter
from duban.audit.rules import ALGORITHM, EventName, leaf_digest, may_follow_sealing
from duban.core.actor import Actor
from duban.core.errors import WrongState

_WRITTEN_WITH_EXPONENT = 1e16


class Sealed(WrongState):
    """The matter belongs to a year that is closed (年度办结)."""

    def __init__(self, label: str) -> None:
        super().__init__(f"{label}：所在的年度台账已经办结，只能查看。确需改动的，先经批准重新打开台账。")


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about. `data` holds before/after or whatever explains it; JSON-able, dates allowed."""

    type: str
    id: int | None
    label: str
    matter_id: int | None = None
    jurisdiction_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def subject_of(thing: models.Model, *, data: dict[str, Any] | None = None, label: str | None = None) -> Subject:
    """Return the subject of a row: its type, id and label, and the matter it belongs to where it has one."""
    type_name = thing._meta.model_name or ""
    matter_id = thing.pk if type_name == "matter" else getattr(thing, "matter_id", None)
    return Subject(
        type=type_name,
        id=thing.pk,
        label=(label if label is not None else str(thing))[:120],
        matter_id=matter_id,
        jurisdiction_id=getattr(thing, "jurisdiction_id", None),
        data=data or {},
    )


def record(
    name: EventName,
    thing: models.Model | Subject,
    *,
    by: Actor,
    now: datetime,
    data: dict[str, Any] | None = None,
    label: str | None = None,
) -> Event:
    """Write one event in the running transaction. Raises ValueError for a name not in the closed list."""
    subject = thing if isinstance(thing, Subject) else subject_of(thing, data=data, label=label)
    return record_many(name, [subject], by=by, now=now)[0]


def record_many(name: EventName, subjects: Iterable[Subject], *, by: Actor, now: datetime) -> list[Event]:
    """Write one event for each subject, in few statements: a batch of matters costs what one does.

    Raises Sealed for a matter whose year is closed: whatever the caller changed of it is rolled back with its event.
    """
    name = EventName(name)
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is written inside the transaction of what it tells of")
    subjects = list(subjects)
    numbers = _next_numbers(subjects, name=name)
    events = []
    for subject, number in zip(subjects, numbers, strict=True):
        event = Event(
            at=now,
            name=name.value,
            actor_id=by.account_id,
            actor_name=by.name,
            subject_type=subject.type,
            subject_id=subject.id,
            subject_label=subject.label[:120],
            jurisdiction_id=subject.jurisdiction_id,
            matter_id=subject.matter_id,
            matter_no=number,
            data=json.loads(
                json.dumps(subject.data, cls=DjangoJSONEncoder, allow_nan=False), parse_float=_number_as_kept
            ),
            algorithm=ALGORITHM,
            key_id=settings.AUDIT_KEY_ID,
        )
        event.digest = leaf_digest(event.content(), key=settings.AUDIT_KEY)
        events.append(event)
    return Event.objects.bulk_create(events, batch_size=500)


def _number_as_kept(word: str) -> int | float:
    """Return a number as both databases give it back: PostgreSQL knows no negative zero and writes no exponents."""
    value = float(word)
    return int(Decimal(word)) if abs(value) >= _WRITTEN_WITH_EXPONENT else value + 0.0


def _next_numbers(subjects: Sequence[Subject], *, name: EventName) -> list[int | None]:
    matter_ids = sorted({subject.matter_id for subject in subjects if subject.matter_id is not None})
    if not matter_ids:
        return [None] * len(subjects)
    MatterCounter.objects.bulk_create(
        [MatterCounter(matter_id=matter_id) for matter_id in matter_ids], ignore_conflicts=True, batch_size=500
    )
    counts = dict.fromkeys(matter_ids, 0)
    for subject in subjects:
        if subject.matter_id is not None:
            counts[subject.matter_id] += 1
    for count in set(counts.values()):  # the UPDATE takes the row locks; one statement per distinct count
        MatterCounter.objects.filter(matter_id__in=[m for m in matter_ids if counts[m] == count]).update(
            last_no=F("last_no") + count
        )
    last, sealed = {}, set()
    held = MatterCounter.objects.filter(matter_id__in=matter_ids).values_list("matter_id", "last_no", "is_sealed")
    for matter_id, number, is_sealed in held:
        last[matter_id] = number
        if is_sealed:
            sealed.add(matter_id)
    if sealed and not may_follow_sealing(name):
        raise Sealed(next(one.label for one in subjects if one.matter_id in sealed))
    following = {matter_id: last[matter_id] - counts[matter_id] for matter_id in matter_ids}
    numbers: list[int | None] = []
    for subject in subjects:
        if subject.matter_id is None:
            numbers.append(None)
            continue
        following[subject.matter_id] += 1
        numbers.append(following[subject.matter_id])
    return numbers


def seal_matters(matter_ids: Iterable[int] | QuerySet[Any], *, by: Actor, now: datetime) -> int:
    """Let nothing more be written of these matters that changes them; return how many.

    Called down by the action that closes their year, in its transaction, whose event tells of it. It waits for whoever
    is writing an event of one of them.
    """
    return MatterCounter.objects.filter(matter_id__in=matter_ids).update(is_sealed=True)


def unseal_matters(matter_ids: Iterable[int] | QuerySet[Any], *, by: Actor, now: datetime) -> int:
    """Let events be written of these matters again. See `seal_matters`."""
    return MatterCounter.objects.filter(matter_id__in=matter_ids).update(is_sealed=False)
