"""Which calendar holds: read from the database, and put where `core.workdays` answers from."""

from collections import defaultdict
from datetime import date, datetime

from django.db.models import Count, Max, Q

from duban.calendars.models import NoticeDay, YearNotice
from duban.core.workdays import Workdays, calendar_of, notices_in_use, use_notices, workdays_now


def use_loaded_notices() -> Workdays:
    """Let this process work by the notices the database holds now, and return that calendar; one statement, two where
    somebody loaded one since.

    Doors call it before anything is changed, jobs before they begin, the judge of lights within its transaction:
    several processes then count the same days.
    """
    key = YearNotice.objects.aggregate(number=Max("pk"), at=Max("loaded_at"))
    if notices_in_use() != (now := (key["number"], key["at"])):
        use_notices(loaded_calendar(None), key=now)
    return workdays_now()


def loaded_calendar(at: datetime | None) -> Workdays:
    """Return the calendar with the last notice of each year, of those loaded by a moment (None: of all)."""
    loaded = YearNotice.objects.all() if at is None else YearNotice.objects.filter(loaded_at__lte=at)
    last = dict(loaded.order_by("pk").values_list("year", "pk"))
    days: dict[int, list[tuple[date, bool]]] = defaultdict(list)
    for pk, day, works in NoticeDay.objects.filter(notice__in=last.values()).values_list("notice", "day", "is_workday"):
        days[pk].append((day, works))
    return calendar_of(tuple((year, tuple(sorted(days[pk]))) for year, pk in sorted(last.items())))


def notices_by_year() -> dict[int, YearNotice]:
    """Return the notice that holds of each loaded year, with the number of its days."""
    rows = YearNotice.objects.order_by("pk").annotate(
        off_days=Count("days", filter=Q(days__is_workday=False)),
        worked_days=Count("days", filter=Q(days__is_workday=True)),
    )
    return {row.year: row for row in rows}
