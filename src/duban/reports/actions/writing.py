"""Writing a report: saved as it is typed, handed to the unit's deputy, sent to the office; entered for a unit."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from duban.access.rules import Permission, require
from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Conflict, Invalid, NotFound, WrongState
from duban.matters.actions import Behalf, meet_report, told_by
from duban.matters.models import Assignment, Matter
from duban.matters.queries import policy_of, report_length
from duban.matters.rules import Part
from duban.orgs.models import Unit
from duban.reports.models import Report, ReportVersion
from duban.reports.queries import IN_HAND, has_approver, report_asked
from duban.reports.rules import (
    WRITABLE,
    ReportState,
    Sentence,
    checked_text,
    count_chars,
    traced,
    why_outside,
)


class AlreadySubmitted(WrongState):
    """The same report was handed in a moment ago; there is one record of it."""

    message = "这份报告已经提交过了，不必重复提交。"


@transaction.atomic
def save_draft(
    matter: Matter,
    *,
    unit: Unit,
    report_day: date,
    text: str,
    version: int,
    by: Actor,
    now: datetime,
    sentences: Sequence[Sentence] = (),
) -> Report:
    """Save a report while it is written. Not an event: nobody has said anything yet; handing in is one.

    version: the one the writer saw, 0 where there was none.   sentences: what the draft offered, to trace the text.
    Raises NotAllowed, NotFound, WrongState (handed in already, the matter not in hand), Invalid,
    Conflict (`theirs`: the report as a colleague left it).
    """
    standing = _writable_matter(matter, unit=unit, report_day=report_day, by=by)
    if not _is_own(unit, by=by):
        raise NotFound
    wanted = checked_text(text)
    report = Report.objects.filter(matter=standing, unit=unit, report_day=report_day).first()
    if report is not None and report.state not in WRITABLE:
        raise _handed_in(report)
    if report is not None and report.text == wanted:
        return report
    _check_version(report, version=version, text=wanted, by=by)
    saved = {
        "text": wanted,
        "chars": count_chars(wanted),
        "basis": traced(wanted, sentences, kept=report.basis if report is not None else ()),
        "saved_at": now,
        "saved_by_name": by.name[:40],
    }
    if report is None:
        return _created(standing, unit=unit, report_day=report_day, state=ReportState.DRAFT, **saved)
    return _claimed(report, states=WRITABLE, **saved)


@transaction.atomic
def submit_report(
    matter: Matter,
    *,
    unit: Unit,
    report_day: date,
    text: str,
    version: int,
    by: Actor,
    now: datetime,
    reason_outside: str = "",
    sentences: Sequence[Sentence] = (),
    sign: bool = False,
) -> Report:
    """提交报告 to the unit's deputy, or past him to the office; the text is kept as a version.

    sign: the deputy or head hands it in (or corrects what was handed in) and approves it in one go. Where a unit has
    neither who could sign in here, what its liaison hands in goes to the office: a report does not wait for nobody.
    Outside the length asked for it needs a reason. After the report day it is accepted and counts as late.
    Raises NotAllowed, NotFound, AlreadySubmitted, WrongState, Invalid, Conflict (`theirs`).
    Source: docs/sources.md#reports
    """
    standing = _writable_matter(matter, unit=unit, report_day=report_day, by=by)
    if not _is_own(unit, by=by):
        raise NotFound
    today = day_of(now)
    if sign:
        require(by, Permission.REPORT_APPROVE, unit_id=unit.pk, jurisdiction_id=standing.jurisdiction_id)
    is_unsigned = not sign and not has_approver(unit, on=today)
    is_sent = sign or is_unsigned
    wanted, reason = _checked(standing, text=text, reason_outside=reason_outside)
    report = Report.objects.filter(matter=standing, unit=unit, report_day=report_day).first()
    open_states = (*WRITABLE, ReportState.SUBMITTED) if sign else WRITABLE
    if report is not None and report.state not in open_states:
        raise _handed_in(report, text=wanted)
    _check_version(report, version=version, text=wanted, by=by)
    given: dict[str, Any] = {
        "text": wanted,
        "chars": count_chars(wanted),
        "reason_outside": reason,
        "basis": traced(wanted, sentences, kept=report.basis if report is not None else ()),
        "saved_at": now,
        "saved_by_name": by.name[:40],
        "submitted_at": now,
        "submitted_by_name": by.name[:40],
        "channel": "",
        "informant": "",
        "remark": "",
        "state": ReportState.SUBMITTED,
    }
    if sign and report is not None and report.state == ReportState.SUBMITTED:
        given |= {"submitted_at": report.submitted_at, "submitted_by_name": report.submitted_by_name}
    if is_sent:
        given |= sent_now(report, on=today, by=by, now=now)
    if report is None:
        report = _created(standing, unit=unit, report_day=report_day, **given)
    else:
        report = _claimed(report, states=open_states, **given)
    keep_version(report, by=by, now=now)
    if is_sent:
        meet_report(standing, unit=unit, report_day=report_day, met_on=today, by=by, now=now)
    data = {"text": report.text, "chars": report.chars, "reason_outside": reason}
    if is_unsigned:
        data["is_unsigned"] = True
    name = EventName.REPORT_APPROVED if is_sent else EventName.REPORT_SUBMITTED
    record(name, subject_of_report(report, **data), by=by, now=now)
    return report


@transaction.atomic
def enter_for_unit(
    matter: Matter,
    *,
    unit: Unit,
    report_day: date,
    text: str,
    version: int,
    behalf: Behalf,
    by: Actor,
    now: datetime,
    reason_outside: str = "",
    received_on: date | None = None,
) -> Report:
    """代录报告: the office enters what came on paper or by telephone; it is sent as of the day it came.

    What the unit had begun to write is kept as a version.   received_on: None is today.
    Raises NotAllowed, NotFound, WrongState, Invalid, Conflict (`theirs`).
    """
    standing = _writable_matter(matter, unit=unit, report_day=report_day, by=by)
    require(by, Permission.REPORT_ACCEPT, jurisdiction_id=standing.jurisdiction_id)
    told = told_by(behalf, is_own=_is_own(unit, by=by), act="报送")
    today = day_of(now)
    day = received_on or today
    if not date(standing.plan.year, 1, 1) <= day <= today:
        raise Invalid(f"收到日期应在 {standing.plan.year} 年以内、不晚于今天。", field="received_on")
    wanted, reason = _checked(standing, text=text, reason_outside=reason_outside)
    report = Report.objects.filter(matter=standing, unit=unit, report_day=report_day).first()
    open_states = (*WRITABLE, ReportState.SUBMITTED)
    if report is not None and report.state not in open_states:
        raise _handed_in(report, text=wanted)
    _check_version(report, version=version, text=wanted, by=by)
    if report is not None and report.text and not report.versions.filter(text=report.text).exists():
        keep_version(report, by=by, now=report.saved_at, name=report.saved_by_name)
    given: dict[str, Any] = {
        "text": wanted,
        "chars": count_chars(wanted),
        "reason_outside": reason,
        "basis": traced(wanted, (), kept=report.basis if report is not None else ()),
        "saved_at": now,
        "saved_by_name": by.name[:40],
        "submitted_at": now,
        "submitted_by_name": by.name[:40],
        **told,
        "remark": "",
        **sent_now(report, on=day, by=by, now=now),
    }
    if report is None:
        report = _created(standing, unit=unit, report_day=report_day, **given)
    else:
        report = _claimed(report, states=open_states, **given)
    keep_version(report, by=by, now=now)
    meet_report(standing, unit=unit, report_day=report_day, met_on=day, by=by, now=now)
    data = {
        "text": report.text,
        "chars": report.chars,
        "reason_outside": reason,
        "channel": report.channel,
        "informant": report.informant,
        "received_on": day,
    }
    record(EventName.REPORT_APPROVED, subject_of_report(report, **data), by=by, now=now)
    return report


# ---- shared by the steps


def subject_of_report(report: Report, **data: Any) -> Subject:
    """Return what an event about a report is about: the unit's own business on its matter."""
    return Subject(
        type="report",
        id=report.pk,
        label=str(report),
        matter_id=report.matter_id,
        jurisdiction_id=report.matter.jurisdiction_id,
        data={"unit": report.unit.name, "unit_id": report.unit_id, "report_day": report.report_day, **data},
    )


