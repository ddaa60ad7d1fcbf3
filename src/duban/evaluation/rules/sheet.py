"""考评表 of one unit as it is shown and frozen: the facts, the score with every step, and what a correction changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from duban.core.errors import Invalid
from duban.evaluation.rules.scoring import Scored, is_scored, score_of
from duban.evaluation.rules.words import FactKind, Standing
from duban.evaluation.rules.year import Fact, UnitYear, is_late_reporter, standing_of
from duban.matters.policy import Figures
from duban.matters.rules import Part


@dataclass(frozen=True, slots=True)
class Rated:
    """What one leader gave a unit."""

    leader: str
    value: Decimal
    note: str
    on: date


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A fact that no longer counts, and why."""

    fact: Fact
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One unit's sheet. scored: None where scoring is off, or the unit is of a type that is not scored.

    policy_number: the version of the policy it was scored with.
    """

    unit: UnitYear
    until: date
    standing: Standing
    is_late_reporter: bool
    is_type_scored: bool
    is_enabled: bool
    policy_number: int
    median: Decimal
    scored: Scored | None = None
    ratings: tuple[Rated, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreCorrection:
    """What a correction changes of a sheet; the score follows from it, nobody types a score.

    left_out: keys of facts that no longer count.   parts: by key, the part that was wrong.   obligations: the right
    number of what it was to do.   recounts: read the facts anew from where they stand: one was overturned there.
    taken_in: keys of findings made since the last day that counts, which say that what was reported by then is not so.
    """

    left_out: frozenset[str] = frozenset()
    parts: Mapping[str, Part] = field(default_factory=dict)
    obligations: int | None = None
    recounts: bool = False
    taken_in: frozenset[str] = frozenset()


def sheet_of(
    unit: UnitYear,
    figures: Figures,
    *,
    until: date,
    policy_number: int,
    median: Decimal,
    ratings: Sequence[Rated] = (),
    left_out: Sequence[LeftOut] = (),
) -> Sheet:
    """Return a unit's sheet under a policy. left_out: not among the unit's facts any more."""
    is_type_scored = is_scored(unit, figures)
    is_enabled = figures.evaluation.enabled
    found = None
    if is_type_scored and is_enabled:
        found = score_of(unit, figures, median=median, ratings=[one.value for one in ratings])
    return Sheet(
        unit=unit,
        until=until,
        standing=standing_of(unit),
        is_late_reporter=is_late_reporter(unit),
        is_type_scored=is_type_scored,
        is_enabled=is_enabled,
        policy_number=policy_number,
        median=median,
        scored=found,
        ratings=tuple(ratings),
        left_out=tuple(left_out),
    )


def corrected_sheet(
    sheet: Sheet,
    correction: ScoreCorrection,
    figures: Figures,
    *,
    reason: str,
    anew: UnitYear | None = None,
    later: Sequence[Fact] = (),
) -> Sheet:
    """Return a sheet corrected; the score is worked out anew by the same rule. The median stays: no other unit moves.

    anew: the unit's facts as they stand now, where the correction recounts.   later: the findings that stand, also
    those made since; what was taken in stays in while it stands. What was left out before stays left out.
    Raises Invalid (an unknown fact, nothing changed).
    """
    unit = sheet.unit
    left_out = list(sheet.left_out)
    if correction.recounts and anew is not None:
        unit = anew.without(one.fact.key for one in left_out)
        parts = {one.key: one.part for one in sheet.unit.facts}
        read = {one.key for one in unit.facts}
        stay = [one for one in later if one.key in parts and one.key not in read]
        kept = _in_order(replace(one, part=parts.get(one.key, one.part)) for one in (*unit.facts, *stay))
        unit = replace(unit, facts=kept, obligations=sheet.unit.obligations)
        standing = {one.key for one in unit.facts}
        left_out += [LeftOut(one, reason) for one in sheet.unit.facts if one.key not in standing]
    if correction.taken_in:
        new = not_counted(replace(sheet, unit=unit, left_out=tuple(left_out)), later)
        if strange := correction.taken_in - {one.key for one in new}:
            raise Invalid(f"没有这一条还没有计入的不实：{sorted(strange)[0]}", field="fact")
        unit = replace(unit, facts=_in_order([*unit.facts, *(one for one in new if one.key in correction.taken_in)]))
    known = {one.key: one for one in unit.facts}
    gone = {key for key in correction.left_out if not correction.recounts or key in known}
    if unknown := (gone | set(correction.parts)) - known.keys():
        raise Invalid(f"考评表上没有这一条：{sorted(unknown)[0]}", field="fact")
    left_out += [LeftOut(known[key], reason) for key in sorted(gone)]
    facts = tuple(
        replace(one, part=correction.parts.get(one.key, one.part)) for one in unit.facts if one.key not in gone
    )
    obligations = unit.obligations if correction.obligations is None else correction.obligations
    if obligations < 0:
        raise Invalid("应办事宜数不能是负数。", field="obligations")
    unit = replace(unit, facts=facts, obligations=obligations)
    if unit == sheet.unit and tuple(left_out) == sheet.left_out:
        raise Invalid("没有任何改变。", field="fact")
    return sheet_of(
        unit,
        figures,
        until=sheet.until,
        policy_number=sheet.policy_number,
        median=sheet.median,
        ratings=sheet.ratings,
        left_out=left_out,
    )


def not_counted(sheet: Sheet, findings: Iterable[Fact]) -> list[Fact]:
    """Return the findings a sheet neither counts nor leaves out with a reason."""
    known = {one.key for one in sheet.unit.facts} | {one.fact.key for one in sheet.left_out}
    return [one for one in findings if one.key not in known]


def _in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts by kind and day, as they are read; the rest of their order stays."""
    order = {kind: at for at, kind in enumerate(FactKind)}
    return tuple(sorted(facts, key=lambda one: (order[one.kind], one.on)))
