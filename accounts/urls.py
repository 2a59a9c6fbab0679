"""Addresses of the connection pages, to be included at admin/accounts/connection/ before the admin's own."""

from django.urls import path

from accounts import views

app_name = "connection"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.make, name="new"),
    path("simulator/", views.make_simulated, name="simulator"),
    path("callback/", views.callback, name="callback"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/connect/", views.connect, name="connect"),
    path("<int:pk>/organisations/", views.list_again, name="organisations"),
    path("<int:pk>/organisation/", views.choose, name="choose"),
    path("<int:pk>/fields/", views.fields, name="fields"),
    path("<int:pk>/probe/", views.probe, name="probe"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/settings/", views.keep, name="settings"),
    path("<int:pk>/writes/", views.writes, name="writes"),
]
