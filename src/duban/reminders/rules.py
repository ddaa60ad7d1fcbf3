"""On which days something owed is mentioned, and in what words; and what was asked of a unit in a month (减负账)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from duban.core.text import date_text
from duban.core.workdays import Workdays
from duban.matters.policy import Reminders
from duban.matters.rules import OWED_ABOUT_A_THING, OWED_LABELS, Owed, matter_name

_WEEKDAYS = "一二三四五六日"
LINES_MOST = 14
"""Lines a digest lists at most; the rest is counted, and my desk shows it."""

_NAMES_MOST = 3
_UNITS_MOST = 8
NEWS_DAYS = 14
"""How far back a digest tells of decisions to somebody who had none since."""


# ── which day ──


def last_mention(due_on: date, *, until: date, figures: Reminders, calendar: Workdays) -> date | None:
    """Return the latest day, up to and including `until`, on which something due is mentioned; None before the first.

    Days before: so many workdays before the due date; one that falls on a day off is moved to the workday before.
    Once overdue: the first workday after the due date, then the first workday of every so many weeks, so that
    everything overdue comes in one digest a week. A week without a workday hands its day to the next workday.
    Source: docs/sources.md#reminders
    """
    overdue = calendar.add_workdays(due_on, 1)
    if until < overdue:
        days = [
            calendar.workday_on_or_before(calendar.add_workdays(due_on, -count)) for count in figures.before_workdays
        ]
        return max((day for day in days if day <= until), default=None)
    every = figures.overdue_every_weeks
    if not every:
        return overdue
    first_week = _monday(overdue)
    weeks = (_monday(until) - first_week).days // 7
    for number in range(weeks - weeks % every, 0, -every):
        day = calendar.add_workdays(first_week + timedelta(weeks=number, days=-1), 1)
        if day <= until:
            return day
    return overdue


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def is_mentioned(due_on: date, *, day: date, since: date | None, figures: Reminders, calendar: Workdays) -> bool:
    """Return whether something owed is mentioned on `day`.

    since: the day of the last round; what should have been mentioned on a day between, when none was made, is
    mentioned now, once, as it stands now. None: it came into being after that round, so none of its days was used.
    """
    last = last_mention(due_on, until=day, figures=figures, calendar=calendar)
    return last is not None and (since is None or last > since)


def is_pressing(due_on: date, *, day: date, figures: Reminders, calendar: Workdays) -> bool:
    """Return whether the unit's deputy and the responsible person are told as well: nearly due, or overdue."""
    return due_on < day or calendar.workdays_between(day, due_on) <= figures.deputy_workdays


class Refrain(StrEnum):
    """Why a round sends nothing."""

    NOT_TODAY = "not_today"
    DAY_OFF = "day_off"
    QUIET = "quiet"


def refrains(day: date, *, now: datetime, calendar: Workdays) -> Refrain | None:
    """Return why no round is made for a day; None where it is made. now: aware, in Asia/Shanghai.

    A missed day is never made up for by itself: what it would have said stands in the next round's digest, as it is
    then. So nobody gets two digests in one day, and none that is stale.
    """
    if day != now.date():
        return Refrain.NOT_TODAY
    return None if calendar.is_workday(day) else Refrain.DAY_OFF


def sending_time(day: date, *, now: datetime, figures: Reminders) -> datetime | None:
    """Return when the digests of a day arrive: at the hour of the policy, at once after it; None once it is quiet.

    now: aware, in Asia/Shanghai, on that day.
    """
    if now.time() >= time.fromisoformat(figures.quiet_from):
        return None
    return max(now, datetime.combine(day, time.fromisoformat(figures.send_at), tzinfo=now.tzinfo))


# ── in what words ──


class Part(StrEnum):
    """The parts of a digest, in the order in which they are read."""

    NEAR = "near"
    OVERDUE = "overdue"
    RETURNED = "returned"
    LATER = "later"
    NEW = "new"
    APPROVAL = "approval"
    NEWS = "news"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a digest tells of. what: its kind in words, empty where `name` says it all · name: which one.

    due_on: by when, None for what has no day.   obligation_id: what is owed, None for what is none.
    is_asked: whether it waits for somebody's hand; a decision one is only told of does not.
    """

    part: Part
    unit_id: int | None
    unit: str
    what: str
    name: str
    due_on: date | None = None
    obligation_id: int | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it waits for somebody's hand."""
        return self.part is not Part.NEWS


OVERLAP = timedelta(minutes=10)
"""No action takes as long: what was made so shortly before a round may have been committed after it had read."""


def part_of(due_on: date, *, day: date, calendar: Workdays) -> Part:
    """Return the part of a digest in which something due is read."""
    if due_on < day:
        return Part.OVERDUE
    return Part.NEAR if calendar.workdays_between(day, due_on) <= 1 else Part.LATER


