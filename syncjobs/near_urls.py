"""Addresses of *Near real time*, at admin/syncjobs/hooks/."""

from django.urls import path

from syncjobs import near_views as views

app_name = "near"
urlpatterns = [
    path("", views.home, name="home"),
    path("<int:pk>/", views.detail, name="page"),
    path("<int:pk>/on/", views.switch_on, name="on"),
    path("<int:pk>/off/", views.switch_off, name="off"),
    path("<int:pk>/show/", views.show, name="show"),
    path("<int:pk>/change/<slug:sort>/", views.change, name="change"),
]
