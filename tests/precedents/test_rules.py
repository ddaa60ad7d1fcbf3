"""Likeness of texts, nodes shifted to another year, days in red: tables of cases, and the sample notice."""

import random
import re
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from duban.core.workdays import is_workday
from duban.precedents.rules import PastNode, Tally, red_days, shifted_nodes, years_later
from duban.precedents.rules.likeness import Corpus, grams, likeness_words
from duban.reading import read_notice

pytestmark = pytest.mark.engine_free

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "quangang-2020-2.txt"


def node(day: str, pct: int, title: str = "节点") -> PastNode:
    return PastNode(date.fromisoformat(day), title, Decimal(pct))


# ── pairs of characters ──


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("新建小学", {"新建", "建小", "小学"}),
        ("新建，小学", {"新建", "小学"}),
        ("新建12所", {"新建", "建#", "#所"}),
        ("新建３所", {"新建", "建#", "#所"}),
        ("2020年新建", {"新建"}),
        ("水", {"水"}),
        ("5G 基站", {"#g", "g基", "基站"}),
        ("", set()),
        ("，。", set()),
    ],
)
def test_pairs_say_what_a_text_is_about(text, pairs):
    assert set(grams(text)) == pairs


# ── likeness ──


def test_the_same_project_of_another_year_is_found_first():
    corpus = Corpus(
        [
            (1, "新建公办幼儿园3所，新增学位900个。"),
            (2, "新建农村公路20公里。"),
            (3, "改扩建小学9所，新增学位1200个。"),
        ]
    )
    found = corpus.like("2021年续建公办幼儿园5所，新增学位1350个。", least=0.3, most=3)
    assert found[0].id == 1
    assert found[0].share > 0.6


def test_nothing_is_like_an_empty_text_or_found_among_none():
    assert Corpus([]).like("新建小学", least=0.1, most=3) == []
    assert Corpus([(1, "新建小学")]).like("，", least=0.1, most=3) == []
    assert Corpus([(1, "新建小学")]).like("整治污水", least=0.1, most=3) == []


def test_a_text_is_wholly_like_itself_and_no_share_passes_one():
    corpus = Corpus([(1, "新建小学3所"), (2, "整治污水5处")])
    (found,) = corpus.like("新建小学3所", least=0.3, most=3)
    assert (found.id, found.share) == (1, 1.0)


def test_of_two_as_like_the_first_entered_comes_first():
    corpus = Corpus([(1, "新建小学3所。"), (2, "新建小学4所。")])
    assert [one.id for one in corpus.like("新建小学", least=0.1, most=2)] == [1, 2]


def other_words(text: str, *, draw: random.Random) -> str:
    """A matter as next year's notice may put it: other figures, a clause gone, two changed about."""
    text = re.sub(r"\d+", lambda one: str(int(one[0]) + draw.randint(1, 9)), text)
    parts = re.split(r"(?<=[，；、。])", text)
    if len(parts) > 2:
        del parts[draw.randrange(len(parts) - 1)]
    if len(parts) > 2:
        place = draw.randrange(len(parts) - 1)
        parts[place], parts[place - 1] = parts[place - 1], parts[place]
    return "继续" + "".join(parts)


def test_every_row_of_the_sample_notice_is_found_again_in_other_words():
    texts = [one.text for one in read_notice(SAMPLE.read_bytes()).matters]
    corpus, draw = Corpus(enumerate(texts)), random.Random(1)
    found = [corpus.like(other_words(one, draw=draw), least=0.3, most=3) for one in texts]
    assert [some[0].id for some in found] == list(range(128))
    assert min(some[0].share for some in found) > 0.45


def test_rows_about_other_things_are_hardly_ever_shown():
    texts = [one.text for one in read_notice(SAMPLE.read_bytes()).matters]
    corpus = Corpus(enumerate(texts))
    others = [[one for one in corpus.like(text, least=0.3, most=3) if one.id != at] for at, text in enumerate(texts)]
    assert sum(bool(some) for some in others) <= 2


