"""What the pages of deals, conversions and invoices show: rows of words and figures, read without a call."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.clients import seams
from accounts.models import Connection, Heartbeat, HoldCause, User
from accounts.roles import may
from invoicing import cases, previews, services
from invoicing.asking import question
from invoicing.domain.credit import notes
from invoicing.domain.drafts import Difference, Ready, Stopped
from invoicing.domain.wording import difference_sentence, problem_row, sentence, verdict_sentence
from invoicing.in_books import books_link
from invoicing.models import Conversion, Deal, Invoice
from invoicing.timelines import Moment, deal_timeline
from syncjobs.models import Checkpoint, Problem, Record
from zbridge.clock import Clock
from zbridge.money import Money, display

State = Conversion.State
SOURCES = {"subform": "the deal's own lines", "quote": "the accepted quote", "amount": "one line for the deal's amount"}
SILENT_AFTER = timedelta(seconds=150)


@dataclass(frozen=True)
class Line:
    item: str
    quantity: str
    rate: str
    discount: str
    tax: str
    total: str


@dataclass
class DealPage:
    """Everything on the deal's page, top to bottom."""

    deal: Deal
    headline: str
    tone: str
    problems: list[dict[str, Any]] = field(default_factory=list)
    customer: str = ""
    customer_reason: str = ""
    source: str = ""
    lines: list[Line] = field(default_factory=list)
    net: str = ""
    tax: str = ""
    gross: str = ""
    amount: str = ""
    differences: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    conversion: Conversion | None = None
    state_sentence: str = ""
    invoice: Invoice | None = None
    digest: str = ""
    can_create: bool = False
    timeline: list[Moment] = field(default_factory=list)
    read_at: datetime | None = None
    overdue: str = ""
    compared: bool = True
    question: Problem | None = None


def money(amount: Decimal | None, currency: str) -> str:
    """As people read it; a dash when there is none."""
    return display(Money(amount, currency)) if amount is not None and currency else "–"


def deal_page(deal: Deal, user: User, clock: Clock) -> DealPage:
    """The page of one deal for this person."""
    row = services.live_conversion(deal.connection, deal, None)
    page = DealPage(
        deal, "", "neutral", amount=money(deal.amount, deal.currency), read_at=read_at(deal.connection, deal)
    )
    page.timeline, page.question = deal_timeline(deal), question(deal)
    if row is not None:
        _show_conversion(page, row, user)
        return page
    _show_preview(page, user, clock)
    return page


def _show_conversion(page: DealPage, row: Conversion, user: User) -> None:
    page.conversion, page.state_sentence = row, state_sentence(row)
    page.headline, page.tone = headline(row)
    page.problems = row.problems if may(user, "decide") else [{**one, "fixes": []} for one in row.problems]
    page.customer, page.customer_reason = row.customer_name, row.customer_reason
    page.differences = [str(part.get("sentence", "")) for part in row.difference]
    page.compared = row.state in (State.DRAFTED, State.DONE) and not is_gone(row)
    page.gross = money(row.total, row.currency)
    page.lines = frozen_lines(row)
    stands = Invoice.objects.filter(connection_id=row.connection_id, books_id=row.books_invoice_id, gone_at=None)
    page.invoice = stands.first()


def _show_preview(page: DealPage, user: User, clock: Clock) -> None:
    preview = previews.preview(page.deal.connection, page.deal, None, clock)
    page.headline, page.digest = verdict_sentence(preview.verdict), preview.digest
    sale = preview.case.sale
    page.source = SOURCES.get(str(sale.line_source or ""), "")
    if preview.case.customer is not None:
        page.customer = preview.case.customer.name
        page.customer_reason = _why(preview)
    if isinstance(preview.verdict, Stopped):
        page.tone = "stop"
        page.problems = [problem_row(problem) for problem in preview.verdict.problems]
        page.can_create = may(user, "convert") and all(map(previews.is_for_a_person, preview.verdict.problems))
        if page.can_create:
            page.headline = "Finance must answer a question before this is billed"
        page.lines = [_sale_line(line, sale.currency) for line in sale.lines]
    else:
        odd = [one for one in preview.verdict.differences if one.cause == Difference.UNEXPLAINED]
        page.tone = "wait" if odd else "good"
        page.headline += "".join(f"; {difference_sentence(one)}" for one in odd).rstrip(".")
        page.can_create = may(user, "convert")
        _show_draft(page, preview.verdict)
        page.notes = notes(
            preview.case.customer, preview.verdict.totals.total, page.deal.connection.currency,
            cases.rates(page.deal.connection),
        )  # fmt: skip


