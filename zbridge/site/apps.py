"""How Django knows the project's own rooms (they have no models)."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "zbridge.site"
    label = "site_pages"
    verbose_name = "zbridge"
