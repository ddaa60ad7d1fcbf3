"""Events. Triggers in migration 0002 refuse UPDATE and DELETE on both databases."""

from typing import Any

from django.db import models
from django.db.models import Q

from duban.core.clock import SHANGHAI


class Event(models.Model):
    """One thing somebody did. Plain ids instead of foreign keys: what they point at may be gone one day."""

    at = models.DateTimeField(db_index=True)
    name = models.CharField(max_length=40)  # one of EventName; `record` sees to it
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=30)
    subject_id = models.BigIntegerField(null=True)
    subject_label = models.CharField(max_length=120)
    jurisdiction_id = models.BigIntegerField(null=True)
    matter_id = models.BigIntegerField(null=True)
    matter_no = models.IntegerField(null=True)
    data = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=20)
    key_id = models.CharField(max_length=16)

    class Meta:
        verbose_name = "审计事件"
        indexes = [
            models.Index(fields=["matter_id", "matter_no"], name="event_of_matter"),
            models.Index(fields=["subject_type", "subject_id"], name="event_of_subject"),
            models.Index(fields=["actor_id", "at"], name="event_of_actor"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["matter_id", "matter_no"], condition=Q(matter_id__isnull=False), name="event_no_once"
            ),
            models.CheckConstraint(
                condition=Q(matter_id__isnull=True, matter_no__isnull=True)
                | Q(matter_id__isnull=False, matter_no__isnull=False),
                name="event_matter_with_no",
            ),
        ]

    def content(self) -> dict[str, Any]:
        """Return what the leaf digest answers for; JSON-able."""
        return {
            "at": self.at.astimezone(SHANGHAI).isoformat(),
            "name": self.name,
            "actor_id": self.actor_id,
            "actor_name": self.actor_name,
            "subject_type": self.subject_type,
            "subject_id": self.subject_id,
            "subject_label": self.subject_label,
            "jurisdiction_id": self.jurisdiction_id,
            "matter_id": self.matter_id,
            "matter_no": self.matter_no,
            "data": self.data,
            "algorithm": self.algorithm,
            "key_id": self.key_id,
        }

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.name} {self.subject_label}"


class MatterCounter(models.Model):
    """The last event number of a matter; its row is the lock under which the next one is allotted.

    is_sealed: the year of the matter is closed; only what changes nothing of it may still be written.
    """

    matter_id = models.BigIntegerField(primary_key=True)
    last_no = models.IntegerField(default=0)
    is_sealed = models.BooleanField(default=False)

    class Meta:
        verbose_name = "事项事件序号"

    def __str__(self) -> str:
        return f"{self.matter_id}: {self.last_no}"
