"""`duban demo-year` in a process of its own, and how the invented units decide."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date, timedelta

import pytest

from duban.cli.demo_year.behaviour import (
    FIRST,
    LAST,
    Character,
    Outcome,
    chance,
    characters,
    course_of,
    draw,
    number,
    reports_on,
)
from duban.cli.demo_year.summary import comparable
from duban.core import clock
from duban.core.clock import SHANGHAI
from tests import once
from tests.cli.running import duban

pytestmark = pytest.mark.engine_free

UNITS = [f"第{number}局" for number in range(60)]


# ── decisions ──


def test_draw_depends_on_seed_and_subject_only():
    assert draw("甲", "签收", "教育局") == draw("甲", "签收", "教育局")
    assert len({draw("甲", "签收", "教育局"), draw("乙", "签收", "教育局"), draw("甲", "签收", "民政局")}) == 3
    assert all(0 <= draw("甲", one) < 1 for one in range(1_000))


def test_chance_and_number_are_fair():
    assert 230 < sum(chance("甲", 0.25, one) for one in range(1_000)) < 270
    assert {number("甲", 2, 5, one) for one in range(200)} == {2, 3, 4, 5}


@pytest.mark.parametrize("units", [UNITS, UNITS[:8]])
def test_there_are_units_of_every_character_whatever_their_order(units):
    found = characters(units, seed="甲")
    assert set(found.values()) == set(Character)
    assert characters(units[::-1], seed="甲") == found
    assert characters(UNITS, seed="乙") != characters(UNITS, seed="甲")


@pytest.mark.parametrize("character", Character)
def test_course_only_rises_and_never_passes_its_reach(character):
    for serial in ("14", "92", "141"):
        course = course_of(
            serial, character=character, starts_on=FIRST, due_on=date(2020, 12, 31), seed="甲", woken_on=None
        )
        pcts = [course.pct_on(FIRST + timedelta(days=days)) for days in range(400)]
        assert pcts == sorted(pcts)
        assert pcts[0] == 0
        assert pcts[-1] <= course.reach
        if course.outcome is Outcome.CLOSED:
            assert course.pct_on(course.done_on) == 100


def test_unit_that_recovers_gets_there_once_it_was_shaken_up():
    given = {"character": Character.RECOVERS, "starts_on": FIRST, "due_on": date(2020, 12, 31), "seed": "甲"}
    assert course_of("14", **given).outcome is Outcome.UNDONE
    woken = [course_of(str(one), woken_on=date(2020, 7, 1), **given).outcome for one in range(20)]
    assert woken.count(Outcome.CLOSED) > 10


def test_who_never_does_anything_reports_late_or_not_at_all():
    day = date(2020, 6, 20)
    given = {"woken": False, "report_day": day, "seed": "甲"}
    sent = [reports_on(str(one), character=Character.NEVER, **given) for one in range(40)]
    assert None in sent
    assert min(one for one in sent if one) > day
    in_time = [reports_on(str(one), character=Character.DILIGENT, **given) for one in range(40)]
    assert max(one for one in in_time if one) <= day


def test_events_are_compared_without_keys():
    one = ("2020-02-03", "matters.assigned", "方知白", "matter", "第14项", {"unit_id": 3, "leads": ["城管局"], "id": 7})
    other = (*one[:5], {"unit_id": 4, "leads": ["城管局"], "id": 9})
    assert comparable([one]) == comparable([other])
    assert comparable([one]) != comparable([(*one[:5], {"leads": ["住建局"]})])


# ── the command ──


def events_in(folder) -> list[str]:
    with sqlite3.connect(folder / "duban.sqlite3") as database:
        rows = database.execute(
            "SELECT at, name, actor_name, subject_type, subject_label, data FROM audit_event ORDER BY id"
        )
        return comparable(
            (at[:10], name, who, kind, label, json.loads(data)) for at, name, who, kind, label, data in rows
        )


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = once.two_months(tmp_path_factory)
    return folder / "data", (folder / "told.txt").read_text("utf-8")


@pytest.mark.timeout(300)
def test_playing_twice_gives_the_same_events(played, tmp_path):
    """The first weeks: the whole year would cost as much again, and all its decisions are the same kind of draw."""
    again = duban("demo-year", "--data", tmp_path, "--until", "2020-02-21", timeout=300, PYTHONHASHSEED="2")
    assert again.returncode == 0, again.stderr
    second = events_in(tmp_path)
    first = events_in(played[0])[: len(second)]
    assert len(second) > 1_500
    assert [one for one in zip(first, second, strict=True) if one[0] != one[1]] == []


@pytest.mark.timeout(300)
def test_another_seed_is_another_year(played, tmp_path):
    result = duban("demo-year", "--data", tmp_path, "--until", "2020-02-05", "--seed", "另一年")
    assert result.returncode == 0, result.stderr
    assert events_in(tmp_path) != events_in(played[0])[: len(events_in(tmp_path))]


def test_progress_is_told_by_month_and_how_to_open_it(played):
    folder, told = played
    assert [line[:12].strip() for line in told.splitlines()[:3]] == [
        "2020年 1月31日",
        "2020年 2月29日",
        "2020年 3月20日",
    ]
    assert f"duban up --data {folder}" in told
    assert "demo-2020" in told


def test_played_folder_opens_on_the_day_it_stopped_and_on_this_machine_only(played):
    folder, _ = played
    opened = duban("up", "--data", folder, "--prepare-only")
    assert (opened.returncode, "虚构的临江区" in opened.stdout) == (0, True), opened.stderr
    told = json.loads((folder / "demo.json").read_text("utf-8"))
    assert told["clock_until"] == "2020-03-20T23:59:00+08:00"
    begins = clock.real().astimezone(SHANGHAI) + timedelta(seconds=told["clock_offset"])
    assert begins.date() == date(2020, 3, 20)
    elsewhere = duban("up", "--data", folder, "--bind", "0.0.0.0:8000", "--prepare-only")
    assert (elsewhere.returncode, "只能在本机" in elsewhere.stderr) == (2, True)


def test_played_database_is_written_for_good(played):
    folder, _ = played
    wal = folder / "duban.sqlite3-wal"
    assert not wal.exists() or wal.stat().st_size == 0
    with sqlite3.connect(folder / "duban.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_nothing_is_played_over_what_is_there(played, tmp_path):
    folder, _ = played
    again = duban("demo-year", "--data", folder)
    assert (again.returncode, "不是空目录" in again.stderr) == (2, True)
    (tmp_path / "别的.txt").write_text("x", encoding="utf-8")
    other = duban("demo-year", "--data", tmp_path)
    assert (other.returncode, "不是空目录" in other.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["别的.txt"]


@pytest.mark.parametrize("day", [FIRST - timedelta(days=1), LAST + timedelta(days=1)])
def test_day_outside_the_year_is_refused(tmp_path, day):
    result = duban("demo-year", "--data", tmp_path, "--until", day)
    assert (result.returncode, str(day) in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_database_elsewhere_is_refused(tmp_path):
    result = duban("demo-year", "--data", tmp_path, DUBAN_DATABASE="postgresql://x@127.0.0.1/x")
    assert (result.returncode, "DUBAN_DATABASE" in result.stderr) == (2, True)


def reached(mark, day):
    """Whether a play has got that far; the mark is replaced as a whole."""
    return mark.exists() and json.loads(mark.read_text("utf-8"))["playing"] >= day


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A play that was killed on its way."""
    folder = tmp_path_factory.mktemp("killed")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "DJANGO_"))}
    command = [sys.executable, "-m", "duban.cli.main", "demo-year", "--data", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=clean) as process:
        while not reached(folder / "demo.json", "2020-01-24"):
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
    return folder


@pytest.mark.parametrize(
    "command", [("demo-year",), ("up", "--prepare-only"), ("up", "--demo", "--prepare-only"), ("tick",), ("worker",)]
)
def test_broken_off_play_is_never_taken_for_a_whole_one(killed, command):
    result = duban(command[0], "--data", killed, *command[1:])
    assert result.returncode == 2
    assert "中断" in result.stderr
    assert f"rm -r {killed}" in result.stderr
