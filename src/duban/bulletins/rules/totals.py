"""How a matter stands in a count, and the counts. Source: docs/sources.md#bulletins"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from duban.bulletins.rules.words import BulletinKind
from duban.core.text import date_text
from duban.matters.rules import LIGHT_LABELS, LIT_STATES, Light, State


class Status(StrEnum):
    """How a matter stands in a count. Source: docs/sources.md#bulletins"""

    DONE = "done"
    CLOSING = "closing"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    NOT_STARTED = "not_started"
    NOT_YET = "not_yet"
    PAUSED = "paused"
    ENDED = "ended"


STATUS_LABELS = {
    Status.DONE: "已完成",
    Status.CLOSING: "申请销号",
    Status.ON_TRACK: "达序时",
    Status.BEHIND: "滞后",
    Status.NOT_STARTED: "未启动",
    Status.NOT_YET: "未到起始日期",
    Status.PAUSED: "暂停",
    Status.ENDED: "终止或结转",
}


class Stood(NamedTuple):
    """One matter as a snapshot holds it. light: the one shown, the office's own where it decided another.

    progress, expected: percent; expected None where no 序时进度 is asked for.
    """

    matter_id: int
    state: str
    light: Light | None
    due_on: date
    progress: Decimal | None = None
    expected: Decimal | None = None


def status_of(stood: Stood, *, behind_points: int) -> Status:
    """Return how a matter is counted. behind_points: from this gap on it is behind, as its light goes yellow.

    By its state first; of what is in hand 未启动 is what has reported nothing though something was due, 滞后 a gap of
    so many points or a red light, and for 常态 matters (of which no 序时进度 is asked) any light that is not green.
    Source: docs/sources.md#bulletins
    """
    by_state = {
        State.CLOSED: Status.DONE,
        State.CLOSING: Status.CLOSING,
        State.SUSPENDED: Status.PAUSED,
        State.TERMINATED: Status.ENDED,
        State.CARRIED_OVER: Status.ENDED,
    }
    state = State(stood.state)
    if state in by_state:
        return by_state[state]
    if stood.light is None or state not in LIT_STATES:
        return Status.NOT_YET
    if stood.expected is None:
        return Status.ON_TRACK if stood.light is Light.GREEN else Status.BEHIND
    progress = stood.progress or Decimal()
    if progress == 0 and stood.expected > 0:
        return Status.NOT_STARTED
    is_behind = stood.expected - progress >= behind_points or stood.light is Light.RED
    return Status.BEHIND if is_behind else Status.ON_TRACK


class Counted(NamedTuple):
    """One matter to be counted: how it stands, and under which leaders, unit and field."""

    status: Status
    light: Light | None
    overseer: str
    unit: str
    field: str


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of a table: how many matters there are, by status and by light; what is nothing is left out."""

    name: str
    total: int
    statuses: dict[str, int]
    lights: dict[str, int]


def tally(name: str, counted: Iterable[Counted]) -> Tally:
    """Return the counts of some matters."""
    some = list(counted)
    statuses, lights = Counter(one.status for one in some), Counter(one.light for one in some)
    return Tally(
        name=name,
        total=len(some),
        statuses={one.value: statuses[one] for one in Status if statuses[one]},
        lights={one.value: lights[one] for one in Light if lights[one]},
    )


def tallies(counted: Sequence[Counted], *, by: str) -> list[Tally]:
    """Return the counts by overseer, unit or field, as they first come; what has none stands last."""
    groups: dict[str, list[Counted]] = {}
    for one in counted:
        groups.setdefault(getattr(one, by), []).append(one)
    nothing = groups.pop("", [])
    rows = [tally(name, some) for name, some in groups.items()]
    return [*rows, tally("未明确", nothing)] if nothing else rows


def usual_title(kind: BulletinKind, *, day: date, field: str = "") -> str:
    """Return the usual title of a bulletin on a snapshot's day."""
    if kind is BulletinKind.SPECIAL:
        return f"关于{field or '重点'}事项进展情况的通报"
    part = {6: "上半年", 12: "全年"}.get(day.month, f"{day.month}月底前")
    return f"关于{day.year}年度督查事项{part}进展情况的通报"


def usual_opening(total: Tally, *, day: date, field: str = "") -> str:
    """Return the usual opening: the counts of the snapshot, in a sentence."""
    words = "，".join(f"{STATUS_LABELS[Status(name)]}{count}项" for name, count in total.statuses.items())
    lights = "、".join(f"{LIGHT_LABELS[Light(name)]}{count}项" for name, count in total.lights.items())
    about = f"{field}类督查事项" if field else "督查事项"
    lamps = f"；在办事项中{lights}" if lights else ""
    return f"截至{date_text(day)}，列入台账的{about}共{total.total}项，其中{words or '尚无交办'}{lamps}。"
