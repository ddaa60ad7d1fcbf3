"""发出提醒: the round of a workday morning. One digest a person a day, whatever runs twice, late, or not at all."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from duban.access.models import Account
from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import SHANGHAI
from duban.core.workdays import Workdays
from duban.orgs.models import Jurisdiction, Person
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.models import Message
from duban.outbox.rules import MessageKind
from duban.reminders.models import Digest, DigestPart, Round
from duban.reminders.queries import Draft, RoundDraft, draft_round, last_round, reminders_of, told_in
from duban.reminders.rules import Part, digest_text, digest_title, refrains, sending_time

_HOME = "/"  # leads everybody to the page of their own role, also who has got another one since
_CONTACTS = "/units/contacts/"


def remind(day: date, *, by: Actor, now: datetime) -> dict[str, int]:
    """Send the digests of a day; return how many people were told, of how many things, and how many units nobody.

    Each place's round is one transaction, its row the lock: killed midway it has done nothing, run twice or beside
    another it is made once. Nothing is sent for a day that is not today, for a day off, or once it is quiet: the next
    round tells of it as it stands then, so that nobody gets two digests in one day, nor one that is stale.
    Raises NotAllowed. Source: docs/sources.md#reminders
    """
    require(by, Permission.REMINDER_SEND)
    total = {"digests": 0, "items": 0, "unreached": 0}
    calendar = use_loaded_notices()
    if refrains(day, now=now.astimezone(SHANGHAI), calendar=calendar) is not None:
        return total
    for place in Jurisdiction.objects.filter(plans__isnull=False).distinct().order_by("pk"):
        made = _round(place, day=day, calendar=calendar, by=by, now=now.astimezone(SHANGHAI))
        if made is not None:
            total["digests"] += made.digests
            total["items"] += made.items
            total["unreached"] += len(made.unreached)
    return total


@transaction.atomic
def _round(place: Jurisdiction, *, day: date, calendar: Workdays, by: Actor, now: datetime) -> Round | None:
    """Make the round of one place; None where it is made already, or it is quiet. Whoever comes second waits."""
    figures = reminders_of(place)
    arrives_at = sending_time(day, now=now, figures=list(figures.values())[-1].reminders)
    if arrives_at is None:
        return None
    Round.objects.bulk_create([Round(jurisdiction=place, day=day)], ignore_conflicts=True)
    row = Round.objects.select_for_update().get(jurisdiction=place, day=day)
    if row.done_at is not None:
        return None
    last = last_round(place, before=day)
    since = last.day if last else calendar.add_workdays(day, -1)
    since_at = last.done_at if last and last.done_at else datetime.combine(since, now.timetz())
    drafted = draft_round(
        place, day=day, figures=figures, since=since, since_at=since_at, told=told_in(last), calendar=calendar
    )
    not_before = arrives_at if arrives_at > now else None
    messages = [_message(one, day=day, not_before=not_before, calendar=calendar) for one in drafted.drafts]
    posted = post_messages(MessageKind.REMINDER, messages=messages, by=by, now=now)
    kept = _keep(row, drafted, posted, day=day)
    row.done_at, row.digests, row.items = now, len(kept), sum(one.items for one in kept)
    row.unreached = {str(pk): count for pk, count in drafted.unreached.items()}
    row.save()
    data = {"day": day, "digests": row.digests, "items": row.items, "unreached": row.unreached}
    subject = Subject("round", row.pk, str(row), jurisdiction_id=place.pk, data=data)
    record(EventName.REMINDERS_SENT, subject, by=by, now=now)
    return row


def _key(to: Person | Account, *, day: date) -> str:
    kind = "person" if isinstance(to, Person) else "account"
    return f"reminder/{day.isoformat()}/{kind}/{to.pk}"


def _message(draft: Draft, *, day: date, not_before: datetime | None, calendar: Workdays) -> NewMessage:
    is_office_only = all(one.part is Part.UNREACHED for one in draft.items)
    return NewMessage(
        to=draft.to,
        title=digest_title(draft.items, day=day),
        text=digest_text(draft.items, day=day, calendar=calendar),
        link=_CONTACTS if is_office_only else _HOME,
        count=sum(one.is_asked for one in draft.items),
        dedupe_key=_key(draft.to, day=day),
        not_before=not_before,
    )


def _keep(row: Round, drafted: RoundDraft, posted: Sequence[Message], *, day: date) -> list[Digest]:
    """Keep what each digest held of which unit; whoever had a digest that day already is not told again."""
    messages = {one.dedupe_key: one for one in posted}
    sent = [(one, messages[_key(one.to, day=day)]) for one in drafted.drafts if _key(one.to, day=day) in messages]
    digests = Digest.objects.bulk_create(
        Digest(
            round=row,
            person_id=message.person_id,
            account_id=message.account_id,
            message=message,
            items=len(draft.items),
        )
        for draft, message in sent
    )
    DigestPart.objects.bulk_create(
        part for digest, (draft, _) in zip(digests, sent, strict=True) for part in _parts(digest, draft)
    )
    return digests


def _parts(digest: Digest, draft: Draft) -> list[DigestPart]:
    owed: dict[int, list[int]] = defaultdict(list)
    counts: Counter[int] = Counter()
    for one in draft.items:
        if one.unit_id is None or one.part is Part.UNREACHED:
            continue
        counts[one.unit_id] += 1
        if one.obligation_id is not None:
            owed[one.unit_id].append(one.obligation_id)
    return [
        DigestPart(digest=digest, unit_id=unit_id, obligation_ids=owed[unit_id], items=count)
        for unit_id, count in counts.items()
    ]
