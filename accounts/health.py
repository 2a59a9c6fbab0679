"""The health run: once a day and on demand each system is asked with few calls, and what was found is kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import alarms, expiries, figure_fields, notices
from accounts.clients import Clients, Seams
from accounts.consent import crm_org_id
from accounts.models import Connection, Credential, Exchange, Expiry, HealthResult, HealthRun
from accounts.models.health import System
from accounts.organisations import read_money_anew
from accounts.own_fields import key_is_unique
from accounts.rights import missing_features
from accounts.tokens import RowTokenStore
from zbridge.clock import Clock
from zbridge.zoho.errors import RateLimited, Rejected, ScopeMissing, Waits, ZohoError
from zbridge.zoho.gate import Priority

State = HealthRun.State
CHECK = "accounts.tasks.check_health"
LOOK = "accounts.tasks.look"
EVERY, MISSED_AFTER = timedelta(hours=24), timedelta(hours=25)
# Access that ended must be known after five minutes: the sweep comes each minute, a call takes half of one.
QUIET = timedelta(seconds=200)
MOST_SKEW = 60.0
PATIENCE = 10.0
MISSED = "health_missed"


@dataclass(frozen=True)
class Result:
    """One thing that was looked at."""

    name: str
    state: str
    sentence: str


def check(connection: Connection, trigger: str, seams: Seams) -> list[HealthRun]:
    """Look at each system; what was found is kept, told when it failed, and told when it is well again."""
    priority = Priority.CLICK if trigger == "person" else Priority.PUSH
    runs = [_run(connection, system, trigger, priority, seams) for system in LOOKS]
    worst = _worst(run.state for run in runs)
    Connection.objects.filter(pk=connection.pk).update(health_at=seams.clock.now(), health_state=worst)
    alarms.settle(connection, MISSED, f"{connection}: health is checked again", "The daily check ran.", seams.clock)
    return runs


def _worst(states: Iterable[str]) -> str:
    order = [str(state) for state in State]
    return max(states, key=order.index)


def _run(connection: Connection, system: System, trigger: str, priority: Priority, seams: Seams) -> HealthRun:
    began = seams.clock.now()
    clients = seams.clients(connection, priority, patience=PATIENCE)
    try:
        results, calls = LOOKS[system](connection, clients, seams)
    except ZohoError as trouble:
        state = State.AMBER if isinstance(trouble, RateLimited) else State.RED
        results, calls = [Result("Answer", state, f"It could not be asked: {trouble.sentence}")], 1
    with transaction.atomic():
        run = _keep(connection, system, trigger, began, results, calls, seams.clock)
        _tell(run, seams.clock)
    return run


def _keep(
    connection: Connection,
    system: System,
    trigger: str,
    began: datetime,
    results: list[Result],
    calls: int,
    clock: Clock,
) -> HealthRun:
    worst = _worst(row.state for row in results)
    bad = [row.sentence for row in results if row.state != State.OK]
    run = HealthRun.objects.create(
        connection=connection, system=system, trigger=trigger, started_at=began, ended_at=clock.now(), state=worst,
        calls=calls, sentence=(" ".join(bad) or f"All {len(results)} checks passed.")[:300],
    )  # fmt: skip
    HealthResult.objects.bulk_create(
        HealthResult(run=run, position=position, name=row.name, state=row.state, sentence=row.sentence[:300])
        for position, row in enumerate(results)
    )
    return run


def _tell(run: HealthRun, clock: Clock) -> None:
    """A failure is told at once and again every day that it lasts; so is its end."""
    kind, name = f"health:{run.system}", f"{run.connection}: {run.get_system_display()}"
    if run.state != State.RED:
        alarms.settle(run.connection, kind, f"{name} is well again", run.sentence, clock)
    elif not alarms.sound(run.connection, kind, f"{name} failed its health check", run.sentence, clock):
        event = f"{kind}:{run.connection.today(clock)}"
        notices.tell(
            run.connection, event, f"{name} still fails its health check", run.sentence, role="revops", clock=clock,
            subject=("connection", str(run.connection_id)),
        )  # fmt: skip


def _result(name: str, good: bool, well: str, ill: str) -> Result:
    return Result(name, State.OK if good else State.RED, well if good else ill)


def _books(connection: Connection, clients: Clients, seams: Seams) -> tuple[list[Result], int]:
    try:
        listed = clients.books.organizations()
    except (Rejected, ScopeMissing):
        listed = []
    row = next((row for row in listed if str(row.get("organization_id")) == connection.books_org_id), None)
    active = row is not None and row.get("is_org_active", row.get("isOrgActive", True)) is not False
    name = connection.books_org_name
    if not active:
        ill = f"The connected user can't open {name} in Books, or it is not active there."
        return [Result("Organisation", State.RED, ill)], clients.tally.take("books")
    read_money_anew(connection, clients)
    pairs = (("invoice", connection.invoice_key_field), ("contact", connection.customer_key_field))
    unique = [key_is_unique(clients, entity, wanted) for entity, wanted in pairs]
    found = [
        Result("Organisation", State.OK, f"{name} is open to us."),
        _result(
            "Key fields", all(unique), "Invoices and customers have their unique key field.",
            "A unique key field is missing or no longer unique; press Make fields on the connection's page.",
        ),
        _skew(clients, "books"),
    ]  # fmt: skip
    return found, clients.tally.take("books")


def _crm(connection: Connection, clients: Clients, seams: Seams) -> tuple[list[Result], int]:
    row = clients.crm.org()
    there = {str(field.get("api_name")) for field in clients.crm.fields("Deals")}
    ours = {connection.crm_fields.get(key) for key in figure_fields.NEEDED} - {"", None}
    name = connection.crm_org_name
    found = [
        _result(
            "Organisation", crm_org_id(row) == connection.crm_org_id, f"{name} is the organisation that was connected.",
            f"CRM answers for another organisation than {name}; nothing is written until that is cleared up.",
        ),
        _result(
            "Fields on deals", ours <= there, "Deals have the fields for number, status and link.",
            "A field for the invoice's number, status or link is gone; press Make fields on the connection's page.",
        ),
        _skew(clients, "crm"),
    ]  # fmt: skip
    return found, clients.tally.take("crm")


def _login(connection: Connection, clients: Clients, seams: Seams) -> tuple[list[Result], int]:
    credential = Credential.objects.get(connection=connection)
    RowTokenStore(connection, seams.oauth(connection), seams.clock).renew(credential.version)
    credential.refresh_from_db()
    missing = missing_features(credential.scopes)
    found = [
        Result("Access", State.OK, "Zoho gave a new access token."),
        _result(
            "Rights", not missing, "All rights that zbridge needs are granted.",
            f"Rights are missing, without which these don't work: {'; '.join(missing)}. Reconnect and accept all.",
        ),
        _expiries(connection, seams.clock),
    ]  # fmt: skip
    return found, 1


def _expiries(connection: Connection, clock: Clock) -> Result:
    """What is known to end of this connection, or for all; a day that has passed may have broken nothing yet."""
    mine = Q(connection=connection) | Q(connection=None)
    rows = Expiry.objects.filter(mine, done_at=None).select_related("connection")
    soon = [(row, left) for row in rows if (left := expiries.days_left(row, clock)) <= expiries.DAYS_BEFORE[0]]
    if not soon:
        return Result("What ends", State.OK, "Nothing that is known ends within 30 days.")
    said = ", ".join(f"{row} {'ended' if left < 0 else 'ends'} {expiries.in_words(left)}" for row, left in soon[:3])
    return Result("What ends", State.AMBER, f"{said}.")


def _skew(clients: Clients, side: str) -> Result:
    """Leases and due dates need a clock that is right."""
    seconds = clients.tally.skews.get(side)
    if seconds is None:
        return Result("Clock", State.AMBER, "The answer had no date, so the clocks could not be compared.")
    good = abs(seconds) < MOST_SKEW
    ill = (
        f"This machine's clock is {abs(seconds):.0f} s {'behind' if seconds > 0 else 'ahead of'} Zoho's; set it right."
    )
    return _result("Clock", good, "This machine's clock agrees with Zoho's.", ill)


LOOKS: dict[System, Callable[[Connection, Clients, Seams], tuple[list[Result], int]]] = {
    System.BOOKS: _books, System.CRM: _crm, System.LOGIN: _login,
}  # fmt: skip


def is_due(connection: Connection, clock: Clock) -> bool:
    """Whether the daily run's time has come."""
    return connection.health_at is None or connection.health_at <= clock.now() - EVERY


def is_quiet(connection: Connection, clock: Clock) -> bool:
    """Whether nobody has had a good answer from Zoho for so long that a light look is needed."""
    since = clock.now() - QUIET
    answered = Exchange.objects.filter(connection=connection, side__in=["crm", "books"], started_at__gt=since)
    return not answered.filter(outcome="OK").exists()


def look(connection: Connection, seams: Seams) -> None:
    """The cheapest call that notices an ended access: CRM's organisation, one credit of thousands a day.

    A revoked access fails it with 401 at once (facts CRM 1.4), and the refresh that follows is rejected. Where CRM has
    no call left or doesn't answer, a fresh token is asked for instead, which costs nothing of any quota.
    """
    try:
        seams.clients(connection, Priority.CLICK).crm.org()
    except Waits as wait:
        if wait.system == "crm":
            version = Credential.objects.values_list("version", flat=True).get(connection=connection)
            RowTokenStore(connection, seams.oauth(connection), seams.clock).renew(version)
