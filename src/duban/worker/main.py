"""`duban worker`: runs what is due and sends what must go out, until it is told to stop."""

import argparse
import os
import signal
from pathlib import Path

import django

from duban.core import clock


def main(argv: list[str]) -> int:
    """Work until SIGTERM or Ctrl+C; what is in hand is finished first."""
    parser = argparse.ArgumentParser(
        prog="duban worker", description="后台进程：按日程运行任务、发送消息。可以同时运行几个。"
    )
    parser.add_argument("--data", metavar="目录", help="数据目录（默认取 DUBAN_DATA，再默认 ./duban-data）")
    parser.parse_args(argv)
    clock.follow_demo(Path(os.environ.get("DUBAN_DATA") or "duban-data").resolve())
    django.setup()
    from duban.worker.loop import Loop  # reads models, so only after setup

    loop = Loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop.set())
    loop.run()
    return 0
