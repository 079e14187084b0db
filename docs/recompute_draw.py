#!/usr/bin/env python3
"""Draws a day's spot checks again from an export and says whether the city drew the same.

    manage.py export_draw 2026-03-03 draw.json        (or the page /spot-checks/)
    python3 recompute_draw.py draw.json [HASH]

HASH is the hash of the seed as you wrote it down when it was sealed. Only Python's own library is
used, nothing of the project. Exit code 0: everything agrees; 1: something does not.
"""

import hashlib
import json
import sys
from decimal import ROUND_CEILING, Decimal
from pathlib import Path


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def draw(seed, population, share, least):
    """The drawn [number, round, stratum]: in each stratum the lowest keys."""
    strata = {}
    for line in population:
        number, turn, stratum = line.split("|")
        strata.setdefault(stratum, []).append((sha256(f"{seed}:{number}:{turn}"), number, turn))
    drawn = []
    for stratum in sorted(strata):
        keyed = sorted(strata[stratum])
        wanted = (Decimal(len(keyed)) * share / 100).to_integral_value(ROUND_CEILING)
        count = max(int(wanted), least)
        drawn += [[number, int(turn), stratum] for _key, number, turn in keyed[:count]]
    return drawn


def faults_of(export, noted=None):
    """What does not agree, in words."""
    faults = []
    if export["format"] != "gridcity-draw/1":
        return [f"unknown format {export['format']}"]
    if sha256(export["seed"]) != export["seed_hash"]:
        faults.append("the seed is not the one that was sealed: its hash is another")
    if noted and noted != export["seed_hash"]:
        faults.append("the hash in the export is not the one that you noted")
    population = export["population"]
    if sha256("".join(f"{line}\n" for line in population)) != export["population_hash"]:
        faults.append("the cases drawn among are not those whose hash was published")
    if population != sorted(set(population)):
        faults.append("the cases drawn among are not in order, or one stands twice")
    again = draw(export["seed"], population, Decimal(export["share"]), export["least"])
    if again != export["drawn"]:
        faults.append(f"drawn were {export['drawn']}, the seed gives {again}")
    return faults


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print(__doc__)
        return 2
    export = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    faults = faults_of(export, *arguments[1:])
    for fault in faults:
        print(fault)
    if not faults:
        print(
            f"{export['city']} {export['day']}: {len(export['drawn'])} of"
            f" {len(export['population'])} cases drawn; everything agrees"
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
