"""A formula applied to counts: exact fractions, rounded once, at the end."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from assessment.measures import COUNT_SCORES, value_of


def rounded(value):
    """A Fraction to two decimals, half up; None stays."""
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def figure(code, counts, formula, months):
    """(value, numerator, denominator) of a code; scores of a count by the formula's steps."""
    if code not in COUNT_SCORES:
        return value_of(code, counts)
    counted = value_of(COUNT_SCORES[code], counts)[1]
    a_month = Fraction(counted) / (months * max(counts.get("grids", 1), 1))
    steps = formula.steps.get(code, []) if formula else []
    score = next((s for most, s in steps if most is None or a_month <= most), None)
    return (None if score is None else Fraction(score)), counted, 1


def score(counts, formula, months):
    """(score, band) of a subject; (None, "") where no item has a figure."""
    total = weights = Fraction(0)
    for item in formula.items if formula else ():
        value = figure(item["code"], counts, formula, months)[0]
        if value is None:
            continue
        value = 100 - value if item.get("turned") else value
        value = min(max(value, item.get("floor", 0)), item.get("cap", 100))
        weight = Fraction(item["weight"])
        total, weights = total + value * weight, weights + weight
    if not weights:
        return None, ""
    found = rounded(total / weights)
    return found, next((name for name, least in formula.bands if found >= least), "")
