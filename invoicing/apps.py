"""How Django knows this app."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = "Documents and money"

    def ready(self) -> None:
        from accounts.line_settings import deals_read_otherwise
        from invoicing import rereading, scoping

        scoping.register()
        deals_read_otherwise.connect(rereading.deals_anew)
