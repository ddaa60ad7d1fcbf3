"""核定、重新核对、作罢: when every unit's time is over and nothing is open, the table is drawn and kept as it is."""

from datetime import date, datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.clock import day_of
from duban.core.errors import WrongState
from duban.core.text import date_text
from duban.documents.kinds.evaluation_table import paper_of
from duban.evaluation.actions.common import about, claim, put_back
from duban.evaluation.models import Evaluation, ScoreSheet
from duban.evaluation.queries import findings_not_counted, sheets_in_time, table_data
from duban.evaluation.rules import LIVE, EvaluationState, checked_words
from duban.matters.actions import hold_open
from duban.papers.actions import freeze_paper
from duban.papers.drawing import Drawn, drawn
from duban.papers.rules import PaperKind

_NAMED_MOST = 3


def confirm_evaluation(evaluation: Evaluation, *, by: Actor, now: datetime) -> Evaluation:
    """核定: the units' time is over or they said that they agree, nothing is contested, and what was found untrue since
    is counted; the table is drawn and kept, byte for byte.

    Drawn before anything is locked. Raises NotAllowed, WrongState (the plan is closed, a unit still has time, an
    objection is open, a finding is not counted, or corrected meanwhile), Invalid (it cannot be drawn).
    Source: docs/sources.md#evaluation
    """
    require(by, Permission.EVALUATION_CONFIRM, jurisdiction_id=evaluation.jurisdiction_id)
    hold_open(evaluation.plan)  # let go at once: only to say first what stands in the way of everything
    if evaluation.state != EvaluationState.SHOWN:
        raise WrongState("送单位核对以后才能核定；这项考评还没有送，或者已经核定。")
    _check_ready(evaluation, today=day_of(now))
    data = table_data(evaluation, is_draft=False)
    with drawn(paper_of(data), values=data) as page:
        return _confirm(evaluation, page=page, by=by, now=now)


def _check_ready(evaluation: Evaluation, *, today: date) -> None:
    """Raise WrongState, in words that name whom it waits for. The stored rows are read."""
    waiting = sheets_in_time(evaluation, today=today)
    if waiting:
        names = "、".join(one.unit.name for one in waiting[:_NAMED_MOST])
        names += f"等 {len(waiting)} 个单位" if len(waiting) > _NAMED_MOST else ""
        until = date_text(max(one.objections_until for one in waiting))
        raise WrongState(f"{names}可在{until}前提出异议，过了这一天，或者单位表示没有异议，才能核定。")
    contested = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True, contested_at__isnull=False)
    names = "、".join(contested.order_by("unit__order", "unit_id").values_list("unit__name", flat=True))
    if names:
        raise WrongState(f"{names}的异议还没有决定，不能核定。")
    missing = [facts[0] for facts in findings_not_counted(evaluation, known_on=today).values()]
    if missing:
        first = missing[0]
        raise WrongState(f"{date_text(first.on)}对{first.name}的核验结果是不实，还没有计入，先更正有关单位的考评表。")


@transaction.atomic
def _confirm(evaluation: Evaluation, *, page: Drawn, by: Actor, now: datetime) -> Evaluation:
    claim(
        evaluation,
        EvaluationState.SHOWN,
        seen=evaluation.version,
        state=EvaluationState.CONFIRMED,
        confirmed_at=now,
        confirmed_by_name=by.name[:40],
    )
    _check_ready(evaluation, today=day_of(now))
    current = ScoreSheet.objects.filter(evaluation=evaluation, is_current=True)
    corrected = current.filter(number__gt=1).count()
    units = list(current.values_list("unit_id", flat=True))
    data = {"units": len(units), "corrected": corrected}
    record(EventName.EVALUATION_CONFIRMED, about(evaluation, data), by=by, now=now)
    freeze_paper(
        evaluation,
        drawn=page,
        kind=PaperKind.EVALUATION,
        plan=evaluation.plan,
        title=evaluation.title,
        addressee="考评部门",
        dated_on=day_of(now),
        by=by,
        now=now,
    )
    return evaluation


@transaction.atomic
def reopen_evaluation(evaluation: Evaluation, *, reason: str, by: Actor, now: datetime) -> Evaluation:
    """重新核对: a confirmed evaluation whose ground changed afterwards may be corrected again, with a reason.

    What was confirmed stays kept as it was; confirming again adds a version. Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.EVALUATION_CONFIRM, jurisdiction_id=evaluation.jurisdiction_id)
    words = checked_words(reason, what="重新核对的理由", field="reason")
    put_back(evaluation, reason=words, by=by, now=now)
    return evaluation


@transaction.atomic
def drop_evaluation(evaluation: Evaluation, *, reason: str, by: Actor, now: datetime) -> Evaluation:
    """作罢: a draft, or one shown by mistake, is given up with a reason; its sheets stay readable for the office.

    Raises NotAllowed, Invalid, WrongState.
    """
    require(by, Permission.EVALUATION_CONFIRM, jurisdiction_id=evaluation.jurisdiction_id)
    words = checked_words(reason, what="作罢的理由", field="reason")
    claim(
        evaluation,
        *LIVE,
        state=EvaluationState.DROPPED,
        dropped_at=now,
        dropped_by_name=by.name[:40],
        dropped_reason=words,
    )
    record(EventName.EVALUATION_DROPPED, about(evaluation, {"reason": words}), by=by, now=now)
    return evaluation
