"""The ways out: each takes a channel's settings and what to say, and returns an Outcome. No database here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from duban.outbox.channels.mail import send_mail
from duban.outbox.channels.robots import send_to_group
from duban.outbox.channels.sms import send_sms
from duban.outbox.rules import ROBOTS, ChannelKind, Outcome, SendFailed, group_text, redacted, terse_text

__all__ = ["Parcel", "transmit"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to one person. key: the same for the same sending, so that a mail program shows a double once.

    address: an e-mail address, a mobile number; for a group the mobile number to mention, or nothing.
    """

    key: str
    address: str
    title: str
    text: str
    count: int


def transmit(
    kind: ChannelKind,
    parcels: Sequence[Parcel],
    *,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
    real: datetime,
) -> Outcome:
    """Send one parcel, or to a group one message for several; return what came of it. Never raises for the far side.

    real: real time, for signatures.
    """
    try:
        if kind in ROBOTS:
            text = group_text([one.count for one in parcels])
            mobiles = [one.address for one in parcels if one.address]
            outcome = send_to_group(kind, text, mobiles=mobiles, settings=settings, secrets=secrets, real=real)
        else:
            [parcel] = parcels
            text = terse_text(parcel.count)
            if kind is ChannelKind.SMS:
                outcome = send_sms(
                    parcel.address, text=text, count=parcel.count, settings=settings, secrets=secrets, real=real
                )
            else:
                if settings["with_text"]:
                    text = parcel.text or parcel.title
                outcome = send_mail(
                    parcel.address, title=parcel.title, text=text, key=parcel.key, settings=settings, secrets=secrets
                )
    except SendFailed as failure:
        outcome = failure.outcome
    return Outcome(outcome.result, redacted(outcome.words, secrets=secrets))
