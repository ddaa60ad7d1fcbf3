"""How figures become a percentage, what an entry must say, and what schedule a matter suggests."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum

from duban.core.errors import Invalid
from duban.core.text import date_text, plain_number
from duban.core.workdays import workday_on_or_before
from duban.matters.rules import FORECAST_LABELS, Forecast, Kind, Sense

SENTENCE_LENGTH = 200
"""The most characters one entry's sentence may have."""

LOOK_BACK_LENGTH = 60
"""The most characters of each of the three lines; together they fit one entry's sentence."""

_FULL = Decimal(100)
_NEARLY = Decimal("99.99")
_CENT = Decimal("0.01")
_POWERS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_TYPED = re.compile(r"(-?)(\d+(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+|\d+\.)([十百千万亿]*)(.*)")
_PCT = re.compile(r"(\d{1,3}(?:\.\d*)?)%?")
_LARGEST = Decimal(10) ** 15
_SLIP = 1000
"""So many times the goal is a slip of the unit (万 typed twice), not an achievement."""


def _bare(typed: str) -> str:
    """Return what was typed in half width, without blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", typed))


def read_figure(typed: str, *, unit_of_measure: str, printed: str, goal: Decimal) -> Decimal:
    """Return a figure typed for a target, multiplied out: “0.83万” and “8,300人” are 8300; percentages as they stand.

    printed, goal: the target in the notice's words, and its number; a bare “0.83” for “1.61万人” is asked back about.
    Raises Invalid in the user's words.
    """
    text = _bare(typed)
    match = _TYPED.fullmatch(text)
    if match is None:
        raise Invalid(f"“{typed.strip()[:20]}”不是数字，请填如 8300 或 0.83万。")
    sign, digits, powers, unit = match.groups()
    wanted = _bare(unit_of_measure)
    if unit and unit != wanted:
        measured = f"以“{wanted}”为单位" if wanted else "不带单位"
        raise Invalid(f"“{typed.strip()[:20]}”的单位不对，请填{measured}的数。")
    number = Decimal(digits.replace(",", ""))
    for power in powers:
        number *= _POWERS[power]
    if number >= _LARGEST:
        raise Invalid(f"“{typed.strip()[:20]}”太大，请核对。")
    if goal > 0 and number > _SLIP * goal:
        raise Invalid(f"“{typed.strip()[:20]}”是目标“{printed}”的 {int(number / goal)} 倍，请核对。")
    power = next((one for one in ("亿", "万") if one in printed), "")
    if power and not powers and not unit and 0 < number * _POWERS[power] <= 2 * abs(goal):
        plain = f"{number:f}"
        raise Invalid(f"请写清是“{plain}{power}”还是“{plain}{wanted or '个'}”：目标是“{printed}”。")
    number = -number if sign else number
    return number.quantize(Decimal("0.0001"), rounding=ROUND_DOWN)


def read_pct(typed: str) -> Decimal:
    """Return a percentage typed: 51.55, 51.55% or full width; between 0 and 100. Raises Invalid."""
    match = _PCT.fullmatch(_bare(typed))
    if match is None or Decimal(match[1]) > _FULL:
        raise Invalid(f"完成百分比应为 0 到 100 之间的数，不能是“{typed.strip()[:20]}”。", field="pct")
    return Decimal(match[1]).quantize(_CENT, rounding=ROUND_DOWN)


def _within(share: Decimal) -> Decimal:
    return min(max(share, Decimal(0)), _FULL).quantize(_CENT, rounding=ROUND_DOWN)


def target_share(current: Decimal, *, value: Decimal, upper: Decimal | None, sense: Sense) -> Decimal:
    """Return how much of a target is reached, in percent from 0 to 100, rounded down so that 100 is really all.

    To be reached (=, >=, >): the part there is; one that must be exceeded is not whole while it is only met.
    Not to be exceeded (<=, <): whole while kept, else the limit's part of the figure.   A range: whole inside it.
    """
    if sense in (Sense.LESS, Sense.AT_MOST):
        return _kept(current, limit=value, is_strict=sense is Sense.LESS)
    if sense is Sense.RANGE and upper is not None and current > upper:
        return _kept(current, limit=upper, is_strict=False)
    if current > value or (current == value and sense is not Sense.MORE):
        return _FULL
    share = _within(100 * current / value) if value > 0 else Decimal(0)
    return min(share, _NEARLY)


def _kept(current: Decimal, *, limit: Decimal, is_strict: bool) -> Decimal:
    if current < limit or (current == limit and not is_strict):
        return _FULL
    share = _within(100 * limit / current) if limit > 0 else Decimal(0)
    return min(share, _NEARLY)


def pct_of(shares: Iterable[Decimal]) -> Decimal | None:
    """Return the percentage of a matter from the shares of its targets: the smallest; None where there are none."""
    return min(shares, default=None)


def checked_sentence(sentence: str) -> str:
    """Return an entry's sentence on one line without blanks around it. Raises Invalid when it is too long."""
    line = " ".join(sentence.split())
    if len(line) > SENTENCE_LENGTH:
        raise Invalid(f"说明不超过 {SENTENCE_LENGTH} 字，现在 {len(line)} 字。", field="sentence")
    return line


