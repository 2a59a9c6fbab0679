"""Drafts to review: what was made here and stands in Books unsent, warnings first, then the oldest; no call to Zoho."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from accounts import delivering
from accounts.models import Connection, Notice
from accounts.roles import ROLES
from invoicing.domain.portions import portion_of
from invoicing.in_books import books_link
from invoicing.models import Conversion, Invoice
from invoicing.pages import money
from invoicing.telling import event_of
from syncjobs.columns import text
from syncjobs.models import Checkpoint

State = Conversion.State
UNSENT = ("draft", "pending_approval", "approved", "rejected")
PER_PAGE = 50
WARNED = ~Q(needs_finance="") | ~Q(drift="") & ~Q(drift=F("drift_left"))


@dataclass(frozen=True)
class Told:
    """Whom finance's notice went to and when, and what was not sent."""

    at: datetime
    whom: str
    ways: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One draft beside its source."""

    conversion: Conversion
    invoice: Invoice
    of_source: str
    of_draft: str
    of_draft_net: str
    differences: tuple[str, ...]
    warnings: tuple[str, ...]
    told: Told | None
    link: str


def drafts(rows: "QuerySet[Conversion]") -> "QuerySet[Conversion]":
    """Those whose invoice Books still has and nobody has sent."""
    still = Invoice.objects.filter(
        connection=OuterRef("connection"), books_id=OuterRef("books_invoice_id"), status__in=UNSENT, gone_at=None
    )
    return rows.filter(Exists(still), state__in=[State.DRAFTED, State.DONE])


def to_review(rows: "QuerySet[Conversion]") -> "QuerySet[Conversion]":
    """The same in the order in which finance looks at them."""
    rank = Case(When(WARNED, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = drafts(rows).annotate(rank=rank).order_by("rank", "drafted_at", "pk")
    return found.select_related("connection", "deal", "quote", "requested_by")


def page(rows: "QuerySet[Conversion]", number: int) -> dict[str, Any]:
    """A page of them, and what stands there when there is none; the queries don't grow with the rows."""
    first = (number - 1) * PER_PAGE
    some = list(to_review(rows).defer("payload", "deal__raw", "quote__raw")[first : first + PER_PAGE + 1])
    shown = _rows(some[:PER_PAGE])
    last = rows.exclude(sent_seen_at=None).order_by("-sent_seen_at").values_list("sent_seen_at", flat=True).first()
    return {
        "rows": shown, "first": first + 1, "last": first + len(shown), "last_sent": last,
        "before": number - 1, "after": number + 1 if len(some) > PER_PAGE else 0, "as_of": _as_of(),
    }  # fmt: skip


def _rows(some: Sequence[Conversion]) -> list[Row]:
    """Within a page, of those without a warning the ones that differ come first."""
    ids = [row.books_invoice_id for row in some]
    found = Invoice.objects.filter(books_id__in=ids, gone_at=None).defer("raw", "lines", "detail")
    invoices = {(one.connection_id, one.books_id): one for one in found}
    told = _told(some)
    rows = [_row(one, invoices[one.connection_id, one.books_invoice_id], told.get(one.pk)) for one in some]
    return sorted(rows, key=lambda row: 0 if row.warnings else 1 if row.differences else 2)


def _row(row: Conversion, invoice: Invoice, told: Told | None) -> Row:
    net = row.connection.amounts == Connection.Amounts.NET and invoice.net_of == invoice.total
    named = tuple(text(part.get("sentence")) for part in row.difference)
    departs = row.drift if row.drift != row.drift_left else ""
    return Row(
        conversion=row, invoice=invoice, of_source=_of_source(row), of_draft=money(invoice.total, invoice.currency),
        of_draft_net=money(invoice.net, invoice.currency) if net and invoice.net is not None else "",
        differences=named, warnings=tuple(one for one in (_rest(row.needs_finance, named), departs) if one),
        told=told, link=books_link(row.connection.data_centre, row.books_invoice_id),
    )  # fmt: skip


def _rest(said: str, named: Iterable[str]) -> str:
    """What finance must look at, without the differences that stand beside it; never empty while there is something."""
    rest = said
    for one in named:
        rest = rest.replace(one, "").strip()
    return rest or ("Beyond the rounding that is allowed." if said else "")


def _of_source(row: Conversion) -> str:
    """What CRM says that it comes to: the quote's total with tax, or the deal's amount."""
    if row.quote is not None:
        return f"{money(row.quote.total, row.quote.currency)} with tax"
    if row.deal is None:
        return "–"
    part = portion_of(row.portion)
    of_it = f"; of it {part.label}, {money(part.value, row.currency)}" if part else ""
    return f"{money(row.deal.amount, row.deal.currency)} {row.connection.amounts}{of_it}"


def _told(some: Sequence[Conversion]) -> dict[int, Told]:
    """By conversion; two queries for all of them."""
    events = {event_of(row.pk): row for row in some}
    notices = Notice.objects.filter(event__in=list(events)).prefetch_related("deliveries__user")
    found = {}
    for one in notices:
        row = events[one.event]
        if one.connection_id == row.connection_id:
            found[row.pk] = _as_told(one)
    return found


def _as_told(notice: Notice) -> Told:
    role = ROLES.get(notice.role)
    ways = tuple(delivering.said(one) for one in notice.deliveries.all()[:5])
    return Told(notice.created_at, role.title if role else "Everybody", ways)


def _as_of() -> datetime | None:
    """When invoices were last read to the end of their list."""
    rows = Checkpoint.objects.filter(kind="invoice").order_by("read_at")
    return rows.values_list("read_at", flat=True).first()
