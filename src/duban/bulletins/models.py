"""Tables of bulletins. Nothing is deleted: an entry is left out, a draft dropped, each with a reason."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES, Role
from duban.bulletins.rules import (
    AUDIENCE_LABELS,
    BULLETIN_KIND_LABELS,
    BULLETIN_STATE_LABELS,
    CAUSE_LENGTH,
    FROZEN,
    JUDGING,
    REASON_LENGTH,
    SECTION_LABELS,
    TITLE_LENGTH,
    Audience,
    BulletinKind,
    BulletinState,
    Section,
)
from duban.core.actor import Actor
from duban.core.constraints import all_or_none, together
from duban.lights.models import Snapshot
from duban.matters.models import Matter, Plan
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.orgs.models import Jurisdiction, Person, Post, Unit

_CHANNELS = [(one.value, CHANNEL_LABELS[one]) for one in Channel]


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "BulletinQuerySet":
        """Bulletins the actor may read whole: offices all of their place; others what was issued to them.

        Issued to all is for everybody of the place; else for the units and leaders named, and for the units it cites.
        A leader who approves criticism (where the policy names leaders) reads it from when it is presented.
        """
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        places = {one.jurisdiction_id for one in actor.held if one.jurisdiction_id is not None}
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        readers = BulletinReader.objects.filter(Q(unit_id__in=units) | Q(post_id__in=posts)).values("bulletin_id")
        cited = Citation.objects.filter(unit_id__in=units, left_out_reason="").values("bulletin_id")
        meant = Q(audience=Audience.ALL) | Q(pk__in=readers) | Q(pk__in=cited)
        wanted |= Q(state=BulletinState.ISSUED, jurisdiction_id__in=places) & meant
        led = {one.jurisdiction_id for one in actor.holds(Role.LEADER)}
        if led:
            approver = Q(plan__policy__figures__bulletins__judgement_approver=Role.LEADER.value)
            wanted |= approver & Q(state__in=FROZEN, jurisdiction_id__in=led)
        return self.filter(wanted)

    def shown_to(self, actor: Actor) -> "BulletinQuerySet":
        """Bulletins not yet issued of which the actor's units were shown their own entries."""
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        shown = UnitCheck.objects.filter(unit_id__in=units).values("bulletin_id")
        open_ = (BulletinState.CORRECTING, BulletinState.PRESENTED, BulletinState.APPROVED)
        return self.filter(pk__in=shown, state__in=open_)


