"""Addresses of repairing a link, at admin/syncjobs/link/, before the admin's own list."""

from django.urls import path

from invoicing import link_views as views

app_name = "links"
urlpatterns = [
    path("<int:pk>/repair/<slug:deed>/", views.repair, name="repair"),
    path("<int:pk>/repair/<slug:deed>/now/", views.carry_out, name="carry_out"),
]
