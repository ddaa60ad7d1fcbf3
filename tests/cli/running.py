"""`duban …` in a process of its own, as an operator runs it."""

import os
import subprocess
import sys


def duban(*arguments: object, timeout: int = 90, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with none of this process's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "duban.cli.main", *map(str, arguments)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**clean, **environment},
        timeout=timeout,
        check=False,
    )
