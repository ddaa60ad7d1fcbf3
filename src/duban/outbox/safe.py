"""Where the secrets of channels lie: files of their own under the data folder's keys/, never in the database.

A new set of secrets is a new file; the channel's row names the one that counts. So a row that is rolled back still
names the old file, and a copy of the database opens no channel.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.crypto import get_random_string


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "keys" / "channels"


@contextmanager
def putting(secrets: Mapping[str, str]) -> Iterator[str]:
    """Keep a set of secrets, readable by the system's own user only, while the block that names it succeeds.

    Yields the name to find it under; nothing for no secrets.
    """
    ref = _put(secrets) if secrets else ""
    try:
        yield ref
    except BaseException:
        forget(ref)
        raise


def _put(secrets: Mapping[str, str]) -> str:
    ref = get_random_string(24)
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(_folder() / ref, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(dict(secrets), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    return ref


def take(ref: str) -> dict[str, str]:
    """Return a set of secrets; empty for no name. Raises FileNotFoundError for a set that is gone."""
    if not ref:
        return {}
    found: dict[str, str] = json.loads((_folder() / ref).read_text(encoding="utf-8"))
    return found


def forget(ref: str) -> None:
    """Remove a set of secrets that counts no longer."""
    if ref:
        (_folder() / ref).unlink(missing_ok=True)
