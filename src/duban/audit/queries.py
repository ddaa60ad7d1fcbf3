"""Reads of the trail. Who may read it is decided in `access`, above."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet

from duban.audit.models import Event
from duban.audit.rules import leaf_digest


def events_of_matter(matter_id: int) -> QuerySet[Event]:
    """Return one matter's events in order. The caller has already seen that the actor may see the matter."""
    return Event.objects.filter(matter_id=matter_id).order_by("matter_no")


def untrue_events(events: Iterable[Event]) -> list[int]:
    """Return the ids of events whose digest does not answer to their content: somebody changed them."""
    return [event.pk for event in events if leaf_digest(event.content(), key=settings.AUDIT_KEY) != event.digest]
