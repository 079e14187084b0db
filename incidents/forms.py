"""A form for each move that a member may make, built from what `workflow.moves` says it needs.

What the form gives are the plain values that `workflow.move` takes; whether they are right, the
loop alone decides."""

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from grids.models import Area
from incidents.facts import TITLES
from incidents.lights import WORDS
from incidents.models import Category, Condition, Kind, Stage
from incidents.rules import askable
from staff.forms import Named
from staff.models import Unit, in_language

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


class KeptPhotos(forms.Field):
    """Ids of photos that were taken in before the form was refused, so that nobody takes them
    again; whether they are this member's the loop looks at."""

    widget = forms.MultipleHiddenInput

    def clean(self, value):
        return [str(key) for key in value or ()][:20]


class MoveForm(Named, forms.Form):
    """The facts of one move. `version` is the one that the member saw, `suggested` what is filled
    in beforehand."""

    move = forms.CharField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, offer, case, *args, suggested=None, **kwargs):
        self.offer, self.case = offer, case
        begun = {"move": offer.move, "version": case.version}
        kwargs.setdefault("initial", begun | (suggested or {}))
        # Several of these forms stand on one page.
        kwargs.setdefault("auto_id", f"id_{offer.move}_%s")
        super().__init__(*args, **kwargs)
        names = {need.name for need in offer.needs}
        for need in offer.needs:
            # A place on no border lies in one grid: there is nothing to choose.
            if need.name in ("area", "grid") and not case.on_border:
                continue
            # Only a photo can carry a position by itself; a form has no other device to ask.
            required = need.required and not (need.name == "position" and "photo" in names)
            self.fields[need.name] = self._field(need, required)
        if "photo" in names:
            self.fields["kept"] = KeptPhotos(required=False)
            if self.photos_kept:
                self.fields["photo"].required = False
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
            boxes = forms.CheckboxSelectMultiple
            return forms.MultipleChoiceField(choices=self.units, widget=boxes, **common)
        if kind == "unit":
            return forms.ChoiceField(choices=[NOTHING, *self.units], **common)
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
            words = _("“%(label)s”: longitude and latitude are expected, as 113.9, 30.9.")
            named = {"label": self.fields["position"].label}
            raise forms.ValidationError(words % named) from None
        return [longitude, latitude]

    @cached_property
    def unit_rows(self):
        """The units in work of the case's city, asked once for lead, assisting and calendars."""
        return list(Unit.objects.filter(city=self.case.city_id).that_handle())

    @cached_property
    def units(self):
        """(code, name) of the units to choose from."""
        return [(unit.code, str(unit)) for unit in self.unit_rows]

    @property
    def photos_kept(self):
        """The ids of photos taken in with an earlier try of this form. Not `kept`: a template would
        find the field of that name first."""
        return self.data.getlist("kept") if hasattr(self.data, "getlist") else []

    def keep(self, photos):
        """Show the form again with these photos kept and the case's version of today."""
        self.data = self.data.copy()
        self.data.setlist("kept", [*self.photos_kept, *(str(photo.pk) for photo in photos)])
        self.data["version"] = self.case.version
        if self.photos_kept and "photo" in self.fields:
            self.fields["photo"].required = False

    def facts(self):
        """What `workflow.move` takes, without photos and position."""
        apart = ("move", "version", "photo", "kept", "position")
        return {k: v for k, v in self.cleaned_data.items() if k not in apart and v not in ("", [])}

    def add_refusal(self, errors):
        """The loop's messages beside their fields; those of no field of the form above all."""
        own = set(self.errors)
        for name, messages in errors.items():
            place = {"evidence": "photo", "file": "photo"}.get(name, name)
            for message in messages if place not in own else ():
                self.add_error(place if place in self.fields else None, message)


def _categories(case, need):
    """(code, name) of the catalogue, by class."""
    classes = {}
    for category in Category.objects.of_city(case.city_id).order_by("code"):
        name = in_language(category.class_zh, category.class_en)
        group = f"{category.code.rpartition('-')[0]} {name}"
        classes.setdefault(group, []).append((category.code, f"{category.code} {category}"))
    return list(classes.items())