def test_ten_thousand_earlier_matters_cost_no_more_than_their_share():
    """Each text stands eighty times among so many: a question takes about as many times as long, not more."""
    texts = [one.text for one in read_notice(SAMPLE.read_bytes()).matters]
    draw = random.Random(1)
    few = Corpus(enumerate(texts))
    many = Corpus((at, other_words(texts[at % 128], draw=draw)) for at in range(10_240))

    def cost(corpus: Corpus) -> float:
        began = time.perf_counter()
        for one in texts:
            corpus.like(one, least=0.3, most=24)
        return time.perf_counter() - began

    assert min(cost(many) for _ in range(2)) < 160 * min(cost(few) for _ in range(3))


@pytest.mark.parametrize(("share", "words"), [(0.9, "很相近"), (0.75, "很相近"), (0.5, "相近"), (0.31, "有些相近")])
def test_likeness_is_said_in_words(share, words):
    assert likeness_words(share) == words


# ── nodes of another year ──


@pytest.mark.parametrize(
    ("day", "years", "later"),
    [("2019-06-30", 1, "2020-06-30"), ("2020-02-29", 1, "2021-02-28"), ("2020-02-29", 4, "2024-02-29")],
)
def test_years_later(day, years, later):
    assert years_later(date.fromisoformat(day), years).isoformat() == later


def shifted(*nodes: PastNode, starts_on="2021-01-04", due_on="2021-12-31", **more) -> list[tuple[str, int]]:
    found = shifted_nodes(
        nodes, years=1, starts_on=date.fromisoformat(starts_on), due_on=date.fromisoformat(due_on), **more
    )
    return [(one.due_on.isoformat(), int(one.expected_pct)) for one in found]


def test_nodes_lie_a_year_later_on_working_days():
    # 2021-05-01 is the holiday, before it Friday 30 April is worked; 2021-10-03 lies in the holiday
    assert shifted(node("2020-05-01", 30), node("2020-10-03", 70)) == [("2021-04-30", 30), ("2021-09-30", 70)]
    assert all(is_workday(date.fromisoformat(day)) for day, _ in shifted(node("2020-05-01", 30)))


def test_nodes_never_pass_the_final_date():
    assert shifted(node("2020-06-30", 50), node("2020-12-31", 100), due_on="2021-09-30") == [
        ("2021-06-30", 50),
        ("2021-09-30", 100),
    ]


def test_of_two_nodes_on_a_day_the_later_stays():
    assert shifted(node("2020-11-30", 80), node("2020-12-31", 100), due_on="2021-09-30") == [("2021-09-30", 100)]


def test_nodes_before_the_beginning_are_left_out():
    assert shifted(node("2020-02-10", 10), node("2020-06-30", 50), starts_on="2021-03-01") == [("2021-06-30", 50)]


def test_nodes_never_fall():
    assert shifted(node("2020-03-31", 60), node("2020-06-30", 50), node("2020-09-30", 70)) == [
        ("2021-03-31", 60),
        ("2021-09-30", 70),
    ]


# ── days in red ──


@pytest.mark.parametrize(
    ("turns", "days"),
    [
        ([], 0),
        ([("2020-03-01", "green")], 0),
        ([("2020-03-01", "red"), ("2020-03-11", "green")], 10),
        ([("2020-03-01", "red"), ("2020-03-01", "green")], 0),
        ([("2020-03-01", "red"), ("2020-03-05", "")], 4),
        ([("2020-12-30", "red")], 2),
        ([("2020-03-01", "red"), ("2020-03-11", "yellow"), ("2020-12-31", "red")], 11),
        ([("2021-01-05", "red")], 0),
    ],
)
def test_days_in_red_are_counted_to_the_day(turns, days):
    given = [(date.fromisoformat(day), light) for day, light in turns]
    assert red_days(given, until=date(2020, 12, 31)) == days


def test_tallies_add_up():
    whole = Tally(matters=1, late=1)
    whole.add(Tally(matters=2, red_days=5))
    assert (whole.matters, whole.late, whole.red_days) == (3, 1, 5)