def sent_now(report: Report | None, *, on: date, by: Actor, now: datetime) -> dict[str, Any]:
    """Return the columns of a report that reaches the office as of a day; the first time stays beside the last."""
    return {
        "state": ReportState.SENT,
        "approved_at": now,
        "approved_by_name": by.name[:40],
        "sent_on": on,
        "first_sent_on": report.first_sent_on if report is not None and report.first_sent_on else on,
    }


def keep_version(report: Report, *, by: Actor, now: datetime, name: str = "") -> None:
    """Keep a report's text as it stands as its next version."""
    last = report.versions.aggregate(Max("number"))["number__max"] or 0
    ReportVersion.objects.create(
        report=report,
        number=last + 1,
        text=report.text,
        chars=report.chars,
        reason_outside=report.reason_outside,
        written_at=now,
        written_by_name=name or by.name[:40],
    )


def _writable_matter(matter: Matter, *, unit: Unit, report_day: date, by: Actor) -> Matter:
    """Return the matter, locked. Raises NotAllowed, NotFound (no lead), WrongState (nothing is asked, not in hand)."""
    require(by, Permission.REPORT_WRITE, unit_id=unit.pk, jurisdiction_id=matter.jurisdiction_id)
    standing = Matter.objects.select_for_update(of=("self",)).select_related("plan__policy").get(pk=matter.pk)
    leads = Assignment.objects.filter(matter=standing, unit=unit, part=Part.LEAD, ended_at=None)
    if not leads.exists():
        raise NotFound(f"{unit.name}不是{standing}的牵头单位。")
    if standing.state not in IN_HAND:
        raise WrongState(f"{standing}{standing.get_state_display()}，不再需要报送。")
    if report_asked(standing, report_day=report_day) is None:
        raise WrongState(f"{standing}这一期不需要报送。")
    return standing


