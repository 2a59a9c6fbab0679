"""Addresses of *Who is who*, at admin/syncjobs/who/."""

from django.urls import path

from syncjobs import who_views as views

app_name = "who"
urlpatterns = [
    path("", views.listing, name="list"),
    path("<int:pk>/link/", views.link, name="link"),
]