def item_name(*, kind: str, title: str, serial: str, heading: str) -> tuple[str, str]:
    """Return (what, name) of something owed: 办结时限, 第3项“新建小学1所”; or nothing and its title.

    heading: the title of its matter, or its text; empty where it has no matter.
    """
    owed = Owed(kind)
    if not heading or owed in OWED_ABOUT_A_THING:
        return "", f"{title}（第{serial}项）" if serial else title
    if owed is Owed.MILESTONE:
        return OWED_LABELS[owed], f"{matter_name(serial=serial, heading=heading)}{title}"
    return OWED_LABELS[owed], matter_name(serial=serial, heading=heading)


def day_words(due_on: date, *, day: date) -> str:
    """Return a day as a person says it: 今天, 明天, 后天, 本周五, 下周一; farther ones by date."""
    ahead = (due_on - day).days
    if 0 <= ahead <= 2:
        return ("今天", "明天", "后天")[ahead]
    weeks = (_monday(due_on) - _monday(day)).days // 7
    if ahead > 0 and weeks in (0, 1):
        return f"{'下' if weeks else '本'}周{_WEEKDAYS[due_on.weekday()]}"
    return _date_words(due_on, day=day)


def _date_words(due_on: date, *, day: date) -> str:
    return f"{due_on.month}月{due_on.day}日" if due_on.year == day.year else date_text(due_on)


def digest_title(items: Sequence[Item], *, day: date) -> str:
    """Return a digest in one line of counts, nothing of the business: “明天到期 2 项，逾期 1 项”."""
    heads = []
    near = [one for one in items if one.part is Part.NEAR]
    for due_on in sorted({one.due_on for one in near if one.due_on}):
        heads.append(f"{day_words(due_on, day=day)}到期 {sum(one.due_on == due_on for one in near)} 项")
    later = [one.due_on for one in items if one.part is Part.LATER and one.due_on]
    whens = {
        Part.OVERDUE: "逾期",
        Part.RETURNED: "退回重办",
        Part.LATER: f"{_date_words(later[0], day=day)}到期" if len(set(later)) == 1 else "近期到期",
        Part.NEW: "新交来",
        Part.APPROVAL: "待您审签",
        Part.NEWS: "裁定",
    }
    for part, words in whens.items():
        if count := sum(one.part is part for one in items):
            heads.append(f"{words} {count} 项")
    if unreached := {one.unit_id for one in items if one.part is Part.UNREACHED}:
        heads.append(f"{len(unreached)} 个单位无人可提醒")
    return "，".join(heads)


def digest_text(items: Sequence[Item], *, day: date, calendar: Workdays) -> str:
    """Return a digest in lines: a heading for each day or part, under it one line for each kind and its things.

    More than a few of one kind are counted; what has no room any more is counted at the end. Units are named where the
    reader has several.
    """
    are_several = len({one.unit_id for one in items if one.part is not Part.UNREACHED}) > 1
    lines: list[str] = []
    told = listed = 0
    for heading, some in _sections(items, day=day):
        groups = _groups(some)
        if listed >= LINES_MOST:
            break
        lines.append(f"{heading} {_counted(some)}：")
        for group in groups[: LINES_MOST - listed]:
            lines.append("· " + _line(group, day=day, calendar=calendar, with_unit=are_several))
            told += len(group)
        listed += len(groups)
    if rest := len(items) - told:
        lines.append(f"还有 {rest} 项，请看“我的事项”。")
    return "\n".join(lines)


def _counted(some: Sequence[Item]) -> str:
    if some[0].part is Part.UNREACHED:
        return f"{len({one.unit_id for one in some})} 个单位"
    return f"{len(some)} 项"


_HEADINGS = {
    Part.OVERDUE: "逾期",
    Part.RETURNED: "退回重办",
    Part.NEW: "新交来",
    Part.APPROVAL: "待您审签",
    Part.NEWS: "近日裁定",
    Part.UNREACHED: "没有联络员、分管领导可提醒的",
}


def _sections(items: Sequence[Item], *, day: date) -> list[tuple[str, list[Item]]]:
    """Return (heading, items) in reading order; what is still ahead by its day."""
    found: list[tuple[str, list[Item]]] = []
    for part in Part:
        some = [one for one in items if one.part is part]
        if part not in (Part.NEAR, Part.LATER):
            found += [(_HEADINGS[part], some)] if some else []
            continue
        for due_on in sorted({one.due_on for one in some if one.due_on}):
            words, plain = day_words(due_on, day=day), _date_words(due_on, day=day)
            of_day = [one for one in some if one.due_on == due_on]
            found.append((f"{words}到期" if words == plain else f"{words}（{plain}）到期", of_day))
    return found


