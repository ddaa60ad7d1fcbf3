"""Words of the year's end and of archives; what keeps a year open. Source: docs/sources.md#archives"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

NOTE_LENGTH = 500
REASON_LENGTH = 300


class ArchiveState(StrEnum):
    """Where an archive stands."""

    ASKED = "asked"
    WRITING = "writing"
    DONE = "done"
    FAILED = "failed"


ARCHIVE_STATE_LABELS = {
    ArchiveState.ASKED: "等待写成",
    ArchiveState.WRITING: "正在写",
    ArchiveState.DONE: "已写成",
    ArchiveState.FAILED: "没有写成",
}

MAX_ATTEMPTS = 3
LEASE = timedelta(minutes=15)
"""How long a worker may be silent about an archive before another takes it for dead (real time)."""


class Open(StrEnum):
    """What of a year may still be open, and keeps it open: each has a verb of its own that ends it, which nobody could
    use any more afterwards. Each is one noun's, and one statement to find.
    """

    MATTER = "matter"
    OWED = "owed"
    CHANGE = "change"
    LETTER = "letter"
    OBSTACLE = "obstacle"
    MEETING = "meeting"
    DECISION = "decision"
    INSTRUCTION = "instruction"
    BULLETIN = "bulletin"
    VISIT = "visit"
    INTERVIEW = "interview"
    OBJECTION = "objection"
    EVALUATION = "evaluation"


OPEN_LABELS = {
    Open.MATTER: "没有办结的事项",
    Open.OWED: "没有完成的应办事宜",
    Open.CHANGE: "待裁定的变更申请",
    Open.LETTER: "没有办结的函件",
    Open.OBSTACLE: "没有销结的困难问题",
    Open.MEETING: "待召开的调度会",
    Open.DECISION: "没有落实的议定事项",
    Open.INSTRUCTION: "没有办结的批示",
    Open.BULLETIN: "没有印发的通报",
    Open.VISIT: "没有办完的考查、核验",
    Open.INTERVIEW: "没有办完的约谈",
    Open.OBJECTION: "没有决定的复核申请",
    Open.EVALUATION: "没有核定的考评",
}

OPEN_HINTS = {
    Open.MATTER: "申请销号的核验后销号；确实跨年的结转下年；不再办的经批准终止。",
    Open.OWED: "补办的由单位补办；不必再办的写明理由免除。",
    Open.CHANGE: "逐件裁定。",
    Open.LETTER: "未发的发出或作罢；已发的收到答复后办结，或者撤回。",
    Open.OBSTACLE: "由提出的单位销结。",
    Open.MEETING: "召开后记录，或者取消。",
    Open.DECISION: "收到落实情况后认可。",
    Open.INSTRUCTION: "收到反馈后办结。",
    Open.BULLETIN: "印发或者作罢。",
    Open.VISIT: "核验完、作出结论；没有去的作罢。整改可以接着办。",
    Open.INTERVIEW: "约谈后印发纪要；没有谈的撤回。整改可以接着办。",
    Open.OBJECTION: "由没有参加原来决定的人按期作出决定。",
    Open.EVALUATION: "单位核对期满后核定，或者作罢。",
}
"""What to do about each, in the words of the page."""


@dataclass(frozen=True, slots=True)
class OpenThing:
    """One thing that is still open. id: of the thing, by which its page is found · words: what it is, where it stands.

    unit: whose it is, or empty · since: since when, or by when it is due · state: where it stands.
    """

    kind: Open
    id: int
    label: str
    words: str
    unit: str = ""
    since: date | None = None
    state: str = ""


def blockers_words(counts: Mapping[Open, int]) -> str:
    """Return why a plan cannot be closed yet, in one sentence; empty where nothing stands against it."""
    open_ = [f"{OPEN_LABELS[kind]} {count} 件" for kind, count in counts.items() if count]
    return f"还有{'、'.join(open_)}，不能办结。" if open_ else ""


def warnings(
    *, year: int, today: date, has_next_plan: bool, lacks_bulletin: bool, unscanned: int, rectifying: int
) -> list[str]:
    """Return in words what should be looked at before a year is closed."""
    found = []
    if today <= date(year, 12, 31):
        found.append(f"{year}年还没有过完，现在办结以后，这一年就不能再填报、发函、通报了。")
    if not has_next_plan:
        found.append(f"还没有建立{year + 1}年度台账，没有办完的事项无处结转。")
    if lacks_bulletin:
        found.append("最近一次半年定格还没有印发通报。")
    if rectifying:
        found.append(f"还有 {rectifying} 件整改没有到位。整改不因年度办结而停，办结以后照常报送、验收、复查。")
    if unscanned:
        found.append(f"{unscanned} 份存档公文没有盖章扫描件。办结以后不能再附，需要的请先附上。")
    return found


def counts_words(counts: Mapping[str, int], labels: Mapping[str, str], *, order: Sequence[str]) -> str:
    """Return “已销号 103 件，已结转 31 件” of counts by state, in an order, the empty ones left out."""
    return "，".join(f"{labels[one]} {counts[one]} 件" for one in order if counts.get(one))


_KINDS_MOST = 8


def changes_words(before: Mapping[str, int], after: Mapping[str, int], labels: Mapping[str, str]) -> str:
    """Return “作出复核决定 1 次、验收整改 2 次”: what a trail holds beyond an earlier one; empty where nothing.

    before, after: how many events of each name.   labels: of the names, in the order in which they are told.
    """
    more = {name: after.get(name, 0) - before.get(name, 0) for name in labels}
    told = [f"{labels[name]} {count} 次" for name, count in more.items() if count > 0]
    rest = f"等 {len(told)} 种" if len(told) > _KINDS_MOST else ""
    return "、".join(told[:_KINDS_MOST]) + rest


def archive_name(place: str, *, year: int, edition: int | None, as_of: date) -> str:
    """Return how the file of an archive is called. edition: of a closed plan; None for one as things stand on a day."""
    rest = f"（截至{as_of:%Y%m%d}）" if edition is None else f"（第{edition}版）" if edition > 1 else ""
    return f"{place}{year}年度督查档案{rest}.zip"
