from datetime import date
from decimal import Decimal as D

import pytest

from duban.matters.rules import Forecast
from duban.progress.rules import Statuses, disagreements, months_between

pytestmark = pytest.mark.engine_free

TODAY = date(2020, 9, 30)


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        (date(2020, 1, 31), date(2020, 2, 29), 0),
        (date(2020, 1, 31), date(2020, 3, 31), 2),
        (date(2020, 2, 29), date(2021, 2, 28), 11),
        (date(2020, 6, 30), date(2020, 9, 30), 3),
        (date(2020, 6, 30), date(2020, 9, 29), 2),
        (date(2020, 9, 30), date(2020, 9, 30), 0),
        (date(2020, 10, 1), date(2020, 9, 30), 0),
        (date(2019, 12, 1), date(2020, 1, 1), 1),
    ],
)
def test_whole_months_between_two_days(earlier, later, months):
    assert months_between(earlier, later) == months


def notes(**given):
    given = {name: D(value) if name.endswith("_pct") and value is not None else value for name, value in given.items()}
    return disagreements(Statuses(**given), today=TODAY, notable_points=10)


FRESH = {"said_on": date(2020, 9, 20), "evidence_count": 2, "evidence_on": date(2020, 9, 20)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({**FRESH, "said_pct": "75", "expected_pct": "75"}, []),
        # what is said and what is shown
        (
            {**FRESH, "said_pct": "60", "evidence_on": date(2020, 6, 30), "expected_pct": "60"},
            ["单位报 60%，佐证最近一次为 3 个月前"],
        ),
        ({**FRESH, "said_pct": "60", "evidence_on": date(2020, 7, 31), "expected_pct": "60"}, []),  # not two months yet
        (
            {**FRESH, "said_pct": "60", "said_on": date(2020, 6, 30), "evidence_on": date(2020, 6, 30)},
            [],  # both are as old: they do not disagree
        ),
        ({"said_pct": "60", "said_on": date(2020, 9, 20), "evidence_count": 0}, ["单位报 60%，还没有佐证材料"]),
        ({"said_pct": "60", "said_on": date(2020, 9, 20)}, []),  # a reader who does not see all the evidence
        ({"said_pct": "0", "said_on": date(2020, 9, 20), "evidence_count": 0}, []),
        ({**FRESH, "said_pct": "51.55", "figures": 2, "figures_shown": 1}, ["2 个数字中 1 个没有佐证"]),
        ({**FRESH, "said_pct": "51.55", "figures": 2, "figures_shown": 2}, []),
        ({**FRESH, "said_pct": "51.55", "figures": 2, "figures_shown": 0}, []),  # said with the evidence already
        # what is said and what is demanded
        (
            {**FRESH, "said_pct": "50", "expected_pct": "75.5", "forecast": Forecast.ON_TIME},
            ["单位预判能按期，所报比序时少 25.5 个百分点"],
        ),
        (
            {**FRESH, "said_pct": "65", "expected_pct": "75", "forecast": Forecast.ON_TIME},
            ["单位预判能按期，所报比序时少 10 个百分点"],
        ),
        ({**FRESH, "said_pct": "65.01", "expected_pct": "75", "forecast": Forecast.ON_TIME}, []),
        ({**FRESH, "said_pct": "50", "expected_pct": "75", "forecast": Forecast.UNLIKELY}, []),
        (
            {**FRESH, "said_pct": "75", "expected_pct": "75", "forecast": Forecast.UNLIKELY},
            ["所报不低于序时，单位预判难以按期完成"],
        ),
        (
            {**FRESH, "said_pct": "80", "expected_pct": "75", "forecast": Forecast.STRAINED},
            ["所报不低于序时，单位预判有困难但可完成"],
        ),
        (
            {**FRESH, "said_pct": "30", "said_on": date(2020, 5, 30), "expected_pct": "75"},
            ["所报比序时少 45 个百分点，上次填报为 4 个月前"],
        ),
        ({"expected_pct": "75"}, ["序时应完成 75%，单位还没有填报百分比"]),
        ({"expected_pct": "9.99"}, []),
        # nothing is demanded by the day (常态)
        ({**FRESH, "said_pct": "10", "forecast": Forecast.UNLIKELY}, []),
        # several at once
        (
            {
                "said_pct": "30",
                "said_on": date(2020, 6, 1),
                "evidence_count": 0,
                "expected_pct": "75",
                "forecast": Forecast.ON_TIME,
            },
            [
                "单位报 30%，还没有佐证材料",
                "单位预判能按期，所报比序时少 45 个百分点",
                "所报比序时少 45 个百分点，上次填报为 3 个月前",
            ],
        ),
    ],
)
def test_where_the_three_disagree_is_said_and_not_judged(given, expected):
    assert notes(**given) == expected
