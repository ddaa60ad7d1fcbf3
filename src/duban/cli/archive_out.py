"""An archive for the terminal, by the same functions as the page. Imported once Django is set up."""

import sys
from pathlib import Path

from duban.archives.writing import write_to
from duban.cli.plans import plan_of
from duban.core import clock
from duban.core.actor import SYSTEM


def write_archive(year: int, *, jurisdiction: str, out: str) -> int:
    """Write the archive of a plan to a file, whole or not at all; return the exit code. Raises NotFound, WrongState."""
    plan = plan_of(year, jurisdiction=jurisdiction)
    today = clock.today()
    try:
        made = write_to(plan, Path(out), today=today, by=SYSTEM, now=clock.now, real=clock.real())
    except OSError as error:
        print(f"写不了文件“{out or Path.cwd()}”：{error.strerror}。", file=sys.stderr)
        return 2
    edition = f"第{made.edition}版，" if made.edition else ""
    print(f"已写入 {made.path}（{edition}{made.files} 个文件，{made.size_bytes:,} 字节）。\nSHA-256 {made.digest}")
    if made.since:
        print(f"{made.since}，此后没有变化，写出的就是那一份。", file=sys.stderr)
    for one in made.missing:
        print(f"缺：{one}（数据目录里没有，或者与存入时不一致）", file=sys.stderr)
    if made.edition is None:
        print(f"{year}年度台账还没有办结，档案内容截至 {today}。", file=sys.stderr)
    return 0
