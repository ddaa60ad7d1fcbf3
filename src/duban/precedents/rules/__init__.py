"""Words and arithmetic of precedents: how a matter of an earlier year went, and its nodes shifted to this one.

Source: docs/sources.md#precedents
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from duban.core.workdays import workday_on_or_before


@dataclass(frozen=True, slots=True)
class PastNode:
    """A node of an earlier matter: by when, what, expected_pct of the whole; met_on where it was reached."""

    due_on: date
    title: str
    expected_pct: Decimal
    met_on: date | None = None


def years_later(day: date, years: int) -> date:
    """Return the same day so many years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def shifted_nodes(nodes: Iterable[PastNode], *, years: int, starts_on: date, due_on: date) -> list[PastNode]:
    """Return nodes of an earlier matter as they would lie in this one, by day, for a person to look over.

    A day nobody works on gives way to the working day before it; what would lie past the final date lies on it, what
    would lie before the first day is left out. Of two nodes on a day the later one of the earlier matter stays.
    """
    found: dict[date, PastNode] = {}
    for one in sorted(nodes, key=lambda each: each.due_on):
        day = min(years_later(one.due_on, years), due_on)
        earlier = workday_on_or_before(day)
        day = earlier if earlier >= starts_on else day
        if day < starts_on:
            continue
        found[day] = PastNode(day, one.title, one.expected_pct)
    reached = Decimal(0)
    rising = []
    for one in found.values():  # a corrected ledger may hold nodes that fall
        if one.expected_pct >= reached:
            rising.append(one)
            reached = one.expected_pct
    return rising


# ---- how a year went


@dataclass
class Tally:
    """How the matters of a unit, or of a field, went in one year: counts of facts, no judgement, no order of merit."""

    matters: int = 0
    in_time: int = 0
    late: int = 0
    carried: int = 0
    terminated: int = 0
    undone: int = 0
    red_matters: int = 0
    red_days: int = 0
    reports: int = 0
    reports_late: int = 0
    reports_missing: int = 0
    returned: int = 0
    extensions: int = 0
    untrue: int = 0

    def add(self, other: "Tally") -> None:
        """Count another one in."""
        for name in TALLY_LABELS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


TALLY_LABELS = {
    "matters": "牵头事项",
    "in_time": "按期办结",
    "late": "逾期办结",
    "carried": "结转下年",
    "terminated": "终止",
    "undone": "没有办结",
    "red_matters": "亮过红灯",
    "red_days": "红灯天数",
    "reports": "应报报告",
    "reports_late": "迟报",
    "reports_missing": "漏报",
    "returned": "退回",
    "extensions": "延期次数",
    "untrue": "核验不实",
}
"""What is counted, in the order of the page."""


def red_days(turns: Sequence[tuple[date, str]], *, until: date) -> int:
    """Return for how many days a matter was red. turns: (day, light from its end on), by day.   until: counted to it.

    Of two turns on a day the later one holds.
    """
    found = 0
    for place, (day, light) in enumerate(turns):
        following = turns[place + 1][0] if place + 1 < len(turns) else until + timedelta(days=1)
        if light == "red":
            found += max((min(following, until + timedelta(days=1)) - day).days, 0)
    return found


@dataclass
class YearFacts:
    """How a year went, by unit and by field; the key of a unit is its id."""

    by_unit: dict[int, Tally] = field(default_factory=dict)
    by_field: dict[str, Tally] = field(default_factory=dict)
