"""What the connection pages show, as plain dicts: state in a sentence, the next step, checks, rights, the forms."""

from typing import Any

from django.db.models import Max

from accounts import expiries
from accounts.circuit import open_circuits
from accounts.figure_fields import MODULES
from accounts.forms import ClientForm, SettingsForm, initial_settings, simulator_is_offered
from accounts.grants import token_panel
from accounts.models import Connection, Credential, Expiry, HealthRun, User
from accounts.rights import rights
from accounts.roles import may
from zbridge.clock import Clock
from zbridge.zoho.errors import NAMES

Row = dict[str, Any]


def list_page(user: User) -> Row:
    """All connections, each with its sentence."""
    rows = [{"pk": row.pk, "name": str(row), "sentence": sentence(row)[1]} for row in Connection.objects.all()]
    return {
        "title": "Connections",
        "rows": rows,
        "may_connect": may(user, "connect"),
        "simulator": simulator_is_offered(),
    }


WORST_FIRST = {"red": 0, "ok": 2}


def detail_page(connection: Connection, user: User, clock: Clock, form: SettingsForm | None = None) -> Row:
    """One connection: everything the page shows, from our own tables."""
    credential = Credential.objects.filter(connection=connection).first()
    state, said = sentence(connection)
    checks = sorted(connection.readiness, key=lambda row: WORST_FIRST.get(row["state"], 1))
    return {
        "title": str(connection), "connection": connection, "credential": credential, "state": state, "sentence": said,
        "step": next_step(connection, credential), "checks": checks,
        "tokens": token_panel(connection, credential, clock) if credential and credential.consented_at else None,
        "health_runs": latest_health(connection), "ends": ends_soon(connection, clock),
        "red": red_checks(connection),
        "rights": rights(credential.scopes) if credential and credential.refresh_token_cipher else [],
        "fields_made": fields_made(connection), "facts": facts(connection, clock),
        "form": form or SettingsForm(connection, initial=initial_settings(connection)),
        "client_form": None if connection.is_simulator else ClientForm(initial=_client(credential)),
        "may_connect": may(user, "connect"), "may_stop": may(user, "stop_writes"),
        "simulator": connection.is_simulator and simulator_is_offered(),
    }  # fmt: skip


def _client(credential: Credential | None) -> Row:
    return {"client_id": credential.client_id if credential else ""}


def sentence(connection: Connection) -> tuple[str, str]:
    """A colour and what it means for people."""
    if connection.state == Connection.State.RECONNECT:
        return "red", f"Access to Zoho ended. Work waits and nothing is lost. {connection.hold}"
    if connection.state == Connection.State.DRAFT:
        return "amber", "Being set up; nothing is read or written yet."
    if connection.writes_stopped:
        return "amber", "Connected, and all writes to Zoho are stopped by a person; reading goes on."
    if connection.hold:
        return "amber", f"Connected; work waits: {connection.hold}"
    silent = [NAMES[row.side] for row in open_circuits([connection])]
    if silent:
        return "amber", f"Connected, and {' and '.join(silent)} gives no answer; what needs it waits, none is lost."
    red = red_checks(connection)
    if red:
        return "amber", f"Connected; {red} of {len(connection.readiness)} checks below need somebody."
    return "ok", "Connected; reading and writing."


def red_checks(connection: Connection) -> int:
    """How many of the last checks stop work."""
    return sum(1 for row in connection.readiness if row["state"] == "red")


def next_step(connection: Connection, credential: Credential | None) -> str:
    """The one step that is due: connect, choose, fields, probe, settings, check, or none."""
    if credential is None or not credential.refresh_token_cipher or connection.state == Connection.State.RECONNECT:
        return "connect"
    if not connection.books_org_id:
        return "choose"
    if not connection.invoice_key_field or not connection.crm_fields:
        return "fields"
    if connection.uniqueness_seen_at is None:
        return "probe"
    if connection.go_live is None:
        return "settings"
    return "" if connection.readiness else "check"


def fields_made(connection: Connection) -> list[tuple[str, str]]:
    """Where zbridge's own fields stand, and under which API name."""
    books = [("Books invoice", connection.invoice_key_name), ("Books customer", connection.customer_key_name)]
    meanings = [(module, one) for module, found in MODULES.items() for one in found]
    ours = {one.key: f"CRM {module.lower().removesuffix('s')}, {one.title.lower()}" for module, one in meanings}
    crm = [(ours.get(key, "CRM quote, replaced by"), name) for key, name in connection.crm_fields.items()]
    return [(where, name) for where, name in [*books, *crm] if name]


def facts(connection: Connection, clock: Clock) -> list[tuple[str, str]]:
    """The organisation as it was read when connecting."""
    if not connection.books_org_id:
        return []
    return [
        ("CRM organisation", f"{connection.crm_org_name}, {connection.crm_edition}".rstrip(", ")),
        ("Books organisation", f"{connection.books_org_name}, {connection.books_plan}".rstrip(", ")),
        ("Currency", connection.currency),
        ("Country", connection.country or "not told"),
        ("Time zone", f"{connection.time_zone}, today is {connection.today(clock):%d %b %Y}"),
        ("Taxes", ", ".join(row["name"] for row in connection.taxes) or "none"),
    ]


def latest_health(connection: Connection) -> list[HealthRun]:
    """The newest health run of each system."""
    newest = HealthRun.objects.filter(connection=connection).order_by("system").values("system")
    found = HealthRun.objects.filter(pk__in=newest.annotate(last=Max("pk")).values("last"))
    return list(found.prefetch_related("results").order_by("system"))


def ends_soon(connection: Connection, clock: Clock) -> list[tuple[str, str]]:
    """What ends, with the days that are left."""
    rows = Expiry.objects.filter(connection=connection, done_at=None)[:5]
    return [(str(row), f"{row.ends_on:%-d %b %Y}, {expiries.in_words(expiries.days_left(row, clock))}") for row in rows]
