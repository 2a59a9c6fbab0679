"""Addresses of the decisions about gone records, at admin/syncjobs/gone/."""

from django.urls import path

from syncjobs import gone_views as views

app_name = "gone"
urlpatterns = [
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("<int:pk>/follow/", views.follow, name="follow"),
]
