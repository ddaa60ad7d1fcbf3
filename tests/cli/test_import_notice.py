"""`duban import` in a process of its own, as an operator runs it."""

import sqlite3

import pytest

from tests.cli.running import duban
from tests.intake.builders import ROWS, notice_bytes

pytestmark = pytest.mark.engine_free


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "通知.txt"
    path.write_bytes(notice_bytes())
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def count(folder, table):
    with sqlite3.connect(folder / "duban.sqlite3") as database:
        return database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def test_import_lays_out_for_review_and_says_where(file, folder):
    result = duban("import", file, "--data", folder)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[1] == "临江市临江区 2020 年，8 / 9 项；疑点 4 处，待认定名称 1 个，待确认单元格 4 个。"
    assert lines[2].startswith("等待核对。核对台：/notices/1/desk/")
    assert (count(folder, "intake_row"), count(folder, "matters_matter")) == (8, 0)
    again = duban("import", file, "--data", folder)
    assert (again.returncode, "这份通知已于" in again.stderr, count(folder, "intake_notice")) == (2, True, 1)


def test_confirmed_import_registers_at_once(file, prepared_folder):
    result = duban("import", file, "--confirm", "--data", prepared_folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "已全部确认并立项：临江区2020年度台账，8 项。打开台账：/ledger/"
    assert count(prepared_folder, "matters_matter") == 8


def test_confirmed_import_without_approval_imports_nothing(tmp_path, prepared_folder):
    folder = prepared_folder
    path = tmp_path / "b.txt"
    path.write_bytes(notice_bytes(approved=""))
    result = duban("import", path, "--confirm", "--data", folder)
    assert (result.returncode, result.stderr) == (2, "通知没有写明由谁、何时同意，请补上 --basis。没有导入。\n")
    assert [count(folder, f"{table}") for table in ("intake_notice", "orgs_jurisdiction")] == [0, 0]
    given = duban("import", path, "--confirm", "--basis", "经区政府第5次常务会议同意", "--data", folder)
    assert (given.returncode, count(folder, "matters_matter")) == (0, 8)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "folder"),
        (b"\x00\xff\x00\xfe" * 100, "prepared_folder"),
        ("没有表的一段话。".encode(), "prepared_folder"),
        ("序号\t具体目标任务\t牵头单位\n".encode(), "prepared_folder"),
    ],
)
def test_bad_input_imports_nothing(request, tmp_path, data, where):
    folder = request.getfixturevalue(where)
    path = tmp_path / "坏.txt"
    path.write_bytes(data)
    result = duban("import", path, "--data", folder)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    assert [count(folder, table) for table in ("intake_notice", "intake_row", "orgs_jurisdiction")] == [0, 0, 0]
    assert not (folder / "files").exists()


def test_missing_file_and_wrong_calls_are_said(tmp_path, folder):
    missing = duban("import", tmp_path / "没有.txt", "--data", folder)
    assert (missing.returncode, missing.stderr.startswith("打不开文件")) == (2, True)
    for arguments in ((), ("a.txt", "--approved-on", "昨天"), ("a.txt", "--colour", "red")):
        result = duban("import", *arguments, "--data", folder)
        assert (result.returncode, "用法：" in result.stderr) == (2, True)
    assert not folder.exists()


def test_notice_of_another_county_asks_which_is_meant(tmp_path, file, prepared_folder):
    duban("import", file, "--data", prepared_folder)
    other = tmp_path / "c.txt"
    other.write_bytes(notice_bytes(ROWS).decode().replace("临江区", "江北区").encode())
    result = duban("import", other, "--data", prepared_folder)
    assert (result.returncode, "请用 --jurisdiction 指明（已有：临江市临江区）" in result.stderr) == (2, True)
    named = duban("import", other, "--jurisdiction", "临江区", "--year", "2021", "--data", prepared_folder)
    assert (named.returncode, named.stdout.splitlines()[1].startswith("临江市临江区 2021 年")) == (0, True)