def _is_own(unit: Unit, *, by: Actor) -> bool:
    return any(unit.pk in one.unit_ids for one in by.held)


def _checked(matter: Matter, *, text: str, reason_outside: str) -> tuple[str, str]:
    """Return the text as it is stored and the reason for its length. Raises Invalid."""
    wanted = checked_text(text)
    low, high = report_length(matter.plan)
    allowed = policy_of(matter.plan).reports.exceptions_allowed
    return wanted, why_outside(wanted, low=low, high=high, reason=reason_outside, may_be_outside=allowed)


def _handed_in(report: Report, *, text: str | None = None) -> WrongState:
    if text is not None and text == report.text:
        return AlreadySubmitted()
    if report.state == ReportState.SUBMITTED:
        return WrongState("报告已提交，正待分管领导审签；要改请分管领导退回。")
    return WrongState("报告已报督查室，不能再改；要改请督查室退回。")


def _check_version(report: Report | None, *, version: int, text: str, by: Actor) -> None:
    """Raise Conflict where the report changed since the writer saw it; the same text twice overwrites nothing."""
    if (report.version if report is not None else 0) != version and (report is None or report.text != text):
        raise _changed_meanwhile(report, by=by)


def _changed_meanwhile(report: Report | None, *, by: Actor) -> Conflict:
    is_self = report is not None and report.saved_by_name == by.name[:40]
    who = "您刚刚在另一处" if is_self else "本单位的同事刚刚"
    return Conflict(f"{who}改过这份报告，请对照后再提交。", theirs=report)


def _created(matter: Matter, *, unit: Unit, report_day: date, **columns: Any) -> Report:
    try:
        with transaction.atomic():
            return Report.objects.create(matter=matter, unit=unit, report_day=report_day, **columns)
    except IntegrityError:
        theirs = Report.objects.get(matter=matter, unit=unit, report_day=report_day)
        raise Conflict("本单位的同事刚刚改过这份报告，请对照后再提交。", theirs=theirs)


def _claimed(report: Report, *, states: Sequence[ReportState], **columns: Any) -> Report:
    changed = Report.objects.filter(pk=report.pk, version=report.version, state__in=states).update(
        version=report.version + 1, **columns
    )
    report.refresh_from_db()
    if not changed:
        raise Conflict("本单位的同事刚刚改过这份报告，请对照后再提交。", theirs=report)
    return report
