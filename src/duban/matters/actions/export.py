"""Carrying the ledger out of the house leaves a trace."""

from datetime import datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.models import Event
from duban.audit.rules import EventName
from duban.core.actor import Actor
from duban.matters.models import Plan


@transaction.atomic
def record_export(plan: Plan, *, form: str, view: str, count: int, by: Actor, now: datetime) -> Event:
    """Write down who took how much of the ledger, in which form, narrowed how. Changes nothing else.

    form: xlsx, csv, pdf, docx or json.   view: the address's query.   Raises NotAllowed.
    """
    require(by, Permission.LEDGER_EXPORT, jurisdiction_id=plan.jurisdiction_id)
    data = {"form": form, "view": view, "count": count}
    return record(EventName.LEDGER_EXPORTED, plan, by=by, now=now, data=data)
