"""How Django knows this app; what it puts in place when it is ready: roles after migrate, and the check of the keys."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and connections"

    def ready(self) -> None:
        from accounts.key_check import check_keys
        from accounts.roles import apply_roles

        post_migrate.connect(apply_roles, dispatch_uid="accounts.roles")
        checks.register(check_keys, checks.Tags.security)