def needs_sentence(*, pct: Decimal | None, counted: Decimal | None, before: Decimal | None) -> str | None:
    """Return why a percentage needs a sentence beside it, or None.

    counted: what the figures give.   before: what the unit said last. A lower one, or one that is not what the
    figures say, stands only with the reason.
    """
    if pct is None:
        return None
    if before is not None and pct < before:
        return f"完成百分比（{pct_text(pct)}）低于上次填报（{pct_text(before)}），请用一句话说明原因。"
    if counted is not None and pct != counted:
        return f"填写的百分比（{pct_text(pct)}）与按数字算出的（{pct_text(counted)}）不一致，请用一句话说明原因。"
    return None


def pct_text(pct: Decimal) -> str:
    """Return a percentage in words: 51.55%, 50%."""
    return f"{pct:.2f}".rstrip("0").rstrip(".") + "%"


def checked_line(line: str, *, what: str) -> str:
    """Return one of the three lines of a look back without blanks around it. Raises Invalid when it is too long."""
    text = " ".join(line.split())
    if len(text) > LOOK_BACK_LENGTH:
        raise Invalid(f"“{what}”不超过 {LOOK_BACK_LENGTH} 字，现在 {len(text)} 字。")
    return text


def sentence_of_look_back(*, done: str, problem: str, next_step: str) -> str:
    """Return the three lines as one sentence for an entry: “…；问题：…；下一步：…”."""
    parts = (done.rstrip("。；"), f"问题：{problem.rstrip('。；')}" if problem else "", next_step.rstrip("。；"))
    named = (parts[0], parts[1], f"下一步：{parts[2]}" if parts[2] else "")
    return "；".join(part for part in named if part) + "。"


def month_of(day: date) -> date:
    """Return the first day of a day's month: how a month is stored."""
    return day.replace(day=1)


def last_day_of(month: date) -> date:
    """Return the last day of a month."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return following - timedelta(days=1)


# ---- the schedule


NODES_MOST = 12
"""The most nodes a schedule may have."""

NODE_LENGTH = 60
"""The most characters of what one node says."""


class ScheduleState(StrEnum):
    """Where a schedule stands: with the office, accepted, or back with its reasons."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    RETURNED = "returned"


SCHEDULE_STATE_LABELS = {
    ScheduleState.PROPOSED: "待核定",
    ScheduleState.ACCEPTED: "已同意",
    ScheduleState.RETURNED: "已退回",
}


@dataclass(frozen=True, slots=True)
class Node:
    """One node of a schedule: by this day, this, so much of the whole."""

    due_on: date
    title: str
    pct: Decimal


@dataclass(frozen=True, slots=True)
class Goal:
    """A target as a proposal needs it. printed: the notice's words, 1.61万人 · value: multiplied out, 16100."""

    subject: str
    printed: str
    value: Decimal
    unit_of_measure: str
    sense: Sense


