"""签发与发出: a person signs, the number is allotted in the same transaction; issued, delivered, read, withdrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from duban.access.rules import ROLE_LABELS, Permission, Role, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import SYSTEM, Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.core.typed import past_day
from duban.documents.kinds.letter import LetterData
from duban.evidence.examining import Examined, KeptScan, NewFile, examined
from duban.letters.actions.common import about, claim, settle_where_over, tell
from duban.letters.models import Letter, LetterItem, Receipt
from duban.letters.queries import copies_of, letter_data, lines_of, may_sign, page_of
from duban.letters.rules import (
    REASON_LENGTH,
    UNSIGNED,
    Delivery,
    LetterKind,
    LetterState,
    Outcome,
    answer_workdays,
    checked_words,
    is_graver,
    number_text,
    signer_of,
)
from duban.matters.actions import let_go, owe
from duban.matters.models import Plan
from duban.matters.queries import policy_of
from duban.matters.rules import Owed
from duban.orgs.models import Person
from duban.orgs.queries import unit_cards
from duban.orgs.rules import CONTACT_ROLE_LABELS, POST_KIND_LABELS, ContactRole, PostKind
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.rules import MessageKind
from duban.papers.actions import allot_number, freeze_paper, take_over_scan
from duban.papers.drawing import Drawn, drawn
from duban.papers.models import IssuedPaper
from duban.papers.queries import paper_of as kept_paper
from duban.papers.rules import PaperKind

_NUMBER_LENGTH = 60


@transaction.atomic
def sign_letter(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """签发: the person whose role signs this kind signs it as read; with the plan's own register it gets its number.

    Nobody signs for another. The number is counted in this transaction, so one that fails leaves no gap.
    Raises NotAllowed, WrongState (signed, dropped, or changed since it was read). Source: docs/sources.md#letters
    """
    require(by, Permission.LETTER_SIGN, jurisdiction_id=letter.jurisdiction_id)
    policy = policy_of(letter.plan).letters
    if not may_sign(by, letter):
        role = Role(signer_of(LetterKind(letter.kind), policy))
        raise NotAllowed(f"{letter.label}由{ROLE_LABELS[role]}签发。")
    claim(
        letter,
        *UNSIGNED,
        version=letter.version,
        message="这份函稿刚刚有改动，或者已由他人办理，请看后再签。",
        state=LetterState.SIGNED,
        signed_at=now,
        signed_by_name=by.name[:40],
    )
    if policy.numbering == "register":
        _allot(letter, by=by, now=now)
    record(EventName.LETTER_SIGNED, about(letter, {"version": letter.version}), by=by, now=now)
    return letter


def _allot(letter: Letter, *, by: Actor, now: datetime) -> None:
    """Give a letter the next number of its place, kind and year; the counter's row is held until the commit."""
    kind, year = LetterKind(letter.kind), day_of(now).year
    number = allot_number(letter.jurisdiction_id, kind=kind.value, year=year, by=by, now=now)
    letter.number, letter.number_year = number, year
    letter.number_text = number_text(
        kind,
        number=number,
        year=year,
        short_name=letter.plan.jurisdiction.short_name,
        policy=policy_of(letter.plan).letters,
    )
    letter.save(update_fields=["number", "number_year", "number_text"])


