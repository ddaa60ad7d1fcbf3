"""The demonstration's passwords are hashed quickly; whoever signs in has the real hash."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password, get_hashers, identify_hasher, make_password

from duban.cli.demo_passwords import QuickHasher, quick_passwords

pytestmark = pytest.mark.engine_free

CAREFUL = "django.contrib.auth.hashers.Argon2PasswordHasher"


@pytest.fixture
def as_served(settings):
    settings.PASSWORD_HASHERS = [CAREFUL]


def test_a_quick_hash_is_taken_and_made_anew_with_care(as_served):
    with quick_passwords():
        assert isinstance(get_hashers()[0], QuickHasher)
        quick = make_password("demo-2020")
    assert "m=8,t=1,p=1" in quick
    assert settings.PASSWORD_HASHERS == [CAREFUL]
    anew = []
    assert check_password("demo-2020", quick, setter=lambda raw: anew.append(make_password(raw)))
    assert not check_password("demo-2021", quick)
    assert len(anew) == 1
    assert "m=8," not in anew[0]
    assert type(identify_hasher(anew[0])).__name__ == "Argon2PasswordHasher"


def test_what_is_set_otherwise_is_left_alone(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with quick_passwords():
        assert make_password("x").startswith("md5$")
