"""What waits for somebody's hand: one shape for every noun, so that a desk can show it all in one list."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Waits(StrEnum):
    """Why something waits for the reader."""

    DECIDE = "decide"
    ANSWER = "answer"
    CONFIRM = "confirm"
    RETURNED = "returned"


WAITS_LABELS = {
    Waits.DECIDE: "待我审核",
    Waits.ANSWER: "待我答复",
    Waits.CONFIRM: "待我确认",
    Waits.RETURNED: "退回给我",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. address: where it is dealt with, one tap away · action: two to four characters of a button.

    text: what it is about · note: who it comes from, why it came back · serial: of its matter, or empty.
    since: the day it came · due_on: by when, where there is a day.
    """

    waits: Waits
    address: str
    action: str
    text: str
    since: date
    serial: str = ""
    note: str = ""
    unit: str = ""
    due_on: date | None = None
