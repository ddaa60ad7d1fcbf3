"""计分: points for facts, divided by the workload, with the leaders' rating. Every step can be followed with a pencil.

    折算系数 = 应办事宜数 ÷ 中位数, two digits, kept within the policy's bounds
    一行得分 = 每次分值 × 次数 × 牵头、协办比例 ÷ 折算系数, two digits
    事实得分 = 基准分 + 扣分各行之和 + 加分各行之和（不超过上限）, not below the floor
    总分     = 事实得分 × (1 − 领导评价占比) + 领导评价平均分 × 占比, two digits

Rounding is half up, and each step goes on from the rounded figure of the step before: what is shown is what is counted
with. Source: docs/sources.md#evaluation
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from duban.evaluation.rules.words import BONUSES, UNDILUTED, FactKind
from duban.evaluation.rules.year import UnitYear, YearFacts
from duban.matters.policy import Evaluation, Figures
from duban.matters.rules import Part

_CENT = Decimal("0.01")
_ONE = Decimal(1)
_HUNDRED = Decimal(100)


def rounded(value: Decimal) -> Decimal:
    """Return a figure with two digits, half up (away from zero)."""
    return value.quantize(_CENT, rounding=ROUND_HALF_UP) + 0


def exact(value: float) -> Decimal:
    """Return a figure of the policy as it is written there."""
    return Decimal(str(value))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet: facts of one kind in one part. score = points × count × ratio ÷ divisor, two digits."""

    kind: FactKind
    part: Part
    points: Decimal
    count: int
    ratio: Decimal
    divisor: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class Workload:
    """折算系数: obligations ÷ median, two digits, kept between least and most. is_used: the policy divides by it."""

    obligations: int
    median: Decimal
    quotient: Decimal
    least: Decimal
    most: Decimal
    divisor: Decimal
    is_used: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """敏感性: what one rule did to a unit. total: of its lines; without: what the score would be without the rule."""

    kind: FactKind
    total: Decimal
    without: Decimal
    moved: Decimal


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit's score with every step of it. rating: the mean of the leaders' ratings, None where nobody rated.

    loses_award: 取消评先资格, whatever the score.   effects: the rule that moved it most comes first.
    """

    unit_id: int
    base: Decimal
    lines: tuple[Line, ...]
    workload: Workload
    deductions: Decimal
    bonus_before: Decimal
    bonus: Decimal
    floor: Decimal
    facts_score: Decimal
    rating: Decimal | None
    rating_count: int
    rating_pct: int
    score: Decimal
    loses_award: bool
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """Every unit's score; not among them: units of inviting types. median: of the obligations of those scored."""

    median: Decimal
    units: Mapping[int, Scored]


def is_scored(unit: UnitYear, figures: Figures) -> bool:
    """Return whether a unit is scored at all: party bodies, mass organisations, 垂管 and the military are not."""
    return unit.unit_type not in figures.letters.inviting_unit_types


def median_of(units: Iterable[UnitYear], figures: Figures) -> Decimal:
    """Return the middle number of obligations of the units that are scored and have any; 0 where there are none."""
    counts = sorted(one.obligations for one in units if one.obligations and is_scored(one, figures))
    if not counts:
        return Decimal(0)
    middle = len(counts) // 2
    if len(counts) % 2:
        return Decimal(counts[middle])
    return Decimal(counts[middle - 1] + counts[middle]) / 2


def scored(year: YearFacts, figures: Figures, *, ratings: Mapping[int, Sequence[Decimal]] | None = None) -> Scores:
    """Return the score of every unit of a year under a policy, whether or not the policy switches scoring on.

    ratings: by unit, what leaders gave; none for a unit leaves its score to the facts alone.
    """
    median = median_of(year.units, figures)
    given = ratings or {}
    return Scores(
        median,
        {
            one.unit_id: score_of(one, figures, median=median, ratings=given.get(one.unit_id, ()))
            for one in year.units
            if is_scored(one, figures)
        },
    )


