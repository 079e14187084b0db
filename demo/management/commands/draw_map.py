"""Draw the demo city's map as a picture for the documentation, from the generator's plan alone."""

from pathlib import Path

import shapely
import shapely.ops
from django.conf import settings
from django.core.management.base import BaseCommand
from PIL import Image, ImageDraw, ImageFont

from demo.generator import generate, load_profile, profile_names

PICTURE = settings.BASE_DIR / "docs" / "screens" / "city-map.png"
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED_CHINESE = 2  # which of the collection's faces
SIDE, MARGIN = 1500, 40  # pixels
# Drawn larger and shrunk, which is how Pillow's lines get smooth edges.
LARGER = 2
COLOURS = 64  # of the palette: keeps the file small
PAPER, LAND, WATER, PARK = "#ffffff", "#f6f3ec", "#a9cfe6", "#c9e2b8"
GRID, ROAD, CASING, COMMUNITY, STREET, INK = (
    "#d9d3c7",
    "#ffffff",
    "#b9b2a5",
    "#c2476b",
    "#8c2d4b",
    "#33404f",
)
# A road this wide (metres) is an artery, drawn in a colour of its own.
ARTERY_M, ARTERY = 26, "#ffdf9e"
BRIDGED_M = 20
DASH, GAP = 9, 6  # pixels
TIDY_M = 0.5


class Command(BaseCommand):
    help = "Draw the demo city's map into docs/screens/city-map.png."

    def add_arguments(self, parser):
        parser.add_argument("--profile", choices=profile_names(), default="xiaonan")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--output", type=Path, default=PICTURE)

    def handle(self, *, profile, seed, output, **options):
        picture = draw(generate(load_profile(profile), seed))
        picture.save(output, optimize=True)
        self.stdout.write(f"{output}: {output.stat().st_size // 1024} kB")


def draw(plan):
    """The plan as a palette picture with its notice below."""
    sheet = Sheet(plan)
    sheet.fill(plan.district.polygon, LAND)
    for grid in plan.grids:
        sheet.outline(grid.polygon, GRID, 1)
    # No lane and no grid is seen in a lake or park; bridges cross the river.
    sheet.roads(road for road in plan.roads if road.width_m < BRIDGED_M)
    for feature in sorted(plan.land, key=lambda feature: feature.kind):  # park before water
        sheet.fill(feature.polygon, WATER if feature.kind == "water" else PARK)
    sheet.roads(road for road in plan.roads if road.width_m >= BRIDGED_M)
    for community in plan.communities:
        sheet.dashes(community.polygon, COMMUNITY, 2)
    for street in plan.streets:
        sheet.outline(street.polygon, STREET, 4)
    for street in plan.streets:
        sheet.label(street.polygon, street.name, 30)
    sheet.caption(plan.notice)
    return sheet.finished()


class Sheet:
    """A canvas that takes geometries in longitude and latitude."""

    def __init__(self, plan):
        self.projection = plan.projection
        west, south, east, north = self.projection.to_metres(plan.district.polygon).bounds
        self.side = (SIDE - 2 * MARGIN) * LARGER
        self.scale = self.side / max(east - west, north - south)
        self.west, self.north = west, north
        self.caption_top = int((north - south) * self.scale) + 2 * MARGIN * LARGER
        width = int((east - west) * self.scale) + 2 * MARGIN * LARGER
        self.image = Image.new("RGB", (width, self.caption_top + 70 * LARGER), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def _pixels(self, coords):
        shift = MARGIN * LARGER
        return [
            ((x - self.west) * self.scale + shift, (self.north - y) * self.scale + shift)
            for x, y in coords
        ]

    def _rings(self, geometry, *, inner=False):
        shape = self.projection.to_metres(geometry).simplify(TIDY_M)
        for part in shapely.get_parts(shape):
            yield self._pixels(part.exterior.coords)
            if inner:
                yield from (self._pixels(ring.coords) for ring in part.interiors)

    def fill(self, geometry, colour):
        for ring in self._rings(geometry):
            self.pen.polygon(ring, fill=colour)

    def outline(self, geometry, colour, width):
        for ring in self._rings(geometry, inner=True):
            self.pen.line(ring, fill=colour, width=width, joint="curve")

    def roads(self, roads):
        """All casings first, then the roads on them, narrow ones below wide ones."""
        lines = [
            (road.width_m, self._pixels(self.projection.to_metres(road.line).coords))
            for road in sorted(roads, key=lambda road: road.width_m)
        ]
        for metres, line in lines:
            self.pen.line(line, fill=CASING, width=self._width(metres) + 2, joint="curve")
        for metres, line in lines:
            colour = ARTERY if metres >= ARTERY_M else ROAD
            self.pen.line(line, fill=colour, width=self._width(metres), joint="curve")

    def _width(self, metres):
        return max(2, round(metres * self.scale))

    def dashes(self, geometry, colour, width):
        """A dashed outline; neighbours share borders, so a dash may fill the other's gap."""
        dash, gap = DASH * LARGER, GAP * LARGER
        for ring in self._rings(geometry):
            line = shapely.LineString(ring)
            at = 0
            while at < line.length:
                part = shapely.ops.substring(line, at, min(at + dash, line.length))
                self.pen.line(list(part.coords), fill=colour, width=width)
                at += dash + gap

    def label(self, geometry, words, size):
        """A name in the middle of its area, on a halo."""
        middle = self.projection.to_metres(geometry).representative_point()
        at = self._pixels(middle.coords)[0]
        self.pen.text(
            at, words, fill=INK, font=font(size), anchor="mm", stroke_width=6, stroke_fill="white"
        )

    def caption(self, notice):
        left, top = MARGIN * LARGER, self.caption_top
        for line, words in enumerate((notice.zh, notice.en)):
            self.pen.text((left, top + line * 30 * LARGER), words, fill=INK, font=font(20 * LARGER))

    def finished(self):
        width, height = self.image.size
        small = self.image.resize((width // LARGER, height // LARGER), Image.Resampling.LANCZOS)
        return small.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)


def font(size):
    return ImageFont.truetype(FONT, size, index=SIMPLIFIED_CHINESE)
