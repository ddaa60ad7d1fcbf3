"""Settings of the tests: a data folder of their own, fast password hashing, no manifest."""

import os
import tempfile

if "PYTEST_XDIST_WORKER" in os.environ or "DUBAN_DATA" not in os.environ:  # each process of a run keeps its own files
    os.environ["DUBAN_DATA"] = tempfile.mkdtemp(prefix="duban-tests-")

from duban.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["*"]
