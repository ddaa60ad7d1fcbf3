"""Which plan a command means: one way for all of them."""

import pytest

from duban.cli.plans import plan_of
from duban.core.errors import NotFound
from duban.matters.actions import create_plan
from duban.orgs.models import Jurisdiction

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans(county, officer, now):
    told = {"by": officer, "now": now}
    return {year: create_plan(county, year=year, title=f"{year}年度台账", **told) for year in (2020, 2021)}


@pytest.fixture
def twin(plans, now, system_admin, office_head):
    """Another place with a plan of 2021."""
    from tests.conftest import holder

    place = Jurisdiction.objects.create(level="county", name="临江市江北区", short_name="江北区")
    by = holder("officer", jurisdiction=place)
    return create_plan(place, year=2021, title="2021年度台账", by=by, now=now)


def test_the_plan_of_a_year_or_the_latest(plans, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert plan_of(2020, jurisdiction="") == plans[2020]
    assert plan_of(0, jurisdiction="") == plans[2021]
    assert plan_of(0, jurisdiction="临江区") == plans[2021]
    assert plan_of(2020, jurisdiction="临江市临江区") == plans[2020]


def test_where_several_places_have_one_it_says_which(plans, twin):
    for year in (0, 2021):
        with pytest.raises(NotFound) as refusal:
            plan_of(year, jurisdiction="")
        assert refusal.value.message == "临江区、江北区都有2021年度的台账，请用 --jurisdiction 写明是哪一个。"
    assert plan_of(0, jurisdiction="江北区") == twin
    assert plan_of(2020, jurisdiction="") == plans[2020]


@pytest.mark.parametrize(
    ("year", "place", "words"),
    [
        (1999, "", "没有1999年度的台账。"),
        (2020, "别处", "没有别处2020年度的台账。"),
        (0, "别处", "没有别处的台账。"),
    ],
)
def test_a_plan_that_is_not_there_is_named(plans, year, place, words):
    with pytest.raises(NotFound) as refusal:
        plan_of(year, jurisdiction=place)
    assert refusal.value.message == words


def test_without_any_plan_it_says_so(db):
    with pytest.raises(NotFound) as refusal:
        plan_of(0, jurisdiction="")
    assert refusal.value.message == "还没有建立台账。"
