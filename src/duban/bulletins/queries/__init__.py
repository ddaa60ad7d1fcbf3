"""Reads of bulletins that several doors share: what a snapshot proposes, what changed, what a bulletin says."""

from duban.bulletins.queries.awaited import Morning, awaiting_snapshots, checks_open_to, morning_of, units_waited_for
from duban.bulletins.queries.contents import composed
from duban.bulletins.queries.issues import (
    Named,
    approvals_of,
    bulletin_for,
    bulletin_to_check,
    bulletins_for,
    bulletins_naming,
    checks_of,
    entries_of,
    entry_of,
    is_of_office,
    may_approve,
    named_in_bulletins,
)
from duban.bulletins.queries.pages import (
    Issue,
    addressees_of,
    bulletin_data,
    bulletin_page,
    bulletin_papers,
    draft_page,
    named_addressees,
)
from duban.bulletins.queries.proposals import Grounds, Material, grounds_of, material_of, sayings_of, since_of
from duban.bulletins.queries.snapshots import ChangedMatter, compared, snapshots_of, stood_in, with_matters

__all__ = [
    "ChangedMatter",
    "Grounds",
    "Issue",
    "Material",
    "Morning",
    "Named",
    "addressees_of",
    "approvals_of",
    "awaiting_snapshots",
    "bulletin_data",
    "bulletin_for",
    "bulletin_page",
    "bulletin_papers",
    "bulletin_to_check",
    "bulletins_for",
    "bulletins_naming",
    "checks_of",
    "checks_open_to",
    "compared",
    "composed",
    "draft_page",
    "entries_of",
    "entry_of",
    "grounds_of",
    "is_of_office",
    "material_of",
    "may_approve",
    "morning_of",
    "named_addressees",
    "named_in_bulletins",
    "sayings_of",
    "since_of",
    "snapshots_of",
    "stood_in",
    "units_waited_for",
    "with_matters",
]
