"""The loop over HTTP. Each view reads what came in, asks the one door or one query, and answers.

Every list, case and photo passes `visible_to`; what one may not see does not exist (404). Refusals
of the loop become problem documents in gridcity/api.py.
"""

import hashlib
import json

from django.contrib.auth import authenticate
from django.contrib.gis.geos import Point
from django.db.models import Prefetch
from django.http import FileResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.authtoken.models import Token
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from grids.backends import cities_with, posts_of
from incidents import evidence as photos
from incidents import routing, sending, ways, workflow
from incidents import serializers as shapes
from incidents.facts import BadFacts, Forbidden, Hidden
from incidents.filters import (
    CaseFilters,
    SimilarQuery,
    as_read_by,
    ledgers_of,
    narrowed,
    owed_on,
    page_of,
    set_back,
)
from incidents.models import Case, Category, Evidence, Gateway, Message, Step
from incidents.scope import last_step_for
from lib import now as clock

MOST_SIMILAR = 10
LONGEST_KEY = 200
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key with the same body gets the same answer, for good; "
    "with another body 409.",
)


def answers(*codes, ok=200, shape=None):
    """The answers of an operation for the schema: the good one, and problems by status."""
    problems = {(status, "application/problem+json"): shapes.Problem for status in codes}
    return {ok: shape, **problems}


class AnyAnswer(DefaultContentNegotiation):
    """The API has one way to say a thing; what the client would rather have does not matter."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class View(APIView):
    """What all views share: the caller's language, and the cases that the caller may see."""

    content_negotiation_class = AnyAnswer

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # Who says no language gets their own; LocaleMiddleware knows only the header.
        if request.user.is_authenticated and not request.headers.get("Accept-Language"):
            translation.activate(request.user.language)

    def case_of(self, number, *related):
        """The case, if the caller may see it; Hidden if not."""
        cases = Case.objects.visible_to(self.request.user).select_related(*related)
        found = cases.filter(number=number).first()
        if found is None:
            raise Hidden(_("There is no such case."))
        return found

    def shown(self, case):
        """A case as its page shows it to the caller."""
        as_read_by(self.request.user, [case])
        context = {"user": self.request.user, "owed": owed_on([case])}
        return shapes.CaseDetail(case, context=context).data

    def after(self, case):
        """A case that the caller has just moved, as it is now; one that has left their sight by
        that, as they left it."""
        now = Case.objects.visible_to(self.request.user).select_related(*shapes.DETAIL_NEEDS)
        found = now.filter(pk=case.pk).first()
        if found is None:
            found = Case.objects.select_related(*shapes.DETAIL_NEEDS).get(pk=case.pk)
            mine = Step.objects.filter(case=case, by=self.request.user)
            set_back(found, mine.order_by("-seq").first())
        return self.shown(found)


