"""Names the site of the administration, which can be loaded only after all models."""

from django.contrib.admin.apps import AdminConfig


class GridcityAdminConfig(AdminConfig):
    default_site = "gridcity.site.GridcityAdminSite"
