from django.apps import AppConfig


class GridsConfig(AppConfig):
    name = "grids"
    default_auto_field = "django.db.models.BigAutoField"
