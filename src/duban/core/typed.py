"""What people type: words and days, checked the same and refused in the same words wherever they are typed."""

from datetime import date

from duban.core.errors import Invalid
from duban.core.text import date_text


def optional_words(text: str, *, what: str, field: str, most: int) -> str:
    """Return words that may be left blank, no blanks around their lines. Raises Invalid when there are too many."""
    words = "\n".join(line.strip() for line in text.strip().splitlines())
    if len(words) > most:
        raise Invalid(f"{what}不超过 {most} 字，现在 {len(words)} 字。", field=field)
    return words


def checked_words(text: str, *, what: str, field: str, most: int) -> str:
    """Return words without blanks around their lines. Raises Invalid when there are none or too many."""
    words = optional_words(text, what=what, field=field, most=most)
    if len(words) < 2:
        raise Invalid(f"请写明{what}。" if not words else f"“{words}”太短，请把{what}写得具体一些。", field=field)
    return words


def past_day(
    day: date | None, *, what: str, field: str, today: date, since: date | None = None, after: str = ""
) -> date:
    """Return a day on which something happened: not ahead, and not before what it follows.

    since, after: the day of that and what it is called.   Raises Invalid, also where no day is given.
    """
    if day is None:
        raise Invalid(f"请填写{what}。", field=field)
    if day > today:
        raise Invalid(f"{what}不能晚于今天。", field=field)
    if since is not None and day < since:
        raise Invalid(f"{what}不能早于{after}（{date_text(since)}）。", field=field)
    return day
