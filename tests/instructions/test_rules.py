from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.instructions.rules import (
    CHARGE_STATE_LABELS,
    ENTERED_AS_LABELS,
    ChargeState,
    EnteredAs,
    checked_days,
    checked_words,
)

pytestmark = pytest.mark.engine_free

TODAY = date(2020, 2, 3)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" 请抓紧。\n  月底前报结果。 ", "请抓紧。\n月底前报结果。"), ("字" * 500, "字" * 500), ("同意", "同意")],
)
def test_words_keep_their_lines(typed, kept):
    assert checked_words(typed, what="批示内容", field="text", most=500) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (" \n ", "请写明批示内容。"),
        ("阅", "“阅”太短，请写得具体一些。"),
        ("字" * 501, "批示内容不超过 500 字，现在 501 字。"),
    ],
)
def test_words_that_say_nothing_or_too_much_are_refused(typed, said):
    with pytest.raises(Invalid) as refusal:
        checked_words(typed, what="批示内容", field="text", most=500)
    assert (refusal.value.message, refusal.value.field) == (said, "text")


@pytest.mark.parametrize(
    ("given_on", "due_on", "field"),
    [
        (date(2020, 2, 4), date(2020, 2, 10), "given_on"),
        (date(2020, 2, 3), date(2020, 2, 2), "due_on"),
        (date(2020, 2, 3), date(2020, 2, 3), None),
        (date(2019, 12, 30), date(2020, 2, 3), None),
    ],
)
def test_days(given_on, due_on, field):
    if field is None:
        checked_days(given_on=given_on, due_on=due_on, today=TODAY)
        return
    with pytest.raises(Invalid) as refusal:
        checked_days(given_on=given_on, due_on=due_on, today=TODAY)
    assert refusal.value.field == field


def test_every_word_has_its_label():
    assert set(ENTERED_AS_LABELS) == set(EnteredAs)
    assert set(CHARGE_STATE_LABELS) == set(ChargeState)
