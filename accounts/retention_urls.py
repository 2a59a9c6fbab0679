"""Addresses of *What is kept*, at admin/accounts/retention/."""

from django.urls import path

from accounts import retention_views as views

app_name = "retention"
urlpatterns = [
    path("", views.shown, name="page"),
    path("keep/", views.save, name="keep"),
]
