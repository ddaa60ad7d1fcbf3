"""整改方案、整改报告、复查: the unit hands in, the office reads, returns with a reason, and looks for itself."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from duban.access.rules import Permission, require
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.core.text import date_text
from duban.core.typed import checked_words, past_day
from duban.interviews.actions.common import claim, people_of_unit, post_to, tell
from duban.interviews.models import Interview, Recheck, Rectification
from duban.interviews.rules import (
    PAPER_LABELS,
    REASON_LENGTH,
    FollowUp,
    InterviewState,
    Level,
    Outcome,
    Paper,
    Result,
    checked_lines,
    checked_name,
)
from duban.letters.queries import speaks_for
from duban.matters.actions import Behalf, hold_open, let_go, meet_owed, owe, told_by
from duban.matters.queries import policy_of
from duban.matters.rules import Owed

_BEFORE = {Paper.PLAN: InterviewState.HELD, Paper.REPORT: InterviewState.RECTIFYING}
_HANDED_IN = {Paper.PLAN: InterviewState.PLANNED, Paper.REPORT: InterviewState.REPORTED}
_OWED = {Paper.PLAN: Owed.RECTIFY_PLAN, Paper.REPORT: Owed.RECTIFIED}
_EVENT = {Paper.PLAN: EventName.RECTIFY_PLAN_GIVEN, Paper.REPORT: EventName.RECTIFICATION_REPORTED}


@dataclass(frozen=True, slots=True)
class Handed:
    """What a unit hands in. on: the day it came, where the office enters it; what the unit sends itself comes today."""

    paper: Paper
    text: str
    on: date | None = None


@transaction.atomic
def hand_in(
    interview: Interview, *, handed: Handed, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Rectification:
    """报送整改方案、整改情况: the unit does so itself, or the office for it. behalf: how it told the office then.

    Raises NotAllowed, Invalid, WrongState (not asked for now, or handed in already).
    """
    require(by, Permission.INTERVIEW_ANSWER, unit_id=interview.unit_id, jurisdiction_id=interview.jurisdiction_id)
    told = told_by(behalf, is_own=speaks_for(by, interview.unit_id), act="报送")
    today, label = day_of(now), PAPER_LABELS[handed.paper]
    since, after = interview.held_on, "约谈日期"
    last = Rectification.objects.filter(interview=interview).order_by("-handed_at", "-pk").first()
    if last is not None:
        since, after = last.handed_on, f"报送{PAPER_LABELS[Paper(last.paper)]}的日期"
    given = handed.on if told else today
    day = past_day(given, what="报送日期", field="handed_on", today=today, since=since, after=after)
    text = checked_lines(handed.text, what=f"{label}内容", field="text")
    claim(
        interview,
        _BEFORE[handed.paper],
        message=f"现在不需要报送{label}，或者刚刚已经报送，请看现在的情况。",
        state=_HANDED_IN[handed.paper],
    )
    row = Rectification.objects.create(
        interview=interview,
        paper=handed.paper.value,
        number=_next(interview, handed.paper),
        text=text,
        handed_on=day,
        handed_at=now,
        handed_by_name=by.name[:40],
        **told,
    )
    meet_owed(interview, unit=interview.unit, kind=_OWED[handed.paper], met_on=day, by=by, now=now)
    data = {"text": text, "handed_on": day, "times": row.number, **told}
    tell(_EVENT[handed.paper], interview, data=data, by=by, now=now)
    return row


def _next(interview: Interview, paper: Paper) -> int:
    own = Rectification.objects.filter(interview=interview, paper=paper)
    return (own.aggregate(Max("number"))["number__max"] or 0) + 1


def _last(interview: Interview, paper: Paper) -> Rectification:
    found = Rectification.objects.filter(interview=interview, paper=paper).order_by("-number").first()
    if found is None:
        raise WrongState(f"还没有报送{PAPER_LABELS[paper]}。")
    return found


@transaction.atomic
def accept_plan(interview: Interview, *, by: Actor, now: datetime) -> Interview:
    """认可整改方案: the office is content with the plan; the unit goes about it. Raises NotAllowed, WrongState."""
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    claim(interview, InterviewState.PLANNED, state=InterviewState.RECTIFYING)
    row = _last(interview, Paper.PLAN)
    Rectification.objects.filter(pk=row.pk).update(accepted_at=now, accepted_by_name=by.name[:40])
    tell(EventName.RECTIFY_PLAN_ACCEPTED, interview, data={}, by=by, now=now)
    return interview


@transaction.atomic
def return_paper(interview: Interview, *, paper: Paper, reason: str, by: Actor, now: datetime) -> Interview:
    """退回整改方案、整改报告: the office asks for it anew, with a reason, within the days a plan has, from today.

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    words = checked_words(reason, what="退回的理由", field="reason", most=REASON_LENGTH)
    claim(interview, _HANDED_IN[paper], state=_BEFORE[paper])
    row = _last(interview, paper)
    Rectification.objects.filter(pk=row.pk).update(
        returned_at=now, returned_by_name=by.name[:40], returned_reason=words
    )
    label, today = PAPER_LABELS[paper], day_of(now)
    due_on = use_loaded_notices().add_workdays(today, policy_of(interview.plan).interviews.plan_workdays)
    owe(
        interview.unit,
        plan=interview.plan,
        kind=_OWED[paper],
        subject=interview,
        title=f"重新报送{label}",
        due_on=due_on,
        by=by,
        now=now,
    )
    people = people_of_unit(interview, on=today)
    text = f"{label}已退回：{words} 请于{date_text(due_on)}前重新报送。"
    post_to(interview, people, what=f"returned-{paper}-{row.number}", text=text, by=by, now=now)
    data = {"paper": paper.value, "reason": words, "due_on": due_on}
    tell(EventName.RECTIFICATION_RETURNED, interview, data=data, by=by, now=now)
    return interview


