"""How Django knows this app."""

from django.apps import AppConfig


class SyncjobsConfig(AppConfig):
    name = "syncjobs"
    verbose_name = "Keeping two records the same"

    def ready(self) -> None:
        from accounts.key_check import keeps_secrets
        from accounts.line_settings import customers_are_others
        from syncjobs import mappings
        from syncjobs.models import Channel, HookAddress

        customers_are_others.connect(mappings.suggest_anew)
        keeps_secrets(HookAddress, "address_cipher", "secret_cipher", "old_secret_cipher")
        keeps_secrets(Channel, "token_cipher")
