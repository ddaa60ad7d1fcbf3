"""The gallery in the documents shows every kind, and its pictures are there and small."""

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.documents import examples

pytestmark = pytest.mark.engine_free

DOCS = Path(__file__).parents[2] / "docs"
SHOWN = re.findall(r"!\[[^\]]+\]\(images/gallery/([a-z0-9-]+\.png)\)", (DOCS / "gallery.md").read_text("utf-8"))


def test_every_kind_is_shown_and_no_picture_is_left_over():
    assert {one.rpartition("-")[0] for one in SHOWN} == set(examples.every_kind())
    assert {one.name for one in (DOCS / "images" / "gallery").iterdir()} == set(SHOWN)


@pytest.mark.parametrize("name", SHOWN)
def test_picture_is_a_page_of_a4_at_100_dpi_and_small(name):
    file = DOCS / "images" / "gallery" / name
    with Image.open(file) as image:
        assert sorted(image.size) == [pytest.approx(827, abs=1), pytest.approx(1170, abs=1)]
        assert image.getcolors(256) is not None and len(image.getcolors(256)) > 2
    assert file.stat().st_size <= 120 * 1024
