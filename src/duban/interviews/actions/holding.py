"""通知和方案、约谈、纪要: the plan of the talk, its notice, who comes, what was said, the minutes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, WrongState
from duban.core.text import date_text
from duban.core.typed import checked_words, past_day
from duban.documents.kinds.interview_minutes import InterviewMinutesData
from duban.documents.kinds.interview_notice import InterviewNoticeData
from duban.interviews.actions.common import about, claim, leaders, people_of_unit, post_to, tell
from duban.interviews.models import Demand, Interview, TalkRecord
from duban.interviews.queries import (
    Numbered,
    grounds_in,
    minutes_data,
    minutes_number,
    minutes_page,
    notice_data,
    notice_number,
    notice_page,
    talk_day,
    talk_of,
    time_words,
)
from duban.interviews.rules import (
    AFTER_TALK,
    DEMANDS_MOST,
    LINE_LENGTH,
    REASON_LENGTH,
    InterviewState,
    checked_lines,
    checked_name,
    noun,
)
from duban.letters.queries import speaks_for
from duban.matters.actions import Behalf, hold_open, owe, told_by
from duban.matters.queries import policy_of
from duban.matters.rules import Owed
from duban.papers.actions import allot_number, freeze_paper
from duban.papers.drawing import Drawn, NumberTaken, drawn, with_next_number
from duban.papers.queries import next_number
from duban.papers.rules import PaperKind

_PLACE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Arrangement:
    """约谈方案: when and where, who talks, who is asked to come, who else is there; what the notice says.

    invited: names with their posts, parted by 、; prepare: a line each.
    """

    starts_at: datetime
    place: str
    chair_name: str
    invited: str
    basis: str
    attendants: str = ""
    prepare: str = ""


@transaction.atomic
def arrange_interview(
    interview: Interview, *, arrangement: Arrangement, seen: int, by: Actor, now: datetime
) -> Interview:
    """约谈方案: the office plans an approved talk; its notice is drawn from it. seen: the version the form showed.

    Raises NotAllowed, Invalid, WrongState (not approved, the notice is out, changed meanwhile).
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    hold_open(interview.plan)
    given = arrangement
    if given.starts_at <= now:
        raise Invalid("约谈时间应在现在之后。", field="starts_at")
    values: dict[str, Any] = {
        "starts_at": given.starts_at,
        "place": checked_name(given.place, what="地点", field="place", most=_PLACE_LENGTH),
        "chair_name": checked_name(given.chair_name, what="约谈人", field="chair_name", most=_PLACE_LENGTH),
        "invited": checked_name(given.invited, what="约谈对象", field="invited"),
        "attendants": "",
        "basis": checked_lines(given.basis, what="依据", field="basis"),
        "prepare": checked_lines(given.prepare, what="有关准备", field="prepare", is_required=False),
    }
    if given.attendants.strip():
        values["attendants"] = checked_name(given.attendants, what="参加人员", field="attendants")
    before = {name: getattr(interview, name) for name in values}
    claim(
        interview,
        InterviewState.APPROVED,
        seen=seen,
        message="批准以后、发出通知以前才能定方案；这次约谈刚刚有改动，请看现在的情况。",
        arranged_at=now,
        arranged_by_name=by.name[:40],
        version=F("version") + 1,
        **values,
    )
    changed = [name for name in values if before[name] != values[name]]
    words = {name: str(values[name]) for name in changed}
    data = {"before": {name: str(before[name] or "") for name in changed}, "after": words}
    record(EventName.INTERVIEW_ARRANGED, about(interview, data), by=by, now=now)
    return interview


