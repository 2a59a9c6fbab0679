"""Why do won and invoiced differ? One month by cause, each difference with the deal or invoice that it comes from."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from accounts.models import Connection
from accounts.roles import may
from invoicing import reconciling
from invoicing.domain.reconciliation import Cause, Row, Total, totals
from invoicing.reports.asked import Asked, asked, first_day
from invoicing.reports.page import PER_PAGE, Cell, as_of, exports, filters, money
from zbridge.clock import Clock

NAME = "reconciliation"
TITLE = "Won and invoiced"
QUESTION = "Why do won and invoiced differ?"
KINDS = ("deal", "quote", "invoice")
FILTERS = ("month", "rep", "currency")
HOW = (
    "Won: the net amounts of deals won in the month, as they stand in CRM now. Invoiced: the net amounts of invoices "
    "dated in the month; drafts and void ones don't count. Paid and outstanding are of these invoices, as of now and "
    "with tax; credits and payments both count as paid.",
    "An invoice bills the deal that zbridge made it from, else the one whose CRM id stands on it, else the one that "
    "its reference names.",
    "Books' lists tell no net amounts: zbridge reads them invoice by invoice, a few each minute. Until then the usual "
    "tax is taken off the total, and what that leaves open is called unexplained.",
)
WORDS = {
    Cause.TIMING: "Timing: billed in another month, or still a draft",
    Cause.PARTIAL: "Partial: a part isn't billed yet",
    Cause.DISCOUNT: "Discount: on the invoice and not on the deal",
    Cause.TAX: "Tax: the deal's amount includes it",
    Cause.CURRENCY: "Currency: won in one, billed in another",
    Cause.MISSING: "Missing: no invoice, or no won deal",
    Cause.NOT_BILLABLE: "Not billed: finance took it off the list",
    Cause.UNEXPLAINED: "Unexplained",
}
AXIS = {
    "animation": False, "maintainAspectRatio": False, "responsive": True, "plugins": {"legend": {"display": False}},
}  # fmt: skip
SHORT = {cause: words.split(":")[0] for cause, words in WORDS.items()}
FIGURES = frozenset({"Won", "Invoiced", "Difference", "Paid", "Outstanding"})
HEADERS = ("Deal or invoice", "Account", "Rep", "Won", "Invoiced", "Difference", "Cause", "Paid", "Outstanding", "Why")


def page(found: Asked, number: int, connections: Sequence[Connection], clock: Clock) -> dict[str, Any]:
    """The month, or in a sentence why it isn't reconciled."""
    address = reverse(f"reports:{NAME}")
    shown: dict[str, Any] = {
        "wanted": found, "question": QUESTION, "how": HOW,
        "headers": [Cell(one, is_number=one in FIGURES) for one in HEADERS], "address": address,
        "filters": filters(FILTERS, found, connections), "as_of": as_of(KINDS, found.connection), "rows": [],
    }  # fmt: skip
    assert found.first is not None
    try:
        month = reconciling.month(found.connection, found.first, clock)
    except reconciling.NotReconciled as refusal:
        return shown | {"refused": str(refusal), "go_live": _go_live(found)}
    kept = chosen(found, month)
    rows = by_cause(found, kept)
    first = max(number - 1, 0) * PER_PAGE
    query = found.query()
    return shown | {
        "totals": [_total(found, currency, total) for currency, total in totals(kept).items()],
        "rows": [cells(row, month) for row in rows[first : first + PER_PAGE]],
        "sums": [_sum(currency, total) for currency, total in totals(rows).items()], "number": len(rows),
        "first": first + 1, "last": first + len(rows[first : first + PER_PAGE]),
        "before": f"{query}&p={number - 1}" if number > 1 else "",
        "after": f"{query}&p={number + 1}" if len(rows) > first + PER_PAGE else "",
        "unread": len(month.unread), "cause": _cause(found), "cause_words": _cause_words(found),
        "all": found.query(cause="", deal=""),
        "exports": exports(address, found) if rows and may(found.user, "export") else [],
        "empty": _empty(found) if not kept else None,
    }  # fmt: skip


def of_month(user: Any, connection: Connection, query: Any, clock: Clock) -> Asked:
    """The filters; the last full month where none was asked for."""
    return asked(user, connection, query, clock, reconciling.usual_month)


def chosen(found: Asked, month: reconciling.Month) -> list[Row]:
    """The month's rows that the person sees and the filters of rep and currency keep: the sums are theirs."""
    rep, currency = found.get("rep"), found.get("currency")
    return [
        row for row in reconciling.seen_by(found.user, month)
        if (not currency or row.currency == currency) and (not rep or _rep_id(row, month) == rep)
    ]  # fmt: skip


def _rep_id(row: Row, month: reconciling.Month) -> str:
    deal = month.deals.get(row.deal)
    return deal.owner_id if deal else ""


def by_cause(found: Asked, rows: Iterable[Row]) -> list[Row]:
    """Of these, those with that cause, or of that deal; the largest differences first."""
    cause, deal = _cause(found), found.get("deal")
    kept = [row for row in rows if (cause is None or row.of(cause)) and (not deal or row.deal == deal)]
    return sorted(kept, key=lambda row: (row.currency, -abs(row.won - row.invoiced), -row.won, row.name))


