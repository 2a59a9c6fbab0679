"""`manage.py reconcile`: one month's won against invoiced by cause, and both sides counted as last compared."""

from argparse import ArgumentParser
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError

from accounts.clients import seams
from accounts.models import Connection
from invoicing import netting
from invoicing.domain.reconciliation import Cause, Total, totals
from invoicing.reconciling import Month, NotReconciled, month, usual_month
from invoicing.tasks import workbench
from syncjobs.counts import counts
from zbridge.management.answers import DONE, REFUSED, USAGE, WAITS, AnsweringCommand
from zbridge.money import Money, rounded
from zbridge.zoho.errors import ZohoError
from zbridge.zoho.gate import Priority

MOST_CALLS = 500


class Command(AnsweringCommand):
    help = "Reconcile won deals with invoices for one month, with a cause for every difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", metavar="YYYY-MM", help="default: the last full month")

    def handle(self, *args: object, **options: Any) -> None:
        connection, clock = self.connection(options), seams().clock
        first = _first_day(options["month"]) if options["month"] else usual_month(connection, clock)
        try:
            found = month(connection, first, clock, most=None)
            left = self._read_nets(connection, found)
            found = month(connection, first, clock, most=None) if found.unread else found
        except NotReconciled as refusal:
            raise CommandError(str(refusal), returncode=REFUSED) from refusal
        said = {currency: _amounts(total, currency) for currency, total in totals(found.rows).items()}
        answer = {"month": f"{first:%Y-%m}", "currencies": said, "counts": counts(connection, clock)}
        self.answer(answer, options, WAITS if left else DONE)

    def _read_nets(self, connection: Connection, found: Month) -> int:
        """Ask Books for the net amounts that aren't known; how many stay unknown, said on stderr."""
        wanted, left = found.unread[:MOST_CALLS], found.unread[MOST_CALLS:]
        try:
            netting.read(connection, wanted, workbench(Priority.POLL, patience=30.0))
        except ZohoError as trouble:
            self.stderr.write(f"Not every net amount could be read: {trouble.sentence}")
            return len(found.unread)
        if left:
            self.stderr.write(f"{len(left)} net amounts are still to be read; run it again.")
        return len(left)


def _first_day(written: str) -> date:
    try:
        return datetime.strptime(written, "%Y-%m").date()
    except ValueError as error:
        raise CommandError(f"“{written}” is no month; write it as 2026-06.", returncode=USAGE) from error


def _amounts(total: Total, currency: str) -> dict[str, Any]:
    def written(amount: Decimal) -> str:
        return format(rounded(Money(amount, currency)).amount, "f")

    left_out = {Cause.UNEXPLAINED} | ({Cause.NOT_BILLABLE} if not total.causes[Cause.NOT_BILLABLE] else set())
    causes = {cause.value: written(total.causes[cause]) for cause in Cause if cause not in left_out}
    return {
        "won": written(total.won), "invoiced": written(total.invoiced), "paid": written(total.paid),
        "outstanding": written(total.outstanding), "causes": causes,
        "unexplained": written(total.causes[Cause.UNEXPLAINED]),
    }  # fmt: skip
