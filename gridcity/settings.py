"""All settings, read from the environment alone. What a variable is for stands beside it."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from kombu import Queue

BASE_DIR = Path(__file__).resolve().parent.parent


def env_list(name):
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def env_flag(name):
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


# The state directory: photos, collected static files, secret key. scripts/ set it.
HOME = Path(os.environ.get("GRIDCITY_HOME") or BASE_DIR / ".local")
# The npm packages; they may lie outside the state directory, shared by several of them.
NODE_MODULES = Path(os.environ.get("GRIDCITY_NODE_MODULES") or HOME / "node_modules")

DEBUG = env_flag("GRIDCITY_DEBUG")
# pytest says so itself; a test run needs cheap passwords and no collected static files.
TESTING = "PYTEST_VERSION" in os.environ
# The demo offers sign-in with one click, which a real city must never do.
DEMO = env_flag("GRIDCITY_DEMO")
# The demo city goes on living by itself, unless this is 0.
DEMO_LIVES = DEMO and os.environ.get("GRIDCITY_DEMO_LIVES", "1") != "0"


def secret_key():
    """From SECRET_KEY, else from the file that scripts/ made in the state directory."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if TESTING:
        return "only-for-tests"
    return (HOME / "secret_key").read_text().strip()


SECRET_KEY = secret_key()
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "gridcity.apps.GridcityAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "leaflet",
    "import_export",
    "django_htmx",
    "axes",
    "csp",
    "pgtrigger",
    "staff",
    "grids",
    "incidents",
    "assessment",
    "publication",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gridcity.guard.KeptByNobodyMiddleware",
    "gridcity.guard.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gridcity.guard.IdleSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gridcity.frame.CityZoneMiddleware",
    "gridcity.guard.OutOfRangeMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "gridcity.urls"
ASGI_APPLICATION = "gridcity.asgi.application"
WSGI_APPLICATION = "gridcity.wsgi.application"
# Addresses of event streams, which gridcity/asgi.py serves apart from the pages.
STREAM_PATH = "/live/"
WEB_THREADS = int(os.environ.get("GRIDCITY_WEB_THREADS", "10"))

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "gridcity.frame.frame",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------
# Two roles: the owner has the tables and migrates, gridcity_web owns none and is what the
# web, the worker, beat and the shell use, so that a trigger or a missing grant binds them.
WEB_ROLE = "gridcity_web"
# How the database plans for pages (docs/decisions/0024): short queries lose more to JIT and workers
# in parallel than they gain, and a case with the dozen rows that it points to is planned in 2 ms in
# the order in which it is written, in 20 to 90 ms when every order of its joins is weighed.
PLANNING = {"jit": "off", "max_parallel_workers_per_gather": 0, "join_collapse_limit": 1}


def database():
    """GRIDCITY_DB=owner picks the owner's address, anything else the web's.

    Where only DATABASE_URL is given it is the owner's, and the web puts the owner's rights
    down by taking its own role on every connection.
    """
    web_url = os.environ.get("DATABASE_URL", f"postgis://{WEB_ROLE}@localhost/gridcity")
    owner_url = os.environ.get("DATABASE_OWNER_URL")
    as_owner = TESTING or os.environ.get("GRIDCITY_DB") == "owner"
    config = dj_database_url.parse(
        owner_url if as_owner and owner_url else web_url,
        engine="django.contrib.gis.db.backends.postgis",
    )
    options = config.setdefault("OPTIONS", {})
    at_login = {} if as_owner and not TESTING else dict(PLANNING)
    if not as_owner and not owner_url:
        # At login, since Django 5.2's assume_role never returns from a pool.
        at_login["role"] = WEB_ROLE
    said = [options.get("options", ""), *(f"-c {key}={value}" for key, value in at_login.items())]
    options["options"] = " ".join(said).strip()
    # A new connection costs a request 3 to 20 ms, so they are pooled; 0 turns that off.
    pool_size = int(os.environ.get("GRIDCITY_DB_POOL", WEB_THREADS))
    if pool_size and not as_owner:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return config


