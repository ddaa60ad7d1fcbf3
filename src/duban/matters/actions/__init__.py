"""What changes the ledger: one function a verb. Doors and later nouns import from here."""

from duban.matters.actions.entry import (
    MatterEdit,
    NewApproval,
    NewAssignment,
    NewGroup,
    NewMatter,
    NewMilestone,
    NewOverseer,
    NewSetting,
    NewTarget,
    create_matters,
    create_plan,
    edit_matter,
    register_matters,
)

__all__ = [
    "MatterEdit",
    "NewApproval",
    "NewAssignment",
    "NewGroup",
    "NewMatter",
    "NewMilestone",
    "NewOverseer",
    "NewSetting",
    "NewTarget",
    "create_matters",
    "create_plan",
    "edit_matter",
    "register_matters",
]