def _cause(found: Asked) -> Cause | None:
    return Cause(found.get("cause")) if found.get("cause") in set(Cause) else None


def _cause_words(found: Asked) -> str:
    cause = _cause(found)
    return WORDS[cause] if cause else ""


def _total(found: Asked, currency: str, total: Total) -> dict[str, Any]:
    """The figures of one currency, its causes with the way to their rows, and the chart from won down to invoiced."""
    causes = [
        {"words": WORDS[cause], "amount": money(amount, currency), "query": found.query(cause=cause.value, deal=""),
         "is_zero": not amount}
        for cause, amount in total.causes.items()
    ]  # fmt: skip
    figures = [
        ("Won", total.won), ("Invoiced", total.invoiced), ("Paid", total.paid), ("Outstanding", total.outstanding),
        ("Difference", total.won - total.invoiced), ("Unexplained", total.causes[Cause.UNEXPLAINED]),
    ]  # fmt: skip
    begins = axis_begin(total)
    return {
        "options": json.dumps(AXIS | {"scales": {"y": {"min": begins}}}),
        "begins": money(Decimal(begins), currency) if begins else "",
        "currency": currency, "figures": [(name, money(amount, currency)) for name, amount in figures],
        "causes": causes, "chart": waterfall(total), "said": f"From won {money(total.won, currency)} to invoiced "
        f"{money(total.invoiced, currency)} in {currency}; the table below has the same figures.",
    }  # fmt: skip


def axis_begin(total: Total) -> int:
    """0, or near the smaller bar where the causes would be too small to see beside it."""
    low, high = min(total.won, total.invoiced), max(total.won, total.invoiced)
    if low * 2 < high or high == low:
        return 0
    step = 10 ** max(len(str(int(high - low))) - 1, 0)
    return max(int((low - (high - low)) // step * step), 0)


def waterfall(total: Total) -> str:
    """Bars from won down to invoiced, one a cause that is there, each beginning where the one before ended."""
    labels, bars, at = ["Won"], [[0.0, float(total.won)]], total.won
    for cause, amount in total.causes.items():
        if amount:
            labels.append(SHORT[cause])
            bars.append([float(at), float(at - amount)])
            at -= amount
    strong, soft = "var(--color-primary-600)", "var(--color-primary-300)"
    colours = [strong, *[soft] * (len(labels) - 1), strong]
    data = {"data": [*bars, [0.0, float(total.invoiced)]], "backgroundColor": colours, "displayYAxis": True}
    return json.dumps({"labels": [*labels, "Invoiced"], "datasets": [data | {"maxBarThickness": 72}]})


def values(row: Row, month: reconciling.Month) -> list[Any]:
    """A row as a file has it, amounts as numbers; its currency comes after the rep."""
    deal = month.deals.get(row.deal)
    invoices = [month.invoices[one] for one in row.invoices if one in month.invoices]
    name = row.name or ", ".join(one["number"] for one in invoices)
    account = deal.account_name or deal.contact_name if deal else ", ".join(one["customer_name"] for one in invoices)
    causes = ", ".join(SHORT[part.cause] for part in row.parts)
    return [
        name, account, deal.owner_name if deal else "", row.currency, row.won, row.invoiced, row.won - row.invoiced,
        causes, row.paid, row.outstanding, " ".join(part.sentence for part in row.parts),
    ]  # fmt: skip


def file_headers() -> list[str]:
    """Of the columns of a file."""
    return [*HEADERS[:3], "Currency", *HEADERS[3:]]


def cells(row: Row, month: reconciling.Month) -> list[Cell]:
    """A row as the page has it."""
    name, account, rep, currency, *rest, causes, paid, outstanding, why = values(row, month)
    amounts: list[Decimal] = rest
    figures = [Cell(money(one, currency), is_number=True) for one in amounts]
    last = [Cell(money(one, currency), is_number=True) for one in (paid, outstanding)]
    return [Cell(name, _link(row, month)), Cell(account), Cell(rep), *figures, Cell(causes or "–"), *last, Cell(why)]


def _link(row: Row, month: reconciling.Month) -> str:
    deal = month.deals.get(row.deal)
    if deal is not None:
        return reverse("documents:deal", args=[deal.pk])
    invoice = next((month.invoices[one] for one in row.invoices if one in month.invoices), None)
    return reverse("documents:invoice", args=[invoice["pk"]]) if invoice else ""


def _sum(currency: str, total: Total) -> list[Cell]:
    amounts = (total.won, total.invoiced, total.won - total.invoiced)
    figures = [Cell(money(one, currency), is_number=True) for one in amounts]
    last = [Cell(money(one, currency), is_number=True) for one in (total.paid, total.outstanding)]
    return [Cell(f"All, {currency}"), Cell(""), Cell(""), *figures, Cell(""), *last, Cell("")]


def _empty(found: Asked) -> dict[str, str]:
    assert found.first is not None
    before = (found.first - timedelta(days=1)).replace(day=1)
    return {"month": found.month, "query": found.query(month=f"{before:%Y-%m}"), "other": f"{before:%B %Y}"}


def _go_live(found: Asked) -> dict[str, str] | None:
    day = found.connection.go_live
    if day is None or first_day(f"{day:%Y-%m}") == found.first:
        return None
    return {"month": f"{day:%B %Y}", "query": found.query(month=f"{day:%Y-%m}")}
