"""今日工作: what an office finds in the morning, the most urgent first, each thing one tap from where it is done.

Each noun's own door says what waits there (`office_queue`); what units and leaders have to do stands on my desk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from duban.access.rules import Permission, acting_with, may, require
from duban.core import clock
from duban.core.actor import Actor
from duban.core.text import day_words
from duban.core.workdays import add_workdays, is_known_year, is_workday
from duban.jobs.queries import dead_count
from duban.lights.models import DailyRound
from duban.lights.queries import last_round
from duban.matters.queries import DueCount, due_by_unit
from duban.matters.rules import OWED_LABELS, Owed
from duban.outbox.queries import undelivered_count
from duban.web import (
    bulletins,
    changes,
    closing,
    evaluation,
    instructions,
    interviews,
    letters,
    lights,
    meetings,
    objections,
    obstacles,
    reports,
    schedule,
    signing,
    visits,
    year_end,
)
from duban.web.given import actor_of
from duban.web.waiting import Office, Queue, office_of

_LINES_MOST = 5
_UNITS_MOST = 4
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of thing that waits. permission: to do it; who lacks that is not shown it."""

    key: str
    title: str
    measure: str
    permission: Permission
    read: Callable[[Office], Queue]


_KINDS = (
    _Kind("lights", "灯色转差", "项", Permission.MATTER_EDIT, lights.office_queue),
    _Kind("obstacles", "困难问题待答复", "件", Permission.MEETING_HOLD, obstacles.office_queue),
    _Kind("refusals", "退回待裁定", "件", Permission.MATTER_ASSIGN, signing.office_queue),
    _Kind("changes", "变更待裁定", "件", Permission.CHANGE_APPROVE, changes.office_queue),
    _Kind("objections", "复核待决定", "件", Permission.OBJECTION_DECIDE, objections.office_queue),
    _Kind("bulletins", "通报待办", "件", Permission.BULLETIN_VIEW, bulletins.office_queue),
    _Kind("evaluation", "考评待办", "件", Permission.EVALUATION_VIEW, evaluation.office_queue),
    _Kind("interviews", "约谈待办", "件", Permission.INTERVIEW_VIEW, interviews.office_queue),
    _Kind("visits", "核验待办", "件", Permission.VISIT_VIEW, visits.office_queue),
    _Kind("closing", "销号待办", "件", Permission.CLOSURE_VERIFY, closing.office_queue),
    _Kind("instructions", "批示反馈待办结", "件", Permission.MEETING_HOLD, instructions.office_queue),
    _Kind("decisions", "议定事项待核", "件", Permission.MEETING_HOLD, meetings.office_queue),
    _Kind("reports", "报告待审核", "份", Permission.REPORT_ACCEPT, reports.office_queue),
    _Kind("schedules", "进度安排待核定", "份", Permission.SCHEDULE_ACCEPT, schedule.office_queue),
    _Kind("year_end", "年度待办结", "本", Permission.PLAN_CLOSE, year_end.office_queue),
)
"""In the order of urgency: what went wrong, what stops a unit, what the office itself owes by a day, the rest."""


_SEASONAL = ("year_end",)
"""Kinds that most of the year have no place on the page: not even among those of which there is nothing."""


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing that waits today."""

    key: str
    title: str
    measure: str
    queue: Queue


@require_safe
def morning(request: HttpRequest) -> HttpResponse:
    """What waits at the office today; a director's is what waits for the director's signature."""
    actor, now = actor_of(request), clock.now()
    require(actor, Permission.MORNING_VIEW)
    today = now.date()
    office = office_of(acting_with(actor, Permission.MORNING_VIEW), today=today, most=_LINES_MOST)
    queues = [
        Section(one.key, one.title, one.measure, one.read(office))
        for one in _KINDS
        if may(office.actor, one.permission)
    ]
    of_letters = letters.office_queues(office)
    place = 1 if queues and queues[0].key == "lights" else 0  # letters answer to lights: they stand behind them
    queues[place:place] = [
        Section(f"letters-{name}", letters.MORNING_KINDS[name][0], "件", queue) for name, queue in of_letters.items()
    ]
    is_keeper = may(office.actor, Permission.MATTER_EDIT)
    until = _week_end(today)
    context = {
        "sections": [one for one in queues if one.queue.count],
        "quiet": [one.title for one in queues if not one.queue.count and one.key not in _SEASONAL],
        "is_keeper": is_keeper,
        "day": _day_text(today),
        "is_resting": not is_workday(today),
        "round": _round_text(last_round(), today=today),
        "trouble": _trouble(office.actor) if is_keeper else "",
        "may_operate": may(actor, Permission.OPERATIONS_VIEW),
        "due": _due_elsewhere(office, until=until) if is_keeper else [],
        "until": until,
    }
    return render(request, "morning/index.html", context)


# ---- the day


def _day_text(today: date) -> str:
    """Return what kind of day it is: 工作日, 节假日, 休息日, 调休上班; and when offices work again."""
    is_weekday = today.weekday() < 5
    if is_workday(today):
        text = "工作日" if is_weekday else "调休上班"
    else:
        after = add_workdays(today, 1)
        works_on = f"{after.month}月{after.day}日（周{_WEEKDAYS[after.weekday()]}）上班"
        text = f"今日为{'节假日' if is_weekday else '休息日'}，{works_on}"
    if not is_known_year(today.year):
        text += f"（{today.year}年放假安排尚未载入，按周一至周五推算）"
    return text


@dataclass(frozen=True, slots=True)
class RoundText:
    """Which round the lights on the page are of. is_behind: today's is not done."""

    text: str
    is_behind: bool


