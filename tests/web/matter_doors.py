"""Somebody signed in, on the day of the fixture `now`."""

import time
from datetime import timedelta

from django.test import Client

from duban.access.models import Account, Grant
from duban.core.pinyin import initials_of, pinyin_of
from duban.orgs.models import Appointment, Person, Post, UnitContact


def set_clock(monkeypatch, now) -> None:
    """Let the doors read the fixture's time."""
    monkeypatch.setenv("DUBAN_CLOCK_OFFSET", str(now.timestamp() - time.time()))


def signed_in(world, who: str, *, username: str = "") -> Client:
    """Sign in a role of the office, an administrator, or “联络员 单位”, “主要负责人 单位”."""
    account = Account.objects.create(username=username or who, name=who, created_at=world.now, password="!")
    since = world.now.date() - timedelta(days=1)
    role, _, unit = who.partition(" ")
    if unit:
        person = Person.objects.create(
            jurisdiction=world.county, name=who, pinyin=pinyin_of(who), initials=initials_of(who), account=account
        )
        if role == "联络员":
            UnitContact.objects.create(unit=world.unit(unit), role="liaison", person=person, from_on=since)
        else:
            post = Post.objects.create(jurisdiction=world.county, unit=world.unit(unit), kind="unit_head", title=role)
            Appointment.objects.create(post=post, person=person, from_on=since)
    else:
        place = None if who.endswith("_admin") else world.county.pk
        Grant.objects.create(
            account=account, role=who, jurisdiction_id=place, from_on=since, granted_by_name="安全管理员"
        )
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client
