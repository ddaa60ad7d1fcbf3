"""The menu: what one opens every day stands in it, the rest under 更多; a phone shows four and 更多."""

from duban.access.rules import ROLE_PERMISSIONS, Role
from duban.core.actor import Actor, Held
from duban.web.context import FEW, LATER, MENU, ON_A_PHONE, _menu


def of(role: Role, here: str = "ledger") -> dict:
    return _menu(Actor(name="某人", held=(Held(role=role, jurisdiction_id=1),)), here=(here, here))


def test_every_entry_is_reached_on_every_screen():
    for role in Role:
        allowed = {url for url, _, _, permission in MENU if permission in ROLE_PERMISSIONS[role]}
        shown = of(role)
        inline = [one["url"] for one in shown["menu"]]
        more = {one["url"]: one["room"] for one in shown["menu_more"]}
        assert {*inline, *more} == allowed
        phone = inline if not more else inline[:ON_A_PHONE]
        assert {*phone, *(url for url, room in more.items())} == allowed
        assert {*inline[:FEW], *(url for url, room in more.items() if room in (0, 2))} == allowed


def test_office_has_the_rarely_used_under_more_and_a_unit_has_all_beside_each_other():
    office = of(Role.OFFICE_HEAD)
    assert not {one["url"] for one in office["menu"]} & LATER
    assert {one["url"] for one in office["menu_more"] if one["room"] == 0} == LATER & {
        url for url, _, _, permission in MENU if permission in ROLE_PERMISSIONS[Role.OFFICE_HEAD]
    }
    assert of(Role.AUDIT_ADMIN)["menu_more"] == []
    assert [one["here"] for one in of(Role.OFFICER)["menu"] if one["url"] == "ledger"] == [True]
