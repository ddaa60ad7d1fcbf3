import pytest

from tests.matters.builders import World, usual_world
from tests.reports.builders import DAY


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture
def june(now):
    """Ten days before the first report day."""
    return now.replace(year=DAY.year, month=6, day=10)
