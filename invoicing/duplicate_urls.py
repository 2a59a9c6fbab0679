"""Addresses of *Duplicates*, at admin/syncjobs/duplicate/, before the admin's own list."""

from django.urls import path

from invoicing import duplicate_views as views

app_name = "duplicates"
urlpatterns = [
    path("look/", views.look_now, name="look"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/apart/", views.apart, name="apart"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/link/", views.link, name="link"),
    path("<int:pk>/guide/", views.guide, name="guide"),
    path("<int:pk>/guide/stop/", views.stop_guide, name="stop_guide"),
    path("<int:pk>/merged/", views.merged, name="merged"),
    path("<int:pk>/moving/", views.moving, name="moving"),
]
