"""Reads of the outbox: each person's messages; and for operators how the channels fare, without any content."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from duban.access.rules import Permission, require
from duban.core.actor import Actor
from duban.orgs.models import Jurisdiction
from duban.outbox.models import Channel, Delivery, Message, MessageQuerySet
from duban.outbox.rules import ChannelKind, DeliveryState


def messages_of(actor: Actor, *, now: datetime) -> MessageQuerySet:
    """Return what this actor was told by now, newest first."""
    return Message.objects.visible_to(actor).arrived(now=now).order_by("-posted_at", "-pk")


def unread_count(actor: Actor, *, now: datetime) -> int:
    """Return how many messages this actor has not read. One query, none for nobody."""
    if actor.account_id is None:
        return 0
    return Message.objects.visible_to(actor).arrived(now=now).unread().count()


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One way out of one place; `channel` is None where it was never set up. counts: sendings by state."""

    jurisdiction: Jurisdiction
    kind: ChannelKind
    channel: Channel | None
    counts: dict[DeliveryState, int]


def channel_lines(actor: Actor) -> list[ChannelLine]:
    """Return every channel of every place with its counts. Three queries. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    counted: dict[int, dict[DeliveryState, int]] = {}
    rows = Delivery.objects.values_list("channel_id", "state").annotate(count=Count("pk")).order_by()
    for channel_id, state, count in rows:
        counted.setdefault(channel_id, {})[DeliveryState(state)] = count
    standing = {(one.jurisdiction_id, one.kind): one for one in Channel.objects.select_related("jurisdiction")}
    lines = []
    for place in Jurisdiction.objects.order_by("pk"):
        for kind in ChannelKind:
            channel = standing.get((place.pk, kind.value))
            lines.append(ChannelLine(place, kind, channel, counted.get(channel.pk, {}) if channel else {}))
    return lines


def undelivered_count(jurisdiction_ids: Collection[int]) -> int:
    """Return how many sendings of these places failed or may have. A number only: the office may know it."""
    failed = Delivery.objects.filter(channel__jurisdiction_id__in=jurisdiction_ids)
    return failed.filter(state__in=(DeliveryState.DEAD, DeliveryState.UNKNOWN)).count()


def deliveries_for_operator(actor: Actor) -> QuerySet[Delivery]:
    """Return sendings, newest first, with their channel; of a message its kind only is shown. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    return (
        Delivery.objects.select_related("message", "channel__jurisdiction")
        .defer("message__title", "message__text", "message__link")
        .order_by("-pk")
    )


def channel_for(actor: Actor, *, jurisdiction: Jurisdiction, kind: ChannelKind) -> Channel | None:
    """Return a channel, None where it was never set up. Raises NotAllowed."""
    require(actor, Permission.OPERATIONS_VIEW)
    return Channel.objects.filter(jurisdiction=jurisdiction, kind=kind.value).first()
