"""Zoho Books' verbs as zbridge uses them (facts Books 3-7): plain dicts out, money as Decimal, ids as text."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from zbridge.zoho.books_lists import PAYMENT_KEYS, Lists
from zbridge.zoho.caller import Caller
from zbridge.zoho.errors import NotFound, OutcomeUnknown, Unreadable
from zbridge.zoho.gate import Priority
from zbridge.zoho.paging import PER_PAGE, Checkpoint, Page, Rows, rows_of
from zbridge.zoho.transport import Transport

Record = dict[str, Any]


class Books:
    """The Books organisation of one connection at one priority; `organization_id` goes with every call."""

    def __init__(self, transport: Transport, organization_id: str, priority: Priority = Priority.POLL) -> None:
        always = {"organization_id": organization_id} if organization_id else {}
        self._caller = Caller(transport, "books", priority, always)
        self._lists = Lists(self._caller)

    def organizations(self) -> Rows:
        """The organisations that the connected user may see; the only call that needs no organisation."""
        return rows_of("books", self._caller.get("/books/v3/organizations").json, "organizations")

    def organization(self, identity: str) -> Record:
        """One organisation in detail; its shape is not that of the list (facts Books 7.5)."""
        return _single(self._caller.get("/books/v3/organizations/{id}", id=identity).json, "organization")

    def me(self) -> Record:
        """The connected user."""
        return _single(self._caller.get("/books/v3/users/me").json, "user")

    def taxes(self) -> Rows:
        """The taxes and tax groups."""
        return rows_of("books", self._caller.get("/books/v3/settings/taxes").json, "taxes")

    def tax_group(self, id: str) -> Rows:
        """The taxes that a tax group is made of, with `tax_id`, `tax_name` and `tax_percentage` (facts Books 7.5)."""
        found = self._caller.get("/books/v3/settings/taxgroups/{id}", id=id).json
        return rows_of("books", (found or {}).get("tax_group"), "taxes")

    def currencies(self) -> Rows:
        """The currencies with `currency_id`, `currency_code`, `price_precision`, `exchange_rate`."""
        return rows_of("books", self._caller.get("/books/v3/settings/currencies").json, "currencies")

    def exchange_rate(self, currency_id: str, on: date) -> Decimal | None:
        """Base currency units for one of the currency, as Books holds it for that day; None when it holds none."""
        asked = {"from_date": on.isoformat()}
        template = "/books/v3/settings/currencies/{id}/exchangerates"
        rows = rows_of("books", self._caller.get(template, asked, id=currency_id).json, "exchange_rates")
        past = [row for row in rows if str(row.get("effective_date") or "") <= on.isoformat()]
        latest = max(past, key=lambda row: str(row.get("effective_date") or ""), default=None)
        return Decimal(str(latest["rate"])) if latest and latest.get("rate") else None

    def fields(self, entity: str) -> Rows:
        """The custom fields of contact, item or invoice, with `field_id`, `api_name`, `is_unique`."""
        asked = {"entity": entity, "filter_custom_fields": "true"}
        return rows_of("books", self._caller.get("/books/v3/settings/fields", asked).json, "fields")

    def create_field(self, spec: Mapping[str, Any]) -> Record:
        """Make a custom field; its API name must be read back with `fields` (facts Books 6.3)."""
        return _made(self._caller.create("/books/v3/settings/fields", spec).json, "field", "field_id")

    def update_field(self, identity: str, spec: Mapping[str, Any]) -> None:
        """Change a custom field, e.g. make it unique."""
        self._caller.change("PUT", "/books/v3/settings/fields/{id}", spec, id=identity)

    def contact_pages(
        self, *, modified_since: datetime | None = None, checkpoint: Checkpoint | None = None
    ) -> Iterator[Page]:
        """Customers and vendors, inactive ones included; balances are on the rows."""
        return self._lists.contacts(modified_since, checkpoint)

    def brought_from_crm(self) -> Rows:
        """The newest two hundred contacts that Zoho's own integration of CRM and Books tied to a CRM record."""
        return self._lists.brought_from_crm()

    def contact(self, identity: str) -> Record | None:
        """One contact with addresses and persons; None when it is gone."""
        return self._one("/books/v3/contacts/{id}", identity, "contact")

    def contacts_by(self, **wanted: str) -> Rows:
        """Contacts whose fields equal all of these (email, contact_name, zcrm_account_id ...), checked row by row."""
        return self._lists.matching("/books/v3/contacts", "contacts", {"filter_by": "Status.All"}, wanted)

    def create_contact(self, body: Mapping[str, Any]) -> Record:
        """Make a customer: one POST, never repeated; Duplicate when the name or our key is taken."""
        return _made(self._caller.create("/books/v3/contacts", body).json, "contact", "contact_id")

    def update_contact(self, identity: str, body: Mapping[str, Any]) -> Record:
        """Change a contact; `contact_persons` left out stay, sent ones replace all (facts Books 3.4)."""
        found = self._caller.change("PUT", "/books/v3/contacts/{id}", body, id=identity).json
        return _made(found, "contact", "contact_id")

    def keep_contact_person(self, contact_id: str, identity: str, body: Mapping[str, Any]) -> Record:
        """Change one contact person, or make one when `identity` is empty; the customer's others stay as they are.

        The person as Books gives it back; empty where it gives none (its documentation shows none, OAS).
        """
        if identity:
            reply = self._caller.change("PUT", "/books/v3/contacts/contactpersons/{id}", body, id=identity)
        else:
            reply = self._caller.create("/books/v3/contacts/contactpersons", {"contact_id": contact_id, **body})
        found = reply.json.get("contact_person") if isinstance(reply.json, dict) else None
        return found if isinstance(found, dict) else {}

    def item_pages(
        self, *, modified_since: datetime | None = None, checkpoint: Checkpoint | None = None
    ) -> Iterator[Page]:
        """Items, inactive ones included."""
        return self._lists.items(modified_since, checkpoint)

    def item(self, identity: str) -> Record | None:
        """One item; None when it is gone."""
        return self._one("/books/v3/items/{id}", identity, "item")

    def items_by(self, **wanted: str) -> Rows:
        """Items whose fields equal all of these (name ...), checked row by row."""
        return self._lists.matching("/books/v3/items", "items", {"filter_by": "Status.All"}, wanted)

    def create_item(self, body: Mapping[str, Any]) -> Record:
        """Make an item: one POST, never repeated."""
        return _made(self._caller.create("/books/v3/items", body).json, "item", "item_id")

    def update_item(self, identity: str, body: Mapping[str, Any]) -> Record:
        """Change an item."""
        return _made(self._caller.change("PUT", "/books/v3/items/{id}", body, id=identity).json, "item", "item_id")

    def price_lists(self) -> Rows:
        """The price lists with `pricebook_items` (item and rate). Raises Unreadable beyond a thousand lists."""
        return self._lists.price_lists()

    def invoice_pages(
        self, *, modified_since: datetime | None = None, checkpoint: Checkpoint | None = None
    ) -> Iterator[Page]:
        """Invoices of every status, without lines; an invoice falling overdue is no change (facts Books 5.5)."""
        return self._lists.invoices(modified_since, checkpoint)

    def invoice(self, identity: str) -> Record | None:
        """One invoice with its lines; None when it is gone."""
        return self._one("/books/v3/invoices/{id}", identity, "invoice")

    def customer_invoices(self, customer_id: str) -> Rows:
        """The customer's newest 200 invoices of every status, newest first; rows of others are dropped."""
        asked = {
            "customer_id": customer_id, "filter_by": "Status.All", "sort_column": "created_time", "sort_order": "D",
            "page": "1", "per_page": str(PER_PAGE),
        }  # fmt: skip
        rows = rows_of("books", self._caller.get("/books/v3/invoices", asked).json, "invoices")
        own = [row for row in rows if str(row.get("customer_id")) == customer_id]
        if len(own) < len(rows):
            raise Unreadable("books", message="Books ignored the filter by customer")
        return own

    def invoices_by_reference(self, reference: str) -> Rows:
        """Invoices whose reference is exactly this, of every status."""
        wanted = {"reference_number": reference}
        return self._lists.matching("/books/v3/invoices", "invoices", {"filter_by": "Status.All"}, wanted)

    def invoices_by_potential(self, deal_id: str) -> Rows:
        """Invoices that Books itself links to this CRM deal, of every status."""
        wanted = {"zcrm_potential_id": deal_id}
        return self._lists.matching("/books/v3/invoices", "invoices", {"filter_by": "Status.All"}, wanted)

    def draft_invoices(self) -> Rows:
        """Every invoice that is still a draft; rows of another status are dropped, whatever became of the filter."""
        wanted = {"status": "draft"}
        return self._lists.matching("/books/v3/invoices", "invoices", {"filter_by": "Status.Draft"}, wanted)

    def create_draft_invoice(self, body: Mapping[str, Any]) -> Record:
        """Make a draft: one POST on a fresh connection, never repeated, never sent to anybody.

        Rejected and Waits mean that nothing was made; every doubt is OutcomeUnknown (design 5, reliability 4.5).
        """
        found = self._caller.create("/books/v3/invoices", body, {"send": "false"}).json
        return _made(found, "invoice", "invoice_id")

    def payment_pages(
        self, *, created_since: datetime | None = None, checkpoint: Checkpoint | None = None
    ) -> Iterator[Page]:
        """Payments of customers; Books tells which are new, not which were changed (facts Books 7.6)."""
        return self._lists.payments(created_since, checkpoint)

    def customer_payments(self, customer_id: str) -> Rows:
        """All payments of one customer, with the invoices they pay; rows of others are dropped."""
        return self._lists.matching("/books/v3/customerpayments", PAYMENT_KEYS, {}, {"customer_id": customer_id})

    def customer_creditnotes(self, customer_id: str) -> Rows:
        """All credit notes of one customer, of every status."""
        wanted = {"customer_id": customer_id}
        return self._lists.matching("/books/v3/creditnotes", "creditnotes", {"filter_by": "Status.All"}, wanted)

    def open_invoice_pages(self, *, checkpoint: Checkpoint | None = None) -> Iterator[Page]:
        """Invoices that are sent and not paid in full, oldest first; a filter that was ignored lists all, no harm."""
        return self._lists.open_invoices(checkpoint)

    def tells_changes(self, module: str, ahead: datetime) -> bool:
        """Whether that list honours the filter by change: asked for what changes after `ahead`, it must be empty."""
        return self._lists.tells_changes(module, ahead)

    def payment(self, identity: str) -> Record | None:
        """One payment with the invoices it pays."""
        return self._one("/books/v3/customerpayments/{id}", identity, "payment")

    def creditnote_pages(
        self, *, modified_since: datetime | None = None, checkpoint: Checkpoint | None = None
    ) -> Iterator[Page]:
        """Credit notes of every status; the filter by change is not documented for them: see `tells_changes`."""
        return self._lists.creditnotes(modified_since, checkpoint)

    def invoice_pdf(self, identity: str) -> bytes:
        """The invoice as a PDF, as Books prints it. Raises Unreadable when the answer is none."""
        return self._caller.document("/books/v3/invoices/{id}", {"accept": "pdf"}, id=identity)

    def creditnote(self, identity: str) -> Record | None:
        """One credit note."""
        return self._one("/books/v3/creditnotes/{id}", identity, "creditnote")

    def _one(self, template: str, identity: str, key: str) -> Record | None:
        try:
            return _single(self._caller.get(template, id=identity).json, key)
        except NotFound:
            return None


def _single(found: Any, key: str) -> Record:
    record = found.get(key) if isinstance(found, dict) else None
    if not isinstance(record, dict):
        raise Unreadable("books", message=f"the answer has no {key}")
    return record


def _made(found: Any, key: str, identity: str) -> Record:
    """What a write gave back; a success that doesn't show the record proves nothing."""
    record = found.get(key) if isinstance(found, dict) else None
    if not isinstance(record, dict) or not record.get(identity):
        raise OutcomeUnknown("books", message=f"the answer has no {key}")
    return record
