"""Addresses of the mapping pages, at admin/syncjobs/mapping/."""

from django.urls import path

from syncjobs import mapping_views as views

app_name = "mapping"
urlpatterns = [
    path("", views.listing, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/keep/", views.save, name="keep"),
    path("<int:pk>/switch/", views.turn, name="switch"),
    path("<int:pk>/suggested/", views.take_suggested, name="suggested"),
    path("<int:pk>/fields/", views.read_fields, name="fields"),
    path("<int:pk>/history/", views.history, name="history"),
    path("rules/<int:pk>/", views.rules, name="rules"),
    path("<int:pk>/preview/", views.preview, name="preview"),
    path("<int:pk>/owners/", views.owners, name="owners"),
    path("<int:pk>/owners/csv/", views.owners_file, name="owners_file"),
]
