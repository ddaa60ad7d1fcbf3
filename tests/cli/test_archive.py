"""`duban archive`: written and checked from the terminal."""

import shutil
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.cli.running import duban

pytestmark = pytest.mark.engine_free


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return duban("archive", *arguments, DUBAN_DATA=str(folder / "data"))


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A data folder with the first days of the invented county in it."""
    folder = tmp_path_factory.mktemp("archive")
    made = duban("demo-year", "--until", "2020-02-04", DUBAN_DATA=str(folder / "data"))
    assert made.returncode == 0, made.stderr
    return folder


def test_archive_is_written_checked_and_recorded(played):
    made = run("--plan", "2020", "-o", str(played / "一.zip"), folder=played)
    assert (made.returncode, made.stderr) == (0, "2020年度台账还没有办结，档案内容截至 2020-02-04。\n")
    assert f"已写入 {played / '一.zip'}" in made.stdout
    checked = run("--check", str(played / "一.zip"), folder=played)
    assert checked.returncode == 0
    assert "完整" in checked.stdout
    assert "与摘要一致" in checked.stdout
    with sqlite3.connect(played / "data" / "duban.sqlite3") as database:
        names = database.execute("select count(*) from audit_event where name = 'archives.written'").fetchone()
    assert names[0] >= 1


def test_named_by_its_year_and_the_same_twice(played):
    for _ in range(2):
        assert run("--plan", "2020", "-o", str(played), folder=played).returncode == 0
    (path,) = played.glob("临江区2020年度督查档案*.zip")
    first = path.read_bytes()
    run("--plan", "2020", "-o", str(played), folder=played)
    assert path.read_bytes() == first


def test_touched_archive_is_found_out_and_needs_no_data(played, tmp_path):
    run("--plan", "2020", "-o", str(played / "二.zip"), folder=played)
    shutil.copy(played / "二.zip", tmp_path / "二.zip")
    alone = run("--check", str(tmp_path / "二.zip"), folder=tmp_path)
    assert (alone.returncode, "审计记录的摘要没有核对" in alone.stdout) == (0, True)
    assert not (tmp_path / "data").exists()
    with zipfile.ZipFile(tmp_path / "二.zip", "a") as packed:
        packed.writestr("more.txt", "x")
    touched = run("--check", str(tmp_path / "二.zip"), folder=tmp_path)
    assert (touched.returncode, touched.stdout) == (1, "二.zip 不完整：\n  清单里没有：more.txt\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--plan", "1999"], "没有1999年度的台账。"),
        (["--plan", "2020", "--jurisdiction", "别处"], "没有别处2020年度的台账。"),
        (["--check", "没有.zip"], "没有“没有.zip”这个文件。"),
        (["--plan", "2020", "-o", "没有/二.zip"], "写不了文件“没有/二.zip”：No such file or directory。"),
        ([], "命令写得不对"),
    ],
)
def test_wrong_call_is_said_in_words(played, arguments, words):
    found = run(*arguments, folder=played)
    assert found.returncode == 2
    assert words in found.stderr


def test_another_file_is_no_archive(played):
    (played / "别的.zip").write_bytes(b"no zip")
    found = run("--check", str(played / "别的.zip"), folder=played)
    assert (found.returncode, found.stdout) == (1, "别的.zip：这不是一个完整的 ZIP 文件。\n")


def test_without_data_nothing_is_made(tmp_path):
    found = run("--plan", "2020", folder=tmp_path)
    assert (found.returncode, list(tmp_path.iterdir())) == (2, [])
