"""Text as it is compared, not as it is shown."""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

_SPACE = re.compile(r"\s+")


def folded(value: str) -> str:
    """Return `value` for comparison: NFKC (full to half width), no white space, lower case; it folds only once."""
    bare = _SPACE.sub("", unicodedata.normalize("NFKC", value)).casefold()
    return bare if bare.isascii() else unicodedata.normalize("NFKC", bare)


def ranges_text(numbers: list[int]) -> str:
    """Return sorted numbers in words: [1, 2, 3, 7] → “1–3、7”."""
    parts: list[str] = []
    start = previous = None
    for number in sorted(set(numbers)):
        if previous is not None and number == previous + 1:
            previous = number
            continue
        if start is not None:
            parts.append(f"{start}–{previous}" if previous != start else f"{start}")
        start = previous = number
    if start is not None:
        parts.append(f"{start}–{previous}" if previous != start else f"{start}")
    return "、".join(parts)


def number_text(value: Decimal, unit_of_measure: str = "") -> str:
    """Return a number in words, its unit behind it: 8,300 人."""
    whole, _, rest = f"{value:,.4f}".partition(".")
    digits = rest.rstrip("0")
    return f"{whole}{'.' if digits else ''}{digits} {unit_of_measure}".strip()


def plain_number(value: Decimal | int) -> str:
    """Return a number without trailing zeros and without separators: 1.610 → 1.61, 381 → 381, 1E+3 → 1000."""
    digits = f"{Decimal(value):f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


_WEEKDAYS = "一二三四五六日"


def day_words(day: date, *, today: date) -> str:
    """Return a day as people say it: 昨天、今天、明天、后天、周五、下周一, else its date, with another year's year."""
    away = (day - today).days
    if -1 <= away <= 2:
        return ("今天", "明天", "后天", "昨天")[away]
    week = (day - today + timedelta(days=today.weekday())).days // 7
    if away > 0 and week in (0, 1):
        return f"{'下' if week else ''}周{_WEEKDAYS[day.weekday()]}"
    return f"{day.month}月{day.day}日" if day.year == today.year else date_text(day)


def due_words(day: date, *, today: date) -> str:
    """Return a day by which something is due as people say it: 已逾期 3 天、今天、明天、周五、3月5日."""
    return f"已逾期 {(today - day).days} 天" if day < today else day_words(day, today=today)


def date_text(day: object) -> str:
    """Return a date as the field writes it: 2020年1月22日; an empty string for None."""
    if day is None:
        return ""
    return f"{day.year}年{day.month}月{day.day}日"  # type: ignore[attr-defined]