def _groups(items: Iterable[Item]) -> list[list[Item]]:
    """Return items of one unit, kind and day together, in their order; each thing named by its own title alone."""
    groups: dict[tuple[object, ...], list[Item]] = {}
    for number, one in enumerate(items):
        key: tuple[object, ...] = (number,)
        if one.part is Part.UNREACHED:
            key = ()
        elif one.what:
            key = (one.unit_id, one.what, one.due_on if one.part is Part.OVERDUE else None)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _line(group: Sequence[Item], *, day: date, calendar: Workdays, with_unit: bool) -> str:
    first, count = group[0], len(group)
    if first.part is Part.UNREACHED:
        units = Counter(one.unit for one in group)
        some = "、".join(f"{name} {number} 项" for name, number in list(units.items())[:_UNITS_MOST])
        return f"{some}等 {len(units)} 个单位" if len(units) > _UNITS_MOST else some
    names = "、".join(one.name for one in group[:_NAMES_MOST])
    if count > _NAMES_MOST:
        names += f"等 {count} 项"
    unit = f"{first.unit} · " if with_unit and first.unit else ""
    what = f"{first.what}：" if first.what else ""
    return f"{unit}{what}{names}{_until(first, day=day, calendar=calendar)}"


def _until(one: Item, *, day: date, calendar: Workdays) -> str:
    if one.due_on is None:
        return ""
    if one.part is Part.OVERDUE:
        late = calendar.workdays_between(one.due_on, day)
        return f"（{_date_words(one.due_on, day=day)}到期，已过 {late} 个工作日）"
    return f"（{_date_words(one.due_on, day=day)}前）" if one.part is Part.NEW else ""


# ── 减负账 ──


@dataclass(slots=True)
class Burden:
    """减负账: what we asked of one unit in one month, and what we need not ask. Each is a number of times.

    Asked:
    signing: 签收、明确联系人 due that month.   reports: reports due.   sheets: 协办情况 due, one sheet a report day.
    dates: 时间节点、办结时限 due.   answers: whatever else is due: 困难问题, 议定事项, 批示, kinds to come.
    again: reports returned to be written again, in the month of the return.   letters: 三种函 delivered.
    digests: reminders sent, one for each person who was told of the unit.
    What was waived is not counted, nor what a letter lets a unit owe beside the letter itself.

    Spared:
    one_signature: signed for together with others, all but one.   one_sheet: matters on one sheet of 协办情况, all but
    one.   drafted: reports first sent that rest on what the unit had entered already.   met_early: mentions that fell
    away because the thing was done before their day.   one_digest: things told of in one digest, all but one.
    Source: docs/sources.md#burden
    """

    signing: int = 0
    reports: int = 0
    sheets: int = 0
    dates: int = 0
    answers: int = 0
    again: int = 0
    letters: int = 0
    digests: int = 0
    one_signature: int = 0
    one_sheet: int = 0
    drafted: int = 0
    met_early: int = 0
    one_digest: int = 0

    @property
    def asked(self) -> int:
        """How often we asked in all."""
        return sum(getattr(self, name) for name in ASKED_LABELS)

    @property
    def spared(self) -> int:
        """How often we need not ask."""
        return sum(getattr(self, name) for name in SPARED_LABELS)

    def add(self, other: "Burden") -> None:
        """Add the numbers of another to these."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


ASKED_LABELS = {
    "signing": "签收与联系人",
    "reports": "报送",
    "sheets": "协办表",
    "dates": "节点与时限",
    "answers": "答复与落实",
    "again": "退回重报",
    "letters": "函件",
    "digests": "提醒",
}
SPARED_LABELS = {
    "one_signature": "一次签收",
    "one_sheet": "一张协办表",
    "drafted": "报告已有草稿",
    "met_early": "早办免提醒",
    "one_digest": "提醒并一条",
}

_ASKED_OF = {
    Owed.ACKNOWLEDGE: "signing",
    Owed.CONTACTS: "signing",
    Owed.REPORT: "reports",
    Owed.CONTRIBUTION: "sheets",
    Owed.MILESTONE: "dates",
    Owed.FINAL: "dates",
}


def asked_as(kind: str) -> str:
    """Return under which figure of 减负账 something owed counts; a kind it does not know is an answer."""
    return _ASKED_OF.get(Owed(kind), "answers")


def met_early_days(
    due_on: date, *, met_on: date, created_on: date, figures: Reminders, calendar: Workdays
) -> tuple[date, ...]:
    """Return the days on which something would have been mentioned, had it not been met before.

    A day up to the one it came into being falls away by itself; the day it was met was used in the morning.
    """
    days = {calendar.workday_on_or_before(calendar.add_workdays(due_on, -one)) for one in figures.before_workdays}
    return tuple(sorted(day for day in days if day > met_on and day > created_on))