def _round_text(last: DailyRound | None, *, today: date) -> RoundText:
    if last is None or last.done_at is None:
        return RoundText("灯色还没有刷新过", True)
    if last.day < today:
        return RoundText(f"灯色截至{day_words(last.day, today=today)}，今天的刷新还没有完成", True)
    return RoundText(f"灯色截至今天 {_hour(last.done_at)}", False)


def _hour(at: datetime) -> str:
    return f"{at.astimezone(clock.SHANGHAI):%H:%M}"


def _trouble(office: Actor) -> str:
    """Return what failed, in one line; empty when nothing did."""
    tasks = dead_count()
    unsent = undelivered_count({one.jurisdiction_id for one in office.held if one.jurisdiction_id is not None})
    said = [f"{tasks} 项后台任务没有办成"] if tasks else []
    said += [f"{unsent} 条消息没有送达或送达不明"] if unsent else []
    return "，".join(said)


# ---- what is due


@dataclass(frozen=True, slots=True)
class DueUnit:
    """How much one unit owes of one kind."""

    name: str
    address: str
    count: int


@dataclass(frozen=True, slots=True)
class DueKind:
    """What units owe of one kind by one day. address: where it is dealt with · rest: units beyond those named."""

    what: str
    count: int
    units: list[DueUnit]
    address: str
    first_on: date

    @property
    def named(self) -> list[DueUnit]:
        """The units a short line names."""
        return self.units[:_UNITS_MOST]

    @property
    def is_shortened(self) -> bool:
        """Whether there are more."""
        return len(self.units) > _UNITS_MOST


@dataclass(frozen=True, slots=True)
class DueDay:
    """What is due on one day; day None for everything overdue."""

    day: date | None
    kinds: list[DueKind] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """Its place on the page of everything due."""
        return self.day.isoformat() if self.day else "late"

    @property
    def count(self) -> int:
        """How much is due in all."""
        return sum(one.count for one in self.kinds)


def _due_elsewhere(office: Office, *, until: date) -> list[DueDay]:
    """Return what units owe but for what stands in sections of its own: nothing is on the page twice."""
    rows = due_by_unit(office.actor, today=office.today, until=until, is_whole=False)
    return due_days(rows, today=office.today)


def _week_end(today: date) -> date:
    """Return the last day to look ahead to: this week's Sunday, and always the next working day."""
    return max(today + timedelta(days=6 - today.weekday()), add_workdays(today, 1))


def due_days(rows: Iterable[DueCount], *, today: date) -> list[DueDay]:
    """Return what units owe by day and kind, overdue first. rows: in that order."""
    days: list[DueDay] = []
    for day, of_day in groupby(rows, key=lambda one: one.day):
        days.append(DueDay(day))
        for kind, some in groupby(of_day, key=lambda one: one.kind):
            days[-1].kinds.append(_due_kind(Owed(kind), list(some), day=day))
    return days


def _due_kind(kind: Owed, rows: list[DueCount], *, day: date | None) -> DueKind:
    units: dict[int, DueUnit] = {}
    base = reverse("unit", args=[0]).removesuffix("0/")  # hundreds of addresses: only the number differs
    for one in rows:
        counted = units[one.unit_id].count if one.unit_id in units else 0
        units[one.unit_id] = DueUnit(one.unit, f"{base}{one.unit_id}/", counted + one.number)
    first_on = min(one.first_on for one in rows)
    count = sum(one.number for one in rows)
    if count == 1 and rows[0].matter_id and kind in _OF_A_MATTER:
        address = reverse("matter", args=[rows[0].matter_id])
    else:
        address = _WHERE.get(kind, _everything_due)(rows[0].plan_id, day, first_on)
    return DueKind(OWED_LABELS[kind], count, list(units.values()), address, first_on)


def _everything_due(plan_id: int, day: date | None, first_on: date) -> str:
    return f"{reverse('morning_due')}#{day.isoformat() if day else 'late'}"


def _not_reported(plan_id: int, day: date | None, first_on: date) -> str:
    query = urlencode({"plan": plan_id, "day": first_on.isoformat(), "state": "none"})
    return f"{reverse('reports')}?{query}"


_OF_A_MATTER = (Owed.MILESTONE, Owed.FINAL)
_WHERE: dict[Owed, Callable[[int, date | None, date], str]] = {
    Owed.ACKNOWLEDGE: lambda plan_id, day, first_on: reverse("plan_signatures", args=[plan_id]),
    Owed.CONTACTS: lambda plan_id, day, first_on: reverse("plan_signatures", args=[plan_id]),
    Owed.REPORT: _not_reported,
    Owed.DECISION: lambda plan_id, day, first_on: reverse("meetings"),
    Owed.INSTRUCTION: lambda plan_id, day, first_on: reverse("instructions"),
}
"""Where what is owed of a kind is dealt with for many units at once; else it stands on the page of everything due."""


@require_safe
def morning_due(request: HttpRequest) -> HttpResponse:
    """Everything units owe that is overdue, or due this week, by day and unit."""
    actor, today = actor_of(request), clock.today()
    require(actor, Permission.MATTER_EDIT)
    until = _week_end(today)
    days = due_days(due_by_unit(acting_with(actor, Permission.MATTER_EDIT), today=today, until=until), today=today)
    context: dict[str, Any] = {"days": days, "until": until, "count": sum(one.count for one in days)}
    return render(request, "morning/due.html", context)
