"""The server is killed again and again while people hand in their reports: what was answered “已提交” is there."""

import http.client
import random
import threading
import time
from pathlib import Path

import pytest
from bench.crowd import Server, handed_in, invite

pytestmark = [pytest.mark.engine_free, pytest.mark.timeout(240)]

SUBMISSIONS, AT_ONCE, KILLS = 200, 12, 4


def test_no_report_that_was_answered_is_lost_when_the_server_is_killed(tmp_path: Path):
    people = invite(tmp_path, people=SUBMISSIONS)
    server = Server(tmp_path)
    server.start()
    chance = random.Random(4)
    answered: set[int] = set()
    unanswered: set[int] = set()
    queue, lock = list(people), threading.Lock()
    killing = threading.Event()

    def work() -> None:
        while True:
            with lock:
                if not queue:
                    return
                one = queue.pop()
            try:
                status = one.hand_in(server.port)
            except (OSError, http.client.HTTPException):
                with lock:
                    unanswered.add(one.matter_id)
                while killing.is_set():
                    time.sleep(0.02)
                continue
            with lock:
                if status == 302:
                    answered.add(one.matter_id)
                else:
                    unanswered.add(one.matter_id)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(AT_ONCE)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 0.9))
            killing.set()
            server.kill()
            server.start()
            killing.clear()
        for thread in threads:
            thread.join()
    finally:
        server.kill()
    there = {one["matter_id"]: one for one in handed_in(tmp_path)}
    texts = {one.matter_id: one.text for one in people}
    assert len(answered) + len(unanswered) == SUBMISSIONS
    assert answered, "somebody must have been answered"
    assert unanswered, "the server must have been killed while somebody waited"
    assert answered - set(there) == set()
    assert {pk for pk, one in there.items() if one["text"] != texts[pk] or one["events"] != 1} == set()
