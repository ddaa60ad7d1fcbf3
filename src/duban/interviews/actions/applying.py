"""申请、批准: a person applies, a leader approves; proposals are dismissed, talks withdrawn, each with a reason."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from duban.access.rules import ROLE_LABELS, Permission, Role, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import Invalid, NotAllowed, WrongState
from duban.core.typed import checked_words, past_day
from duban.evidence.examining import Examined, NewFile, examined, kept_scan
from duban.instructions.rules import EnteredAs
from duban.interviews.actions.common import about, claim, leaders, people_of_unit, post_to, tell
from duban.interviews.models import DecisionScan, Dismissal, Interview, InterviewGround
from duban.interviews.queries import approver_role, approves_as, leader_words, proposal_for, usual_leader
from duban.interviews.rules import (
    BEFORE_TALK,
    REASON_LENGTH,
    Ground,
    GroundKind,
    InterviewState,
    Level,
    checked_lines,
    checked_name,
    ground_words,
    noun,
)
from duban.matters.actions import hold_open
from duban.matters.models import Assignment, Matter, Plan
from duban.matters.queries import policy_of
from duban.orgs.models import Post, Unit
from duban.orgs.rules import PostKind

_TAKEN = "所列事由刚刚已由他人提起或者注明不予提起，请看现在的情况。"


@dataclass(frozen=True, slots=True)
class Application:
    """What an officer applies for. keys: of the grounds proposed, as the form showed them.

    matter, words: a ground the rules do not know: a leader asks for the talk.   approver, chair: chosen, else the
    usual ones: who oversees the matters, or the head of government.
    """

    unit: Unit
    level: Level
    reason: str
    keys: Sequence[str] = ()
    words: str = ""
    matter: Matter | None = None
    approver: Post | None = None
    chair: Post | None = None


@transaction.atomic
def apply_interview(plan: Plan, *, application: Application, by: Actor, now: datetime) -> Interview:
    """申请约谈: an officer applies for a talk, on grounds the rules propose or a leader's word; never automatic.

    The grounds are judged anew: what no longer stands cannot be applied for. Raises NotAllowed, Invalid, WrongState
    (a ground was taken by somebody else, the plan is closed). Source: docs/sources.md#interviews
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    unit, today = application.unit, day_of(now)
    if unit.jurisdiction_id != plan.jurisdiction_id or unit.merged_into_id is not None:
        raise Invalid("请选择本区现有的单位。", field="unit")
    figures = policy_of(plan)
    grounds = _chosen(plan, unit, keys=application.keys, today=today)
    is_inviting = unit.unit_type in figures.letters.inviting_unit_types
    if is_inviting and not figures.interviews.inviting_talks:
        raise Invalid("督查规则规定对这类单位不提出面谈。", field="unit")
    reason = checked_lines(application.reason, what="申请理由", field="reason")
    rows = [_row(plan, one) for one in grounds]
    if application.words.strip() or application.matter is not None:
        rows.append(_by_hand(plan, application, today=today))
    if not rows:
        raise Invalid("请选择约谈事由，或者写明领导要求。", field="grounds")
    ids = [one.matter_id for one in rows if one.matter_id is not None]
    level = Level.FIRST if is_inviting else application.level
    approver, chair = _leaders(plan, level, application=application, matter_ids=ids)
    interview = Interview.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        unit=unit,
        level=int(level),
        is_inviting=is_inviting,
        reason=reason,
        approver=approver,
        chair=chair,
        applied_on=today,
        applied_at=now,
        applied_by_name=by.name[:40],
    )
    for one in rows:
        one.interview = interview
    _keep(rows)
    data = {
        "level": int(level),
        "reason": reason,
        "grounds": [one.words for one in rows],
        "approver": approver.title,
        "version": interview.version,
    }
    record(EventName.INTERVIEW_APPLIED, about(interview, data), by=by, now=now)
    _ask(interview, by=by, now=now)
    return interview


def _chosen(plan: Plan, unit: Unit, *, keys: Sequence[str], today: date) -> list[Ground]:
    """Return the grounds chosen of those that stand now. Raises WrongState where one no longer does."""
    if not keys:
        return []
    use_loaded_notices()
    proposal = proposal_for(plan, unit.pk, day=today)
    standing = {one.key: one for one in proposal.grounds} if proposal is not None else {}
    if any(key not in standing for key in keys):
        raise WrongState("所选事由有的已经消除，或者已由他人提起、注明不予提起，请看现在的情况。")
    return [standing[key] for key in dict.fromkeys(keys)]


def _row(plan: Plan, one: Ground) -> InterviewGround:
    return InterviewGround(
        plan=plan,
        kind=one.kind.value,
        key=one.key,
        matter_id=one.matter_id,
        since=one.since,
        figures=one.figures,
        words=ground_words(one.kind, one.figures),
    )


