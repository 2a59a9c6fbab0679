"""What a quote's page shows: its verdict, why it is billed or not, and quote beside draft with the proof; no call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.roles import may
from accounts.scope import visible
from invoicing import pages, previews
from invoicing.domain.auto_billing import WORDS, Candidate, Rule, Why, why_not
from invoicing.domain.drafts import Ready, Stopped, Totals
from invoicing.domain.wording import difference_sentence, problem_row, sentence, verdict_sentence
from invoicing.models import Conversion, Deal, Invoice, Quote
from invoicing.pages import Line, money
from invoicing.services import live_conversion
from invoicing.timelines import Moment, quote_timeline
from syncjobs.models import Record
from zbridge.clock import Clock

NAMES = ("Lines, net", "Document discount", "Tax", "Adjustment", "Total")
Figures = tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Beside:
    """One figure of the quote, the same of the draft, and whether they differ."""

    name: str
    crm: str
    draft: str
    differs: bool


@dataclass
class QuotePage:
    """Everything on the quote's page, top to bottom."""

    quote: Quote
    headline: str = ""
    tone: str = "neutral"
    problems: list[dict[str, Any]] = field(default_factory=list)
    by_itself: str = ""
    deal: Deal | None = None
    conversion: Conversion | None = None
    theirs: bool = False
    state_sentence: str = ""
    invoice: Invoice | None = None
    customer: str = ""
    beside: list[Beside] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    digest: str = ""
    can_create: bool = False
    timeline: list[Moment] = field(default_factory=list)
    total: str = ""


def quote_page(quote: Quote, user: User, clock: Clock) -> QuotePage:
    """The page of one quote for this person."""
    deals = Deal.objects.filter(connection=quote.connection, crm_id=quote.deal_id or "-")
    names = _product_names(quote)
    page = QuotePage(
        quote=quote, deal=visible(user, deals).first(), conversion=live_conversion(quote.connection, None, quote),
        lines=[_line(row, quote.currency, names) for row in quote.lines or ()], timeline=quote_timeline(quote),
        total=money(quote.total, quote.currency),
    )  # fmt: skip
    if page.conversion is None:
        _show_preview(page, user, clock)
    elif page.conversion.quote_id == quote.pk or _bills_these_lines(page.conversion, quote):
        _show_conversion(page, page.conversion)
    else:
        _show_other(page, page.conversion)
    return page


def _bills_these_lines(row: Conversion, quote: Quote) -> bool:
    """Whether the deal was billed by this quote's lines."""
    sale = json.loads(row.snapshot.text) if row.snapshot else {}
    return str(sale.get("quote") or "") == quote.crm_id


def _show_conversion(page: QuotePage, row: Conversion) -> None:
    page.headline, page.tone = pages.headline(row)
    page.state_sentence, page.customer = pages.state_sentence(row), row.customer_name
    page.problems = [{**one, "fixes": []} for one in row.problems]
    page.differences = [str(part.get("sentence", "")) for part in row.difference]
    page.beside = _beside(page.quote, _sent(row))
    page.invoice = _invoice(row)


def _show_other(page: QuotePage, row: Conversion) -> None:
    """Its deal is billed, by itself or by another quote: this one makes nothing."""
    page.theirs, page.tone, page.invoice = True, "wait", _invoice(row)
    by = f"by {row.quote}" if row.quote else "by the deal itself"
    page.headline = f"Its deal is billed already, {by}: {row.invoice_number or 'the draft is on its way'}."
    page.state_sentence = (
        "Nothing more is made by itself. Should this quote be a further part of the deal, finance decides."
        if row.quote
        else "A deal and its quotes are one sale, so this quote makes no second draft."
    )


def _invoice(row: Conversion) -> Invoice | None:
    rows = Invoice.objects.filter(connection_id=row.connection_id, books_id=row.books_invoice_id or "-", gone_at=None)
    return rows.first()


def _show_preview(page: QuotePage, user: User, clock: Clock) -> None:
    quote = page.quote
    found = previews.preview(quote.connection, None, quote, clock)
    page.headline, page.digest, page.by_itself = verdict_sentence(found.verdict), found.digest, by_itself(quote)
    page.customer = found.case.customer.name if found.case.customer else ""
    if isinstance(found.verdict, Stopped):
        page.tone = "stop"
        page.problems = [problem_row(problem) for problem in found.verdict.problems]
        page.can_create = may(user, "convert") and all(map(previews.is_for_a_person, found.verdict.problems))
        return
    page.tone = "wait" if found.verdict.needs_finance else "good"
    page.can_create = may(user, "convert")
    page.differences = _said(found.verdict)
    page.beside = _beside(quote, _expected(found.verdict.totals))


