"""Where the real files lie that some tests read; nothing of them ships with the project."""

import os
from pathlib import Path

import pytest
from django.core.management import call_command

_HOME = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GRIDCITY_SHARED") or _HOME.parent / "shared") / "data"

needs_shared = pytest.mark.skipif(
    not (SHARED / "cases_boston311_sample5000.csv").exists(),
    reason=f"no real data at {SHARED} (set GRIDCITY_SHARED to the folder that holds data/)",
)


def import_boston(**options):
    """Boston with its precincts as grids."""
    call_command(
        "import_areas",
        str(SHARED / "grids_boston_precincts.geojson"),
        level="grid",
        code_field="code",
        parent_field="ward",
        city="boston",
        city_name="Boston",
        time_zone="America/New_York",
        prefix="BOS",
        **options,
    )
