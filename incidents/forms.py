"""A form for each move that a member may make, built from what `workflow.moves` says it needs.

What the form gives are the plain values that `workflow.move` takes; whether they are right, the
loop alone decides."""

from django import forms
from django.utils.translation import gettext_lazy as _

from grids.models import Area, Post
from incidents.models import Category, Condition
from staff.models import Unit

TITLES = {
    "category": _("Category"),
    "condition": _("Filing condition"),
    "area": _("Community"),
    "grid": _("Unit grid"),
    "unit": _("Lead unit"),
    "assisting": _("Assisting units"),
    "worker": _("Grid worker"),
    "into": _("Number of the earlier case"),
    "found": _("Found there?"),
    "longitude": _("Longitude"),
    "latitude": _("Latitude"),
    "until": _("Until"),
    "due": _("Due"),
    "promised": _("Promised for"),
    "decision": _("Decision"),
    "photo": _("Photos"),
    "position": _("My position"),
    "level": _("Level"),
    "to": _("To the unit"),
    "reason": _("Reason"),
    "result": _("What was done"),
    "note": _("Note"),
    "words": _("Words"),
    "opinion": _("Opinion"),
}
DECISIONS = [("granted", _("granted")), ("refused", _("refused"))]
NOTHING = ("", "—")


class ManyFiles(forms.FileInput):
    """A choice of several photos; a phone offers its camera."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of uploaded files; `incidents.evidence` looks at what they are."""

    widget = ManyFiles(attrs={"multiple": True, "accept": "image/*,.heic"})

    def clean(self, data, initial=None):
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(PhotosField, self).clean(file, initial) for file in files]


class MoveForm(forms.Form):
    """The facts of one move. `version` is the one that the member saw."""

    move = forms.CharField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, offer, case, *args, **kwargs):
        self.offer, self.case = offer, case
        kwargs.setdefault("initial", {"move": offer.move, "version": case.version})
        # Several of these forms stand on one page.
        kwargs.setdefault("auto_id", f"id_{offer.move}_%s")
        super().__init__(*args, **kwargs)
        names = {need.name for need in offer.needs}
        for need in offer.needs:
            # Only a photo can carry a position by itself; a form has no other device to ask.
            required = need.required and not (need.name == "position" and "photo" in names)
            self.fields[need.name] = self._field(need, required)
        for name, field in self.fields.items():
            if field.required and not field.widget.is_hidden:
                field.widget.attrs["aria-required"] = "true"
            if self.is_bound and name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    def _field(self, need, required):
        common = {"label": TITLES.get(need.name, need.name), "required": required}
        kind = need.type
        if kind == "evidence":
            return PhotosField(**common)
        if kind == "boolean":
            answers = [NOTHING, ("true", _("yes")), ("false", _("no"))]
            return forms.ChoiceField(choices=answers, **common)
        if kind == "choice":
            return forms.ChoiceField(choices=[NOTHING, *DECISIONS], **common)
        if kind == "units":
            return forms.MultipleChoiceField(choices=units_of(self.case), **common)
        if kind in CHOICES:
            return forms.ChoiceField(choices=[NOTHING, *CHOICES[kind](self.case, need)], **common)
        if kind == "datetime":
            clock = forms.DateTimeInput(attrs={"type": "datetime-local"})
            return forms.CharField(widget=clock, help_text=_("In the city's time."), **common)
        if kind == "position":
            return forms.CharField(
                help_text=_("Longitude, latitude; left empty, the photo's own."), **common
            )
        if kind in ("number", "case"):
            return forms.CharField(max_length=40, **common)
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), max_length=4000, **common)

    def clean_position(self):
        """ "113.9, 30.9" as [longitude, latitude]."""
        given = self.cleaned_data["position"].replace("，", ",")
        if not given.strip():
            return None
        try:
            longitude, latitude = (float(part) for part in given.split(","))
        except ValueError:
            raise forms.ValidationError(_("Longitude, latitude is expected.")) from None
        return [longitude, latitude]

    def facts(self):
        """What `workflow.move` takes, without photos and position."""
        apart = ("move", "version", "photo", "position")
        return {k: v for k, v in self.cleaned_data.items() if k not in apart and v not in ("", [])}

    def add_refusal(self, errors):
        """The loop's messages beside their fields; those of no field of the form above all."""
        for name, messages in errors.items():
            place = {"evidence": "photo", "file": "photo"}.get(name, name)
            for message in messages:
                self.add_error(place if place in self.fields else None, message)


def units_of(case, need=None):
    """(code, name) of the units in work of the case's city."""
    units = Unit.objects.filter(city=case.city_id, is_active=True)
    return [(unit.code, str(unit)) for unit in units.exclude(kind__in=("supervision", "command"))]


def _categories(case, need):
    """(code, name) of the catalogue, by class."""
    classes = {}
    for category in Category.objects.of_city(case.city_id).order_by("code"):
        group = f"{category.code.rpartition('-')[0]} {category.class_zh}"
        classes.setdefault(group, []).append((category.code, f"{category.code} {category}"))
    return list(classes.items())


def _conditions(case, need):
    """(code, text) of the filing conditions of the case's subclass."""
    rows = Condition.objects.filter(is_active=True, category=case.category_id).order_by("code")
    return [(row.code, f"{row.code} {row}") for row in rows]


def _areas(case, need):
    """(code, name) of communities, of the unit grids of the case's community, or of the areas
    above it, as the fact asks."""
    areas = Area.objects.filter(city=case.city_id)
    if need.name == "grid":
        areas = areas.filter(level="grid", parent=case.community_id)
    elif need.name == "level":
        areas = areas.filter(pk__in=[case.community_id, case.street_id, case.district_id])
    else:
        areas = areas.filter(level="community")
    return [(a.code, f"{a.code} {a.name}") for a in areas.order_by("code")]


def _workers(case, need):
    """(username, name) of today's grid workers of the case's community and above."""
    posts = Post.objects.on().filter(role="worker", city=case.city_id)
    near = posts.filter(duty_grid__community=case.community_id) | posts.filter(
        area__in=[pk for pk in (case.community_id, case.street_id, case.district_id) if pk]
    )
    found = {}
    for post in near.select_related("member", "duty_grid", "area").order_by("duty_grid", "pk"):
        found[post.member.username] = f"{post.member} · {post.duty_grid or post.area}"
    return list(found.items())


CHOICES = {
    "category": _categories,
    "condition": _conditions,
    "area": _areas,
    "unit": units_of,
    "worker": _workers,
}