def _said(ready: Ready) -> list[str]:
    flagged = ["The draft stands all the same, and finance is told."] if ready.needs_finance else []
    return [
        *map(difference_sentence, ready.differences), *flagged, *(sentence(one) for one in ready.warnings),
    ]  # fmt: skip


def by_itself(quote: Quote) -> str:
    """Why it isn't billed by itself, or that it will be; empty while it isn't accepted."""
    connection, seen = quote.connection, quote.accepted_seen_at
    if seen is None or quote.stage not in connection.accepted_stages:
        return ""
    day = seen.astimezone(ZoneInfo(connection.time_zone)).date()
    one = Candidate(
        id=quote.pk, sale=quote.crm_id, seen_at=seen, seen_on=day, before=quote.accepted_before,
        tried=bool(quote.auto_state and quote.stop),
    )  # fmt: skip
    why = why_not(one, Rule(connection.bill_quotes_since, connection.go_live))
    if why is Why.UNSEEN:
        return "So it never bills itself; a person decides."
    return WORDS[why] if why else "Accepted quotes bill themselves: its turn comes within a minute."


# -- quote beside draft ------------------------------------------------------------------------------------------------


def _beside(quote: Quote, draft: Figures) -> list[Beside]:
    """Both in the same words; each column's figures add up to its total."""
    crm = _of_crm(quote)
    return [
        Beside(name, money(one, quote.currency), money(other, quote.currency), one != other)
        for name, one, other in zip(NAMES, crm, draft, strict=True)
    ]


def _of_crm(quote: Quote) -> Figures:
    net = sum((_figure(row, "Total_After_Discount") for row in quote.lines or ()), Decimal(0))
    less, more = quote.discount or Decimal(0), quote.adjustment or Decimal(0)
    total = quote.total if quote.total is not None else net - less + (quote.document_tax or Decimal(0)) + more
    return net, -less, total - net + less - more, more, total


def _expected(totals: Totals) -> Figures:
    parts = (totals.sub_total, -totals.discount, totals.tax, totals.adjustment, totals.total)
    return tuple(part.amount for part in parts)


def _sent(row: Conversion) -> Figures:
    """Of the payload as it was sent, and Books' total: the rest between them is the tax."""
    total = row.total if row.total is not None else row.expected_total
    sent = json.loads(row.payload, parse_float=Decimal) if row.payload else {}
    if not sent or total is None:
        return None, None, None, None, total
    net = sum((_net(line) for line in sent.get("line_items", ())), Decimal(0))
    less, more = _figure(sent, "discount"), _figure(sent, "adjustment")
    return net, -less, total - net + less - more, more, total


def _net(line: Mapping[str, Any]) -> Decimal:
    whole, less = _figure(line, "quantity") * _figure(line, "rate"), str(line.get("discount") or "0")
    part = whole * Decimal(less.rstrip("% ")) / 100 if less.endswith("%") else Decimal(less)
    return (whole - part).quantize(Decimal("0.01"))


def _figure(row: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(row.get(name) or 0))


# -- the quote's own lines ---------------------------------------------------------------------------------------------


def _product_names(quote: Quote) -> dict[str, str]:
    ids = {str((row.get("Product_Name") or {}).get("id", "")) for row in quote.lines or ()}
    rows = Record.objects.filter(connection=quote.connection, kind="product", remote_id__in=ids)
    return {row.remote_id: f"{row.code} {row.name}".strip() for row in rows}


def _line(row: dict[str, Any], currency: str, names: dict[str, str]) -> Line:
    def amount(name: str) -> str:
        return money(Decimal(str(row[name])), currency) if row.get(name) not in (None, "") else ""

    product = str((row.get("Product_Name") or {}).get("id", ""))
    discount = str(row.get("Discount") or "")
    tax = ", ".join(f"{one['name']}" for one in row.get("Line_Tax") or ())
    shown = discount if discount.endswith("%") else amount("Discount") if discount not in ("", "0") else ""
    return Line(
        names.get(product, product), str(row.get("Quantity") or ""), amount("List_Price"), shown, tax,
        amount("Total_After_Discount"),
    )  # fmt: skip
