"""How the tests are run: what conftest.py and the Makefile name is there."""

from pathlib import Path

import pytest

from tests.conftest import LONG_FIRST

pytestmark = pytest.mark.engine_free

ROOT = Path(__file__).resolve().parents[2]


def test_long_files_are_there():
    assert [name for name in LONG_FIRST if not (ROOT / name).is_file()] == []


def test_browser_is_driven_from_its_folder_only():
    """`make browser` collects no other folder."""
    marked = {path for path in (ROOT / "tests").rglob("test_*.py") if "mark." + "browser" in path.read_text("utf-8")}
    assert marked
    assert {path.parent for path in marked} == {ROOT / "tests" / "browser"}
