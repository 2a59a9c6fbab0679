"""Addresses of *Import*, at admin/syncjobs/import/."""

from django.urls import path

from syncjobs import import_views as views

app_name = "import"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.detail, name="page"),
    path("<int:pk>/start/", views.start, name="start"),
    path("<int:pk>/hours/", views.hours, name="hours"),
    path("<int:pk>/stop/", views.stop, name="stop"),
]
