"""What people type is trimmed, or refused in words that say what to do."""

from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.core.typed import checked_words, optional_words, past_day

pytestmark = pytest.mark.engine_free

TODAY = date(2020, 7, 15)


@pytest.mark.parametrize(
    ("text", "words"), [("  办完了。 ", "办完了。"), (" 一行 \n 又一行 ", "一行\n又一行"), ("字" * 10, "字" * 10)]
)
def test_words_are_kept_without_blanks_around_their_lines(text, words):
    assert checked_words(text, what="理由", field="reason", most=10) == words
    assert optional_words(text, what="理由", field="reason", most=10) == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" \n ", "请写明理由。"),
        ("无", "“无”太短，请把理由写得具体一些。"),
        ("字" * 11, "理由不超过 10 字，现在 11 字。"),
    ],
)
def test_words_that_say_nothing_or_too_much_are_refused(text, said):
    with pytest.raises(Invalid) as refusal:
        checked_words(text, what="理由", field="reason", most=10)
    assert (refusal.value.message, refusal.value.field) == (said, "reason")


def test_words_left_blank_are_blank():
    assert optional_words(" \n ", what="文号", field="number", most=10) == ""


@pytest.mark.parametrize("day", [date(2020, 7, 8), date(2020, 7, 10), TODAY])
def test_day_between_what_it_follows_and_today_is_taken(day):
    found = past_day(day, what="报送日期", field="on", today=TODAY, since=date(2020, 7, 8), after="约谈日期")
    assert found == day


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (None, "请填写报送日期。"),
        (date(2020, 7, 16), "报送日期不能晚于今天。"),
        (date(2020, 7, 7), "报送日期不能早于约谈日期（2020年7月8日）。"),
    ],
)
def test_day_missing_ahead_or_too_early_is_refused(day, said):
    with pytest.raises(Invalid) as refusal:
        past_day(day, what="报送日期", field="on", today=TODAY, since=date(2020, 7, 8), after="约谈日期")
    assert (refusal.value.message, refusal.value.field) == (said, "on")


def test_day_that_follows_nothing_is_only_not_ahead():
    assert past_day(date(2019, 1, 1), what="日期", field="on", today=TODAY) == date(2019, 1, 1)
