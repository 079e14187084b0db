"""All indicators: what each is called, how it is reckoned, and the cases behind it.

A measure is counted (`counting.FIGURES`), a sum of counted figures, a rate of two, a score of a
count by bands, or a composite or level, which the formulas of `assessment.models` give. Names,
formulas and basis marks come from `indicators.csv`.
"""

import csv
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext_lazy as _

from assessment.measures import (  # noqa: F401 - they register figures
    department,
    everyday,
    post,
    region,
)
from assessment.measures.counting import FIGURES
from assessment.querysets import behind_rows
from incidents.models import Case

AREAS = ("duty_grid", "community", "street", "district", "city")
POSTS = ("worker", "intake", "chief", "supervisor", "dispatcher", "handler")
# The five kinds of subject of the every-days, with the letters of their figures.
EVERYDAY = {
    "owner": "OWN",
    "maintainer": "MNT",
    "overseer": "OVS",
    "managing": "MNG",
    "enforcer": "ENF",
}
KINDS = (*AREAS, "unit", "grid_head", *POSTS, *EVERYDAY)

SUMS = {
    "R_NEED_CLOSE": ("R_CLOSE", "R_OVERDUE_OPEN"),
    "D_NEED_CLOSE": ("D_CLOSE", "D_OVERDUE_OPEN"),
    "D_NEED_DISPOSE": ("D_DISPOSE", "D_OVERTIME_TO_DISPOSE"),
    "P_DIS_NEED": ("P_DIS_DISPATCH",),
    **{f"E_{word}_DUE": (f"E_{word}_DONE", f"E_{word}_LEFT") for word in EVERYDAY.values()},
}
# Code -> (numerator, denominator); in percent but for the mean time, which is in minutes.
RATES = {
    "R_PUB_RATE": ("R_PUB_VERIFIED", "R_INST"),
    "R_FILE_RATE": ("R_INST", "R_ACCEPT"),
    "R_CLOSE_RATE": ("R_CLOSE", "R_NEED_CLOSE"),
    "R_INTIME_CLOSE_RATE": ("R_INTIME_CLOSE", "R_NEED_CLOSE"),
    "R_OVERTIME_CLOSE_RATE": ("R_OVERTIME_CLOSE", "R_NEED_CLOSE"),
    "R_PATROL_RATE": ("R_PATROL", "R_INST"),
    "D_DISPOSE_RATE": ("D_DISPOSE", "D_NEED_DISPOSE"),
    "D_INTIME_DISPOSE_RATE": ("D_INTIME_DISPOSE", "D_NEED_DISPOSE"),
    "D_OVERTIME_DISPOSE_RATE": ("D_OVERTIME_DISPOSE", "D_NEED_DISPOSE"),
    "D_OVERTIME_TO_DISPOSE_RATE": ("D_OVERTIME_TO_DISPOSE", "D_NEED_DISPOSE"),
    "D_REWORK_RATE": ("D_REWORK", "D_NEED_CLOSE"),
    "D_DELAY_RATE": ("D_DELAY", "D_NEED_DISPOSE"),
    "D_CLOSE_RATE": ("D_CLOSE", "D_NEED_CLOSE"),
    "D_INTIME_CLOSE_RATE": ("D_INTIME_CLOSE", "D_NEED_CLOSE"),
    "D_AVG_HANDLE_TIME": ("D_HANDLE_MINUTES", "D_DISPOSE"),
    "P_SUP_VALID_RATE": ("P_SUP_VALID_REPORT", "P_SUP_REPORT"),
    "P_SUP_MISSED_RATE": ("P_SUP_MISSED", "P_SUP_GRID_INST"),
    "P_SUP_COVERAGE_RATE": ("P_SUP_FOUND", "P_SUP_GRID_INST"),
    "P_SUP_VERIFY_RATE": ("P_SUP_INTIME_VERIFY", "P_SUP_NEED_VERIFY"),
    "P_SUP_CHECK_RATE": ("P_SUP_INTIME_CHECK", "P_SUP_NEED_CHECK"),
    "P_ACC_INTIME_RATE": ("P_ACC_INTIME_OPERATE", "P_ACC_OPERATE"),
    "P_ACC_ACCUR_RATE": ("P_ACC_ACCUR_OPERATE", "P_ACC_OPERATE"),
    "P_ACC_VERIFY_RATE": ("P_ACC_INTIME_SEND_VERIFY", "P_ACC_NEED_SEND_VERIFY"),
    "P_CHF_INST_RATE": ("P_CHF_INTIME_INST", "P_CHF_INST"),
    "P_CHF_ACCUR_RATE": ("P_CHF_ACCUR_INST", "P_CHF_INST"),
    "P_CHF_CLOSE_RATE": ("P_CHF_INTIME_CLOSE", "P_CHF_CLOSE"),
    "P_DIS_INTIME_RATE": ("P_DIS_INTIME", "P_DIS_NEED"),
    "P_DIS_ACCUR_RATE": ("P_DIS_ACCUR", "P_DIS_NEED"),
    "P_HDL_INTIME_RATE": ("P_HDL_INTIME", "P_HDL_DISPOSE"),
    **{f"E_{word}_RATE": (f"E_{word}_DONE", f"E_{word}_DUE") for word in EVERYDAY.values()},
}
# Scores of a count by the bands of a formula.
COUNT_SCORES = {
    "R_INST_SCORE": "R_INST",
    "D_COUNT_SCORE": "D_INST",
    "P_ACC_COUNT_SCORE": "P_ACC_OPERATE",
    "P_DIS_COUNT_SCORE": "P_DIS_DISPATCH",
}
MINUTES = ("D_AVG_HANDLE_TIME", "D_HANDLE_MINUTES")
# No figure yet, and what is missing for one (see docs/decisions/0012).
_BY_ITSELF = _("the system sends for verification by itself")
MISSING = {
    "D_SATISFACTION_RATE": _("follow-up answers of reporters"),
    "P_ACC_NEED_SEND_CHECK": _BY_ITSELF,
    "P_ACC_INTIME_SEND_CHECK": _BY_ITSELF,
    "P_ACC_CHECK_RATE": _BY_ITSELF,
}


