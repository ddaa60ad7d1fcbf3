"""送批、批准、印发: frozen when presented, approved by those the policy names, numbered and sent when issued."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from duban.access.rules import ROLE_LABELS, Permission, Role, may, require
from duban.audit.actions import record, record_many
from duban.audit.rules import EventName
from duban.bulletins.actions.common import about, claim, people_of, tell
from duban.bulletins.models import (
    Bulletin,
    BulletinReader,
    BulletinReceipt,
    Citation,
    Correction,
    UnitCheck,
)
from duban.bulletins.queries import (
    Issue,
    approvals_of,
    bulletin_data,
    bulletin_page,
    composed,
    entries_of,
    entry_of,
    may_approve,
    named_addressees,
    units_waited_for,
)
from duban.bulletins.rules import (
    APPROVING_LABELS,
    AUDIENCE_LABELS,
    REASON_LENGTH,
    Approving,
    Audience,
    BulletinState,
    Section,
    checked_words,
    incomplete,
    number_words,
)
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, NotFound, WrongState
from duban.matters.models import Assignment
from duban.orgs.models import Post, Unit
from duban.orgs.queries import post_holders
from duban.orgs.rules import PostKind
from duban.papers.actions import allot_number, freeze_paper
from duban.papers.drawing import Drawn, NumberTaken, drawn, with_next_number
from duban.papers.queries import next_number
from duban.papers.rules import PaperKind

_SHOWN_MOST = 5
_ALL_YEARS = 0
"""The year under which the register counts all issues from the first: 总第×期."""


@transaction.atomic
def present_bulletin(bulletin: Bulletin, *, by: Actor, now: datetime) -> Bulletin:
    """送批: the draft is frozen as it stands and put before whoever approves it.

    Raises NotAllowed, Invalid (an entry without cause or next step, named), WrongState (a unit still has time, a
    correction is not decided, changed since it was read). Source: docs/sources.md#bulletins
    """
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    claim(
        bulletin,
        BulletinState.CORRECTING,
        seen=bulletin.version,
        message="送单位核对以后才能送批；这期通报还没有送，或者刚刚有改动，请看后再送。",
        sent_back_reason="",  # its row is held from here
    )
    today = day_of(now)
    if units_waited_for([bulletin], today=today)[bulletin.pk]:
        last = max(
            UnitCheck.objects.filter(bulletin=bulletin, answered_at=None, until__gte=today).values_list(
                "until", flat=True
            )
        )
        raise WrongState(f"单位核对到{last.month}月{last.day}日为止；全部单位都已核对的，可提前送批。")
    open_notes = Correction.objects.filter(
        citation__bulletin=bulletin, citation__left_out_reason="", accepted_at=None, declined_at=None
    )
    if (count := open_notes.count()) > 0:
        raise WrongState(f"还有 {count} 条更正意见没有决定。")
    entries = entries_of(bulletin)
    problems = incomplete(entry_of(one) for one in entries)
    if problems:
        rest = f"另有 {len(problems) - _SHOWN_MOST} 条。" if len(problems) > _SHOWN_MOST else ""
        raise Invalid("".join(problems[:_SHOWN_MOST]) + rest, field="entries")
    claim(
        bulletin,
        BulletinState.CORRECTING,
        state=BulletinState.PRESENTED,
        presented_at=now,
        presented_by_name=by.name[:40],
        frozen=composed(bulletin),
        version=F("version") + 1,
    )
    data = {"entries": len(entries), "to": [ROLE_LABELS[Role(one)] for one in approvals_of(bulletin).values()]}
    record(EventName.BULLETIN_PRESENTED, about(bulletin, data), by=by, now=now)
    return bulletin


@transaction.atomic
def send_back_bulletin(bulletin: Bulletin, *, reason: str, by: Actor, now: datetime) -> Bulletin:
    """退回修改: whoever approves, or the office itself, takes it back to be worked on, with a reason; approvals fall.

    Raises NotAllowed, Invalid, WrongState.
    """
    place = bulletin.jurisdiction_id
    if not may(by, Permission.BULLETIN_DRAFT, jurisdiction_id=place):
        require(by, Permission.BULLETIN_APPROVE, jurisdiction_id=place)
        if not any(by.holds(role) for role in approvals_of(bulletin).values()):
            raise NotAllowed
    words = checked_words(reason, what="退回修改的理由", field="reason", most=REASON_LENGTH)
    claim(
        bulletin,
        BulletinState.PRESENTED,
        BulletinState.APPROVED,
        state=BulletinState.CORRECTING,
        sent_back_reason=words,
        frozen=None,
        facts_approved_at=None,
        facts_approved_by_name="",
        judgement_approved_at=None,
        judgement_approved_by_name="",
    )
    record(EventName.BULLETIN_SENT_BACK, about(bulletin, {"reason": words}), by=by, now=now)
    return bulletin


@transaction.atomic
def approve_bulletin(bulletin: Bulletin, *, by: Actor, now: datetime) -> Bulletin:
    """批准: whose role approves the facts, or criticism and praise, does so as read; nobody approves for another.

    Approved once all that is needed is given. Raises NotAllowed, WrongState (sent back, presented anew, or approved).
    Source: docs/sources.md#bulletins
    """
    require(by, Permission.BULLETIN_APPROVE, jurisdiction_id=bulletin.jurisdiction_id)
    message = "这期通报刚刚有改动，或者已由他人办理，请看后再批。"
    seen = bulletin.version
    if not Bulletin.objects.filter(pk=bulletin.pk, state=BulletinState.PRESENTED, version=seen).update(version=seen):
        raise WrongState(message)
    bulletin.refresh_from_db(fields=["facts_approved_at", "judgement_approved_at", "frozen"])
    needed = approvals_of(bulletin)
    own = may_approve(by, bulletin)
    if not own:
        roles = "、".join(f"{APPROVING_LABELS[what]}由{ROLE_LABELS[Role(role)]}批准" for what, role in needed.items())
        if any(by.holds(role) for role in needed.values()):
            raise WrongState("您已经批准过了。")
        raise NotAllowed(f"{roles}。")
    changes: dict[str, Any] = {}
    for what in own:
        changes |= {f"{what.value}_approved_at": now, f"{what.value}_approved_by_name": by.name[:40]}
    given = {
        Approving.FACTS: bulletin.facts_approved_at is not None,
        Approving.JUDGEMENT: bulletin.judgement_approved_at is not None,
    }
    if all(given[what] or what in own for what in needed):
        changes["state"] = BulletinState.APPROVED
    claim(bulletin, BulletinState.PRESENTED, seen=seen, message=message, **changes)
    data = {"approved": [APPROVING_LABELS[one] for one in own], "is_whole": bulletin.state == BulletinState.APPROVED}
    record(EventName.BULLETIN_APPROVED, about(bulletin, data), by=by, now=now)
    return bulletin


def issue_bulletin(
    bulletin: Bulletin,
    *,
    by: Actor,
    now: datetime,
    audience: Audience = Audience.ALL,
    units: Sequence[Unit] = (),
    posts: Sequence[Post] = (),
) -> Bulletin:
    """印发: number it, send it to all units of its plan and all leaders, or to those named and those it cites.

    Drawn with the next numbers before anything is locked (see `with_next_number`), and frozen in the same transaction,
    byte for byte. What fails leaves no gap. Every matter it names has it in its story.
    Raises NotAllowed, Invalid (nobody named, it cannot be drawn), WrongState (not approved, or issued already).
    Source: docs/sources.md#bulletins
    """
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    is_named = audience is Audience.NAMED
    if is_named and not units and not posts:
        raise Invalid("请选择印发给哪些单位、领导。", field="units")
    today, place = day_of(now), bulletin.jurisdiction_id
    joined = Bulletin.objects.select_related("plan__policy", "plan__jurisdiction", "snapshot__policy", "since")

    def attempt() -> Bulletin:
        standing = joined.filter(pk=bulletin.pk, state=BulletinState.APPROVED).first()
        if standing is None:
            raise WrongState("批准以后才能印发；这期通报还没有批准，或者已经印发。")
        issue = Issue(
            number=next_number(place, kind=PaperKind.BULLETIN, year=today.year),
            total=next_number(place, kind=PaperKind.BULLETIN, year=_ALL_YEARS),
            issued_on=today,
            addressees=named_addressees(units, posts) if is_named else named_addressees((), ()),
        )
        content, said = bulletin_data(standing, issue=issue), composed(standing)
        values = {"bulletin": replace(content, charts=()), "said": said}  # charts are drawn from what was said
        with drawn(bulletin_page(content, said), values=values) as page:
            return _issue(bulletin, issue=issue, page=page, audience=audience, units=units, posts=posts, by=by, now=now)

    return with_next_number(attempt)


@transaction.atomic
def _issue(
    bulletin: Bulletin,
    *,
    issue: Issue,
    page: Drawn,
    audience: Audience,
    units: Sequence[Unit],
    posts: Sequence[Post],
    by: Actor,
    now: datetime,
) -> Bulletin:
    today = issue.issued_on
    held = Bulletin.objects.filter(pk=bulletin.pk, state=BulletinState.APPROVED)
    if not held.update(version=F("version") + 1):
        raise WrongState("批准以后才能印发；这期通报还没有批准，或者已经印发。")
    told: Any = {"kind": PaperKind.BULLETIN, "by": by, "now": now}
    number = allot_number(bulletin.jurisdiction_id, year=today.year, **told)
    total = allot_number(bulletin.jurisdiction_id, year=_ALL_YEARS, **told)
    if (number, total) != (issue.number, issue.total):
        raise NumberTaken
    claim(
        bulletin,
        BulletinState.APPROVED,
        state=BulletinState.ISSUED,
        number=number,
        number_year=today.year,
        total_number=total,
        audience=audience.value,
        issued_on=today,
        issued_at=now,
        issued_by_name=by.name[:40],
    )
    cited = list(Unit.objects.filter(citations__bulletin=bulletin, citations__left_out_reason="").distinct())
    if audience is Audience.ALL:
        units, posts = _everybody(bulletin)
    else:
        named = [BulletinReader(bulletin=bulletin, unit=one) for one in {one.pk: one for one in units}.values()]
        named += [BulletinReader(bulletin=bulletin, post=one) for one in {one.pk: one for one in posts}.values()]
        BulletinReader.objects.bulk_create(named)
    everybody = {one.pk: one for one in [*units, *cited]}
    people = [one for some in people_of(everybody.values(), on=today).values() for one in some]
    holders = post_holders([one.pk for one in posts], on=today)
    people += [(holders[one.pk], one.title) for one in posts if one.pk in holders]
    once = {person.pk: (person, capacity) for person, capacity in reversed(people)}
    BulletinReceipt.objects.bulk_create(
        BulletinReceipt(bulletin=bulletin, person=person, capacity=capacity[:120])
        for person, capacity in reversed(once.values())
    )
    tell(
        bulletin,
        [person for person, _ in reversed(once.values())],
        title="您有 1 期通报待阅",
        text=f"《政务督查》{today.year}年{number_words(number)}：{bulletin.title}",
        what="issued",
        by=by,
        now=now,
    )
    _record_issue(bulletin, units=[one.name for one in everybody.values()], by=by, now=now)
    freeze_paper(
        bulletin,
        drawn=page,
        kind=PaperKind.BULLETIN,
        plan=bulletin.plan,
        title=bulletin.title,
        addressee=AUDIENCE_LABELS[audience],
        dated_on=today,
        units=list(everybody),
        number=f"《政务督查》{today.year}年{number_words(number)}",
        by=by,
        now=now,
    )
    return bulletin


def _everybody(bulletin: Bulletin) -> tuple[list[Unit], list[Post]]:
    """Return the units that have a part in the plan, and the posts of the place's leaders."""
    parts = Assignment.objects.filter(matter__plan=bulletin.plan_id, ended_at=None).values("unit_id")
    into = Unit.objects.filter(pk__in=parts, merged_into__isnull=False).values("merged_into_id")
    units = Unit.objects.filter(jurisdiction=bulletin.jurisdiction_id, merged_into=None)
    some = units.filter(pk__in=parts) | units.filter(pk__in=into)
    leads = (PostKind.GOVERNMENT_HEAD, PostKind.LEADER)
    posts = Post.objects.filter(jurisdiction=bulletin.jurisdiction_id, kind__in=leads)
    return list(some.distinct().order_by("order", "pk")), list(posts.order_by("order", "pk"))


