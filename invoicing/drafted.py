"""The draft stands: its id and number are saved first, then it is checked and people are told."""

from typing import Any

from django.db import transaction

from invoicing import columns, moments, netting, telling
from invoicing.claims import Claim
from invoicing.models import Conversion, Invoice
from invoicing.workbench import Workbench
from syncjobs.absorbing import absorb, with_own_digest
from syncjobs.columns import text
from syncjobs.models import Attempt
from syncjobs.services import close_problems

State = Conversion.State


def record(
    claim: Claim, bench: Workbench, invoice: dict[str, Any], attempt: Attempt | None, *, conclusion: str,
    adopted: bool = False,
) -> None:  # fmt: skip
    """Save id and number in the first statement after the answer, with the attempt's end and the mirror's row."""
    now = bench.clock.now()
    name = claim.row.connection.invoice_key_name
    found = columns.invoice(invoice, name)
    with transaction.atomic():
        claim.save(
            state=State.DRAFTED, books_invoice_id=found["books_id"], invoice_number=found["number"],
            invoice_status=found["status"], total=found["total"], drafted_at=now, adopted=adopted, hold="",
            next_at=None, **moments.of_draft(claim.row, claim.row.connection.now(bench.clock)),
            needs_finance=_needs_finance(claim.row, found, adopted)[:300],
        )  # fmt: skip
        if attempt is not None:
            ending = {"ended_at": now, "outcome": "OK", "remote_id": found["books_id"], "conclusion": conclusion}
            Attempt.objects.filter(pk=attempt.pk).update(**ending)
        absorb(
            Invoice, claim.row.connection, "books_id", [with_own_digest(found, invoice, now) | netting.split(invoice)]
        )
        _tell(claim, found)
    bench.point("draft recorded")


def _needs_finance(row: Conversion, found: dict[str, Any], adopted: bool) -> str:
    """Books' total is the stored one; beyond what was expected, finance is asked with both numbers."""
    said = _odd(row, found, adopted)
    said += [text(part.get("sentence")) for part in row.difference if part.get("needs_finance")]
    if row.expected_total is not None and found["total"] != row.expected_total:
        said.append(f"Books made it {found['total']:,.2f} {found['currency']}, expected {row.expected_total:,.2f}.")
    return " ".join(said)


def _odd(row: Conversion, found: dict[str, Any], adopted: bool) -> list[str]:
    """What differs from the frozen payload when the draft was found by its key or answered oddly; nothing is edited."""
    said = []
    if found["key"] != row.key:
        said.append("Books did not echo the key.")
    if found["status"] != "draft":
        said.append(f"The invoice is {found['status']}, not a draft.")
    if adopted and row.customer_id and found["customer_id"] != row.customer_id:
        said.append("Its customer was changed in Books.")
    return said


def _tell(claim: Claim, found: dict[str, Any]) -> None:
    row = claim.row
    close_problems(row.connection, "conversion", str(row.pk), claim.clock.now())
    if row.deal_id:
        close_problems(row.connection, "deal", str(row.deal_id), claim.clock.now(), "asked")
    telling.finance(row, found, claim.clock)
