"""Lists of this room: what was read, what belongs together, how far each listing got, and who must act."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from accounts import showing
from accounts.house_admin import HouseAdmin
from accounts.house_list import SearchBy, Tab
from syncjobs import (  # noqa: F401  (they register their lists)
    attempt_admin,
    counted_admin,
    desk_admin,
    link_admin,
    problem_admin,
    run_admin,
    trail_admin,
)
from syncjobs.domain.normalising import normal_email, normal_name
from syncjobs.models import Checkpoint, Customer, Item, Product, Record
from syncjobs.resources import CustomerResource, ProductResource


class RecordAdmin(HouseAdmin):
    """Records of one kind as last read."""

    left_out = ("raw", "fields")
    list_select_related = ("connection",)
    search_by: SearchBy = (("name_key", normal_name), ("email_key", normal_email))
    search_help_text = "Name or e-mail, from its beginning"
    ordering = ("name",)
    tabs: tuple[Tab, ...] = (
        Tab("active", "Active", lambda rows: rows.filter(active=True, gone_at=None)),
        Tab("gone", "Inactive or gone", lambda rows: rows.exclude(active=True, gone_at=None)),
        Tab("all", "All", lambda rows: rows),
    )
    fields: tuple[str, ...] = (
        "name", "email", "remote_id", "currency", "active", "changed_at", "read_at", "gone_at", "story",
    )  # fmt: skip

    readonly_fields: tuple[str, ...] = ("story",)

    @display(description="What happened")
    def story(self, row: Record) -> str:
        link = '<a class="house-button" href="{}">Everything that happened to it</a>'
        return format_html(link, reverse("desk:story", args=[row.pk]))

    @display(description="As of", ordering="read_at")
    def read(self, row: Record) -> str:
        return showing.when(row.read_at)

    @display(description="Price", ordering="price")
    def listed(self, row: Record) -> str:
        return showing.money(row.price, row.currency or row.connection.currency)

    @display(description="Outstanding", ordering="outstanding")
    def owed(self, row: Record) -> str:
        return showing.money(row.outstanding, row.currency or row.connection.currency)

    @display(description="Credit", ordering="credits")
    def credit(self, row: Record) -> str:
        return showing.money(row.credits, row.currency or row.connection.currency)


@admin.register(Customer)
class CustomerAdmin(RecordAdmin):
    """Customers in Books."""

    resource_class = CustomerResource
    tabs = (
        *RecordAdmin.tabs,
        Tab(
            "no-email", "Without e-mail",
            lambda rows: rows.filter(email_key="", active=True, is_vendor=False, gone_at=None),
        ),
    )  # fmt: skip
    list_display = ("name", "email", "owed", "credit", "read")
    fields = ("name", "email", "remote_id", "owed", "credit", "active", "changed_at", "read_at", "gone_at", "story")
    readonly_fields = ("owed", "credit", "story")
    empty_sentence = "No customer was read from Books yet."


class PricedAdmin(RecordAdmin):
    """Products and items."""

    resource_class = ProductResource
    list_display = ("name", "code", "listed", "read")
    search_by = (("name_key", normal_name), ("code_key", str.lower))
    search_help_text = "Name or SKU, from its beginning"
    fields = ("name", "code", "remote_id", "listed", "active", "changed_at", "read_at", "gone_at", "story")
    readonly_fields = ("listed", "story")


@admin.register(Product)
class ProductAdmin(PricedAdmin):
    """Products in CRM."""

    empty_sentence = "No product was read from CRM yet."


@admin.register(Item)
class ItemAdmin(PricedAdmin):
    """Items in Books."""

    empty_sentence = "No item was read from Books yet."


@admin.register(Checkpoint)
class CheckpointAdmin(HouseAdmin):
    """How far each listing got: the age of every figure."""

    list_display = ("kind", "read", "dealt_with", "under_way")
    fields = ("kind", "read_at", "watermark", "since", "until")
    ordering = ("kind",)
    empty_sentence = "Nothing was read yet."

    @display(description="Read to the end", ordering="read_at")
    def read(self, row: Checkpoint) -> str:
        return showing.when(row.read_at)

    @display(description="All changes dealt with up to", ordering="watermark")
    def dealt_with(self, row: Checkpoint) -> str:
        return showing.when(row.watermark)

    @display(description="Listing under way", boolean=True)
    def under_way(self, row: Checkpoint) -> bool:
        return row.place is not None
