"""What the lead units say last about a matter, kept where a light reads it."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from duban.access.rules import Permission, require
from duban.core.actor import Actor
from duban.core.errors import NotFound
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
    """Let a matter hold the last percentage and forecast of its lead units, each with its day.

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
    return matter
