"""撤回通报条目: by the decision of a review, after the issue went out; its paper stays as it was issued."""

from datetime import datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.bulletins.actions.common import about
from duban.bulletins.models import Citation
from duban.bulletins.rules import REASON_LENGTH, BulletinState, Section, checked_words
from duban.core.actor import Actor
from duban.core.errors import WrongState
from duban.matters.actions import hold_open


@transaction.atomic
def withdraw_citation(citation: Citation, *, reason: str, by: Actor, now: datetime) -> Citation:
    """撤回条目: an entry of an issued bulletin no longer counts: nothing names the matter by it any more.

    Called down to by a review; the frozen paper is not touched, the page says what became of the entry.
    Raises NotAllowed, Invalid, WrongState (not issued, left out before, withdrawn already, the plan is closed).
    Source: docs/sources.md#objections
    """
    bulletin = citation.bulletin
    require(by, Permission.OBJECTION_DECIDE, jurisdiction_id=bulletin.jurisdiction_id)
    words = checked_words(reason, what="撤回的理由", field="reason", most=REASON_LENGTH)
    hold_open(bulletin.plan)
    standing = Citation.objects.filter(
        pk=citation.pk, bulletin__state=BulletinState.ISSUED, left_out_reason="", withdrawn_at=None
    )
    if not standing.update(withdrawn_at=now, withdrawn_by_name=by.name[:40], withdrawn_reason=words):
        raise WrongState("这一条没有印发，或者已经撤回。")
    citation.refresh_from_db(fields=["withdrawn_at", "withdrawn_by_name", "withdrawn_reason"])
    data = {
        "number": bulletin.number,
        "year": bulletin.number_year,
        "matter": str(citation),
        "section": Section(citation.section).value,
        "reason": words,
    }
    subject = about(bulletin, data, matter_id=citation.matter_id, unit=citation.unit)
    record(EventName.CITATION_WITHDRAWN, subject, by=by, now=now)
    return citation