def issue_notice(interview: Interview, *, by: Actor, now: datetime) -> Interview:
    """发约谈通知书: number it, freeze it, tell the unit and the leaders; from now on the unit sees the talk.

    Drawn with the next number before anything is locked (see `with_next_number`). Raises NotAllowed, Invalid (no plan,
    too soon before the talk, it cannot be drawn), WrongState (not approved, or issued already).
    Source: docs/sources.md#interviews
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    today, place = day_of(now), interview.jurisdiction_id
    joined = Interview.objects.select_related("unit", "approver", "chair", "plan__policy", "plan__jurisdiction")

    def attempt() -> Interview:
        standing = joined.filter(pk=interview.pk, state=InterviewState.APPROVED).first()
        if standing is None:
            raise WrongState("批准以后才能发通知；这次约谈还没有批准，或者通知已经发出。")
        if standing.arranged_at is None:
            raise Invalid("请先定约谈方案：时间、地点、约谈人和约谈对象。", field="arrange")
        workdays = policy_of(standing.plan).interviews.notice_workdays
        on = talk_day(standing) or today
        if on < (first := use_loaded_notices().add_workdays(today, workdays)):
            raise Invalid(
                f"通知书应至少提前 {workdays} 个工作日发出，今天发出的，约谈不早于{date_text(first)}。请先改约谈时间。",
                field="arrange",
            )
        number = next_number(place, kind=PaperKind.INTERVIEW, year=today.year)
        issued = Numbered(number, notice_number(standing, number=number, year=today.year), today)
        content = notice_data(standing, grounds_in(standing), issued=issued, on=today)
        with drawn(notice_page(content), values=content) as page:
            return _issue_notice(interview, seen=standing.version, issued=issued, content=content, page=page, **told)

    told: Any = {"by": by, "now": now}
    return with_next_number(attempt)


@transaction.atomic
def _issue_notice(
    interview: Interview,
    *,
    seen: int,
    issued: Numbered,
    content: InterviewNoticeData,
    page: Drawn,
    by: Actor,
    now: datetime,
) -> Interview:
    hold_open(interview.plan)
    claim(
        interview,
        InterviewState.APPROVED,
        seen=seen,
        message="批准以后才能发通知；这次约谈刚刚有改动，或者通知已经发出。",
        version=F("version") + 1,  # its row is held from here
    )
    told: Any = {"by": by, "now": now}
    year = issued.on.year
    if allot_number(interview.jurisdiction_id, kind=PaperKind.INTERVIEW, year=year, **told) != issued.number:
        raise NumberTaken
    claim(
        interview,
        InterviewState.APPROVED,
        state=InterviewState.NOTIFIED,
        notified_on=issued.on,
        notified_at=now,
        notified_by_name=by.name[:40],
        number=issued.number,
        number_year=year,
        number_text=issued.text,
    )
    people = [*people_of_unit(interview, on=issued.on), *leaders(interview, on=issued.on)]
    word = noun(is_inviting=interview.is_inviting)
    assert interview.starts_at is not None  # held by a constraint
    text = f"{word}通知{issued.text}：{time_words(interview.starts_at)}，{interview.place}。"
    post_to(interview, people, what="notified", text=text, **told)
    data = {
        "starts_at": interview.starts_at,
        "place": interview.place,
        "chair": interview.chair_name,
        "invited": interview.invited,
    }
    tell(EventName.INTERVIEW_NOTIFIED, interview, data=data, **told)
    freeze_paper(
        interview,
        drawn=page,
        kind=PaperKind.INTERVIEW,
        plan=interview.plan,
        title=content.title,
        addressee=content.recipient,
        dated_on=issued.on,
        units=[interview.unit_id],
        number=issued.text,
        **told,
    )
    return interview


@transaction.atomic
def postpone_interview(
    interview: Interview, *, starts_at: datetime, place: str, reason: str, by: Actor, now: datetime
) -> Interview:
    """改期: a talk announced is moved, with a reason; the notice stays as it went out, and everybody is told.

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    hold_open(interview.plan)
    words = checked_words(reason, what="改期的理由", field="reason", most=REASON_LENGTH)
    where = checked_name(place, what="地点", field="place", most=_PLACE_LENGTH)
    if starts_at <= now:
        raise Invalid("约谈时间应在现在之后。", field="starts_at")
    before = interview.starts_at
    claim(
        interview,
        InterviewState.NOTIFIED,
        starts_at=starts_at,
        place=where,
        postponed_reason=words,
        version=F("version") + 1,
    )
    today = day_of(now)
    people = [*people_of_unit(interview, on=today), *leaders(interview, on=today)]
    text = f"{interview.number_text}改期：{time_words(starts_at)}，{where}。{words}"
    post_to(interview, people, what=f"postponed-{interview.version}", text=text, by=by, now=now)
    data = {"was": before, "starts_at": starts_at, "place": where, "reason": words}
    tell(EventName.INTERVIEW_POSTPONED, interview, data=data, by=by, now=now)
    return interview


@transaction.atomic
def confirm_attendance(
    interview: Interview, *, attending: str, by: Actor, now: datetime, behalf: Behalf | None = None
) -> Interview:
    """确认参加: the unit says who comes; until the talk it may say so anew. The office enters it for those on the
    telephone. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.INTERVIEW_ANSWER, unit_id=interview.unit_id, jurisdiction_id=interview.jurisdiction_id)
    hold_open(interview.plan)
    told = told_by(behalf, is_own=speaks_for(by, interview.unit_id), act="确认")
    names = checked_name(attending, what="参加人员", field="attending")
    claim(
        interview,
        InterviewState.NOTIFIED,
        message="约谈已经结束，或者已经撤回。",
        attending=names,
        confirmed_at=now,
        confirmed_by_name=by.name[:40],
        confirmed_channel=told.get("channel", ""),
        confirmed_informant=told.get("informant", ""),
    )
    record(EventName.INTERVIEW_CONFIRMED, about(interview, {"attending": names, **told}), by=by, now=now)
    return interview


# ---- the talk and its minutes


@dataclass(frozen=True, slots=True)
class Demanded:
    """One demand. due_on: by when, or None."""

    words: str
    unit_name: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said, as its record holds it. present, absent: names parted by 、."""

    held_on: date
    place: str
    chair_name: str
    present: str
    recorder: str
    reasons: str
    explanation: str
    undertaking: str
    demands: Sequence[Demanded]
    absent: str = ""


