"""Tables of archives: how a year was closed, and the archives written of it. Neither is ever deleted."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.models import Account
from duban.access.rules import Permission, may
from duban.archives.rules import ARCHIVE_STATE_LABELS, NOTE_LENGTH, REASON_LENGTH, ArchiveState
from duban.core.actor import Actor
from duban.core.constraints import together
from duban.matters.models import Approval, Plan
from duban.orgs.models import Jurisdiction


class PlanClosing(models.Model):
    """年度办结: one closing of a plan, and its opening again where that was needed; the next one is a further row.

    counts: how many matters stood in which state, frozen.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="closings")
    number = models.IntegerField()
    counts = models.JSONField()
    note = models.CharField("办结情况", max_length=NOTE_LENGTH)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    closed_by_name = models.CharField(max_length=40)
    reopened_at = models.DateTimeField(null=True)
    reopened_by_name = models.CharField(max_length=40, blank=True)
    reopened_reason = models.CharField("重新打开的理由", max_length=REASON_LENGTH, blank=True)
    reopened_approval = models.ForeignKey(Approval, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "年度办结"
        ordering: ClassVar = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_closing_once"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(reopened_at__isnull=True), name="one_plan_closing_stands"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="plan_closing_says_how"),
            models.CheckConstraint(
                condition=together("reopened_at", "reopened_by_name", "reopened_reason"),
                name="plan_reopened_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_approval__isnull=True)
                | Q(reopened_at__isnull=False, reopened_approval__isnull=False),
                name="plan_reopened_with_approval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}第{self.number}次办结"


class ArchiveQuerySet(models.QuerySet["Archive"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ArchiveQuerySet":
        """Archives of the places where the actor may make them: everything of a year is in one, 批示 too."""
        places = {one.jurisdiction_id for one in actor.held}
        allowed = {one for one in places if may(actor, Permission.ARCHIVE_MAKE, jurisdiction_id=one)}
        return (
            self.all()
            if None in allowed and may(actor, Permission.ARCHIVE_MAKE)
            else self.filter(jurisdiction_id__in=[one for one in allowed if one is not None])
        )


class Archive(models.Model):
    """档案: one ZIP of a plan with everything in it; asked for on a page, written by a worker, kept under its digest.

    is_final: of a closed plan; else as things stood on `as_of`.   edition: of a final one, from 1; it is written anew
    only where something has changed since, and `reason` says what.   trail: how many events of each name it holds,
    those left out that change nothing.   missing: files the archive names but could not hold, because they are gone
    from the data folder or no longer the same.
    token, lease_until (real time): of the worker that writes it.   problem: why it could not be written.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="archives")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="archives")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8,
        choices=[(one.value, ARCHIVE_STATE_LABELS[one]) for one in ArchiveState],
        default=ArchiveState.ASKED,
    )
    is_final = models.BooleanField(default=False)
    edition = models.PositiveSmallIntegerField("版次", null=True)
    reason = models.CharField("为何再次归档", max_length=REASON_LENGTH, blank=True)
    trail = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    written_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    files = models.IntegerField(null=True)
    missing = models.JSONField(default=list)
    problem = models.CharField(max_length=REASON_LENGTH, blank=True)
    objects = ArchiveQuerySet.as_manager()

    class Meta:
        verbose_name = "档案"
        ordering: ClassVar = ["-asked_at", "-pk"]
        indexes = [
            models.Index(
                fields=["state"],
                condition=Q(state__in=[ArchiveState.ASKED, ArchiveState.WRITING]),
                name="archive_to_write",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"],
                condition=Q(state__in=[ArchiveState.ASKED, ArchiveState.WRITING]),
                name="one_archive_of_a_plan_is_written",
            ),
            models.UniqueConstraint(fields=["plan", "edition"], name="archive_edition_once"),
            models.CheckConstraint(
                condition=Q(edition=None, is_final=False)
                | Q(edition__isnull=False, is_final=True, state=ArchiveState.DONE),
                name="archive_final_has_its_edition",
            ),
            models.CheckConstraint(
                condition=Q(edition=None) | Q(edition=1, reason="") | (Q(edition__gt=1) & ~Q(reason="")),
                name="archive_again_for_a_reason",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=ArchiveState.DONE, written_at__isnull=False, size_bytes__gt=0, files__gt=0) & ~Q(digest="")
                )
                | (~Q(state=ArchiveState.DONE) & Q(written_at__isnull=True, digest="", size_bytes__isnull=True)),
                name="archive_written_whole",
            ),
            models.CheckConstraint(
                condition=(Q(state=ArchiveState.WRITING, lease_until__isnull=False) & ~Q(token=""))
                | (~Q(state=ArchiveState.WRITING) & Q(token="", lease_until__isnull=True)),
                name="archive_written_on_a_lease",
            ),
            models.CheckConstraint(
                condition=(Q(state=ArchiveState.FAILED) & ~Q(problem=""))
                | (~Q(state=ArchiveState.FAILED) & Q(problem="")),
                name="archive_failed_with_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.year}年度档案"
