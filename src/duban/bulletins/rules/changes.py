"""What changed between two snapshots. Source: docs/sources.md#bulletins"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from duban.bulletins.rules.totals import Stood
from duban.matters.rules import Light, State


class Change(StrEnum):
    """What became of a matter between two snapshots."""

    WORSE = "worse"
    BETTER = "better"
    NEW = "new"
    CLOSED = "closed"
    REOPENED = "reopened"
    LEFT = "left"


CHANGE_LABELS = {
    Change.WORSE: "转差",
    Change.BETTER: "转好",
    Change.NEW: "新增",
    Change.CLOSED: "销号",
    Change.REOPENED: "重新办理",
    Change.LEFT: "暂停、终止或结转",
}

_LEFT_STATES = (State.SUSPENDED, State.TERMINATED, State.CARRIED_OVER)

_RANK = {None: 0, Light.GREEN: 0, Light.YELLOW: 1, Light.RED: 2}


class Changed(NamedTuple):
    """One matter that changed. before: None where it was not there."""

    matter_id: int
    change: Change
    before: Stood | None
    after: Stood


def changes_between(before: Iterable[Stood], after: Iterable[Stood]) -> list[Changed]:
    """Return what changed from one snapshot to a later one, in the order of the later; what did not is left out.

    Being closed, put aside or taken up again comes before a change of light. Source: docs/sources.md#bulletins
    """
    earlier = {one.matter_id: one for one in before}
    found = []
    for one in after:
        former = earlier.get(one.matter_id)
        change = _change_of(former, one)
        if change is not None:
            found.append(Changed(one.matter_id, change, former, one))
    return found


def _change_of(before: Stood | None, after: Stood) -> Change | None:
    if before is None:
        return Change.NEW
    if after.state == State.CLOSED:
        return Change.CLOSED if before.state != State.CLOSED else None
    if before.state == State.CLOSED:
        return Change.REOPENED
    if after.state in _LEFT_STATES:
        return Change.LEFT if before.state not in _LEFT_STATES else None
    difference = _RANK[after.light] - _RANK[before.light]
    if difference == 0:
        return None
    return Change.WORSE if difference > 0 else Change.BETTER
