"""One pass over what is due: the work of `duban tick`."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, time
from time import sleep

from django.db import transaction

from duban.archives import writing
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.jobs import leases
from duban.jobs.models import Task
from duban.jobs.rules import TASK_STATE_LABELS, TaskState
from duban.outbox import sending
from duban.outbox.models import Channel
from duban.worker.loop import drain, run_next
from duban.worker.schedule import SCHEDULE, run_job

_NAME = "duban tick"


def tick(*, until: date, is_dry: bool) -> int:
    """Run what is due up to the end of a day, say what came of it, and return 1 when something failed.

    is_dry: everything is done in one transaction that is rolled back, and nothing is sent.
    """
    moment = min(clock.now(), datetime.combine(until, time(23, 59, 59), tzinfo=clock.SHANGHAI))
    failed = ran = 0
    with ExitStack() as stack:
        if is_dry:
            stack.enter_context(transaction.atomic())
            stack.callback(transaction.set_rollback, True)
        leases.publish_schedule(SCHEDULE)
        leases.sweep(now=clock.now(), real=clock.real())
        for task in run_due(now=moment, worker=_NAME):
            ran += 1
            failed += task.state != TaskState.DONE
            print(line_of(task))
        if not is_dry:
            sending.sweep(now=clock.now(), real=clock.real())
            for channel in Channel.objects.with_work(now=clock.now(), real=clock.real()):
                count = drain(channel.pk, wait=_pause)
                print(f"{channel}：发送 {count} 次")
            while (archive := writing.claim(real=clock.real())) is not None:
                is_written = writing.write(archive, today=clock.today(), by=SYSTEM, now=clock.now)
                failed += not is_written
                print(f"{archive}：{'已写成' if is_written else '没有写成'}")
    if not ran:
        print("没有到期的任务。")
    if is_dry:
        print("（试运行，已全部撤销）")
    return 1 if failed else 0


def run_due(*, now: datetime, worker: str) -> Iterator[Task]:
    """Put in the queue what the schedule owes up to a moment, run all there is, and yield each task once it has run."""
    leases.enqueue_due(SCHEDULE, runner=run_job, now=now)
    while (task := run_next(worker=worker)) is not None:
        yield task


def _pause(seconds: float) -> bool:
    sleep(seconds)
    return False


def line_of(task: Task) -> str:
    """Return what became of a task, on one line."""
    state = TASK_STATE_LABELS[TaskState(task.state)]
    if task.state == TaskState.READY:
        state = f"没有办成（{task.errors[-1]['kind']}），将再试"
    elif task.state == TaskState.DEAD:
        state = f"没有办成（{task.errors[-1]['kind']}），已停下"
    elif task.result not in (None, ""):
        state = f"{state}（{task.result}）"
    return f"{task}：{state}"
