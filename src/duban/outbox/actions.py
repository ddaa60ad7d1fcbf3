"""What is posted, read, sent again; and what an operator changes in the channels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from duban.access.models import Account
from duban.access.queries import grants_of_role
from duban.access.rules import Permission, Role, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.orgs.models import Jurisdiction, Person
from duban.orgs.rules import email_problem
from duban.outbox import safe
from duban.outbox.channels import Parcel, transmit
from duban.outbox.models import Channel, Delivery, Message
from duban.outbox.rules import (
    CHANNEL_LABELS,
    FIELDS,
    ROBOTS,
    ChannelKind,
    DeliveryState,
    MessageKind,
    Outcome,
    Result,
    checked_settings,
    hint_of,
    masked,
    mobile_of,
)
from duban.outbox.sending import note_health

EVERY_CHANNEL = frozenset(ChannelKind)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What somebody must be told. to: a person, or an account of somebody who is no person of any place.

    dedupe_key: the same for the same cause; whatever is posted twice is there once.   link: a path of ours, or nothing.
    count: how many things wait, the only thing said outside the system (an e-mail's subject is the title, so that must
    hold no business).   channels: which ways it may take besides the system itself.   not_before: quiet until then.
    """

    to: Person | Account
    title: str
    dedupe_key: str
    text: str = ""
    link: str = ""
    count: int = 1
    channels: Collection[ChannelKind] = EVERY_CHANNEL
    not_before: datetime | None = None


@transaction.atomic
def post_message(kind: MessageKind, *, message: NewMessage, by: Actor, now: datetime) -> Message | None:
    """Post one message in the running transaction; None when it was posted before."""
    made = post_messages(kind, messages=[message], by=by, now=now)
    return made[0] if made else None


@transaction.atomic
def post_messages(kind: MessageKind, *, messages: Sequence[NewMessage], by: Actor, now: datetime) -> list[Message]:
    """Post messages in the running transaction, in few statements; return those that were new.

    In the system a message is delivered by being posted. Outside it goes through every channel of the person's place
    that is switched on and by which the person can be reached; for want of an address nothing waits for ever.
    No event of its own: what the message tells of has one. Asks no permission: the action that posts has asked.
    """
    wanted = {one.dedupe_key: one for one in messages}
    for one in wanted.values():
        if one.link and (not one.link.startswith("/") or one.link.startswith(("//", "/\\"))):
            raise ValueError(f"not a path of ours: {one.link}")
    channels: dict[int, list[Channel]] = {}
    for channel in Channel.objects.filter(is_enabled=True).order_by("pk"):
        channels.setdefault(channel.jurisdiction_id, []).append(channel)
    for _ in range(5):
        known = set(Message.objects.filter(dedupe_key__in=wanted).values_list("dedupe_key", flat=True))
        fresh = [one for key, one in wanted.items() if key not in known]
        rows = [_row(kind, one, by=by, now=now) for one in fresh]
        try:
            with transaction.atomic():
                made = Message.objects.bulk_create(rows)
                Delivery.objects.bulk_create(
                    Delivery(message=row, channel=channel, not_before=row.not_before)
                    for row, one in zip(made, fresh, strict=True)
                    for channel in channels.get(row.jurisdiction_id or 0, [])
                    if channel.kind in one.channels and _is_reached(one.to, by=ChannelKind(channel.kind))
                )
        except IntegrityError:
            continue  # somebody posted one of them at this moment: it is known now
        return made
    raise RuntimeError("messages were posted against us five times")


def _row(kind: MessageKind, new: NewMessage, *, by: Actor, now: datetime) -> Message:
    is_person = isinstance(new.to, Person)
    return Message(
        kind=kind.value,
        jurisdiction_id=new.to.jurisdiction_id if isinstance(new.to, Person) else None,
        person_id=new.to.pk if is_person else None,
        account_id=None if is_person else new.to.pk,
        title=new.title[:120],
        text=new.text,
        link=new.link,
        count=new.count,
        dedupe_key=new.dedupe_key,
        not_before=new.not_before,
        posted_at=now,
        posted_by_name=by.name[:40],
    )


