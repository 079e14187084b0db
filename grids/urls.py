"""Addresses of the base map's tiles."""

from django.urls import path

from grids import views

urlpatterns = [
    # Words, not numbers: a tile that cannot be is answered 400, an unknown layer 404.
    path("tiles/<str:layer>/<str:z>/<str:x>/<str:y>.mvt", views.tile, name="tile"),
]
