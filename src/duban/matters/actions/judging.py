"""Whoever changes a fact a light reads says so here, in the same transaction; the room above judges it.

The lights stand above this room and read its facts, so it cannot import them: their judge registers itself once, when
Django starts (docs/decisions/0010). No signals: one name, one caller, and an unregistered judge is an error.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol


class Judge(Protocol):
    """Brings the stored lights of these matters into step with their facts."""

    def __call__(self, matter_ids: Collection[int], *, now: datetime, policy_id: int | None) -> None:
        """Judge these matters as of a moment, in the running transaction. policy_id: of the version that caused it."""


_registered: list[Judge] = []


def let_judge(judge: Judge) -> None:
    """Register who judges. Called by `lights` when Django starts."""
    _registered[:] = [judge]


def facts_changed(matter_ids: Collection[int], *, now: datetime, policy_id: int | None = None) -> None:
    """Have matters judged whose facts just changed: state, dates, nodes, what is owed, progress, forecast, policy.

    policy_id: of the version just adopted, where nothing else changed; what turns then is known to come from it.
    Raises RuntimeError where nobody judges: a light that silently stays behind is worse than none.
    """
    if not _registered:
        raise RuntimeError("no judge of lights is registered")
    if matter_ids:
        _registered[0](matter_ids, now=now, policy_id=policy_id)
