"""Tiles as the cast asks for them."""

import math

from django.test import Client

from staff.models import Member

PLACE = (113.9005, 30.9005)


def signed_in(member, language="en"):
    """A browser of a member, or of nobody."""
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    if member is not None:
        # A member read anew: posts are kept on the object.
        again = Member.objects.get(pk=member.pk)
        client.force_login(again, backend="grids.backends.PostBackend")
    return client


def address(layer, zoom=15, place=PLACE):
    """Where the tile of a layer over a place (longitude, latitude) is found."""
    lon, lat = place
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return f"/tiles/{layer}/{zoom}/{int(x)}/{int(y)}.mvt"