@transaction.atomic
def hold_interview(interview: Interview, *, talk: Talk, by: Actor, now: datetime) -> Interview:
    """登记约谈: what was said: reasons, the unit's explanation, demands, its undertaking. The unit owes a plan and a
    report from the day of the talk. Raises NotAllowed, Invalid, WrongState (no notice, or held already).

    Source: docs/sources.md#interviews
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    hold_open(interview.plan)
    today = day_of(now)
    since, after = interview.notified_on, "发出通知的日期"
    past_day(talk.held_on, what="约谈日期", field="held_on", today=today, since=since, after=after)
    values = _checked(talk)
    demands = _checked_demands(talk)
    claim(
        interview,
        InterviewState.NOTIFIED,
        message="发出通知以后才能登记约谈；这次约谈还没有通知，或者已经登记。",
        state=InterviewState.HELD,
        held_on=talk.held_on,
        held_at=now,
        held_by_name=by.name[:40],
        version=F("version") + 1,
    )
    row = TalkRecord.objects.create(interview=interview, **values)
    _put_demands(row, demands)
    figures = policy_of(interview.plan).interviews
    plan_on = use_loaded_notices().add_workdays(talk.held_on, figures.plan_workdays)
    word = noun(is_inviting=interview.is_inviting)
    report_on = talk.held_on + timedelta(days=figures.report_days)
    for kind, title, due_on in (
        (Owed.RECTIFY_PLAN, f"报送{word}整改方案", plan_on),
        (Owed.RECTIFIED, f"报送{word}整改情况", report_on),
    ):
        owe(
            interview.unit,
            plan=interview.plan,
            kind=kind,
            subject=interview,
            title=title,
            due_on=due_on,
            by=by,
            now=now,
        )
    people = people_of_unit(interview, on=today)
    text = f"请于{date_text(plan_on)}前报送整改方案，{date_text(report_on)}前报送整改情况。"
    post_to(interview, people, what="held", text=text, by=by, now=now)
    data = {
        "held_on": talk.held_on,
        "chair": values["chair_name"],
        "present": values["present"],
        "demands": [one.words for one in demands],
        "plan_on": plan_on,
        "report_on": report_on,
    }
    tell(EventName.INTERVIEW_HELD, interview, data=data, by=by, now=now)
    return interview


def _checked(talk: Talk) -> dict[str, str]:
    """Return the words of a record as they are kept. Raises Invalid."""
    values = {
        "place": checked_name(talk.place, what="地点", field="place", most=_PLACE_LENGTH),
        "chair_name": checked_name(talk.chair_name, what="主持人", field="chair_name", most=_PLACE_LENGTH),
        "present": checked_name(talk.present, what="出席人员", field="present"),
        "absent": "",
        "recorder": checked_name(talk.recorder, what="记录人", field="recorder", most=40),
        "reasons": checked_lines(talk.reasons, what="约谈原因", field="reasons"),
        "explanation": checked_lines(talk.explanation, what="单位说明的情况", field="explanation"),
        "undertaking": checked_lines(talk.undertaking, what="单位的承诺", field="undertaking"),
    }
    if talk.absent.strip():
        values["absent"] = checked_name(talk.absent, what="请假人员", field="absent")
    return values


def _checked_demands(talk: Talk) -> list[Demanded]:
    found = []
    for place, one in enumerate(talk.demands):
        if not one.words.strip() and not one.unit_name.strip() and one.due_on is None:
            continue
        words = checked_name(one.words, what="约谈要求", field=f"demand-{place}", most=LINE_LENGTH)
        unit = checked_name(one.unit_name, what="责任单位", field=f"demand-unit-{place}", most=60)
        if one.due_on is not None and one.due_on < talk.held_on:
            raise Invalid("要求的完成时间不能早于约谈日期。", field=f"demand-due-{place}")
        found.append(Demanded(words, unit, one.due_on))
    if not found:
        raise Invalid("请至少写明一条约谈要求。", field="demand-0")
    if len(found) > DEMANDS_MOST:
        raise Invalid(f"约谈要求最多 {DEMANDS_MOST} 条。", field="demand-0")
    return found


def _put_demands(row: TalkRecord, demands: Sequence[Demanded]) -> None:
    Demand.objects.bulk_create(
        Demand(talk=row, order=place, **asdict(one)) for place, one in enumerate(demands, start=1)
    )


@transaction.atomic
def edit_talk(interview: Interview, *, talk: Talk, seen: int, by: Actor, now: datetime) -> Interview:
    """改约谈记录: until the minutes are issued the record may be mended; the day of the talk stays.

    seen: the version the form showed. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    hold_open(interview.plan)
    values, demands = _checked(talk), _checked_demands(talk)
    standing = Interview.objects.filter(pk=interview.pk, state__in=AFTER_TALK, minutes_at=None, version=seen)
    if not standing.update(version=F("version") + 1):
        raise WrongState("纪要已经印发，或者记录刚刚由他人修改，请看现在的情况。")
    row = TalkRecord.objects.get(interview=interview)
    before = {name: getattr(row, name) for name in values}
    before["demands"] = list(Demand.objects.filter(talk=row).order_by("order").values_list("words", flat=True))
    TalkRecord.objects.filter(pk=row.pk).update(**values)
    Demand.objects.filter(talk=row).delete()
    _put_demands(row, demands)
    after: dict[str, Any] = {**values, "demands": [one.words for one in demands]}
    changed = [name for name in after if before[name] != after[name]]
    data = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
    interview.refresh_from_db(fields=["version"])
    record(EventName.TALK_EDITED, about(interview, data), by=by, now=now)
    return interview


