"""A database restored from a copy: nothing is written to Zoho until all was read anew and a person releases it (F45).

What was made after the copy was taken is unknown here, but its key is in Books: reading the invoices takes it over.
"""

from dataclasses import dataclass

from django.db import transaction

from accounts import audit
from accounts.connecting import stop_writes
from accounts.models import Connection, User
from invoicing import adopting
from invoicing.models import Conversion, Invoice
from syncjobs.models import Checkpoint, Run
from syncjobs.services import KINDS, start_run
from zbridge.clock import Clock

# Only when these were read to their end can it be said what the copy lacked.
NEEDED = ("deal", "quote", "invoice")


class Refused(Exception):
    """It can't be released yet; the sentence says why."""


@dataclass(frozen=True)
class Compared:
    """What reading found so far: kinds still to be read, drafts taken over, keys of no sale here, invoices missing."""

    unread: tuple[str, ...]
    taken: tuple[Conversion, ...]
    strange: tuple[Invoice, ...]
    missing: tuple[Conversion, ...]

    @property
    def may_be_released(self) -> bool:
        """Whether everything was read."""
        return not self.unread


def begin(connection: Connection, user: User | None, clock: Clock) -> None:
    """Stop writing, forget how far every list was read, and read all of them anew."""
    with transaction.atomic():
        stop_writes(connection, True, user, clock)
        Connection.objects.filter(pk=connection.pk).update(restored_at=clock.now())
        Checkpoint.objects.filter(connection=connection).update(watermark=None, place=None, read_at=None)
        Run.objects.filter(connection=connection, ended_at=None).update(
            state=Run.State.FAILED, ended_at=clock.now(), sentence="Under way when the copy was taken; begun anew.",
            lease_until=None, hold="", hold_cause="", hold_until=None,
        )  # fmt: skip
        for kind in KINDS:
            start_run(connection, kind, clock, full=True, trigger="schedule")
        said = f"{connection} was restored from a copy: writing is stopped until all was read and somebody releases it."
        _note(connection, "restored", said, user, clock)
    connection.restored_at = clock.now()


def compared(connection: Connection) -> Compared:
    """From the mirror alone."""
    read = dict(Checkpoint.objects.filter(connection=connection).values_list("kind", "read_at"))
    since = connection.restored_at
    rows = Conversion.objects.filter(connection=connection).select_related("deal", "quote")
    taken = rows.filter(requested_via=adopting.VIA, requested_at__gte=since) if since else rows.none()
    seen = Invoice.objects.filter(connection=connection, gone_at=None)
    missing = rows.filter(state=Conversion.State.DONE).exclude(books_invoice_id__in=seen.values("books_id"))
    unread = tuple(kind for kind in NEEDED if read.get(kind) is None)
    return Compared(
        unread, tuple(taken[:50]), tuple(adopting.unknown(connection)), tuple(missing[:50]) if not unread else ()
    )


def release(connection: Connection, user: User, clock: Clock) -> str:
    """Write again; raises Refused while something is still to be read."""
    found = compared(connection)
    if connection.restored_at is None:
        raise Refused("Nothing is held back here.")
    if not found.may_be_released:
        raise Refused(
            f"Not released: {', '.join(found.unread)} are still to be read. Writing stays stopped until then."
        )
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(restored_at=None)
        stop_writes(connection, False, user, clock)
        adopting.explained(connection, clock)
        _note(connection, "released", f"{connection} writes to Zoho again after a restored copy.", user, clock)
    return f"Released. {len(found.taken)} drafts were taken over from Books; what waited goes on by itself."


def _note(connection: Connection, verb: str, said: str, user: User | None, clock: Clock) -> None:
    subject = ("connection", str(connection.pk))
    audit.record(user, verb, said, connection=connection, subject=subject, clock=clock)
