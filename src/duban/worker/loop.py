"""The loop of a worker: puts in the queue what is due, takes and runs it, and sends what must go out."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connections
from django.utils.crypto import get_random_string
from django_tasks.base import Task as Call

from duban.archives import writing
from duban.archives.models import Archive
from duban.archives.queries import waiting_archives
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.jobs import leases
from duban.jobs.models import Task
from duban.jobs.rules import LEASE, Job, TaskState
from duban.outbox import sending
from duban.outbox.actions import alert_operators
from duban.outbox.models import Channel
from duban.outbox.rules import ALARM_AFTER, ChannelKind, DeliveryState, Outcome, Result, pause_s
from duban.worker.schedule import SCHEDULE, run_job

_IDLE_S = 1.0
_BEAT_S = 15.0
_UPKEEP_S = 20.0
_GOODBYE_S = 50.0
_AFTER_FAULT_S = 3.0

log = logging.getLogger("duban.worker")


def tell_of_dead(task: Task, *, token: str) -> None:
    """Tell the operators that a task gave up. token: of its last lease, so that each death is told once."""
    alert_operators(
        f"后台任务“{task}”多次没有办成，已停下",
        dedupe_key=f"task/{task.pk}/{token}",
        link=f"/operations/tasks/{task.pk}/",
        by=SYSTEM,
        now=clock.now(),
    )


def run_next(
    *, worker: str, lease: timedelta = LEASE, on_claim: Callable[[Task | None], None] = lambda _: None
) -> Task | None:
    """Claim and run one task; return it, None when nothing was due. on_claim: told what is in hand, then None."""
    task = leases.claim(worker=worker, now=clock.now(), real=clock.real(), lease=lease)
    if task is None:
        return None
    token = task.token
    on_claim(task)
    try:
        state = leases.run(task, now=clock.now(), real=clock.real())
    finally:
        on_claim(None)
    if state is TaskState.DEAD:
        tell_of_dead(task, token=token)
    return task


def upkeep(*, jobs: Sequence[Job] = SCHEDULE, runner: Call[Any, Any] = run_job, lease: timedelta = LEASE) -> None:
    """Put what is due in the queue, take back what dead workers held, tell the operators what is wrong."""
    now, real = clock.now(), clock.real()
    leases.enqueue_due(jobs, runner=runner, now=now)
    for task in leases.sweep(now=now, real=real, lease=lease):
        tell_of_dead(task, token=task.token)
    sending.sweep(now=now, real=real, lease=lease)
    for channel in Channel.objects.filter(is_enabled=True, failing_since__lt=now - ALARM_AFTER).order_by("pk"):
        since = channel.failing_since
        alert_operators(
            f"{channel}自{since.astimezone(clock.SHANGHAI):%m月%d日 %H:%M}起发不出去" if since else str(channel),
            text=channel.last_error,
            dedupe_key=f"channel/{channel.pk}/{since.isoformat() if since else ''}",
            link="/operations/channels/",
            by=SYSTEM,
            now=now,
        )


def drain(channel_id: int, *, wait: Callable[[float], bool], lease: timedelta = LEASE) -> int:
    """Send what a channel has to send, until there is nothing more or it must rest; return how many tries it took.

    wait: waits so many seconds, and returns whether to stop.
    """
    tries = 0
    while True:
        channel = Channel.objects.get(pk=channel_id)
        taken = sending.claim(channel, now=clock.now(), real=clock.real(), lease=lease)
        if not taken:
            return tries
        try:
            outcome = sending.send(channel, taken, real=clock.real())
        except Exception:
            log.exception("channel %s: sending failed", channel_id)
            outcome = Outcome(Result.UNKNOWN, "发送程序出错，已记入日志，是否发出不明")
        counted = sending.settle(channel, taken, outcome, now=clock.now(), real=clock.real())
        tries += 1
        if counted.get(DeliveryState.DEAD) or counted.get(DeliveryState.UNKNOWN):
            alert_operators(
                f"{channel}有消息没有送达",
                text=outcome.words,
                dedupe_key=f"delivery/{channel.pk}/{clock.today().isoformat()}",
                link="/operations/sent/?state=failed",
                by=SYSTEM,
                now=clock.now(),
            )
        if wait(pause_s(ChannelKind(channel.kind))):
            return tries


class Loop:
    """One worker process. `stop` ends it after what is in hand; a channel that hangs holds up its own thread only."""

    def __init__(
        self,
        *,
        jobs: Sequence[Job] = SCHEDULE,
        runner: Call[Any, Any] = run_job,
        lease: timedelta = LEASE,
        idle_s: float = _IDLE_S,
    ) -> None:
        self.jobs, self.runner, self.lease, self.idle_s = jobs, runner, lease, idle_s
        self.stop = threading.Event()
        self.key = get_random_string(16)
        self.doing = ""
        self._senders: dict[int, threading.Thread] = {}
        self._archivist: threading.Thread | None = None
        self._archive: Archive | None = None
        self._upkept_s = float("-inf")

    def run(self) -> None:
        """Work until `stop` is set."""
        self._patiently(self._hello)
        beats = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        beats.start()
        while not self.stop.is_set():
            if not self._patiently(self._round):
                self.stop.wait(self.idle_s)
        until_s = time.monotonic() + _GOODBYE_S
        for thread in [*self._senders.values(), *filter(None, [self._archivist])]:
            thread.join(max(0.0, until_s - time.monotonic()))
        beats.join(2)
        self._patiently(lambda: leases.goodbye(key=self.key, real=clock.real()))
        connections.close_all()

    def _hello(self) -> None:
        leases.hello(key=self.key, host=socket.gethostname(), pid=os.getpid(), real=clock.real())
        leases.publish_schedule(self.jobs)

    def _patiently(self, step: Callable[[], bool | None]) -> bool:
        """Do one step; a database that is away or busy is waited for, not died of. Return whether there was work."""
        try:
            return bool(step())
        except (DatabaseError, InterfaceError):
            log.exception("the database does not answer; trying again")
            connections.close_all()
            self.stop.wait(_AFTER_FAULT_S)
            return False

    def _round(self) -> bool:
        if time.monotonic() - self._upkept_s >= min(_UPKEEP_S, self.lease.total_seconds() / 4):
            upkeep(jobs=self.jobs, runner=self.runner, lease=self.lease)
            self._upkept_s = time.monotonic()
            if (written := self._archive) is not None:
                writing.renew(written, real=clock.real())
        self._start_senders()
        self._start_archivist()
        return run_next(worker=self.key, lease=self.lease, on_claim=self._is_at) is not None

    def _is_at(self, task: Task | None) -> None:
        self.doing = str(task) if task else ""

    def _start_senders(self) -> None:
        for channel in Channel.objects.with_work(now=clock.now(), real=clock.real()):
            running = self._senders.get(channel.pk)
            if running is None or not running.is_alive():
                sender = threading.Thread(target=self._send, args=(channel.pk,), name=f"channel-{channel.pk}")
                self._senders[channel.pk] = sender
                sender.daemon = True
                sender.start()

    def _send(self, channel_id: int) -> None:
        try:
            drain(channel_id, wait=self.stop.wait, lease=self.lease)
        except (DatabaseError, InterfaceError):
            log.exception("channel %s: the database does not answer; trying again", channel_id)
        finally:
            connections.close_all()

    def _start_archivist(self) -> None:
        is_at_work = self._archivist is not None and self._archivist.is_alive()
        if not is_at_work and waiting_archives(real=clock.real()).exists():
            self._archivist = threading.Thread(target=self._write_archives, name="archives", daemon=True)
            self._archivist.start()

    def _write_archives(self) -> None:
        try:
            while not self.stop.is_set() and (archive := writing.claim(real=clock.real())) is not None:
                self._archive = archive
                writing.write(archive, today=clock.today(), by=SYSTEM, now=clock.now)
        except (DatabaseError, InterfaceError):
            log.exception("archives: the database does not answer; trying again")
        finally:
            self._archive = None
            connections.close_all()

    def _beat(self) -> None:
        while not self.stop.wait(_BEAT_S):
            try:
                leases.heartbeat(key=self.key, doing=self.doing, real=clock.real())
            except (DatabaseError, InterfaceError):
                log.warning("no heartbeat: the database does not answer")
                connections.close_all()
        connections.close_all()
