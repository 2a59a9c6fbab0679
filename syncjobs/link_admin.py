"""Links: which records are the same thing; each with what its fields say, why, and all that happened to it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from accounts import showing
from accounts.house_list import Tab, zoho_id
from accounts.models import User
from syncjobs.desk_admin import PageAdmin
from syncjobs.domain.link_faults import SHORT, Why
from syncjobs.field_history import fields_now, happenings
from syncjobs.link_faults import FAULTS
from syncjobs.link_repairs import books_name, crm_name, names_of, repair_of
from syncjobs.models import Link
from syncjobs.resources import LinkResource

TONES = {"": "success", "broken": "danger", "one_sided": "warning", "doubled": "warning"}


@admin.register(Link)
class LinkAdmin(PageAdmin):
    """Which records are known to be the same thing, and why."""

    page_template = "admin/syncjobs/link.html"
    resource_class = LinkResource
    list_display = ("in_crm", "in_books", "state", "how", "reason", "made_by", "made")
    list_display_links = ("in_crm",)
    list_select_related = ("made_by",)
    left_out = ("base",)
    list_filter = ("fault", "how")
    ordering = ("-pk",)
    search_by = (("crm_id", zoho_id), ("books_id", zoho_id))
    search_help_text = "Id in CRM or Books"
    fields = ("how",)
    empty_sentence = "Nothing is linked yet. Links come with the first drafts, or are made by a person."
    tabs = (
        Tab("customers", "Customers", lambda rows: rows.filter(pair=Link.Pair.CUSTOMER)),
        Tab("persons", "Persons", lambda rows: rows.filter(pair=Link.Pair.PERSON)),
        Tab("products", "Products", lambda rows: rows.filter(pair=Link.Pair.PRODUCT)),
        Tab("repair", "To repair", lambda rows: rows.filter(fault__in=FAULTS)),
        Tab("all", "All", lambda rows: rows),
    )

    def shown(self, row: Link, user: User) -> dict[str, Any]:
        story, names = happenings(row), (self.in_crm(row), self.in_books(row))
        return {
            "title": f"{names[0]}: why it says so", "row": row, "crm_name": names[0], "books_name": names[1],
            "fields": fields_now(row, story), "story": story, "repair": repair_of(row, names, user),
        }  # fmt: skip

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The names of the page's records in one query, instead of one per row."""
        found = super().get_changelist_instance(request)
        rows = found.result_list = list(found.result_list)
        names = names_of(rows)
        for row in rows:
            row.shown_names = (crm_name(row, names), books_name(row, names))
        return found

    @display(description="In CRM")
    def in_crm(self, row: Link) -> str:
        return _names(row)[0]

    @display(description="In Books")
    def in_books(self, row: Link) -> str:
        return _names(row)[1]

    @display(description="State", label=TONES, ordering="fault")
    def state(self, row: Link) -> tuple[str, str]:
        return row.fault, SHORT[Why(row.fault_why)] if row.fault else "In order"

    @display(description="Made", ordering="made_at")
    def made(self, row: Link) -> str:
        return showing.when(row.made_at)


def _names(link: Link) -> tuple[str, str]:
    """Looked up once for each row."""
    found: tuple[str, str] | None = getattr(link, "shown_names", None)
    if found is None:
        names = names_of([link])
        found = crm_name(link, names), books_name(link, names)
        setattr(link, "shown_names", found)  # noqa: B010  (a row's own note, no column)
    return found
