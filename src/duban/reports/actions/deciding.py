"""Deciding on reports: the unit's deputy approves or gives back; the office accepts or returns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record, record_many
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.matters.actions import meet_report, owe_report_again
from duban.matters.models import Plan
from duban.matters.queries import policy_of, report_length
from duban.orgs.models import Person
from duban.orgs.queries import unit_cards
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.rules import MessageKind
from duban.reports.actions.writing import sent_now, subject_of_report
from duban.reports.models import HollowMark, Report
from duban.reports.queries import IN_HAND
from duban.reports.rules import WITH_THE_OFFICE, ReportState, checked_reason, is_within


@transaction.atomic
def approve_reports(versions: Mapping[int, int], *, by: Actor, now: datetime) -> list[Report]:
    """审签: the unit's deputy or head sends reports to the office, all or none.

    versions: by report id, the version that was read: what changed since is not approved unread.
    Raises NotAllowed, NotFound, WrongState, Invalid (none chosen), Conflict.
    """
    reports = _locked(versions, chosen="请选定要审签的报告。")
    for one in reports:
        require(by, Permission.REPORT_APPROVE, unit_id=one.unit_id, jurisdiction_id=one.matter.jurisdiction_id)
        if not any(one.unit_id in held.unit_ids for held in by.held):
            raise NotFound
    _check(reports, versions, states=(ReportState.SUBMITTED,), done="审签或退改")
    today = day_of(now)
    for one in reports:
        if one.matter.state not in IN_HAND:
            raise WrongState(f"{one.matter}{one.matter.get_state_display()}，不再需要报送。")
        _put(one, states=(ReportState.SUBMITTED,), remark="", **sent_now(one, on=today, by=by, now=now))
        meet_report(one.matter, unit=one.unit, report_day=one.report_day, met_on=today, by=by, now=now)
    subjects = [subject_of_report(one, text=one.text, chars=one.chars) for one in reports]
    record_many(EventName.REPORT_APPROVED, subjects, by=by, now=now)
    return reports


@transaction.atomic
def send_back(report: Report, *, reason: str, by: Actor, now: datetime) -> Report:
    """退改: the unit's deputy or head gives a report back to who wrote it, with reasons. It stays in the unit.

    Raises NotAllowed, NotFound, WrongState, Invalid.
    """
    require(by, Permission.REPORT_APPROVE, unit_id=report.unit_id, jurisdiction_id=report.matter.jurisdiction_id)
    if not any(report.unit_id in one.unit_ids for one in by.held):
        raise NotFound
    said = checked_reason(reason, message="请写明退改的理由。")
    [one] = _locked({report.pk: report.version}, chosen="")
    _put(one, states=(ReportState.SUBMITTED,), state=ReportState.SENT_BACK, remark=said, **_given_back(by=by, now=now))
    record(EventName.REPORT_SENT_BACK, subject_of_report(one, reason=said), by=by, now=now)
    return one


@transaction.atomic
def accept_reports(
    versions: Mapping[int, int], *, by: Actor, now: datetime, exception_reason: str = ""
) -> list[Report]:
    """采用: the office accepts reports, many at once, all or none.

    versions: as in approve_reports.   exception_reason: compulsory where one is shorter or longer than asked for.
    Raises NotAllowed, NotFound, WrongState, Invalid, Conflict. Source: docs/sources.md#reports
    """
    reports = _locked(versions, chosen="请选定要采用的报告。")
    for one in reports:
        require(by, Permission.REPORT_ACCEPT, jurisdiction_id=one.matter.jurisdiction_id)
    _check(reports, versions, states=(ReportState.SENT,), done="采用或退回")
    outside = set()
    for plan in {one.matter.plan_id: one.matter.plan for one in reports}.values():
        low, high = report_length(plan)
        own = [one for one in reports if one.matter.plan_id == plan.pk]
        others = {one.pk for one in own if not is_within(one.chars, low=low, high=high)}
        if others and not policy_of(plan).reports.exceptions_allowed:
            raise Invalid("所选报告中有字数不符的，按督查规则只能退回。", field="exception_reason")
        outside |= others
    said = ""
    if outside:
        message = f"所选报告中有 {len(outside)} 份字数不符，请写明采用的理由。"
        said = checked_reason(exception_reason, message=message, field="exception_reason")
    for one in reports:
        reason = said if one.pk in outside else ""
        accepted = {"accepted_at": now, "accepted_by_name": by.name[:40], "exception_reason": reason}
        _put(one, states=(ReportState.SENT,), state=ReportState.ACCEPTED, **accepted)
    subjects = [
        subject_of_report(one, chars=one.chars, **({"exception_reason": said} if one.pk in outside else {}))
        for one in reports
    ]
    record_many(EventName.REPORT_ACCEPTED, subjects, by=by, now=now)
    return reports


@transaction.atomic
def return_report(report: Report, *, reason: str, by: Actor, now: datetime) -> Report:
    """退回: the office gives a report (an accepted one too) back to the unit, with reasons; it is owed again.

    What was handed in stays as its version; the day it first came stays known. Raises NotAllowed, WrongState, Invalid.
    """
    require(by, Permission.REPORT_ACCEPT, jurisdiction_id=report.matter.jurisdiction_id)
    said = checked_reason(reason, message="请写明退回的理由。")
    [one] = _locked({report.pk: report.version}, chosen="")
    if one.matter.state not in IN_HAND:
        raise WrongState(f"{one.matter}{one.matter.get_state_display()}，不再退回。")
    back = {
        "state": ReportState.RETURNED,
        "remark": said,
        "returns": one.returns + 1,
        "accepted_at": None,
        "accepted_by_name": "",
        "exception_reason": "",
    }
    _put(one, states=WITH_THE_OFFICE, **back, **_given_back(by=by, now=now))
    owe_report_again(one.matter, unit=one.unit, report_day=one.report_day, by=by, now=now)
    record(EventName.REPORT_RETURNED, subject_of_report(one, reason=said, returns=one.returns), by=by, now=now)
    return one


@transaction.atomic
def mark_hollow(report: Report, *, reason: str, by: Actor, now: datetime) -> HollowMark:
    """标记内容空泛: the office says that a report it has, or gave back, says nothing; a fact of the evaluation.

    Nothing marks by itself: a person reads and says why; the unit is told. Raises NotAllowed, WrongState (not handed
    in, marked already), Invalid.
    """
    require(by, Permission.REPORT_ACCEPT, jurisdiction_id=report.matter.jurisdiction_id)
    said = checked_reason(reason, message="请写明哪里空泛。")
    [one] = _locked({report.pk: report.version}, chosen="")
    if one.state not in (*WITH_THE_OFFICE, ReportState.RETURNED):
        raise WrongState("这份报告还没有报来，不能标记。")
    if HollowMark.objects.filter(report=one, lifted_at=None).exists():
        raise WrongState("这份报告已经标记过了。")
    mark = HollowMark.objects.create(report=one, reason=said, marked_at=now, marked_by_name=by.name[:40])
    record(EventName.REPORT_MARKED_HOLLOW, subject_of_report(one, reason=said), by=by, now=now)
    _tell_unit(one, mark=mark, by=by, now=now)
    return mark


def _tell_unit(report: Report, *, mark: HollowMark, by: Actor, now: datetime) -> None:
    """Tell the head and the contacts of a unit of a mark, each once."""
    people: dict[int, Person] = {}
    for card in unit_cards([report.unit], on=day_of(now)):
        people |= {one.person_id: one.person for one in (card.head, card.deputy, card.liaison) if one is not None}
    day = report.report_day
    post_messages(
        MessageKind.EVALUATION,
        messages=[
            NewMessage(
                to=one,
                title="您单位有 1 份报告被标记",
                text=f"{report.matter}{day.month}月{day.day}日的报告被标记为内容空泛：{mark.reason}",
                link=f"/matters/{report.matter_id}/reports/{day.isoformat()}/?unit={report.unit_id}",
                dedupe_key=f"hollow/{mark.pk}/{one.pk}",
            )
            for one in people.values()
        ],
        by=by,
        now=now,
    )


@transaction.atomic
def lift_hollow(mark: HollowMark, *, reason: str, by: Actor, now: datetime) -> HollowMark:
    """取消内容空泛的标记, with a reason; the mark stays readable. Raises NotAllowed, WrongState, Invalid."""
    report = mark.report
    require(by, Permission.REPORT_ACCEPT, jurisdiction_id=report.matter.jurisdiction_id)
    said = checked_reason(reason, message="请写明取消标记的理由。")
    standing = HollowMark.objects.filter(pk=mark.pk, lifted_at=None)
    if not standing.update(lifted_at=now, lifted_by_name=by.name[:40], lifted_reason=said):
        raise WrongState("标记刚刚已经取消了。")
    mark.refresh_from_db(fields=["lifted_at", "lifted_by_name", "lifted_reason"])
    record(EventName.HOLLOW_MARK_LIFTED, subject_of_report(report, reason=said), by=by, now=now)
    return mark


@transaction.atomic
def record_reports_export(plan: Plan, *, report_day: date, form: str, count: int, by: Actor, now: datetime) -> Event:
    """Write down who took how many reports of a day, in which form (docx, xlsx). Changes nothing else."""
    require(by, Permission.REPORT_ACCEPT, jurisdiction_id=plan.jurisdiction_id)
    data = {"form": form, "report_day": report_day, "count": count}
    return record(EventName.REPORTS_EXPORTED, plan, by=by, now=now, data=data)


def _given_back(*, by: Actor, now: datetime) -> dict[str, object]:
    return {"returned_at": now, "returned_by_name": by.name[:40]}


def _locked(versions: Mapping[int, int], *, chosen: str) -> list[Report]:
    """Return these reports, locked, in one order whoever asks. Raises Invalid (none), NotFound (one of them)."""
    if not versions:
        raise Invalid(chosen)
    rows = Report.objects.select_for_update(of=("self",)).select_related("matter__plan__policy", "unit")
    reports = list(rows.filter(pk__in=list(versions)).order_by("pk"))
    if len(reports) != len(versions):
        raise NotFound
    return reports


def _check(reports: Iterable[Report], versions: Mapping[int, int], *, states: Sequence[ReportState], done: str) -> None:
    """Raise WrongState for those a colleague dealt with, Conflict for those that changed since they were read."""
    dealt = [one for one in reports if one.state not in states]
    if dealt:
        names = "、".join(f"{one.unit.name}{one.matter}" for one in dealt[:3])
        raise WrongState(f"{names}等 {len(dealt)} 份报告刚刚已经{done}，请刷新后再看。")
    changed = [one for one in reports if one.version != versions[one.pk]]
    if changed:
        names = "、".join(f"{one.unit.name}{one.matter}" for one in changed[:3])
        raise Conflict(f"{names}的报告刚刚改过，请看过新的文字再办。", theirs=changed)


def _put(report: Report, *, states: Sequence[ReportState], **columns: object) -> None:
    """Take one step from these states. Raises WrongState where somebody else took it first."""
    changed = Report.objects.filter(pk=report.pk, version=report.version, state__in=states).update(
        version=report.version + 1, **columns
    )
    if not changed:
        raise WrongState("这份报告刚刚已经办过了，请刷新后再看。")
    for name, value in {**columns, "version": report.version + 1}.items():
        setattr(report, name, value)
