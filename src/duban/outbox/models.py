"""Tables of the outbox. `not_before` and the times shown follow the office's clock; leases and retries real time."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from duban.access.models import Account
from duban.core.actor import Actor
from duban.orgs.models import Jurisdiction, Person
from duban.outbox.rules import (
    CHANNEL_LABELS,
    CLOCK_SLACK,
    DELIVERY_STATE_LABELS,
    LONGEST_BACK_OFF,
    MESSAGE_KIND_LABELS,
    ChannelKind,
    DeliveryState,
    MessageKind,
)


def _has_rested(real: datetime) -> Q:
    """Return the condition that a retry is due; further ahead than any back-off, a clock went back since."""
    late = real + LONGEST_BACK_OFF + CLOCK_SLACK
    return Q(retry_at__isnull=True) | Q(retry_at__lte=real) | Q(retry_at__gt=late)


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Words to chain."""

    def with_work(self, *, now: datetime, real: datetime) -> "ChannelQuerySet":
        """Channels that are switched on, do not rest after a failure, and have something to send."""
        due = Delivery.objects.ready(now=now, real=real).filter(channel_id=OuterRef("pk"))
        return self.filter(_has_rested(real), Exists(due), is_enabled=True)


class Channel(models.Model):
    """发送渠道 of a jurisdiction. Its secrets are not here: `secret_ref` names a file of the data folder's keys/."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="channels")
    kind = models.CharField(max_length=10, choices=[(one.value, CHANNEL_LABELS[one]) for one in ChannelKind])
    is_enabled = models.BooleanField("启用", default=False)
    settings = models.JSONField(default=dict)
    secret_ref = models.CharField(max_length=32, blank=True)
    hint = models.CharField(max_length=200, blank=True)
    version = models.IntegerField(default=1)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)  # real time
    last_error = models.CharField(max_length=200, blank=True)
    last_sent_at = models.DateTimeField(null=True)
    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = "发送渠道"
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "kind"], name="channel_once_a_place")]

    def __str__(self) -> str:
        return CHANNEL_LABELS[ChannelKind(self.kind)]


class MessageQuerySet(models.QuerySet["Message"]):
    """Words to chain."""

    def visible_to(self, actor: Actor) -> "MessageQuerySet":
        """Messages to this person, or to this account."""
        mine = Q(account_id=actor.account_id) if actor.account_id else Q()
        if actor.person_id:
            mine |= Q(person_id=actor.person_id)
        return self.filter(mine) if mine else self.none()

    def arrived(self, *, now: datetime) -> "MessageQuerySet":
        """Messages that may be seen by now."""
        return self.filter(Q(not_before__isnull=True) | Q(not_before__lte=now))

    def unread(self) -> "MessageQuerySet":
        """Messages not read yet."""
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """消息: what one person, or one account, is told in the system. Posting it is delivering it.

    link: a path of ours.   count: how many things wait, for the words outside the system.
    """

    kind = models.CharField(max_length=12, choices=[(one.value, MESSAGE_KIND_LABELS[one]) for one in MessageKind])
    jurisdiction = models.ForeignKey(Jurisdiction, null=True, on_delete=models.PROTECT, related_name="messages")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="messages")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="messages")
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    link = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=1)
    dedupe_key = models.CharField(max_length=160, unique=True)
    not_before = models.DateTimeField(null=True)
    posted_at = models.DateTimeField()
    posted_by_name = models.CharField(max_length=40)
    read_at = models.DateTimeField(null=True)
    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, account__isnull=True) | Q(person__isnull=True, account__isnull=False),
                name="message_to_one",
            ),
        ]
        indexes = [
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="message_unread_person"),
            models.Index(fields=["account"], condition=Q(read_at__isnull=True), name="message_unread_account"),
        ]

    def __str__(self) -> str:
        return self.title


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Words to chain."""

    def ready(self, *, now: datetime, real: datetime) -> "DeliveryQuerySet":
        """Sendings that may go out by now, oldest first."""
        return self.filter(
            Q(not_before__isnull=True) | Q(not_before__lte=now), _has_rested(real), state=DeliveryState.PENDING
        ).order_by(F("not_before").asc(nulls_first=True), "pk")


class Delivery(models.Model):
    """发送: one message through one channel. address: where it went, as operators see it."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    state = models.CharField(
        max_length=8,
        default=DeliveryState.PENDING,
        choices=[(one.value, DELIVERY_STATE_LABELS[one]) for one in DeliveryState],
    )
    not_before = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)  # real time
    token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)  # real time
    address = models.CharField(max_length=120, blank=True)
    words = models.CharField(max_length=200, blank=True)  # what the channel said last
    settled_at = models.DateTimeField(null=True)
    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "发送"
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once_a_channel"),
            models.CheckConstraint(
                condition=(Q(state=DeliveryState.SENDING, lease_until__isnull=False) & ~Q(token=""))
                | (~Q(state=DeliveryState.SENDING) & Q(token="", lease_until__isnull=True)),
                name="delivery_goes_out_on_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "not_before"],
                condition=Q(state__in=[DeliveryState.PENDING, DeliveryState.SENDING]),
                name="delivery_open",
            ),
            models.Index(fields=["channel", "state"], name="delivery_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.address}".strip()
