"""What the actions of evaluation share: claiming, the trail, telling people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from duban.audit.actions import Subject, record
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.claiming import claim_row
from duban.core.errors import WrongState
from duban.evaluation.models import Evaluation, ScoreSheet
from duban.evaluation.rules import EvaluationState
from duban.matters.actions import hold_open
from duban.matters.models import Plan
from duban.orgs.models import Person, Unit
from duban.outbox.actions import NewMessage, post_messages
from duban.outbox.rules import MessageKind

CHANGED = "这项考评刚刚已由他人办理，请看现在的情况。"


def claim(
    evaluation: Evaluation, *states: EvaluationState, message: str = CHANGED, seen: int | None = None, **changes: Any
) -> None:
    """Change an evaluation that stands in one of these states and count it up, or raise WrongState: somebody was first,
    or the plan is closed.

    seen: only the version the acting person saw. Its row is held until the commit.
    """
    hold_open(evaluation.plan)
    claim_row(evaluation, states, message=message, seen=seen, version=F("version") + 1, **changes)


def about(evaluation: Evaluation, data: dict[str, Any], *, unit: Unit | None = None) -> Subject:
    """Return the subject of an event of an evaluation; with a unit, it is that unit's own."""
    told = {"unit": unit.name, "unit_id": unit.pk} if unit is not None else {}
    return Subject(
        type="evaluation",
        id=evaluation.pk,
        label=str(evaluation),
        jurisdiction_id=evaluation.jurisdiction_id,
        data={"evaluation": evaluation.title, **told, **data},
    )


def sheet_link(evaluation: Evaluation, unit_id: int) -> str:
    """Return where a unit reads its sheet."""
    return f"/evaluations/{evaluation.pk}/units/{unit_id}/"


def tell(people: Iterable[Person], *, title: str, text: str, link: str, what: str, by: Actor, now: datetime) -> None:
    """Tell people of an evaluation, each once. title: all that leaves the system; no business in it."""
    post_messages(
        MessageKind.EVALUATION,
        messages=[
            NewMessage(to=one, title=title, text=text, link=link, dedupe_key=f"{what}/{one.pk}") for one in people
        ],
        by=by,
        now=now,
    )


def put_back(evaluation: Evaluation, *, reason: str, by: Actor, now: datetime) -> None:
    """Let a confirmed evaluation be corrected again; what was confirmed stays kept. Raises WrongState."""
    claim(
        evaluation,
        EvaluationState.CONFIRMED,
        message="只有已经核定的考评才能重新核对。",
        state=EvaluationState.SHOWN,
        confirmed_at=None,
        confirmed_by_name="",
        reopened_reason=reason,
    )
    record(EventName.EVALUATION_REOPENED, about(evaluation, {"reason": reason}), by=by, now=now)


def hold(evaluation: Evaluation, *, is_objection: bool = False) -> None:
    """Hold an evaluation's row until the commit. Raises WrongState: the plan is closed.

    is_objection: units have their days to object whether or not the year is closed; what an objection changes of a
    score has to wait until the plan is opened again.
    Locks here are taken in one order, or two at once may wait for each other for ever: the plan, the evaluation, its
    sheet. What refers to one of these is written after it is held: a row that does holds its key.
    """
    if is_objection:
        Plan.objects.select_for_update(of=("self",)).get(pk=evaluation.plan_id)
    else:
        hold_open(evaluation.plan)
    Evaluation.objects.select_for_update(of=("self",)).get(pk=evaluation.pk)


def locked_sheet(sheet: ScoreSheet, *, is_objection: bool = False) -> ScoreSheet:
    """Return the sheet as it stands, its plan's row, its evaluation's and its own held until the commit. Raises
    WrongState where it is no longer current, or the plan is closed (see `hold`).
    """
    hold(sheet.evaluation, is_objection=is_objection)
    joined = ScoreSheet.objects.select_for_update(of=("self",)).select_related(
        "evaluation__plan__policy", "evaluation__policy", "unit"
    )
    found = joined.filter(pk=sheet.pk, is_current=True).first()
    if found is None:
        raise WrongState("这张考评表刚刚已经更正，请看现在的情况。")
    return found
