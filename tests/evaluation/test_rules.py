"""Scores by tables of cases, and by properties: bounds, order, what a rule moved."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duban.core.errors import Invalid
from duban.evaluation.rules import (
    BONUSES,
    Fact,
    FactKind,
    LeftOut,
    Outcome,
    Rated,
    ScoreCorrection,
    Standing,
    UnitMatter,
    UnitYear,
    YearFacts,
    corrected_sheet,
    is_late_reporter,
    median_of,
    not_counted,
    outcome_of,
    points_of,
    ranks,
    rounded,
    score_of,
    scored,
    sheet_of,
    standing_of,
)
from duban.matters.policy import default_preset, figures_of
from duban.matters.rules import Part

pytestmark = pytest.mark.engine_free

D = Decimal
UNTIL = date(2020, 12, 31)


def figures(**changes):
    values = {section: dict(names) for section, names in default_preset().values.items()}
    values["evaluation"] |= {"enabled": True, **changes}
    return figures_of(values)


def fact(kind: FactKind, number: int = 1, *, part: Part = Part.LEAD, unit_id: int = 1) -> Fact:
    return Fact(f"{kind.value}-{part.value}-{number}", kind, unit_id, date(2020, 6, 20), "事由", part, 7, "第7项")


def unit(*facts: Fact, unit_id: int = 1, obligations: int = 10, unit_type: str = "department", matters=()) -> UnitYear:
    return UnitYear(unit_id, f"单位{unit_id}", unit_type, obligations, tuple(facts), tuple(matters))


def matter(outcome: Outcome, part: Part = Part.LEAD) -> UnitMatter:
    return UnitMatter(7, "第7项", part, outcome, date(2020, 11, 30))


# ---- how a matter came out


@pytest.mark.parametrize(
    ("state", "done_on", "asked_on", "outcome"),
    [
        ("closed", date(2020, 10, 1), None, Outcome.EARLY),
        ("closed", date(2020, 10, 31), None, Outcome.EARLY),
        ("closed", date(2020, 11, 1), None, Outcome.DONE),
        ("closed", date(2020, 11, 30), None, Outcome.DONE),
        ("closed", date(2020, 12, 1), None, Outcome.DONE_LATE),
        ("closed", None, None, Outcome.DONE),
        ("suspended", None, None, Outcome.ADJUSTED),
        ("carried_over", None, None, Outcome.ADJUSTED),
        ("terminated", None, None, Outcome.ADJUSTED),
        ("closing", None, date(2020, 11, 30), Outcome.VERIFYING),
        ("closing", None, date(2020, 12, 1), Outcome.NOT_DONE),
        ("in_progress", None, None, Outcome.NOT_DONE),
        ("assigned", None, None, Outcome.NOT_DONE),
    ],
)
def test_how_a_matter_due_on_30_november_came_out(state, done_on, asked_on, outcome):
    told = {"due_on": date(2020, 11, 30), "until": UNTIL, "done_on": done_on, "asked_on": asked_on, "early_days": 30}
    assert outcome_of(state, **told) is outcome


@pytest.mark.parametrize(
    ("until", "outcome"),
    [(date(2020, 11, 29), Outcome.RUNNING), (date(2020, 11, 30), Outcome.NOT_DONE)],
)
def test_the_due_day_belongs_to_the_unit_until_it_is_over(until, outcome):
    told = {"due_on": date(2020, 11, 30), "done_on": None, "asked_on": None, "early_days": 30}
    assert outcome_of("in_progress", until=until, **told) is outcome


# ---- points


@pytest.mark.parametrize(
    ("kind", "lead", "support"),
    [
        (FactKind.NOT_DONE, "-5.00", "-2.50"),
        (FactKind.LATE_REPORT, "-0.50", "-0.25"),
        (FactKind.MISSING_REPORT, "-2.00", "-1.00"),
        (FactKind.RETURNED, "-1.00", "-0.50"),
        (FactKind.NO_SUBSTANCE, "-1.00", "-0.50"),
        (FactKind.CRITICISED, "-1.00", "-0.50"),
        (FactKind.INTERVIEW, "-2.00", "-1.00"),
        (FactKind.UNTRUE, "-3.00", "-1.50"),
        (FactKind.PRAISED, "1.00", "0.50"),
    ],
)
def test_one_fact_of_each_kind_at_the_median_of_work(kind, lead, support):
    for part, score in ((Part.LEAD, lead), (Part.SUPPORT, support)):
        found = score_of(unit(fact(kind, part=part)), figures(), median=D(10))
        assert [one.score for one in found.lines] == [D(score)]
        assert found.score == D(100) + D(score)
        assert found.loses_award is (kind is FactKind.UNTRUE)


@pytest.mark.parametrize(
    ("obligations", "quotient", "divisor"),
    [
        (0, "0.00", "0.8"),
        (7, "0.70", "0.8"),
        (8, "0.80", "0.8"),
        (12, "1.20", "1.20"),
        (20, "2.00", "2"),
        (48, "4.80", "2"),
    ],
)
def test_workload_is_a_quotient_of_two_digits_within_its_bounds(obligations, quotient, divisor):
    load = score_of(unit(obligations=obligations), figures(), median=D(10)).workload
    assert (load.quotient, load.divisor) == (D(quotient), D(divisor))


def test_three_late_reports_of_a_busy_unit_by_pencil():
    # 13 ÷ 9 = 1.444… = 1.44; −0.5 × 3 ÷ 1.44 = −1.0416… = −1.04
    found = score_of(unit(*(fact(FactKind.LATE_REPORT, n) for n in range(3)), obligations=13), figures(), median=D(9))
    assert found.workload.divisor == D("1.44")
    assert found.lines[0].score == D("-1.04")
    assert found.score == D("98.96")


def test_what_is_untrue_is_not_divided_by_the_workload():
    found = score_of(unit(fact(FactKind.UNTRUE), obligations=40), figures(), median=D(10))
    assert (found.lines[0].divisor, found.lines[0].score) == (D(1), D("-3.00"))


def test_without_normalisation_nothing_is_divided():
    found = score_of(unit(fact(FactKind.CRITICISED), obligations=40), figures(normalised=False), median=D(10))
    assert (found.workload.divisor, found.score) == (D(1), D("99.00"))


def test_bonus_is_capped_and_the_floor_holds():
    praised = unit(*(fact(FactKind.PRAISED, n) for n in range(9)))
    found = score_of(praised, figures(), median=D(10))
    assert (found.bonus_before, found.bonus, found.score) == (D(9), D(5), D("105.00"))
    failed = unit(*(fact(FactKind.NOT_DONE, n) for n in range(30)))
    assert score_of(failed, figures(), median=D(10)).score == D("0.00")


def test_leaders_rating_has_its_share_and_none_leaves_the_score_to_the_facts():
    one = unit(fact(FactKind.MISSING_REPORT))
    found = score_of(one, figures(), median=D(10), ratings=[D(90), D("85.5"), D(80)])
    # 98.00 × 0.8 + 85.17 × 0.2 = 78.40 + 17.034 = 95.434
    assert (found.rating, found.score) == (D("85.17"), D("95.43"))
    alone = score_of(one, figures(), median=D(10))
    assert (alone.rating, alone.score) == (None, D("98.00"))
    unshared = score_of(one, figures(leaders_rating_pct=0), median=D(10), ratings=[D(10)])
    assert (unshared.rating, unshared.score) == (None, D("98.00"))


@pytest.mark.parametrize(
    ("value", "shown"), [("1.005", "1.01"), ("-1.005", "-1.01"), ("-0.001", "0.00"), ("2", "2.00")]
)
def test_rounding_is_half_up_and_knows_no_negative_zero(value, shown):
    assert str(rounded(D(value))) == shown


def test_median_counts_only_units_that_are_scored_and_have_work():
    units = [
        unit(unit_id=1, obligations=4),
        unit(unit_id=2, obligations=9),
        unit(unit_id=3, obligations=0),
        unit(unit_id=4, obligations=100, unit_type="military"),
    ]
    assert median_of(units, figures()) == D("6.5")
    assert median_of(units[:1], figures()) == D(4)
    assert median_of([], figures()) == D(0)


def test_units_that_get_invitations_are_not_scored():
    year = YearFacts(UNTIL, tuple(unit(unit_id=n, unit_type=kind) for n, kind in enumerate(("party", "town"))))
    assert list(scored(year, figures()).units) == [1]


def test_effects_say_what_each_rule_did_the_heaviest_first():
    facts = [fact(FactKind.CRITICISED), fact(FactKind.NOT_DONE), fact(FactKind.LATE_REPORT)]
    found = score_of(unit(*facts), figures(), median=D(10))
    assert [(one.kind, one.total, one.without, one.moved) for one in found.effects] == [
        (FactKind.NOT_DONE, D("-5.00"), D("98.50"), D("-5.00")),
        (FactKind.CRITICISED, D("-1.00"), D("94.50"), D("-1.00")),
        (FactKind.LATE_REPORT, D("-0.50"), D("94.00"), D("-0.50")),
    ]


def test_a_rule_above_the_cap_moves_less_than_it_gives():
    found = score_of(unit(*(fact(FactKind.PRAISED, n) for n in range(7))), figures(), median=D(10))
    [effect] = found.effects
    assert (effect.total, effect.moved) == (D("7.00"), D("5.00"))


def test_equal_scores_share_a_place():
    assert ranks({1: D("99.00"), 2: D("99.50"), 3: D("99.00"), 4: D("10.00")}) == {2: 1, 1: 2, 3: 2, 4: 4}


# ---- lists


def test_lists_are_by_what_a_unit_leads():
    done, late, open_ = (matter(one) for one in (Outcome.DONE, Outcome.DONE_LATE, Outcome.RUNNING))
    assert standing_of(unit(matters=[done])) is Standing.WELL
    assert standing_of(unit(matters=[late])) is Standing.ON_TIME
    assert standing_of(unit(matters=[open_])) is Standing.ON_TIME
    assert standing_of(unit(fact(FactKind.LATE_REPORT), matters=[done])) is Standing.ON_TIME
    assert standing_of(unit(fact(FactKind.NOT_DONE), matters=[done])) is Standing.BEHIND
    assert standing_of(unit(fact(FactKind.NOT_DONE, part=Part.SUPPORT), matters=[done])) is Standing.WELL
    assert standing_of(unit(fact(FactKind.UNTRUE), matters=[done])) is Standing.BEHIND
    assert is_late_reporter(unit(fact(FactKind.MISSING_REPORT)))
    assert not is_late_reporter(unit(fact(FactKind.RETURNED)))


# ---- sheets and corrections


def sheet(*facts: Fact, obligations: int = 10):
    rated = [Rated("区长", D(90), "", UNTIL)]
    told = {"until": UNTIL, "policy_number": 2, "median": D(10), "ratings": rated}
    return sheet_of(unit(*facts, obligations=obligations), figures(), **told)


def test_a_correction_leaves_a_fact_out_and_scores_by_the_same_rule():
    before = sheet(fact(FactKind.NOT_DONE), fact(FactKind.CRITICISED))
    correction = ScoreCorrection(left_out=frozenset({"criticised-lead-1"}))
    after = corrected_sheet(before, correction, figures(), reason="通报已撤回")
    assert (before.scored.facts_score, after.scored.facts_score) == (D("94.00"), D("95.00"))
    assert after.left_out == (LeftOut(fact(FactKind.CRITICISED), "通报已撤回"),)
    assert after.ratings == before.ratings


def test_a_correction_takes_in_what_was_found_untrue_later_and_a_recount_keeps_it_while_it_stands():
    before = sheet(fact(FactKind.NOT_DONE), fact(FactKind.PRAISED))
    found = fact(FactKind.UNTRUE)
    assert not_counted(before, [found]) == [found]
    taken = ScoreCorrection(taken_in=frozenset({found.key}))
    after = corrected_sheet(before, taken, figures(), reason="核验不实", later=[found])
    assert [one.kind for one in after.unit.facts] == [FactKind.NOT_DONE, FactKind.UNTRUE, FactKind.PRAISED]
    assert (before.scored.facts_score - after.scored.facts_score, after.scored.loses_award) == (D(3), True)
    assert not_counted(after, [found]) == []
    anew = unit(fact(FactKind.PRAISED))
    told = {"reason": "重新取", "anew": anew}
    still = corrected_sheet(after, ScoreCorrection(recounts=True), figures(), later=[found], **told)
    assert [one.kind for one in still.unit.facts] == [FactKind.UNTRUE, FactKind.PRAISED]
    overturned = corrected_sheet(after, ScoreCorrection(recounts=True), figures(), **told)
    assert [one.fact.kind for one in overturned.left_out] == [FactKind.NOT_DONE, FactKind.UNTRUE]
    with pytest.raises(Invalid, match="没有这一条还没有计入的不实"):
        corrected_sheet(after, taken, figures(), reason="再计一次", later=[found])


def test_a_correction_may_change_the_part_and_the_workload():
    before = sheet(fact(FactKind.NOT_DONE))
    correction = ScoreCorrection(parts={"not_done-lead-1": Part.SUPPORT}, obligations=20)
    after = corrected_sheet(before, correction, figures(), reason="协办单位")
    assert (after.scored.lines[0].ratio, after.scored.workload.divisor) == (D("0.5"), D(2))
    assert after.scored.facts_score == D("98.75")


def test_recounting_takes_what_stands_now_and_keeps_what_was_corrected_before():
    one, two, new = (fact(FactKind.CRITICISED, n) for n in (1, 2, 3))
    before = corrected_sheet(
        sheet(one, two), ScoreCorrection(left_out=frozenset({one.key})), figures(), reason="撤回第一条"
    )
    anew = unit(one, new, obligations=99)
    after = corrected_sheet(before, ScoreCorrection(recounts=True), figures(), reason="第二条也撤回", anew=anew)
    assert [each.key for each in after.unit.facts] == [new.key]
    assert [(each.fact.key, each.reason) for each in after.left_out] == [
        (one.key, "撤回第一条"),
        (two.key, "第二条也撤回"),
    ]
    assert after.unit.obligations == 10


@pytest.mark.parametrize(
    ("correction", "says"),
    [
        (ScoreCorrection(), "没有任何改变"),
        (ScoreCorrection(left_out=frozenset({"nothing"})), "没有这一条"),
        (ScoreCorrection(obligations=-1), "不能是负数"),
        (ScoreCorrection(obligations=10), "没有任何改变"),
    ],
)
def test_a_correction_that_changes_nothing_or_names_nothing_is_refused(correction, says):
    with pytest.raises(Invalid, match=says):
        corrected_sheet(sheet(fact(FactKind.NOT_DONE)), correction, figures(), reason="理由")


# ---- properties

_FACTS = st.lists(st.tuples(st.sampled_from(FactKind), st.sampled_from(Part)), max_size=40)
_RATINGS = st.lists(st.decimals(0, 100, places=2), max_size=5)


def of(pairs) -> tuple[Fact, ...]:
    return tuple(fact(kind, number, part=part) for number, (kind, part) in enumerate(pairs))


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the rules
@given(_FACTS, st.integers(0, 200), st.integers(1, 200), _RATINGS)
def test_a_score_stays_within_its_bounds(pairs, obligations, median, ratings):
    found = score_of(unit(*of(pairs), obligations=obligations), figures(), median=D(median), ratings=ratings)
    assert D(0) <= found.facts_score <= D(105)
    assert D(0) <= found.score <= D(105)
    assert found.bonus <= D(5)
    assert found.deductions <= 0
    assert found.score == found.score.quantize(D("0.01"))


@given(_FACTS, st.randoms(use_true_random=False), _RATINGS)
def test_the_order_of_facts_and_of_ratings_is_all_one(pairs, chance, ratings):
    facts, turned = list(of(pairs)), list(ratings)
    before = score_of(unit(*facts), figures(), median=D(9), ratings=ratings)
    chance.shuffle(facts)
    chance.shuffle(turned)
    assert score_of(unit(*facts), figures(), median=D(9), ratings=turned) == before


@given(_FACTS, st.sampled_from([one for one in FactKind if one not in BONUSES]), st.sampled_from(Part))
def test_one_more_failing_never_raises_a_score(pairs, kind, part):
    facts = of(pairs)
    before = score_of(unit(*facts), figures(), median=D(7)).score
    assert score_of(unit(*facts, fact(kind, 999, part=part)), figures(), median=D(7)).score <= before


@given(_FACTS)
def test_every_line_is_the_product_it_says(pairs):
    found = score_of(unit(*of(pairs), obligations=13), figures(), median=D(9))
    for line in found.lines:
        assert line.score == rounded(line.points * line.count * line.ratio / line.divisor)
        assert line.points == points_of(line.kind, figures().evaluation)
    assert sum(one.count for one in found.lines) == len(pairs)


@given(_FACTS)
def test_a_sheet_survives_freezing(pairs):
    from duban.evaluation.rules import Sheet
    from duban.papers.rules import frozen_values, thawed

    one = dataclasses.replace(sheet(*of(pairs)), left_out=(LeftOut(fact(FactKind.UNTRUE), "复核"),))
    assert thawed(Sheet, frozen_values(one)) == one
