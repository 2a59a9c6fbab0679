"""How Django knows the project's own rooms (they have no models), and which admin site is the default."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SiteConfig(AppConfig):
    name = "zbridge.site"
    label = "site_pages"
    verbose_name = "zbridge"


class HouseAdminConfig(AdminConfig):
    """Django's admin with our own site as `admin.site`."""

    default_site = "zbridge.site.site.HouseSite"
