"""Tables of the three letters. Nothing is deleted: drafts are dropped, letters withdrawn, each with a reason."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.access.rules import LEADER_ROLES, OFFICE_ROLES, WHOLE_UNIT_ROLES
from duban.core.actor import Actor
from duban.core.constraints import all_or_none, together
from duban.letters.rules import (
    AFTER_SIGNING,
    CAUSE_LABELS,
    DELIVERY_LABELS,
    LETTER_KIND_LABELS,
    LETTER_STATE_LABELS,
    OUTCOME_LABELS,
    REASON_LENGTH,
    TITLE_LENGTH,
    LetterKind,
    LetterState,
    Outcome,
    kind_label,
)
from duban.matters.models import Matter, Overseer, Plan
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.orgs.models import Jurisdiction, Person, Unit

_KINDS = [(one.value, LETTER_KIND_LABELS[one]) for one in LetterKind]
_SIGNED = [one.value for one in AFTER_SIGNING]
_WITH_THE_UNIT = (LetterState.ISSUED, LetterState.ANSWERED, LetterState.SETTLED)


class LetterQuerySet(models.QuerySet["Letter"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "LetterQuerySet":
        """Letters the actor may see: offices all; units their own, and leaders those about what they oversee, once
        issued."""
        office = [one.jurisdiction_id for one in actor.holds(*OFFICE_ROLES)]
        if None in office:
            return self.all()
        wanted = Q(jurisdiction_id__in=office) if office else Q(pk__in=[])
        issued = Q(issued_at__isnull=False)
        units = {unit_id for one in actor.holds(*WHOLE_UNIT_ROLES) for unit_id in one.unit_ids}
        if units:
            wanted |= issued & Q(unit_id__in=units)
        posts = {post_id for one in actor.holds(*LEADER_ROLES) for post_id in one.post_ids}
        if posts:
            overseen = Overseer.objects.filter(post_id__in=posts).values("matter_id")
            about = LetterItem.objects.filter(matter_id__in=overseen, removed_reason="")
            wanted |= issued & Q(pk__in=about.values("letter_id"))
        return self.filter(wanted)


class Letter(models.Model):
    """函: one letter to one unit, listing its matters.

    is_batch: drafted by the daily round, for `drafted_on`.   is_courtesy: told before a report day; starts no clock.
    override_reason: why an officer wrote it within the cool-down.   is_inviting: 商请函, never scored.
    number: of the register, without a gap per place, kind and year; number_text: as printed, of the register or typed
    in; scan_*: the sealed paper behind a number typed in, beside the frozen letter as a `PaperScan` once it is issued
    (scan_bytes: 0 of those from before sizes were written down).   delivered_on: the clock of the answer starts on it;
    by when that is due stands with the obligation.   answer_no: the last answer.   version: counts up with every edit.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="letters")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="letters")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=9, choices=_KINDS)
    state = models.CharField(
        max_length=9,
        choices=[(one.value, LETTER_STATE_LABELS[one]) for one in LetterState],
        default=LetterState.DRAFTED,
    )
    is_batch = models.BooleanField(default=False)
    is_courtesy = models.BooleanField(default=False)
    is_urgent = models.BooleanField("紧急", default=False)
    is_inviting = models.BooleanField("商请", default=False)
    override_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    title = models.CharField("标题", max_length=TITLE_LENGTH)
    opening = models.TextField("开头")
    demand = models.TextField("要求")
    version = models.IntegerField(default=1)
    drafted_on = models.DateField()
    drafted_at = models.DateTimeField()
    drafted_by_name = models.CharField(max_length=40)
    presented_at = models.DateTimeField(null=True)
    presented_by_name = models.CharField(max_length=40, blank=True)
    sent_back_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    signed_at = models.DateTimeField(null=True)
    signed_by_name = models.CharField(max_length=40, blank=True)
    number = models.IntegerField(null=True)
    number_year = models.IntegerField(null=True)
    number_text = models.CharField("编号", max_length=60, blank=True)
    scan_digest = models.CharField(max_length=64, blank=True)
    scan_name = models.CharField(max_length=100, blank=True)
    scan_type = models.CharField(max_length=100, blank=True)
    scan_bytes = models.BigIntegerField(default=0)
    scan_given_digest = models.CharField(max_length=64, blank=True)
    scan_result = models.CharField(max_length=11, blank=True)
    scan_scanner = models.CharField(max_length=80, blank=True)
    issued_on = models.DateField(null=True)
    issued_at = models.DateTimeField(null=True)
    issued_by_name = models.CharField(max_length=40, blank=True)
    delivered_on = models.DateField("送达日期", null=True)
    delivery = models.CharField(
        max_length=6, blank=True, choices=[(one.value, label) for one, label in DELIVERY_LABELS.items()]
    )
    delivered_to = models.CharField("签收人", max_length=40, blank=True)
    answer_no = models.IntegerField(default=0)
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=9, blank=True, choices=[(one.value, OUTCOME_LABELS[one]) for one in Outcome])
    dropped_at = models.DateTimeField(null=True)
    dropped_by_name = models.CharField(max_length=40, blank=True)
    dropped_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="absorbed")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_name = models.CharField(max_length=40, blank=True)
    withdrawn_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "函件"
        ordering: ClassVar = ["drafted_at", "pk"]
        indexes = [
            models.Index(fields=["jurisdiction", "state"], name="letter_by_state"),
            models.Index(fields=["unit", "state"], name="letter_of_unit"),
            models.Index(fields=["plan", "state"], name="letter_of_plan"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "kind", "number_year", "number"],
                condition=Q(number__isnull=False),
                name="letter_number_once",
            ),
            models.UniqueConstraint(
                fields=["jurisdiction", "number_text"], condition=~Q(number_text=""), name="letter_number_text_once"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, number_year__isnull=True)
                | (Q(number__gte=1, number_year__isnull=False) & ~Q(number_text="")),
                name="letter_number_whole",
            ),
            models.CheckConstraint(
                condition=Q(number_text="") | Q(signed_at__isnull=False), name="letter_numbered_once_signed"
            ),
            models.CheckConstraint(
                condition=(Q(state__in=_SIGNED) & Q(signed_at__isnull=False) & ~Q(signed_by_name=""))
                | (~Q(state__in=_SIGNED) & Q(signed_at__isnull=True, signed_by_name="")),
                name="letter_signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_WITH_THE_UNIT)
                | (Q(issued_at__isnull=False, issued_on__isnull=False) & ~Q(number_text="")),
                name="letter_issued_with_number",
            ),
            models.CheckConstraint(
                condition=(Q(state=LetterState.SETTLED, settled_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state=LetterState.SETTLED) & Q(settled_at__isnull=True, outcome="")),
                name="letter_settled_with_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(state=LetterState.DROPPED) & ~Q(dropped_reason=""))
                | (~Q(state=LetterState.DROPPED) & Q(dropped_reason="", dropped_at__isnull=True)),
                name="letter_dropped_with_reason",
            ),
            models.CheckConstraint(
                condition=(Q(state=LetterState.WITHDRAWN) & ~Q(withdrawn_reason=""))
                | (~Q(state=LetterState.WITHDRAWN) & Q(withdrawn_reason="", withdrawn_at__isnull=True)),
                name="letter_withdrawn_with_reason",
            ),
            models.CheckConstraint(condition=together("delivered_on", "delivery"), name="letter_delivered_somehow"),
        ]

    def __str__(self) -> str:
        return self.number_text or f"{self.unit}{self.label}"

    @property
    def label(self) -> str:
        """What it is called: 提醒函."""
        return kind_label(LetterKind(self.kind), is_inviting=self.is_inviting)


