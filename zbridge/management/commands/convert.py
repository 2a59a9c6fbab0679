"""`manage.py convert`: the same service as the button."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError

from accounts.clients import seams
from accounts.models import Connection
from invoicing import reading
from invoicing.conversion import work
from invoicing.models import Conversion, Deal, Quote
from invoicing.services import Request, request_conversion
from invoicing.tasks import A_PERSON_WAITS, workbench
from zbridge.management.answers import DONE, REFUSED, USAGE, WAITS, AnsweringCommand
from zbridge.money import Money, rounded

ENDED_WELL = (Conversion.State.DONE, Conversion.State.DRAFTED)
WORKING = (Conversion.State.REQUESTED, Conversion.State.PREPARED, Conversion.State.SENDING, Conversion.State.UNKNOWN)
LONGEST_WAIT_SECONDS = 300.0
LASTING_HOLD_SECONDS = 30.0


class Command(AnsweringCommand):
    help = "Make the draft invoice of a won deal or an accepted quote, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument("--deal", metavar="ID", help="the deal's id in CRM")
        group.add_argument("--quote", metavar="ID", help="the quote's id in CRM")
        parser.add_argument("--wait", action="store_true", help="work it in this process until it ends")

    def handle(self, *args: object, **options: Any) -> None:
        connection = self.connection(options)
        deal, quote = self._sale(connection, options)
        clock = seams().clock
        wanted = Request(connection, deal, quote, via="command")
        row = request_conversion(wanted, clock, doorbell=not options["wait"])
        if options["wait"]:
            row = _work_until_it_ends(row)
        self.answer(_answer(row), options, _code(row, bool(options["wait"])))

    def _sale(self, connection: Connection, options: dict[str, Any]) -> tuple[Deal | None, Quote | None]:
        """The row, read from CRM if unknown here."""
        try:
            bench = workbench(patience=A_PERSON_WAITS)
            if options["deal"]:
                return reading.deal(connection, options["deal"], bench), None
            quote = reading.quote(connection, options["quote"], bench)
            deal = reading.deal(connection, quote.deal_id, bench) if quote.deal_id else None
        except LookupError as missing:
            raise CommandError(str(missing), returncode=USAGE) from missing
        return deal, quote


def _work_until_it_ends(row: Conversion) -> Conversion:
    """Work and wait in turns; a hold that lasts (a person's, a quota of the day) ends the waiting."""
    bench = workbench()
    until = bench.clock.monotonic() + LONGEST_WAIT_SECONDS
    while row.state in (*WORKING, Conversion.State.DRAFTED) and bench.clock.monotonic() < until:
        work(row.pk, bench)
        row.refresh_from_db()
        wait = _seconds_until_free(row, bench.clock.now())
        in_doubt = row.state in (Conversion.State.SENDING, Conversion.State.UNKNOWN)
        if row.hold and not in_doubt and wait > LASTING_HOLD_SECONDS:
            break
        if row.state in (*WORKING, Conversion.State.DRAFTED):
            bench.clock.sleep(max(0.05, min(2.0, wait)))
    return row


def _seconds_until_free(row: Conversion, now: datetime) -> float:
    """Until its next time, or until the worker that has it ends or is given up for dead."""
    waits = [(at - now).total_seconds() for at in (row.next_at, row.lease_until) if at is not None]
    return max(waits, default=0.0)


def _answer(row: Conversion) -> dict[str, Any]:
    return {
        "conversion": str(row.pk),
        "state": row.state,
        "key": row.key,
        "invoice_id": row.books_invoice_id,
        "invoice_number": row.invoice_number,
        "total": format(rounded(Money(row.total, row.currency)).amount, "f") if row.total is not None else None,
        "currency": row.currency,
        "hold": row.hold,
        "problems": [
            {name: problem.get(name, "") for name in ("cause", "subject", "message", "who")} for problem in row.problems
        ],
    }


def _code(row: Conversion, waited: bool) -> int:
    if row.state in (Conversion.State.REFUSED, Conversion.State.CANCELLED):
        return REFUSED
    if row.state in ENDED_WELL or not waited:
        return DONE
    return WAITS