def _conditions(case, need):
    """(code, text) of the filing conditions of the case's subclass."""
    rows = Condition.objects.in_use_for(case.category_id)
    return [(row.code, f"{row.code} {row}") for row in rows]


def _areas(case, need):
    """(code, name) of the unit grids on whose border the case lies, since the loop files it in no
    other."""
    codes = [case.grid.code, *case.on_border] if case.grid else case.on_border
    return [(code, code) for code in codes]


def _workers(case, need):
    """(area, [(username, name)]) of the grid workers who may be asked, the case's own community
    first."""
    posts = askable(case).select_related("member", "duty_grid__community", "area")
    by_area, seen = {}, set()
    for post in posts.order_by("duty_grid", "pk"):
        if post.member_id not in seen:
            seen.add(post.member_id)
            area = post.duty_grid.community if post.duty_grid else post.area
            name = f"{post.member} · {post.duty_grid or area}"
            by_area.setdefault(area, []).append((post.member.username, name))
    order = sorted(by_area, key=lambda area: (area.pk != case.community_id, area.code))
    return [(str(area), by_area[area]) for area in order]


CHOICES = {
    "category": _categories,
    "condition": _conditions,
    "area": _areas,
    "worker": _workers,
}


class ReasonForm(Named, forms.Form):
    """Why somebody looks at what is masked; a few words at least, for whoever audits."""

    reason = forms.CharField(
        label=_("Reason for looking (needed, goes into the audit log)"),
        min_length=4,
        max_length=200,
    )


# What people call the filters of an address.
LABELS = {
    "stage": _("Stage"),
    "kind": _("Kind"),
    "category": _("Category"),
    "area": _("Area"),
    "unit": _("Lead unit"),
    "light": _("Time left"),
    "clock": _("Clock"),
    "within": _("Hours left"),
    "waiting_on": _("Turn"),
    "text": _("Number, place, words"),
}


def left_out(wrong):
    """[(what people call it, value)] of filters that are not obeyed, for `_left_out.html`."""
    return [(LABELS.get(name, name), str(value)[:60]) for name, value in wrong.items()]


class ListFilters(forms.Form):
    """The filters of a list as its address says them. What is wrong is left out and said, not
    refused: a list must open."""

    def choose(self, name, choices):
        """Let a field be chosen from these, or left out."""
        self.fields[name].choices = [("", _("all")), *choices]

    def asked(self):
        """{name: value} of what was asked for."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def left_out(self):
        """What is wrong in the address, for `_left_out.html`."""
        return left_out({name: self.data[name] for name in self.errors})


class CaseSearch(ListFilters):
    """The filters of the list of cases."""

    text = forms.CharField(label=_("Number, place, words"), required=False, max_length=80)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    light = forms.ChoiceField(label=_("Time left"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    unit = forms.ChoiceField(label=_("Lead unit"), required=False)
    waiting_on = forms.ChoiceField(label=_("Turn"), required=False)
    category = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)
    within = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=168
    )

    def __init__(self, *args, city_id=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.choose("stage", [("open", _("all open")), *Stage.choices])
        self.choose("light", WORDS.items())
        self.choose("kind", Kind.choices)
        self.choose("waiting_on", [("me", _("mine"))])
        self.choose("area", places_of(city_id))
        self.choose("unit", units_of(city_id))

    def asked(self):
        """What `filters.narrowed` and `page_of` take."""
        found = super().asked()
        if "stage" in found:
            found["stage"] = [found["stage"]]
        return found


def units_of(city_id):
    """(code, name) of the units of a city that handle."""
    return [(unit.code, str(unit)) for unit in Unit.objects.filter(city=city_id).that_handle()]


def places_of(city_id):
    """(code, name) of the streets, each with its communities after it."""
    areas = Area.objects.filter(city=city_id).streets_and_communities()
    return [(a.code, a.name if a.level == "street" else f"\u3000{a.name}") for a in areas]
