import pytest

from tests.matters.builders import World, usual_world


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)
