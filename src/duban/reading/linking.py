"""Who answers for which unit, and which leader oversees it: learned from the whole document at once.

Rows with one of each teach the rows with many. Nothing is looked up in a list of real people.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from duban.reading.names import is_group
from duban.reading.result import Link, Name, Oversight

# Offices that the reform of 2018 put under another: one head for both. Known for every county.
_UNDER_ONE_ROOF: tuple[tuple[str, str], ...] = (
    ("物价局", "发改局"),
    ("粮食局", "发改局"),
    ("广电局", "文体旅游局"),
    ("口岸办", "商务局"),
    ("扶贫办", "农业农村局"),
    ("外专局", "科技局"),
    ("侨办", "统战部"),
    ("民宗局", "统战部"),
    ("老龄办", "卫健局"),
    ("人防办", "住建局"),
)
SURE = 0.75
"""Links below this are not written out: a person decides."""


@dataclass(frozen=True, slots=True)
class Row:
    """The names of one matter that take part in linking; own is false for inherited rows."""

    units: tuple[Name, ...]
    persons: tuple[Name, ...]
    overseers: tuple[Name, ...]
    own: bool
    printed: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Learned:
    """What the document teaches: how often a person stands for a unit, a leader over a unit."""

    person_unit: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unit_person: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unit_overseer: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def home(self, person: str) -> tuple[str, int] | None:
        """The unit a person mostly answers for, and in how many rows; None when the document is of two minds."""
        counts = self.person_unit.get(person)
        if not counts:
            return None
        (unit, times), *others = counts.most_common(2)
        return (unit, times) if not others or times >= 2 * others[0][1] else None

    def overseer_of(self, unit: str) -> tuple[str, int] | None:
        """The leader who mostly oversees a unit, and in how many rows."""
        counts = self.unit_overseer.get(unit)
        if not counts:
            return None
        (leader, times), *others = counts.most_common(2)
        return (leader, times) if not others or times >= 2 * others[0][1] else None


def learn(rows: Sequence[Row]) -> Learned:
    """This function will learn from the rows of one document who belongs to which unit."""
    learned = Learned()
    own = [row for row in rows if row.own]
    for row in own:
        for person, unit in row.printed:
            _count(learned, person, unit)
        if not row.printed and len(row.units) == len(row.persons):
            for holder, office in zip(row.persons, row.units, strict=True):
                _count(learned, holder.name, office.name)
    _learn_overseers(learned, own)
    return learned


def _count(learned: Learned, person: str, unit: str) -> None:
    learned.person_unit[person][unit] += 1
    learned.unit_person[unit][person] += 1


def _learn_overseers(learned: Learned, rows: Sequence[Row]) -> None:
    """Rows with one leader teach first; then each leader of a row with many is given the units left over."""
    for row in rows:
        leaders = [leader.name for leader in row.overseers]
        if len(leaders) == 1:
            for unit in row.units:
                learned.unit_overseer[unit.name][leaders[0]] += 2 if len(row.units) == 1 else 1
    for _ in range(2):
        found: list[tuple[str, str]] = []
        for row in rows:
            leaders = [leader.name for leader in row.overseers]
            if len(leaders) < 2:
                continue
            free_units = [unit.name for unit in row.units]
            free_leaders = list(leaders)
            for name in list(free_units):
                known = learned.overseer_of(name)
                if known and known[0] in leaders:
                    free_units.remove(name)
                    if known[0] in free_leaders:
                        free_leaders.remove(known[0])
            if len(free_units) == 1 and len(free_leaders) == 1:
                found.append((free_units[0], free_leaders[0]))
        for name, leader in found:
            learned.unit_overseer[name][leader] += 1


@dataclass(frozen=True, slots=True)
class Linked:
    """The links of one row; strangers: persons whose own unit is absent, with that unit and how often seen.

    swapped: the order printed differs from what the other rows say.
    """

    links: tuple[Link, ...]
    oversight: tuple[Oversight, ...]
    strangers: tuple[tuple[str, str, int], ...] = ()
    swapped: tuple[tuple[str, str, int], ...] = ()
    unmatched: tuple[str, ...] = ()


def link(row: Row, learned: Learned) -> Linked:
    """This function will link the persons and leaders of one row to its units."""
    oversight = _oversight(row, learned)
    if row.printed:
        given = tuple(Link(person, unit, "printed", 1.0) for person, unit in row.printed)
        return Linked(given, oversight)
    if not row.units or not row.persons:
        return Linked((), oversight)
    if len(row.units) == len(row.persons):
        return _in_step(row, learned, oversight)
    return _unequal(row, learned, oversight)


def _in_step(row: Row, learned: Learned, oversight: tuple[Oversight, ...]) -> Linked:
    """As many persons as units: the order printed decides, unless all other rows contradict it."""
    names = [unit.name for unit in row.units]
    swapped: list[tuple[str, str, int]] = []
    strangers: list[tuple[str, str, int]] = []
    links: list[Link] = []
    for person, unit in zip(row.persons, row.units, strict=True):
        counts = Counter(learned.person_unit.get(person.name, Counter()))
        if row.own:
            counts[unit.name] -= 1
        best = counts.most_common(1)
        confidence = 1.0
        if best and best[0][1] >= 2 and best[0][0] != unit.name and counts[unit.name] <= 0:
            holder = learned.unit_person.get(unit.name, Counter()).most_common(1)
            if best[0][0] in names:
                swapped.append((person.name, best[0][0], best[0][1]))
                confidence = 0.6
            elif holder and holder[0][0] != person.name and holder[0][1] >= 2:
                strangers.append((person.name, best[0][0], best[0][1]))
                confidence = 0.6
        links.append(Link(person.name, unit.name, "position", confidence))
    if len(swapped) >= 2:
        right = {person: unit for person, unit, _ in swapped}
        if sorted(right.values()) == sorted(link.unit for link in links if link.person in right):
            links = [
                Link(one.person, right[one.person], "learned", 0.9) if one.person in right else one for one in links
            ]
    return Linked(tuple(links), oversight, tuple(strangers), tuple(swapped))


def _unequal(row: Row, learned: Learned, oversight: tuple[Oversight, ...]) -> Linked:
    units = [unit.name for unit in row.units]
    people = [person.name for person in row.persons]
    links: list[Link] = []
    taken: set[str] = set()
    left: list[str] = []
    for person in people:
        counts = learned.person_unit.get(person, Counter())
        here = [(counts[unit], unit) for unit in units if counts[unit]]
        if here:
            times, unit = max(here)
            links.append(Link(person, unit, "learned", round(min(0.99, 0.7 + 0.08 * times), 2)))
            taken.add(unit)
        else:
            left.append(person)
    links, left, taken = _by_common_roof(links, left, taken, units, learned)
    free = [unit for unit in units if unit not in taken]
    strangers = [(person, *home) for person in left if (home := learned.home(person)) is not None]
    surplus = len(people) > len(units)
    if not surplus:
        strangers = [entry for entry in strangers if not free]
    elsewhere = {person for person, _, _ in strangers}
    rest = [person for person in left if person not in elsewhere]
    if rest and len(rest) == len(free) and (len(rest) == 1 or _same_order(people, units, links)):
        basis = "only" if len(rest) == 1 else "position"
        links.extend(Link(person, unit, basis, 0.85) for person, unit in zip(rest, free, strict=True))
        rest, free = [], []
    elif rest and free:
        extra, rest = _between_anchors(people, units, links, rest)
        links.extend(extra)
    if len(units) == 1 and not is_group(units[0]):
        links.extend(Link(person, units[0], "only", 0.8) for person in rest)
        rest = []
    order = {person: place for place, person in enumerate(people)}
    links.sort(key=lambda one: order[one.person])
    shown = tuple(one for one in links if one.confidence >= SURE)
    linked = {one.unit for one in shown}
    return Linked(shown, oversight, tuple(strangers), (), tuple(unit for unit in units if unit not in linked))


def _by_common_roof(
    links: list[Link], left: list[str], taken: set[str], units: list[str], learned: Learned
) -> tuple[list[Link], list[str], set[str]]:
    """A person of 发改局 beside 物价局: one office, two names."""
    rest: list[str] = []
    for person in left:
        home = learned.home(person)
        wanted = {small for small, large in _UNDER_ONE_ROOF if home and home[0][-3:] == large[-3:]}
        match = next((unit for unit in units if unit in wanted and unit not in taken), None)
        if match is None:
            rest.append(person)
            continue
        links.append(Link(person, match, "learned", 0.8))
        taken.add(match)
    return links, rest, taken


def _same_order(people: list[str], units: list[str], links: list[Link]) -> bool:
    known = [(people.index(one.person), units.index(one.unit)) for one in links if one.unit in units]
    return known == sorted(known) and [b for _, b in known] == sorted(b for _, b in known)


def _between_anchors(
    people: list[str], units: list[str], links: list[Link], rest: list[str]
) -> tuple[list[Link], list[str]]:
    """Between two links already made, as many persons as units stand in step."""
    anchors = sorted((people.index(one.person), units.index(one.unit)) for one in links if one.unit in units)
    if not anchors or [b for _, b in anchors] != sorted(b for _, b in anchors):
        return [], rest
    bounds = [(-1, -1), *anchors, (len(people), len(units))]
    found: list[Link] = []
    for (p1, u1), (p2, u2) in pairwise(bounds):
        if p2 - p1 == u2 - u1 and p2 - p1 > 1:
            for step in range(1, p2 - p1):
                if people[p1 + step] in rest:
                    found.append(Link(people[p1 + step], units[u1 + step], "position", 0.8))
    done = {one.person for one in found}
    return found, [person for person in rest if person not in done]


def _oversight(row: Row, learned: Learned) -> tuple[Oversight, ...]:
    leaders = [leader.name for leader in row.overseers]
    if not leaders or not row.units:
        return ()
    if len(leaders) == 1:
        return tuple(Oversight(leaders[0], unit.name, "only", 0.95) for unit in row.units)
    found: list[Oversight] = []
    free_units: list[str] = []
    used: set[str] = set()
    for unit in row.units:
        counts = learned.unit_overseer.get(unit.name, Counter())
        here = sorted(((counts[leader], leader) for leader in leaders if counts[leader]), reverse=True)
        if here and (len(here) == 1 or here[0][0] >= 2 * here[1][0]):
            found.append(Oversight(here[0][1], unit.name, "learned", round(min(0.97, 0.7 + 0.05 * here[0][0]), 2)))
            used.add(here[0][1])
        else:
            free_units.append(unit.name)
    free_leaders = [leader for leader in leaders if leader not in used]
    if free_units and len(free_units) == len(free_leaders):
        sure = 0.8 if len(free_units) == 1 else 0.6
        basis = "only" if len(free_units) == 1 else "position"
        found.extend(
            Oversight(leader, unit, basis, sure) for leader, unit in zip(free_leaders, free_units, strict=True)
        )
    order = {unit.name: place for place, unit in enumerate(row.units)}
    return tuple(sorted(found, key=lambda one: order[one.unit]))
