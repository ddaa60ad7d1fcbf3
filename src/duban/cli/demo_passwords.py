"""The demonstration's password is public: guarding it as long as a real one would take most of a minute for nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.signals import setting_changed


class QuickHasher(Argon2PasswordHasher):
    """As the real one, at a thousandth of its cost; whoever signs in has it replaced by the real one."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Within the block, passwords are hashed quickly where they would be hashed with care; elsewhere as before."""
    before = settings.PASSWORD_HASHERS
    careful = f"{Argon2PasswordHasher.__module__}.{Argon2PasswordHasher.__qualname__}"
    quick = f"{QuickHasher.__module__}.{QuickHasher.__qualname__}"
    _hash_with([quick if one == careful else one for one in before])
    try:
        yield
    finally:
        _hash_with(before)


def _hash_with(hashers: list[str]) -> None:
    settings.PASSWORD_HASHERS = hashers
    setting_changed.send(sender=None, setting="PASSWORD_HASHERS", value=hashers, enter=True)  # they are cached