class LetterItem(models.Model):
    """函中的一项: one cause, about one matter, with its words and the figures they rest on.

    key: of the cause; the same cause stands in one letter only, whatever runs twice.   root: the key of the cause a
    graver letter goes back to.   follows: the line of the milder letter.   removed_reason: taken out before signing.
    cured_on: the day it was found over; escalated_on: the day a graver letter about it was issued.
    """

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="items")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="letter_items")
    cause = models.CharField(max_length=10, choices=[(one.value, label) for one, label in CAUSE_LABELS.items()])
    key = models.CharField(max_length=80, null=True, unique=True)
    root = models.CharField(max_length=80, blank=True)
    figures = models.JSONField(default=dict)
    words = models.TextField("事由")
    follows = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    is_scored = models.BooleanField(default=True)
    removed_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    cured_on = models.DateField(null=True)
    escalated_on = models.DateField(null=True)

    class Meta:
        verbose_name = "函件中的事项"
        ordering: ClassVar = ["matter__order", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="letter_item_says_why")]

    def __str__(self) -> str:
        return f"{self.matter} {self.words}"


class Receipt(models.Model):
    """收件人: whom a letter is addressed to (or told in copy), and when that person opened it; never counted."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="receipts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="letter_receipts")
    capacity = models.CharField(max_length=60)
    is_copy = models.BooleanField("抄送", default=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "函件收件人"
        ordering: ClassVar = ["is_copy", "pk"]
        constraints = [models.UniqueConstraint(fields=["letter", "person"], name="letter_received_once")]

    def __str__(self) -> str:
        return f"{self.person} {self.capacity}"


class LetterAnswer(models.Model):
    """答复: what a unit said to a letter; when the office returns it, the next one is a new row.

    channel, informant: how it reached the office that entered it, and whose it was.
    """

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="answers")
    number = models.IntegerField()
    answered_on = models.DateField()
    answered_at = models.DateTimeField()
    answered_by_name = models.CharField(max_length=40)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("答复人", max_length=40, blank=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by_name = models.CharField(max_length=40, blank=True)
    returned_at = models.DateTimeField(null=True)
    returned_by_name = models.CharField(max_length=40, blank=True)
    returned_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = "函件答复"
        ordering: ClassVar = ["letter", "number"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "number"], name="letter_answer_once"),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="letter_answer_told_by_somebody",
            ),
            models.CheckConstraint(
                condition=together("returned_at", "returned_by_name", "returned_reason"),
                name="letter_answer_returned_with_reason",
            ),
            models.CheckConstraint(
                condition=together("accepted_at", "accepted_by_name"), name="letter_answer_accepted_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(returned_at__isnull=True), name="letter_answer_decided_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}第{self.number}次答复"


class AnswerLine(models.Model):
    """What an answer says of one matter: a line, cause and new day, or measures."""

    answer = models.ForeignKey(LetterAnswer, on_delete=models.CASCADE, related_name="lines")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("答复")
    new_on = models.DateField("新的完成时间", null=True)

    class Meta:
        verbose_name = "函件答复内容"
        ordering: ClassVar = ["matter__order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "matter"], name="matter_once_in_an_answer"),
            models.CheckConstraint(condition=~Q(text=""), name="letter_answer_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.answer} {self.matter}"
