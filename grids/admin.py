"""The administration of areas, duty grids, posts, rosters and components. A border, a course or a
place is moved on the city's own map or typed as well-known text."""

from django import forms
from django.contrib import admin
from django.contrib.gis.db import models as gis
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.contrib.gis.geos.geometry import wkt_regex
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from grids.models import (
    Absence,
    Area,
    AreaVersion,
    Component,
    Crossing,
    DutyGrid,
    DutyGridMember,
    LandFeature,
    Post,
    Road,
    Roster,
)
from grids.tables import PostTable, refuse_clash, refuse_own
from staff.admin import CityAdmin, SheetAdmin
from staff.forms import Named
from staff.models import Member


class GeometryMap(UnfoldAdminTextareaWidget):
    """A geometry as well-known text, longitude first, below a map on which static/js/admin_map.js
    moves it. GEOS reads it, never GDAL."""

    map_srid = 4326

    def __init__(self, kind):
        super().__init__(attrs={"rows": 5, "spellcheck": "false"})
        self.kind = kind

    def render(self, name, value, attrs=None, renderer=None):
        text = super().render(name, value, attrs, renderer)
        return format_html(
            '<div class="map" data-map data-layers="grids" data-field="{}" data-kind="{}"></div>'
            '<p class="sketch-tools"><button type="button" class="plain-button" data-draw hidden>{}'
            '</button><span data-note role="status"></span></p>{}',
            (attrs or {}).get("id", ""),
            self.kind,
            _("Draw anew"),
            text,
        )

    def format_value(self, value):
        return value.wkt if hasattr(value, "wkt") else value

    def deserialize(self, value):
        try:
            return GEOSGeometry(value, srid=4326) if wkt_regex.match(value.strip()) else None
        except (GEOSException, ValueError):
            return None


def in_degrees(point):
    """ "113.912345, 30.923456": longitude and latitude, to about 10 cm."""
    return f"{point.x:.6f}, {point.y:.6f}" if point else "–"


def on_the_map(geometry):
    """A map that shows a border or a course to somebody who may only read it."""
    if not geometry:
        return "–"
    return format_html(
        '<div class="map" data-map data-layers="grids" data-shape="{}"></div>', geometry.wkt
    )


