"""An invented county with people who can be reached in different ways, and channels to reach them."""

import pytest

from duban.core.actor import SYSTEM
from duban.orgs.models import Person
from duban.outbox.actions import change_channel
from duban.outbox.rules import FIELDS, ChannelKind


@pytest.fixture
def people(county):
    told = {"jurisdiction": county, "pinyin": "x", "initials": "x"}
    return [
        Person.objects.create(name="周一", phone="13900000001", email="zhou@example.cn", **told),
        Person.objects.create(name="吴二", phone="0595-87000001", email="", **told),
        Person.objects.create(name="郑三", phone="", email="zheng@example.cn", **told),
    ]


@pytest.fixture
def channel_to(county, now):
    """Return a function that sets a channel up: to a mail server's port, or to an address."""

    def set_up(kind, *, port=None, url="", is_enabled=True, version=0, **given):
        typed = {one.name: one.default for one in FIELDS[kind]}
        if kind is ChannelKind.EMAIL:
            typed |= {"host": "127.0.0.1", "port": str(port), "security": "none", "sender": "ducha@example.cn"}
        else:
            typed |= {"url": url}
        return change_channel(
            county, kind=kind, given=typed | given, is_enabled=is_enabled, version=version, by=SYSTEM, now=now
        )

    return set_up
