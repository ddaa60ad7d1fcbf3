"""How often a unit is visited: a budget, and who is there in the same days. It warns and never refuses.

Source: docs/sources.md#visits (《政府督查工作条例》第十五条: 严格控制督查频次)
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from duban.core.text import date_text


class Calling(NamedTuple):
    """One visit, or planned check, of a unit. thing: “visit” or “check”, and its id.   kind: of the visit.

    check_id: of the planned check a visit carries out.
    """

    thing: str
    id: int
    title: str
    kind: str
    unit_id: int
    first_on: date
    last_on: date
    check_id: int | None = None

    @property
    def days(self) -> str:
        """When, in words."""
        if self.first_on == self.last_on:
            return date_text(self.first_on)
        return f"{date_text(self.first_on)}至{date_text(self.last_on)}"


class Concern(StrEnum):
    """What is to be thought of before a unit is visited."""

    BUDGET = "budget"
    OVERLAP = "overlap"


class Caution(NamedTuple):
    """A warning about one unit. others: the visits meant.   may_join: those of the same kind, in the same days."""

    concern: Concern
    unit_id: int
    words: str
    others: tuple[Calling, ...]


def cautions_of(
    callings: Iterable[Calling], others: Sequence[Calling], *, times: int, names: dict[int, str]
) -> list[Caution]:
    """Return the warnings about a visit to some units, given what else they are visited for in that year.

    callings: the visit itself, a row a unit.   others: of the same units.   times: the budget of a unit in a year.
    A warning names the days of the earlier visits, so that who decides can see them.
    """
    found: list[Caution] = []
    for mine in callings:
        same = sorted(
            (one for one in others if one.unit_id == mine.unit_id and (one.thing, one.id) != (mine.thing, mine.id)),
            key=lambda one: (one.first_on, one.id),
        )
        name = names.get(mine.unit_id, "")
        year = [one for one in same if one.first_on.year == mine.first_on.year]
        if len(year) + 1 > times:
            days = "、".join(one.days for one in year)
            words = f"{name}{mine.first_on.year}年已安排 {len(year)} 次（{days}），再去就超过每年 {times} 次的约束。"
            found.append(Caution(Concern.BUDGET, mine.unit_id, words, tuple(year)))
        meeting = tuple(one for one in same if one.first_on <= mine.last_on and one.last_on >= mine.first_on)
        if meeting:
            told = "、".join(f"“{one.title}”（{one.days}）" for one in meeting)
            words = f"{name}在同一时段还有{told}，可以合并为一次。"
            found.append(Caution(Concern.OVERLAP, mine.unit_id, words, meeting))
    return found


def counted_once(callings: Iterable[Calling], *, carried_out: Collection[int]) -> list[Calling]:
    """Return visits and planned checks without the checks some visit carries out: they are one burden, not two."""
    return [one for one in callings if not (one.thing == "check" and one.id in carried_out)]
