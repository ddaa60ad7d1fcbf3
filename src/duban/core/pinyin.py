"""Finding Chinese by its sound: whole pinyin and initials of a text."""

from functools import lru_cache

from duban.core.text import folded


@lru_cache(maxsize=20_000)
def pinyin_of(value: str) -> str:
    """Return the pinyin of `value` without tones or spaces: 教育局 → jiaoyuju; other signs stay, folded."""
    return folded("".join(_syllables(value, "NORMAL")))


@lru_cache(maxsize=20_000)
def initials_of(value: str) -> str:
    """Return the first letters of each syllable: 教育局 → jyj."""
    return folded("".join(_syllables(value, "FIRST_LETTER")))


def _syllables(value: str, style: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin  # its dictionary takes a third of a second: only where it is used

    return lazy_pinyin(value, style=getattr(Style, style))
