import pytest

from tests.objections.builders import Office, office_of


@pytest.fixture
def office(county, now) -> Office:
    return office_of(county, now)
