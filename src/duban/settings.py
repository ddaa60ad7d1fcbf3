"""Django settings. Everything an operator may set is an environment variable, listed in docs/operations.md.

DUBAN_DATA       folder of the database, the files and the keys (default: ./duban-data)
DUBAN_DATABASE   postgresql://user:password@host:port/name; without it SQLite in the data folder
DUBAN_HOSTS      further host names served, comma separated
DUBAN_HTTPS      1 behind TLS: secure cookies and HSTS
DUBAN_CLAMD      clamd that looks at uploaded files: unix:/run/clamav/clamd.ctl or host:port; else none are scanned
DUBAN_CLAMD_OPTIONAL  1 keeps files unscanned while that clamd does not answer; else they are refused
DUBAN_FONTS      folder of the operator's own fonts for documents (default: fonts in the data folder)
DUBAN_DEMO       1 for the demonstration (set by `duban up --demo`)
DUBAN_CLOCK_OFFSET  seconds added to the clock (set by `duban up --demo`)
DUBAN_CLOCK_UNTIL   moment at which the clock stands still (set by `duban up --demo`)
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, unquote, urlparse

from csp.constants import NONE, SELF

from duban.audit.rules import key_id_of
from duban.core.clock import SHANGHAI  # noqa: F401  (settings.SHANGHAI)

BASE_DIR = Path(__file__).resolve().parent
DATA_DIR = Path(os.environ.get("DUBAN_DATA", "duban-data")).resolve()
DEMO = os.environ.get("DUBAN_DEMO") == "1"
HTTPS = os.environ.get("DUBAN_HTTPS") == "1"


def _key(name: str) -> bytes:
    """Return a key that lies in the data folder, not in the database; made on first use, readable by its owner."""
    path = DATA_DIR / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _key(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
    return path.read_bytes().strip()


SECRET_KEY = _key("session.key").decode()
AUDIT_KEY = _key("audit.key")
AUDIT_KEY_ID = key_id_of(AUDIT_KEY)

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *filter(None, os.environ.get("DUBAN_HOSTS", "").split(","))]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS[3:]]
ROOT_URLCONF = "duban.urls"
WSGI_APPLICATION = "duban.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "template_partials",
    "duban.audit",
    "duban.access",
    "duban.calendars",
    "duban.orgs",
    "duban.jobs",
    "duban.outbox",
    "duban.matters",
    "duban.lights",
    "duban.intake",
    "duban.progress",
    "duban.evidence",
    "duban.papers",
    "duban.reports",
    "duban.obstacles",
    "duban.instructions",
    "duban.superiors",
    "duban.changes",
    "duban.closing",
    "duban.letters",
    "duban.bulletins",
    "duban.visits",
    "duban.interviews",
    "duban.evaluation",
    "duban.objections",
    "duban.archives",
    "duban.reminders",
    "duban.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "duban.web.middleware.ActorMiddleware",
    "duban.web.middleware.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "duban.web.context.page",
            ],
        },
    }
]


READ_ONLY = os.environ.get("DUBAN_READ_ONLY") == "1"
"""The database is opened so that nothing can be written, whatever the code does (duban replay)."""


def _database() -> dict[str, object]:
    address = os.environ.get("DUBAN_DATABASE", "")
    if not address and READ_ONLY:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"file:{quote(str(DATA_DIR / 'duban.sqlite3'))}?mode=ro",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"timeout": 20, "init_command": "PRAGMA query_only=ON; PRAGMA cache_size=-16384;"},
        }
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "duban.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA cache_size=-16384;",  # KiB of a connection; a county's year is read again and again
            },
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    parts = urlparse(address)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError("DUBAN_DATABASE must begin with postgresql://")
    query = dict(part.split("=", 1) for part in parts.query.split("&") if "=" in part)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c default_transaction_read_only=on"} if READ_ONLY else {},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign_in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]  # counted over all addresses and browsers; an office shares one address
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # fifteen minutes are fifteen minutes
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail tells of sign-ins
AXES_VERBOSE = False
AXES_USERNAME_FORM_FIELD = "username"
SILENCED_SYSTEM_CHECKS = ["axes.W002", "axes.W006"]  # our own page tells of the lock; names, not addresses, are locked

SESSION_IDLE_LIMIT = timedelta(hours=2)
SESSION_WHOLE_LIMIT = timedelta(hours=12)
SESSION_COOKIE_NAME = "duban_session"
SESSION_COOKIE_AGE = int(timedelta(days=7).total_seconds())  # so that a form sent after the end finds whose it was
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "duban.web.kept.csrf_failure"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_UNUSED_POWERS = ("camera", "geolocation", "microphone", "payment", "usb")
PERMISSIONS_POLICY: dict[str, list[str]] = {name: [] for name in _UNUSED_POWERS}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

TASKS = {"default": {"BACKEND": "duban.jobs.backend.LeaseBackend"}}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 60 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
MAX_NOTICE_BYTES = 50 * 1024 * 1024
FILES_DIR = DATA_DIR / "files"
FONTS_DIR = Path(os.environ.get("DUBAN_FONTS", "") or DATA_DIR / "fonts")
MAX_UPLOAD_BYTES = 500 * 1024 * 1024  # no policy allows a longer file
MAX_UPLOADS_BYTES = 2 * MAX_UPLOAD_BYTES  # of one form
FILE_UPLOAD_HANDLERS = [
    "duban.web.upload_limits.UploadLimits",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CLAMD = os.environ.get("DUBAN_CLAMD", "").strip()
API_PER_MINUTE = int(os.environ.get("DUBAN_API_PER_MINUTE", "") or 300)
if API_PER_MINUTE < 0:
    raise ValueError("DUBAN_API_PER_MINUTE must be 0 or more")
CLAMD_OPTIONAL = os.environ.get("DUBAN_CLAMD_OPTIONAL") == "1"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
