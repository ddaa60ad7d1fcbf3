"""Tables of evidence. Nothing is deleted: what was given by mistake is withdrawn with a reason."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.core.actor import Actor
from duban.evidence.rules import (
    ADDRESS_LENGTH,
    EVIDENCE_KIND_LABELS,
    PLACE_LENGTH,
    REASON_LENGTH,
    SCAN_LABELS,
    TITLE_LENGTH,
    EvidenceKind,
    Scan,
)
from duban.matters.models import Matter, said_on_matters_seen_by
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.orgs.models import Unit


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "EvidenceQuerySet":
        """What the actor may see: offices all, who oversees or merges a matter all of it, other units their own."""
        return self.filter(said_on_matters_seen_by(actor))

    def standing(self) -> "EvidenceQuerySet":
        """What was not withdrawn."""
        return self.filter(withdrawn_at=None)


class ScanOfPaper(models.Model):
    """扫描件 of a paper: a file that was examined and is kept.

    digest: of the file as it is kept; given_digest: as it was given, another where an image was drawn anew.   scan,
    scanner: what was looked for in it, by which program.
    """

    file_name = models.CharField("文件名", max_length=100)
    content_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    given_digest = models.CharField(max_length=64)
    scan = models.CharField(max_length=11, blank=True, choices=[(one.value, SCAN_LABELS[one]) for one in Scan])
    scanner = models.CharField(max_length=80, blank=True)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=40)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.file_name


class Evidence(models.Model):
    """佐证材料: one file, link, or pointer to a paper, that shows something of a matter.

    unit: whose it is; null where the office or a leader gave it itself.   subject: what it was given with (a progress
    entry, a report, a closure), {"type": str, "id": int} as two columns.   channel, informant: how a unit's material
    reached the office that entered it.
    digest: of the file as it is kept; given_digest: of the file as it was given, another one where an image was drawn
    anew.   scan, scanner: what was looked for in it, by which program.
    held_at: when a granted closure came to rest on it; it then stays for good.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="evidence")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(
        "类别", max_length=5, choices=[(one.value, EVIDENCE_KIND_LABELS[one]) for one in EvidenceKind]
    )
    title = models.CharField("名称", max_length=TITLE_LENGTH)
    file_name = models.CharField("文件名", max_length=100, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    given_digest = models.CharField(max_length=64, blank=True)
    scan = models.CharField(max_length=11, blank=True, choices=[(one.value, SCAN_LABELS[one]) for one in Scan])
    scanner = models.CharField(max_length=80, blank=True)
    address = models.CharField("网址", max_length=ADDRESS_LENGTH, blank=True)
    place = models.CharField("文号、存放处", max_length=PLACE_LENGTH, blank=True)
    subject_type = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("提供人", max_length=40, blank=True)
    added_at = models.DateTimeField()
    added_by_name = models.CharField(max_length=40)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=40, blank=True)
    withdrawn_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    held_at = models.DateTimeField(null=True)
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "佐证材料"
        ordering: ClassVar = ["added_at", "pk"]
        indexes = [
            models.Index(fields=["matter", "added_at"], name="evidence_of_matter"),
            models.Index(fields=["digest"], name="evidence_by_digest"),
            models.Index(fields=["subject_type", "subject_id"], name="evidence_given_with"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=EvidenceKind.FILE, size_bytes__gt=0, address="", place="")
                & ~Q(digest="")
                & ~Q(given_digest="")
                & ~Q(file_name="")
                & ~Q(content_type="")
                & ~Q(scan="")
                | Q(kind=EvidenceKind.LINK, size_bytes__isnull=True, digest="", file_name="", place="") & ~Q(address="")
                | Q(kind=EvidenceKind.PAPER, size_bytes__isnull=True, digest="", file_name="", address="")
                & ~Q(place=""),
                name="evidence_is_one_kind",
            ),
            models.CheckConstraint(
                condition=Q(subject_type="", subject_id__isnull=True)
                | (~Q(subject_type="") & Q(subject_id__isnull=False)),
                name="evidence_subject_whole",
            ),
            models.CheckConstraint(
                condition=Q(channel="", informant="") | (~Q(channel="") & ~Q(informant="") & Q(unit__isnull=False)),
                name="evidence_told_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by_name="", withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, held_at__isnull=True) & ~Q(withdrawn_reason="")),
                name="evidence_withdrawn_with_reason",
            ),
            models.UniqueConstraint(
                fields=["matter", "unit", "given_digest"],
                condition=Q(kind=EvidenceKind.FILE, withdrawn_at__isnull=True),
                name="evidence_file_once",
            ),
            models.UniqueConstraint(
                fields=["matter", "unit", "address"],
                condition=Q(kind=EvidenceKind.LINK, withdrawn_at__isnull=True),
                name="evidence_link_once",
            ),
            models.UniqueConstraint(
                fields=["matter", "unit", "title", "place"],
                condition=Q(kind=EvidenceKind.PAPER, withdrawn_at__isnull=True),
                name="evidence_paper_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title