class Bulletin(models.Model):
    """通报: one issue of 《政务督查》, of one snapshot.

    since: the snapshot it is compared with.   field: of a special issue, to which it is narrowed.   version: counts up
    with every edit of it or of an entry.   frozen: everything a reader sees, as JSON, from when it is presented.
    number: 第×期 of its year; total_number: 总第×期; both without a gap, allotted when it is issued.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="bulletins")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="bulletins")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="bulletins")
    since = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=[(one.value, BULLETIN_KIND_LABELS[one]) for one in BulletinKind])
    state = models.CharField(
        max_length=10,
        choices=[(one.value, BULLETIN_STATE_LABELS[one]) for one in BulletinState],
        default=BulletinState.DRAFTED,
    )
    field = models.CharField("领域", max_length=20, blank=True)
    title = models.CharField("标题", max_length=TITLE_LENGTH)
    opening = models.TextField("开头")
    version = models.IntegerField(default=1)
    drafted_on = models.DateField()
    drafted_at = models.DateTimeField()
    drafted_by_name = models.CharField(max_length=40)
    shown_at = models.DateTimeField(null=True)
    shown_by_name = models.CharField(max_length=40, blank=True)
    presented_at = models.DateTimeField(null=True)
    presented_by_name = models.CharField(max_length=40, blank=True)
    frozen = models.JSONField(null=True)
    sent_back_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    facts_approved_at = models.DateTimeField(null=True)
    facts_approved_by_name = models.CharField(max_length=40, blank=True)
    judgement_approved_at = models.DateTimeField(null=True)
    judgement_approved_by_name = models.CharField(max_length=40, blank=True)
    number = models.IntegerField(null=True)
    number_year = models.IntegerField(null=True)
    total_number = models.IntegerField(null=True)
    audience = models.CharField(
        max_length=5, blank=True, choices=[(one.value, AUDIENCE_LABELS[one]) for one in Audience]
    )
    issued_on = models.DateField(null=True)
    issued_at = models.DateTimeField(null=True)
    issued_by_name = models.CharField(max_length=40, blank=True)
    dropped_at = models.DateTimeField(null=True)
    dropped_by_name = models.CharField(max_length=40, blank=True)
    dropped_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = "通报"
        ordering: ClassVar = ["drafted_at", "pk"]
        indexes = [models.Index(fields=["jurisdiction", "state"], name="bulletin_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "number_year", "number"],
                condition=Q(number__isnull=False),
                name="bulletin_number_once",
            ),
            models.UniqueConstraint(
                fields=["jurisdiction", "total_number"],
                condition=Q(total_number__isnull=False),
                name="bulletin_total_number_once",
            ),
            models.UniqueConstraint(
                fields=["snapshot"],
                condition=Q(kind=BulletinKind.REGULAR) & ~Q(state=BulletinState.DROPPED),
                name="bulletin_once_a_snapshot",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=BulletinState.ISSUED, number__gte=1, number_year__isnull=False, total_number__gte=1,
                    issued_on__isnull=False, issued_at__isnull=False, audience__in=list(Audience),
                )
                | (
                    ~Q(state=BulletinState.ISSUED)
                    & Q(number__isnull=True, number_year__isnull=True, total_number__isnull=True)
                    & Q(issued_on__isnull=True, issued_at__isnull=True, audience="")
                ),
                name="bulletin_issued_with_number",
            ),
            models.CheckConstraint(
                condition=Q(state__in=FROZEN, frozen__isnull=False, presented_at__isnull=False)
                | (~Q(state__in=FROZEN) & Q(frozen__isnull=True)),
                name="bulletin_frozen_once_presented",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[BulletinState.APPROVED, BulletinState.ISSUED])
                | Q(facts_approved_at__isnull=False),
                name="bulletin_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=together("facts_approved_at", "facts_approved_by_name"), name="bulletin_facts_approved"
            ),
            models.CheckConstraint(
                condition=together("judgement_approved_at", "judgement_approved_by_name"),
                name="bulletin_judgement_approved",
            ),
            models.CheckConstraint(
                condition=(Q(state=BulletinState.DROPPED, dropped_at__isnull=False) & ~Q(dropped_reason=""))
                | (~Q(state=BulletinState.DROPPED) & Q(dropped_reason="", dropped_at__isnull=True)),
                name="bulletin_dropped_with_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number_year}年第{self.number}期" if self.number else self.title


class Citation(models.Model):
    """通报条目: one matter of one unit (or the unit's late reports), with its facts, cause and next step.

    figures: by Basis, what it rests on, frozen; facts: in words.   cause: a word of the policy; cause_note: the
    sentence it was told in.   cause_from, next_from: what they were taken from; empty where the office wrote them.
    added_reason: why an officer added it.   left_out_reason: why it is not published.
    withdrawn_*: taken back after its issue, by the decision of a review; the issued paper stays as it went out.
    """

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="citations")
    section = models.CharField(max_length=11, choices=[(one.value, SECTION_LABELS[one]) for one in Section])
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="citations")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="citations")
    figures = models.JSONField(default=dict)
    facts = models.TextField("事实")
    cause = models.CharField("原因", max_length=CAUSE_LENGTH, blank=True)
    cause_note = models.TextField("原因说明", blank=True)
    cause_from = models.CharField(max_length=60, blank=True)
    next_step = models.TextField("下一步", blank=True)
    next_from = models.CharField(max_length=60, blank=True)
    added_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    left_out_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    left_out_by_name = models.CharField(max_length=40, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=40, blank=True)
    withdrawn_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = "通报条目"
        ordering: ClassVar = ["matter__order", "pk"]
        indexes = [models.Index(fields=["unit", "bulletin"], name="citation_of_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "matter", "unit"],
                condition=Q(matter__isnull=False),
                name="matter_of_a_unit_once_in_a_bulletin",
            ),
            models.UniqueConstraint(
                fields=["bulletin", "unit"], condition=Q(matter__isnull=True), name="late_reports_of_a_unit_once"
            ),
            models.CheckConstraint(
                condition=Q(section__in=JUDGING, matter__isnull=False)
                | Q(section=Section.LATE_REPORT, matter__isnull=True),
                name="citation_names_its_matter",
            ),
            models.CheckConstraint(condition=~Q(facts=""), name="citation_says_what"),
            models.CheckConstraint(
                condition=Q(left_out_reason="", left_out_by_name="")
                | (~Q(left_out_reason="") & ~Q(left_out_by_name="")),
                name="citation_left_out_by_somebody",
            ),
            models.CheckConstraint(
                condition=together("withdrawn_at", "withdrawn_by_name", "withdrawn_reason"),
                name="citation_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(left_out_reason=""),
                name="citation_withdrawn_was_published",
            ),
        ]

    def __str__(self) -> str:
        return str(self.matter) if self.matter is not None else f"{self.unit}报送"


class Correction(models.Model):
    """事实更正: what a unit says is not so in an entry, and what the office made of it; both texts stay.

    before: the facts as they stood; after: as accepted.   channel, informant: how it reached the office.
    """

    citation = models.ForeignKey(Citation, on_delete=models.PROTECT, related_name="corrections")
    number = models.IntegerField()
    text = models.TextField("更正")
    before = models.TextField()
    written_at = models.DateTimeField()
    written_by_name = models.CharField(max_length=40)
    channel = models.CharField(max_length=12, blank=True, choices=_CHANNELS)
    informant = models.CharField("更正人", max_length=40, blank=True)
    after = models.TextField(blank=True)
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    declined_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    decided_by_name = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = "事实更正"
        ordering: ClassVar = ["citation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["citation", "number"], name="correction_once"),
            models.UniqueConstraint(
                fields=["citation"],
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True),
                name="one_correction_open",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="correction_says_something"),
            models.CheckConstraint(condition=together("accepted_at", "after"), name="correction_accepted_with_words"),
            models.CheckConstraint(
                condition=together("declined_at", "declined_reason"), name="correction_declined_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(declined_at__isnull=True), name="correction_decided_once"
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="correction_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.citation}的更正"


class UnitCheck(models.Model):
    """单位核对: a unit was shown its entries and may correct them until a day; it owes nothing.

    answered_at: it said that they are right, or wrote a correction.   round_no: how often it was shown them.
    """

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="checks")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="bulletin_checks")
    round_no = models.IntegerField(default=1)
    shown_on = models.DateField()
    until = models.DateField()
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=_CHANNELS)
    informant = models.CharField("核对人", max_length=40, blank=True)

    class Meta:
        verbose_name = "单位核对"
        ordering: ClassVar = ["unit__order", "unit_id"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "unit"], name="unit_checks_a_bulletin_once"),
            models.CheckConstraint(
                condition=together("answered_at", "answered_by_name"), name="check_answered_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}核对{self.bulletin}"


class BulletinReader(models.Model):
    """指定的阅读对象: a unit or a leader's post a bulletin was issued to by name."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="readers")
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "通报的阅读对象"
        ordering: ClassVar = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "unit"], condition=Q(unit__isnull=False), name="unit_reads_a_bulletin_once"
            ),
            models.UniqueConstraint(
                fields=["bulletin", "post"], condition=Q(post__isnull=False), name="post_reads_a_bulletin_once"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, post__isnull=True) | Q(unit__isnull=True, post__isnull=False),
                name="bulletin_reader_is_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit or self.post)


class BulletinReceipt(models.Model):
    """通报收件人: who was told of a bulletin, and when that person opened it; never counted or scored."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="receipts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bulletin_receipts")
    capacity = models.CharField(max_length=120)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "通报收件人"
        ordering: ClassVar = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "person"], name="bulletin_received_once")]

    def __str__(self) -> str:
        return f"{self.person} {self.capacity}"