def issue_minutes(interview: Interview, *, by: Actor, now: datetime) -> Interview:
    """印发约谈纪要: number the minutes and freeze them; the unit and the leaders get them.

    Drawn with the next number before anything is locked. Raises NotAllowed, Invalid (it cannot be drawn), WrongState
    (not held, or issued already).
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    today, place = day_of(now), interview.jurisdiction_id
    joined = Interview.objects.select_related("unit", "approver", "chair", "plan__policy", "plan__jurisdiction")

    def attempt() -> Interview:
        standing = joined.filter(pk=interview.pk, state__in=AFTER_TALK, minutes_at=None).first()
        talk = talk_of(interview) if standing is not None else None
        if standing is None or talk is None:
            raise WrongState("约谈以后才能印发纪要；这次约谈还没有登记，或者纪要已经印发。")
        number = next_number(place, kind=PaperKind.MINUTES, year=today.year)
        issued = Numbered(number, minutes_number(number=number, year=today.year), today)
        content = minutes_data(standing, talk, issued=issued, on=today)
        with drawn(minutes_page(content), values=content) as page:
            return _issue_minutes(
                interview, seen=standing.version, issued=issued, content=content, page=page, by=by, now=now
            )

    return with_next_number(attempt)


@transaction.atomic
def _issue_minutes(
    interview: Interview,
    *,
    seen: int,
    issued: Numbered,
    content: InterviewMinutesData,
    page: Drawn,
    by: Actor,
    now: datetime,
) -> Interview:
    hold_open(interview.plan)
    standing = Interview.objects.filter(pk=interview.pk, state__in=AFTER_TALK, minutes_at=None, version=seen)
    if not standing.update(version=F("version") + 1):
        raise WrongState("纪要已经印发，或者约谈记录刚刚有改动，请看现在的情况。")
    told: Any = {"by": by, "now": now}
    year = issued.on.year
    if allot_number(interview.jurisdiction_id, kind=PaperKind.MINUTES, year=year, **told) != issued.number:
        raise NumberTaken
    claim(
        interview,
        *AFTER_TALK,
        minutes_on=issued.on,
        minutes_at=now,
        minutes_by_name=by.name[:40],
        minutes_number=issued.number,
        minutes_number_year=year,
    )
    people = [*people_of_unit(interview, on=issued.on), *leaders(interview, on=issued.on)]
    word = noun(is_inviting=interview.is_inviting)
    text = f"{interview.number_text}的{word}纪要已经印发。"
    post_to(interview, people, what="minutes", title="您有 1 项待阅", text=text, **told)
    tell(EventName.INTERVIEW_MINUTES_ISSUED, interview, data={"minutes": issued.text}, **told)
    freeze_paper(
        interview,
        drawn=page,
        kind=PaperKind.MINUTES,
        plan=interview.plan,
        title=content.title,
        addressee=content.names[0],
        dated_on=issued.on,
        units=[interview.unit_id],
        number=f"{content.mark}{issued.text}",
        **told,
    )
    return interview
