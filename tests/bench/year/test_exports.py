"""The cases behind a figure leave as CSV line by line: after a year of them, about a million, the
process that writes them has taken no more memory than after the first hundred thousand."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.bench.year.conftest import WEB

CHECKOUT = Path(__file__).resolve().parents[3]
FIRST, LEAST = 100_000, 900_000
MOST = 1.05


@pytest.mark.usefixtures("many")
def test_a_million_lines_take_no_more_memory_than_a_hundred_thousand():
    folder, _slash, name = os.environ["GRIDCITY_BENCH_MANY"].rpartition("/")
    # A process of pytest's takes the owner's address; here it is the web's too.
    address = f"postgis://{WEB}@{quote(folder, safe='')}/{name}"
    child = subprocess.run(
        [sys.executable, "-m", "tests.bench.year.exporter", str(FIRST)],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_URL": address, "DATABASE_OWNER_URL": address},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines, few, many, seconds = (float(word) for word in child.stdout.split()[-4:])
    print(
        f"\nat most {few / 1024:.0f} MB after {FIRST:,} lines, {many / 1024:.0f} MB after"
        f" {lines:,.0f}: ratio {many / few:.3f}; {seconds:.0f} s"
    )
    assert lines >= LEAST and many <= MOST * few
