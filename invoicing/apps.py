"""How Django knows this app."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = "Documents and money"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from accounts.line_settings import deals_read_otherwise
        from invoicing import noticing, rereading, scoping
        from invoicing.reports import files
        from syncjobs.models import Link

        scoping.register()
        files.register()
        post_delete.connect(noticing.link_gone, sender=Link)
        deals_read_otherwise.connect(rereading.deals_anew)
