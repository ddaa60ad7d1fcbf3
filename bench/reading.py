"""How fast a notice is read: `python bench/reading.py`.

Prints one JSON object a line (name, value, unit, bound, ok) and exits 1 when a bound is broken.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "quangang-2020-2.txt"
FORMATS = ROOT / "tests" / "reading" / "samples" / "formats"
FILES = (
    ("Word，128 项", "table_one.docx", 0.5),
    ("Excel，128 项，另起的进程在内", "table.xlsx", 0.6),
    ("PDF，12 页，另起的进程在内", "table_one.pdf", 2.3),
)
"""What is measured of the other formats, with the bound in seconds."""
sys.path.insert(0, str(ROOT / "src"))

from duban.reading import characters, names, read_notice, statements, targets, words  # noqa: E402


def run() -> list[dict[str, Any]]:
    """Return the measurements: median of several runs, caches emptied before each."""
    data = SAMPLE.read_bytes()
    read_notice(data)
    sample_ms = statistics.median(_timed(lambda: read_notice(data)) for _ in range(9)) * 1000
    process_s = statistics.median(_timed(_whole_process) for _ in range(5))
    few, many = _rows(2000), _rows(20000)
    ratio = min(_timed(lambda: read_notice(many)) / _timed(lambda: read_notice(few)) for _ in range(3))
    return [
        _result("读样例通知，进程内", sample_ms, "ms", 60),
        _result("duban read 整个进程", process_s, "s", 0.6),
        _result("读 2 万行是读 2 千行的", ratio, "倍", 12),
        *(_result(f"读样例通知（{name}）", _median(FORMATS / file), "s", bound) for name, file, bound in FILES),
    ]


def _median(path: Path) -> float:
    data = path.read_bytes()
    return statistics.median(_timed(lambda: read_notice(data)) for _ in range(3))


def _result(name: str, value: float, unit: str, bound: float) -> dict[str, Any]:
    return {"name": name, "value": round(value, 3), "unit": unit, "bound": bound, "ok": value <= bound}


def _timed(call: Callable[[], object]) -> float:
    for module in (characters, names, statements, targets, words):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def _whole_process() -> None:
    for module in ("duban.cli.main", None):
        if module is not None:
            command = [sys.executable, "-m", module, "read", str(SAMPLE), "--json"]
        else:
            code = "import sys; from duban.cli.read import main; sys.exit(main(sys.argv[1:]))"
            command = [sys.executable, "-c", code, str(SAMPLE), "--json"]
        done = subprocess.run(
            command, capture_output=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src")}, check=False
        )
        if done.returncode == 0 and done.stdout.startswith(b"{"):
            return
    raise RuntimeError(done.stderr.decode())


def _rows(count: int) -> bytes:
    """A notice of `count` rows, every name and quantity different where real ones differ."""
    head = "序号\t具体目标任务\t牵头单位\t责任人\t协办单位\t区分管或联系领导\n"
    text = "推进第{n}批学校建设，新增学位{n}个，完成投资{n}万元。"
    line = "{n}\t" + text + "\t教育局 城东{k}局\t王力 李明\t各镇（街道）\t赵刚 孙立\n"
    return (head + "".join(line.format(n=n, k=n % 97) for n in range(1, count + 1))).encode()


if __name__ == "__main__":
    results = run()
    for result in results:
        print(json.dumps(result, ensure_ascii=False))
    sys.exit(not all(result["ok"] for result in results))
