"""The demonstration: the sample notice in the ledger, and an account for every role.

Everything goes through the actions a real office uses. The accounts are invented; the people whose posts they hold
are those the public sample notice names.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import transaction

from duban.access.actions import create_account, grant_role
from duban.access.models import Account
from duban.access.rules import Role
from duban.cli.demo_accounts import ACCOUNTS, PASSWORD
from duban.cli.demo_passwords import quick_passwords
from duban.core import clock
from duban.core.actor import SYSTEM
from duban.core.errors import Invalid
from duban.intake.actions import register_as_read, upload_notice
from duban.intake.queries import jurisdiction_named
from duban.matters.actions import assign_matters, name_contact
from duban.matters.models import Matter
from duban.orgs.actions import (
    NewPerson,
    NewPost,
    appoint,
    create_jurisdiction,
    create_people,
    create_posts,
    link_account,
)
from duban.orgs.models import Jurisdiction, Person, Unit
from duban.orgs.rules import ContactRole, Level, PostKind
from duban.reading import read_notice

SAMPLE = Path(__file__).resolve().parents[3] / "examples" / "quangang-2020-2.txt"


EMPTY_COUNTY = "临江区"

_GRANTED = {
    "ducha": Role.OFFICER,
    "zhuren": Role.OFFICE_HEAD,
    "banzhuren": Role.DIRECTOR,
    "xitong": Role.SYSTEM_ADMIN,
    "anquan": Role.SECURITY_ADMIN,
    "shenji": Role.AUDIT_ADMIN,
}


@transaction.atomic
def load_demo() -> None:
    """Load the demonstration once; a second call finds it there and changes nothing."""
    if Account.objects.exists():
        return
    now, today = clock.now(), clock.today()
    if not SAMPLE.exists():
        raise Invalid(f"没有找到样例通知 examples/{SAMPLE.name}：演示要在项目目录里运行（make run）。")
    data = SAMPLE.read_bytes()
    place = jurisdiction_named(read_notice(data, file_name=SAMPLE.name).as_json()["notice"])
    if place is None:
        raise Invalid(f"样例 {SAMPLE.name} 里没有读到发文机关。")
    county = create_jurisdiction(place.name, short_name=place.short_name, level=place.level, by=SYSTEM, now=now)
    notice = upload_notice(county, data=data, file_name=SAMPLE.name, by=SYSTEM, now=now)
    plan = register_as_read(notice, by=SYSTEM, now=now)
    assign_matters(list(Matter.objects.filter(plan=plan)), by=SYSTEM, now=now)

    accounts = _open_accounts([username for username, _ in ACCOUNTS])
    leader = Person.objects.get(jurisdiction=county, name="黄少伟")
    _give_roles(accounts, county=county)
    grant_role(
        accounts["mishu"],
        role=Role.SECRETARY,
        jurisdiction_id=county.pk,
        leader_person_id=leader.pk,
        from_on=today,
        by=SYSTEM,
        now=now,
    )
    education = Unit.objects.get(jurisdiction=county, name="教育局")
    liaison, deputy, head_of_government = create_people(
        county,
        people=[
            NewPerson("教育局联络员（演示）", phone="0595-00000001"),
            NewPerson("教育局分管领导（演示）", phone="0595-00000002"),
            NewPerson("区长（演示）"),
        ],
        by=SYSTEM,
        now=now,
    )
    name_contact(education, role=ContactRole.LIAISON, person=liaison, from_on=today, by=SYSTEM, now=now)
    name_contact(education, role=ContactRole.DEPUTY, person=deputy, from_on=today, by=SYSTEM, now=now)
    (post,) = create_posts(county, posts=[NewPost(None, PostKind.GOVERNMENT_HEAD, "区长")], by=SYSTEM, now=now)
    appoint(post, person=head_of_government, from_on=today, by=SYSTEM, now=now)
    head = Person.objects.get(
        appointments__post__unit=education, appointments__post__kind=PostKind.UNIT_HEAD, appointments__to_on=None
    )
    for username, person in (
        ("lianluo", liaison),
        ("fenguan", deputy),
        ("juzhang", head),
        ("quling", leader),
        ("quzhang", head_of_government),
    ):
        link_account(person, account=accounts[username], by=SYSTEM, now=now)


@transaction.atomic
def load_empty_demo() -> None:
    """Load an invented county with nothing but its office and administrators, to walk the way from the upload on."""
    if Account.objects.exists():
        return
    county = create_jurisdiction(EMPTY_COUNTY, short_name=EMPTY_COUNTY, level=Level.COUNTY, by=SYSTEM, now=clock.now())
    _give_roles(_open_accounts(list(_GRANTED)), county=county)


def _open_accounts(usernames: Sequence[str]) -> dict[str, Account]:
    labels = dict(ACCOUNTS)
    with quick_passwords():
        return {
            username: create_account(
                username,
                name=labels[username],
                password=PASSWORD,
                by=SYSTEM,
                now=clock.now(),
                must_change_password=False,
            )
            for username in usernames
        }


def _give_roles(accounts: Mapping[str, Account], *, county: Jurisdiction) -> None:
    for username, role in _GRANTED.items():
        grant_role(
            accounts[username],
            role=role,
            jurisdiction_id=county.pk,
            from_on=clock.today(),
            by=SYSTEM,
            now=clock.now(),
        )
