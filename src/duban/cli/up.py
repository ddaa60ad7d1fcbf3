"""`duban up`: one command that makes the data folder, the tables and the first administrators, and serves."""

import argparse
import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import django

from duban.cli.demo_accounts import demo_accounts_text
from duban.core import clock

DEMO_STARTS = datetime(2020, 2, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The first morning of the demonstration: the Monday twelve days after the sample notice was printed."""

DEMO_STOPS = DEMO_STARTS.replace(day=5, hour=23, minute=59)
"""Where the clock of the loaded demonstration stands still: its units are real, and none of them is ever shown late."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


def main(argv: list[str]) -> int:
    """Prepare and serve. Returns 2 when something must be put right first; does not return while serving."""
    parser = argparse.ArgumentParser(prog="duban up", description="建库、建数据目录、开服务，一条命令。")
    parser.add_argument("--bind", default="127.0.0.1:8000", metavar="地址:端口", help="默认 127.0.0.1:8000")
    parser.add_argument("--data", metavar="目录", help="数据目录（默认取 DUBAN_DATA，再默认 ./duban-data）")
    parser.add_argument("--demo", action="store_true", help="演示：载入样例通知和各角色演示账号，只在本机开放")
    parser.add_argument(
        "--empty", action="store_true", help="与 --demo 合用：不载入样例，从导入通知开始走一遍（虚构的临江区）"
    )
    parser.add_argument("--workers", type=int, default=2, metavar="个数", help="服务进程数，默认 2")
    parser.add_argument("--no-worker", action="store_true", help="不带后台进程（另行运行 duban worker 时）")
    parser.add_argument("--prepare-only", action="store_true", help="只做准备，不开服务")
    options = parser.parse_args(argv)

    host, _, port = options.bind.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        return _stop(f"--bind 应写成 地址:端口，例如 127.0.0.1:8000；现在是“{options.bind}”。")
    if options.workers < 1:
        return _stop("--workers 至少为 1。")
    if options.empty and not options.demo:
        return _stop("--empty 只与 --demo 合用；正式使用时数据目录本来就是空的。")
    folder = Path(os.environ.get("DUBAN_DATA") or "duban-data").resolve()
    mark = folder / "demo.json"
    is_year = _is_year(mark)
    options.demo = options.demo or is_year  # an invented county: nothing in it is taken for real
    if options.demo and (host not in LOOPBACK or os.environ.get("DUBAN_HOSTS")):
        return _stop("演示账号的密码是公开的，--demo 只能在本机（127.0.0.1）使用。")
    if not options.demo and mark.exists():
        return _stop(f"{folder} 是演示数据，账号密码公开，不能正式使用。请换一个数据目录，或加 --demo。")
    if options.demo and not mark.exists() and (folder / "duban.sqlite3").exists():
        return _stop(f"{folder} 已有正式数据，不能当作演示目录。请用 --data 另指一个目录。")
    if options.demo and os.environ.get("DUBAN_DATABASE"):
        return _stop("--demo 只用数据目录里的 SQLite；请先取消 DUBAN_DATABASE。")
    if not options.prepare_only and (problem := _taken(host, int(port))):
        return _stop(problem)

    folder.mkdir(parents=True, exist_ok=True)
    os.environ["DUBAN_DATA"] = str(folder)
    if options.demo:
        _set_demo_clock(mark, is_empty=options.empty)

    django.setup()
    from duban.cli.prepare import prepare  # reads models, so only now: the settings took the folder from above

    if not prepare(is_demo=options.demo, is_empty=options.empty):
        return 2
    print(f"\n督办已就绪：http://{options.bind}/\n数据目录：{folder}")
    if options.demo:
        print(demo_accounts_text(is_empty=options.empty, is_year=is_year))
    if not options.prepare_only:
        print("按 Ctrl+C 停止。\n", flush=True)
        _serve(options.bind, workers=options.workers, folder=folder, with_worker=not options.no_worker)
    return 0


def _serve(bind: str, *, workers: int, folder: Path, with_worker: bool) -> NoReturn:
    memory = Path("/dev/shm")  # noqa: S108  heartbeats of the workers, nothing else
    command = [
        *(sys.executable, "-m", "gunicorn", "duban.wsgi:application"),
        *("--bind", bind, "--workers", str(workers), "--threads", "4"),
        *("--worker-tmp-dir", str(memory if memory.is_dir() else folder)),
        *("--log-level", "warning", "--timeout", "60", "--graceful-timeout", "20", "--max-requests", "20000"),
    ]
    if with_worker:
        worker = [sys.executable, "-m", "duban.cli.main", "worker"]
        command = [sys.executable, "-m", "duban.cli.supervise", json.dumps([command, worker])]
    os.execv(sys.executable, command)  # server or supervisor takes this process over: signals reach it directly


def _stop(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


def _taken(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            return f"不能在 {host}:{port} 开服务（{error.strerror}）。请停掉占用它的程序，或用 --bind 换一个端口。"
    return None


def _is_year(mark: Path) -> bool:
    """Return whether a folder holds a demonstration year, whole or broken off."""
    return mark.exists() and bool({"year", "playing"} & json.loads(mark.read_text(encoding="utf-8")).keys())


def _set_demo_clock(mark: Path, *, is_empty: bool) -> None:
    """Let the demonstration begin on its first morning and go on from there, also after a restart."""
    if not mark.exists():
        told = {
            "clock_offset": (DEMO_STARTS - datetime.now(UTC)).total_seconds(),  # noqa: TID251
            "clock_until": None if is_empty else DEMO_STOPS.isoformat(),
        }
        mark.write_text(json.dumps(told), encoding="utf-8")
    clock.follow_demo(mark.parent)
