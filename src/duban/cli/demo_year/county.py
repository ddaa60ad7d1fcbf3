"""The invented county: its notice, and whoever the notice does not name. Plain data, read once."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

NOTICE_NAME = "临江政办〔2020〕2号.txt"
_FOLDER = Path(__file__).parent


@cache
def notice() -> bytes:
    """Return the notice the year begins with: 128 rows of the OCR's shape, every name in it invented."""
    return (_FOLDER / "notice.txt").read_bytes()


@cache
def county() -> dict[str, Any]:
    """Return what county.toml holds."""
    return tomllib.loads((_FOLDER / "county.toml").read_text(encoding="utf-8"))
