"""Addresses for entering and leaving; the page at `/` itself is wired in gridcity/urls.py."""

from django.urls import path

from staff import views

urlpatterns = [
    path("enter/", views.enter_demo, name="enter_demo"),
    path("leave/", views.leave, name="leave"),
]
