"""The fields that zbridge makes in CRM and Books for itself: made once, API names read back, uniqueness checked."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.clients import Clients, Seams
from accounts.models import Connection, User
from accounts.organisations import PATIENCE, CannotConnect
from zbridge.zoho.errors import Duplicate

Row = dict[str, Any]
KEY_LABEL = "zbridge key"
DEAL_FIELDS: Mapping[str, Row] = {
    "number": {"field_label": "Books Invoice Number", "data_type": "text", "length": 100},
    "status": {"field_label": "Books Invoice Status", "data_type": "text", "length": 60},
    "link": {"field_label": "Books Invoice Link", "data_type": "website", "length": 450},
}
REPLACED_BY = "Replaced_By"


def make_fields(connection: Connection, user: User | None, seams: Seams) -> Connection:
    """Make what is missing: in Books a unique key on invoices and customers, in CRM fields on deals and quotes.

    Running it again makes nothing new. Raises ZohoError, or CannotConnect when Books made a field but not a unique one.
    """
    clients = seams.clients(connection, patience=PATIENCE)
    invoice, customer = _key_field(clients, "invoice"), _key_field(clients, "contact")
    connection.invoice_key_field, connection.invoice_key_name = invoice
    connection.customer_key_field, connection.customer_key_name = customer
    connection.crm_fields = _crm_fields(clients)
    with transaction.atomic():
        connection.save(
            update_fields=[
                "invoice_key_field", "invoice_key_name", "customer_key_field", "customer_key_name", "crm_fields",
            ]
        )  # fmt: skip
        audit.record(
            user, "fields", f"zbridge's fields stand in CRM and Books of {connection}.", connection=connection,
            subject=("connection", str(connection.pk)), detail={"crm": connection.crm_fields}, clock=seams.clock,
        )  # fmt: skip
    return connection


def is_unique(row: Mapping[str, Any]) -> bool:
    """Whether Books refuses twins of this field's values; the flag has three spellings (facts Books 6.3)."""
    allowed = row.get("is_duplicate_allowed")
    return bool(row.get("is_unique") or row.get("is_unique_field") or (allowed is not None and not allowed))


def key_is_unique(clients: Clients, entity: str, field_id: str) -> bool:
    """Whether Books still has that key field on the entity, switched on and refusing twins; one call."""
    row = next((row for row in clients.books.fields(entity) if str(row["field_id"]) == field_id), None)
    return row is not None and is_unique(row) and row.get("is_active", True) is not False


def by_label(rows: Iterable[Row], label: str) -> Row | None:
    """The field that people see under this label; Books' and CRM's spellings of it differ."""
    names = ("label", "field_label", "display_label")
    return next((row for row in rows if label.casefold() in (str(row.get(name)).casefold() for name in names)), None)


def _key_field(clients: Clients, entity: str) -> tuple[str, str]:
    """Id and API name of the unique key field of invoices or contacts."""
    found = by_label(clients.books.fields(entity), KEY_LABEL)
    if found is None:
        clients.books.create_field(_key_spec(entity))
        found = by_label(clients.books.fields(entity), KEY_LABEL)
    elif not is_unique(found):
        clients.books.update_field(str(found["field_id"]), {"is_unique": True})
        found = by_label(clients.books.fields(entity), KEY_LABEL)
    if found is None or not is_unique(found):
        raise CannotConnect(
            f"Books has no unique field “{KEY_LABEL}” on {entity}s: in Books' settings, make it and tick "
            "“Prevent duplicate values”, then press Make fields again."
        )
    return str(found["field_id"]), str(found["api_name"])


def _key_spec(entity: str) -> Row:
    return {
        "entity": entity, "label": KEY_LABEL, "data_type": "string", "show_on_pdf": False, "is_mandatory": False,
        "is_unique": True,
    }  # fmt: skip


def _crm_fields(clients: Clients) -> dict[str, str]:
    """Meaning -> API name, as CRM gave it."""
    labels = {meaning: str(spec["field_label"]) for meaning, spec in DEAL_FIELDS.items()}
    rows = clients.crm.fields("Deals")
    missing = [DEAL_FIELDS[meaning] for meaning, label in labels.items() if by_label(rows, label) is None]
    if missing:
        _create(clients, "Deals", missing)
        rows = clients.crm.fields("Deals")
    found = {meaning: by_label(rows, label) for meaning, label in labels.items()}
    names = {meaning: str(row["api_name"]) for meaning, row in found.items() if row is not None}
    return names | _replaced_by(clients)


def _replaced_by(clients: Clients) -> dict[str, str]:
    """The look-up by which a person says that one quote replaces another."""
    label = REPLACED_BY.replace("_", " ")
    found = by_label(clients.crm.fields("Quotes"), label)
    if found is None:
        quotes = next((row for row in clients.crm.modules() if row.get("api_name") == "Quotes"), {})
        module = {"api_name": "Quotes", "id": str(quotes.get("id") or "")}
        _create(clients, "Quotes", [{"field_label": label, "data_type": "lookup", "lookup": {"module": module}}])
        found = by_label(clients.crm.fields("Quotes"), label)
    return {REPLACED_BY: str(found["api_name"])} if found else {}


def _create(clients: Clients, module: str, specs: list[Row]) -> None:
    """A field that somebody made meanwhile is as good as ours."""
    for result in clients.crm.create_fields(module, specs):
        if result.error is not None and not isinstance(result.error, Duplicate):
            raise result.error