@dataclass(frozen=True)
class Measure:
    """An indicator as the standard table names it."""

    code: str
    name_zh: str
    name_en: str
    formula: str
    scope: str
    basis: str

    @property
    def unit(self):
        if self.code in MINUTES:
            return "min"
        return "%" if self.code in RATES else ""

    @property
    def formula_zh(self):
        """The formula in Chinese where it follows from others; empty where the table alone has it,
        in English."""
        if self.code in RATES and self.code not in MINUTES:
            over, under = (named(part)[0] for part in RATES[self.code])
            return f"{over} ÷ {under} × 100%"
        return " + ".join(named(part)[0] for part in SUMS.get(self.code, ()))

    def parts(self):
        """The counted figures that it is made of."""
        return parts_of(self.code)


def _read():
    with (Path(__file__).parent.parent / "indicators.csv").open(encoding="utf-8") as file:
        return {row["code"]: Measure(**row) for row in csv.DictReader(file)}


MEASURES = _read()
# Figures that the table's formulas need and do not name: (Chinese, English).
INNER = {
    "R_ACCEPT": ("受理数", "Reports accepted"),
    "R_PATROL": ("巡查发现立案数", "Filed cases found on patrol"),
    "R_PATROL_RATE": ("巡查发现率", "Share found on patrol"),
    "R_OVERDUE_OPEN": ("期末超期未结数", "Open past the limit at the end"),
    "D_OVERDUE_OPEN": ("期末超期未结数", "Open past the limit at the end"),
    "D_HANDLE_MINUTES": ("处置总时长（分钟）", "Minutes of handling"),
    "P_SUP_GRID_INST": ("责任网格立案数", "Cases filed in the own grid"),
    "P_SUP_FOUND": ("责任网格巡查发现数", "Cases of the own grid found on patrol"),
    "P_SUP_COVERAGE_RATE": ("责任网格巡查发现率", "Coverage of the own grid"),
    "P_HDL_INTIME": ("按期处置数（处置人员）", "Cases handled on time by person"),
    "E_OVS_FOUND": ("自己发现上报数", "Problems found and reported"),
}
_DAILY = {
    "OWN": ("权属部件", "own components"),
    "MNT": ("养护部件", "maintained components"),
    "OVS": ("核实核查", "confirming and verifying"),
    "MNG": ("管理事项", "matters managed"),
    "ENF": ("执法事项", "acts enforced"),
}
for _word, (_zh, _en) in _DAILY.items():
    INNER |= {
        f"E_{_word}_DONE": (f"{_zh}当日已办数", f"Done that day: {_en}"),
        f"E_{_word}_LEFT": (f"{_zh}日终超时未办数", f"Overdue at the day's end: {_en}"),
        f"E_{_word}_DUE": (f"{_zh}当日应办数", f"Due that day: {_en}"),
        f"E_{_word}_RATE": (f"{_zh}当日办理率", f"Share done that day: {_en}"),
    }


def named(code):
    """(Chinese, English) name of any code."""
    measure = MEASURES.get(code)
    return (measure.name_zh, measure.name_en) if measure else INNER[code]


def parts_of(code):
    """The codes of the counted figures behind a code, in order, each once."""
    if code in FIGURES:
        return (code,)
    inner = (
        SUMS.get(code) or RATES.get(code) or ((COUNT_SCORES[code],) if code in COUNT_SCORES else ())
    )
    return tuple(dict.fromkeys(part for each in inner for part in parts_of(each)))


def codes_of(kind):
    """The counted figures of a kind of subject."""
    scope = _scope(kind)
    return [figure.code for figure in FIGURES.values() if figure.scope == scope]