def frozen_lines(row: Conversion) -> list[Line]:
    """The lines as they were sent; none while the payload isn't frozen (or for an invoice made by hand)."""
    sent = json.loads(row.payload, parse_float=Decimal) if row.payload else {}
    names = {str(tax["id"]): str(tax["name"]) for tax in row.connection.taxes}
    return [_sent_line(line, row.currency, names) for line in sent.get("line_items", ())]


def _sent_line(line: dict[str, Any], currency: str, taxes: dict[str, str]) -> Line:
    discount = str(line.get("discount") or "")
    quantity, rate = Decimal(str(line.get("quantity", 0))), Decimal(str(line.get("rate", 0)))
    net = quantity * rate
    if discount.endswith("%"):
        net -= net * Decimal(discount.rstrip("% ")) / 100
    elif discount:
        net, discount = net - Decimal(discount), money(Decimal(discount), currency)
    return Line(
        str(line.get("name", "")), f"{quantity.normalize():f}", money(rate, currency), discount,
        taxes.get(str(line.get("tax_id")), ""), money(net, currency),
    )  # fmt: skip


def _why(preview: previews.Preview) -> str:
    customer, match = preview.case.customer, preview.case.match
    if customer is not None and not customer.books_id:
        return "Not in Books yet: made once, with this draft."
    return match.reason if match is not None else "Linked."


def _show_draft(page: DealPage, ready: Ready) -> None:
    draft, totals = ready.draft, ready.totals
    page.lines = [
        Line(
            line.name, f"{line.quantity.normalize():f}", display(Money(line.rate, draft.currency)),
            _discount(line.discount.value, line.discount.is_percent, draft.currency),
            f"{line.tax.name}" if line.tax else "none", display(total),
        )
        for line, total in zip(draft.lines, totals.lines, strict=True)
    ]  # fmt: skip
    page.net, page.tax, page.gross = display(totals.net), display(totals.tax), display(totals.total)
    page.differences = [difference_sentence(part) for part in ready.differences]
    page.differences += [sentence(problem) for problem in ready.warnings]


def _discount(value: Decimal, is_percent: bool, currency: str) -> str:
    if not value:
        return ""
    return f"{value.normalize():f} %" if is_percent else display(Money(value, currency))


def _sale_line(line: Any, currency: str) -> Line:
    name = " ".join(part for part in (line.product_code, line.product_name) if part) or line.product_id
    return Line(
        name, f"{line.quantity.normalize():f}", display(Money(line.rate, currency)),
        _discount(line.discount.value, line.discount.is_percent, currency), line.tax_name, "",
    )  # fmt: skip


def headline(row: Conversion) -> tuple[str, str]:
    """The verdict of a sale that has a conversion, and its tone."""
    if row.requested_via == "attach" and row.state in (State.DRAFTED, State.DONE):
        return f"{row.invoice_number} over {money(row.total, row.currency)} in Books bills this sale.", "good"
    if row.state in (State.DRAFTED, State.DONE):
        return _standing(row)
    if row.state == State.SUPERSEDED:
        return f"{row.invoice_number} has no effect any more: the sale was billed again.", "neutral"
    if row.state == State.REVIEW:
        return "A person must decide before this goes on.", "stop"
    if row.state == State.UNKNOWN:
        return "We don't know yet whether Books saved this draft.", "wait"
    return ("The draft invoice waits to be made." if row.hold else "The draft invoice is being made."), "wait"


def _standing(row: Conversion) -> tuple[str, str]:
    """A draft that was made: as it stands in Books, or in what it departs."""
    if row.drift and row.drift != row.drift_left:
        return row.drift, "stop"
    total, status = money(row.total, row.currency), row.invoice_status.replace("_", " ")
    if is_gone(row):
        return row.drift or f"{row.invoice_number} is void in Books.", "neutral"
    if status in ("", "draft"):
        return f"Draft {row.invoice_number} over {total} stands in Books.", "good"
    return f"{row.invoice_number} over {total} is {status} in Books.", "good"


