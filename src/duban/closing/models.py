"""Tables of closing. An attempt that was returned or granted stays as it was; the next one is a new row."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from duban.closing.rules import (
    CLOSURE_STATE_LABELS,
    HOW_LENGTH,
    ITEM_KIND_LABELS,
    LIVE,
    METHOD_LABELS,
    ClosureState,
    ItemKind,
    Method,
)
from duban.core.actor import Actor
from duban.core.constraints import all_or_none
from duban.matters.models import Matter, said_on_matters_seen_by
from duban.matters.rules import CHANNEL_LABELS, Channel
from duban.orgs.models import Post, Unit

_CHANNELS = [(one.value, CHANNEL_LABELS[one]) for one in Channel]


class ClosureQuerySet(models.QuerySet["Closure"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "ClosureQuerySet":
        """Requests the actor may see: offices all, who oversees or merges a matter all on it, other units none."""
        return self.filter(said_on_matters_seen_by(actor))

    def live(self) -> "ClosureQuerySet":
        """Attempts that are neither granted nor returned."""
        return self.filter(state__in=LIVE)


class Closure(models.Model):
    """销号: one attempt to close a matter, from the unit's checklist to the office's decision.

    unit: the merging lead.   channel, signer: how the head's agreement (the leader's signature) reached the office that
    entered it, and whose it was.   overseer: the leader's post whose signature it needs; null where there is none.
    lot_seed, lot: what was drawn when it was asked for, and from what; on_site: why somebody has to go and look.
    despite: {Doubt: reason} in spite of which it was granted.   is_overseers_return: the leader returned it, not the
    office.   version: counts up with every change of the checklist and of its verification.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="closures")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="closures")
    attempt = models.IntegerField("次数")
    state = models.CharField(max_length=9, choices=[(one.value, CLOSURE_STATE_LABELS[one]) for one in ClosureState])
    version = models.IntegerField(default=1)
    statement = models.TextField("完成情况", blank=True)
    prepared_at = models.DateTimeField(null=True)
    prepared_by_name = models.CharField(max_length=40, blank=True)
    sent_back_at = models.DateTimeField(null=True)
    sent_back_by_name = models.CharField(max_length=40, blank=True)
    sent_back_reasons = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True)
    asked_by_name = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, blank=True, choices=_CHANNELS)
    signer = models.CharField(max_length=40, blank=True)
    lot_seed = models.CharField(max_length=80, blank=True)
    lot = models.IntegerField(null=True)
    on_site = models.JSONField(default=list)
    overseer = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="closures_to_sign")
    agreed_at = models.DateTimeField(null=True)
    agreed_by_name = models.CharField(max_length=40, blank=True)
    agreed_channel = models.CharField(max_length=12, blank=True, choices=_CHANNELS)
    agreed_for_name = models.CharField(max_length=40, blank=True)
    opinion = models.TextField("签批意见", blank=True)
    method = models.CharField(
        "核验方式", max_length=9, blank=True, choices=[(one.value, METHOD_LABELS[one]) for one in Method]
    )
    findings = models.TextField("核验情况", blank=True)
    verified_on = models.DateField("核验日期", null=True)
    verifiers = models.CharField("核验人", max_length=60, blank=True)
    verified_at = models.DateTimeField(null=True)
    verified_by_name = models.CharField(max_length=40, blank=True)
    grade = models.CharField("等次", max_length=20, blank=True)
    conclusion = models.TextField("核验结论", blank=True)
    despite = models.JSONField(default=dict)
    granted_at = models.DateTimeField(null=True)
    granted_by_name = models.CharField(max_length=40, blank=True)
    returned_at = models.DateTimeField(null=True)
    returned_by_name = models.CharField(max_length=40, blank=True)
    return_reasons = models.TextField(blank=True)
    is_overseers_return = models.BooleanField(default=False)
    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = "销号申请"
        ordering: ClassVar = ["matter", "attempt"]
        indexes = [models.Index(fields=["state", "asked_at"], name="closure_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["matter", "attempt"], name="closure_attempt_once"),
            models.UniqueConstraint(
                fields=["matter"], condition=Q(state__in=LIVE), name="closure_one_at_a_time_on_a_matter"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("prepared", "sent_back"), asked_at__isnull=True)
                | (~Q(state__in=("prepared", "sent_back")) & Q(asked_at__isnull=False, lot__isnull=False)),
                name="closure_asked_with_lot",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("verified", "granted"))
                | (Q(verified_at__isnull=False, verified_on__isnull=False) & ~Q(method="") & ~Q(findings="")),
                name="closure_verified_with_findings",
            ),
            models.CheckConstraint(
                condition=Q(state="granted", granted_at__isnull=False)
                | (~Q(state="granted") & Q(granted_at__isnull=True)),
                name="closure_granted_with_moment",
            ),
            models.CheckConstraint(
                condition=(Q(state="returned", returned_at__isnull=False) & ~Q(return_reasons=""))
                | (~Q(state="returned") & Q(returned_at__isnull=True, return_reasons="")),
                name="closure_returned_with_reasons",
            ),
            models.CheckConstraint(condition=all_or_none("channel", "signer"), name="closure_signed_by_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.matter}销号申请"


class ClosureItem(models.Model):
    """销号清单的一项: an element of the matter in its words of that day, what the unit says, what the office found.

    key: of `closing.rules.Item`.   facts: what the system knew of it.   is_true: null until the office has looked.
    """

    closure = models.ForeignKey(Closure, on_delete=models.CASCADE, related_name="items")
    order = models.IntegerField()
    key = models.CharField(max_length=12)
    kind = models.CharField(max_length=9, choices=[(one.value, ITEM_KIND_LABELS[one]) for one in ItemKind])
    text = models.TextField()
    facts = models.CharField(max_length=200, blank=True)
    is_done = models.BooleanField(default=False)
    how = models.CharField(max_length=HOW_LENGTH, blank=True)
    is_true = models.BooleanField("属实", null=True)

    class Meta:
        verbose_name = "销号清单"
        ordering: ClassVar = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["closure", "key"], name="closure_item_once")]

    def __str__(self) -> str:
        return self.text