@dataclass(frozen=True, slots=True)
class Checked:
    """What a re-check found. follow_up: what comes after one that found it wanting."""

    on: date
    checked_by: str
    findings: str
    result: Result
    follow_up: FollowUp | None = None


@transaction.atomic
def recheck_interview(interview: Interview, *, checked: Checked, by: Actor, now: datetime) -> Interview:
    """复查: the office looks whether what was demanded is done. Met, the interview is settled. Not met, the unit goes
    on rectifying and reports again; or the interview ends, and the rules propose a talk at the next level.

    Raises NotAllowed, Invalid, WrongState (no report, the minutes are not out, a talk at the next level of a plan that
    is closed). Source: docs/sources.md#interviews
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    today = day_of(now)
    is_met = checked.result is Result.MET
    follow_up = None if is_met else checked.follow_up
    if not is_met and follow_up is None:
        raise Invalid("整改不到位的，请选择继续整改，或者提请上一级约谈。", field="follow_up")
    if follow_up is FollowUp.RAISE and interview.is_inviting:
        raise Invalid("商请面谈不提请上一级，请选择继续整改。", field="follow_up")
    if follow_up is FollowUp.RAISE and interview.level == Level.THIRD:
        raise Invalid("已经是最高一级约谈，请选择继续整改。", field="follow_up")
    if follow_up is FollowUp.RAISE:
        hold_open(interview.plan)  # of a closed year nobody is called to another talk; its rectification goes on
    names = checked_name(checked.checked_by, what="复查人", field="checked_by", most=60)
    findings = checked_lines(checked.findings, what="复查情况", field="findings")
    since, after = interview.held_on, "约谈日期"
    past_day(checked.on, what="复查日期", field="checked_on", today=today, since=since, after=after)
    if interview.minutes_at is None:
        raise WrongState("约谈纪要还没有印发，请先印发纪要。")
    if follow_up is FollowUp.RECTIFY:
        claim(interview, InterviewState.REPORTED, state=InterviewState.RECTIFYING)
    else:
        claim(
            interview,
            InterviewState.REPORTED,
            state=InterviewState.SETTLED,
            settled_on=today,
            settled_at=now,
            settled_by_name=by.name[:40],
            outcome=Outcome.MET if is_met else Outcome.RAISED,
            version=F("version") + 1,
        )
    row = _last(interview, Paper.REPORT)
    Rectification.objects.filter(pk=row.pk).update(accepted_at=now, accepted_by_name=by.name[:40])
    number = Recheck.objects.filter(interview=interview).count() + 1
    Recheck.objects.create(
        interview=interview,
        number=number,
        checked_on=checked.on,
        checked_by=names,
        findings=findings,
        result=checked.result.value,
        follow_up=follow_up.value if follow_up else "",
        entered_at=now,
        entered_by_name=by.name[:40],
    )
    text = "整改情况已复查，整改到位。"
    title = "您有 1 项待阅"
    data = {
        "checked_on": checked.on,
        "checked_by": names,
        "findings": findings,
        "result": checked.result.value,
        "follow_up": follow_up.value if follow_up else "",
    }
    if follow_up is FollowUp.RECTIFY:
        due_on = today + timedelta(days=policy_of(interview.plan).interviews.report_days)
        owe(
            interview.unit,
            plan=interview.plan,
            kind=Owed.RECTIFIED,
            subject=interview,
            title="继续整改，重新报送整改情况",
            due_on=due_on,
            by=by,
            now=now,
        )
        data["due_on"] = due_on.isoformat()
        text, title = f"复查认为整改不到位，请继续整改，{date_text(due_on)}前重新报送整改情况。", ""
    elif not is_met:
        text = "复查认为整改不到位，将提请上一级约谈。"
    if follow_up is not FollowUp.RECTIFY:
        let_go(interview, reason="约谈已办结", by=by, now=now)
    people = people_of_unit(interview, on=today)
    post_to(interview, people, what=f"recheck-{number}", title=title, text=text, by=by, now=now)
    tell(EventName.INTERVIEW_RECHECKED, interview, data=data, by=by, now=now)
    return interview
