"""Invoices in Books that carry zbridge's key of a sale, and that no conversion here knows.

Another installation on the same organisations made them, or this one did after the copy was taken that its database was
restored from. Keys follow from the sale alone: the sale is found, its invoice taken over, and nothing is billed twice.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from accounts import alarms, audit
from accounts.clients import seams
from accounts.models import Connection
from invoicing.claims import WORK, State
from invoicing.domain.keys import conversion_key
from invoicing.models import Conversion, Deal, Invoice, Quote
from invoicing.models.conversions import LIVE
from zbridge.clock import Clock
from zbridge.queue import ring

ALARM = "another_zbridge"
TITLE = "Another zbridge writes here"
VIA = "found"
GENERATIONS = 3


def after_invoices(connection: Connection, ids: Iterable[str], now: datetime) -> int:
    """Take over what is found among these invoices, in the caller's transaction; how many."""
    found = list(unknown(connection, Q(books_id__in=list(ids))))
    if not found:
        return 0
    wanted = {one.key: one for one in found}
    taken = sum(
        _take(connection, sale, generation, wanted.pop(key)) for key, sale, generation in _sales(connection, wanted)
    )
    _say(connection, taken, len(wanted), seams().clock)
    return taken


def unknown(connection: Connection, which: Q | None = None) -> Iterator[Invoice]:
    """Live invoices with a key of ours that bill no live conversion here."""
    known = Conversion.objects.filter(connection=connection, state__in=LIVE).exclude(books_invoice_id="")
    rows = Invoice.objects.filter(which or Q(), connection=connection, key__startswith="ZB-", gone_at=None)
    rows = rows.exclude(status="void").exclude(books_id__in=known.values("books_invoice_id"))
    at_work = Conversion.objects.filter(connection=connection, state__in=[State.SENDING, State.UNKNOWN, State.REVIEW])
    yield from rows.exclude(key__in=at_work.values("key"))


def _sales(connection: Connection, wanted: dict[str, Invoice]) -> Iterator[tuple[str, Deal | Quote, int]]:
    """Each wanted key with its sale and generation; keys are worked out for every deal and quote that was read."""
    orgs = (connection.crm_org_id, connection.books_org_id)
    left = set(wanted)
    for kind, model in (("deal", Deal), ("quote", Quote)):
        for crm_id in (
            model._default_manager.filter(connection=connection).values_list("crm_id", flat=True).iterator(2000)
        ):
            for generation in range(1, GENERATIONS + 1):
                key = conversion_key(*orgs, f"{kind}:{crm_id}", generation)
                if key in left:
                    left.discard(key)
                    yield key, model._default_manager.get(connection=connection, crm_id=crm_id), generation
            if not left:
                return


def _take(connection: Connection, sale: Deal | Quote, generation: int, invoice: Invoice) -> bool:
    """The conversion as if this installation had made it; one that was still to begin looks its invoice up instead."""
    waiting = Conversion.objects.filter(connection=connection, key=invoice.key)
    begun = waiting.filter(state__in=[State.REQUESTED, State.PREPARED]).values_list("pk", flat=True).first()
    if begun is not None:
        free = {"next_at": None, "lease_until": None, "epoch": F("epoch") + 1}
        waiting.filter(pk=begun).update(state=State.UNKNOWN, customer_id=invoice.customer_id, **free)
        ring(WORK, begun)
        return True
    deal, quote = (sale, None) if isinstance(sale, Deal) else (None, sale)
    now = seams().clock.now()
    try:
        with transaction.atomic():
            row = Conversion.objects.create(
                connection=connection, deal=deal, quote=quote, generation=generation, key=invoice.key,
                sale=f"{'deal' if deal else 'quote'}:{sale.crm_id}", state=State.DRAFTED, adopted=True,
                books_invoice_id=invoice.books_id, invoice_number=invoice.number, invoice_status=invoice.status,
                total=invoice.total, currency=invoice.currency, customer_id=invoice.customer_id,
                customer_name=invoice.customer_name, customer_reason="As its invoice in Books says.",
                requested_via=VIA, requested_at=now, drafted_at=now,
            )  # fmt: skip
    except IntegrityError:
        return False
    said = f"Took over {invoice.number}, found in Books with the key of {sale}."
    audit.record(
        None, "take_over", said, connection=connection, subject=("conversion", str(row.pk)), clock=seams().clock
    )
    ring(WORK, row.pk)
    return True


def _say(connection: Connection, taken: int, strange: int, clock: Clock) -> None:
    """One alarm until a person says what it was."""
    both = [
        f"{taken} were taken over as the drafts of their sales" if taken else "",
        f"{strange} belong to no sale that was read here" if strange else "",
    ]
    text = (
        f"Invoices in Books carry zbridge's keys and were not made here: {' and '.join(filter(None, both))}. "
        "Nothing is billed twice. Does another zbridge use these organisations, or was this one restored from a copy?"
    )
    alarms.sound(connection, ALARM, TITLE, text, clock)


def explained(connection: Connection, clock: Clock) -> bool:
    """A person knows why: the banner goes until another one is found."""
    return alarms.settle(connection, ALARM, f"{TITLE}: explained", "A RevOps administrator knows why.", clock)
