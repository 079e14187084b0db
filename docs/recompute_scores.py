#!/usr/bin/env python3
"""Recompute every score of an export of `manage.py export_scores`, with nothing of the project.

    python3 recompute_scores.py FILE

Prints how many scores there are; exits with 1 and names each that does not come out the same.
"""

import json
import sys
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

# Scores of a count: which count, by the steps of the formula.
COUNTS = {
    "R_INST_SCORE": "R_INST",
    "D_COUNT_SCORE": "D_INST",
    "P_ACC_COUNT_SCORE": "P_ACC_OPERATE",
    "P_DIS_COUNT_SCORE": "P_DIS_DISPATCH",
}


def amount(code, counts, head):
    """A counted figure, or the sum of some."""
    if code in head["sums"]:
        return sum(amount(part, counts, head) for part in head["sums"][code])
    return counts.get(code, 0)


def value(code, counts, head):
    """The exact value of an item, or None if it has none."""
    if code in head["rates"]:
        over, under = (amount(part, counts, head) for part in head["rates"][code])
        return Fraction(100 * over, under) if under else None
    if code in COUNTS:
        months = Fraction(*head["months"])
        a_month = Fraction(amount(COUNTS[code], counts, head)) / (
            months * max(counts.get("grids", 1), 1)
        )
        for most, score in head["steps"].get(code, []):
            if most is None or a_month <= most:
                return Fraction(score)
    return None


def score(counts, head):
    """(score as text or None, band)."""
    total = weights = Fraction(0)
    for item in head["items"]:
        found = value(item["code"], counts, head)
        if found is None:
            continue
        if item.get("turned"):
            found = 100 - found
        found = min(max(found, item.get("floor", 0)), item.get("cap", 100))
        total += found * Fraction(item["weight"])
        weights += Fraction(item["weight"])
    if not weights:
        return None, ""
    exact = total / weights
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal("0.01"), ROUND_HALF_UP
    )
    for band, least in head["bands"]:
        if rounded >= least:
            return str(rounded), band
    return str(rounded), ""


def main(path):
    head, right, wrong = None, 0, 0
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if "head" in row:
                head = row
                continue
            found = score(row["counts"], head)
            if found == (row["score"], row["band"]):
                right += 1
            else:
                wrong += 1
                print(row["kind"], row["subject"], (row["score"], row["band"]), "!=", found)
    print(f"{right} scores come out the same, {wrong} do not")
    return 1 if wrong or not right else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
