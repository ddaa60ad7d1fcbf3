"""Tables of requests for changes. The change itself, once approved, stands in matters."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.changes.rules import ASKABLE, REQUEST_STATE_LABELS, RequestState, label_of
from duban.core.actor import Actor
from duban.core.constraints import all_or_none
from duban.matters.models import Matter, said_on_matters_seen_by
from duban.matters.rules import CHANGE_LABELS, CHANNEL_LABELS, ChangeKind, Channel
from duban.orgs.models import Unit


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ChangeRequestQuerySet":
        """Requests the actor may see: offices all, who oversees or merges a matter all on it, other units their own."""
        return self.filter(said_on_matters_seen_by(actor))

    def open(self) -> "ChangeRequestQuerySet":
        """Requests nobody has decided yet."""
        return self.filter(state=RequestState.OPEN)


class ChangeRequest(models.Model):
    """变更申请: a lead asks for 延期、调整、暂停、结转 or 终止, with cause and progress; the office decides.

    due_on, wording: the day an extension asks for, the text an adjustment asks for.   asked_on: the day the unit asked;
    asked_at: when it was entered.   channel, informant: how it reached the office that entered it.   late_reason: why
    it is taken although the due date had passed.   change: what the approval made of it, as {"before", "after"}.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="change_requests")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="change_requests")
    kind = models.CharField(max_length=12, choices=[(one.value, CHANGE_LABELS[one]) for one in ASKABLE])
    state = models.CharField(
        max_length=9,
        choices=[(one.value, REQUEST_STATE_LABELS[one]) for one in RequestState],
        default=RequestState.OPEN,
    )
    cause = models.TextField("事由")
    progress = models.TextField("目前进展")
    due_on = models.DateField("希望延至", null=True)
    wording = models.TextField("调整后的目标任务", blank=True)
    asked_on = models.DateField("申请日期")
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=40)
    channel = models.CharField(max_length=12, blank=True, choices=[(one.value, CHANNEL_LABELS[one]) for one in Channel])
    informant = models.CharField("申请人", max_length=40, blank=True)
    late_reason = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=40, blank=True)
    refusal_reasons = models.TextField("不同意的理由", blank=True)
    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "变更申请"
        ordering: ClassVar = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "kind"], condition=Q(state=RequestState.OPEN), name="change_asked_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, decided_at__isnull=True)
                | (~Q(state=RequestState.OPEN) & Q(decided_at__isnull=False)),
                name="change_decided_with_moment",
            ),
            models.CheckConstraint(
                condition=(Q(state=RequestState.REFUSED) & ~Q(refusal_reasons=""))
                | (~Q(state=RequestState.REFUSED) & Q(refusal_reasons="")),
                name="change_refused_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(kind=ChangeKind.EXTEND, due_on__isnull=False)
                | (~Q(kind=ChangeKind.EXTEND) & Q(due_on__isnull=True)),
                name="change_extension_names_a_day",
            ),
            models.CheckConstraint(
                condition=all_or_none("channel", "informant"),
                name="change_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter}{label_of(ChangeKind(self.kind))}"
