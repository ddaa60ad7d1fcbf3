import pytest

from duban.intake.actions import upload_notice
from duban.intake.models import Cell, Row
from tests.intake.builders import notice_bytes


@pytest.fixture
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


@pytest.fixture
def notice(county, officer, now, files):
    return upload_notice(county, data=notice_bytes(), file_name="通知.txt", by=officer, now=now)


@pytest.fixture
def row(notice):
    """Return the row of a serial as it stands now."""

    def find(serial):
        cell = Cell.objects.select_related("row").get(row__notice=notice, field="serial", value=serial)
        return Row.objects.get(pk=cell.row_id)

    return find


@pytest.fixture
def cell(row):
    """Return the cell of a serial and a column as it stands now."""

    def find(serial, field):
        return Cell.objects.get(row=row(serial), field=field)

    return find