def number_letter(letter: Letter, *, number: str, scan: NewFile, by: Actor, now: datetime) -> Letter:
    """登记文号: type in the number the office's own document system gave a signed letter, with the sealed scan.

    The scan is examined before anything is locked. Raises NotAllowed, Invalid, WrongState (numbered already, or the
    plan's own register numbers its letters).
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    figures = policy_of(letter.plan)
    if figures.letters.numbering == "register":
        raise WrongState("本台账的函件由系统编号，不需登记文号。")
    words = checked_words(number, what="文号", field="number", most=_NUMBER_LENGTH)
    with examined([scan], most_mb=figures.evidence.most_mb) as seen:
        return _put_number(letter, number=words, seen=seen[0], by=by, now=now)


@transaction.atomic
def _put_number(letter: Letter, *, number: str, seen: Examined, by: Actor, now: datetime) -> Letter:
    taken = Letter.objects.filter(jurisdiction_id=letter.jurisdiction_id, number_text=number).exclude(pk=letter.pk)
    if taken.exists():
        raise Invalid(f"文号“{number}”已经用于另一份函件。", field="number")
    if seen.file is None:
        raise Invalid("请附盖章的扫描件。", field="file")
    claimed = Letter.objects.filter(pk=letter.pk, state=LetterState.SIGNED, number_text="").update(
        number_text=number,
        scan_digest=seen.file.digest,
        scan_name=seen.file_name,
        scan_type=seen.content_type,
        scan_bytes=seen.file.size_bytes,
        scan_given_digest=seen.given_digest,
        scan_result=seen.scan.value if seen.scan else "",
        scan_scanner=seen.scanner,
    )
    if not claimed:
        raise WrongState("这份函件已经登记文号，或者还没有签发。")
    letter.refresh_from_db()
    record(EventName.LETTER_NUMBERED, about(letter, {"scan": seen.given_digest}), by=by, now=now)
    seen.file.keep()
    return letter


# ---- out of the house


@dataclass(frozen=True, slots=True)
class _Addressee:
    person: Person
    capacity: str
    is_copy: bool = False


def issue_letter(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """发出: tell the addressees in the system; where one of them can open it there it is delivered, and its clock runs.

    The letter is drawn before anything is locked and frozen in the same transaction, byte for byte. Milder letters
    about the same matters end in this one. A courtesy letter asks for no answer and is settled at once.
    Raises NotAllowed, WrongState (not signed, not numbered, or issued already), Invalid (it cannot be drawn: a
    character no font has).
    Source: docs/sources.md#letters
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    signed = Letter.objects.filter(pk=letter.pk, state=LetterState.SIGNED).exclude(number_text="")
    standing = signed.select_related("unit", "plan__policy", "plan__jurisdiction").first()
    if standing is None:
        raise WrongState("签发并编号以后才能发出；这份函件还没有，或者已经发出。")
    content = letter_data(standing, lines_of(standing), on=day_of(now), is_draft=False)
    with drawn(page_of(content), values=content) as page:
        return _issue(letter, content=content, page=page, by=by, now=now)


@transaction.atomic
def _issue(letter: Letter, *, content: LetterData, page: Drawn, by: Actor, now: datetime) -> Letter:
    today = day_of(now)
    claim(
        letter,
        LetterState.SIGNED,
        state=LetterState.ISSUED,
        issued_at=now,
        issued_on=today,
        issued_by_name=by.name[:40],
    )
    lines = lines_of(letter)
    told = _addressees(letter, lines, today=today)
    Receipt.objects.bulk_create(
        Receipt(letter=letter, person=one.person, capacity=one.capacity[:60], is_copy=one.is_copy) for one in told
    )
    is_delivered = any(not one.is_copy and one.person.account_id is not None for one in told)
    if is_delivered:
        Letter.objects.filter(pk=letter.pk).update(delivered_on=today, delivery=Delivery.SYSTEM)
        letter.refresh_from_db()
        _start_clock(letter, lines, from_on=today, by=by, now=now)
    post_to(letter, [(one.person, one.is_copy) for one in told], what="issued", by=by, now=now)
    data: dict[str, Any] = {
        "to": [f"{one.person.name}（{one.capacity}）" for one in told if not one.is_copy],
        "copies": [one.person.name for one in told if one.is_copy],
        "is_delivered": is_delivered,
    }
    tell(EventName.LETTER_ISSUED, [letter], by=by, now=now, data=data)
    _take_up(letter, lines, by=by, now=now)
    if letter.is_courtesy:
        Letter.objects.filter(pk=letter.pk).update(
            state=LetterState.SETTLED, outcome=Outcome.TOLD, settled_at=now, settled_by_name=by.name[:40]
        )
        letter.refresh_from_db()
    standing = Letter.objects.select_related("unit", "plan__policy", "plan__jurisdiction").get(pk=letter.pk)
    if letter_data(standing, lines, on=today, is_draft=False) != content:
        raise WrongState("函件所列的单位、领导或者督查规则刚刚有改动，没有发出，请再发一次。")
    _freeze(letter, content=content, page=page, by=by, now=now)
    return letter


