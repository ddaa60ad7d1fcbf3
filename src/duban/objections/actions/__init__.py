"""What changes objections: written, signed, filed; accepted or declined; a reviewer named; decided; withdrawn."""

from duban.objections.actions.deciding import (
    Recused,
    accept_objection,
    appoint_reviewer,
    decide_objection,
    decline_objection,
)
from duban.objections.actions.effects import Ruling
from duban.objections.actions.filing import (
    Words,
    edit_objection,
    file_objection,
    send_back_objection,
    sign_objection,
    withdraw_objection,
)

__all__ = [
    "Recused",
    "Ruling",
    "Words",
    "accept_objection",
    "appoint_reviewer",
    "decide_objection",
    "decline_objection",
    "edit_objection",
    "file_objection",
    "send_back_objection",
    "sign_objection",
    "withdraw_objection",
]
