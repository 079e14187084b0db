"""Addresses of the bulletin: Chinese under /public/, English under /public/en/, files once; and of
the digests for those who lead."""

from django.urls import path

from publication import addresses  # noqa: F401 - makes days and months known
from publication.views import bulletins as views
from publication.views import digests


def _pages(prefix, language, suffix):
    said = {"language": language}
    return [
        path(f"{prefix}", views.latest, said, name=f"bulletin{suffix}"),
        path(f"{prefix}<bulletin_day:day>/", views.of_day, said, name=f"bulletin_day{suffix}"),
        path(f"{prefix}archive/", views.archive, said, name=f"bulletin_archive{suffix}"),
        path(
            f"{prefix}archive/<bulletin_month:month>/",
            views.archive,
            said,
            name=f"bulletin_month{suffix}",
        ),
        path(f"{prefix}data/", views.data, said, name=f"bulletin_data{suffix}"),
    ]


urlpatterns = [
    *_pages("public/", "zh-hans", ""),
    *_pages("public/en/", "en", "_en"),
    path("bulletin/", views.home, name="bulletin_home"),
    path("public/index.json", views.index, name="bulletin_index"),
    path("public/<int:number>.json", views.as_json, name="bulletin_json"),
    path("public/<int:number>.csv", views.as_csv, name="bulletin_csv"),
    path("public/verify_bulletins.py", views.verifier, name="bulletin_verifier"),
    path("reports/", digests.digests, name="digests"),
    path("reports/ask/", digests.ask_for_digest, name="digest_ask"),
    path("reports/<int:key>/", digests.digest_row, name="digest_row"),
    path("reports/<int:key>.<digest_form:form>", digests.digest_file, name="digest_file"),
]
