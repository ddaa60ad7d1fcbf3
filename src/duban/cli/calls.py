"""What the commands that write a file share: a wrong call is said in the user's words; a file is whole or not."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

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


def require_data() -> None:
    """See that there is a database, before a command that only reads makes an empty one. Raises NotFound."""
    folder = Path(os.environ.get("DUBAN_DATA") or "duban-data").resolve()
    if not os.environ.get("DUBAN_DATABASE") and not (folder / "duban.sqlite3").exists():
        raise NotFound(f"“{folder}”里没有督办的数据。请用 --data 写明数据目录。")


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
