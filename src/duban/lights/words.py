"""Lights in words: why, what cures it, what comes if nothing happens. The same sentences on pages and in letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from duban.core.workdays import Workdays
from duban.lights.rules import (
    LIGHT_LABELS,
    Cause,
    Facts,
    Judgement,
    Light,
    Reason,
    expected_of,
    light_on,
    red_by_month_ends,
)
from duban.matters.policy import Lights
from duban.matters.rules import FORECAST_LABELS, Forecast, State


@dataclass(frozen=True, slots=True)
class Why:
    """One reason that tells today. cure: what makes it go.   since: the first day it told."""

    light: Light
    text: str
    cure: str
    since: date

    @property
    def light_label(self) -> str:
        """The light's word."""
        return LIGHT_LABELS[self.light]


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes if nothing happens."""

    light: Light
    on: date
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a light can say of itself.

    stays: what is said where no day to come turns it.   unknown_years: years of its dates whose calendar nobody has
    published.
    """

    why: tuple[Why, ...]
    coming: tuple[Coming, ...]
    stays: str
    unknown_years: tuple[int, ...]


def explained(
    facts: Facts, judgement: Judgement, *, policy: Lights, calendar: Workdays, today: date, is_past: bool = False
) -> Explanation:
    """Return why a matter has the light it has today, the worst reason first, and what comes if nothing happens.

    is_past: the day lies back, and is not called today.
    """
    say = _words(facts, policy=policy, calendar=calendar, today=today, is_past=is_past)
    why = _why(facts, judgement, say, today=today)
    coming = []
    for on in sorted({one for one in (judgement.yellow_on, judgement.red_on) if one is not None and one > today}):
        light = light_on(on, lit_on=judgement.lit_on, yellow_on=judgement.yellow_on, red_on=judgement.red_on)
        causes = [one for one in judgement.reasons if on == (one.red_on if light is Light.RED else one.yellow_on)]
        if light is not None:
            coming.append(Coming(light, on, "；".join(say.comes(one, light) for one in causes)))
    days = {one for reason in judgement.reasons for one in (reason.due_on, reason.red_on) if one is not None}
    unknown = sorted({one.year for one in days if not calendar.is_known_year(one.year)})
    told = [(one.cause, light) for one in judgement.reasons for light, _ in [_told(one, today)] if light is not None]
    stays = "" if coming else _stays(facts, judgement.light, told)
    return Explanation(tuple(why), tuple(coming), stays, tuple(unknown))


def why_lit(facts: Facts, judgement: Judgement, *, policy: Lights, calendar: Workdays, today: date) -> tuple[Why, ...]:
    """Return why a matter has the light it has today, as `explained` does, and nothing else."""
    say = _words(facts, policy=policy, calendar=calendar, today=today, is_past=False)
    return tuple(_why(facts, judgement, say, today=today))


def _words(facts: Facts, *, policy: Lights, calendar: Workdays, today: date, is_past: bool) -> "_Words":
    day = today
    if facts.state == State.CLOSING and facts.closing_on is not None:
        day = min(today, facts.closing_on)
    return _Words(facts, policy, calendar, day, "当日" if is_past else "今天")


def _why(facts: Facts, judgement: Judgement, say: "_Words", *, today: date) -> list[Why]:
    why = [
        Why(light, say.why(one), say.cure(one), max(say.since(one) or since, facts.starts_on))
        for one in judgement.reasons
        for light, since in [_told(one, today)]
        if light is not None
    ]
    return sorted(why, key=lambda one: (one.light is not Light.RED, one.since))


def _stays(facts: Facts, light: Light | None, told: Sequence[tuple[Cause, Light]]) -> str:
    """Return what becomes of a light that no day to come turns."""
    if light is None:
        return ""
    if facts.state == State.CLOSING:
        return "督查室核验期间，灯色不因时间推移变化。"
    if light is Light.GREEN:
        return "现有事实不变，灯色不会变化。"
    is_yellow_after = any(one is Light.YELLOW for _, one in told) and Cause.MONTH_ENDS not in dict(told)
    steps = "红灯的原因消除后转为黄灯，全部原因消除后转为绿灯。" if is_yellow_after else "全部原因消除后转为绿灯。"
    return f"原因不消除，红灯一直亮着；{steps}"


def _told(reason: Reason, today: date) -> tuple[Light | None, date]:
    """Return what a reason makes of today, and since when; None where it does not tell yet."""
    if reason.red_on is not None and reason.red_on <= today:
        return Light.RED, reason.red_on
    if reason.yellow_on is not None and reason.yellow_on <= today:
        return Light.YELLOW, reason.yellow_on
    return None, today


