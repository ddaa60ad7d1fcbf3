"""The mechanics of sending: claimed on a lease, transmitted outside any transaction, settled by the lease's token.

Not actions: no person acts here. `now` is the office's clock, `real` is real time (see models).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import get_random_string

from duban.outbox import safe
from duban.outbox.channels import Parcel, transmit
from duban.outbox.models import Channel, Delivery
from duban.outbox.rules import (
    CLOCK_SLACK,
    GROUP_SIZE,
    LEASE,
    ROBOTS,
    ChannelKind,
    DeliveryState,
    Outcome,
    Result,
    back_off,
    masked,
    mobile_of,
    state_after,
)

log = logging.getLogger("duban.outbox")


def claim(channel: Channel, *, now: datetime, real: datetime, lease: timedelta = LEASE) -> list[Delivery]:
    """Take what a channel sends next: one message, or for a group what waits for several people. Empty: nothing."""
    size = GROUP_SIZE if ChannelKind(channel.kind) in ROBOTS else 1
    with transaction.atomic():
        if not Channel.objects.with_work(now=now, real=real).filter(pk=channel.pk).exists():
            return []  # switched off, resting, or nothing to do
        waiting = Delivery.objects.ready(now=now, real=real).filter(channel=channel)
        taken = list(waiting.select_for_update(skip_locked=True, of=("self",)).select_related("message__person")[:size])
        token = get_random_string(32)
        Delivery.objects.filter(pk__in=[one.pk for one in taken], state=DeliveryState.PENDING).update(
            state=DeliveryState.SENDING,
            token=token,
            lease_until=real + lease,
            retry_at=None,
            attempts=F("attempts") + 1,
        )
        for one in taken:
            one.token, one.attempts, one.state = token, one.attempts + 1, DeliveryState.SENDING
    return taken


def send(channel: Channel, taken: Sequence[Delivery], *, real: datetime) -> Outcome:
    """Transmit what was claimed. Outside any transaction: it may last as long as the channel's deadline."""
    kind = ChannelKind(channel.kind)
    parcels = [_parcel(kind, one) for one in taken]
    for one, parcel in zip(taken, parcels, strict=True):
        one.address = masked(parcel.address)
    try:
        secrets = safe.take(channel.secret_ref)
    except FileNotFoundError:
        return Outcome(Result.UNREACHABLE, "渠道的密钥文件不在 keys/channels 里，请重新填写")
    return transmit(kind, parcels, settings=channel.settings, secrets=secrets, real=real)


def _parcel(kind: ChannelKind, delivery: Delivery) -> Parcel:
    """Return what goes out, to where the person is reached today."""
    message, person = delivery.message, delivery.message.person
    address = ""
    if person is not None:
        address = person.email if kind is ChannelKind.EMAIL else mobile_of(person.phone)
    return Parcel(
        key=f"{message.dedupe_key}/{delivery.pk}",
        address=address,
        title=message.title,
        text=message.text,
        count=message.count,
    )


@transaction.atomic
def settle(
    channel: Channel, taken: Sequence[Delivery], outcome: Outcome, *, now: datetime, real: datetime
) -> dict[DeliveryState, int]:
    """Write down what came of it; return how many stand where. What was swept meanwhile stays as it was swept.

    A channel at fault rests, and what it did not send waits without losing a try: two days of it lose nothing.
    """
    counted: dict[DeliveryState, int] = {}
    for one in taken:
        state = state_after(outcome.result, attempts=one.attempts)
        is_over = state is not DeliveryState.PENDING
        settled = Delivery.objects.filter(pk=one.pk, token=one.token, state=DeliveryState.SENDING).update(
            state=state,
            token="",
            lease_until=None,
            attempts=one.attempts - (outcome.result is Result.UNREACHABLE),
            retry_at=real + back_off(one.attempts) if outcome.result is Result.RETRY and not is_over else None,
            address=one.address,
            words=outcome.words,
            settled_at=now if is_over else None,
        )
        counted[state] = counted.get(state, 0) + settled
    note_health(channel, outcome, now=now, real=real)
    return counted


def note_health(channel: Channel, outcome: Outcome, *, now: datetime, real: datetime) -> None:
    """Write down how a channel fares; one that does not answer rests, or all that waits would become unknown."""
    row = Channel.objects.filter(pk=channel.pk)
    if outcome.result in (Result.UNREACHABLE, Result.UNKNOWN):
        failures = (row.values_list("failures", flat=True).first() or 0) + 1
        row.update(
            failures=failures,
            retry_at=real + back_off(failures),
            last_error=outcome.words,
        )
        row.filter(failing_since__isnull=True).update(failing_since=now)
    elif outcome.result is Result.SENT:
        row.update(failures=0, failing_since=None, retry_at=None, last_error="", last_sent_at=now)


def sweep(*, now: datetime, real: datetime, lease: timedelta = LEASE) -> int:
    """Declare unknown what a worker that died was sending: it may have gone out. Return how many."""
    over = Q(lease_until__lt=real) | Q(lease_until__gt=real + max(lease, LEASE) + CLOCK_SLACK)
    lost = Delivery.objects.filter(over, state=DeliveryState.SENDING)
    if not lost.exists():
        return 0
    return lost.update(
        state=DeliveryState.UNKNOWN,
        token="",
        lease_until=None,
        words="发送途中后台进程中断，是否发出不明",
        settled_at=now,
    )