DATABASES = {"default": database()}
# Debian 12's GDAL cannot be told to leave files and network alone while it reads a spatial
# reference. None comes from outside: whatever is imported is read as JSON and GEOS alone.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis and Celery ---------------------------------------------------------------------
REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")

if TESTING:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "gridcity",
        }
    }

# Tiles of the base map are kept by each process for itself: a map must not need Redis.
CACHES["tiles"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "tiles",
    "OPTIONS": {"MAX_ENTRIES": 600},
}
# Rankings that were drawn, of some 150 kB each, are shared: a worker draws them ahead of the web.
# What they depend on is kept with them. The tests' process has its own.
CACHES["tables"] = CACHES["default"] | {"KEY_PREFIX": "gridcity-tables"}
if TESTING:
    CACHES["tables"]["LOCATION"] = "tables"

# Celery spells a Redis on a unix socket its own way.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
# A task is put back when its worker dies, so every task must be safe to run twice.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# The engine of the deadlines has a queue of its own, and in scripts/run a worker of its own, so
# that it never waits for slow tasks; notices are told by it too, a little at a time. What goes out
# of the house may hang on others' servers, so it is kept from there: a third queue, with a worker
# of its own as well. Every other worker takes from all.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("deadlines"), Queue("messages")]
CELERY_TASK_ROUTES = {
    "incidents.tasks.settle": {"queue": "deadlines"},
    "incidents.tasks.tell": {"queue": "deadlines"},
    "incidents.tasks.send_messages": {"queue": "messages"},
}
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat" / "schedule")

# --- Who may come in ----------------------------------------------------------------------
AUTH_USER_MODEL = "staff.Member"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "grids.backends.PostBackend",
]
LOGIN_URL = "/"
LOGIN_REDIRECT_URL = "/start/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "staff.views.locked_out"
AXES_ENABLE_ADMIN = False  # staff/admin.py shows its tables, read-only

