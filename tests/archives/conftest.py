import pytest

from tests.matters.builders import World, usual_world


@pytest.fixture
def world(county, officer, office_head, now) -> World:
    return usual_world(county, officer, office_head, now)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """Files of these tests lie in a folder of their own."""
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path
