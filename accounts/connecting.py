"""Services of the connection pages: new connections, settings, go-live, kill switch, and the simulator in one go."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction

from accounts import audit, consent, holds
from accounts.clients import Seams, region_of, seams
from accounts.consent import Person, Redirect
from accounts.line_settings import READ_BY, customers_are_others, deals_read_otherwise
from accounts.models import Connection, Credential, User
from accounts.organisations import PATIENCE, choose_organisation, list_organisations
from accounts.own_fields import make_fields
from accounts.readiness import check
from accounts.tokens import keep_client
from accounts.uniqueness import Probe, probe_uniqueness
from zbridge.clock import Clock
from zbridge.zoho.secret import Secret
from zbridge.zoho.wire import Ask

# The simulator's known client (design 10); they open nothing but the simulator.
DEMO_CLIENT_ID = "1000.ZBRIDGEDEMO"
DEMO_CLIENT_SECRET = Secret("zbridge-demo-secret")
DEMO_CALLBACK = "http://127.0.0.1/admin/accounts/connection/callback/"
NO_BROWSER = "no browser"
AMOUNT_ITEM = "Services"
SETTINGS = (
    "go_live", "amounts", "line_sources", "subform", "subform_columns", "bill_to_field", "parties", "amount_item_id",
    "default_tax_id", "accepted_stages", "excluded_stages", "reference",
    "price_policy", "match_likely", "match_certain", "both_discounts", "discount_before_tax_always",
    "outside_window_days", "second_person_over", "location_id",
)  # fmt: skip


def new_connection(
    name: str, data_centre: str, client_id: str, client_secret: Secret, user: User | None, clock: Clock
) -> Connection:
    """A draft of a connection with its OAuth client; access comes with the consent."""
    with transaction.atomic():
        connection = Connection.objects.create(name=name, data_centre=data_centre)
        keep_client(Credential(connection=connection), client_id, client_secret)
        _note(user, "connection_made", f"Began to set up the connection {name}.", connection, clock)
    return connection


def change_client(
    connection: Connection, client_id: str, client_secret: Secret, user: User | None, clock: Clock
) -> None:
    """Another OAuth client or secret for the same organisations; the next consent or refresh goes by it."""
    with transaction.atomic():
        keep_client(Credential.objects.get(connection=connection), client_id, client_secret)
        _note(user, "client", f"Changed the OAuth client of {connection}.", connection, clock)


def new_simulator_connection(user: User | None, clock: Clock) -> Connection:
    """A draft of one more connection to the simulator, ready for its consent."""
    return new_connection("Simulator", "simulator", DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, user, clock)


def keep_settings(connection: Connection, wanted: dict[str, Any], user: User | None, clock: Clock) -> Connection:
    """Keep the settings that documents follow (those of SETTINGS); what changed goes to the audit trail."""
    before = {name: getattr(connection, name) for name in SETTINGS}
    for name in SETTINGS:
        setattr(connection, name, wanted.get(name, before[name]))
    if connection.subform != before["subform"]:
        connection.subform_columns = {}
    changed = {
        name: [str(before[name]), str(getattr(connection, name))]
        for name in SETTINGS
        if before[name] != getattr(connection, name)
    }
    if changed:
        with transaction.atomic():
            connection.save(update_fields=list(changed))
            _note(
                user, "settings", f"Changed settings of {connection}: {', '.join(changed)}.", connection, clock, changed
            )
            if set(READ_BY) & set(changed):
                deals_read_otherwise.send(Connection, connection=connection)
            if "parties" in changed:
                customers_are_others.send(Connection, connection=connection, user=user, clock=clock)
    return connection


def set_go_live(connection: Connection, day: date, user: User | None, clock: Clock) -> Connection:
    """From that day on won deals count; nothing earlier is ever billed by itself."""
    return keep_settings(connection, {"go_live": day}, user, clock)


def stop_writes(connection: Connection, stopped: bool, user: User | None, clock: Clock) -> Connection:
    """The kill switch: while it is on, nothing is written to Zoho; work waits and none is lost."""
    said = f"Stopped all writes to Zoho for {connection}." if stopped else f"Allowed writes to Zoho for {connection}."
    with transaction.atomic():
        at = clock.now() if stopped else None
        Connection.objects.filter(pk=connection.pk).update(writes_stopped=stopped, writes_stopped_at=at)
        if not stopped:
            holds.ring_resume(connection)
        _note(user, "writes_stopped" if stopped else "writes_allowed", said, connection, clock)
    connection.writes_stopped = stopped
    return connection


def _note(
    user: User | None, verb: str, sentence: str, connection: Connection, clock: Clock,
    detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    audit.record(
        user, verb, sentence, connection=connection, subject=("connection", str(connection.pk)), detail=detail,
        clock=clock,
    )  # fmt: skip


def connect_simulator(user: User, *, go_live: date, organisation: str = "", found: Seams | None = None) -> Connection:
    """Connect the simulator from end to end without a browser; one that is connected already is answered as it stands.

    `organisation` is the Books id (default: the first listed). What the probe leaves is deleted by the simulator.
    """
    standing = Connection.objects.exclude(state=Connection.State.DRAFT).filter(data_centre="simulator")
    if organisation:
        standing = standing.filter(books_org_id=organisation)
    return standing.first() or _connect(user, go_live, organisation, found or seams())


def _connect(user: User, go_live: date, organisation: str, found: Seams) -> Connection:
    connection = _draft_with_access(user, found)
    chosen = organisation or list_organisations(connection, found)[0].books_id
    choose_organisation(connection, chosen, user, found)
    make_fields(connection, user, found)
    _delete_as_a_person_would(connection, probe_uniqueness(connection, user, found), found)
    keep_settings(connection, {"go_live": go_live, **_usual_settings(connection, found)}, user, found.clock)
    check(connection, found)
    return connection


def _delete_as_a_person_would(connection: Connection, probe: Probe, found: Seams) -> None:
    """The probe's test draft and customer are deleted in the simulator's Books; zbridge itself can't delete."""
    here = region_of(connection)
    left = [*(f"invoices/{invoice_id}" for invoice_id in probe.invoice_ids), f"contacts/{probe.customer_id}"]
    for place in left:
        found.wire.exchange(here, Ask("DELETE", f"{here.api}/_sim/records/books/{place}", {}, {}), found.clock)


def _draft_with_access(user: User, found: Seams) -> Connection:
    """A draft with the simulator's consent: what a browser would do, without one."""
    connection = new_simulator_connection(user, found.clock)
    person = Person(user, NO_BROWSER)
    asked = consent.begin(connection, person, DEMO_CALLBACK, found.clock)
    accept = Ask("POST", asked, {}, {"Content-Type": "application/x-www-form-urlencoded"}, b"answer=accept")
    answer = found.wire.exchange(region_of(connection), accept, found.clock)
    query = dict(parse_qsl(urlsplit(answer.headers.get("location", "")).query))
    return consent.finish(Redirect(query.get("state", ""), query.get("code", "")), person, DEMO_CALLBACK, found)


def _usual_settings(connection: Connection, found: Seams) -> dict[str, Any]:
    """What Cy would choose in the demo: the item Services for bare amounts, the highest tax where none is default."""
    items = found.clients(connection, patience=PATIENCE).books.items_by(name=AMOUNT_ITEM)
    taxes = sorted(connection.taxes, key=lambda row: Decimal(row["percentage"]))
    default = connection.default_tax_id or (taxes[-1]["id"] if taxes else "")
    return {"amount_item_id": str(items[0]["item_id"]) if items else "", "default_tax_id": default}
