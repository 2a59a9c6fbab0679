"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/accounts/connection/", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