# 30 minutes without a request end a session; guard.IdleSessionMiddleware keeps it rolling.
SESSION_COOKIE_AGE = 30 * 60
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# GRIDCITY_HTTPS=1 where a proxy ends TLS in front and sets X-Forwarded-Proto.
HTTPS = env_flag("GRIDCITY_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        # Tabler's style sheet and Leaflet carry small pictures as data:, maps draw blob:.
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# What a third party's page needs beyond that, by the path it lies under.
CONTENT_SECURITY_EXCEPTIONS = {
    # Unfold's Alpine evaluates the expressions in its attributes and styles in place.
    "/admin/": {
        "script-src": [SELF, "'unsafe-inline'", "'unsafe-eval'"],
        "style-src": [SELF, "'unsafe-inline'"],
    },
    # Swagger UI starts by an inline script and styles in place.
    "/api/docs/": {
        "script-src": [SELF, "'unsafe-inline'"],
        "style-src": [SELF, "'unsafe-inline'"],
    },
}

# --- Notices ------------------------------------------------------------------------------
# Where links in e-mails and text messages lead: the address at which people reach the site.
SITE_URL = (
    os.environ.get("GRIDCITY_URL") or next(iter(CSRF_TRUSTED_ORIGINS), "http://127.0.0.1:8000")
).rstrip("/")
# smtp://user:password@host:587 (STARTTLS), smtps://…:465, smtp+plain://… (no TLS), or
# file:///folder. Without it the demo writes e-mails to files, and a real city sends none.
EMAIL_URL = urlsplit(
    os.environ.get("EMAIL_URL") or (f"file://{HOME / 'mail'}" if DEMO or TESTING else "")
)
EMAIL_IS_ON = bool(EMAIL_URL.scheme)
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = EMAIL_URL.path or str(HOME / "mail")
if EMAIL_URL.scheme.startswith("smtp"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_USE_SSL = EMAIL_URL.hostname, EMAIL_URL.scheme == "smtps"
    EMAIL_USE_TLS = EMAIL_URL.scheme == "smtp"
    EMAIL_PORT = EMAIL_URL.port or {"smtps": 465, "smtp": 587}.get(EMAIL_URL.scheme, 25)
    EMAIL_HOST_USER = unquote(EMAIL_URL.username or "")
    EMAIL_HOST_PASSWORD = unquote(EMAIL_URL.password or "")
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM") or "gridcity@localhost"
# The push services of browsers that notices may be sent to: those of Firefox, Chrome, Edge and
# Safari. A browser names the address, so none outside this list is ever called; "none" for none.
PUSH_HOSTS = env_list("GRIDCITY_PUSH_HOSTS") or [
    "push.services.mozilla.com",
    "fcm.googleapis.com",
    "notify.windows.com",
    "push.apple.com",
]
PUSH_HOSTS = [host for host in PUSH_HOSTS if host != "none"]
# Whom a push service writes to if it has a complaint.
PUSH_CONTACT = os.environ.get("GRIDCITY_CONTACT") or f"mailto:{SERVER_EMAIL}"

# --- Language and time --------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# Times are stored in UTC; what people see is in the zone of their city, a row of staff.City.
TIME_ZONE = "UTC"

# --- Files --------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
# From npm, only what a browser loads, as /static/npm/<name>/<path>; source maps go along because
# the files name them.
FRONT_END_FILES = {
    "npm/tabler": ("@tabler/core/dist", ["css/tabler.min.css*", "js/tabler.min.js*"]),
    "npm/echarts": ("echarts/dist", ["echarts.simple.min.js"]),
    "npm/htmx": ("htmx.org/dist", ["htmx.min.js"]),
    "npm/leaflet": ("leaflet/dist", ["leaflet.css", "leaflet.js*", "images/*"]),
    "npm/protomaps-leaflet": ("protomaps-leaflet/dist", ["protomaps-leaflet.js*"]),
}
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (name, NODE_MODULES / folder)
        for name, (folder, _files) in FRONT_END_FILES.items()
        if (NODE_MODULES / folder).is_dir()
    ),
]
STATICFILES_FINDERS = [
    "gridcity.finders.ListedFilesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    # Photos lie outside the web root: no address leads to them but a view that asks who.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "media", "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "gridcity.storage.StaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
# The set-up may run as root beside servers of another user; they share through the group.
FILE_UPLOAD_PERMISSIONS = 0o660
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o2770

# --- Pages for the public -----------------------------------------------------------------
# How many requests one address may make, over all processes (publication/visitors.py).
PUBLIC_RATE = os.environ.get("GRIDCITY_PUBLIC_RATE", "240/min")

# --- API, admin, map ----------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["gridcity.bodies.JSON"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "gridcity.api.problem",
    # Whose address counts as the visitor's: behind the proxy that ends TLS, the one it names.
    "NUM_PROXIES": 1 if HTTPS else 0,
    # One way to say a thing: no ?format= and no suffix.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "gridcity",
    "VERSION": "0.1.0",
    "DESCRIPTION": "The closed loop of city grid management: report, dispatch, handle, verify, "
    "close. Sign in at /api/token/, or use a session with its CSRF token.",
    "COMPONENT_SPLIT_REQUEST": False,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
UNFOLD = {
    "SITE_TITLE": _("City Grid Command Centre"),
    "SITE_HEADER": _("City Grid Command Centre"),
    "SITE_SUBHEADER": _("Administration"),
    "SITE_SYMBOL": "grid_view",
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("css/admin.css")],
    "COLORS": {
        # The blue of the interface guide, #1657B5, lighter and darker.
        "primary": {
            "50": "#f2f7fe",
            "100": "#e9f1fc",
            "200": "#cfe1f5",
            "300": "#9fc3ec",
            "400": "#6ca6ff",
            "500": "#2f6fb5",
            "600": "#1657b5",
            "700": "#0f4592",
            "800": "#13386f",
            "900": "#13233d",
            "950": "#0d1a2e",
        },
    },
}
# No tiles from elsewhere: the city draws its own.
LEAFLET_CONFIG = {"TILES": [], "ATTRIBUTION_PREFIX": False, "RESET_VIEW": False}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
        }
    },
    "root": {"handlers": ["stdout"], "level": os.environ.get("GRIDCITY_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["stdout"], "level": "WARNING", "propagate": False},
        "axes": {"level": "WARNING"},
        # A line for each step of each page; faults of fonts and styles are told all the same.
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        # A line for every heartbeat would fill the log; failures are told all the same.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
