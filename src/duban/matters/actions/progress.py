"""What the lead units say last about a matter, and what was found of it, kept where a light reads it."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from duban.access.rules import Permission, require
from duban.core.actor import Actor
from duban.core.errors import NotFound
from duban.matters.actions.duties import keep_nodes
from duban.matters.actions.judging import facts_changed
from duban.matters.models import Matter
from duban.matters.rules import Forecast


@transaction.atomic
def put_progress(
    matter: Matter,
    *,
    pct: Decimal | None,
    pct_on: date | None,
    forecast: Forecast | None,
    forecast_on: date | None,
    by: Actor,
    now: datetime,
) -> Matter:
    """Let a matter hold the last percentage and forecast of its lead units, each with its day; nodes reached are met.

    Called down by whoever enters progress, in that transaction; the event is that entry's (so `now` is its moment).
    Raises NotAllowed, NotFound.
    """
    require(by, Permission.PROGRESS_ENTER, jurisdiction_id=matter.jurisdiction_id)
    changed = Matter.objects.filter(pk=matter.pk).update(
        progress_pct=pct,
        progress_on=pct_on,
        forecast=forecast.value if forecast else "",
        forecast_on=forecast_on,
    )
    if not changed:
        raise NotFound
    matter.refresh_from_db(fields=["progress_pct", "progress_on", "forecast", "forecast_on"])
    keep_nodes(matter, now=now)
    facts_changed([matter.pk], now=now)
    return matter


@transaction.atomic
def put_untrue(
    matter: Matter,
    *,
    found_on: date | None,
    by: Actor,
    now: datetime,
    permission: Permission = Permission.FINDING_JUDGE,
) -> Matter:
    """Let a matter hold the day a report on it was found untrue (不实); None lifts the finding.

    Called down by whoever verifies, in that transaction; the event is that verification's.   permission: by which that
    is done (of an objection decided, that of deciding it). Raises NotAllowed, NotFound.
    """
    require(by, permission, jurisdiction_id=matter.jurisdiction_id)
    if not Matter.objects.filter(pk=matter.pk).update(untrue_on=found_on):
        raise NotFound
    matter.refresh_from_db(fields=["untrue_on"])
    facts_changed([matter.pk], now=now)
    return matter
