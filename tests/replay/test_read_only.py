"""`duban replay` cannot write: the database itself refuses, whatever the code does. On both engines."""

import subprocess
import sys
from pathlib import Path

import pytest

from duban.matters.policy import default_preset, figures_toml

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(120)
def test_the_database_that_is_replayed_takes_no_writing(own_database, tmp_path):
    preset = default_preset()
    policy = tmp_path / "other.toml"
    policy.write_text(figures_toml(preset.values, name=preset.name, note=preset.note, sources=preset.sources), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.replay.read_only", str(policy)],
        cwd=ROOT,
        env=own_database,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said, refused, count = done.stdout.splitlines()
    assert (said, count) == ("还没有建立台账。", "0")
    assert refused.startswith(
        ("refused: attempt to write a readonly database", "refused: cannot execute INSERT in a read-only transaction")
    )
