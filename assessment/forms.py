"""What a person writes against a figure of their own score, the answer to it, and a new version
of a formula."""

import json
from decimal import Decimal, InvalidOperation

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from assessment.measures import AREAS, COUNT_SCORES, MINUTES, RATES, figures_of, named
from assessment.models import Formula, ObjectionAnswer
from assessment.subjects import WORDS
from incidents.models import Basis
from lib.numbers import whole
from staff.forms import Named
from staff.models import in_language

LONGEST = 2000
BANDS = ("A", "B", "C", "D", "E")
OF_SUBJECTS = [
    ("area", _("Areas")),
    *((kind, words) for kind, words in WORDS.items() if kind not in AREAS),
]


class ObjectionForm(Named, forms.Form):
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


class AnswerForm(Named, forms.Form):
    """The answer: upheld or rejected, with words."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=ObjectionAnswer.Outcome.choices)
    words = forms.CharField(
        label=_("Answer"), max_length=LONGEST, widget=forms.Textarea({"rows": 2})
    )


class RowsWidget(forms.Widget):
    """A list as rows of cells instead of JSON. What a program sends as JSON under the field's own
    name is taken as it is."""

    template = ""

    def value_from_datadict(self, data, files, name):
        if name in data or f"{name}-rows" not in data:
            return data.get(name)
        return json.dumps(self.read(data, name))

    def value_omitted_from_data(self, data, files, name):
        return name not in data and f"{name}-rows" not in data

    def render(self, name, value, attrs=None, renderer=None):
        try:
            known = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            known = None
        context = self.shown(known if isinstance(known, list) else [])
        return render_to_string(self.template, {"name": name} | context)


class ItemsWidget(RowsWidget):
    """The items of a formula, a figure a row, and some rows more for others."""

    template = "admin/assessment/formula/_items.html"
    spare, most = 3, 60
    # (cell, what it is called, what it is where it is left empty)
    numbers = (("weight", _("Weight"), ""), ("floor", _("Floor"), "0"), ("cap", _("Cap"), "100"))

    def read(self, data, name):
        items = []
        for row in range(min(whole(data[f"{name}-rows"]) or 0, self.most)):
            cells = {
                cell: data.get(f"{name}-{row}-{cell}", "").strip()
                for cell in ("code", "weight", "floor", "cap", "turned")
            }
            if any(cells.values()):
                floor, cap = _number(cells["floor"] or "0"), _number(cells["cap"] or "100")
                turned = bool(cells["turned"])
                items.append(cells | {"floor": floor, "cap": cap, "turned": turned})
        return items

    def shown(self, known):
        codes = [code for code in (*RATES, *COUNT_SCORES) if code not in MINUTES]
        rows = [dict(row) for row in known if isinstance(row, dict)]
        for row in rows:
            row["is_unknown"] = row.get("code") not in codes
        rows += [{} for _row in range(self.spare)]
        for row in rows:
            row["cells"] = [
                {"name": cell, "words": words, "usual": usual, "value": row.get(cell)}
                for cell, words, usual in self.numbers
            ]
        figures = sorted((in_language(*named(code)), code) for code in codes)
        return {
            "rows": rows,
            "numbers": self.numbers,
            "figures": [(code, words) for words, code in figures],
        }


class BandsWidget(RowsWidget):
    """The least score of each letter; a letter without one is left out."""

    template = "admin/assessment/formula/_bands.html"

    def read(self, data, name):
        given = [(letter, data.get(f"{name}-{letter}", "").strip()) for letter in BANDS]
        return [[letter, _number(least)] for letter, least in given if least]

    def shown(self, known):
        least = {row[0]: row[1] for row in known if isinstance(row, list) and len(row) == 2}
        return {"rows": [{"letter": letter, "least": least.get(letter)} for letter in BANDS]}


def _number(text):
    """A whole number; what is none is kept for the message that refuses it."""
    found = whole(text)
    return text if found is None else found


class FormulaForm(Named, forms.ModelForm):
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
        widgets = {"items": ItemsWidget, "bands": BandsWidget}
        help_texts = {
            "items": _(
                "A score is the mean of the figures by their weights. Of a figure of which less is"
                " better 100 less it counts; what is below the floor or above the cap counts as"
                " these. Empty rows are left out."
            ),
            "steps": _(
                "By the code of a score of a count: pairs of a most a month, rising and null in the"
                " last, and the score from 0 to 100 up to it."
            ),
        }

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
