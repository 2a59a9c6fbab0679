"""How Django knows this app."""

from django.apps import AppConfig


class SyncjobsConfig(AppConfig):
    name = "syncjobs"
    verbose_name = "Keeping two records the same"

    def ready(self) -> None:
        from accounts.line_settings import customers_are_others
        from syncjobs import mappings

        customers_are_others.connect(mappings.suggest_anew)
