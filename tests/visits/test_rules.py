"""The draw, the budget, what answers come to: tables of cases, no database."""

import hashlib
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.visits.rules import (
    Calling,
    Concern,
    Listed,
    Merging,
    Pools,
    Result,
    Why,
    cautions_of,
    counted_once,
    draw_size,
    drawn_of,
    listed_of,
    lot_of,
    merging_of,
    worst_of,
)

pytestmark = pytest.mark.engine_free

KEYS = tuple(f"第{number}项" for number in range(1, 41))


def test_lot_is_the_sha256_anybody_can_compute():
    assert lot_of("临江2021", "第69项") == hashlib.sha256("临江2021:第69项".encode()).hexdigest()


@pytest.mark.parametrize(
    ("pool", "pct", "size"), [(0, 10, 0), (1, 10, 1), (10, 10, 1), (11, 10, 2), (40, 10, 4), (40, 0, 0), (7, 100, 7)]
)
def test_part_of_a_pool_is_rounded_up(pool, pct, size):
    assert draw_size(pool, pct=pct) == size


def test_draw_is_pinned():
    """Whoever drew this list once must get it for ever: a change of the rule would be a change of the list."""
    assert drawn_of(KEYS, seed="临江2021", pct=10) == ["第3项", "第24项", "第11项", "第12项"]


@given(st.lists(st.text(min_size=1, max_size=8), max_size=30), st.text(min_size=1), st.integers(0, 100), st.randoms())
def test_same_seed_gives_the_same_draw_in_any_order(keys, seed, pct, chance: random.Random):
    first = drawn_of(keys, seed=seed, pct=pct)
    again = list(keys)
    chance.shuffle(again)
    assert drawn_of([*again, *again], seed=seed, pct=pct) == first
    assert len(first) == draw_size(len(set(keys)), pct=pct)
    assert set(first) <= set(keys)


def test_other_seeds_draw_others():
    assert len({tuple(drawn_of(KEYS, seed=f"种子{number}", pct=10)) for number in range(20)}) > 15


def test_list_holds_named_red_and_drawn_once_each_with_every_reason():
    pools = Pools(named=("甲", "乙"), red=("乙", "丙"), closed=("甲", "丁"))
    assert listed_of(pools, seed="种子种子", pct=100) == [
        Listed("甲", (Why.NAMED,)),
        Listed("乙", (Why.NAMED, Why.RED)),
        Listed("丙", (Why.RED,)),
        Listed("丁", (Why.DRAWN,)),
    ]
    assert pools.to_draw == ("丁",)


def calling(id_: int, first: str, last: str = "", *, thing: str = "visit", unit: int = 1) -> Calling:
    days = date.fromisoformat(first), date.fromisoformat(last or first)
    return Calling(thing, id_, f"核验{id_}", "routine", unit, *days)


EARLIER = [calling(1, "2020-03-02"), calling(2, "2020-06-01", "2020-06-03"), calling(3, "2020-09-07")]


@pytest.mark.parametrize(("times", "is_warned"), [(3, True), (4, False)])
def test_budget_warns_from_the_visit_beyond_it_with_the_earlier_days(times, is_warned):
    found = cautions_of([calling(9, "2020-11-02")], EARLIER, times=times, names={1: "教育局"})
    assert [one.concern for one in found] == ([Concern.BUDGET] if is_warned else [])
    if found:
        assert found[0].words == (
            "教育局2020年已安排 3 次（2020年3月2日、2020年6月1日至2020年6月3日、2020年9月7日），"
            "再去就超过每年 3 次的约束。"
        )


@pytest.mark.parametrize(
    ("first", "last", "met"),
    [("2020-05-29", "2020-05-31", []), ("2020-05-29", "2020-06-01", [2]), ("2020-06-03", "2020-06-08", [2]),
     ("2020-06-04", "2020-06-08", [])],
)  # fmt: skip
def test_overlap_is_of_days_both_have(first, last, met):
    found = cautions_of([calling(9, first, last)], EARLIER, times=10, names={1: "教育局"})
    assert [other.id for one in found for other in one.others] == met


def test_visit_is_not_in_its_own_way_and_another_unit_is_not_either():
    mine = calling(2, "2020-06-02")
    others = [*EARLIER, calling(8, "2020-06-02", unit=2)]
    assert cautions_of([mine], others, times=3, names={1: "教育局"}) == []


def test_another_year_has_its_own_budget():
    assert cautions_of([calling(9, "2021-01-04")], EARLIER, times=3, names={1: "教育局"}) == []


def test_check_a_visit_carries_out_counts_once():
    both = [calling(5, "2020-06-02", thing="check"), calling(6, "2020-06-02")]
    assert counted_once(both, carried_out={5}) == [both[1]]


@pytest.mark.parametrize(
    ("results", "worst"),
    [(["true", "true"], "true"), (["true", "mostly"], "mostly"), (["untrue", "true", "mostly"], "untrue")],
)
def test_worst_claim_makes_the_result(results, worst):
    assert worst_of(Result(one) for one in results) == worst


@pytest.mark.parametrize(
    ("seen", "standing", "is_equal", "what"),
    [
        (0, 0, False, Merging.TAKEN),
        (7, 7, False, Merging.TAKEN),
        (0, 7, False, Merging.CONFLICT),
        (5, 7, False, Merging.CONFLICT),
        (0, 7, True, Merging.SAME),
        (7, 7, True, Merging.SAME),
    ],
)
def test_answer_written_without_sight_of_the_standing_one_is_a_conflict(seen, standing, is_equal, what):
    assert merging_of(seen=seen, standing=standing, is_equal=is_equal) is what
