"""Django settings, all read from the environment. Every name is told in docs/settings.md."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _
from psycopg import conninfo

from gezhi.base import env
from gezhi.record.rules import LEAST_DAYS
from gezhi.site import logs

GEZHI_HOME = Path(env.text("GEZHI_HOME", str(Path.cwd() / ".gezhi"))).resolve()
DEBUG = False
SECRET_KEY = env.text("GEZHI_SECRET_KEY", "")  # Django refuses to sign anything with ""
KEY_FILE = Path(env.text("GEZHI_KEYS", str(GEZHI_HOME / "keys" / "seal.json")))
# Whether a resident is told the name of who opened their contact, beside unit and role.
NAMES_LOOKERS = env.flag("GEZHI_NAMES_LOOKERS", "no")
CIPHER = env.one_of("GEZHI_CIPHER", "aes", ["aes", "sm4"])
ALLOWED_HOSTS = env.words("GEZHI_HOSTS", "127.0.0.1,localhost,[::1],testserver")
SECURE = env.flag("GEZHI_HTTPS", "no")
# How long lines of the audit are kept before `gezhi record purge` lets go of them.
AUDIT_DAYS = env.number("GEZHI_AUDIT_DAYS", "1096", least=LEAST_DAYS, most=36_500)
PROXIES = env.networks("GEZHI_PROXIES", "")
# How much is let in; 0 counts nobody. In a minute, of pages and calls:
LIMIT_READING = env.number("GEZHI_LIMIT_READING", "1200", least=0, most=10_000_000)
LIMIT_WRITING = env.number("GEZHI_LIMIT_WRITING", "120", least=0, most=10_000_000)
LIMIT_ACCOUNT = env.number("GEZHI_LIMIT_ACCOUNT", "1800", least=0, most=10_000_000)
LIMIT_KEY = env.number("GEZHI_LIMIT_KEY", "60000", least=0, most=10_000_000)
# What is rare: tries to sign in (in a quarter of an hour), wrong tracking codes, openings of
# sealed fields, exports (in an hour); anonymous reports before puzzles are asked (in a minute).
LIMIT_SIGN_IN = env.number("GEZHI_LIMIT_SIGN_IN", "300", least=0, most=100_000)
LIMIT_CODES = env.number("GEZHI_LIMIT_CODES", "10", least=0, most=100_000)
LIMIT_OPENINGS = env.number("GEZHI_LIMIT_OPENINGS", "120", least=0, most=100_000)
LIMIT_EXPORTS = env.number("GEZHI_LIMIT_EXPORTS", "60", least=0, most=100_000)
PUZZLE_REPORTS = env.number("GEZHI_PUZZLE_REPORTS", "60", least=0, most=100_000)
INSIDE = env.networks("GEZHI_INSIDE", "")  # what may be called though it is not public
COUNTY = env.text("GEZHI_COUNTY", "990101")
FILES_DIR = Path(env.text("GEZHI_FILES", str(GEZHI_HOME / "files"))).resolve()
BUILD_DIR = GEZHI_HOME / "build"
WORDS_DIR = GEZHI_HOME / "words"

# Where news streams from: an address, or ":port/path" on the host the page came from.
LIVE_URL = env.text("GEZHI_LIVE_URL", "/live/")
LIVE_ORIGINS = env.words("GEZHI_LIVE_ORIGINS", "")
# Words that go out. Without its setting a channel's words stay in the outbox.
ADDRESS = env.text("GEZHI_ADDRESS", next(iter(LIVE_ORIGINS), ""))
MAIL = env.text("GEZHI_MAIL", "")
MAIL_FROM = env.text("GEZHI_MAIL_FROM", "")
MAIL_CA = env.text("GEZHI_MAIL_CA", "")
SMS_GATEWAY = env.text("GEZHI_SMS", "")
CHAT_ROBOTS = env.text("GEZHI_CHAT", "")
# Whether other systems are told of events, and who signed their certificates.
WEBHOOKS = env.flag("GEZHI_WEBHOOKS", "yes")
ASK_SOURCES = env.flag("GEZHI_ASK_SOURCES", "yes")
WEBHOOK_CA = env.text("GEZHI_WEBHOOK_CA", "")
# Open data: where its files lie, and under which licence they are given.
OPEN_DATA = env.text("GEZHI_OPEN_DATA", str(GEZHI_HOME / "opendata"))
OPEN_DATA_LICENCE = env.text("GEZHI_OPEN_DATA_LICENCE", "")
# Residents: how long a device stays signed in, codes an hour from one network address, and
# within how many days a request about somebody's own data is answered.
RESIDENT_DAYS = env.number("GEZHI_RESIDENT_DAYS", "90", least=1, most=365)
CODES_FROM_ADDRESS = env.number("GEZHI_CODES_PER_HOUR", "30", least=1, most=10000)
DATA_REQUEST_DAYS = env.number("GEZHI_DATA_REQUEST_DAYS", "15", least=1, most=90)
# Backups. Without a folder there is no nightly one.
BACKUP_TO = env.text("GEZHI_BACKUP_TO", "")
BACKUP_KEYS_TO = env.text("GEZHI_BACKUP_KEYS_TO", "")
BACKUP_AT = env.text("GEZHI_BACKUP_AT", "03:10")
BACKUP_KEEP = env.text("GEZHI_BACKUP_KEEP", "7,4,12")
_BACKUPS = {"aes": "aes-256-gcm", "sm4": "sm4-gcm"}
BACKUP_CIPHER = env.text("GEZHI_BACKUP_CIPHER", _BACKUPS[CIPHER])
BACKUP_KEY = Path(env.text("GEZHI_BACKUP_KEY", str(GEZHI_HOME / "keys" / "backup.json")))
BACKUP_PASSPHRASE = env.text("GEZHI_BACKUP_PASSPHRASE", "")
# A model that re-words drafts of answers, OpenAI-compatible. Without an address there is none.
MODEL_URL = env.text("GEZHI_MODEL_URL", "")
MODEL_NAME = env.text("GEZHI_MODEL_NAME", "")
MODEL_KEY = env.text("GEZHI_MODEL_KEY", "")
# A base map of the deployment's own: raster tiles (…/{z}/{x}/{y}) or a PMTiles file.
TILES_URL = env.text("GEZHI_TILES", "")
TILES_ORIGIN = "/".join(TILES_URL.removeprefix("pmtiles://").split("/")[:3])
DEMO = env.flag("GEZHI_DEMO", "no")
DEMO_PASSWORD = env.text("GEZHI_DEMO_SIGN_IN", "")

ROOMS = [
    "base", "record", "places", "people", "rulebook", "cases", "triage", "deadlines", "intake",
    "notices", "hotline", "backup", "retention", "residents", "exchange", "portal", "desk", "api",
    "demo", "bench", "site",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "procrastinate.contrib.django",
    *[f"gezhi.{room}.apps.{room.capitalize()}Config" for room in ROOMS],
]
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "gezhi.site.sessions.AccountBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
PASSWORD_LENGTH = env.number("GEZHI_PASSWORD_LENGTH", "10", least=8, most=64)
PASSWORD_LENGTH_ADMINISTRATORS = env.number(
    "GEZHI_PASSWORD_LENGTH_ADMINISTRATORS", "12", least=8, most=64
)
PASSWORD_HISTORY = env.number("GEZHI_PASSWORD_HISTORY", "5", least=1, most=24)
PASSWORD_ONCE_DAYS = env.number("GEZHI_PASSWORD_ONCE_DAYS", "7", least=1, most=90)
PASSWORD_DAYS = env.number("GEZHI_PASSWORD_DAYS", "0", least=0, most=366)  # 0: never
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Second factors: of whom one is asked, and what happens after wrong codes.
SECOND_FACTOR = env.one_of("GEZHI_SECOND_FACTOR", "roles", ("roles", "all", "none"))
FACTOR_TRIES = env.number("GEZHI_FACTOR_TRIES", "5", least=3, most=20)
FACTOR_PAUSE = env.number("GEZHI_FACTOR_PAUSE", "15", least=1, most=1440)  # minutes
# Sign-in by way of an identity provider (OpenID Connect).
OIDC_ISSUER = env.text("GEZHI_OIDC_ISSUER", "")
OIDC_CLIENT = env.text("GEZHI_OIDC_CLIENT", "")
OIDC_SECRET = env.text("GEZHI_OIDC_SECRET", "")
OIDC_NAME = env.text("GEZHI_OIDC_NAME", "统一认证")
OIDC_CLAIM = env.text("GEZHI_OIDC_CLAIM", "")
OIDC_FACTOR = env.words("GEZHI_OIDC_FACTOR", "")
OIDC_CA = env.text("GEZHI_OIDC_CA", "")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "gezhi.base.http.network_of"  # behind a proxy it is not the proxy
AXES_LOCKOUT_CALLABLE = "gezhi.people.pages.locked_out"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # sign-ins stand on the audit
LOGIN_URL = "/desk/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"

MIDDLEWARE = [
    "gezhi.site.middleware.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gezhi.site.limiting.LimitMiddleware",
    "gezhi.site.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gezhi.site.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "gezhi.site.middleware.ActorMiddleware",
    "gezhi.site.auditing.AuditMiddleware",
    "gezhi.site.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "gezhi.site.urls"
WSGI_APPLICATION = "gezhi.site.wsgi.application"
ASGI_APPLICATION = "gezhi.site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "gezhi.site.loading.Loader",
                    ["django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gezhi.site.context.around",
                "gezhi.desk.pages.shell.around",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "gezhi.site.tags",
            ],
        },
    }
]


def _database(url: str) -> dict[str, object]:
    """A libpq address as Django wants it. Sockets are given as ?host=/folder."""
    parts = conninfo.conninfo_to_dict(url)
    return {
        "ENGINE": "gezhi.base.database",
        "NAME": parts.pop("dbname", "gezhi"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }


DATABASES = {"default": _database(env.text("DATABASE_URL", "postgresql:///gezhi?host=/nowhere"))}
# Who owns the tables, where that is another role than the application's: for `migrate` alone.
OWNER_URL = env.text("GEZHI_OWNER_DATABASE_URL", "")
OWNER_DATABASE = _database(OWNER_URL) if OWNER_URL else {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Not cached_db: each process has a cache of its own, so a sign-out would not reach the others.
SESSION_ENGINE = "gezhi.site.sessions"
DELEGATION_DAYS = env.number("GEZHI_DELEGATION_DAYS", "30", least=1, most=366)
SESSION_IDLE_MINUTES = env.number("GEZHI_SESSION_IDLE_MINUTES", "30", least=5, most=720)
SESSION_HOURS = env.number("GEZHI_SESSION_HOURS", "12", least=1, most=72)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
# A name with __Host- is taken by browsers from this very host alone, over HTTPS.
_HOST = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{_HOST}sessionid"
CSRF_COOKIE_NAME = f"{_HOST}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_HOST}django_language"
PORTAL_COOKIES = f"{_HOST}gz_"  # what residents' browsers keep: the draft, their reports, letters
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "gezhi.site.pages.csrf_failure"
# The other headers are in `policy`.
SECURE_CROSS_ORIGIN_OPENER_POLICY = SECURE_REFERRER_POLICY = None
SECURE_CONTENT_TYPE_NOSNIFF = False
HSTS_DAYS = env.number("GEZHI_HSTS_DAYS", "365", least=0, most=3650)
SECURE_HSTS_SECONDS = HSTS_DAYS * 24 * 3600 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
CSRF_TRUSTED_ORIGINS = env.words("GEZHI_ORIGINS", "")

LANGUAGE_CODE = env.text("GEZHI_LANGUAGE", "zh-hans")
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [WORDS_DIR]  # all rooms' translations, compiled when the site is prepared
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("GEZHI_TIME_ZONE", "Asia/Shanghai")

LOGGING = logs.config(env.text("GEZHI_LOG_LEVEL", "INFO"))
LOGGING_CONFIG = "logging.config.dictConfig"
logs.set_up()

STATIC_URL = "/static/"
STATIC_ROOT = GEZHI_HOME / "static"
STATICFILES_DIRS = [BUILD_DIR] if BUILD_DIR.exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "gezhi.site.static_storage.QuickStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Tasks for the worker live in the rooms' `jobs.py`.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SILENCED_SYSTEM_CHECKS: list[str] = []
