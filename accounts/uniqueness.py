"""The guided probe: does Books refuse a second invoice with the same key? Two test drafts are tried, one remains."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import audit, notices
from accounts.clients import Clients, Seams
from accounts.models import Connection, User
from accounts.organisations import PATIENCE, CannotConnect
from accounts.own_fields import key_is_unique
from zbridge.clock import Clock
from zbridge.zoho.errors import Duplicate, OutcomeUnknown, Rejected

PROBE_NAME = "zbridge probe"


@dataclass(frozen=True)
class Probe:
    """What the probe saw and what it left in Books, for a person to delete there."""

    unique: bool
    customer_id: str
    invoice_ids: tuple[str, ...]
    sentence: str


def probe_uniqueness(connection: Connection, user: User | None, seams: Seams) -> Probe:
    """Make a test draft, try its twin, note what Books did; raises ZohoError when the first can't be made."""
    if not connection.invoice_key_field:
        raise CannotConnect("Make the fields first: the probe needs the key field on invoices.")
    clients = seams.clients(connection, patience=PATIENCE)
    customer_id = _customer(clients)
    body = _draft(connection, customer_id)
    first = str(clients.books.create_draft_invoice(body)["invoice_id"])
    probe = _twin(clients, connection, body, customer_id, first)
    connection.uniqueness_seen_at = seams.clock.now() if probe.unique else None
    with transaction.atomic():
        connection.save(update_fields=["uniqueness_seen_at"])
        audit.record(
            user, "probe", probe.sentence, connection=connection, subject=("connection", str(connection.pk)),
            detail={"customer_id": customer_id, "invoice_ids": list(probe.invoice_ids)}, clock=seams.clock,
        )  # fmt: skip
    return probe


def still_refuses_twins(connection: Connection, entity: str, clients: Clients, clock: Clock) -> bool:
    """Whether to rely on Books to refuse a twin now; where the key field is no longer unique, never until probed anew.

    `entity` is "invoice" or "contact". One call to Books, made only before something in doubt is sent again (F21).
    """
    field = connection.invoice_key_field if entity == "invoice" else connection.customer_key_field
    if connection.uniqueness_seen_at is None or not field:
        return False
    if key_is_unique(clients, entity, field):
        return True
    _rely_no_longer(connection, entity, clock)
    return False


def _rely_no_longer(connection: Connection, entity: str, clock: Clock) -> None:
    said = f"Books no longer refuses two {entity}s with one key: its field “zbridge key” was changed or removed."
    text = "Nothing is sent twice; what is in doubt asks a person. Press Make fields, then Probe, on its page."
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(uniqueness_seen_at=None)
        audit.record(
            None, "probe", said, connection=connection, subject=("connection", str(connection.pk)), clock=clock
        )
        notices.tell(
            connection, f"twins:{entity}:{connection.uniqueness_seen_at:%Y%m%d%H%M%S}", said, text, role="revops",
            subject=("connection", str(connection.pk)), clock=clock,
        )  # fmt: skip
    connection.uniqueness_seen_at = None


def _customer(clients: Clients) -> str:
    found = clients.books.contacts_by(contact_name=PROBE_NAME)
    row = found[0] if found else clients.books.create_contact({"contact_name": PROBE_NAME, "contact_type": "customer"})
    return str(row["contact_id"])


def _draft(connection: Connection, customer_id: str) -> dict[str, Any]:
    """A draft over 1.00; its key doesn't look like that of a sale."""
    return {
        "customer_id": customer_id,
        "reference_number": PROBE_NAME,
        "line_items": [{"name": "Test of the key field, please delete", "rate": 1, "quantity": 1}],
        "custom_fields": [
            {"customfield_id": connection.invoice_key_field, "value": f"PROBE-{secrets.token_hex(8)}"},
        ],
    }


def _twin(clients: Clients, connection: Connection, body: dict[str, Any], customer_id: str, first: str) -> Probe:
    """Only a clear refusal of the twin counts as proof; an unclear answer proves nothing."""
    left = f"Delete the test draft of customer “{PROBE_NAME}” in Books when you like."
    try:
        second = str(clients.books.create_draft_invoice(body)["invoice_id"])
    except (Duplicate, Rejected):
        return Probe(True, customer_id, (first,), f"Books refused a second invoice with the same key. {left}")
    except OutcomeUnknown:
        said = f"Books' answer to the second test draft was lost, so nothing is proved. Probe again. {left}"
        return Probe(False, customer_id, (first,), said)
    said = f"Books accepted two invoices with the same key: {connection} can't rely on it. Delete both test drafts."
    return Probe(False, customer_id, (first, second), said)