def checked_nodes(nodes: Sequence[Node], *, starts_on: date, due_on: date, note: str) -> list[Node]:
    """Return the nodes of a schedule, their words on one line. Raises Invalid naming the row that is wrong.

    Days and percentages rise from row to row, within the matter's own days; the last is 100 % on the final date,
    unless `note` says why not.
    """
    if not nodes:
        raise Invalid("请至少填写一个节点。", field="nodes")
    if len(nodes) > NODES_MOST:
        raise Invalid(f"节点不超过 {NODES_MOST} 个，现在 {len(nodes)} 个。", field="nodes")
    checked: list[Node] = []
    for number, node in enumerate(nodes, start=1):
        title = " ".join(node.title.split())
        if not title:
            raise Invalid(f"第 {number} 个节点没有写明要完成什么。", field="nodes")
        if len(title) > NODE_LENGTH:
            raise Invalid(f"第 {number} 个节点的内容不超过 {NODE_LENGTH} 字，现在 {len(title)} 字。", field="nodes")
        if not starts_on <= node.due_on <= due_on:
            span = f"{date_text(starts_on)}至{date_text(due_on)}"
            raise Invalid(f"第 {number} 个节点的日期（{date_text(node.due_on)}）应在{span}之间。", field="nodes")
        if not 0 < node.pct <= _FULL:
            raise Invalid(f"第 {number} 个节点的百分比应大于 0、不超过 100。", field="nodes")
        before = checked[-1] if checked else None
        if before is not None and node.due_on <= before.due_on:
            raise Invalid(
                f"第 {number} 个节点（{date_text(node.due_on)}）不晚于前一个（{date_text(before.due_on)}），"
                "请按日期先后排列。",
                field="nodes",
            )
        if before is not None and node.pct <= before.pct:
            raise Invalid(
                f"第 {number} 个节点的百分比（{pct_text(node.pct)}）应高于前一个（{pct_text(before.pct)}）。",
                field="nodes",
            )
        checked.append(Node(node.due_on, title, node.pct))
    last = checked[-1]
    if (last.due_on, last.pct) != (due_on, _FULL) and len(note.strip()) < 2:
        raise Invalid(f"最后一个节点应为{date_text(due_on)}完成 100%；另有安排的，请在“说明”中写明原因。", field="note")
    return checked


_APART_DAYS = 14
"""Two proposed nodes lie at least so far apart, and the first so far from today."""

_QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))
_PLAIN_STAGES = (("启动并明确方案", 20), ("完成过半", 50), ("基本完成", 80), ("全部完成", 100))
_CHAINS: tuple[tuple[re.Pattern[str], tuple[tuple[str, str, int], ...], int], ...] = (
    # when the text is of this kind, its stages (words that name one in the text, the node's words, the usual weight),
    # and the stage it ends with where the text names none
    (
        re.compile(
            r"建设|新建|改建|扩建|修建|续建|改造|选址|开工|动工|主体|封顶|竣工|建成|完工|投入使用|投用|投产|启用|搬迁|安装"
        ),
        (
            (r"选址|立项|可研|前期|设计", "完成选址立项等前期工作", 15),
            (r"开工|动工", "开工建设", 30),
            (r"主体|封顶", "主体完工", 70),
            (r"建设|新建|改建|扩建|修建|改造|竣工|建成|完工|验收", "竣工验收", 90),
            (r"投入使用|投用|投产|开业|运营|启用", "投入使用", 100),
        ),
        3,
    ),
    (
        re.compile(r"制定|制订|修订|修编|出台|编制|印发|拟定|起草"),
        (
            (r"起草|拟定", "形成初稿", 30),
            (r"审议|审定|评审|论证", "完成审议", 60),
            (r"制定|制订|修订|修编|出台|编制|印发|发布|批复", "印发", 80),
            (r"实施(?!方案|意见|细则|办法|计划)|施行|执行", "组织实施", 100),
        ),
        2,
    ),
    (
        re.compile(r"举办|承办|召开|筹办"),
        (("方案", "确定方案", 30), ("筹备|筹办", "完成筹备", 80), ("举办|承办|召开", "如期举办", 100)),
        2,
    ),
    (
        re.compile(r"验收|达标|创建|普查"),
        (
            ("启动|部署", "启动并部署", 15),
            ("推进|整改", "完成过半", 50),
            ("自查|初验", "完成自查", 80),
            ("验收|达标|创建|普查", "完成验收", 100),
        ),
        3,
    ),
)
_UNDER_WAY = re.compile(r"^(继续|加快|持续|全面)|续建|在建")


