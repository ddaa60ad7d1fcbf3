"""A year's notice changes which days are worked, and so when a light turns."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from duban.calendars.actions import load_notice
from duban.calendars.models import YearNotice
from duban.calendars.rules import NamedDay
from duban.core.actor import Actor
from duban.lights.actions.judging import judge
from duban.matters.models import Matter
from duban.matters.rules import LIT_STATES


@transaction.atomic
def load_year(days: Sequence[NamedDay], *, year: int, title: str, by: Actor, now: datetime) -> YearNotice:
    """载入放假安排 of a year, and judge every matter with a light by it. Doors call this one.

    Raises what `calendars.actions.load_notice` raises.
    """
    notice = load_notice(days, year=year, title=title, by=by, now=now)
    judge(list(Matter.objects.filter(state__in=LIT_STATES).values_list("pk", flat=True)), by=by, now=now)
    return notice
