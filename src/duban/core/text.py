"""Text as it is compared, not as it is shown."""

import re
import unicodedata
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


def date_text(day: object) -> str:
    """Return a date as the field writes it: 2020年1月22日; an empty string for None."""
    if day is None:
        return ""
    return f"{day.year}年{day.month}月{day.day}日"  # type: ignore[attr-defined]