def state_sentence(row: Conversion) -> str:
    """What happened, what is safe, what comes next (ui.md 2)."""
    if row.state == State.REQUESTED and not _a_worker_lives():
        return "Queued: no worker is running just now. It starts by itself when one is; nothing is lost."
    if row.hold and row.state not in (State.DONE,):
        since = f" since {timezone.localtime(row.held_at):%H:%M}" if row.held_at else ""
        return f"Waiting{since}: {row.hold.rstrip('. ')}. {_way_out(row)}"
    if row.requested_via == "attach" and row.state == State.DONE:
        return f"It was made by hand in Books and attached by {row.requested_by}. Its number is on the deal in CRM."
    texts = {
        State.REQUESTED: "Queued: a worker takes it up next. You can close this page.",
        State.PREPARED: "Everything is checked; the draft is sent next. You can close this page.",
        State.SENDING: "The draft is being sent to Books. You can close this page.",
        State.UNKNOWN: _unknown(row),
        State.DRAFTED: "The draft stands in Books; its number is being written to the deal in CRM.",
        State.DONE: _done(row),
        State.REFUSED: "It was refused; nothing was created.",
        State.CANCELLED: "It was cancelled; nothing was created.",
        State.SUPERSEDED: "It was voided or deleted in Books and is billed anew.",
    }
    said = texts.get(State(row.state), "")
    return " ".join(part for part in (said, row.needs_finance) if part)


def is_gone(row: Conversion) -> bool:
    """Whether its invoice was voided, or deleted in Books."""
    return row.invoice_status == "void" or row.drift.endswith("deleted in Books.")


def _done(row: Conversion) -> str:
    if row.again_by is not None:
        return f"{row.again_by} asked to bill it again; another person in finance or RevOps must agree."
    if is_gone(row):
        return "The sale has no invoice now, and none is made by itself. Finance can bill it again or leave it."
    if row.drift:
        return "zbridge edits no invoice: finance corrects it in Books or CRM, or leaves it as it is."
    if row.invoice_status not in ("", "draft"):
        return "Its number stands on the deal in CRM." if row.deal is not None else "Finance sent it."
    where = " and its number on the deal in CRM" if row.deal is not None else ""
    return f"The draft stands in Books{where}. Finance was told and sends it."


def _unknown(row: Conversion) -> str:
    """When the answer was lost, and when it is looked for next (ui.md 2)."""
    lost = timezone.localtime(row.posted_at).strftime(" at %H:%M") if row.posted_at else ""
    look = timezone.localtime(row.next_at).strftime("; next look %H:%M") if row.next_at else ""
    looking = f"zbridge is looking it up and won't send a second one{look}."
    return f"Its answer was lost{lost}. {looking} You can close this page."


def _way_out(row: Conversion) -> str:
    """Who ends the wait."""
    if row.hold_cause in (HoldCause.RECONNECT, HoldCause.SCOPE):
        return "Nothing is lost; a RevOps administrator must reconnect, then it goes on by itself."
    if row.hold_cause == HoldCause.LOCKED:
        return "It goes on by itself once the deal is unlocked (or approved) in CRM; nothing is lost."
    if row.hold_cause == HoldCause.WRITES:
        return "Nothing is lost; a RevOps administrator must allow writes again, then it goes on by itself."
    return "It goes on by itself; nothing is lost."


def _a_worker_lives() -> bool:
    """Whether the click queue's worker gave a sign of life lately; it does so every minute."""
    last = Heartbeat.objects.filter(queue="click").values_list("beat_at", flat=True).first()
    return last is None or seams().clock.now() - last < SILENT_AFTER


def read_at(connection: Connection, deal: Deal) -> datetime | None:
    """How old the deal's figures are: its own reading, or the last listing that saw it unchanged."""
    listed = Checkpoint.objects.filter(connection=connection, kind="deal").values_list("read_at", flat=True).first()
    return max((at for at in (deal.read_at, listed) if at), default=None)


def invoice_link(invoice: Invoice) -> str:
    """Where a person with a Books licence opens it."""
    return books_link(invoice.connection.data_centre, invoice.books_id)


def items_like(connection: Connection, text: str) -> list[Record]:
    """Active items to choose from, by the beginning of their name or SKU."""
    rows = Record.objects.filter(connection=connection, kind="item", active=True, gone_at=None)
    key = text.strip().casefold()
    return list(rows.filter(name_key__gte=key, name_key__lt=key + "\uffff")[:25] if key else rows.order_by("name")[:25])
