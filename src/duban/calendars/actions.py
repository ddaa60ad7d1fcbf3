"""What changes the calendar: loading a year's notice. Doors call `lights.actions.load_year`, which judges anew."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from duban.access.rules import Permission, require
from duban.audit.actions import record
from duban.audit.rules import EventName
from duban.calendars.models import NoticeDay, YearNotice
from duban.calendars.queries import use_loaded_notices
from duban.calendars.rules import NamedDay
from duban.core.actor import Actor
from duban.core.errors import Invalid


@transaction.atomic
def load_notice(days: Sequence[NamedDay], *, year: int, title: str, by: Actor, now: datetime) -> YearNotice:
    """载入放假安排 of a year; it holds instead of what was known of that year. What is owed already keeps its date.

    Raises NotAllowed, Invalid (no title, no days, a year out of reach).
    """
    require(by, Permission.CALENDAR_LOAD)
    if not 2000 <= year <= 2100:
        raise Invalid(f"年度“{year}”不对。", field="year")
    if len(title.strip()) < 2:
        raise Invalid("请写明通知的文号或标题。", field="title")
    if not days:
        raise Invalid("没有任何一行放假或上班的日期。", field="text")
    notice = YearNotice.objects.create(year=year, title=title.strip()[:100], loaded_at=now, loaded_by_name=by.name[:40])
    NoticeDay.objects.bulk_create(
        NoticeDay(notice=notice, day=one.day, is_workday=one.is_workday, name=one.name) for one in days
    )
    data = {
        "title": notice.title,
        "off_days": [one.day for one in days if not one.is_workday],
        "worked_days": [one.day for one in days if one.is_workday],
    }
    record(EventName.CALENDAR_LOADED, notice, by=by, now=now, data=data)
    use_loaded_notices()
    return notice
