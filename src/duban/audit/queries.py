"""Reads of the trail. Who may read it is decided in `access`, above."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, QuerySet

from duban.audit.models import Event, MatterCounter
from duban.audit.rules import leaf_digest


def events_of_matter(matter_id: int) -> QuerySet[Event]:
    """Return one matter's events in order. The caller has already seen that the actor may see the matter."""
    return Event.objects.filter(matter_id=matter_id).order_by("matter_no")


def untrue_events(events: Iterable[Event]) -> list[int]:
    """Return the ids of events whose digest does not answer to their content: somebody changed them."""
    return [event.pk for event in events if leaf_digest(event.content(), key=settings.AUDIT_KEY) != event.digest]


@dataclass(frozen=True, slots=True)
class Verification:
    """What holding the trail against its digests and counts found.

    untrue: ids of events whose content was changed. matters_with_gaps: matters some of whose events are missing.
    """

    checked: int
    untrue: list[int]
    matters_with_gaps: list[int]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.untrue and not self.matters_with_gaps


def verification() -> Verification:
    """Hold every event against its digest, and every matter's count of events against its counter.

    An event that belongs to no matter and was deleted is not found here: that takes the seals of a later step.
    Source: docs/sources.md#audit
    """
    checked = 0

    def counted() -> Iterable[Event]:
        nonlocal checked
        for event in Event.objects.order_by("pk").iterator(chunk_size=2000):
            checked += 1
            yield event

    untrue = untrue_events(counted())
    last = dict(MatterCounter.objects.values_list("matter_id", "last_no"))
    present = dict(
        Event.objects.filter(matter_id__isnull=False).values_list("matter_id").annotate(count=Count("pk")).order_by()
    )
    gaps = sorted(pk for pk in last.keys() | present.keys() if last.get(pk, 0) != present.get(pk, 0))
    return Verification(checked=checked, untrue=untrue, matters_with_gaps=gaps)
