"""Reads of the year's end and of archives. Doors and actions import from here."""

from duban.archives.queries.kept import (
    archives_for,
    closings_of,
    edition_words,
    final_archive,
    name_of,
    waiting_archives,
    why_again,
)
from duban.archives.queries.standing import (
    Standing,
    ending_plans,
    next_plan,
    open_counts,
    standing_of,
    still_owed,
    undone_matters,
)
from duban.archives.queries.tables import LEFT_OUT, TABLES, schema
from duban.archives.queries.whole import Whole, whole_of

__all__ = [
    "LEFT_OUT",
    "TABLES",
    "Standing",
    "Whole",
    "archives_for",
    "closings_of",
    "edition_words",
    "ending_plans",
    "final_archive",
    "name_of",
    "next_plan",
    "open_counts",
    "schema",
    "standing_of",
    "still_owed",
    "undone_matters",
    "waiting_archives",
    "whole_of",
    "why_again",
]