def _is_reached(to: Person | Account, *, by: ChannelKind) -> bool:
    if not isinstance(to, Person):
        return False
    if by is ChannelKind.EMAIL:
        return bool(to.email)
    return by in ROBOTS or bool(mobile_of(to.phone))


@transaction.atomic
def alert_operators(title: str, *, dedupe_key: str, link: str, by: Actor, now: datetime, text: str = "") -> int:
    """Tell every system administrator of something that went wrong; return how many were told. Holds no business."""
    day = day_of(now)
    told = {grant.account_id: grant.account for grant in grants_of_role(Role.SYSTEM_ADMIN, on=day)}
    messages = [
        NewMessage(to=account, title=title, text=text, link=link, dedupe_key=f"{dedupe_key}/{pk}")
        for pk, account in told.items()
    ]
    return len(post_messages(MessageKind.OPERATIONS, messages=messages, by=by, now=now))


@transaction.atomic
def mark_read(message: Message, *, by: Actor, now: datetime) -> Message:
    """Note that its reader has read a message; again changes nothing. Raises NotFound (not theirs).

    No event: a person's own reading is nobody else's business, and is never counted.
    """
    if not Message.objects.visible_to(by).arrived(now=now).filter(pk=message.pk).exists():
        raise NotFound
    Message.objects.filter(pk=message.pk, read_at__isnull=True).update(read_at=now)
    message.refresh_from_db()
    return message


@transaction.atomic
def mark_all_read(*, by: Actor, now: datetime) -> int:
    """Note that everything that has arrived was read; return how many were not."""
    return Message.objects.visible_to(by).arrived(now=now).unread().update(read_at=now)


# ── what an operator does with sendings ──


@transaction.atomic
def resend(delivery: Delivery, *, by: Actor, now: datetime) -> Delivery:
    """Send again what was not sent, or what may not have been. Raises NotAllowed, WrongState."""
    require(by, Permission.OPERATIONS_RUN)
    states = [DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.DROPPED]
    before = delivery.state
    if not _revive(Delivery.objects.filter(pk=delivery.pk, state__in=states)):
        raise WrongState("只有未发出、不明或作罢的可以重发。")
    delivery.refresh_from_db()
    record(EventName.DELIVERY_RESENT, delivery, by=by, now=now, data={"before": before})
    return delivery


@transaction.atomic
def resend_dead(channel: Channel, *, by: Actor, now: datetime) -> int:
    """Send again everything a channel surely did not send; return how many. Raises NotAllowed, WrongState (nothing)."""
    require(by, Permission.OPERATIONS_RUN)
    count = _revive(Delivery.objects.filter(channel=channel, state=DeliveryState.DEAD))
    if not count:
        raise WrongState(f"{channel}没有未发出的消息。")
    record(EventName.DELIVERY_RESENT, channel, by=by, now=now, data={"count": count})
    return count


def _revive(deliveries: Any) -> int:
    count: int = deliveries.update(state=DeliveryState.PENDING, attempts=0, retry_at=None, settled_at=None)
    return count


@transaction.atomic
def drop(delivery: Delivery, *, by: Actor, now: datetime) -> Delivery:
    """Set aside what was not sent or may have been: it is settled by other means. Raises NotAllowed, WrongState."""
    require(by, Permission.OPERATIONS_RUN)
    before = delivery.state
    claimed = Delivery.objects.filter(
        pk=delivery.pk, state__in=[DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.PENDING]
    ).update(state=DeliveryState.DROPPED, settled_at=now)
    if not claimed:
        raise WrongState("只有待发、未发出或不明的可以作罢。")
    delivery.refresh_from_db()
    record(EventName.DELIVERY_DROPPED, delivery, by=by, now=now, data={"before": before})
    return delivery


# ── channels ──


