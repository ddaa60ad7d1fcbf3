"""How figures become a percentage, and what an entry must say."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from duban.core.errors import Invalid
from duban.matters.rules import Sense

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