class GeometryAdmin(CityAdmin):
    """Rows with a geometry, on a map."""

    change_form_template = "admin/grids/change_form.html"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, gis.GeometryField):
            return db_field.formfield(
                widget=GeometryMap(db_field.geom_type),
                help_text=_("Well-known text in WGS 84, longitude first: POINT(113.9 30.9)"),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def viewing(model_admin, request, obj, name, shown):
    """The form's fields, with `shown` for the geometry where the member only reads."""
    fields = [f for f in model_admin.form_fields if f != name]
    may_write = model_admin.has_change_permission(request, obj) if obj else True
    return [*fields, name if may_write else shown]


@admin.register(Area)
class AreaAdmin(CityAdmin):
    list_display = ["name", "code", "level", "parent", "unit"]
    list_filter = ["level", "city"]
    list_select_related = ["parent", "unit"]
    search_fields = ["code__startswith", "name"]
    autocomplete_fields = ["city", "parent", "unit"]
    ordering = ["code"]

    def get_readonly_fields(self, request, obj=None):
        # By its code an area stands in bulletins and steps: another code is another area.
        return ["code"] if obj else []


@admin.register(AreaVersion)
class AreaVersionAdmin(GeometryAdmin):
    city_path = "area__city"
    form_fields = ["area", "valid_from", "valid_until", "population", "households", "geometry"]
    list_display = ["area", "level", "valid_from", "valid_until", "population", "households"]
    list_filter = ["area__level"]
    list_select_related = ["area"]
    search_fields = ["area__code__startswith", "area__name"]
    autocomplete_fields = ["area"]
    readonly_fields = ["outline"]

    def get_fields(self, request, obj=None):
        return viewing(self, request, obj, "geometry", "outline")

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        # A list reads no borders: a city's weigh megabytes.
        return rows if request.resolver_match.kwargs.get("object_id") else rows.defer("geometry")

    @admin.display(description=_("level"))
    def level(self, version):
        return version.area.get_level_display()

    @admin.display(description=_("border"))
    def outline(self, version):
        return on_the_map(version.geometry)


@admin.register(DutyGrid)
class DutyGridAdmin(CityAdmin):
    city_path = "community__city"
    list_display = ["name", "code", "community", "population"]
    list_select_related = ["community"]
    search_fields = ["code__startswith", "name"]
    autocomplete_fields = ["community"]
    ordering = ["code"]


@admin.register(DutyGridMember)
class DutyGridMemberAdmin(CityAdmin):
    city_path = "grid__city"
    list_display = ["duty_grid", "grid", "valid_from", "valid_until"]
    list_select_related = ["duty_grid", "grid"]
    search_fields = ["duty_grid__code__startswith", "grid__code__startswith"]
    autocomplete_fields = ["duty_grid", "grid"]


class PostForm(Named, forms.ModelForm):
    """Says in words what the database would refuse: roles that exclude one another; and that nobody
    gives posts to themselves."""

    giver = None

    def clean(self):
        given = super().clean()
        post = Post(
            pk=self.instance.pk,
            **{k: given.get(k) for k in ("member", "role", "valid_from", "valid_until")},
        )
        refuse_own(post, self.giver)
        if post.member_id and post.role and post.valid_from:
            refuse_clash(post)
        return given


@admin.register(Post)
class PostAdmin(SheetAdmin):
    keeper = "secadmin"
    form = PostForm
    resource_classes = [PostTable]
    list_display = ["member", "role", "area", "duty_grid", "unit", "valid_from", "valid_until"]
    list_filter = ["role", "city"]
    list_select_related = ["member", "area", "duty_grid", "unit"]
    search_fields = ["member__username", "member__name", "area__code__startswith"]
    autocomplete_fields = ["member", "city", "area", "duty_grid", "unit", "deputy"]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.giver = request.user
        return form

    def has_change_permission(self, request, obj=None):
        own = obj is not None and obj.member_id == request.user.pk
        return super().has_change_permission(request, obj) and (
            not own or request.user.is_superuser
        )

    def get_resource_kwargs(self, request, *args, **kwargs):
        colleagues = getattr(request, "colleagues", None)
        given = {"colleagues": colleagues, "giver": request.user}
        return super().get_resource_kwargs(request) | given


@admin.register(Roster)
class RosterAdmin(CityAdmin):
    city_path = "area__city"
    list_display = ["post", "area", "weekdays", "from_minute", "until_minute"]
    list_select_related = [
        "area",
        "post__duty_grid",
        "post__area",
        "post__unit",
        "post__city",
        "post__member",
    ]
    search_fields = ["post__member__name", "area__code__startswith"]
    autocomplete_fields = ["post", "area"]


@admin.register(Absence)
class AbsenceAdmin(CityAdmin):
    """When members do no duty: those of the administrator's own cities."""

    city_path, keeper = "", "secadmin"
    list_display = ["member", "starts_at", "ends_at"]
    list_select_related = ["member"]
    search_fields = ["member__username", "member__name"]
    autocomplete_fields = ["member"]

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        colleagues = getattr(request, "colleagues", None)
        if colleagues is None:
            return rows
        return rows.filter(member__in=Member.objects.filter(colleagues).values("pk"))


@admin.register(Component)
class ComponentAdmin(GeometryAdmin):
    form_fields = [
        "city",
        "code",
        "category_code",
        "grid",
        "state",
        "in_charge",
        "owner",
        "maintainer",
        "point",
    ]
    list_display = ["code", "category_code", "grid", "state", "in_charge", "position"]
    list_filter = ["state"]
    list_select_related = ["grid", "in_charge"]
    search_fields = ["code__startswith", "category_code__startswith"]
    autocomplete_fields = ["city", "grid", "in_charge", "owner", "maintainer"]
    readonly_fields = ["position"]
    ordering = ["city", "code"]

    def get_fields(self, request, obj=None):
        return viewing(self, request, obj, "point", "position")

    @admin.display(description=_("position"))
    def position(self, component):
        return in_degrees(component.point)


@admin.register(Road)
class RoadAdmin(GeometryAdmin):
    form_fields = ["city", "name", "kind", "width_m", "line"]
    list_display = ["name", "kind", "width_m", "city"]
    list_filter = ["kind", "city"]
    list_select_related = ["city"]
    search_fields = ["name"]
    autocomplete_fields = ["city"]
    readonly_fields = ["course"]

    def get_fields(self, request, obj=None):
        return viewing(self, request, obj, "line", "course")

    @admin.display(description=_("course"))
    def course(self, road):
        return on_the_map(road.line)


@admin.register(Crossing)
class CrossingAdmin(GeometryAdmin):
    form_fields = ["city", "one", "other", "point"]
    list_display = ["one", "other", "position"]
    search_fields = ["one", "other"]
    autocomplete_fields = ["city"]
    readonly_fields = ["position"]

    def get_fields(self, request, obj=None):
        return viewing(self, request, obj, "point", "position")

    @admin.display(description=_("position"))
    def position(self, crossing):
        return in_degrees(crossing.point)


@admin.register(LandFeature)
class LandFeatureAdmin(GeometryAdmin):
    form_fields = ["city", "kind", "name", "geometry"]
    list_display = ["name", "kind", "city"]
    list_filter = ["kind"]
    list_select_related = ["city"]
    search_fields = ["name"]
    autocomplete_fields = ["city"]
    readonly_fields = ["outline"]

    def get_fields(self, request, obj=None):
        return viewing(self, request, obj, "geometry", "outline")

    @admin.display(description=_("outline"))
    def outline(self, feature):
        return on_the_map(feature.geometry)
