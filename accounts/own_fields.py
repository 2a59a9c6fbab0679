"""The fields that zbridge makes in CRM and Books for itself: made once, API names read back, uniqueness checked."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.clients import Clients, Seams
from accounts.figure_fields import (
    ACCOUNT,
    MODULES,
    digits_of,
    keep,
    note_in_readiness,
    taken_by_others,
    wanted_of,
)
from accounts.models import Connection, User
from accounts.organisations import PATIENCE, CannotConnect
from zbridge.clock import Clock
from zbridge.zoho.errors import Duplicate, Rejected

Row = dict[str, Any]
KEY_LABEL = "zbridge key"
MOST_AT_ONCE = 5
REPLACED_BY = "Replaced_By"


def make_fields(connection: Connection, user: User | None, seams: Seams) -> Connection:
    """Make what is missing: in Books a unique key on invoices and customers, in CRM fields on accounts, deals, quotes.

    Running it again makes nothing new; fields that a person chose instead stay chosen. Raises ZohoError, or
    CannotConnect when Books made a field but not a unique one, or CRM refused some.
    """
    clients = seams.clients(connection, patience=PATIENCE)
    invoice, customer = _key_field(clients, "invoice"), _key_field(clients, "contact")
    connection.invoice_key_field, connection.invoice_key_name = invoice
    connection.customer_key_field, connection.customer_key_name = customer
    refused = _figure_fields(connection, clients, seams.clock)
    connection.crm_fields |= _replaced_by(clients)
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
    note_in_readiness(connection)
    if refused:
        raise CannotConnect(f"{refused} What there is stands; choose fields that CRM has for the others.")
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


def _figure_fields(connection: Connection, clients: Clients, clock: Clock) -> str:
    """The fields of accounts and deals, chosen ones kept and missing ones made; what CRM refused, in a sentence.

    Where another organisation's figures stand on CRM's accounts already, a person chooses other fields for these.
    """
    refused = []
    if taken_by_others(connection):
        connection.crm_fields = {one.key: "" for one in ACCOUNT} | connection.crm_fields
    for module in MODULES:
        rows = clients.crm.fields(module)
        wanted = wanted_of(connection.crm_fields, rows, module)
        missing = [one for one in wanted if by_label(rows, one.label) is None]
        if missing:
            refused += _make(clients, module, [one.spec(digits_of(connection)) for one in missing])
            rows = clients.crm.fields(module)
        keep(connection, module, rows, clock.now())
        found = {one.key: by_label(rows, one.label) for one in wanted}
        connection.crm_fields |= {key: str(row["api_name"]) for key, row in found.items() if row is not None}
    return " ".join(refused)


def _make(clients: Clients, module: str, specs: list[Row]) -> list[str]:
    """Five at a time; what CRM refuses (an edition's limit) stops none of the others."""
    for start in range(0, len(specs), MOST_AT_ONCE):
        try:
            _create(clients, module, specs[start : start + MOST_AT_ONCE])
        except Rejected as refusal:
            return [f"CRM didn't make all fields of {module}: {refusal.message}."]
    return []


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
