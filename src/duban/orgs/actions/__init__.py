"""What changes the organisation: one function a verb. Doors and later nouns import from here."""

from duban.orgs.actions.people import (
    NewPerson,
    NewPost,
    create_people,
    create_posts,
    edit_person,
    edit_post,
    link_account,
    unlink_account,
)
from duban.orgs.actions.terms import (
    NewAppointment,
    NewContact,
    appoint,
    appoint_many,
    end_appointment,
    name_contact,
    name_contacts,
)
from duban.orgs.actions.units import (
    NewUnit,
    UnitEdit,
    create_jurisdiction,
    create_unit,
    create_units,
    edit_unit,
    edit_units,
    merge_units,
    set_group,
)

__all__ = [
    "NewAppointment",
    "NewContact",
    "NewPerson",
    "NewPost",
    "NewUnit",
    "UnitEdit",
    "appoint",
    "appoint_many",
    "create_jurisdiction",
    "create_people",
    "create_posts",
    "create_unit",
    "create_units",
    "edit_person",
    "edit_post",
    "edit_unit",
    "edit_units",
    "end_appointment",
    "link_account",
    "merge_units",
    "name_contact",
    "name_contacts",
    "set_group",
    "unlink_account",
]
