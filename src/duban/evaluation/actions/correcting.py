"""更正得分: a fact that is not so, a wrong part, a wrong number; a new sheet with its reason, the former kept."""

from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.bulletins.actions.common import people_of
from duban.calendars.queries import use_loaded_notices
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import WrongState
from duban.core.text import date_text
from duban.evaluation.actions.common import about, claim, locked_sheet, put_back, sheet_link, tell
from duban.evaluation.actions.drawing_up import new_row
from duban.evaluation.models import ScoreSheet
from duban.evaluation.queries import data_of, facts_of_year, figures_for, untrue_by
from duban.evaluation.rules import FROZEN, EvaluationState, ScoreCorrection, checked_words, corrected_sheet
from duban.matters.actions import Behalf, told_by
from duban.matters.queries import policy_of
from duban.matters.rules import CHANNEL_LABELS, Channel

CONTESTED = "这张考评表的异议正在复核，由复核决定更正；复核决定以后才能另行更正。"
_NOT_SHOWN = "考评在单位核对期间才能更正；已经核定的，先重新核对。"


@transaction.atomic
def correct_score(
    sheet: ScoreSheet,
    *,
    correction: ScoreCorrection,
    reason: str,
    by: Actor,
    now: datetime,
    is_decision: bool = False,
) -> ScoreSheet:
    """更正得分: change what a sheet rests on and let the rule score it anew; the former sheet stays beside it.

    Nobody types a score. The unit is told, and has the workdays of an objection from that day.

    is_decision: the decision on an objection, by whoever took no part (the caller has seen to that); it alone corrects
    what is contested and settles it, with no further time. Where the evaluation was confirmed meanwhile, it is put back
    and has to be confirmed anew.
    Raises NotAllowed, Invalid (no reason, an unknown fact, nothing changed), WrongState (not being shown, contested, or
    corrected meanwhile). Source: docs/sources.md#evaluation
    """
    wanted = Permission.OBJECTION_DECIDE if is_decision else Permission.EVALUATION_CORRECT
    require(by, wanted, jurisdiction_id=sheet.evaluation.jurisdiction_id)
    words = checked_words(reason, what="更正的理由", field="reason")
    standing = locked_sheet(sheet)
    if is_decision and standing.contested_at is None:
        raise WrongState("这张考评表的异议刚刚已有决定。")
    if not is_decision and standing.contested_at is not None:
        raise WrongState(CONTESTED)
    evaluation, unit, today = standing.evaluation, standing.unit, day_of(now)
    if is_decision and evaluation.state == EvaluationState.CONFIRMED:
        put_back(evaluation, reason=words, by=by, now=now)
    claim(evaluation, EvaluationState.SHOWN, message=_NOT_SHOWN)
    before = data_of(standing)
    anew = None
    if correction.recounts:
        year = facts_of_year(evaluation.plan, until=evaluation.until)
        anew = next((one for one in year.units if one.unit_id == unit.pk), None)
    later = untrue_by(evaluation, known_on=today).get(unit.pk, [])
    after = corrected_sheet(before, correction, figures_for(evaluation), reason=words, anew=anew, later=later)
    until = standing.objections_until
    if not is_decision:
        days = policy_of(evaluation.plan).objections.score_apply_workdays
        until = use_loaded_notices().add_workdays(today, days)
    ScoreSheet.objects.filter(pk=standing.pk).update(is_current=False)
    row = new_row(evaluation, after, number=standing.number + 1, objections_until=until, reason=words, by=by, now=now)
    row.save()
    row.evaluation, row.unit = evaluation, unit
    data = {
        "reason": words,
        "before": str(standing.score) if standing.score is not None else None,
        "after": str(row.score) if row.score is not None else None,
        "left_out": [one.fact.key for one in after.left_out[len(before.left_out) :]],
        "facts": [len(before.unit.facts), len(after.unit.facts)],
        "taken_in": sorted(correction.taken_in),
        "obligations": [before.unit.obligations, after.unit.obligations],
        "number": row.number,
        "objections_until": until,
    }
    record(EventName.SCORE_CORRECTED, about(evaluation, data, unit=unit), by=by, now=now)
    people = people_of([unit], on=today)[unit.pk]
    time = "" if is_decision else f"。有异议的，可在{date_text(until)}前申请复核；没有异议的不必办理"
    tell(
        [person for person, _ in people],
        title="您单位的考评表有更正",
        text=f"{evaluation.title}：{unit.name}的考评表已更正，理由：{words.rstrip('。')}{time}。",
        link=sheet_link(evaluation, unit.pk),
        what=f"evaluation/{evaluation.pk}/corrected/{unit.pk}/{row.number}",
        by=by,
        now=now,
    )
    return row


