"""Server and worker as one process tree: `duban up`, stopped and killed."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.cli.running import duban
from tests.outbox.servers import free_port

pytestmark = pytest.mark.engine_free


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("up")
    assert duban("up", "--demo", "--empty", "--data", made, "--prepare-only").returncode == 0
    return made


@contextlib.contextmanager
def up(folder, *more):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "DJANGO_"))}
    port = free_port()
    address = f"127.0.0.1:{port}"
    command = ["up", "--demo", "--empty", "--data", str(folder), "--bind", address, "--workers", "1", *more]
    process = subprocess.Popen(
        [sys.executable, "-m", "duban.cli.main", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=clean,
        start_new_session=True,
    )
    try:
        assert wait_for(lambda: answers(port)), "the server did not come up"
        yield process, port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=2) as page:
            return page.status == 200
    except OSError:
        return False


def is_closed(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def wait_for(what, *, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


def workers(folder):
    with sqlite3.connect(folder / "duban.sqlite3", timeout=20) as database:
        return database.execute("SELECT pid, stopped_at FROM jobs_worker ORDER BY id").fetchall()


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text()  # a zombie waiting for its parent lives no more
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_up_runs_a_worker_puts_it_up_again_and_stops_with_it(folder):
    with up(folder) as (process, port):
        assert wait_for(lambda: workers(folder))
        [(first, _)] = workers(folder)
        assert lives(first)
        os.kill(first, signal.SIGKILL)
        assert wait_for(lambda: len(workers(folder)) == 2)
        second = workers(folder)[1][0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
        assert is_closed(port)
        assert wait_for(lambda: not lives(second), seconds=5)
    assert workers(folder)[1][1] is not None  # it said goodbye
    with sqlite3.connect(folder / "duban.sqlite3") as database:
        days = database.execute("SELECT due_on, state FROM jobs_task").fetchall()
    assert set(days) == {("2020-02-03", "done")}  # on the demonstration's clock


def test_nothing_is_left_when_the_supervisor_is_killed(folder):
    known = len(workers(folder))
    with up(folder) as (process, port):
        assert wait_for(lambda: len(workers(folder)) > known)
        worker = workers(folder)[-1][0]
        process.kill()
        assert wait_for(lambda: not lives(worker))
        assert wait_for(lambda: is_closed(port))


def test_up_without_a_worker(folder):
    known = len(workers(folder))
    with up(folder, "--no-worker") as (process, _):
        time.sleep(1.5)
        assert len(workers(folder)) == known
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
