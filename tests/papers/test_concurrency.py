"""Several issue at once: SQLite in a file, or PostgreSQL."""

import pdfplumber
import pytest

from duban.audit.models import Event
from duban.papers.actions import issue_assignment
from duban.papers.models import IssuedPaper, NumberCounter
from duban.papers.queries import opened_paper
from duban.papers.rules import Format
from tests.at_once import at_once
from tests.matters.builders import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def test_notices_issued_at_once_have_numbers_of_their_own_printed_on_them(county, officer, office_head, now, folder):
    world = make_world(county, officer, office_head, now)
    matters = [world.assigned(serial=str(number)) for number in range(1, 7)]
    calls = [
        lambda one=one: issue_assignment(world.plan, matters=[one], by=world.officer, now=world.now) for one in matters
    ]
    outcomes = at_once(*calls)
    issued = [one for one in outcomes if isinstance(one, IssuedPaper)]
    assert [str(one) for one in outcomes if not isinstance(one, IssuedPaper)] == []
    assert sorted(one.number_text for one in issued) == [f"临江政督交〔2020〕{number}号" for number in range(1, 7)]
    assert sorted(one.version for one in issued) == [1, 2, 3, 4, 5, 6]
    assert NumberCounter.objects.get().last == 6
    assert Event.objects.filter(name="papers.issued").count() == 6
    for one in issued:
        with opened_paper(one, Format.PDF) as kept, pdfplumber.open(kept) as pdf:
            assert one.number_text in pdf.pages[0].extract_text().replace(" ", "")
    assert list(folder.glob(".new-*")) == []
