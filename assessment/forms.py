"""What a person writes against a figure of their own score, and the answer to it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from assessment.models import ObjectionAnswer

LONGEST = 2000


class ObjectionForm(forms.Form):
    """Against the score as a whole, one figure of it, or one case in it."""

    words = forms.CharField(
        label=_("What is wrong, and why"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
    )
    code = forms.ChoiceField(label=_("Figure"), required=False)
    case = forms.CharField(label=_("Case number"), required=False, max_length=40)

    def __init__(self, *args, codes=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("the score as a whole")), *codes]


class AnswerForm(forms.Form):
    """The answer: upheld or rejected, with words."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=ObjectionAnswer.Outcome.choices)
    words = forms.CharField(
        label=_("Answer"), max_length=LONGEST, widget=forms.Textarea({"rows": 2})
    )