def _record_issue(bulletin: Bulletin, *, units: list[str], by: Actor, now: datetime) -> None:
    """Record the issue once for itself, and once in the story of each matter it names."""
    numbers = {"number": bulletin.number, "year": bulletin.number_year, "total": bulletin.total_number}
    whole = {**numbers, "audience": bulletin.audience, "units": units}
    subjects = [about(bulletin, whole)]
    named = Citation.objects.filter(bulletin=bulletin, left_out_reason="", matter__isnull=False)
    for one in named.select_related("unit", "matter").order_by("matter__order", "pk"):
        data = {**numbers, "section": Section(one.section).value}
        subjects.append(about(bulletin, data, matter_id=one.matter_id, unit=one.unit))
    record_many(EventName.BULLETIN_ISSUED, subjects, by=by, now=now)


@transaction.atomic
def read_bulletin(bulletin: Bulletin, *, by: Actor, now: datetime) -> Bulletin:
    """阅读回执: somebody it was sent to has opened it; again changes nothing. Raises NotAllowed, NotFound (not theirs).

    It is known to the office, and never counted or scored.
    """
    require(by, Permission.BULLETIN_VIEW)
    if by.person_id is None:
        raise NotFound
    receipts = BulletinReceipt.objects.filter(bulletin=bulletin, person_id=by.person_id)
    if not receipts.exists():
        raise NotFound
    if receipts.filter(read_at=None).update(read_at=now):
        record(EventName.BULLETIN_READ, about(bulletin, {}), by=by, now=now)
    return bulletin
