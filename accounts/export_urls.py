"""Addresses of *Exports*, to be included at admin/accounts/export/."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.http import require_GET

from accounts import export_views as views

app_name = "exports"
urlpatterns = [
    path("", views.page, name="page"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/file/", login_required(require_GET(views.file)), name="file"),
]