def _by_hand(plan: Plan, application: Application, *, today: date) -> InterviewGround:
    words = checked_lines(application.words, what="领导要求约谈的事由", field="words", most=REASON_LENGTH)
    matter = application.matter
    if matter is not None:
        parts = Assignment.objects.filter(matter=matter, unit=application.unit, ended_at=None)
        if matter.plan_id != plan.pk or not parts.exists():
            raise Invalid(f"{application.unit.name}不在{matter}的责任单位中。", field="matter")
    key = f"hand/{application.unit.pk}/{matter.pk if matter else 0}/{today.isoformat()}"
    return InterviewGround(
        plan=plan,
        kind=GroundKind.HAND.value,
        key=key,
        matter=matter,
        since=today,
        figures={"words": words},
        words=words if words.endswith(("。", "；", "！", "？")) else f"{words}。",
    )


def _keep(rows: Sequence[InterviewGround]) -> None:
    """Write grounds down; the same ground stands once. Raises WrongState."""
    try:
        with transaction.atomic():
            InterviewGround.objects.bulk_create(rows)
    except IntegrityError as error:
        raise WrongState(_TAKEN) from error


def _leaders(
    plan: Plan, level: Level, *, application: Application, matter_ids: Sequence[int]
) -> tuple[Post, Post | None]:
    """Return who approves, and who talks (nobody's post at the first level: the office's director). Raises Invalid."""
    role = approver_role(level, policy_of(plan).interviews)
    approver = application.approver or usual_leader(plan, matter_ids, role=role)
    if approver is None:
        raise Invalid(f"请选择由哪位领导批准（{ROLE_LABELS[role]}）。", field="approver")
    kinds = (PostKind.GOVERNMENT_HEAD,) if role is Role.GOVERNMENT_HEAD else (PostKind.GOVERNMENT_HEAD, PostKind.LEADER)
    if approver.jurisdiction_id != plan.jurisdiction_id or approver.unit_id or approver.kind not in kinds:
        raise Invalid(f"这一级约谈由{ROLE_LABELS[role]}批准。", field="approver")
    if level is Level.FIRST:
        return approver, None
    talks = Role.LEADER if level is Level.SECOND else Role.GOVERNMENT_HEAD
    chair = application.chair or usual_leader(plan, matter_ids, role=talks)
    if chair is None:
        raise Invalid(f"请选择由哪位领导约谈（{ROLE_LABELS[talks]}）。", field="chair")
    wanted = PostKind.LEADER if level is Level.SECOND else PostKind.GOVERNMENT_HEAD
    if chair.jurisdiction_id != plan.jurisdiction_id or chair.unit_id or chair.kind != wanted:
        raise Invalid(f"这一级由{ROLE_LABELS[talks]}约谈。", field="chair")
    return approver, chair


def _ask(interview: Interview, *, by: Actor, now: datetime) -> None:
    """Tell the leader that an application waits."""
    people = [one for one in leaders(interview, on=day_of(now)) if _holds(one.pk, interview, on=day_of(now))]
    word = noun(is_inviting=interview.is_inviting)
    post_to(
        interview,
        people,
        what=f"applied-{interview.version}",
        text=f"申请{word}{interview.unit.name}，请批示。",
        by=by,
        now=now,
    )


def _holds(person_id: int, interview: Interview, *, on: date) -> bool:
    return interview.approver.appointments.filter(person_id=person_id, from_on__lte=on).exclude(to_on__lt=on).exists()


