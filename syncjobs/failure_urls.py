"""Addresses of *Failures*, at admin/syncjobs/failures/."""

from django.urls import path

from syncjobs import failure_views as views

app_name = "failures"
urlpatterns = [
    path("", views.listing, name="list"),
    path("retry/", views.retry, name="retry"),
    path("undo/<int:pk>/", views.undo, name="undo"),
]