def propose_schedule(
    *,
    kind: Kind,
    text: str,
    targets: Sequence[Goal],
    starts_on: date,
    due_on: date,
    report_days: Sequence[date],
    today: date,
) -> list[Node]:
    """Return two to five nodes a matter's text, targets and days suggest; a person may change them.

    量化: the targets' share at each quarter, on the report day where there is one.   节点: the stages of the text's own
    verbs (also of a goal of two or three things).   常态: the report days, or nothing where none lies ahead.   The last
    is the final date, alone where it is near; the others lie on working days after today. Nothing once the final date
    has passed.   Source: docs/sources.md#schedule
    """
    if due_on < today:
        return []
    begin = max(starts_on, today)
    if kind is Kind.CONTINUING:
        days = _ahead(report_days, today=begin, due_on=due_on)[-4:]
        if not days:
            return []
        even = [_rounded(100 * number, len(days) + 1) for number in range(1, len(days) + 1)]
        words = ["落实上半年工作" if day.month == 6 else f"落实{day.month}月前的工作" for day in days]
        named = [Node(day, title, pct) for day, title, pct in zip(days, words, even, strict=True)]
        return [*named, Node(due_on, "完成全年工作" if due_on.month == 12 else "完成全部工作", _FULL)]
    goals = [one for one in targets if _is_shared_out(one)]
    if kind is Kind.QUANTIFIED and (goals or any(_is_rate(one) for one in targets)):
        days = _ahead(_quarter_days(begin, due_on, report_days=report_days), today=begin, due_on=due_on)
        shares = [(day, _share_by(day, starts_on=starts_on, due_on=due_on)) for day in days]
        rising = [(day, pct) for place, (day, pct) in enumerate(shares) if place == 0 or pct > shares[place - 1][1]]
        return [
            *(Node(day, _goals_at(goals, pct), pct) for day, pct in rising if 0 < pct < _FULL),
            Node(due_on, _goals_at(goals, _FULL), _FULL),
        ]
    return _stages(text, begin=begin, due_on=due_on)


def _ahead(days: Sequence[date], *, today: date, due_on: date) -> list[date]:
    """Return the days of these that are worth a node: working days, well after today, apart, well before the end."""
    kept: list[date] = []
    for day in sorted({workday_on_or_before(one) for one in days}):
        last = kept[-1] if kept else today
        if day - last >= timedelta(days=_APART_DAYS) and due_on - day >= timedelta(days=_APART_DAYS):
            kept.append(day)
    return kept


