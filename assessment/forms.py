"""What a person writes against a figure of their own score, the answer to it, and a new version
of a formula."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from assessment.measures import AREAS, COUNT_SCORES, MINUTES, RATES, figures_of
from assessment.models import Formula, ObjectionAnswer
from assessment.subjects import WORDS
from incidents.models import Basis

LONGEST = 2000
BANDS = ("A", "B", "C", "D", "E")
OF_SUBJECTS = [
    ("area", _("Areas")),
    *((kind, words) for kind, words in WORDS.items() if kind not in AREAS),
]


class ObjectionForm(forms.Form):
    """Against the score as a whole, one figure of it, or one case in it."""

    words = forms.CharField(
        label=_("What is wrong, and why"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("Say what is wrong, and why.")},
    )
    code = forms.ChoiceField(label=_("Figure"), required=False)
    case = forms.CharField(label=_("Case number"), required=False, max_length=40)

    def __init__(self, *args, codes, cases, **kwargs):
        """`codes` are the figures as choices, `cases` those that may be named."""
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [("", _("the score as a whole")), *codes]
        self._cases = cases

    def clean_case(self):
        """The Case of the number, None without one."""
        number = self.cleaned_data["case"].strip().upper()
        case = self._cases.filter(number=number).first() if number else None
        if number and case is None:
            raise forms.ValidationError(_("There is no such case."))
        return case


class AnswerForm(forms.Form):
    """The answer: upheld or rejected, with words."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=ObjectionAnswer.Outcome.choices)
    words = forms.CharField(
        label=_("Answer"), max_length=LONGEST, widget=forms.Textarea({"rows": 2})
    )


class FormulaForm(forms.ModelForm):
    """A new version of a formula: whatever could not be reckoned with is refused by its field."""

    subject_kind = forms.ChoiceField(
        label=_("Subjects"), choices=OF_SUBJECTS, widget=UnfoldAdminSelectWidget
    )
    basis = forms.ChoiceField(
        label=_("Basis"), choices=Basis.choices, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Formula
        fields = [
            "subject_kind",
            "code",
            "name_zh",
            "name_en",
            "items",
            "steps",
            "bands",
            "is_default",
            "basis",
        ]

    def clean_items(self):
        items = self.cleaned_data["items"]
        if not isinstance(items, list) or not items:
            raise forms.ValidationError(_("Write a list of items."))
        return [_item(item) for item in items]

    def clean_steps(self):
        """{code of a score of a count: [[most a month, score], …]}, the last without a most."""
        steps = self.cleaned_data["steps"] or {}
        if not isinstance(steps, dict):
            raise forms.ValidationError(_("Write the steps by the code of a score of a count."))
        for code, rows in steps.items():
            if code not in COUNT_SCORES:
                raise forms.ValidationError(_("There is no figure “%(code)s”.") % {"code": code})
            if not _are_pairs(rows) or not _are_steps(rows):
                raise forms.ValidationError(
                    _(
                        "The steps of %(code)s are pairs of a most a month, rising and null in the"
                        " last, and a score from 0 to 100."
                    )
                    % {"code": code}
                )
        return steps

    def clean_bands(self):
        bands = self.cleaned_data["bands"]
        if not _are_pairs(bands) or not _are_bands(bands):
            raise forms.ValidationError(
                _(
                    "Bands are pairs of a letter from A to E and the least score of it, falling"
                    " from 100 at most to 0."
                )
            )
        return bands

    def clean(self):
        """Each score of a count among the items has its steps, each item is a figure of the kind
        of subject."""
        found = super().clean()
        kind, items = found.get("subject_kind"), found.get("items")
        if kind is None or items is None:
            return found
        of_kind = figures_of("community" if kind == "area" else kind)
        for code in [item["code"] for item in items]:
            if code not in of_kind:
                self.add_error(
                    "items", _("%(code)s is no figure of these subjects.") % {"code": code}
                )
            elif code in COUNT_SCORES and code not in found.get("steps", {}):
                self.add_error("steps", _("%(code)s needs its steps.") % {"code": code})
        return found


def _item(item):
    """An item as it is kept: its weight as a decimal in a string, for JSON knows no decimals."""
    code = item.get("code") if isinstance(item, dict) else None
    if code not in RATES and code not in COUNT_SCORES:
        raise forms.ValidationError(_("There is no figure “%(code)s”.") % {"code": code})
    if code in MINUTES:
        raise forms.ValidationError(_("%(code)s is in minutes, no part of 100.") % {"code": code})
    try:
        weight = Decimal(str(item.get("weight")))
    except InvalidOperation:
        weight = Decimal(0)
    if not (weight.is_finite() and 0 < weight <= 100):
        raise forms.ValidationError(_("The weight of %(code)s is a number.") % {"code": code})
    floor, cap = item.get("floor", 0), item.get("cap", 100)
    if not (_is_whole(floor) and _is_whole(cap) and 0 <= floor < cap <= 100):
        raise forms.ValidationError(
            _("Floor and cap of %(code)s are whole numbers from 0 to 100, the floor below the cap.")
            % {"code": code}
        )
    turned = item.get("turned") is True
    return {"code": code, "weight": f"{weight:f}", "turned": turned, "floor": floor, "cap": cap}


def _is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def _are_pairs(rows):
    return (
        isinstance(rows, list)
        and bool(rows)
        and all(isinstance(row, list) and len(row) == 2 for row in rows)
    )


def _are_steps(rows):
    *mosts, last = [most for most, _score in rows]
    return (
        last is None
        and all(_is_whole(most) for most in mosts)
        and mosts == sorted(set(mosts))
        and all(_is_whole(score) and 0 <= score <= 100 for _most, score in rows)
    )


def _are_bands(rows):
    letters, leasts = [letter for letter, _least in rows], [least for _letter, least in rows]
    return (
        all(isinstance(letter, str) and letter in BANDS for letter in letters)
        and letters == sorted(set(letters))
        and all(_is_whole(least) and 0 <= least <= 100 for least in leasts)
        and leasts == sorted(set(leasts), reverse=True)
        and leasts[-1] == 0
    )
