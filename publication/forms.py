"""What somebody who asks for a digest chooses."""

from django import forms
from django.utils.translation import gettext_lazy as _

from assessment.periods import Period
from assessment.templatetags.scores import period_words
from publication.models import Digest
from staff.forms import Named

MONTHS, QUARTERS = 12, 4


class DigestForm(Named, forms.Form):
    """A month or quarter up to now, and a language."""

    period = forms.ChoiceField(label=_("Period"))
    language = forms.ChoiceField(
        label=_("Language"), choices=Digest._meta.get_field("language").choices
    )

    def __init__(self, *args, city, **kwargs):
        super().__init__(*args, **kwargs)
        self.city = city
        self.fields["period"].choices = [
            (str(period), period_words(period)) for period in periods_of(city)
        ]

    def clean_period(self):
        return Period.read(self.cleaned_data["period"], self.city.time_zone)


def periods_of(city):
    """The last twelve months and four quarters, those that run included, newest first."""
    today = city.today()
    found = []
    for kind, many in (("month", MONTHS), ("quarter", QUARTERS)):
        period = Period.of(kind, today, city.time_zone)
        for _each in range(many):
            found.append(period)
            period = period.before()
    return found
