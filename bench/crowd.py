"""The hour before the reports are due: many people at once, through the real server on SQLite.

`python -m bench.crowd` lets 300 people, each of a unit of its own, open and hand in a report within one minute, with
two server processes, and exits 1 when one is lost, one is doubled, or one in a hundred waits longer than a second.
Requests go to the loopback address only. The same people are used by the test that kills the server.
"""

import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PEOPLE, WITHIN_S, P99_S = 300, 60.0, 1.0
MORNING = datetime(2020, 6, 18, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
REPORT_DAY = "2020-06-20"
SENTENCE = "校舍加固工程已完成主体施工，累计投资三百二十万元，占年度计划的六成。"
TEXT = (
    SENTENCE + "施工单位按月召开例会，质量安全检查未发现重大隐患，"
    "师生对施工组织安排总体满意。存在的问题是材料运输受汛期影响，部分工序略有滞后。"
    "下一步加密现场调度，确保九月底前全部完工并通过验收。"
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in. session, token: values of the two cookies · unit_id: whose report it is."""

    session: str
    token: str
    address: str
    unit_id: int
    matter_id: int

    @property
    def text(self) -> str:
        """A report of its own, so that nobody's can stand for another's."""
        return f"{TEXT}第{self.matter_id}项按计划推进。"

    def ask(self, port: int, *, posted: dict[str, str] | None = None) -> tuple[int, str]:
        """Send one request; return status and body. Raises OSError, HTTPException when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Cookie": f"duban_session={self.session}; csrftoken={self.token}", "Host": f"127.0.0.1:{port}"}
        try:
            if posted is None:
                connection.request("GET", self.address, headers=headers)
            else:
                headers |= {"Content-Type": "application/x-www-form-urlencoded"}
                body = urllib.parse.urlencode({**posted, "csrfmiddlewaretoken": self.token})
                connection.request("POST", self.address, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        finally:
            connection.close()

    def hand_in(self, port: int) -> int:
        """Hand the report in as the form would; return the status: 302 is the server's word that it has it."""
        return self.ask(port, posted={"unit": str(self.unit_id), "version": "0", "text": self.text})[0]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of the server and of whoever looks into its data: a morning two days before the day."""
    offset = (MORNING - datetime.now(UTC)).total_seconds()  # noqa: TID251
    kept = {name: value for name, value in os.environ.items() if name not in ("DUBAN_DATABASE", "DUBAN_CLOCK_UNTIL")}
    return kept | {
        "DUBAN_DATA": str(folder),
        "DUBAN_CLOCK_OFFSET": str(offset),
        "DJANGO_SETTINGS_MODULE": "duban.settings",
    }


def _asked(folder: Path, question: str, *more: str) -> Any:
    """Return the answer of a process of its own, because Django's settings name one data folder for good."""
    command = [sys.executable, "-m", "bench.crowd", question, *more]
    return json.loads(subprocess.run(command, env=environment(folder), stdout=subprocess.PIPE, check=True).stdout)


def invite(folder: Path, *, people: int) -> list[Visitor]:
    """Make an invented county in an empty data folder with so many units, and somebody signed in for each."""
    return [Visitor(**one) for one in _asked(folder, "--invite", str(people))]


def handed_in(folder: Path) -> list[dict[str, Any]]:
    """Return what the data holds: for each report handed in its matter, text and number of events."""
    return list(_asked(folder, "--look"))


def _free_port() -> int:
    """Return a free port below those the system gives to callers: a caller of a killed server may get its own port."""
    for port in random.sample(range(15_000, 30_000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


class Server:
    """`duban up` on a free port of the loopback address."""

    def __init__(self, folder: Path, *, workers: int = 2) -> None:
        self.port = _free_port()
        self._command = [
            *(sys.executable, "-m", "duban.cli.main", "up", "--data", str(folder)),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", str(workers), "--no-worker"),
        ]
        self._environment = environment(folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it answers. Raises RuntimeError when it does not within half a minute."""
        self._process = self._launched()
        for _ in range(300):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/sign-in/")
                connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.1)
            if self._process.poll() is not None:  # the port was still held by workers that were dying
                self._process = self._launched()
        self.kill()
        raise RuntimeError("the server does not answer")

    def _launched(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL, start_new_session=True)

    def kill(self) -> None:
        """End the server and its workers at once, as a power cut would (SIGKILL)."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            print("the server had ended by itself", file=sys.stderr)
        self._process.wait()
        for _ in range(100):  # its workers end a little later, and hold the port until then
            try:
                os.killpg(self._process.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        self._process = None


def _p99(spent: list[float]) -> float:
    return statistics.quantiles(spent, n=100)[98]


def run() -> list[dict[str, Any]]:
    """Let the people come, and hold what they were told against what is there."""
    chance = random.Random(PEOPLE)
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as name:
        folder = Path(name)
        people = invite(folder, people=PEOPLE)
        server = Server(folder)
        server.start()
        spent: list[float] = []
        told: list[int] = []
        lock = threading.Lock()
        begin = time.perf_counter()

        def come(one: Visitor, at_s: float) -> None:
            time.sleep(max(0.0, begin + at_s - time.perf_counter()))
            first = time.perf_counter()
            status, page = one.ask(server.port)
            opened = time.perf_counter()
            is_form = status == 200 and re.search(r'name="text"', page) is not None
            answer = one.hand_in(server.port) if is_form else status
            sent = time.perf_counter()
            with lock:
                spent.extend((opened - first, sent - opened))
                if answer == 302:
                    told.append(one.matter_id)

        threads = [threading.Thread(target=come, args=(one, chance.uniform(0, WITHIN_S - 5))) for one in people]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            server.kill()
        there = handed_in(folder)
    texts = {one.matter_id: one.text for one in people}
    lost = len(set(told) - {one["matter_id"] for one in there if one["text"] == texts[one["matter_id"]]})
    doubled = sum(one["events"] != 1 for one in there)
    figures = (
        (f"报送截止前一分钟 {PEOPLE} 人提交，未收到的", PEOPLE - len(told), "份", 0),
        ("其中答复“已提交”而丢失", lost, "份", 0),
        ("其中重复", doubled, "份", 0),
        ("打开与提交，百分之九十九在", _p99(spent), "s", P99_S),
    )
    return [
        {"name": name, "value": value, "unit": unit, "bound": bound, "ok": value <= bound}
        for name, value, unit, bound in figures
    ]


# ---- in a process of its own, with Django


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _invite(people: int) -> list[dict[str, Any]]:
    _set_up()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.middleware.csrf import _get_new_csrf_string
    from django.urls import reverse

    from bench.units import world
    from duban.core import clock

    there = world(now=clock.now(), units=people)
    visitors = []
    for matter, account in zip(there["matters"], there["liaisons"], strict=False):
        session = SessionStore()
        session[SESSION_KEY] = str(account.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = account.get_session_auth_hash()
        session["began_s"] = session["seen_s"] = clock.now().timestamp()
        session.create()
        visitors.append(
            {
                "session": session.session_key,
                "token": _get_new_csrf_string(),
                "address": reverse("matter_report", args=[matter.pk, REPORT_DAY]),
                "unit_id": matter.assignments.get(is_merging=True).unit_id,
                "matter_id": matter.pk,
            }
        )
    return visitors


def _look() -> list[dict[str, Any]]:
    _set_up()
    from duban.audit.models import Event
    from duban.audit.rules import EventName
    from duban.reports.models import Report

    events = Event.objects.filter(name=EventName.REPORT_SUBMITTED)
    return [
        {"matter_id": one.matter_id, "text": one.text, "events": events.filter(matter_id=one.matter_id).count()}
        for one in Report.objects.exclude(state="draft").order_by("pk")
    ]


if __name__ == "__main__":
    if "--invite" in sys.argv:
        json.dump(_invite(int(sys.argv[-1])), sys.stdout)
    elif "--look" in sys.argv:
        json.dump(_look(), sys.stdout, ensure_ascii=False)
    else:
        found = run()
        for one in found:
            print(f"{'✓' if one['ok'] else '✗'} {one['name']}: {one['value']:.3g} {one['unit']} ({one['bound']})")
        raise SystemExit(0 if all(one["ok"] for one in found) else 1)