def _quarter_days(begin: date, due_on: date, *, report_days: Sequence[date]) -> list[date]:
    """Return at most four quarters' ends on the way, the report day instead where one lies in such a month."""
    days = []
    for year in range(begin.year, due_on.year + 1):
        for month, day in _QUARTER_ENDS:
            end = date(year, month, day)
            reports = [one for one in report_days if (one.year, one.month) == (year, month)]
            days.append(reports[-1] if reports else end)
    found = [one for one in days if begin < one < due_on]
    step = -(-len(found) // 4) or 1
    return found[step - 1 :: step]


def _share_by(day: date, *, starts_on: date, due_on: date) -> Decimal:
    """Return the straight line's percentage at the end of a day's month, from the quarter the matter began in."""
    base = date(starts_on.year, 3 * ((starts_on.month - 1) // 3) + 1, 1)
    end = min(last_day_of(month_of(day)), due_on)
    return _rounded(100 * ((end - base).days + 1), (due_on - base).days + 1)


def _rounded(part: int, whole: int) -> Decimal:
    """Return a part of a whole as people plan: in fives."""
    return Decimal(round(part / whole / 5) * 5)


def _is_shared_out(goal: Goal) -> bool:
    """Return whether a part of this goal can be named: an amount to be reached, not a rate, not two or three things."""
    return not _is_rate(goal) and goal.value >= 4


def _is_rate(goal: Goal) -> bool:
    """Return whether a goal is kept or reached as a whole: a rate, a limit."""
    return goal.unit_of_measure in ("%", "‰") or goal.sense in (Sense.LESS, Sense.AT_MOST)


def _goals_at(goals: Sequence[Goal], pct: Decimal) -> str:
    """Return what is to be reached at a percentage: “新增人才 0.8 万人（50%）”."""
    if not goals:
        return "完成全部任务" if pct == _FULL else f"完成任务的 {pct_text(pct)}"
    amounts = [f"{' '.join(one.subject.split()) or '完成'} {_part_of(one, pct)}" for one in goals[:2]]
    return f"{'、'.join(amounts)}（{pct_text(pct)}）"[:NODE_LENGTH]


def _part_of(goal: Goal, pct: Decimal) -> str:
    power = next((one for one in ("亿", "万") if one in goal.printed), "")
    exact = goal.value * pct / _FULL / _POWERS.get(power, 1)
    rough = exact
    for digits in range(5):
        rough = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
        is_counted = not power and goal.value == goal.value.to_integral_value()
        if rough == exact or (pct < _FULL and (is_counted or abs(rough - exact) <= exact / 50)):
            break
    return f"{plain_number(rough)} {power}{goal.unit_of_measure}".strip()


def _stages(text: str, *, begin: date, due_on: date) -> list[Node]:
    stages = _stages_of(text)
    span = (due_on - begin).days
    nodes: list[Node] = []
    for title, pct in stages[:-1]:
        day = workday_on_or_before(begin + timedelta(days=span * pct // 100))
        last = nodes[-1].due_on if nodes else begin
        if day - last >= timedelta(days=_APART_DAYS) and due_on - day >= timedelta(days=_APART_DAYS):
            nodes.append(Node(day, title, Decimal(pct)))
    return [*nodes, Node(due_on, stages[-1][0], _FULL)]


def _stages_of(text: str) -> list[tuple[str, int]]:
    """Return the stages of a text with their percentages: up to the last one it names, the last 100."""
    for pattern, chain, usual_end in _CHAINS:
        if not pattern.search(text):
            continue
        named = [place for place, (words, _, _) in enumerate(chain) if re.search(words, text)]
        end = max(named, default=usual_end)
        if end == 0:  # only its beginning is asked for
            return [("确定方案", 50), (chain[0][1], 100)]
        first = 1 if _UNDER_WAY.search(text) and end > 1 and 0 not in named else 0
        whole = chain[end][2]
        stages = [(title, round(100 * weight / whole / 5) * 5) for _, title, weight in chain[first:end]]
        return [*stages, (chain[end][1], 100)]
    return list(_PLAIN_STAGES)


# ---- three statuses side by side: what the unit says, what the evidence shows, what the schedule demands


LONG_AGO_MONTHS = 2
"""What is so many whole months old is told with its age where something newer says otherwise."""


def months_between(earlier: date, later: date) -> int:
    """Return the whole months from one day to another: 31 January to 29 February is none; none when it lies after."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return max(0, months - (later.day < earlier.day))


@dataclass(frozen=True, slots=True)
class Statuses:
    """The three statuses of a matter in figures; None where there is nothing to say.

    said_pct, said_on, forecast: of the lead.   evidence_count, evidence_on: what stands, and when the last came; no
    count for a reader who does not see all of it.   figures, figures_shown: numbers that stand, and those of them
    given with evidence.
    expected_pct: 序时进度 today; None where the matter has none (常态).
    """

    said_pct: Decimal | None = None
    said_on: date | None = None
    forecast: Forecast | None = None
    evidence_count: int | None = None
    evidence_on: date | None = None
    figures: int = 0
    figures_shown: int = 0
    expected_pct: Decimal | None = None

    @property
    def gap_points(self) -> Decimal | None:
        """What is said less what is expected, in points of a percent; negative where less is said."""
        if self.said_pct is None or self.expected_pct is None:
            return None
        return self.said_pct - self.expected_pct


def disagreements(one: Statuses, *, today: date, notable_points: int) -> list[str]:
    """Return where the three statuses of a matter disagree, in words and without a judgement.

    notable_points: a gap smaller than this is not worth a word.   Source: docs/sources.md#statuses
    """
    notes = []
    said = f"单位报 {pct_text(one.said_pct)}" if one.said_pct is not None else ""
    if one.said_pct and one.evidence_count == 0:
        notes.append(f"{said}，还没有佐证材料")
    elif one.said_pct and one.evidence_count and one.evidence_on and one.said_on and one.evidence_on < one.said_on:
        age = months_between(one.evidence_on, today)
        if age >= LONG_AGO_MONTHS:
            notes.append(f"{said}，佐证最近一次为 {age} 个月前")
    if one.evidence_count and 0 < one.figures_shown < one.figures:
        notes.append(f"{one.figures} 个数字中 {one.figures - one.figures_shown} 个没有佐证")
    if one.expected_pct is None:
        return notes
    if one.said_pct is None:
        if one.expected_pct >= notable_points:
            notes.append(f"序时应完成 {pct_text(one.expected_pct)}，单位还没有填报百分比")
        return notes
    gap = one.said_pct - one.expected_pct
    is_behind = -gap >= notable_points
    if is_behind and one.forecast is Forecast.ON_TIME:
        notes.append(f"单位预判能按期，所报比序时少 {points_text(-gap)}")
    if gap >= 0 and one.forecast in (Forecast.STRAINED, Forecast.UNLIKELY):
        notes.append(f"所报不低于序时，单位预判{FORECAST_LABELS[one.forecast]}")
    if one.said_on is not None and is_behind:
        age = months_between(one.said_on, today)
        if age >= LONG_AGO_MONTHS:
            notes.append(f"所报比序时少 {points_text(-gap)}，上次填报为 {age} 个月前")
    return notes


def points_text(points: Decimal) -> str:
    """Return points of a percent in words: 12.5 个百分点."""
    return f"{pct_text(points).removesuffix('%')} 个百分点"
