"""Areas come in from GeoJSON whole or not at all, and say what is wrong with them."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from demo import geojson
from grids.models import Area, AreaVersion, DutyGrid
from lib import coords
from staff.models import City
from tests.demo.shared import import_boston, needs_shared


def box(code, west=0.0, *, south=0.0, width=1.0, ward="W1", **more):
    """A feature of a thousandth of a degree, `west` of them east of 10° E."""
    x0, y0, x1, y1 = (  # rounded, so that neighbours share their very corners
        round(degrees, 6)
        for degrees in (
            10 + west / 1000,
            50 + south / 1000,
            10 + (west + width) / 1000,
            50 + (south + 1) / 1000,
        )
    )
    ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]
    return {
        "type": "Feature",
        "properties": {"code": code, "ward": ward, **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def bring(tmp_path, db, capsys):
    """Import features into the city `t`; returns what the command said."""

    def run(*features, crs=None, **options):
        path = Path(tmp_path) / "areas.geojson"
        told = {"type": "FeatureCollection", "features": list(features)}
        if crs:
            told["crs"] = {"type": "name", "properties": {"name": crs}}
        path.write_text(json.dumps(told))
        call_command(
            "import_areas",
            str(path),
            **{
                "level": "grid",
                "code_field": "code",
                "parent_field": "ward",
                "city": "t",
                "city_name": "Town",
                "time_zone": "Europe/Berlin",
                "prefix": "TW",
            }
            | options,
        )
        return capsys.readouterr().out

    return run


def test_grids_make_their_city_community_and_duty_grids(bring):
    bring(box("G1"), box("G2", 1))
    grid = Area.objects.get(code="G1")
    assert (grid.level, grid.parent.code, grid.parent.level) == ("grid", "W1", "community")
    assert grid.parent.parent.level == "city"
    assert City.objects.get(slug="t").calendar.current().number == 1
    assert DutyGrid.objects.count() == 2


def test_a_second_run_changes_nothing(bring):
    bring(box("G1"))
    said = bring(box("G1"))
    assert "0 made, 0 changed, 1 as they were" in said
    assert (AreaVersion.objects.count(), DutyGrid.objects.count()) == (1, 1)


def test_a_dry_run_writes_nothing(bring):
    assert "1 made" in bring(box("G1"), dry_run=True)
    assert not Area.objects.exists() and not City.objects.exists()


def test_a_moved_border_begins_another_version_on_its_day(bring):
    bring(box("G1"))
    bring(box("G1", width=2.0), valid_from=date(2026, 5, 1))
    old, new = AreaVersion.objects.order_by("valid_from")
    assert (old.valid_until, new.valid_from) == (date(2026, 5, 1), date(2026, 5, 1))


def test_a_border_that_cases_rest_on_is_not_changed_in_place(bring):
    bring(box("G1"))
    with pytest.raises(CommandError, match="another border since"):
        bring(box("G1", width=2.0))


def test_overlaps_are_listed_with_their_square_metres(bring):
    said = bring(box("G1"), box("G2", 0.5))
    assert "overlaps: 1" in said and "G1 × G2" in said


def test_an_area_inside_another_is_an_overlap(bring):
    assert "G1 × G2" in bring(box("G1", width=3.0), box("G2", 1))


def test_neighbours_do_not_overlap(bring):
    said = bring(box("G1"), box("G2", 1))
    assert "overlaps: 0" in said and "gaps: 0" in said


def test_an_enclosed_hole_is_a_gap(bring):
    ring = [box(f"G{x}{y}", x, south=y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    assert "gaps: 1" in bring(*ring)


def test_what_grids_leave_of_their_community_is_a_gap(bring):
    bring(box("W1", width=2.0, ward=None), level="community", parent_field=None)
    assert "gaps: 1" in bring(box("G1"))


@pytest.mark.parametrize("crs", ["EPSG:3857", "urn:ogc:def:crs:EPSG::2327", "EPSG:4214"])
def test_another_coordinate_system_is_refused_by_name(bring, crs):
    with pytest.raises(CommandError, match=crs):
        bring(box("G1"), crs=crs)


@pytest.mark.parametrize(
    "crs",
    ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490", "CGCS2000"],
)
def test_wgs_84_and_its_equals_are_taken(bring, crs):
    assert "1 made" in bring(box("G1"), crs=crs)


def test_projected_coordinates_are_refused_naming_the_feature(bring):
    far = box("G7")
    far["geometry"]["coordinates"][0][1] = [500000.0, 3400000.0]
    with pytest.raises(CommandError, match=r"feature 2 \(G7\).*500000"):
        bring(box("G1"), far)


def test_a_ring_that_crosses_itself_is_refused_naming_feature_and_reason(bring):
    bow = box("BOW")
    ring = bow["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    with pytest.raises(CommandError, match=r"feature 1 \(BOW\).*Self-intersection"):
        bring(bow)
    assert not Area.objects.exists()


def test_an_open_ring_a_point_and_a_missing_border_are_refused_together(bring):
    unclosed, point, empty = box("A"), box("B"), box("C")
    unclosed["geometry"]["coordinates"][0].pop()
    point["geometry"] = {"type": "Point", "coordinates": [10, 50]}
    empty["geometry"] = None
    with pytest.raises(CommandError) as refused:
        bring(unclosed, point, empty)
    said = str(refused.value)
    assert all(f"({code})" in said for code in "ABC")


@pytest.mark.parametrize("change", [{"code": ""}, {"ward": None}])
def test_a_feature_without_code_or_parent_is_refused(bring, change):
    feature = box("G1")
    feature["properties"] |= change
    with pytest.raises(CommandError, match="it has no"):
        bring(feature)


def test_a_code_that_stands_twice_is_refused(bring):
    with pytest.raises(CommandError, match="feature 2 .G1.*feature 1"):
        bring(box("G1"), box("G1", 1))


def test_a_code_of_another_level_is_refused(bring):
    bring(box("G1"))
    with pytest.raises(CommandError, match="another level"):
        bring(box("G1", 5), level="community", parent_field=None)


def test_what_is_no_geojson_is_refused(tmp_path, db):
    path = tmp_path / "bad.geojson"
    path.write_text("{")
    with pytest.raises(geojson.Unreadable, match="no JSON"):
        geojson.read(path, code_field="code")


def in_gcj02(feature):
    ring = feature["geometry"]["coordinates"][0]
    ring[:] = [list(coords.wgs84_to_gcj02(lon + 103.9, lat - 19.1)) for lon, lat in ring]
    return feature


def test_declared_gcj_02_is_refused_unless_it_is_to_be_converted(bring):
    with pytest.raises(CommandError, match="--gcj02"):
        bring(in_gcj02(box("G1", crs="GCJ-02")))
    with pytest.raises(CommandError, match="--gcj02"):
        bring(in_gcj02(box("G1")), crs="GCJ02")


def test_gcj_02_is_converted_when_told_so(bring):
    bring(in_gcj02(box("G1")), crs="GCJ02", gcj02=True)
    west, south, *_rest = AreaVersion.objects.get(area__code="G1").geometry.extent
    assert (west, south) == (pytest.approx(113.9, abs=1e-7), pytest.approx(30.9, abs=1e-7))


def test_bd_09_is_refused(bring):
    with pytest.raises(CommandError, match="BD-09"):
        bring(box("G1"), crs="BD-09", gcj02=True)


def test_a_city_that_nobody_named_is_not_made(bring):
    with pytest.raises(CommandError, match="no city"):
        bring(box("G1"), city_name=None)


@needs_shared
def test_boston_s_precincts_come_in_with_their_overlaps_listed(db, capsys):
    import_boston()
    said = capsys.readouterr().out
    assert "255 made" in said
    assert Area.objects.filter(level="community").count() == 22
    assert "51 of them larger than 1 m²" in said
    city = City.objects.get(slug="boston")
    listed = geojson.overlaps(city, "grid", date(2011, 7, 1))
    assert all(f"{one} × {other}" in said for one, other, _metres in listed)
