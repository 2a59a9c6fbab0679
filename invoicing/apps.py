"""How Django knows this app."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = "Documents and money"

    def ready(self) -> None:
        from invoicing import scoping

        scoping.register()
