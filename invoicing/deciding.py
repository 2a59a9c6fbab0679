"""What a person decides on a sale: link, choose, attach, ask, look again. Each deed is audited; no call is made."""

from django.db import transaction
from django.db.models import F

from accounts import audit
from accounts.models import User
from accounts.scope import visible
from invoicing import previews, sales
from invoicing.billing import judge_one
from invoicing.claims import WORK, State
from invoicing.domain.problems import Cause
from invoicing.models import Conversion, Deal, Invoice, Quote
from invoicing.services import live_conversion, one_at_a_time
from syncjobs.domain.pairs import CONTACTS
from syncjobs.models import Record
from syncjobs.services import close_problems, link_records
from zbridge.clock import Clock
from zbridge.queue import ring


class Refused(Exception):
    """It can't be decided so; the sentence says why, and nothing was changed."""


def link_product(sold: Deal | Quote, product_id: str, item_id: str, user: User, clock: Clock) -> str:
    """Say which Books item a CRM product is; the sentence that tells it was done."""
    deal, quote = (sold, None) if isinstance(sold, Deal) else (None, sold)
    rows = Record.objects.filter(connection=sold.connection, gone_at=None)
    if product_id not in {line.product_id for line in sales.sale_of(sold.connection, deal, quote).lines}:
        raise Refused(f"That product is not on {sold}; nothing was linked.")
    product = rows.filter(kind="product", remote_id=product_id).first()
    item = rows.filter(kind="item", remote_id=item_id, active=True).first()
    if product is None or item is None:
        raise Refused("That product or item is no longer there; nothing was linked.")
    try:
        link_records(sold.connection, product, item, how="person", reason="Chosen on a sale.", user=user, clock=clock)
    except ValueError as clash:
        raise Refused(str(clash)) from clash
    if deal is not None:
        judge_one(deal, clock, clock.now())
    else:
        Quote.objects.filter(pk=sold.pk).update(judged_at=None)
    return f"{product.code or product.name} is now linked to {item.name}."


def attach(deal: Deal, books_id: str, user: User, clock: Clock) -> Conversion:
    """This invoice, made by hand in Books, bills the deal: nothing new is made."""
    invoice = _attachable(deal, books_id, user, clock)
    from_hand = f"hand:{invoice.books_id}"
    with transaction.atomic():
        one_at_a_time(deal.connection)
        if live_conversion(deal.connection, deal, None) is not None:
            raise Refused(f"{deal.name} has a draft invoice already, or one on its way; nothing was attached.")
        if Conversion.objects.filter(connection=deal.connection, books_invoice_id=invoice.books_id).exists():
            raise Refused(f"{invoice.number} is already attached to another sale.")
        row = Conversion.objects.create(
            connection=deal.connection, deal=deal, sale=f"deal:{deal.crm_id}", key=from_hand[:40], state=State.DRAFTED,
            books_invoice_id=invoice.books_id, invoice_number=invoice.number, invoice_status=invoice.status,
            total=invoice.total, currency=invoice.currency, customer_id=invoice.customer_id,
            customer_name=invoice.customer_name, adopted=True, requested_by=user, requested_via="attach",
            requested_at=clock.now(), drafted_at=clock.now(),
        )  # fmt: skip
        audit.record(
            user, "attach", f"Attached {invoice.number} to {deal.name}.", connection=deal.connection,
            subject=("conversion", str(row.pk)), clock=clock,
        )  # fmt: skip
        ring(WORK, row.pk)
    return row


def _attachable(deal: Deal, books_id: str, user: User, clock: Clock) -> Invoice:
    """A live invoice made by hand that she may see, or that the deal's own preview names."""
    rows = Invoice.objects.filter(connection=deal.connection, books_id=books_id, gone_at=None)
    invoice = rows.exclude(status="void").first()
    if invoice is None or invoice.key:
        raise Refused("That invoice is not there, or zbridge made it for another sale.")
    offered = previews.preview(deal.connection, deal, None, clock).case.outside
    if books_id not in {one.books_id for one in offered} and not visible(user, rows).exists():
        raise Refused("That invoice is not there, or zbridge made it for another sale.")
    return invoice


def choose_customer(row: Conversion, books_id: str, user: User, clock: Clock) -> str:
    """The answer to "which customer?": the link is made, the conversion goes on by itself."""
    sale = row.deal or row.quote
    crm = party_record(row)
    customer = Record.objects.filter(
        connection=row.connection, kind="customer", remote_id=books_id, gone_at=None
    ).first()
    if row.state != State.REVIEW or row.attempts or crm is None or customer is None or sale is None:
        raise Refused("This question is settled already, or that customer is no longer there.")
    with transaction.atomic():
        try:
            link_records(
                row.connection, crm, customer, how="person", reason=f"Chosen by {user}.", user=user, clock=clock
            )
        except ValueError as clash:
            raise Refused(str(clash)) from clash
        _resume(row, clock, state=State.REQUESTED)
    return f"{crm.name} is {customer.name}. The draft is being made."


def party_record(row: Conversion) -> Record | None:
    """The CRM account of the sale, or its contact where there is no account."""
    sale = row.deal or row.quote
    rows = Record.objects.filter(connection=row.connection, gone_at=None)
    of_contacts = row.connection.parties == CONTACTS and sale is not None and sale.contact_id
    named = sale is not None and sale.account_id and not of_contacts
    account = rows.filter(kind="account", remote_id=sale.account_id).first() if sale and named else None
    return account or (rows.filter(kind="contact", remote_id=sale.contact_id).first() if sale else None)


