"""导出与载入: what went to the appraisal office, and what it wrote into the form."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.core.errors import Invalid
from duban.core.files import keep_bytes
from duban.evaluation.actions.common import about, hold
from duban.evaluation.models import Evaluation, OfficeResult, ResultIntake
from duban.evaluation.queries import read_form

_SHOWN_MOST = 5


@transaction.atomic
def record_evaluation_export(evaluation: Evaluation, *, form: str, by: Actor, now: datetime) -> Event:
    """Write down who carried the figures out, in which form (xlsx, pdf, docx). Changes nothing else."""
    require(by, Permission.EVALUATION_DRAW, jurisdiction_id=evaluation.jurisdiction_id)
    data = {"form": form, "state": evaluation.state, "version": evaluation.version}
    return record(EventName.EVALUATION_EXPORTED, about(evaluation, data), by=by, now=now)


@transaction.atomic
def take_in_results(evaluation: Evaluation, *, data: bytes, file_name: str, by: Actor, now: datetime) -> ResultIntake:
    """载入核查结果: keep the filled-in form byte for byte, and every line of it beside the fact or unit it is about.

    What it names nothing by is kept as it stood. No score changes by it: who finds that a fact is not so corrects the
    sheet. Raises NotAllowed, WrongState (the plan is closed), Invalid (not this form, a result that is none,
    nothing filled in).
    """
    require(by, Permission.EVALUATION_DRAW, jurisdiction_id=evaluation.jurisdiction_id)
    hold(evaluation)
    form = read_form(evaluation, data)
    if form.problems:
        rest = f"另有 {len(form.problems) - _SHOWN_MOST} 处。" if len(form.problems) > _SHOWN_MOST else ""
        raise Invalid("".join(form.problems[:_SHOWN_MOST]) + rest, field="file")
    if not form.results:
        raise Invalid("表格里没有新填的核查结果。", field="file")
    last = ResultIntake.objects.filter(evaluation=evaluation).aggregate(Max("number"))["number__max"] or 0
    intake = ResultIntake.objects.create(
        evaluation=evaluation,
        number=last + 1,
        file_name=file_name[:200],
        digest=keep_bytes(data),
        unread=[list(one) for one in form.unread],
        taken_at=now,
        taken_by_name=by.name[:40],
    )
    OfficeResult.objects.bulk_create(
        OfficeResult(intake=intake, unit_id=one.unit_id, fact_key=one.fact_key, result=one.result, note=one.note)
        for one in form.results
    )
    told = {"file_name": intake.file_name, "digest": intake.digest, "results": len(form.results)}
    record(EventName.RESULTS_TAKEN_IN, about(evaluation, told | {"unread": len(form.unread)}), by=by, now=now)
    return intake
