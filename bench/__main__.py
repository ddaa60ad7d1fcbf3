"""Run every benchmark and print one table; exits 1 when a bound is broken.

`--markdown` writes docs/performance.md; the notes below its table stay, to be looked over by whoever wrote it anew.
"""

import importlib
import platform
import sys
from pathlib import Path

MODULES = (
    "reading",
    "intake",
    "ledger",
    "jobs",
    "lights",
    "replay",
    "units",
    "morning",
    "policy",
    "evaluation",
    "documents",
    "crowd",
)


PAGE = Path("docs/performance.md")


def notes_of(page: Path) -> str:
    """Return what stands below the table of the page; empty where there is no page yet."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True) if page.exists() else []
    last = max((place for place, line in enumerate(lines) if line.startswith("|")), default=len(lines))
    return "".join(lines[last + 1 :])


def main() -> int:
    results = []
    for name in MODULES:
        print(f"… bench.{name}", file=sys.stderr, flush=True)
        results += importlib.import_module(f"bench.{name}").run()
    lines = ["| 测量 | 结果 | 界限 | |", "| --- | ---: | ---: | --- |"]
    marks = {True: "✓", False: "✗"}
    lines += [
        f"| {one['name']} | {one['value']:.4g} {one['unit']} | {one['bound']:g} {one['unit']} | {marks[one['ok']]} |"
        for one in results
    ]
    print("\n".join(lines))
    if "--markdown" in sys.argv:
        head = (
            "# 性能\n\n由 `make bench`（`python -m bench --markdown` 写入本页）在两核机器上测得；"
            f"Python {platform.python_version()}，SQLite。单次时间会有波动，界限为准。\n\n"
        )
        PAGE.write_text(head + "\n".join(lines) + "\n" + notes_of(PAGE), encoding="utf-8")
    return 0 if all(one["ok"] for one in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