def _freeze(
    letter: Letter, *, content: LetterData, page: Drawn, by: Actor, now: datetime, is_late: bool = False
) -> IssuedPaper:
    """Freeze a letter; the sealed scan that came with a typed-in number stands beside it from the start."""
    paper = freeze_paper(
        letter,
        drawn=page,
        kind=PaperKind.LETTER,
        plan=letter.plan,
        title=letter.title,
        addressee=content.recipient,
        dated_on=content.signed_on or day_of(now),
        units=[letter.unit_id],
        matters={one.matter_id for one in lines_of(letter)},
        number=letter.number_text,
        is_late=is_late,
        by=by,
        now=now,
    )
    if letter.scan_digest:
        scan = KeptScan(
            file_name=letter.scan_name,
            content_type=letter.scan_type,
            size_bytes=letter.scan_bytes,
            digest=letter.scan_digest,
            given_digest=letter.scan_given_digest or letter.scan_digest,
            scan=letter.scan_result,
            scanner=letter.scan_scanner,
        )
        take_over_scan(paper, scan=scan, by=by, now=now)
    return paper


def keep_letter(letter: Letter, *, by: Actor, now: datetime) -> IssuedPaper:
    """补存: freeze a letter that was issued before papers were kept, drawn from what is stored of it, and say so.

    For whoever may read it; the system does it on their behalf. One kept already is returned as it is.
    Raises NotAllowed, WrongState (not issued), Invalid (it cannot be drawn).
    """
    require(by, Permission.LETTER_VIEW)
    if letter.issued_on is None:
        raise WrongState("这份函件还没有发出。")
    kept = kept_paper(PaperKind.LETTER, letter)
    if kept is not None:
        return kept
    content = letter_data(letter, lines_of(letter), on=letter.issued_on, is_draft=False)
    with drawn(page_of(content), values=content) as page, transaction.atomic():
        Plan.objects.select_for_update(of=("self",)).get(pk=letter.plan_id)
        kept = kept_paper(PaperKind.LETTER, letter)
        return kept or _freeze(letter, content=content, page=page, by=SYSTEM, now=now, is_late=True)


def _addressees(letter: Letter, lines: Sequence[LetterItem], *, today: date) -> list[_Addressee]:
    """Return whom a letter is for: 提醒函 the deputy and the liaison, the graver ones the head, with the overseers in
    copy. Where there is no head, the two contacts stand in. Each person once.
    """
    card = unit_cards([letter.unit], on=today)[0]
    contacts = [
        _Addressee(one.person, CONTACT_ROLE_LABELS[role])
        for role, one in ((ContactRole.DEPUTY, card.deputy), (ContactRole.LIAISON, card.liaison))
        if one is not None
    ]
    head = [_Addressee(card.head.person, POST_KIND_LABELS[PostKind.UNIT_HEAD])] if card.head is not None else []
    if letter.kind == LetterKind.REMIND:
        found = contacts or head
    else:
        leaders = copies_of(letter, lines, on=today)
        copies = [_Addressee(person, "分管或联系领导", is_copy=True) for person, _ in leaders]
        found = [*(head or contacts), *copies]
    return list({one.person.pk: one for one in reversed(found)}.values())[::-1]


def post_to(
    letter: Letter, people: Sequence[tuple[Person, bool]], *, what: str, by: Actor, now: datetime, text: str = ""
) -> None:
    """Tell people of a letter. Its title is all that leaves the system, and says nothing of what it is about."""
    words = text or f"{letter.label}{letter.number_text}：{letter.title}"
    post_messages(
        MessageKind.LETTER,
        messages=[
            NewMessage(
                to=person,
                title="您有 1 份函件待阅" if is_copy else "您有 1 份函件待办",
                text=f"{words}（抄送）" if is_copy else words,
                link=f"/letters/{letter.pk}/",
                dedupe_key=f"letter/{letter.pk}/{what}/{person.pk}",
            )
            for person, is_copy in people
        ],
        by=by,
        now=now,
    )


def _start_clock(letter: Letter, lines: Sequence[LetterItem], *, from_on: date, by: Actor, now: datetime) -> None:
    """Let the unit owe an answer from the day it has the letter; a courtesy asks for none."""
    if letter.is_courtesy:
        return
    workdays = answer_workdays(LetterKind(letter.kind), policy_of(letter.plan).letters)
    matters = {one.matter_id: one.matter for one in lines}
    owe(
        letter.unit,
        plan=letter.plan,
        kind=Owed.LETTER,
        subject=letter,
        title=f"答复{letter.label}{letter.number_text}",
        due_on=use_loaded_notices().add_workdays(from_on, workdays),
        matter=next(iter(matters.values())) if len(matters) == 1 else None,
        by=by,
        now=now,
    )


