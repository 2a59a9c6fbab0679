"""Switching billing by itself on and off: off as delivered, on only after its plan was seen, off in one click.

Switched on, it counts from that moment: what was accepted or won before is never billed by itself.
"""

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import Connection, User
from invoicing.auto_rows import VIA
from invoicing.claims import State
from invoicing.deciding import Refused
from invoicing.models import Conversion
from zbridge.clock import Clock

QUOTES = "quotes"
VERB = "automatic"
RIGHT = "syncjobs.view_problem"


def pipelines(connection: Connection) -> list[str]:
    """Pipelines that have a won stage, by name; in a CRM without pipelines the one that has none."""
    won = {key.partition("|")[0] for key, kind in connection.stage_types.items() if kind == "Closed Won"}
    return sorted((won - {""} or won) | set(connection.bill_pipelines))


def is_on(connection: Connection, what: str = "") -> bool:
    """Whether that bills itself; without a name, whether anything does."""
    if not what:
        return connection.bill_quotes_since is not None or bool(connection.bill_pipelines)
    return connection.bill_quotes_since is not None if what == QUOTES else what in connection.bill_pipelines


def spoken(what: str) -> str:
    """“Accepted quotes”, “Won deals of Standard”."""
    return "Accepted quotes" if what == QUOTES else f"Won deals of {what}" if what else "Won deals"


def start(connection: Connection, what: str, user: User | None, clock: Clock) -> str:
    """From now on they bill themselves; what was accepted before stays a person's. Raises Refused."""
    if what != QUOTES and what not in pipelines(connection):
        raise Refused("Nothing was switched on: CRM has no such pipeline any more.")
    if connection.go_live is None:
        raise Refused("Nothing was switched on: no go-live day is set, and nothing is billed without one.")
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        if is_on(row, what):
            raise Refused(f"{spoken(what)} bill themselves already.")
        now = row.now(clock)
        if what == QUOTES:
            row.bill_quotes_since = now
        else:
            row.bill_pipelines = row.bill_pipelines | {what: now.isoformat()}
        row.save(update_fields=["bill_quotes_since", "bill_pipelines"])
        _note(row, user, f"{spoken(what)} bill themselves from now on.", clock, what)
    return f"{spoken(what)} bill themselves from now on. Nothing from before is billed by itself."


def stop(connection: Connection, user: User | None, clock: Clock, what: str = "") -> str:
    """At once; without a name everything stops. Automatic drafts that were not sent yet are cancelled."""
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        if not is_on(row, what):
            raise Refused("Nothing bills itself: it was off already.")
        stopped = [one for one in (QUOTES, *row.bill_pipelines) if is_on(row, one) and what in ("", one)]
        row.bill_quotes_since = None if QUOTES in stopped else row.bill_quotes_since
        row.bill_pipelines = {name: since for name, since in row.bill_pipelines.items() if name not in stopped}
        row.save(update_fields=["bill_quotes_since", "bill_pipelines"])
        said = f"{' and '.join(spoken(one) for one in stopped)} no longer bill themselves."
        # The trail's lock before the conversions': as in the other decisions.
        _note(row, user, said, clock, what or "all")
        return f"{said} {_cancelled(_cancel(row, stopped, clock))} What stands in Books stays."


def _cancelled(count: int) -> str:
    if not count:
        return "No automatic draft was waiting to be sent."
    return f"{count} automatic draft{' was' if count == 1 else 's were'} not sent yet and cancelled."


def _cancel(connection: Connection, stopped: list[str], clock: Clock) -> int:
    """Those that no call was made for; a worker that holds one stops by its epoch. Questions to people stay open."""
    rows = Conversion.objects.filter(
        connection=connection, requested_via=VIA, state__in=[State.REQUESTED, State.PREPARED], attempts=0
    )
    count = 0
    for what in stopped:
        mine = rows.exclude(quote=None) if what == QUOTES else rows.filter(quote=None, deal__pipeline=what)
        count += mine.update(
            state=State.CANCELLED, ended_at=clock.now(), lease_until=None, next_at=None, hold="", hold_cause="",
            held_at=None, epoch=F("epoch") + 1, problems=[CANCELLED],
        )  # fmt: skip
    return count


CANCELLED = {
    "cause": "stopped", "subject": "", "who": "rep", "fixes": [], "values": {},
    "message": "Billing by itself was stopped before this draft was sent. A person can create it.",
}  # fmt: skip


def _note(connection: Connection, user: User | None, said: str, clock: Clock, what: str) -> None:
    audit.record(
        user, VERB, said, connection=connection, subject=(VERB, str(connection.pk)), detail={"what": what}, clock=clock
    )  # fmt: skip


def may_look(user: User | AnonymousUser) -> bool:
    """Finance, RevOps and the auditor see the switches."""
    return user.has_perm(RIGHT)
