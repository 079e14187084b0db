"""Addresses of scores and the every-days."""

from django.urls import path

from assessment import addresses
from assessment.views import everydays, figure, files, objections, ranking

# Its import makes <kind:…>, <key:…>, <figure:…> and <form:…> known.
assert addresses.Kind

urlpatterns = [
    path("scores/", ranking.ranking, name="scores"),
    path("scores/publish/", ranking.publish_scores, name="publish_scores"),
    path("scores/mine/", figure.my_scores, name="my_scores"),
    path("scores/scores.<form:form>", files.scores_file, name="scores_file"),
    path("scores/inputs.jsonl", files.inputs_file, name="inputs_file"),
    path("scores/objections/", objections.objections, name="objections"),
    path(
        "scores/objections/<int:pk>/answer/", objections.answer_objection, name="answer_objection"
    ),
    path("scores/<kind:kind>/<key:key>/", figure.subject, name="subject"),
    path("scores/<kind:kind>/<key:key>/object/", figure.object_to, name="object_to"),
    path("scores/<kind:kind>/<key:key>/<figure:code>/", figure.figure, name="figure"),
    path(
        "scores/<kind:kind>/<key:key>/<figure:code>/cases.<form:form>",
        files.cases_file,
        name="cases_file",
    ),
    path("everydays/", everydays.everydays, name="everydays"),
]