def create_anyway(row: Conversion, user: User, clock: Clock) -> str:
    """A person looked in Books and saw no draft: it may be sent again, under the same key."""
    if row.state != State.REVIEW or not any(one.get("cause") == Cause.ANSWER_LOST for one in row.problems):
        raise Refused("This question is settled already.")
    with transaction.atomic():
        audit.record(
            user, "create_anyway", f"Looked in Books and saw no draft for {row.deal or row.quote}.",
            connection=row.connection, subject=("conversion", str(row.pk)), clock=clock,
        )  # fmt: skip
        _resume(row, clock, state=State.PREPARED)
    if row.connection.writes_stopped:
        return "It is sent again under the same key, as soon as writes to Zoho are allowed."
    return "It is sent again now, under the same key."


def link_existing(row: Conversion, books_id: str, user: User, clock: Clock) -> str:
    """A person found the draft in Books: it is this invoice."""
    found = next((one for one in may_be_it(row) if one.books_id == books_id), None)
    if row.state != State.REVIEW or found is None:
        raise Refused("This question is settled already, or that invoice bills another sale.")
    with transaction.atomic():
        audit.record(
            user, "link_invoice", f"{found.number} is the draft of {row.deal or row.quote}.",
            connection=row.connection, subject=("conversion", str(row.pk)), clock=clock,
        )  # fmt: skip
        _resume(
            row, clock, state=State.DRAFTED, books_invoice_id=found.books_id, invoice_number=found.number,
            invoice_status=found.status, total=found.total, currency=found.currency, adopted=True,
            drafted_at=clock.now(),
        )  # fmt: skip
    return f"{found.number} is taken as the draft; its number goes to the deal in CRM."


def may_be_it(row: Conversion) -> list[Invoice]:
    """The customer's latest live invoices that bill no other sale: one of them may be what Books saved."""
    others = Conversion.objects.filter(connection=row.connection).exclude(books_invoice_id="")
    rows = Invoice.objects.filter(connection=row.connection, customer_id=row.customer_id, gone_at=None)
    rows = (
        rows.filter(key__in=["", row.key])
        .exclude(status="void")
        .exclude(books_id__in=others.values("books_invoice_id"))
    )
    return list(rows.order_by("-issued_on", "-pk")[:10]) if row.customer_id else []


def give_up(row: Conversion, reason: str, user: User, clock: Clock) -> str:
    """A person looked, saw no draft, and wants none; the trail keeps who and why."""
    if row.state != State.REVIEW or not row.attempts:
        raise Refused("This question is settled already.")
    if not reason.strip():
        raise Refused("Nothing was changed: giving up a draft that may stand in Books needs a reason.")
    with transaction.atomic():
        said = f"Gave up the draft of {row.deal or row.quote}, having looked in Books: {reason.strip()}"
        subject = ("conversion", str(row.pk))
        audit.record(user, "give_up", said, connection=row.connection, subject=subject, clock=clock)
        _resume(row, clock, state=State.CANCELLED, ended_at=clock.now(), bill_anyway=reason.strip()[:300])
    return "Given up. Should an invoice with its key turn up in Books after all, the next proof tells finance."


def look_again(row: Conversion, user: User, clock: Clock) -> str:
    """Look the draft up in Books now, instead of at its next time."""
    if row.state not in (State.REVIEW, State.UNKNOWN):
        raise Refused("There is nothing to look up any more.")
    with transaction.atomic():
        _resume(row, clock, state=State.UNKNOWN if row.attempts else State.REQUESTED, look_ups=0)
    return "zbridge is looking it up in Books now."


def cancel(row: Conversion, user: User, clock: Clock) -> str:
    """Give up a conversion that was not sent yet."""
    waiting = Conversion.objects.filter(
        pk=row.pk, state__in=(State.REQUESTED, State.PREPARED, State.REVIEW), attempts=0
    )
    with transaction.atomic():
        ended = {"state": State.CANCELLED, "ended_at": clock.now(), "lease_until": None, "next_at": None}
        # The trail's lock before the row's, as in the other decisions: two at once must not wait for each other.
        audit.record(
            user, "cancel", f"Cancelled the draft of {row.deal or row.quote}.", connection=row.connection,
            subject=("conversion", str(row.pk)), clock=clock,
        )  # fmt: skip
        if waiting.update(epoch=F("epoch") + 1, **ended) != 1:
            raise Refused("It was sent to Books already and can't be cancelled here.")
        close_problems(row.connection, "conversion", str(row.pk), clock.now())
    return "Cancelled. Nothing was created in Books."


def _resume(row: Conversion, clock: Clock, **columns: object) -> None:
    """Back to work under a new epoch; a row that moved meanwhile refuses, a worker that has it stops."""
    values = {"problems": [], "candidates": [], "next_at": None, "lease_until": None, "hold": "", **columns}
    if (
        Conversion.objects.filter(pk=row.pk, state=row.state, epoch=row.epoch).update(epoch=F("epoch") + 1, **values)
        != 1
    ):
        raise Refused("Somebody else has just settled this; look again.")
    close_problems(row.connection, "conversion", str(row.pk), clock.now())
    ring(WORK, row.pk)
