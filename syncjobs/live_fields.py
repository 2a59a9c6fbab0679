"""Reading which fields both systems have, keeping them as rows, and asking for it in the background."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.clients import Clients
from accounts.models import Connection
from syncjobs.domain.live_fields import BOOKS_FIELDS, LiveField, books_custom_field, crm_field, with_joined
from syncjobs.domain.pairs import MODULES, kinds_of
from syncjobs.models import LiveFieldRow
from zbridge.clock import Clock
from zbridge.queue import ring

READ_FIELDS = "syncjobs.tasks.read_live_fields"
ENTITIES = {"customer": "contact", "item": "item"}
Known = dict[str, LiveField]


def ask(connection: Connection) -> None:
    """Have the fields read soon."""
    ring(READ_FIELDS, connection.pk, queue="bulk")


def ask_when_old(connection: Connection, clock: Clock) -> None:
    """Have them read when nothing is known yet, and anew when what is known is more than a day old."""
    if connection.state != Connection.State.CONNECTED:
        return
    read_at = LiveFieldRow.objects.filter(connection=connection).values_list("read_at", flat=True).first()
    if read_at is None or read_at <= clock.now() - timedelta(days=1):
        ask(connection)


def read_fields(connection: Connection, clients: Clients, clock: Clock) -> int:
    """Ask both systems (five calls) and keep what they say in place of what was known; how many fields there are."""
    found: dict[str, list[LiveField | None]] = {}
    for kind, module in MODULES.items():
        found[kind] = [crm_field(row) for row in clients.crm.fields(module)]
    for kind, entity in ENTITIES.items():
        custom = [books_custom_field(row) for row in clients.books.fields(entity)]
        found[kind] = [*BOOKS_FIELDS[kind], *custom]
    found["person"] = [*BOOKS_FIELDS["person"]]
    now = clock.now()
    with transaction.atomic():
        LiveFieldRow.objects.filter(connection=connection).delete()
        rows = [_row(connection, kind, one, now) for kind, fields in found.items() for one in _all(kind, fields)]
        LiveFieldRow.objects.bulk_create(rows)
    return len(rows)


def _all(kind: str, fields: list[LiveField | None]) -> list[LiveField]:
    return with_joined(kind, [one for one in fields if one is not None])


def _row(connection: Connection, kind: str, one: LiveField, now: datetime) -> LiveFieldRow:
    values = vars(one) | {"path": one.path[:120], "label": one.label[:200], "choices": list(one.choices)}
    return LiveFieldRow(connection=connection, kind=kind, read_at=now, **values)


def known_fields(connection: Connection, pair: str) -> tuple[Known, Known]:
    """CRM's and Books' fields of a pair by their paths; both empty before they were ever read. One query."""
    kinds = kinds_of(pair, connection.parties)
    rows = LiveFieldRow.objects.filter(connection=connection, kind__in=kinds)
    found: dict[str, Known] = {kind: {} for kind in kinds}
    for row in rows:
        found[row.kind][row.path] = LiveField(
            row.path, row.label, row.type, row.length, tuple(row.choices), row.read_only, row.mandatory, row.custom
        )
    crm, books = kinds
    return found[crm], found[books]
