"""Addresses of the loop's API, below /api/."""

from django.urls import path

from incidents import addresses, api

app_name = "api"
# Its import makes <case:…> and <which:…> known.
assert addresses.CaseNumber

urlpatterns = [
    path("token/", api.Tokens.as_view(), name="token"),
    path("cases/", api.Cases.as_view(), name="cases"),
    path("cases/similar/", api.Similar.as_view(), name="similar"),
    path("cases/<case:number>/", api.CasePage.as_view(), name="case"),
    path("cases/<case:number>/moves/", api.Moves.as_view(), name="moves"),
    path("cases/<case:number>/steps/", api.Steps.as_view(), name="steps"),
    path("cases/<case:number>/clocks/", api.Clocks.as_view(), name="clocks"),
    path("cases/<case:number>/evidence/", api.CaseEvidence.as_view(), name="case_evidence"),
    path("receipts/", api.Receipts.as_view(), name="receipts"),
    path("evidence/", api.Uploads.as_view(), name="uploads"),
    path("evidence/<uuid:pk>/", api.Photo.as_view(), name="evidence"),
    path("evidence/<uuid:pk>/<which:which>/", api.PhotoFile.as_view(), name="evidence_file"),
]
