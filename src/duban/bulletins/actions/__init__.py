"""What changes bulletins: drafted by a person, checked by units, presented, approved, issued, read."""

from duban.bulletins.actions.checking import (
    accept_correction,
    confirm_citations,
    correct_citation,
    decline_correction,
    show_to_units,
)
from duban.bulletins.actions.drafting import (
    BulletinEdit,
    CitationEdit,
    NewCitation,
    add_citation,
    draft_bulletin,
    drop_bulletin,
    edit_bulletin,
    edit_citation,
    leave_out_citation,
    restore_citation,
)
from duban.bulletins.actions.issuing import (
    approve_bulletin,
    issue_bulletin,
    present_bulletin,
    read_bulletin,
    send_back_bulletin,
)
from duban.bulletins.actions.withdrawing import withdraw_citation

__all__ = [
    "BulletinEdit",
    "CitationEdit",
    "NewCitation",
    "accept_correction",
    "add_citation",
    "approve_bulletin",
    "confirm_citations",
    "correct_citation",
    "decline_correction",
    "draft_bulletin",
    "drop_bulletin",
    "edit_bulletin",
    "edit_citation",
    "issue_bulletin",
    "leave_out_citation",
    "present_bulletin",
    "read_bulletin",
    "restore_citation",
    "send_back_bulletin",
    "show_to_units",
    "withdraw_citation",
]