def score_of(unit: UnitYear, figures: Figures, *, median: Decimal, ratings: Sequence[Decimal] = ()) -> Scored:
    """Return one unit's score. median: of the year, so that a correction of one unit moves no other."""
    policy = figures.evaluation
    counts: dict[tuple[FactKind, Part], int] = {}
    for one in unit.facts:
        counts[one.kind, one.part] = counts.get((one.kind, one.part), 0) + 1
    workload = _workload(unit.obligations, median=median, policy=policy)
    lines = tuple(
        _line(kind, part, count, workload=workload, policy=policy)
        for kind in FactKind
        for part in Part
        if (count := counts.get((kind, part), 0))
    )
    found = _summed(unit.unit_id, lines, workload=workload, policy=policy, ratings=ratings)
    effects = []
    for kind in dict.fromkeys(one.kind for one in lines):
        rest = tuple(one for one in lines if one.kind is not kind)
        without = _summed(unit.unit_id, rest, workload=workload, policy=policy, ratings=ratings).score
        total = sum((one.score for one in lines if one.kind is kind), Decimal(0))
        effects.append(Effect(kind, total, without, found.score - without))
    effects.sort(key=lambda one: -abs(one.moved))
    return _summed(unit.unit_id, lines, workload=workload, policy=policy, ratings=ratings, effects=tuple(effects))


def _workload(obligations: int, *, median: Decimal, policy: Evaluation) -> Workload:
    least, most = exact(policy.workload_least), exact(policy.workload_most)
    quotient = rounded(obligations / median) if median else _ONE
    within = min(max(quotient, least), most)
    return Workload(
        obligations, median, quotient, least, most, within if policy.normalised else _ONE, policy.normalised
    )


def points_of(kind: FactKind, policy: Evaluation) -> Decimal:
    """Return what one fact of a kind is worth to a lead unit."""
    return exact(getattr(policy, f"{kind.value}_score"))


def _line(kind: FactKind, part: Part, count: int, *, workload: Workload, policy: Evaluation) -> Line:
    points = points_of(kind, policy)
    ratio = _ONE if part is Part.LEAD else exact(policy.support_ratio)
    divisor = _ONE if kind in UNDILUTED else workload.divisor
    return Line(kind, part, points, count, ratio, divisor, rounded(points * count * ratio / divisor))


def _summed(
    unit_id: int,
    lines: tuple[Line, ...],
    *,
    workload: Workload,
    policy: Evaluation,
    ratings: Sequence[Decimal],
    effects: tuple[Effect, ...] = (),
) -> Scored:
    base, floor, most = Decimal(policy.base_score), Decimal(policy.floor_score), exact(policy.bonus_most)
    deductions = sum((one.score for one in lines if one.kind not in BONUSES), Decimal(0))
    bonus_before = sum((one.score for one in lines if one.kind in BONUSES), Decimal(0))
    bonus = min(bonus_before, most)
    facts_score = rounded(max(base + deductions + bonus, floor))
    pct = policy.leaders_rating_pct
    rating = rounded(sum(ratings, Decimal(0)) / len(ratings)) if ratings and pct else None
    score = facts_score
    if rating is not None:
        score = rounded((facts_score * (_HUNDRED - pct) + rating * pct) / _HUNDRED)
    return Scored(
        unit_id=unit_id,
        base=base,
        lines=lines,
        workload=workload,
        deductions=deductions,
        bonus_before=bonus_before,
        bonus=bonus,
        floor=floor,
        facts_score=facts_score,
        rating=rating,
        rating_count=len(ratings) if pct else 0,
        rating_pct=pct,
        score=score,
        loses_award=any(one.kind is FactKind.UNTRUE for one in lines),
        effects=effects,
    )


def ranks(scores: Mapping[int, Decimal]) -> dict[int, int]:
    """Return the place of each unit by its score; equal scores share a place. Only where the policy ranks."""
    ordered = sorted(scores.values(), reverse=True)
    return {unit_id: ordered.index(score) + 1 for unit_id, score in scores.items()}
