"""年度办结、归档: one function a verb. Doors import from here."""

from duban.archives.actions.closing import StillOpen, close_plan, reopen_plan
from duban.archives.actions.writing import Kept, ask_archive, fail_archive, finish_archive, note_archive, take_archive

__all__ = [
    "Kept",
    "StillOpen",
    "ask_archive",
    "close_plan",
    "fail_archive",
    "finish_archive",
    "note_archive",
    "reopen_plan",
    "take_archive",
]
