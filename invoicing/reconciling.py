"""One month of the mirror reconciled: what was won against what was invoiced; no call to Zoho."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Connection, User
from accounts.roles import sees_all
from invoicing import netting
from invoicing.belonging import NAMING, bills_of, deals_of
from invoicing.domain.reconciliation import Billed, Row, Terms, Won, reconcile
from invoicing.models import Deal, Invoice, Quote
from zbridge.clock import Clock

# As many deals and invoices of one month as a page reckons while somebody waits.
MOST = 20_000
AT_A_TIME = 500
_COLUMNS = (
    *NAMING, "pk", "number", "issued_on", "status", "currency", "total", "balance", "written_off", "net", "tax",
    "discount", "net_of",
)  # fmt: skip


class NotReconciled(LookupError):
    """The month can't be reconciled; the sentence says why."""


@dataclass(frozen=True)
class Month:
    """A month's rows; `deals` and `invoices` by their ids in Zoho; `unread`: invoices whose net isn't known yet."""

    first: date
    last: date
    rows: tuple[Row, ...]
    deals: dict[str, Deal]
    invoices: dict[str, dict[str, Any]]
    unread: tuple[tuple[int, str], ...]


def usual_month(connection: Connection, clock: Clock) -> date:
    """The first day of the last full month; the present one where that was before go-live."""
    present = connection.today(clock).replace(day=1)
    last = (present - timedelta(days=1)).replace(day=1)
    return last if connection.go_live is not None and last >= connection.go_live.replace(day=1) else present


def terms_of(connection: Connection, first: date, clock: Clock) -> Terms:
    """That month, or from go-live on. Raises NotReconciled for one before it, or one that hasn't begun."""
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if connection.go_live is None or last < connection.go_live:
        since = f"{connection.go_live:%-d %B %Y}" if connection.go_live else "a day that isn't set yet"
        raise NotReconciled(f"{first:%B %Y} was before go-live, {since}: zbridge reconciles nothing from before.")
    if first > connection.today(clock):
        raise NotReconciled(f"{first:%B %Y} hasn't begun.")
    return Terms(
        first=max(first, connection.go_live), last=last, gross=connection.amounts == Connection.Amounts.GROSS,
        percent=netting.usual_percent(connection),
    )  # fmt: skip


def month(connection: Connection, first: date, clock: Clock, *, most: int | None = MOST) -> Month:
    """The rows of the month that begins so, from the mirror; the same number of queries for each 500 invoices.

    Raises NotReconciled, also when there are more deals or invoices than `most`.
    """
    terms = terms_of(connection, first, clock)
    won = Deal.objects.filter(connection=connection, outcome=Deal.Outcome.WON, gone_at=None)
    won = won.filter(won_on__gte=terms.first, won_on__lte=terms.last)
    issued = _billing(connection).filter(issued_on__gte=terms.first, issued_on__lte=terms.last)
    _bounded(first, most, won, issued)
    rows = {row["books_id"]: row for row in issued.values(*_COLUMNS)}
    rows |= {row["books_id"]: row for row in bills_of(connection, won).filter(_BILLING).values(*_COLUMNS)}
    owners = deals_of(connection, rows.values())
    deals = _deals(connection, won, owners.values())
    mine = {deal.crm_id for deal in deals.values() if _is_won(deal, terms)}
    kept = {key: row for key, row in rows.items() if owners.get(key) in mine or _inside(row, terms)}
    found = reconcile(
        _won(connection, deals, mine), (_billed(row, owners.get(key, ""), deals) for key, row in kept.items()), terms
    )
    unread = tuple((row["pk"], key) for key, row in kept.items() if row["net_of"] != row["total"])
    return Month(terms.first, terms.last, found, deals, kept, unread)


_BILLING = Q(gone_at=None) & ~Q(status="void")


def _billing(connection: Connection) -> "QuerySet[Invoice]":
    return Invoice.objects.filter(_BILLING, connection=connection).exclude(status="draft")


def _inside(row: dict[str, Any], terms: Terms) -> bool:
    return row["issued_on"] is not None and terms.first <= row["issued_on"] <= terms.last


def _is_won(deal: Deal, terms: Terms) -> bool:
    won = deal.outcome == Deal.Outcome.WON and deal.won_on is not None and deal.gone_at is None
    return won and deal.won_on is not None and terms.first <= deal.won_on <= terms.last


def _bounded(first: date, most: int | None, *rows: "QuerySet[Any]") -> None:
    if most is not None and any(found.order_by().values("pk")[: most + 1].count() > most for found in rows):
        said = f"{first:%B %Y} has more than {most:,} deals or invoices; `manage.py reconcile` reckons it."
        raise NotReconciled(said)


def _deals(connection: Connection, won: "QuerySet[Deal]", named: Iterable[str]) -> dict[str, Deal]:
    """Those won in the month, and those that an invoice names."""
    discounted = Quote.objects.filter(connection=connection, deal_id=OuterRef("crm_id"), discount__gt=0)
    shape = Deal.objects.annotate(quoted_discount=Exists(discounted)).defer("raw")
    found: dict[str, Deal] = {deal.crm_id: deal for deal in shape.filter(pk__in=won.values("pk"))}
    others = sorted(set(named) - set(found))
    for start in range(0, len(others), AT_A_TIME):
        some = others[start : start + AT_A_TIME]
        found |= {deal.crm_id: deal for deal in shape.filter(connection=connection, crm_id__in=some)}
    return found


def _won(connection: Connection, deals: dict[str, Deal], mine: set[str]) -> list[Won]:
    column = connection.subform_columns.get("discount", "Discount")
    rows = sorted((deals[key] for key in mine), key=lambda deal: (deal.won_on or date.min, deal.pk))
    return [
        Won(
            id=deal.crm_id, name=deal.name, amount=deal.amount or Decimal(0), currency=deal.currency,
            not_billable=deal.not_billable,
            discounted=bool(getattr(deal, "quoted_discount", False)) or _has_discount(deal, column),
        )
        for deal in rows
    ]  # fmt: skip


def _has_discount(deal: Deal, column: str) -> bool:
    """Whether a row of its subform carries one, as an amount or in percent."""
    written = (str(row.get(column) or "").rstrip(" %") for row in deal.lines or ())
    return any(one.strip("0.") for one in written)


def _billed(row: dict[str, Any], owner: str, deals: dict[str, Deal]) -> Billed:
    deal = deals.get(owner)
    known = row["net_of"] == row["total"]
    won = deal is not None and deal.outcome == Deal.Outcome.WON and deal.gone_at is None
    return Billed(
        id=row["books_id"], number=row["number"], issued_on=row["issued_on"], currency=row["currency"],
        total=row["total"], balance=row["balance"], written_off=row["written_off"], is_draft=row["status"] == "draft",
        net=row["net"] if known else None, tax=row["tax"] if known else None,
        discount=row["discount"] if known else None, deal=owner if deal else "", deal_name=deal.name if deal else "",
        deal_won_on=deal.won_on if deal and won else None,
    )  # fmt: skip


def seen_by(user: User, found: Month) -> tuple[Row, ...]:
    """All rows; a rep's own deals only."""
    if sees_all(user):
        return found.rows
    own = {key for key, deal in found.deals.items() if user.crm_user_id and deal.owner_id == user.crm_user_id}
    return tuple(row for row in found.rows if row.deal in own)
