"""Reading a year's 放假安排 from CSV lines: what stands there, what cannot be, what looks odd."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from duban.core.text import date_text

_OFF = frozenset({"休", "放假", "休息", "假", "休假"})
_ON = frozenset({"班", "上班", "补班", "工作", "调休上班"})
_FESTIVALS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
_MONTH_AND_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_LINES_MOST = 200


@dataclass(frozen=True, slots=True)
class NamedDay:
    """One day a notice names. is_workday: worked in exchange (调休); else off."""

    day: date
    is_workday: bool
    name: str


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """What was read. problems: lines that cannot stand, so nothing can be loaded; hints: what a person should check."""

    days: tuple[NamedDay, ...]
    problems: tuple[str, ...] = ()
    hints: tuple[str, ...] = field(default=())

    @property
    def off_days(self) -> int:
        """How many days are off."""
        return sum(not one.is_workday for one in self.days)

    @property
    def worked_days(self) -> int:
        """How many days are worked in exchange."""
        return sum(one.is_workday for one in self.days)


def read_notice(text: str, *, year: int) -> ReadNotice:
    """Return what CSV lines “日期,休/班,名称” say of a year. A heading line is skipped.

    Days lie in the year, or in the December before (New Year's weekend is often named with it). Tabs and full-width
    commas separate as well.
    """
    days: dict[date, NamedDay] = {}
    problems: list[str] = []
    plain = text.lstrip("\ufeff").replace("，", ",").replace("\t", ",").replace('"', "")
    rows = [(number, line.split(",")) for number, line in enumerate(plain.splitlines(), 1)]
    lines = [(number, row) for number, row in rows if any(map(str.strip, row))]
    if lines and "日期" in lines[0][1][0]:
        lines = lines[1:]
    if len(lines) > _LINES_MOST:
        return ReadNotice((), (f"共 {len(lines)} 行，一年的放假安排不会超过 {_LINES_MOST} 行，请核对文件。",))
    for number, row in lines:
        cells = [unicodedata.normalize("NFKC", cell).strip() for cell in row]
        said = _read_line(cells, year=year)
        if isinstance(said, str):
            problems.append(f"第 {number} 行：{said}")
        elif said.day in days:
            problems.append(f"第 {number} 行：{date_text(said.day)}写了两次。")
        else:
            days[said.day] = said
    found = tuple(days[day] for day in sorted(days))
    if not lines:
        problems.append("没有任何一行放假或上班的日期。")
    return ReadNotice(found, tuple(problems), tuple(_hints(found, year=year)) if not problems else ())


def _read_line(cells: list[str], *, year: int) -> NamedDay | str:
    """Return the day a line names, or what is wrong with it."""
    if len(cells) < 2:
        return "应写成“日期,休或班,名称”，如 2027-01-01,休,元旦。"
    match = _MONTH_AND_DAY.fullmatch(cells[0].replace(" ", ""))
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        day = None
    if day is None:
        return f"“{cells[0][:20]}”不是日期，应写成 2027-01-01。"
    if day.year != year and not (day.year == year - 1 and day.month == 12):
        return f"{date_text(day)}不在{year}年（可以写上一年12月的日子）。"
    if cells[1] not in _OFF | _ON:
        return f"第二列应写“休”或“班”，不能是“{cells[1][:10]}”。"
    return NamedDay(day, cells[1] in _ON, (cells[2] if len(cells) > 2 else "")[:20])


def _hints(days: tuple[NamedDay, ...], *, year: int) -> list[str]:
    named = "".join(one.name for one in days)
    missing = [one for one in _FESTIVALS if one not in named]
    hints = [f"名称里没有{'、'.join(missing)}，请核对是否漏了。"] if missing else []
    for one in days:
        if one.is_workday and one.day.weekday() < 5:
            hints.append(f"{date_text(one.day)}本来就是工作日，写了“班”。")
    if (off := sum(not one.is_workday and one.day.weekday() < 5 for one in days)) < 7:
        hints.append(f"星期一至星期五里只有 {off} 天放假，通常在 10 天以上，请核对是否完整。")
    return hints
