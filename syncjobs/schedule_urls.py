"""Addresses of *Schedules*, at admin/syncjobs/schedule/."""

from django.urls import path

from syncjobs import schedule_views as views

app_name = "schedule"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.detail, name="page"),
    path("<int:pk>/keep/", views.save, name="keep"),
]