def change_channel(
    jurisdiction: Jurisdiction,
    *,
    kind: ChannelKind,
    given: dict[str, str],
    is_enabled: bool,
    version: int,
    by: Actor,
    now: datetime,
) -> Channel:
    """Set a channel up, switch it on or off. version: of the channel the writer saw, 0 where there was none.

    A secret left blank stays; all the trail keeps of one is that it changed. The old ones go once the change stands.
    Raises NotAllowed, Invalid, Conflict (`theirs`).
    """
    require(by, Permission.OPERATIONS_RUN)
    with transaction.atomic():
        Jurisdiction.objects.select_for_update().get(pk=jurisdiction.pk)
        channel = Channel.objects.filter(jurisdiction=jurisdiction, kind=kind.value).first()
        channel = channel or Channel(jurisdiction=jurisdiction, kind=kind.value, version=0)
        if channel.version != version:
            raise Conflict("另一位管理员刚刚改过这个渠道，请对照后再保存。", theirs=channel)
        old_ref, kept = channel.secret_ref, _known_secrets(channel)
        plain, secrets = checked_settings(kind, given, kept=kept or {})
        data = _difference(channel, plain=plain, is_enabled=is_enabled, changed=_changed_secrets(kept or {}, secrets))
        channel.settings, channel.is_enabled = plain, is_enabled
        channel.hint, channel.version = hint_of(kind, plain, secrets), version + 1
        channel.failures, channel.failing_since, channel.retry_at, channel.last_error = 0, None, None, ""
        if secrets == kept:
            _save(channel, data=data, by=by, now=now)
        else:
            with safe.putting(secrets) as channel.secret_ref:
                _save(channel, data=data, by=by, now=now)
            transaction.on_commit(lambda: safe.forget(old_ref))
    return channel


def _save(channel: Channel, *, data: dict[str, Any], by: Actor, now: datetime) -> None:
    channel.save()
    record(EventName.CHANNEL_CHANGED, channel, by=by, now=now, data=data)


def _known_secrets(channel: Channel) -> dict[str, str] | None:
    try:
        return safe.take(channel.secret_ref)
    except FileNotFoundError:
        return None  # lost with the keys: they must be typed again


def _changed_secrets(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _difference(channel: Channel, *, plain: dict[str, str], is_enabled: bool, changed: set[str]) -> dict[str, Any]:
    labels = {one.name: one.label for one in FIELDS[ChannelKind(channel.kind)]}
    old = {labels[name]: channel.settings.get(name, "") for name in plain} | {"启用": channel.is_enabled}
    new = {labels[name]: value for name, value in plain.items()} | {"启用": is_enabled}
    names = [name for name in new if old[name] != new[name]]
    data: dict[str, Any] = {
        "before": {name: old[name] for name in names},
        "after": {name: new[name] for name in names},
    }
    if changed:
        data["secrets"] = sorted(labels[name] for name in changed)
    return data


def try_channel(channel: Channel, *, to: str, by: Actor, now: datetime, real: datetime) -> Outcome:
    """Send one message of a test through a channel at once, and return what came of it.

    to: an e-mail address or mobile number; nothing for a group.   real: real time.   The exchange is made outside any
    transaction; what came of it is written down afterwards. Raises NotAllowed, Invalid (no address).
    """
    require(by, Permission.OPERATIONS_RUN)
    kind, to = ChannelKind(channel.kind), to.strip()
    if kind is ChannelKind.EMAIL and (not to or email_problem(to)):
        raise Invalid("请填写收试发邮件的邮箱。", field="to")
    if kind is ChannelKind.SMS:
        to = mobile_of(to)
        if not to:
            raise Invalid("请填写收试发短信的手机号。", field="to")
    parcel = Parcel(
        key=f"test/{channel.pk}/{real.isoformat()}",
        address="" if kind in ROBOTS else to,
        title="督办系统试发",
        text=f"这是督办系统{CHANNEL_LABELS[kind]}的试发消息。",
        count=1,
    )
    try:
        secrets = safe.take(channel.secret_ref)
    except FileNotFoundError:
        outcome = Outcome(Result.UNREACHABLE, "渠道的密钥文件不在 keys/channels 里，请重新填写")
    else:
        outcome = transmit(kind, [parcel], settings=channel.settings, secrets=secrets, real=real)
    with transaction.atomic():
        note_health(channel, outcome, now=now, real=real)
        data = {"result": outcome.result.value, "words": outcome.words, "to": masked(parcel.address)}
        record(EventName.CHANNEL_TESTED, channel, by=by, now=now, data=data)
    return outcome
