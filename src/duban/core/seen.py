"""What a form showed is posted back with it, so that nobody overwrites what came meanwhile without seeing it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from duban.core.errors import Conflict


def seen_of(shown: Mapping[str, Any]) -> str:
    """Return a short digest of the values a form shows; the form posts it back as `seen`."""
    canonical = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def require_seen(seen: str | None, *, standing: Mapping[str, Any], message: str | None = None) -> None:
    """Raise Conflict (`theirs`: what stands) when the editor saw other values than those that stand now.

    seen: None where no form was shown: an import, another action. The caller holds the lock of what it reads.
    """
    if seen is not None and seen != seen_of(standing):
        raise Conflict(message, theirs=dict(standing))
