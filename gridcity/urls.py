from django.contrib import admin
from django.urls import include, path

from gridcity.condition import health
from gridcity.frame import favicon, start
from gridcity.health import check_database, check_redis, healthz
from grids.backends import posts_of
from staff.views import entry

# What the page at / shows of higher apps is handed down to it.
SHOWN_AT_HOME = {"health": lambda: check_database() | check_redis(), "posts_of": posts_of}

urlpatterns = [
    path("", entry, SHOWN_AT_HOME, name="entry"),
    path("", include("staff.urls")),
    path("", include("demo.urls")),
    path("start/", start, name="start"),
    path("", include("incidents.pages")),
    path("", include("assessment.urls")),
    path("", include("grids.urls")),
    path("", include("publication.urls")),
    path("healthz", healthz),
    path("health/", health, name="health"),
    path("favicon.ico", favicon),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/", include("gridcity.api")),
]

handler500 = "gridcity.faults.broken"
