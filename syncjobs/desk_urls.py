"""Addresses of the desk's deeds, at admin/syncjobs/."""

from django.urls import path

from syncjobs import desk_views as views
from syncjobs.timeline_views import story

app_name = "desk"
urlpatterns = [
    path("conflict/<int:pk>/settle/", views.settle, name="settle"),
    path("conflict/<int:pk>/remember/", views.remember, name="remember"),
    path("keptvalue/<int:pk>/restore/", views.restore, name="restore"),
    path("keptvalue/<int:pk>/set-back/", views.set_back, name="set_back"),
    path("record/<int:pk>/story/", story, name="story"),
    path("plan/<int:pk>/apply/", views.apply, name="apply"),
]