@cache
def figures_of(kind):
    """The codes of all figures of a kind of subject: counted, summed, divided, scored."""
    mine = set(codes_of(kind))
    # A score of a count is per unit grid, and only areas have unit grids.
    scored = COUNT_SCORES if kind != "grid_head" else ()
    every = (*FIGURES, *SUMS, *RATES, *scored)
    return tuple(code for code in every if set(parts_of(code)) <= mine)


# The letters with which the standard table begins the codes of a post.
_LETTERS = {
    "worker": "P_SUP_",
    "intake": "P_ACC_",
    "chief": "P_CHF_",
    "supervisor": "P_CHF_CLOSE",
    "dispatcher": "P_DIS_",
    "handler": "P_HDL_",
}


def missing_of(kind):
    """{code: what is missing} of the indicators of a kind that have no figure yet."""
    letters = "D_" if kind == "unit" else _LETTERS.get(kind, " ")
    return {code: why for code, why in MISSING.items() if code.startswith(letters)}


def _scope(kind):
    if kind in AREAS or kind == "grid_head":
        return "region"
    return "department" if kind == "unit" else kind


def is_person(kind):
    """Persons' scores are seen by themselves and those who answer for them, never ranked."""
    return kind in POSTS or kind in ("grid_head", "overseer")


def value_of(code, counts):
    """(value, numerator, denominator) of a code from {counted code: amount}; the value is a
    Fraction, or None where there is nothing to divide by or no such figure."""
    if code in FIGURES:
        return Fraction(counts.get(code, 0)), counts.get(code, 0), 1
    if code in SUMS:
        total = sum(value_of(part, counts)[1] for part in SUMS[code])
        return Fraction(total), total, 1
    if code in RATES:
        over, under = (value_of(part, counts)[1] for part in RATES[code])
        times = 1 if code in MINUTES else 100
        return (Fraction(over * times, under) if under else None), over, under
    return None, 0, 0


# --- SQL -----------------------------------------------------------------------------------------


def occurrences(code, kind, start, end):
    """SQL of (case_id, at, city_id, subject, amount) of a figure between two moments. The moments
    are written in as literals, so that the text may stand inside any other query."""
    figure = FIGURES[code]
    first, last = (f"'{moment.isoformat()}'::timestamptz" for moment in (start, end))
    sql = figure.sql().replace("{end}", last)
    when = "true" if figure.stock else f"f.at >= {first} AND f.at < {last}"
    join, subject = "", "f.city_id" if kind == "city" else f"f.{kind}"
    if kind in POSTS or kind == "overseer":
        subject = "f.member"
    elif kind == "unit" or kind in EVERYDAY:
        subject = "f.unit"
    elif kind == "grid_head":
        # Whoever held the post on the day of the figure, so that days add up.
        then = f"{last} - interval '1 second'" if figure.stock else "f.at"
        day = f"(({then}) AT TIME ZONE t.time_zone)::date"
        join = f"""JOIN staff_city t ON t.id = f.city_id JOIN grids_post p ON p.role = 'grid_head'
            AND p.duty_grid_id = f.duty_grid AND p.valid_from <= {day}
            AND (p.valid_until IS NULL OR p.valid_until > {day})"""
        subject = "p.member_id"
    return f"""SELECT f.case_id, f.at, f.city_id, {subject} AS subject, f.amount
        FROM ({sql}) f {join} WHERE {when} AND {subject} IS NOT NULL"""


def count(city, kind, start, end):
    """{(subject, code): amount} of all subjects of a kind straight from the steps and clocks: one
    statement for every figure and everybody."""
    parts = [
        f"SELECT '{code}' AS code, o.* FROM ({occurrences(code, kind, start, end)}) o"
        for code in codes_of(kind)
    ]
    sql = f"""SELECT subject, code, sum(amount)::bigint FROM ({" UNION ALL ".join(parts)}) a
               WHERE city_id = {int(city.pk)} GROUP BY subject, code HAVING sum(amount) <> 0"""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {(subject, code): int(amount) for subject, code, amount in cursor.fetchall()}


def counted_in(code):
    """The code whose cases stand behind another: a rate's denominator, a score's count."""
    return RATES[code][1] if code in RATES else COUNT_SCORES.get(code, code)


def behind(codes, kind, subject, period, until=None):
    """SQL of (code, case_id, at, amount) of some counted figures of one subject in a period;
    `until` is the moment up to which it was counted."""
    end = min(period.end, until) if until else period.end
    return " UNION ALL ".join(
        f"""SELECT '{code}' AS code, o.case_id, o.at, o.amount
              FROM ({occurrences(code, kind, period.start, end)}) o
             WHERE o.subject = {int(subject)}"""
        for code in codes
    )


def cases_behind(code, kind, subject, period, until=None):
    """The cases that made a figure, as a queryset; `times` says how often each counts, and the sum
    of it is the figure. Of a rate, those of its denominator."""
    counted_by = parts_of(counted_in(code))
    if not counted_by:
        return Case.objects.none()
    found = behind(counted_by, kind, subject, period, until)
    return behind_rows(Case.objects.all(), found, counted=True)
