"""日程: what runs by itself every day, in time order. A new job is one line here."""

from datetime import date
from typing import Any

from django_tasks import task

from duban.access.actions import clear_expired_sessions
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.jobs.actions import forget_finished
from duban.jobs.rules import Job
from duban.letters.actions import draft_letters
from duban.letters.rules import ROUND_TIME
from duban.lights.actions import check_weekly, tick
from duban.obstacles.actions import escalate_overdue
from duban.reminders.actions import remind

SCHEDULE: tuple[Job, ...] = (
    Job("00:30", "刷新三盏灯", tick),
    Job("03:10", "清理过期会话", clear_expired_sessions),
    Job("03:20", "清理后台任务记录", forget_finished),
    Job("03:30", "复核全部灯色（每周一）", check_weekly),
    Job("06:10", "久未答复的困难问题提请领导", escalate_overdue),
    Job(f"{ROUND_TIME:%H:%M}", "拟办函件", draft_letters),
    Job("06:40", "到期提醒", remind),
)


@task
def run_job(name: str, day: str) -> Any:
    """Run one job for its due day; whatever day it is when it gets its turn."""
    job = next((one for one in SCHEDULE if one.name == name), None)
    if job is None:
        raise LookupError(f"no job {name} in the schedule")
    return job.run(date.fromisoformat(day), by=SYSTEM, now=clock.now())
