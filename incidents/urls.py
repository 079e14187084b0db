"""Addresses of the loop's API, below /api/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from incidents import api

app_name = "api"


class CaseNumber(StringConverter):
    """A case number: what a database can be asked for, and nothing with a slash or a NUL in it."""

    regex = r"[\w.-]{1,40}"


class Which(StringConverter):
    """The two files of a photo that anybody is shown."""

    regex = "shown|thumbnail"


register_converter(CaseNumber, "case")
register_converter(Which, "which")

urlpatterns = [
    path("token/", api.Tokens.as_view(), name="token"),
    path("cases/", api.Cases.as_view(), name="cases"),
    path("cases/similar/", api.Similar.as_view(), name="similar"),
    path("cases/<case:number>/", api.CasePage.as_view(), name="case"),
    path("cases/<case:number>/moves/", api.Moves.as_view(), name="moves"),
    path("cases/<case:number>/steps/", api.Steps.as_view(), name="steps"),
    path("cases/<case:number>/clocks/", api.Clocks.as_view(), name="clocks"),
    path("cases/<case:number>/evidence/", api.CaseEvidence.as_view(), name="case_evidence"),
    path("evidence/", api.Uploads.as_view(), name="uploads"),
    path("evidence/<uuid:pk>/", api.Photo.as_view(), name="evidence"),
    path("evidence/<uuid:pk>/<which:which>/", api.PhotoFile.as_view(), name="evidence_file"),
]