def _take_up(letter: Letter, lines: Sequence[LetterItem], *, by: Actor, now: datetime) -> None:
    """End what milder letters in the unit's hands say about the same matters: this one now asks for the answer."""
    kind = LetterKind(letter.kind)
    milder = [one.value for one in LetterKind if is_graver(kind, than=one)]
    earlier = LetterItem.objects.filter(
        letter__unit=letter.unit_id,
        letter__kind__in=milder,
        letter__state__in=(LetterState.ISSUED, LetterState.ANSWERED),
        matter__in={one.matter_id for one in lines},
        removed_reason="",
        cured_on=None,
        escalated_on=None,
    )
    letter_ids = set(earlier.values_list("letter_id", flat=True))
    earlier.update(escalated_on=letter.issued_on)
    settle_where_over(letter_ids, outcome=Outcome.ESCALATED, by=by, now=now)


@transaction.atomic
def deliver_letter(letter: Letter, *, delivered_on: date, to: str, by: Actor, now: datetime) -> Letter:
    """纸质送达: a letter nobody of the unit can open in the system was handed over; its clock runs from that day.

    Raises NotAllowed, Invalid, WrongState (delivered already, not issued).
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    name = checked_words(to, what="由谁签收", field="to", most=40)
    since, after = letter.issued_on, "发出的日期"
    past_day(delivered_on, what="送达日期", field="delivered_on", today=day_of(now), since=since, after=after)
    claimed = Letter.objects.filter(
        pk=letter.pk, state__in=(LetterState.ISSUED, LetterState.SETTLED), delivered_on=None
    ).update(delivered_on=delivered_on, delivery=Delivery.PAPER, delivered_to=name)
    if not claimed:
        raise WrongState("这份函件已经送达，或者还没有发出。")
    letter.refresh_from_db()
    if letter.state == LetterState.ISSUED:
        _start_clock(letter, lines_of(letter), from_on=delivered_on, by=by, now=now)
    record(EventName.LETTER_DELIVERED, about(letter, {"delivered_on": delivered_on, "to": name}), by=by, now=now)
    return letter


@transaction.atomic
def read_letter(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """阅读回执: an addressee has opened the letter; again changes nothing. Raises NotAllowed, NotFound (not theirs).

    It is known to the office, and never counted or scored.
    """
    require(by, Permission.LETTER_VIEW)
    if by.person_id is None:
        raise NotFound
    receipts = Receipt.objects.filter(letter=letter, person_id=by.person_id)
    if not receipts.exists():
        raise NotFound
    if receipts.filter(read_at=None).update(read_at=now):
        record(EventName.LETTER_READ, about(letter, {}), by=by, now=now)
    return letter


@transaction.atomic
def withdraw_letter(letter: Letter, *, reason: str, by: Actor, now: datetime) -> Letter:
    """撤回: a signed letter is taken back, with a reason; it keeps its number, and no answer is owed any more.

    Raises NotAllowed, Invalid, WrongState (not signed, or ended).
    """
    require(by, Permission.LETTER_DRAFT, jurisdiction_id=letter.jurisdiction_id)
    words = checked_words(reason, what="撤回的理由", field="reason", most=REASON_LENGTH)
    claim(
        letter,
        LetterState.SIGNED,
        LetterState.ISSUED,
        LetterState.ANSWERED,
        state=LetterState.WITHDRAWN,
        withdrawn_at=now,
        withdrawn_by_name=by.name[:40],
        withdrawn_reason=words,
    )
    let_go(letter, reason="函件已撤回", by=by, now=now)
    if letter.issued_at is not None:
        told = [(one.person, one.is_copy) for one in Receipt.objects.filter(letter=letter).select_related("person")]
        post_to(letter, told, what="withdrawn", text=f"{letter.label}{letter.number_text}已撤回。", by=by, now=now)
        tell(EventName.LETTER_WITHDRAWN, [letter], by=by, now=now, data={"reason": words})
    else:
        record(EventName.LETTER_WITHDRAWN, about(letter, {"reason": words}), by=by, now=now)
    return letter
