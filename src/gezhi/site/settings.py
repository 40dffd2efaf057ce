"""Django settings, all read from the environment. Every name is told in docs/settings.md."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _
from psycopg import conninfo

from gezhi.base import env
from gezhi.site import logs

GEZHI_HOME = Path(env.text("GEZHI_HOME", str(Path.cwd() / ".gezhi"))).resolve()
DEBUG = False
SECRET_KEY = env.text("GEZHI_SECRET_KEY", "")  # Django refuses to sign anything with ""
KEY_FILE = Path(env.text("GEZHI_KEYS", str(GEZHI_HOME / "keys" / "seal.json")))
ALLOWED_HOSTS = env.words("GEZHI_HOSTS", "127.0.0.1,localhost,[::1],testserver")
SECURE = env.flag("GEZHI_HTTPS", "no")
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
# A base map of the deployment's own: raster tiles (…/{z}/{x}/{y}) or a PMTiles file.
TILES_URL = env.text("GEZHI_TILES", "")
TILES_ORIGIN = "/".join(TILES_URL.removeprefix("pmtiles://").split("/")[:3])
DEMO = env.flag("GEZHI_DEMO", "no")
DEMO_PASSWORD = env.text("GEZHI_DEMO_SIGN_IN", "")

ROOMS = [
    "base", "record", "places", "people", "rulebook", "cases", "deadlines", "intake",
    "notices", "portal", "desk", "api", "demo", "bench", "site",
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
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "gezhi.people.pages.locked_out"
AXES_VERBOSE = False
LOGIN_URL = "/desk/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "gezhi.site.middleware.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gezhi.site.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "gezhi.site.middleware.ActorMiddleware",
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
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Not cached_db: each process has a cache of its own, so a sign-out would not reach the others.
SESSION_ENGINE = "gezhi.site.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "gezhi.site.pages.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
CSRF_TRUSTED_ORIGINS = env.words("GEZHI_ORIGINS", "")
X_FRAME_OPTIONS = "DENY"

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
