"""What changes difficulties and meetings: one function a verb. Doors import from here."""

from duban.obstacles.actions.difficulties import (
    answer_obstacle,
    close_obstacle,
    escalate_obstacle,
    escalate_overdue,
    press_obstacle,
    raise_obstacle,
)
from duban.obstacles.actions.meetings import (
    Agenda,
    Decided,
    accept_decision,
    call_meeting,
    cancel_meeting,
    change_meeting,
    finish_decision,
    hold_meeting,
    return_decision,
)

__all__ = [
    "Agenda",
    "Decided",
    "accept_decision",
    "answer_obstacle",
    "call_meeting",
    "cancel_meeting",
    "change_meeting",
    "close_obstacle",
    "escalate_obstacle",
    "escalate_overdue",
    "finish_decision",
    "hold_meeting",
    "press_obstacle",
    "raise_obstacle",
    "return_decision",
]
