"""An archive for the terminal, by the same functions as the page. Imported once Django is set up."""

import sys
from pathlib import Path

from duban.archives.rules import archive_name
from duban.archives.writing import write_to
from duban.cli.papers_out import plan_named
from duban.core import clock
from duban.core.actor import SYSTEM


def write_archive(year: int, *, jurisdiction: str, out: str) -> int:
    """Write the archive of a plan to a file, whole or not at all; return the exit code. Raises NotFound."""
    plan = plan_named(year, jurisdiction=jurisdiction)
    today = clock.today()
    name = archive_name(plan.jurisdiction.short_name, year=plan.year, is_final=bool(plan.closed_at), as_of=today)
    path = Path(out) / name if not out or Path(out).is_dir() else Path(out)
    try:
        whole, digest, size_bytes = write_to(plan, path, today=today, by=SYSTEM, now=clock.now)
    except OSError as error:
        print(f"写不了文件“{path}”：{error.strerror}。", file=sys.stderr)
        return 2
    print(f"已写入 {path}（{whole.files} 个文件，{size_bytes:,} 字节）。\nSHA-256 {digest}")
    for one in whole.missing:
        print(f"缺：{one}（数据目录里没有，或者与存入时不一致）", file=sys.stderr)
    if plan.closed_at is None:
        print(f"{year}年度台账还没有办结，档案内容截至 {today}。", file=sys.stderr)
    return 0