def read(shape, data):
    """The validated values of a request; raises DRF's ValidationError."""
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def key_of(request):
    """The request's Idempotency-Key, "" if it has none."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable() or not key.isascii():
        raise BadFacts({"Idempotency-Key": [_("At most 200 plain characters.")]})
    return key


def said_once(request):
    """The arguments by which the loop recognises a request that comes again."""
    body = json.dumps([request.path, request.data], sort_keys=True, default=str)
    return {
        "idempotency_key": key_of(request),
        "body_hash": hashlib.sha256(body.encode("utf-8", "backslashreplace")).hexdigest(),
    }


def city_of(user, permission=None):
    """The city of the caller's post, of one that has a permission if there is such: where they
    report and what they compare with."""
    cities = cities_with(user, permission) or cities_with(user)
    if not cities:
        raise Forbidden(_("You hold no post today."))
    return cities[0]


class Tokens(View):
    """Sign in once with user name and password for a token that later requests carry."""

    def get_authenticators(self):
        return super().get_authenticators() if self._signs_out() else []

    def get_permissions(self):
        return super().get_permissions() if self._signs_out() else []

    def _signs_out(self):
        return self.request is not None and self.request.method == "DELETE"

    @extend_schema(
        request=shapes.Credentials, responses=answers(400, 429, shape=shapes.Token), auth=[]
    )
    def post(self, request):
        # axes counts failures on Django's own request and locks after too many.
        plain = request._request
        user = authenticate(plain, **read(shapes.Credentials, request.data))
        if getattr(plain, "axes_locked_out", False):
            plain.axes_locked_out = False  # else its middleware answers with a page
            raise exceptions.Throttled(detail=_("Too many failures; try again later."))
        if user is None:
            raise BadFacts({"password": [_("User name or password is wrong.")]})
        token, _new = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})

    @extend_schema(responses=answers(401, 403, ok=204))
    def delete(self, request):
        """Sign out everywhere: the token is worth nothing any more."""
        Token.objects.filter(user=request.user).delete()
        return Response(status=204)


class Receipts(View):
    """What a city's gateway says became of a text message, signed with the gateway's secret as the
    message was (Standard Webhooks). The same receipt may come any number of times."""

    authentication_classes = []
    permission_classes = []

    @extend_schema(request=shapes.ReceiptIn, responses=answers(400, 403, 415, ok=204), auth=[])
    def post(self, request):
        content = request.body  # as it was signed, before anything reads it
        given = read(shapes.ReceiptIn, request.data)
        message = Message.objects.filter(key=given["id"], channel="sms").first()
        gateway = Gateway.objects.filter(pk=message.destination).first() if message else None
        # Who cannot sign learns nothing of which messages there are.
        if gateway is None or not ways.is_signed(gateway.secret, request.headers, content):
            raise Forbidden(_("The signature is not the gateway's, or is too old."))
        sending.receive(message, status=given["status"], error=given.get("error", ""))
        return Response(status=204)


class Cases(View):
    """The cases one may see; a new one."""

    @extend_schema(
        operation_id="cases_list",
        parameters=[CaseFilters],
        responses=answers(400, 401, shape=shapes.CasePage),
    )
    def get(self, request):
        asked = read(CaseFilters, request.query_params.dict())
        cases = Case.objects.visible_to(request.user).select_related(*shapes.ROW_NEEDS)
        rows, cursor = page_of(narrowed(cases, asked, request.user), asked)
        as_read_by(request.user, rows)
        here = request.build_absolute_uri()
        results = shapes.CaseRow(rows, many=True, context={"owed": owed_on(rows)}).data
        following = replace_query_param(here, "cursor", cursor) if cursor else None
        return Response({"results": results, "next": following})

    @extend_schema(
        parameters=[KEY],
        request=shapes.Report,
        responses=answers(400, 401, 403, 409, 415, ok=201, shape=shapes.CaseDetail),
    )
    def post(self, request):
        given = read(shapes.Report, request.data)
        point = [given.pop("longitude"), given.pop("latitude")]
        takes_down = request.user.has_perm("incidents.told_case")
        given.setdefault("source", "hotline" if takes_down else "patrol")
        case = workflow.report(
            request.user,
            city=city_of(request.user, "incidents.report_case"),
            point=point,
            **given,
            **said_once(request),
        )
        return Response(self.after(case), status=201)


class CasePage(View):
    """One case."""

    @extend_schema(responses=answers(401, 404, shape=shapes.CaseDetail))
    def get(self, request, number):
        return Response(self.shown(self.case_of(number, *shapes.DETAIL_NEEDS)))


class Moves(View):
    """What the caller may do with a case now, and doing it."""

    @extend_schema(responses=answers(401, 404, shape=shapes.OfferOut(many=True)))
    def get(self, request, number):
        case = self.case_of(number, "city", "unit", "community", "reporter", "category")
        cut = last_step_for(request.user, case) is not None
        offers = workflow.moves(case, request.user, cut=cut)
        choice = routing.suggestion(case, *(offer.move for offer in offers))
        return Response(shapes.OfferOut(offers, many=True, context={"choice": choice}).data)

    @extend_schema(
        parameters=[KEY],
        request=shapes.MoveIn,
        responses=answers(400, 401, 403, 404, 409, 415, shape=shapes.CaseDetail),
    )
    def post(self, request, number):
        facts = read(shapes.MoveIn, request.data)
        try:
            case = workflow.move(
                number, facts.pop("move"), request.user, **facts, **said_once(request)
            )
        except BadFacts as wrong:
            names = shapes.FIELD_NAMES
            raise BadFacts({names.get(k, k): v for k, v in wrong.errors.items()}) from None
        return Response(self.after(case))


class Steps(View):
    """The history of a case, as far as the caller may read it."""

    @extend_schema(responses=answers(401, 404, shape=shapes.StepOut(many=True)))
    def get(self, request, number):
        case = self.case_of(number)
        steps = case.steps.up_to(last_step_for(request.user, case)).order_by("seq")
        steps = steps.prefetch_related(Prefetch("evidence", Evidence.objects.only("step")))
        context = {"user": request.user}
        return Response(shapes.StepOut(steps, many=True, context=context).data)


class Clocks(View):
    """The clocks of a case with their ledgers, as far as the caller may read it."""

    @extend_schema(responses=answers(401, 404, shape=shapes.ClockOut(many=True)))
    def get(self, request, number):
        case = self.case_of(number)
        clocks = ledgers_of(case, last_step_for(request.user, case))
        return Response(shapes.ClockOut(clocks, many=True).data)


EVIDENCE_NEEDS = ("uploaded_by", "case", "step")


class CaseEvidence(View):
    """The photos of a case, as far as the caller may read it."""

    @extend_schema(responses=answers(401, 404, shape=shapes.CaseEvidenceOut(many=True)))
    def get(self, request, number):
        case = self.case_of(number)
        last = last_step_for(request.user, case)
        rows = Evidence.objects.visible_to(request.user).filter(case=case)
        rows = rows.select_related(*EVIDENCE_NEEDS).order_by("step__seq", "uploaded_at", "pk")
        if last is not None:
            rows = rows.filter(step__seq__lte=last)
        context = {"case": case, "user": request.user}
        return Response(shapes.CaseEvidenceOut(rows, many=True, context=context).data)


class Similar(View):
    """Cases of the same subclass, near and recent: is this report one of them?"""

    @extend_schema(
        parameters=[SimilarQuery],
        responses=answers(400, 401, 403, shape=shapes.SimilarOut(many=True)),
    )
    def get(self, request):
        asked = read(SimilarQuery, request.query_params.dict())
        city = city_of(request.user)
        category = Category.objects.of_city(city).filter(code=asked["category"]).first()
        if category is None:
            raise BadFacts({"category": [_("There is no such category in the catalogue.")]})
        point = Point(asked["longitude"], asked["latitude"], srid=4326)
        cases = Case.objects.visible_to(request.user).similar_to(
            category_id=category.pk, point=point, city_id=city.pk
        )
        return Response(shapes.SimilarOut(hints(cases, point, request.user), many=True).data)


def hints(cases, point, user):
    """Similar cases with photo, distance and age. One query for them, one for their photos."""
    cases = as_read_by(user, list(cases[:MOST_SIMILAR]))
    first = Evidence.objects.visible_to(user).first_of(cases)
    for case in cases:
        case.distance_m = photos.metres(point, case.point)
        case.age_seconds = int((clock.now() - case.reported_at).total_seconds())
        photo = first.get(case.pk)
        case.photo = shapes.file_address(photo, "thumbnail") if photo else None
    return cases


class Uploads(View):
    """Send a photo; name its id in a report or a move afterwards. No case is touched."""

    parser_classes = [MultiPartParser]

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # Said before the body is read: nobody fills the disk with what will be refused.
        if int(request.META.get("CONTENT_LENGTH") or 0) > photos.MOST_BYTES + 65_536:
            raise BadFacts({"file": [_("A photo may have at most 15 MB.")]})

    @extend_schema(
        parameters=[KEY],
        request={"multipart/form-data": shapes.Upload},
        responses=answers(400, 401, 403, 409, 415, ok=201, shape=shapes.EvidenceOut),
    )
    def post(self, request):
        if not posts_of(request.user):
            raise Forbidden(_("You hold no post today."))
        file = read(shapes.Upload, request.data)["file"]
        photo = photos.take_in(file, request.user, key=key_of(request))
        return Response(shapes.EvidenceOut(photo, context={"user": request.user}).data, status=201)


class PhotoView(View):
    """A view of one photo that the caller may see."""

    def photo_of(self, pk, *related):
        seen = Evidence.objects.visible_to(self.request.user).select_related(*related)
        photo = seen.filter(pk=pk).first()
        if photo is None:
            raise Hidden(_("There is no such photo."))
        return photo


class Photo(PhotoView):
    """The facts of one photo."""

    @extend_schema(responses=answers(401, 404, shape=shapes.EvidenceOut))
    def get(self, request, pk):
        photo = self.photo_of(pk, *EVIDENCE_NEEDS)
        return Response(shapes.EvidenceOut(photo, context={"user": request.user}).data)


class PhotoFile(PhotoView):
    """A photo as others may see it, or its thumbnail: no metadata, and never the original."""

    @extend_schema(
        operation_id="evidence_file_retrieve",
        parameters=[
            OpenApiParameter("which", str, OpenApiParameter.PATH, enum=["shown", "thumbnail"])
        ],
        responses={
            (200, "image/jpeg"): OpenApiTypes.BINARY,
            (401, "application/problem+json"): shapes.Problem,
            (404, "application/problem+json"): shapes.Problem,
        },
    )
    def get(self, request, pk, which):
        photo = self.photo_of(pk)
        try:
            file = photos.open_file(photo, which)
        except FileNotFoundError:
            raise Hidden(_("There is no such photo.")) from None
        response = FileResponse(file, content_type="image/jpeg")
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, max-age=300"
        return response
