"""How Django knows this app."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
    verbose_name = "Documents and money"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from accounts.line_settings import deals_read_otherwise
        from invoicing import noticing, owing, rereading, scoping
        from invoicing.reports import files
        from syncjobs.models import Link
        from syncjobs.services import links_made

        scoping.register()
        files.register()
        post_delete.connect(noticing.link_gone, sender=Link)
        post_delete.connect(owing.link_gone, sender=Link)
        post_save.connect(owing.linked, sender=Link)
        links_made.connect(owing.many_linked)
        deals_read_otherwise.connect(rereading.deals_anew)
