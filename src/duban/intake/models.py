"""Tables of the review: the notice kept byte for byte, its reading row by row and cell by cell."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import ROLE_PERMISSIONS, Permission, Role
from duban.core.actor import Actor
from duban.intake.rules import (
    BASIS_LABELS,
    CELL_FIELD_LABELS,
    NOTICE_STATE_LABELS,
    ROW_STATE_LABELS,
    Basis,
    CellField,
    FindingState,
    NameKind,
    NoticeState,
    RowState,
)
from duban.matters.models import Matter, Plan
from duban.orgs.models import Jurisdiction, Person, Unit, UnitGroup
from duban.orgs.rules import POST_KIND_LABELS, PostKind


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "NoticeQuerySet":
        """Notices of the jurisdictions where a role may view notices."""
        places = [
            one.jurisdiction_id for one in actor.held if Permission.NOTICE_VIEW in ROLE_PERMISSIONS[Role(one.role)]
        ]
        if None in places:
            return self.all()
        return self.filter(jurisdiction_id__in=[place for place in places if place is not None])


class Notice(models.Model):
    """责任分解通知: the source document. The bytes lie in the data folder under their digest.

    header: the object `notice` of the reading (DESIGN §4). lines: the decoded text, one string a line.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="notices")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="notices")
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    size_bytes = models.IntegerField()
    title = models.CharField(max_length=300)
    document_number = models.CharField(max_length=60, blank=True)
    issuer = models.CharField(max_length=120, blank=True)
    year = models.IntegerField()
    issued_on = models.DateField(null=True)
    header = models.JSONField()
    lines = models.JSONField()
    state = models.CharField(max_length=12, choices=[(one.value, NOTICE_STATE_LABELS[one]) for one in NoticeState])
    uploaded_at = models.DateTimeField()
    uploaded_by_name = models.CharField(max_length=40)
    registered_at = models.DateTimeField(null=True)
    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "责任分解通知"
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "digest"],
                condition=~Q(state=NoticeState.DISCARDED),
                name="notice_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.REGISTERED, registered_at__isnull=False, plan__isnull=False)
                | (~Q(state=NoticeState.REGISTERED) & Q(registered_at__isnull=True)),
                name="notice_registered_with_plan",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Row(models.Model):
    """One row of the annex under review. `matter` is what it became.

    version counts every change of the row or of one of its cells, so that nobody accepts what he has not seen.
    targets, links, oversight: as `duban.reading` gives them. other: what stood in columns the ledger does not have.
    """

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="rows")
    order = models.FloatField()
    source_line = models.IntegerField(null=True)
    source_page = models.IntegerField(null=True)
    title = models.CharField(max_length=200, blank=True)
    section = models.CharField(max_length=200, blank=True)
    targets = models.JSONField(default=list)
    links = models.JSONField(default=list)
    oversight = models.JSONField(default=list)
    other = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, choices=[(one.value, ROW_STATE_LABELS[one]) for one in RowState], default=RowState.PENDING
    )
    settled_by_name = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    matter = models.OneToOneField(Matter, null=True, on_delete=models.PROTECT, related_name="notice_row")

    class Meta:
        verbose_name = "待核对行"
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return f"通知第{self.order:g}行"


class Cell(models.Model):
    """One cell of a row: what was read stays in `read_value`; `value` is what stands now.

    value: a string, or for columns of names a list of {"name": str, "qualifier": str | None}.
    version guards the cell, so that two people at work on one row do not overwrite each other.
    """

    row = models.ForeignKey(Row, on_delete=models.CASCADE, related_name="cells")
    field = models.CharField(max_length=14, choices=[(one.value, CELL_FIELD_LABELS[one]) for one in CellField])
    value = models.JSONField()
    read_value = models.JSONField()
    raw = models.TextField(blank=True)
    basis = models.CharField(max_length=10, choices=[(one.value, BASIS_LABELS[one]) for one in Basis])
    source_line = models.IntegerField(null=True)
    is_confirmed = models.BooleanField(default=True)
    settled_by_name = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = "单元格"
        constraints = [models.UniqueConstraint(fields=["row", "field"], name="cell_once_in_a_row")]

    def __str__(self) -> str:
        return CELL_FIELD_LABELS[CellField(self.field)]


class Finding(models.Model):
    """疑点: what a person must look at. The kinds, suggestion and evidence are those of `duban.reading`.

    row: the row it speaks of; null for what concerns the whole notice. A finding of several rows stands once a row.
    note: why it was dismissed, or how else it was settled.
    lines: every line it is about, from 1.
    applied: what accepting it changed, to be undone: {"cell", "version", "before", "basis", "is_confirmed"}.
    """

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="findings")
    row = models.ForeignKey(Row, null=True, on_delete=models.CASCADE, related_name="findings")
    order = models.IntegerField()
    kind = models.CharField(max_length=30)
    field = models.CharField(max_length=14, blank=True)
    severity = models.CharField(max_length=10)
    message = models.TextField()
    evidence = models.TextField(blank=True)
    serials = models.JSONField(default=list)
    source_line = models.IntegerField(null=True)
    lines = models.JSONField(default=list)
    suggestion = models.JSONField(null=True)
    state = models.CharField(
        max_length=10, choices=[(one.value, one.value) for one in FindingState], default=FindingState.OPEN
    )
    note = models.CharField(max_length=200, blank=True)
    applied = models.JSONField(null=True)
    settled_by_name = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "疑点"
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return self.message[:60]


class NameReading(models.Model):
    """A name of the notice and whom it means: a unit, group or person that is there, or one to be made.

    row: null for the whole notice; set when one row means something else by the name (groups only).
    uses: in how many cells of rows not rejected it stands; 0 means nothing depends on it any more.
    unit / group / person: what it was matched with; null makes a new one at registration.
    unit_name: for a unit, the name it will be made under (two ways of writing one unit share it); for a person,
    the unit whose post answers, empty while no unit is known.
    members: for a group, the unit names it stands for (names of this notice or of the directory).
    is_open_group: the group is left open; nobody is assigned by it yet.
    post_kind, post_title: for a person or leader, the post that will hold the responsibility.
    is_decided: False while a person must look; note says why in the user's words.
    """

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="names")
    row = models.ForeignKey(Row, null=True, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in NameKind])
    name = models.CharField(max_length=200)
    uses = models.IntegerField(default=0)
    unit_type = models.CharField(max_length=12, blank=True)
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT)
    group = models.ForeignKey(UnitGroup, null=True, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    members = models.JSONField(default=list)
    is_open_group = models.BooleanField(default=False)
    unit_name = models.CharField(max_length=200, blank=True)
    post_kind = models.CharField(
        max_length=16, choices=[(one.value, POST_KIND_LABELS[one]) for one in PostKind], blank=True
    )
    post_title = models.CharField(max_length=60, blank=True)
    qualifier = models.CharField(max_length=40, blank=True)
    is_decided = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True)
    settled_by_name = models.CharField(max_length=40, blank=True)
    settled_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        verbose_name = "名称认定"
        ordering: ClassVar = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "kind", "name", "unit_name"],
                condition=Q(row__isnull=True),
                name="name_once_in_a_notice",
            ),
            models.UniqueConstraint(
                fields=["row", "kind", "name"], condition=Q(row__isnull=False), name="name_once_in_a_row"
            ),
        ]

    def __str__(self) -> str:
        return self.name
