"""The draft's number, status, amounts and link go to the CRM deal at once; then the conversion is done."""

from datetime import timedelta

from accounts.models import HoldCause
from invoicing import drifting, pushing
from invoicing.claims import Claim
from invoicing.models import Conversion
from invoicing.workbench import Workbench
from zbridge.zoho.errors import Locked, NotFound, Rejected

State = Conversion.State
LOCKED_RETRY = timedelta(minutes=10)


def write_back(claim: Claim, bench: Workbench) -> None:
    """One CRM write of our own fields; a locked deal is tried again, the invoice is never in doubt."""
    row = claim.row
    if row.deal is not None:
        try:
            pushing.write_deal(row.connection, row.deal.crm_id, bench.clients(row.connection), bench.clock)
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
