"""The draft's number, status and link go to the CRM deal, without firing its workflows; then the conversion is done."""

from datetime import timedelta
from typing import Any

from django.conf import settings

from accounts.models import HoldCause
from invoicing import drifting
from invoicing.claims import Claim
from invoicing.models import Conversion
from invoicing.workbench import Workbench
from zbridge.zoho.errors import Locked, NotFound, Rejected
from zbridge.zoho.regions import region

State = Conversion.State
LOCKED_RETRY = timedelta(minutes=10)


def write_back(claim: Claim, bench: Workbench) -> None:
    """One CRM write of our own fields; a locked deal is tried again, the invoice is never in doubt."""
    row = claim.row
    values = deal_values(row)
    if row.deal is not None and values:
        try:
            bench.clients(row.connection).crm.update_record("Deals", row.deal.crm_id, values)
        except Locked:
            claim.wait(
                bench.clock.now() + LOCKED_RETRY, hold=f"{row.deal.name} is locked in CRM; its draft stands.",
                hold_cause=HoldCause.LOCKED,
            )  # fmt: skip
            return
        except Rejected as trouble:
            if isinstance(trouble, NotFound) or trouble.field == "id":
                claim.end(State.DONE)
                drifting.deals_gone(row.connection, [row.deal.crm_id], row.connection.now(bench.clock))
                return
            claim.wait(bench.clock.now() + LOCKED_RETRY, hold=f"CRM refused the number: {trouble.message}")
            return
    bench.point("written back")
    claim.end(State.DONE, written_back_at=bench.clock.now())


def deal_values(row: Conversion) -> dict[str, Any]:
    """Our fields on the deal, by the API names that connecting found."""
    names = row.connection.crm_fields
    values = {
        "number": row.invoice_number,
        "status": row.invoice_status.capitalize(),
        "link": invoice_link(row),
    }
    return {names[meaning]: value for meaning, value in values.items() if names.get(meaning)}


def invoice_link(row: Conversion) -> str:
    """Where a person opens the invoice in Books."""
    return books_link(row.connection.data_centre, row.books_invoice_id)


def books_link(data_centre: str, invoice_id: str) -> str:
    """The invoice's address in Books' own pages (the simulator's stand-in on the simulator)."""
    if data_centre == "simulator":
        return f"{settings.ZBRIDGE_SIMULATOR_URL}/ui/books/invoices/{invoice_id}"
    return f"{region(data_centre).books_web}/app#/invoices/{invoice_id}"
