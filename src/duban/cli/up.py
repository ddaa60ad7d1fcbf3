"""`duban up`: one command that makes the data folder, the tables and the first administrators, and serves."""

import argparse
import getpass
import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

DEMO_STARTS = datetime(2020, 2, 3, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The first morning of the demonstration: the Monday twelve days after the sample notice was printed."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


def main(argv: list[str]) -> int:
    """Prepare and serve. Returns 2 when something must be put right first; does not return while serving."""
    parser = argparse.ArgumentParser(prog="duban up", description="建库、建数据目录、开服务，一条命令。")
    parser.add_argument("--bind", default="127.0.0.1:8000", metavar="地址:端口", help="默认 127.0.0.1:8000")
    parser.add_argument("--data", metavar="目录", help="数据目录（默认取 DUBAN_DATA，再默认 ./duban-data）")
    parser.add_argument("--demo", action="store_true", help="演示：载入样例通知和各角色演示账号，只在本机开放")
    parser.add_argument("--workers", type=int, default=2, metavar="个数", help="服务进程数，默认 2")
    parser.add_argument("--prepare-only", action="store_true", help="只做准备，不开服务")
    options = parser.parse_args(argv)

    host, _, port = options.bind.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        return _stop(f"--bind 应写成 地址:端口，例如 127.0.0.1:8000；现在是“{options.bind}”。")
    if options.workers < 1:
        return _stop("--workers 至少为 1。")
    folder = Path(os.environ.get("DUBAN_DATA") or "duban-data").resolve()
    mark = folder / "demo.json"
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
        _set_demo_clock(mark)

    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)

    if options.demo:
        from duban.cli.demo import load_demo

        load_demo()
    elif not _has_accounts() and not _ask_first_administrators():
        return 2

    address = f"http://{options.bind}/"
    print(f"\n督办已就绪：{address}\n数据目录：{folder}")
    if options.demo:
        from duban.cli.demo import accounts_text

        print(accounts_text())
    if options.prepare_only:
        return 0
    print("按 Ctrl+C 停止。\n", flush=True)
    from django.db import connections

    connections.close_all()
    command = [
        *(sys.executable, "-m", "gunicorn", "duban.wsgi:application"),
        *("--bind", options.bind, "--workers", str(options.workers), "--threads", "4"),
        *("--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else str(folder)),  # noqa: S108
        *("--log-level", "warning", "--timeout", "60", "--graceful-timeout", "20", "--max-requests", "20000"),
    ]
    os.execv(sys.executable, command)


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


def _set_demo_clock(mark: Path) -> None:
    """Let the demonstration begin on its first morning and go on from there, also after a restart."""
    if mark.exists():
        offset = float(json.loads(mark.read_text(encoding="utf-8"))["clock_offset"])
    else:
        offset = (DEMO_STARTS - datetime.now(UTC)).total_seconds()  # noqa: TID251
        mark.write_text(json.dumps({"clock_offset": offset}), encoding="utf-8")
    os.environ["DUBAN_CLOCK_OFFSET"] = str(offset)
    os.environ["DUBAN_DEMO"] = "1"


def _has_accounts() -> bool:
    from duban.access.models import Account

    return Account.objects.exists()


def _ask_first_administrators() -> bool:
    """Ask at the terminal for the jurisdiction and the three administrators; nothing has a default password."""
    if not sys.stdin.isatty():
        print("这是第一次启动，需要在终端里设定三员账号：请在终端运行 duban up，或用 --demo 看演示。", file=sys.stderr)
        return False
    from django.db import transaction

    from duban.access.actions import create_account, grant_role
    from duban.access.rules import ROLE_LABELS, Role
    from duban.core import clock
    from duban.core.actor import SYSTEM
    from duban.core.errors import DomainError
    from duban.orgs.actions import create_jurisdiction
    from duban.orgs.rules import Level

    print("第一次启动：先设定辖区和系统管理员、安全管理员、审计管理员（三人，不得兼任）。\n")
    with transaction.atomic():
        while True:
            try:
                name = input("辖区全称（如 临江市临江区）：").strip()
                short = input("辖区简称（如 临江区）：").strip()
                create_jurisdiction(name, short_name=short or name, level=Level.COUNTY, by=SYSTEM, now=clock.now())
                break
            except DomainError as error:
                print(f"  {error.message}")
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
            while True:
                print(f"\n{ROLE_LABELS[role]}")
                username = input("  用户名：").strip()
                person = input("  姓名：").strip()
                password = getpass.getpass("  密码：")
                if password != getpass.getpass("  再输一遍："):
                    print("  两次输入不一致，请重来。")
                    continue
                try:
                    account = create_account(
                        username, name=person, password=password, by=SYSTEM, now=clock.now(), must_change_password=False
                    )
                    grant_role(
                        account, role=role, jurisdiction_id=None, from_on=clock.today(), by=SYSTEM, now=clock.now()
                    )
                    break
                except DomainError as error:
                    print(f"  {error.message}")
    print("\n已设定。业务账号由系统管理员在网页“账号”里建立，由安全管理员在“授权”里授予角色。")
    return True
