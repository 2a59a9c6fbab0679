"""Links: which records are the same thing; each with what its fields say, why, and all that happened to it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import Tab
from accounts.models import User
from syncjobs.desk_admin import PageAdmin
from syncjobs.domain.pairs import BOOKS_KINDS
from syncjobs.field_history import fields_now, happenings
from syncjobs.models import Link, Record
from syncjobs.resources import LinkResource


@admin.register(Link)
class LinkAdmin(PageAdmin):
    """Which records are known to be the same thing, and why."""

    page_template = "admin/syncjobs/link.html"
    resource_class = LinkResource
    list_display = ("in_crm", "in_books", "how", "reason", "made_by", "made")
    list_display_links = ("in_crm",)
    list_select_related = ("made_by",)
    left_out = ("base",)
    ordering = ("-pk",)
    search_by = (("crm_id", str), ("books_id", str))
    search_help_text = "Id in CRM or Books"
    fields = ("how",)
    empty_sentence = "Nothing is linked yet. Links come with the first drafts, or are made by a person."
    tabs = (
        Tab("customers", "Customers", lambda rows: rows.filter(pair=Link.Pair.CUSTOMER)),
        Tab("persons", "Persons", lambda rows: rows.filter(pair=Link.Pair.PERSON)),
        Tab("products", "Products", lambda rows: rows.filter(pair=Link.Pair.PRODUCT)),
        Tab("all", "All", lambda rows: rows),
    )

    def shown(self, row: Link, user: User) -> dict[str, Any]:
        story = happenings(row)
        return {
            "title": f"{self.in_crm(row)}: why it says so", "row": row, "crm_name": self.in_crm(row),
            "books_name": self.in_books(row), "fields": fields_now(row, story), "story": story,
        }  # fmt: skip

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The names of the page's records in one query, instead of one per row."""
        found = super().get_changelist_instance(request)
        rows = found.result_list = list(found.result_list)
        names = names_of(rows)
        for row in rows:
            row.shown_names = (names.get((row.crm_kind, row.crm_id)), names.get((books_kind(row), row.books_id)))
        return found

    @display(description="In CRM")
    def in_crm(self, row: Link) -> str:
        return _names(row)[0] or f"{row.get_crm_kind_display()} {row.crm_id}"

    @display(description="In Books")
    def in_books(self, row: Link) -> str:
        return _names(row)[1] or f"{books_kind(row).capitalize()} {row.books_id}"

    @display(description="Made", ordering="made_at")
    def made(self, row: Link) -> str:
        return showing.when(row.made_at)


def books_kind(link: Link) -> str:
    """The kind of the Books record of a link."""
    return BOOKS_KINDS[link.pair]


def names_of(links: list[Link]) -> dict[tuple[str, str], str]:
    """(kind, id) -> name, of all records of the links."""
    ids = {link.crm_id for link in links} | {link.books_id for link in links}
    connections = {link.connection_id for link in links}
    rows = Record.objects.filter(connection__in=connections, remote_id__in=ids)
    return {(kind, remote_id): name for kind, remote_id, name in rows.values_list("kind", "remote_id", "name")}


def _names(link: Link) -> tuple[str | None, str | None]:
    found: tuple[str | None, str | None] | None = getattr(link, "shown_names", None)
    if found is None:
        names = names_of([link])
        found = names.get((link.crm_kind, link.crm_id)), names.get((books_kind(link), link.books_id))
    return found
