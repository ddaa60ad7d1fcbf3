"""What the commands share: how the data are opened, how a plan is named; a wrong call is said in the user's words; a
file is whole or not. Imported before Django is set up.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import django

from duban.core import clock
from duban.core.errors import NotFound


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a call in the user's language, with the usage; exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Refuse the call."""
        print(f"命令写得不对（{message}）。\n\n用法：{self.usage}", file=sys.stderr)
        raise SystemExit(2)


def parser(command: str, *, usage: str, description: str) -> Parser:
    """Return a parser for `duban COMMAND` with what every command takes."""
    made = Parser(prog=f"duban {command}", usage=usage, description=description, add_help=False)
    made.add_argument("-h", "--help", action="help", help="显示本说明")
    made.add_argument("--data", metavar="目录", help="数据目录（默认取 DUBAN_DATA，再默认 ./duban-data）")
    return made


def take_plan(wanted: argparse.ArgumentParser, *, is_required: bool) -> None:
    """Let a command be told which plan is meant, see `plan_of`. is_required: else the latest year's."""
    which = "哪一年的台账" if is_required else "哪一年的台账；默认最近一年"
    wanted.add_argument("--plan", type=int, default=0, required=is_required, metavar="年度", help=which)
    take_place(wanted)


def take_place(wanted: argparse.ArgumentParser) -> None:
    """Let a command be told which place is meant, where there are several."""
    wanted.add_argument("--jurisdiction", default="", metavar="名称", help="辖区的全称或简称；只有一个时可不写")


def open_data(*, is_read_only: bool = False) -> None:
    """Set Django up on a data folder that is there already; a demonstration goes by its own clock.

    is_read_only: the database is opened so that nothing can be written, whatever the code does.
    Raises NotFound (no data: a command that only reads makes no empty ones), WrongState (a demonstration broken off).
    """
    folder = Path(os.environ.get("DUBAN_DATA") or "duban-data").resolve()
    if not os.environ.get("DUBAN_DATABASE") and not (folder / "duban.sqlite3").exists():
        raise NotFound(f"“{folder}”里没有督办的数据。请用 --data 写明数据目录。")
    if is_read_only:
        os.environ["DUBAN_READ_ONLY"] = "1"
    django.setup()
    clock.follow_demo(folder)


def write_file(content: bytes, *, out: str, name: str) -> int:
    """Write a file whole, or nothing of it; return the exit code. out: a path, a folder, - for standard output.

    name: what it is called where no path is given.
    """
    if out == "-":
        sys.stdout.buffer.write(content)
        return 0
    path = Path(out) / name if not out or Path(out).is_dir() else Path(out)
    try:
        descriptor, beside = tempfile.mkstemp(prefix=".duban-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        print(f"写不了文件“{path}”：{error.strerror}。", file=sys.stderr)
        return 2
    print(f"已写入 {path}（{len(content):,} 字节）。")
    return 0
