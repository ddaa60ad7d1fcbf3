"""The role table, walked from the outside: what each role may do is written down here a second time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.access.rules import (
    ADMIN_ROLES,
    GRANTABLE_ROLES,
    LEADER_ROLES,
    OFFICE_ROLES,
    PERMISSION_LABELS,
    ROLE_LABELS,
    ROLE_PERMISSIONS,
    UNIT_ROLES,
    Permission,
    Role,
    conflicting_roles,
    has_session_ended,
    is_username,
    may,
    require,
)
from duban.core.actor import SYSTEM, Actor, Held
from duban.core.errors import NotAllowed

pytestmark = pytest.mark.engine_free

UNIT = "org.view matter.view ledger.export bulletin.view visit.view"
OWN_UNIT = (
    f"{UNIT} desk.view matter.acknowledge contact.name progress.enter look_back.write schedule.propose evidence.add "
    "report.write obstacle.raise obstacle.answer instruction.answer superior.edit change.ask closure.prepare "
    "letter.view letter.answer bulletin.correct interview.view interview.answer "
    "objection.view objection.file visit.rectify burden.view evaluation.view precedent.view"
)
LEADING = (
    "interview.view interview.approve letter.view desk.view obstacle.answer instruction.give closure.agree "
    "evidence.add evaluation.view evaluation.rate"
)
OFFICE = (
    "morning.view org.view notice.view matter.view ledger.export org.edit contact.name notice.import notice.review "
    "matter.edit matter.register matter.assign matter.acknowledge progress.enter schedule.propose schedule.accept "
    "evidence.add report.write report.approve report.accept obstacle.raise obstacle.answer meeting.hold "
    "instruction.give instruction.answer superior.edit change.ask closure.prepare closure.ask closure.agree "
    "closure.verify letter.view letter.draft letter.answer paper.number paper.issue bulletin.view bulletin.draft "
    "bulletin.correct interview.view interview.draft interview.answer "
    "objection.view objection.file objection.accept objection.decide "
    "visit.view visit.prepare visit.record visit.rectify burden.view evaluation.draw evaluation.view precedent.view"
)
LOOK = (
    "interview.view letter.view bulletin.view objection.view visit.view burden.view org.view notice.view "
    "matter.view ledger.export evaluation.view precedent.view"
)
TABLE = {
    Role.OFFICER: OFFICE,
    Role.OFFICE_HEAD: (
        f"{OFFICE} change.approve closure.grant letter.sign bulletin.approve policy.edit light.override "
        "visit.approve finding.judge lead.hand_over archive.make evaluation.confirm evaluation.correct plan.close"
    ),
    Role.DIRECTOR: (
        f"{LOOK} morning.view change.approve letter.sign paper.number bulletin.approve "
        "objection.decide objection.appoint visit.approve"
    ),
    Role.DEPUTY_DIRECTOR: f"{LOOK} morning.view letter.sign paper.number bulletin.approve objection.decide",
    Role.GOVERNMENT_HEAD: f"{LOOK} {LEADING} bulletin.approve objection.decide objection.appoint",
    Role.LEADER: f"{UNIT} {LEADING} bulletin.approve objection.view objection.decide",
    Role.SECRETARY: f"{UNIT} {LEADING}",
    Role.LIAISON: OWN_UNIT,
    Role.UNIT_DEPUTY: f"{OWN_UNIT} report.approve objection.sign",
    Role.UNIT_HEAD: f"{OWN_UNIT} report.approve closure.ask objection.sign",
    Role.RESPONSIBLE: f"{UNIT} desk.view",
    Role.SYSTEM_ADMIN: "account.manage operations.view operations.run calendar.load",
    Role.SECURITY_ADMIN: "grant.manage",
    Role.AUDIT_ADMIN: "audit.view audit.open",
}


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.SYSTEM])
def test_role_may_what_the_table_says(role):
    assert {one.value for one in ROLE_PERMISSIONS[role]} == set(TABLE[role].split())


def test_system_may_everything():
    assert [one for one in Permission if not may(SYSTEM, one, unit_id=1, jurisdiction_id=2)] == []


def test_every_role_and_permission_has_a_chinese_word():
    assert (set(ROLE_LABELS), set(PERMISSION_LABELS)) == (set(Role), set(Permission))
    assert set(ROLE_PERMISSIONS) == set(Role)


def test_roles_fall_into_four_kinds():
    kinds = [*OFFICE_ROLES, *LEADER_ROLES, *UNIT_ROLES, *ADMIN_ROLES]
    assert sorted(kinds) == sorted(Role)


def test_administrators_may_nothing_of_business():
    business = set().union(*(ROLE_PERMISSIONS[one] for one in Role if one not in (*ADMIN_ROLES, Role.SYSTEM)))
    assert [one for one in ADMIN_ROLES if ROLE_PERMISSIONS[one] & business] == []


def test_roles_of_posts_and_contacts_cannot_be_granted():
    assert set(Role) - set(GRANTABLE_ROLES) == {
        Role.SYSTEM,
        Role.GOVERNMENT_HEAD,
        Role.LEADER,
        *UNIT_ROLES,
    }


HERE, THERE, OUR_UNIT, ABSORBED, OTHER_UNIT = 1, 2, 10, 11, 12
LIAISON = Actor(name="联络员", held=(Held("liaison", HERE, frozenset({OUR_UNIT, ABSORBED})),))
OFFICER = Actor(name="督查员", held=(Held("officer", HERE),))


@pytest.mark.parametrize(
    ("actor", "unit_id", "jurisdiction_id", "expected"),
    [
        (LIAISON, OUR_UNIT, HERE, True),
        (LIAISON, ABSORBED, HERE, True),
        (LIAISON, OTHER_UNIT, HERE, False),
        (LIAISON, OUR_UNIT, THERE, False),
        (LIAISON, None, HERE, True),
        (LIAISON, OUR_UNIT, None, True),
        (OFFICER, OTHER_UNIT, HERE, True),
        (OFFICER, OTHER_UNIT, THERE, False),
        (OFFICER, None, None, True),
        (Actor(name="无角色"), OUR_UNIT, HERE, False),
        (Actor(name="系统管理员", held=(Held("system_admin"),)), OUR_UNIT, HERE, False),
    ],
)
def test_may_covers_the_unit_and_the_jurisdiction(actor, unit_id, jurisdiction_id, expected):
    given_ = {"unit_id": unit_id, "jurisdiction_id": jurisdiction_id}
    assert may(actor, Permission.MATTER_ACKNOWLEDGE, **given_) is expected
    if expected:
        require(actor, Permission.MATTER_ACKNOWLEDGE, **given_)
    else:
        with pytest.raises(NotAllowed):
            require(actor, Permission.MATTER_ACKNOWLEDGE, **given_)


def test_may_does_not_lend_one_units_role_to_another():
    actor = Actor(
        name="兼任",
        held=(Held("unit_head", HERE, frozenset({OUR_UNIT})), Held("responsible", HERE, frozenset({OTHER_UNIT}))),
    )
    assert may(actor, Permission.CLOSURE_ASK, unit_id=OUR_UNIT)
    assert not may(actor, Permission.CLOSURE_ASK, unit_id=OTHER_UNIT)


SEPARATE = "系统管理员、安全管理员、审计管理员须由不同的人担任。"
NO_BUSINESS = "三员账号不得兼任业务角色。"


@pytest.mark.parametrize(
    ("roles", "problem"),
    [
        (set(), None),
        ({Role.OFFICER}, None),
        ({Role.OFFICER, Role.OFFICE_HEAD, Role.SECRETARY}, None),
        ({Role.SYSTEM_ADMIN}, None),
        ({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}, SEPARATE),
        (set(ADMIN_ROLES), SEPARATE),
        ({Role.AUDIT_ADMIN, Role.OFFICER}, NO_BUSINESS),
        ({Role.SECURITY_ADMIN, Role.LIAISON}, NO_BUSINESS),
    ],
)
def test_conflicting_roles(roles, problem):
    assert conflicting_roles(roles) == problem


@given(st.sets(st.sampled_from(list(Role)), max_size=6))
def test_conflicting_roles_lets_an_administrator_hold_one_role_only(roles):
    is_fine = not roles & set(ADMIN_ROLES) or len(roles) == 1
    assert (conflicting_roles(roles) is None) == is_fine


@given(st.lists(st.builds(Held, st.sampled_from(list(Role)).map(str), st.sampled_from([1, 2])), max_size=4))
def test_may_is_the_union_of_what_is_held(held):
    actor = Actor(name="某人", held=tuple(held))
    expected = set().union(*(ROLE_PERMISSIONS[Role(one.role)] for one in held), set())
    assert {one for one in Permission if may(actor, one)} == expected


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("ducha", True),
        ("wang.wu@x", True),
        ("督查员", True),
        ("ab", True),
        ("a", False),
        ("", False),
        ("a b", False),
        ("a\0b", False),
        ("x" * 40, True),
        ("x" * 41, False),
        ("a<b>", False),
        ("ab\n", False),
    ],
)
def test_is_username(username, expected):
    assert is_username(username) is expected


@pytest.mark.parametrize(
    ("idle_s", "lasted_s", "ended"),
    [(0, 0, False), (7200, 7200, False), (7201, 7201, True), (10, 43_200, False), (10, 43_201, True), (-60, 5, False)],
)
def test_has_session_ended(idle_s, lasted_s, ended):
    now_s = 1_000_000.0
    result = has_session_ended(
        began_s=now_s - lasted_s, seen_s=now_s - idle_s, now_s=now_s, idle_limit_s=7200, whole_limit_s=43_200
    )
    assert result is ended
