"""A data folder whose tables are made, for commands whose subject is not the making of them."""

import shutil

import pytest

from tests import once


@pytest.fixture(scope="session")
def tables_made(tmp_path_factory):
    """To be copied, never to be worked in: every table and no row, as `duban manage migrate` leaves them."""
    return once.tables(tmp_path_factory)


@pytest.fixture
def prepared_folder(tables_made, tmp_path):
    """A data folder of a test's own with every table and no row."""
    return shutil.copytree(tables_made, tmp_path / "data")
