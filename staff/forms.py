"""Forms of the calendars' page."""

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


class MomentField(forms.CharField):
    """A local time, as the browser's own control writes it."""

    widget = forms.TextInput(attrs={"type": "datetime-local"})


class TrialForm(forms.Form):
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
            self.add_error(_FIELDS.get(bad.argument, "pause_from"), bad.reason)
        return asked
