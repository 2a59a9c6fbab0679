"""What a person must see of billing by itself: refusals and possible further parts, open until they are over."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Connection
from invoicing import billing
from invoicing.auto_rows import VIA, unbilled
from invoicing.claims import State
from invoicing.models import Conversion, Deal, Quote
from syncjobs.models import Problem
from syncjobs.services import close_problems, open_problem

REFUSED, PART = "auto_refused", "possible_part"


def tell(row: Conversion, now: datetime) -> None:
    """An automatic draft that was refused stands among the problems, with its reason, until it is billed."""
    sale = row.quote or row.deal
    if sale is not None and row.is_live:
        close_problems(row.connection, "quote" if row.quote else "deal", str(sale.pk), now, REFUSED)
    if row.state != State.REFUSED or row.requested_via != VIA or sale is None or not row.problems:
        return
    first = row.problems[0]
    subject = ("quote" if row.quote else "deal", str(sale.pk), str(sale))
    said = f"{sale} was to bill itself. {first.get('message', '')}"
    open_problem(row.connection, REFUSED, subject, str(first.get("who") or "finance"), said, now=now)


def ask_about_part(row: Quote, now: datetime) -> None:
    """A second accepted quote of a deal waits until a person says what it is."""
    said = f"{row} was accepted, and another quote of its deal bills the sale. Is it a further part? Nothing was made."
    open_problem(row.connection, PART, ("quote", str(row.pk), str(row)), "finance", said, now=now)


def settle(connection: Connection, now: datetime) -> None:
    """Questions that are over: billed meanwhile, no longer accepted, or gone."""
    rows = Problem.objects.filter(connection=connection, cause__in=[REFUSED, PART], closed_at=None)
    for kind, open_ones in (("quote", unbilled(connection)), ("deal", billing.to_invoice(Deal.objects.all()))):
        asked = dict(rows.filter(subject_kind=kind).values_list("subject_id", "cause"))
        left = _still(open_ones.filter(pk__in=list(asked)))
        for subject, cause in asked.items():
            if int(subject) not in left or cause == PART and not left[int(subject)]:
                close_problems(connection, kind, subject, now, cause)


def _still(rows: Iterable[Quote | Deal]) -> dict[int, bool]:
    """By id, whether the sale is billed by another one."""
    return {row.pk: bool(getattr(row, "sale_billed", False)) for row in rows}
