"""单位核对: every cited unit is shown its entries; it may correct facts for some working days, and owes nothing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.bulletins.actions.common import about, claim, count_up, of_citation, people_of, tell
from duban.bulletins.models import Bulletin, Citation, Correction, UnitCheck
from duban.bulletins.rules import REASON_LENGTH, BulletinState, checked_words
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotFound, WrongState
from duban.letters.queries import speaks_for
from duban.matters.actions import Behalf, hold_open, told_by
from duban.matters.queries import policy_of
from duban.orgs.models import Unit


@transaction.atomic
def show_to_units(bulletin: Bulletin, *, by: Actor, now: datetime) -> Bulletin:
    """送单位核对: each cited unit is told once; its time begins today. Raises NotAllowed, WrongState.

    Source: docs/sources.md#bulletins
    """
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    claim(
        bulletin,
        BulletinState.DRAFTED,
        seen=bulletin.version,
        state=BulletinState.CORRECTING,
        shown_at=now,
        shown_by_name=by.name[:40],
        sent_back_reason="",
    )
    cited = Unit.objects.filter(citations__bulletin=bulletin, citations__left_out_reason="")
    units = list(cited.distinct().order_by("order", "pk"))
    until = _show(bulletin, units, by=by, now=now)
    data = {"units": [one.name for one in units], "until": until}
    record(EventName.BULLETIN_SHOWN, about(bulletin, data), by=by, now=now)
    return bulletin


def _show(bulletin: Bulletin, units: Sequence[Unit], *, by: Actor, now: datetime) -> object:
    """Let the time of these units begin (anew), and tell their people; return the last day of it."""
    today = day_of(now)
    until = use_loaded_notices().add_workdays(today, policy_of(bulletin.plan).bulletins.correction_workdays)
    known = {one.unit_id: one for one in UnitCheck.objects.filter(bulletin=bulletin, unit__in=units)}
    anew = [one.pk for one in known.values()]
    UnitCheck.objects.filter(pk__in=anew).update(
        shown_on=today,
        until=until,
        round_no=F("round_no") + 1,
        answered_at=None,
        answered_by_name="",
        channel="",
        informant="",
    )
    UnitCheck.objects.bulk_create(
        UnitCheck(bulletin=bulletin, unit=one, shown_on=today, until=until) for one in units if one.pk not in known
    )
    people = people_of(units, on=today)
    for unit in units:
        turn = known[unit.pk].round_no + 1 if unit.pk in known else 1
        tell(
            bulletin,
            [person for person, _ in people[unit.pk]],
            title="您有 1 份通报稿可核对",
            text=f"通报稿拟列入{unit.name}的情况。事实有出入的，可在{until.month}月{until.day}日前更正；无出入的不必办理。",
            what=f"check-{unit.pk}-{turn}",
            link=f"/bulletins/{bulletin.pk}/check/{unit.pk}/",
            by=by,
            now=now,
        )
    return until


def show_anew(citation: Citation, *, by: Actor, now: datetime) -> None:
    """Show a unit an entry whose facts it has not seen so, where the draft is with the units already."""
    bulletin = citation.bulletin
    if bulletin.state == BulletinState.CORRECTING and not citation.left_out_reason:
        _show(bulletin, [citation.unit], by=by, now=now)


@transaction.atomic
def confirm_citations(
    bulletin: Bulletin, *, unit: Unit, by: Actor, now: datetime, behalf: Behalf | None = None
) -> UnitCheck:
    """核对无误: a unit says that the facts of its entries are right; nobody has to. behalf: how it told the office.

    Raises NotAllowed, NotFound (not cited), WrongState (the time is over, or it said so already), Invalid.
    """
    require(by, Permission.BULLETIN_CORRECT, unit_id=unit.pk, jurisdiction_id=bulletin.jurisdiction_id)
    told = told_by(behalf, is_own=speaks_for(by, unit.pk), act="核对")
    check = _answered(bulletin, unit, by=by, now=now, told=told, is_first=True)
    record(EventName.CITATIONS_CONFIRMED, about(bulletin, told, unit=unit), by=by, now=now)
    return check


def _answered(
    bulletin: Bulletin, unit: Unit, *, by: Actor, now: datetime, told: dict[str, str], is_first: bool
) -> UnitCheck:
    """Note that a unit has answered. is_first: it may do so once only. Raises NotFound, WrongState."""
    check = UnitCheck.objects.filter(bulletin=bulletin, unit=unit).first()
    if check is None:
        raise NotFound("这期通报没有列入该单位。")
    hold_open(bulletin.plan)
    if not Bulletin.objects.filter(pk=bulletin.pk, state=BulletinState.CORRECTING).update(version=F("version")):
        raise WrongState("这期通报已经过了核对的时候。")
    if check.until < day_of(now):
        raise WrongState(f"核对时间到{check.until.month}月{check.until.day}日为止，已经过了；有异议的，可申请复核。")
    standing = UnitCheck.objects.filter(pk=check.pk, answered_at=None)
    if not standing.update(answered_at=now, answered_by_name=by.name[:40], **told) and is_first:
        raise WrongState("本单位已经核对过了。")
    check.refresh_from_db()
    return check


@transaction.atomic
def correct_citation(
    citation: Citation, *, text: str, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Correction:
    """更正事实: a unit writes what is not so in its entry; the office decides. behalf: how it told the office.

    Raises NotAllowed, Invalid, WrongState (the time is over, one waits already, or the entry was left out).
    """
    bulletin, unit = citation.bulletin, citation.unit
    require(by, Permission.BULLETIN_CORRECT, unit_id=unit.pk, jurisdiction_id=bulletin.jurisdiction_id)
    told = told_by(behalf, is_own=speaks_for(by, unit.pk), act="核对")
    words = checked_words(text, what="应更正的事实", field=f"text-{citation.pk}")
    _answered(bulletin, unit, by=by, now=now, told=told, is_first=False)
    citation.refresh_from_db(fields=["facts", "left_out_reason"])
    if citation.left_out_reason:
        raise WrongState("这一条已经不列入通报，不必更正。")
    earlier = list(Correction.objects.filter(citation=citation).order_by("number"))
    if earlier and earlier[-1].accepted_at is None and earlier[-1].declined_at is None:
        raise WrongState("这一条已有更正意见，督查室正在核实。")
    correction = Correction.objects.create(
        citation=citation,
        number=len(earlier) + 1,
        text=words,
        before=citation.facts,
        written_at=now,
        written_by_name=by.name[:40],
        **told,
    )
    data = {"text": words, "before": citation.facts, **told}
    record(EventName.CITATION_CORRECTED, of_citation(citation, data), by=by, now=now)
    return correction


@transaction.atomic
def accept_correction(correction: Correction, *, facts: str, by: Actor, now: datetime) -> Correction:
    """采纳更正: the entry says what the unit corrected, as the office words it; both texts stay, the unit is told.

    Raises NotAllowed, Invalid (nothing would change), WrongState (decided already).
    """
    citation = correction.citation
    bulletin = citation.bulletin
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    words = checked_words(facts, what="更正后的事实", field="facts")
    count_up(bulletin)
    citation.refresh_from_db(fields=["facts"])
    if words == citation.facts:
        raise Invalid("事实没有改动；不采纳的，请写明理由。", field="facts")
    _decide(correction, after=words, accepted_at=now, by=by)
    Citation.objects.filter(pk=citation.pk).update(facts=words)
    before, citation.facts = citation.facts, words
    data = {"text": correction.text, "before": before, "after": words}
    record(EventName.CORRECTION_ACCEPTED, of_citation(citation, data), by=by, now=now)
    _tell_decided(correction, f"{citation}的事实更正已采纳。", by=by, now=now)
    return correction


@transaction.atomic
def decline_correction(correction: Correction, *, reason: str, by: Actor, now: datetime) -> Correction:
    """不采纳更正: the entry stays as it is, with a reason the unit is told. Raises NotAllowed, Invalid, WrongState."""
    citation = correction.citation
    bulletin = citation.bulletin
    require(by, Permission.BULLETIN_DRAFT, jurisdiction_id=bulletin.jurisdiction_id)
    words = checked_words(reason, what="不采纳的理由", field="reason", most=REASON_LENGTH)
    count_up(bulletin)
    _decide(correction, declined_reason=words, declined_at=now, by=by)
    data = {"text": correction.text, "reason": words}
    record(EventName.CORRECTION_DECLINED, of_citation(citation, data), by=by, now=now)
    _tell_decided(correction, f"{citation}的事实更正未采纳：{words}", by=by, now=now)
    return correction


def _decide(correction: Correction, *, by: Actor, **values: object) -> None:
    open_ = Correction.objects.filter(pk=correction.pk, accepted_at=None, declined_at=None)
    if not open_.update(decided_by_name=by.name[:40], **values):
        raise WrongState("这条更正意见已有决定。")
    correction.refresh_from_db(fields=["after", "accepted_at", "declined_at", "declined_reason", "decided_by_name"])


def _tell_decided(correction: Correction, text: str, *, by: Actor, now: datetime) -> None:
    citation = correction.citation
    people = people_of([citation.unit], on=day_of(now))[citation.unit_id]
    tell(
        citation.bulletin,
        [person for person, _ in people],
        title="您有 1 条通报更正有结果",
        text=text,
        what=f"decided-{correction.pk}",
        link=f"/bulletins/{citation.bulletin_id}/check/{citation.unit_id}/",
        by=by,
        now=now,
    )