@transaction.atomic
def dismiss_proposal(
    plan: Plan, *, unit: Unit, keys: Sequence[str], reason: str, by: Actor, now: datetime
) -> Dismissal:
    """不予提起: the office does not follow a proposal, with a reason; the same grounds are never proposed again.

    Raises NotAllowed, Invalid, WrongState (a ground no longer stands, or was taken; the plan is closed).
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=plan.jurisdiction_id)
    hold_open(plan)
    words = checked_words(reason, what="不予提起的理由", field="reason", most=REASON_LENGTH)
    today = day_of(now)
    grounds = _chosen(plan, unit, keys=keys, today=today)
    if not grounds:
        raise Invalid("没有选中要不予提起的事由。", field="grounds")
    proposal = proposal_for(plan, unit.pk, day=today)
    made = Dismissal.objects.create(
        jurisdiction_id=plan.jurisdiction_id,
        plan=plan,
        unit=unit,
        level=int(proposal.level if proposal else Level.FIRST),
        reason=words,
        dismissed_on=today,
        dismissed_at=now,
        dismissed_by_name=by.name[:40],
    )
    rows = [_row(plan, one) for one in grounds]
    for one in rows:
        one.dismissal = made
    _keep(rows)
    data = {"unit": unit.name, "unit_id": unit.pk, "reason": words, "grounds": [one.words for one in rows]}
    record(EventName.INTERVIEW_DISMISSED, made, by=by, now=now, data=data)
    return made


@dataclass(frozen=True, slots=True)
class Reapplication:
    """What is changed of an application the leader sent back."""

    level: Level
    reason: str
    approver: Post | None = None
    chair: Post | None = None


@transaction.atomic
def reapply_interview(interview: Interview, *, edit: Reapplication, seen: int, by: Actor, now: datetime) -> Interview:
    """重新申请: an application sent back is mended and put before the leader again. seen: the version the form showed.

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    hold_open(interview.plan)
    reason = checked_lines(edit.reason, what="申请理由", field="reason")
    grounds = InterviewGround.objects.filter(interview=interview, matter__isnull=False)
    level = Level.FIRST if interview.is_inviting else edit.level
    application = Application(interview.unit, level, reason, approver=edit.approver, chair=edit.chair)
    ids = list(grounds.values_list("matter_id", flat=True))
    approver, chair = _leaders(interview.plan, level, application=application, matter_ids=[pk for pk in ids if pk])
    before = {"level": interview.level, "reason": interview.reason, "approver": interview.approver.title}
    claim(
        interview,
        InterviewState.SENT_BACK,
        seen=seen,
        state=InterviewState.APPLIED,
        level=int(level),
        reason=reason,
        approver=approver,
        chair=chair,
        sent_back_reason="",
        version=F("version") + 1,
    )
    interview.approver, interview.chair = approver, chair
    after = {"level": int(level), "reason": reason, "approver": approver.title}
    changed = [name for name in after if before[name] != after[name]]
    data = {
        "before": {name: before[name] for name in changed},
        "after": {name: after[name] for name in changed},
        "version": interview.version,
    }
    record(EventName.INTERVIEW_REAPPLIED, about(interview, data), by=by, now=now)
    _ask(interview, by=by, now=now)
    return interview


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A leader's decision as it stands on paper, entered by the secretary or the office. on: the day it bears.

    scan: of that paper, where there is one.
    """

    on: date
    scan: NewFile | None = None


@contextmanager
def _scanned(interview: Interview, paper: OnPaper | None) -> Iterator[Examined | None]:
    """Look at the scan of a decision before anything is locked. Raises Invalid, WrongState."""
    if paper is None or paper.scan is None:
        yield None
        return
    with examined([paper.scan], most_mb=policy_of(interview.plan).evidence.most_mb) as seen:
        yield seen[0]


def _put_scan(
    interview: Interview, seen: Examined | None, *, hand: EnteredAs, on: date, by: Actor, now: datetime
) -> dict[str, str]:
    """Keep the scan of a decision, last of all in its transaction; return what its event tells. A leader who decides
    alone has no paper."""
    if seen is None or hand is EnteredAs.LEADER:
        return {}
    DecisionScan.objects.create(
        interview=interview,
        number=DecisionScan.objects.filter(interview=interview).count() + 1,
        decided_on=on,
        **asdict(kept_scan(seen)),
        added_at=now,
        added_by_name=by.name[:40],
    )
    return {"scan": seen.given_digest}


def _hand(by: Actor, interview: Interview) -> EnteredAs:
    """Return by whose hand a decision is entered. Raises NotAllowed."""
    hand = approves_as(by, interview)
    if hand is None:
        raise NotAllowed(f"这次约谈由{interview.approver.title}批准。")
    return hand


def _decided_by(
    interview: Interview, *, by: Actor, now: datetime, paper: OnPaper | None
) -> tuple[EnteredAs, str, date]:
    """Return by whose hand a decision is entered, whose it is, and of which day. The plan is held open until the
    commit. Raises NotAllowed, Invalid, WrongState (the plan is closed)."""
    hand = _hand(by, interview)
    hold_open(interview.plan)
    today = day_of(now)
    if hand is EnteredAs.LEADER:
        return hand, by.name[:60], today
    given, since = paper.on if paper is not None else None, interview.applied_on
    day = past_day(given, what="批示日期", field="decided_on", today=today, since=since, after="申请日期")
    return hand, leader_words(interview.approver, on=day)[:60], day


def approve_interview(
    interview: Interview, *, by: Actor, now: datetime, seen: int, opinion: str = "", paper: OnPaper | None = None
) -> Interview:
    """批准约谈: the leader approves; the secretary, or the office from the paper the leader signed, enters it.

    seen: the version that was read.   paper: of a secretary or the office. Raises NotAllowed, Invalid, WrongState
    (decided already, or changed meanwhile). Source: docs/sources.md#interviews
    """
    _hand(by, interview)
    words = checked_name(opinion, what="批准意见", field="opinion", most=REASON_LENGTH) if opinion.strip() else ""

    def changes(hand: EnteredAs, whose: str, day: date) -> dict[str, Any]:
        return {
            "state": InterviewState.APPROVED,
            "approved_on": day,
            "approved_at": now,
            "approved_by_name": by.name[:40],
            "approved_for_name": whose,
            "approved_as": hand.value,
            "opinion": words,
        }

    told = {"opinion": words}
    return _decide(
        interview, EventName.INTERVIEW_APPROVED, changes, told=told, day="approved_on", paper=paper, seen=seen, by=by,
        now=now,
    )  # fmt: skip


def refuse_interview(
    interview: Interview, *, reason: str, by: Actor, now: datetime, seen: int, paper: OnPaper | None = None
) -> Interview:
    """不予批准: the leader does not want the talk; its grounds are not proposed again. As `approve_interview`."""
    _hand(by, interview)
    words = checked_words(reason, what="不予批准的理由", field="reason", most=REASON_LENGTH)

    def changes(hand: EnteredAs, whose: str, day: date) -> dict[str, Any]:
        return {
            "state": InterviewState.REFUSED,
            "refused_at": now,
            "refused_by_name": whose[:40],
            "refused_reason": words,
        }

    told = {"reason": words}
    return _decide(
        interview, EventName.INTERVIEW_REFUSED, changes, told=told, day="refused_on", paper=paper, seen=seen, by=by,
        now=now,
    )  # fmt: skip


def send_back_interview(
    interview: Interview, *, reason: str, by: Actor, now: datetime, seen: int, paper: OnPaper | None = None
) -> Interview:
    """退回修改: the leader wants the application mended, says how. As `approve_interview`."""
    _hand(by, interview)
    words = checked_words(reason, what="退回修改的理由", field="reason", most=REASON_LENGTH)

    def changes(hand: EnteredAs, whose: str, day: date) -> dict[str, Any]:
        return {"state": InterviewState.SENT_BACK, "sent_back_reason": words}

    told = {"reason": words}
    return _decide(
        interview, EventName.INTERVIEW_SENT_BACK, changes, told=told, day="sent_back_on", paper=paper, seen=seen,
        by=by, now=now,
    )  # fmt: skip


def _decide(
    interview: Interview,
    name: EventName,
    changes: Callable[[EnteredAs, str, date], dict[str, Any]],
    *,
    told: dict[str, Any],
    day: str,
    paper: OnPaper | None,
    seen: int,
    by: Actor,
    now: datetime,
) -> Interview:
    """Enter what the leader decided, with the scan of the paper where there is one. The scan is examined before
    anything is locked.   changes: from by whose hand, whose decision and of which day; day: what an event calls it."""
    with _scanned(interview, paper) as scan, transaction.atomic():
        hand, whose, on = _decided_by(interview, by=by, now=now, paper=paper)
        claim(interview, InterviewState.APPLIED, seen=seen, **changes(hand, whose, on))
        kept = _put_scan(interview, scan, hand=hand, on=on, by=by, now=now)
        data = {"leader": whose, "entered_as": hand.value, day: on, **told, **kept}
        record(name, about(interview, data), by=by, now=now)
        if kept and scan is not None and scan.file is not None:
            scan.file.keep()
    return interview


@transaction.atomic
def withdraw_interview(interview: Interview, *, reason: str, by: Actor, now: datetime) -> Interview:
    """撤回约谈: before the talk the office takes it back, with a reason; a notice that went out keeps its number.

    Raises NotAllowed, Invalid, WrongState (held, or ended).
    """
    require(by, Permission.INTERVIEW_DRAFT, jurisdiction_id=interview.jurisdiction_id)
    hold_open(interview.plan)
    words = checked_words(reason, what="撤回的理由", field="reason", most=REASON_LENGTH)
    claim(
        interview,
        *BEFORE_TALK,
        message="已经约谈或者已经结束，不能撤回。",
        state=InterviewState.WITHDRAWN,
        withdrawn_at=now,
        withdrawn_by_name=by.name[:40],
        withdrawn_reason=words,
    )
    data: dict[str, Any] = {"reason": words}
    if interview.notified_at is None:
        record(EventName.INTERVIEW_WITHDRAWN, about(interview, data), by=by, now=now)
        return interview
    today = day_of(now)
    told = [*people_of_unit(interview, on=today), *leaders(interview, on=today)]
    word = noun(is_inviting=interview.is_inviting)
    post_to(
        interview,
        told,
        what="withdrawn",
        title="您有 1 项待阅",
        text=f"{word}{interview.number_text}已撤回：{words}",
        by=by,
        now=now,
    )
    tell(EventName.INTERVIEW_WITHDRAWN, interview, by=by, now=now, data=data)
    return interview
