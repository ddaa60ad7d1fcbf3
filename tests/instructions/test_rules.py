from datetime import date

import pytest

from duban.core.errors import Invalid
from duban.instructions.rules import (
    CHARGE_STATE_LABELS,
    ENTERED_AS_LABELS,
    ChargeState,
    EnteredAs,
    checked_days,
)

pytestmark = pytest.mark.engine_free

TODAY = date(2020, 2, 3)


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
