"""What happens to a notice: it comes in, is reviewed cell by cell, its names are decided, it is registered.

Every review action is told the version of what its reader saw and refuses with Conflict (`theirs`: what stands now)
when somebody else was first. Names of functions are the contract; the files only keep them apart.
"""

from duban.intake.actions.naming import decide_group, decide_name
from duban.intake.actions.registering import StillOpen, register_as_read, register_notice
from duban.intake.actions.reviewing import (
    AcceptedRows,
    CellNow,
    accept_row,
    accept_rows,
    add_row,
    confirm_cell,
    correct_cell,
    reject_row,
    reopen_finding,
    reopen_row,
    settle_finding,
)
from duban.intake.actions.uploading import AlreadyImported, correct_notice, discard_notice, upload_notice

__all__ = [
    "AcceptedRows",
    "AlreadyImported",
    "CellNow",
    "StillOpen",
    "accept_row",
    "accept_rows",
    "add_row",
    "confirm_cell",
    "correct_cell",
    "correct_notice",
    "decide_group",
    "decide_name",
    "discard_notice",
    "register_as_read",
    "register_notice",
    "reject_row",
    "reopen_finding",
    "reopen_row",
    "settle_finding",
    "upload_notice",
]
