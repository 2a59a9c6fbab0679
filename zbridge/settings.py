"""Django's settings, from the environment (django-environ); `.env.example` lists every variable."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured

from zbridge.site.production import refuse_unsafe

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

PRODUCTION = env.bool("ZBRIDGE_PRODUCTION", default=False)
HOME = Path(env.str("ZBRIDGE_HOME", default=str(BASE_DIR / "var"))).resolve()
HOME.mkdir(parents=True, exist_ok=True)


def _local_key(name: str) -> str:
    """A key made on first use and kept under ZBRIDGE_HOME; production must name its own."""
    if PRODUCTION:
        raise ImproperlyConfigured(f"Set {name} in the environment; .env.example says how to make one.")
    path = HOME / "keys" / name.lower()
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="") or _local_key("DJANGO_SECRET_KEY")
ZBRIDGE_SECRET_KEYS = env.list("ZBRIDGE_SECRET_KEYS", default=[]) or [_local_key("ZBRIDGE_SECRET_KEYS")]
ZBRIDGE_SIMULATOR_URL = env.str("ZBRIDGE_SIMULATOR_URL", default="http://127.0.0.1:8900").rstrip("/")
# Where Zoho reaches this zbridge from outside, without a slash at the end; empty: it can't, and lists are polled.
ZBRIDGE_PUBLIC_URL = env.str("ZBRIDGE_PUBLIC_URL", default="").rstrip("/")
ZBRIDGE_DEMO_PASSWORD = env.str("ZBRIDGE_DEMO_PASSWORD", default="demo-password-1")
ZBRIDGE_CRASH_AT = env.str("ZBRIDGE_CRASH_AT", default="")
# A worker without a sign of life for so many seconds is started anew; its canary comes once a minute.
ZBRIDGE_WORKER_SILENCE = env.int("ZBRIDGE_WORKER_SILENCE", default=300)

DEBUG = env.bool("DJANGO_DEBUG", default=False)
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
refuse_unsafe(
    production=PRODUCTION, debug=DEBUG, hosts=ALLOWED_HOSTS, origins=CSRF_TRUSTED_ORIGINS, crash=ZBRIDGE_CRASH_AT
)

INSTALLED_APPS = [
    "zbridge",
    "zbridge.site.apps.SiteConfig",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "zbridge.site.apps.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "import_export",
    "simple_history",
    "django_q",
    "accounts",
    "syncjobs",
    "invoicing",
]

MIDDLEWARE = [
    "zbridge.site.log_lines.ReferenceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "accounts.middleware.SittingMiddleware",
    "accounts.middleware.HouseMiddleware",
]

ROOT_URLCONF = "zbridge.urls"
WSGI_APPLICATION = "zbridge.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;",
}


def _database() -> dict[str, Any]:
    """DATABASE_URL, or SQLite under ZBRIDGE_HOME, with the options that were tried together (stack.md)."""
    found: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{HOME / 'zbridge.sqlite3'}")
    found["CONN_MAX_AGE"] = 60
    if found["ENGINE"].endswith("sqlite3"):
        found["OPTIONS"] = dict(SQLITE_OPTIONS)
        found["CONN_MAX_AGE"] = None
    return found


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.role_backend.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
# Scrypt is memory-hard and in the standard library; the second only reads what older versions kept.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/"
LOGOUT_REDIRECT_URL = "/admin/login/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "accounts.adapters.NoSignUp"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_SESSION_REMEMBER = False
# How many proxies of ours stand before us: so many entries of X-Forwarded-For, from the right, are believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("ZBRIDGE_TRUSTED_PROXIES", default=0)
ACCOUNT_LOGOUT_ON_GET = False

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "zbridge_cache"},
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = "zbridge.site.formats"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "zbridge" / "site" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# A browser keeps a cookie of this prefix only from this very host, over TLS, for all paths (reliability 8, 27).
_HOST_ONLY = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST_ONLY}sessionid", f"{_HOST_ONLY}csrftoken"
SECURE_SSL_REDIRECT = env.bool("DJANGO_SECURE_SSL_REDIRECT", default=PRODUCTION)
# What machines knock at: a redirect would lose a web hook's body, and a probe comes over plain http (4.1.2).
SECURE_REDIRECT_EXEMPT = [r"^healthz/?$", r"^hooks/"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("ZBRIDGE_BEHIND_PROXY", default=ALLAUTH_TRUSTED_PROXY_COUNT > 0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(HOME / "mail")
if PRODUCTION:
    globals().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Under which address people open zbridge; mails and team channels link to it.
ZBRIDGE_URL = env.str("ZBRIDGE_URL", default="").rstrip("/")
ZBRIDGE_APPRISE_URL = env.str("ZBRIDGE_APPRISE_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="zbridge@localhost")

# django-q2 is a doorbell, not a queue one can trust: settings as tried in stack.md.
_QUEUE = {
    "orm": "default",
    "workers": 1 if DATABASES["default"]["ENGINE"].endswith("sqlite3") else 2,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 90,
    "retry": 900,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 200,
    "label": "Queue",
}
Q_CLUSTER = {"name": "click", **_QUEUE, "ALT_CLUSTERS": {"bulk": dict(_QUEUE)}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redacted": {"()": "zbridge.zoho.redaction.Redacted"}},
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "zbridge.site.log_lines.JsonLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["redacted"],
            "formatter": env.str("ZBRIDGE_LOG_FORMAT", default="json" if PRODUCTION else "plain"),
        },
    },
    "root": {"handlers": ["stderr"], "level": env.str("ZBRIDGE_LOG_LEVEL", default="WARNING")},
    "loggers": {"django.request": {"level": "ERROR"}, "django_q": {"level": "WARNING"}},
}

# Each kind's feed lives with its meaning; syncjobs reads every kind through this table, in order of dependency.
ZBRIDGE_FEEDS = {
    "customer": "invoicing.party_feeds.CUSTOMERS",
    "item": "invoicing.price_feeds.ITEMS",
    "account": "syncjobs.feeds.ACCOUNTS",
    "contact": "invoicing.party_feeds.CONTACTS",
    "product": "invoicing.price_feeds.PRODUCTS",
    "invoice": "invoicing.feeds.INVOICES",
    "payment": "invoicing.money_feeds.PAYMENTS",
    "creditnote": "invoicing.money_feeds.CREDIT_NOTES",
    "quote": "invoicing.feeds.QUOTES",
    "deal": "invoicing.feeds.DEALS",
}

# Runs of other kinds, worked by the room that knows them.
ZBRIDGE_WORKS = {"figures": "invoicing.pushing.FIGURES"}

# What goes when it is old, by room; in this order, since a run stays while its plan does.
ZBRIDGE_OLD_ROWS = ("accounts.old_rows.OLD_ROWS", "syncjobs.old_rows.OLD_ROWS", "invoicing.old_rows.OLD_ROWS")

from zbridge.site.look import UNFOLD  # noqa: E402, F401