@transaction.atomic
def contest_score(sheet: ScoreSheet, *, by: Actor, now: datetime, on: date | None = None) -> ScoreSheet:
    """得分有异议: somebody objects to a sheet in time; until that is decided the evaluation cannot be confirmed.

    A paper that came in time and is entered after the confirmation, or after the year was closed, is taken all the
    same.

    For whoever takes the objection, in its transaction, before it is written (see `hold`).   on: the day a paper came
    that is entered later. Raises NotAllowed, WrongState (too late, contested already, agreed to).
    """
    evaluation = sheet.evaluation
    require(by, Permission.OBJECTION_FILE, unit_id=sheet.unit_id, jurisdiction_id=evaluation.jurisdiction_id)
    standing = locked_sheet(sheet, is_objection=True)
    if standing.evaluation.state not in FROZEN or (on or day_of(now)) > standing.objections_until:
        raise WrongState("这张考评表已经过了提出异议的时候。")
    if standing.agreed_at is not None:
        raise WrongState(f"{standing.unit.name}已经表示对这张考评表没有异议。")
    if standing.contested_at is not None:
        raise WrongState("这张考评表已有异议，正在复核。")
    ScoreSheet.objects.filter(pk=standing.pk).update(contested_at=now)
    standing.contested_at = now
    record(EventName.SCORE_CONTESTED, about(standing.evaluation, {}, unit=standing.unit), by=by, now=now)
    return standing


@transaction.atomic
def agree_to_score(sheet: ScoreSheet, *, by: Actor, now: datetime, behalf: Behalf | None = None) -> ScoreSheet:
    """没有异议: the unit's deputy or head says so before its time is over, and nobody has to wait for it any longer. It
    never has to.

    behalf: how the office, which enters it, was told. Raises NotAllowed, Invalid, WrongState (not being shown, objected
    to, said already).
    """
    place = {"unit_id": sheet.unit_id, "jurisdiction_id": sheet.evaluation.jurisdiction_id}
    is_own = any(sheet.unit_id in one.unit_ids for one in by.held)
    require(by, Permission.OBJECTION_SIGN if is_own else Permission.OBJECTION_FILE, **place)
    told = told_by(behalf, is_own=is_own, act="表示没有异议")
    name = by.name
    if told:
        name = f"{told['informant']}（{CHANNEL_LABELS[Channel(told['channel'])]}，{by.name[:20]}代录）"
    standing = locked_sheet(sheet)
    if standing.evaluation.state != EvaluationState.SHOWN:
        raise WrongState("单位核对期间才能表示没有异议；这项考评已经核定，或者已经作罢。")
    if standing.contested_at is not None:
        raise WrongState("这张考评表已有异议，正在复核。")
    if standing.agreed_at is not None:
        raise WrongState(f"{standing.unit.name}已经表示对这张考评表没有异议。")
    ScoreSheet.objects.filter(pk=standing.pk).update(agreed_at=now, agreed_by_name=name)
    standing.agreed_at, standing.agreed_by_name = now, name
    data = {"number": standing.number, **told}
    record(EventName.SCORE_AGREED, about(standing.evaluation, data, unit=standing.unit), by=by, now=now)
    return standing


@transaction.atomic
def uphold_score(
    sheet: ScoreSheet, *, reason: str, by: Actor, now: datetime, permission: Permission = Permission.OBJECTION_DECIDE
) -> ScoreSheet:
    """维持得分: what was contested is decided without a change (or the objection was withdrawn), with a reason; also
    of a year that is closed.

    permission: what it takes; a unit withdraws its own. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, permission, unit_id=sheet.unit_id, jurisdiction_id=sheet.evaluation.jurisdiction_id)
    words = checked_words(reason, what="维持的理由", field="reason")
    standing = locked_sheet(sheet, is_objection=True)
    if not ScoreSheet.objects.filter(pk=standing.pk, contested_at__isnull=False).update(contested_at=None):
        raise WrongState("这张考评表没有待定的异议。")
    standing.contested_at = None
    record(EventName.SCORE_UPHELD, about(standing.evaluation, {"reason": words}, unit=standing.unit), by=by, now=now)
    return standing
