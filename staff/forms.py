"""What every form of the pages says of a field that is wrong; the form of the calendars' page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lib import worktime
from staff.trial import BadTrial, try_limit

KINDS = [
    (worktime.HOUR, _("hours, day and night")),
    (worktime.WORK_HOUR, _("working hours")),
    (worktime.WORK_DAY, _("work days")),
    (worktime.DAY, _("local days")),
]
# The arguments of `due_at` by the field that asks for them.
_FIELDS = {"LIMIT": "limit", "KIND": "kind", "START": "start", "--extend": "extend"}


# What is said in place of Django's words, which speak of "this field" and "this value". What stands
# after the label is filled in by whatever refuses the value.
_SAID = {
    "required": _("“%(label)s” must not be empty."),
    "empty": _("“%(label)s”: this file is empty."),
    "invalid": _("“%(label)s” is not written as expected."),
    "invalid_choice": _("“%(label)s”: choose one of those offered."),
    "invalid_pk_value": _("“%(label)s”: choose one of those offered."),
    "invalid_list": _("“%(label)s”: choose among those offered."),
    "min_length": _(
        "“%(label)s” takes at least %(limit_value)s characters; this is %(show_value)s."
    ),
    "max_length": _(
        "“%(label)s” takes at most %(limit_value)s characters; this is %(show_value)s."
    ),
    "min_value": _("“%(label)s” is %(limit_value)s at least."),
    "max_value": _("“%(label)s” is %(limit_value)s at most."),
    "max_digits": _("“%(label)s” takes at most %(max)s digits."),
    "max_whole_digits": _("“%(label)s” takes at most %(max)s digits before the point."),
    "max_decimal_places": _("“%(label)s” takes at most %(max)s digits after the point."),
    "null_characters_not_allowed": _("“%(label)s” holds a character that cannot be kept."),
    "item_invalid": _("“%(label)s”, entry %(nth)s:"),
    **dict.fromkeys(
        ("invalid_geom", "invalid_geom_type", "no_geom", "transform_error"),
        _("“%(label)s”: this is no shape that a map can show."),
    ),
}
# What a field that is not read as it should be would have been; the first kind that fits.
_KINDS = (
    (forms.FloatField, _("“%(label)s” is a number.")),
    (forms.DecimalField, _("“%(label)s” is a number.")),
    (forms.IntegerField, _("“%(label)s” is a whole number.")),
    (forms.DateTimeField, _("“%(label)s” is a day and a time, as 2026-07-14 10:42.")),
    (forms.DateField, _("“%(label)s” is a day, as 2026-07-14.")),
    (forms.TimeField, _("“%(label)s” is a time of day, as 22:00.")),
)


class Named:
    """A form whose messages name their field, in the reader's language. Words that a form or a
    field of ours has for itself stay."""

    def full_clean(self):
        for bound in self:
            _name(bound.field, str(bound.label))
        super().full_clean()


class RowForm(Named, forms.ModelForm):
    """The form of a row of the administration."""


def _name(field, label):
    # A day and a time of their own are two fields in one.
    for part in getattr(field, "fields", ()):
        _name(part, label)
    kinds = [words for kind, words in _KINDS if isinstance(field, kind)]
    said = _SAID | ({"invalid": kinds[0]} if kinds else {})
    for code, words in said.items():
        if _is_djangos(field, code):
            # A per cent sign of the label would be filled in as well.
            named = words.replace("%(label)s", label.replace("%", "％"))
            field.error_messages[code] = named


def _is_djangos(field, code):
    """True unless a form or a field of ours has words of its own for it."""
    said = field.error_messages.get(code)
    kinds = [*type(field).__mro__, forms.SplitDateTimeField]
    djangos = [vars(kind) for kind in kinds if kind.__module__.startswith("django.")]
    words = [each for kind in djangos for each in kind.get("default_error_messages", {}).values()]
    return said is None or any(said is each for each in words)


class MomentField(forms.CharField):
    """A local time, as the browser's own control writes it."""

    widget = forms.TextInput(attrs={"type": "datetime-local"})


class TrialForm(Named, forms.Form):
    """ "This limit from that moment": what `manage.py due_at` takes, with one pause at most."""

    limit = forms.CharField(label=_("Limit"), max_length=20)
    kind = forms.ChoiceField(label=_("Kind of time"), choices=KINDS)
    start = MomentField(label=_("Runs from"))
    pause_from = MomentField(label=_("Paused from"), required=False)
    pause_to = MomentField(label=_("Paused to"), required=False)
    extend = MomentField(label=_("Extended at"), required=False)

    def __init__(self, *args, calendar, **kwargs):
        super().__init__(*args, **kwargs)
        self.calendar, self.trial = calendar, None
        for name, field in self.fields.items():
            if self.is_bound and self.errors.get(name):
                field.widget.attrs |= {
                    "aria-invalid": "true",
                    "aria-describedby": f"wrong_{name}",
                }

    def clean(self):
        """Try it: `trial` is the answer."""
        asked = super().clean()
        if self.errors:
            return asked
        pause = (asked["pause_from"], asked["pause_to"])
        try:
            self.trial = try_limit(
                self.calendar,
                amount=asked["limit"],
                kind=asked["kind"],
                start=asked["start"],
                pauses=[pause] if any(pause) else [],
                extensions=[asked["extend"]] if asked["extend"] else [],
            )
        except BadTrial as bad:
            for argument, reason in bad.faults:
                self.add_error(_FIELDS.get(argument, "pause_from"), reason)
        return asked
