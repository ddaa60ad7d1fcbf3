"""`duban up` in a process of its own, as an operator runs it."""

import json
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.cli.running import duban

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "192.0.2.1:8000", ":8000"])
def test_demo_anywhere_but_here_is_refused(tmp_path, address):
    result = duban("up", "--demo", "--data", tmp_path, "--bind", address)
    assert result.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_demo_with_further_hosts_is_refused(tmp_path):
    result = duban("up", "--demo", "--data", tmp_path, DUBAN_HOSTS="example.org")
    assert (result.returncode, "只能在本机" in result.stderr) == (2, True)


@pytest.mark.parametrize("address", ["8000", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:http"])
def test_bad_address_is_said(tmp_path, address):
    result = duban("up", "--data", tmp_path, "--bind", address)
    assert (result.returncode, "--bind" in result.stderr) == (2, True)


def test_taken_port_is_said(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = duban("up", "--data", tmp_path, "--bind", f"127.0.0.1:{port}")
    assert (result.returncode, f"127.0.0.1:{port}" in result.stderr) == (2, True)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A first run in earnest, with nobody at a terminal: the folder, and what it ended with."""
    folder = tmp_path_factory.mktemp("earnest")
    return folder, duban("up", "--data", folder, "--prepare-only")


def test_first_run_without_a_terminal_makes_no_account(first_run):
    folder, result = first_run
    assert (result.returncode, "三员" in result.stderr) == (2, True)
    with sqlite3.connect(folder / "duban.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM access_account").fetchone() == (0,)


def test_unknown_command_is_said():
    result = duban("fly")
    assert (result.returncode, "fly" in result.stderr) == (2, True)


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    result = duban("up", "--demo", "--data", folder, "--prepare-only")
    assert result.returncode == 0, result.stderr
    assert "demo-2020" in result.stdout
    return folder


def test_demo_twice_is_the_same_demo(demo_folder):
    before = (demo_folder / "demo.json").read_bytes()
    result = duban("up", "--demo", "--data", demo_folder, "--prepare-only")
    assert result.returncode == 0, result.stderr
    assert (demo_folder / "demo.json").read_bytes() == before


def test_demo_stops_before_any_unit_is_late(demo_folder):
    assert json.loads((demo_folder / "demo.json").read_text())["clock_until"] == "2020-02-05T23:59:00+08:00"
    with sqlite3.connect(demo_folder / "duban.sqlite3") as database:
        assert database.execute("SELECT min(due_on) FROM matters_obligation WHERE state = 'open'").fetchone() == (
            "2020-02-05",
        )


def test_demo_folder_is_never_served_in_earnest(demo_folder):
    result = duban("up", "--data", demo_folder, "--prepare-only")
    assert (result.returncode, "演示数据" in result.stderr) == (2, True)


def test_keys_are_readable_by_their_owner_only(demo_folder):
    assert {path.stat().st_mode & 0o777 for path in (demo_folder / "keys").iterdir()} == {0o600}


def test_earnest_folder_is_never_made_a_demo(first_run):
    folder, _ = first_run
    result = duban("up", "--demo", "--data", folder, "--prepare-only")
    assert (result.returncode, "正式数据" in result.stderr) == (2, True)


def test_empty_demo_waits_for_its_first_notice(tmp_path):
    result = duban("up", "--demo", "--empty", "--data", tmp_path, "--prepare-only")
    assert (result.returncode, "linjiang-2020-1.txt" in result.stdout) == (0, True), result.stderr
    imported = duban("import", ROOT / "examples" / "linjiang-2020-1.txt", "--data", tmp_path)
    assert imported.returncode == 0, imported.stderr


def test_empty_without_demo_is_refused(tmp_path):
    result = duban("up", "--empty", "--data", tmp_path, "--prepare-only")
    assert (result.returncode, "--empty" in result.stderr) == (2, True)
