"""The play opens two hundred accounts with one public password: hashed quickly, checked as every other."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 with the least work. Its settings stand in each hash, so the usual hasher checks and renews it."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
