"""Pages of the demonstration."""

from django.urls import path

from demo.views import fill

urlpatterns = [path("progress/", fill, name="fill")]
