"""Tables of issued documents. Rows of papers, scans and templates are never changed or deleted (`papers.triggers`)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.core.actor import Actor
from duban.evidence.models import ScanOfPaper
from duban.matters.models import Matter, Overseer, Plan
from duban.orgs.models import Jurisdiction, Unit
from duban.papers.rules import ADDRESSEE_LENGTH, NUMBER_LENGTH, REASON_LENGTH, TITLE_LENGTH


class IssuedPaperQuerySet(models.QuerySet["IssuedPaper"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "IssuedPaperQuerySet":
        """Documents the actor may see: offices all, units those sent to them, leaders those about what they oversee."""
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        if units:
            wanted |= Q(pk__in=IssuedPaper.units.through.objects.filter(unit_id__in=units).values("issuedpaper_id"))
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        if posts:
            overseen = Overseer.objects.filter(post_id__in=posts).values("matter_id")
            about = IssuedPaper.matters.through.objects.filter(matter_id__in=overseen)
            wanted |= Q(pk__in=about.values("issuedpaper_id"))
        return self.filter(wanted)


class IssuedPaper(models.Model):
    """存档公文: one document as it was issued, its two files kept byte for byte under their digests.

    kind: a `PaperKind`.   subject: what it is about (a letter, a unit), by the name of its table and its number.
    version: counts up where the same thing is issued anew.   data: the frozen values it was drawn from.
    units: whom it was sent to; matters: what it is about.   dated_on: 成文日期.
    is_late: drawn from what was kept some time after it was issued.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="papers")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=20)
    subject_type = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    version = models.IntegerField(default=1)
    title = models.CharField("标题", max_length=TITLE_LENGTH)
    number_text = models.CharField("编号", max_length=NUMBER_LENGTH, blank=True)
    addressee = models.CharField("主送", max_length=ADDRESSEE_LENGTH, blank=True)
    dated_on = models.DateField()
    pdf_digest = models.CharField(max_length=64)
    pdf_bytes = models.BigIntegerField()
    docx_digest = models.CharField(max_length=64)
    docx_bytes = models.BigIntegerField()
    data = models.JSONField()
    is_late = models.BooleanField(default=False)
    issued_at = models.DateTimeField()
    issued_by_name = models.CharField(max_length=40)
    units = models.ManyToManyField(Unit, related_name="papers")
    matters = models.ManyToManyField(Matter, related_name="papers")
    objects = IssuedPaperQuerySet.as_manager()

    class Meta:
        verbose_name = "存档公文"
        ordering: ClassVar = ["issued_at", "pk"]
        indexes = [models.Index(fields=["plan", "kind", "issued_at"], name="paper_of_plan")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "kind", "subject_type", "subject_id", "version"], name="paper_version_once"
            ),
            models.CheckConstraint(
                condition=~Q(pdf_digest="") & ~Q(docx_digest="") & Q(pdf_bytes__gt=0, docx_bytes__gt=0, version__gte=1),
                name="paper_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number_text or self.title


class PaperScan(ScanOfPaper):
    """盖章原件扫描件: of an issued document; a better one is a further row, the last one holds."""

    paper = models.ForeignKey(IssuedPaper, on_delete=models.PROTECT, related_name="scans")
    version = models.IntegerField()
    reason = models.CharField("更换的理由", max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = "盖章原件扫描件"
        ordering: ClassVar = ["paper", "version"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "version"], name="paper_scan_once"),
            models.CheckConstraint(
                condition=Q(version=1, reason="") | (Q(version__gt=1) & ~Q(reason="")), name="paper_scan_with_reason"
            ),
        ]


class NumberCounter(models.Model):
    """公文编号: the last number of a place, kind and year; counted up in the transaction that allots it."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    year = models.IntegerField()
    last = models.IntegerField(default=0)

    class Meta:
        verbose_name = "公文编号"
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "kind", "year"], name="number_counter_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.last}"


class Template(models.Model):
    """行文模板: one version of the wording of a kind of letter or notice in a place; the last one is in force.

    is_shipped: the office went back to the wording as shipped, which this row repeats.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=20)
    number = models.IntegerField()
    title = models.CharField("标题", max_length=120)
    opening = models.TextField("开头")
    demand = models.TextField("要求")
    is_shipped = models.BooleanField(default=False)
    reason = models.CharField("修改理由", max_length=REASON_LENGTH)
    adopted_at = models.DateTimeField()
    adopted_by_name = models.CharField(max_length=40)

    class Meta:
        verbose_name = "行文模板"
        ordering: ClassVar = ["jurisdiction", "key", "number"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "key", "number"], name="template_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="template_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.key} 第{self.number}版"
