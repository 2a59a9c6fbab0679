"""What an invoice comes to without tax: Books' lists don't tell, so it is read one by one, within bounds, and kept.

Payments don't change it; it is read anew only when the total is another one.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.models import Connection
from invoicing.budgets import Budget
from invoicing.domain.balances import NET_SHARE
from invoicing.models import Invoice
from invoicing.workbench import Workbench
from syncjobs.columns import amount
from zbridge.clock import Clock

READ_NET = "invoicing.tasks.read_net"
READ_NET_KIND = "nets"
AT_A_TIME = 20
# A month that is looked at later is read when somebody asks for it.
RECENT = timedelta(days=62)
_UNREAD = Q(net_of=None) | ~Q(net_of=F("total"))


def split(row: dict[str, Any]) -> dict[str, Decimal | None]:
    """Net, tax and discount of an invoice's detail as columns; nothing of a row that tells no tax."""
    tax, total = amount(row.get("tax_total")), amount(row.get("total"))
    if tax is None or total is None:
        return {}
    return {
        "net": total - tax,
        "tax": tax,
        "discount": amount(row.get("discount_total")) or Decimal(0),
        "net_of": total,
    }


def unread(rows: "QuerySet[Invoice]") -> "QuerySet[Invoice]":
    """Of these, the ones whose net amount isn't known as they stand now; void ones bill nothing."""
    return rows.filter(_UNREAD, gone_at=None).exclude(status="void")


def due(connection: Connection, clock: Clock) -> "QuerySet[Invoice]":
    """Recent ones since go-live, the newest first."""
    if connection.go_live is None:
        return Invoice.objects.none()
    since = max(connection.go_live, connection.today(clock) - RECENT)
    return unread(Invoice.objects.filter(connection=connection, issued_on__gte=since)).order_by("-issued_on", "-pk")


def read(connection: Connection, invoices: Iterable[tuple[int, str]], bench: Workbench) -> int:
    """Read these (our key, Books' id), one call each; how many were. Raises ZohoError when Books can't be asked.

    One that Books no longer has, or doesn't tell the tax of, counts as known with nothing to say.
    """
    books, count = bench.clients(connection).books, 0
    for pk, books_id in invoices:
        found = books.invoice(books_id) or {}
        columns = split(found) or {"net": None, "tax": None, "discount": None}
        Invoice.objects.filter(pk=pk).update(**columns | {"net_of": F("total")})
        count += 1
    return count


def read_due(connection: Connection, bench: Workbench) -> int:
    """A few of what is due, as far as the day's share for it goes; how many were read. Raises ZohoError."""
    found = due(connection, bench.clock).values_list("pk", "books_id")
    budget = Budget(connection, READ_NET_KIND, NET_SHARE, connection.now(bench.clock))
    wanted = list(found[: int(max(0.0, min(budget.left, AT_A_TIME)))])
    budget.spend(len(wanted))
    return read(connection, wanted, bench)


def usual_percent(connection: Connection) -> Decimal:
    """The default tax of the connection in percent; 0 when it has none."""
    percent = {str(row.get("id", "")): row.get("percentage") for row in connection.taxes}
    return Decimal(str(percent.get(connection.default_tax_id) or 0))