def share_text(hundredths: int) -> str:
    """Return hundredths of a percent in words: 1850 → 18.5%."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".") + "%"


def day_text(day: date, *, today: date) -> str:
    """Return a day in short form, its year where it is another."""
    short = f"{day.month}月{day.day}日"
    return short if day.year == today.year else f"{day.year}年{short}"


class _Words:
    """The sentences of one matter on one day."""

    def __init__(self, facts: Facts, policy: Lights, calendar: Workdays, today: date, today_word: str) -> None:
        self._facts, self._policy, self._calendar, self._today = facts, policy, calendar, today
        self._today_word = today_word
        self._reported = "尚未填报进展" if facts.progress is None else f"现报 {share_text(facts.progress)}"

    def _day(self, day: date | None) -> str:
        return day_text(day, today=self._today) if day is not None else ""

    def _is_late(self, reason: Reason) -> bool:
        return reason.due_on is not None and reason.due_on < self._today

    def _late(self, due_on: date) -> str:
        count = self._calendar.workdays_between(due_on, self._today)
        return f"已逾期 {count} 个工作日" if count else "已过期"

    def why(self, reason: Reason) -> str:
        """Return why, with today's figures."""
        due = self._day(reason.due_on)
        if reason.cause is Cause.GAP:
            expected = expected_of(self._facts, policy=self._policy, today=self._today) or 0
            gap = expected - (self._facts.progress or 0)
            when = "申请销号时" if self._facts.state == State.CLOSING else f"到{self._today_word}"
            return (
                f"落后序时进度 {share_text(gap)[:-1]} 个百分点：{when}应完成 {share_text(expected)}，{self._reported}"
            )
        if reason.cause is Cause.NODE:
            wanted = (
                f"（应完成 {share_text(reason.at_yellow)}，{self._reported}）" if reason.at_yellow is not None else ""
            )
            state = self._late(reason.due_on) if self._is_late(reason) and reason.due_on else "到期，已进入预警期"
            return f"节点“{reason.title}”{due}{state}，尚未完成{wanted}"
        if reason.cause is Cause.REPORT:
            state = self._late(reason.due_on) if self._is_late(reason) and reason.due_on else "到期，已进入预警期"
            return f"{due}的报送{state}，尚未报送"
        if reason.cause is Cause.FINAL:
            return f"办结时限{due}{'已过' if self._is_late(reason) else '临近，已进入预警期'}，尚未申请销号"
        if reason.cause is Cause.FORECAST:
            said = FORECAST_LABELS[Forecast(self._facts.forecast)]
            return f"单位自己预判“{said}”（{self._day(self._facts.forecast_on)}）"
        if reason.cause is Cause.MONTH_ENDS:
            count = self._policy.yellow_month_ends_to_red
            return f"自{self._day(reason.since)}起一直为黄灯，连续 {count} 个月末没有转绿"
        return f"{self._day(self._facts.untrue_on)}核查发现报送不实"

    def since(self, reason: Reason) -> date | None:
        """Return since when the month ends make it red, which facts reported later do not move; None for others."""
        if reason.cause is Cause.MONTH_ENDS and reason.since is not None:
            return red_by_month_ends(reason.since, policy=self._policy)
        return None

    def cure(self, reason: Reason) -> str:
        """Return what makes a reason go."""
        if reason.cause is Cause.GAP:
            expected = expected_of(self._facts, policy=self._policy, today=self._today) or 0
            needed = (expected - 100 * self._policy.gap_yellow_points) // 100 + 1
            return f"推进并填报进展：{self._today_word}达到 {needed}% 即消除"
        if reason.cause is Cause.NODE:
            if reason.at_yellow is None:
                return "完成后申请销号"
            return f"完成后填报进展，达到 {share_text(reason.at_yellow)}"
        if reason.cause is Cause.REPORT:
            return "提交报送"
        if reason.cause is Cause.FINAL:
            late = "确实不能完成的，说明原因申请调整" if self._is_late(reason) else "确有困难的，到期前申请延期"
            return f"完成后申请销号；{late}"
        if reason.cause is Cause.FORECAST:
            return "困难解决后重新填报预判"
        if reason.cause is Cause.MONTH_ENDS:
            return "消除黄灯的原因，转绿后重新起算"
        return "按核查意见整改，由督查室复核后解除"

    def comes(self, reason: Reason, light: Light) -> str:
        """Return what a reason will say on the day it turns the light."""
        due, is_red = self._day(reason.due_on), light is Light.RED
        if reason.cause is Cause.GAP:
            expected = reason.at_red if is_red else reason.at_yellow
            return f"届时应完成 {share_text(expected or 0)}，{self._reported}"
        if reason.cause is Cause.NODE:
            late = f"逾期超过 {self._policy.node_grace_workdays} 个工作日"
            return f"节点“{reason.title}”{due}到期，" + (late if is_red else "进入预警期")
        if reason.cause is Cause.REPORT:
            late = f"逾期超过 {self._policy.report_grace_workdays} 个工作日"
            return f"{due}的报送" + (late if is_red else "进入预警期")
        if reason.cause is Cause.FINAL:
            return f"办结时限{due}" + ("已过" if is_red else "进入预警期")
        if reason.cause is Cause.MONTH_ENDS:
            return f"届时已连续 {self._policy.yellow_month_ends_to_red} 个月末为黄灯"
        if reason.cause is Cause.FORECAST:
            return f"单位预判“{FORECAST_LABELS[Forecast(self._facts.forecast)]}”"
        return "核查发现报送不实"
