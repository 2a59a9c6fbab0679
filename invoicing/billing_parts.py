"""A deal billed in parts: what is billed, what is left, and one more part by a person's explicit click."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db import transaction

from accounts.models import User
from accounts.roles import may
from invoicing import previews, sales, services
from invoicing.deciding import Refused
from invoicing.domain.documents import Sale
from invoicing.domain.drafts import Ready
from invoicing.domain.parts import NotDivisible, by_lines, by_percent, by_value, exceeds, left, whole
from invoicing.domain.portions import Portion, portion_of
from invoicing.models import Conversion, Deal, Invoice
from invoicing.pages import money
from invoicing.services import Request
from zbridge.clock import Clock
from zbridge.money import minor_digits

State = Conversion.State
MOST_PARTS = 200


@dataclass(frozen=True)
class Asked:
    """What a person typed: one of percent, amount and lines; the part she saw as the next, and the sale's digest."""

    how: str
    percent: str = ""
    amount: str = ""
    lines: tuple[str, ...] = ()
    reason: str = ""
    part: int = 0
    previewed: str = ""


@dataclass(frozen=True)
class Billed:
    """One part that is billed or about to be."""

    conversion: Conversion
    label: str
    value: str


@dataclass(frozen=True)
class LeftLine:
    """A line of which something is left."""

    source_id: str
    name: str
    left: str


@dataclass(frozen=True)
class Parts:
    """The section of the deal's page. `terms`: what the values are, net or with tax."""

    earlier: list[Billed]
    lines: list[LeftLine]
    value: str
    left: str
    left_percent: str
    terms: str
    next_part: int
    digest: str
    is_left: bool
    may_exceed: bool


@dataclass(frozen=True)
class _Standing:
    """The sale, its parts so far, and the number of the next one."""

    sale: Sale
    of: Portion
    rows: list[tuple[Conversion, Portion]]
    next_part: int
    digits: int

    @property
    def earlier(self) -> list[Portion]:
        return [portion for _, portion in self.rows]


def parts_of(deal: Deal, user: User, clock: Clock) -> Parts | None:
    """What the page shows; None where no part can be billed: not won, not read, or not to be split."""
    preview = previews.preview(deal.connection, deal, None, clock)
    now = _standing(deal, preview.case.sale)
    if not _can_be_split(now.sale) or now.of.value <= 0 or deal.not_billable or not may(user, "convert"):
        return None
    if not now.rows and not isinstance(preview.verdict, Ready):
        return None
    rest, currency = left(now.of, now.earlier), now.sale.currency
    value = max(rest.value, Decimal(0))
    names = {line.source_id: line.product_name or line.product_code for line in now.sale.lines}
    lines = [
        LeftLine(one.source_id, names.get(one.source_id, ""), money(one.amount, currency))
        for one in rest.lines if one.amount > 0
    ]  # fmt: skip
    return Parts(
        earlier=[Billed(row, part.label, money(part.value, currency)) for row, part in now.rows], lines=lines,
        value=money(now.of.value, currency), left=money(value, currency), left_percent=_percent(value, now.of.value),
        terms="with tax" if now.sale.prices_include_tax else "net", next_part=now.next_part, digest=preview.digest,
        is_left=value > 0, may_exceed=may(user, "bill_anyway"),
    )  # fmt: skip


def _percent(value: Decimal, of: Decimal) -> str:
    return f"{round(value * 100 / of, 1).normalize():f} %"


def _can_be_split(sale: Sale) -> bool:
    unread = sale.lines_unread or sale.lines_truncated or bool(sale.document_tax)
    return sale.is_won and bool(sale.lines) and not unread and all(line.quantity > 0 for line in sale.lines)


def _standing(deal: Deal, sale: Sale) -> _Standing:
    """Live claims count; one whose invoice Books has no more takes nothing, and its number is not used again."""
    found = {row["code"]: int(row["digits"]) for row in deal.connection.currencies}
    digits = found.get(sale.currency, minor_digits(sale.currency))
    of = whole(sale, digits)
    live = list(services.live_conversions(deal.connection, deal, None).order_by("part", "pk")[:MOST_PARTS])
    gone = _gone(live)
    stands = [row for row in live if row.books_invoice_id not in gone and not _is_further_quote(row)]
    rows = [(row, portion_of(row.portion) or of) for row in stands]
    return _Standing(sale, of, rows, max((row.part for row in live), default=0) + 1, digits)


def _is_further_quote(row: Conversion) -> bool:
    """Another accepted quote that was billed as a part: it has lines of its own and takes none of these."""
    return row.quote_id is not None and row.part > 1 and not row.portion


def _gone(rows: Sequence[Conversion]) -> set[str]:
    """Those of their invoices that are void or deleted in Books."""
    ids = {row.books_invoice_id for row in rows} - {""}
    found = Invoice.objects.filter(connection_id__in={row.connection_id for row in rows}, books_id__in=ids)
    return {one.books_id for one in found.only("books_id", "status", "gone_at") if one.gone_at or one.status == "void"}


def bill(deal: Deal, asked: Asked, user: User, clock: Clock) -> str:
    """One more part; raises Refused with the sentence. Of two at once for the same part one wins, the other is told."""
    with transaction.atomic():
        services.one_at_a_time(deal.connection)
        deal.refresh_from_db()
        preview = previews.preview(deal.connection, deal, None, clock)
        now = _standing(deal, preview.case.sale)
        if not _can_be_split(now.sale):
            raise Refused("Nothing was created: the deal isn't won, or its lines aren't known in full.")
        if asked.part != now.next_part:
            raise Refused(f"Nothing was created: {_just_billed(now)} Look at what is left, then bill it.")
        portion = _portion(asked, now)
        reason = _reason(asked, now, portion, user)
        by_finance = asked.reason.strip() if may(user, "bill_anyway") else ""
        wanted = Request(
            deal.connection, deal, None, user=user, via="part", previewed=asked.previewed or preview.digest,
            part=now.next_part, portion=portion, reason=reason or by_finance, price="sale" if by_finance else "",
        )  # fmt: skip
        made = services.request_conversion(wanted, clock)
    if made.state == State.REFUSED:
        raise Refused(" ".join(str(one.get("message", "")) for one in made.problems))
    value = money(portion.value, now.sale.currency)
    return f"Part {made.part} of {deal.name} is asked for: {portion.label}, {value}. The draft is being made."


def _just_billed(now: _Standing) -> str:
    if not now.rows:
        return "what you saw of this sale has changed."
    row, portion = now.rows[-1]
    who = str(row.requested_by) if row.requested_by else "somebody"
    return f"part {row.part} ({portion.label}) was just billed by {who}."


def _portion(asked: Asked, now: _Standing) -> Portion:
    try:
        if asked.how == "lines":
            return by_lines(now.of, now.earlier, asked.lines, now.digits)
        if asked.how == "amount":
            return _by_amount(asked, now)
        return by_percent(now.of, now.earlier, _number(asked.percent), now.digits)
    except NotDivisible as refusal:
        raise Refused(f"Nothing was created: {refusal}") from refusal


def _by_amount(asked: Asked, now: _Standing) -> Portion:
    value = _number(asked.amount)
    if value != round(value, now.digits):
        raise NotDivisible(f"{now.sale.currency} has {now.digits} decimals.")
    return by_value(now.of, now.earlier, value, now.digits)


def _number(written: str) -> Decimal:
    """A number as people type it: 30, 30 %, 3744.00, 3,744.00. Raises NotDivisible."""
    try:
        found = Decimal(written.replace("%", "").replace(",", "").strip())
    except InvalidOperation as odd:
        raise NotDivisible("Type the percentage or the amount as a number, such as 30 or 3744.00.") from odd
    if not found.is_finite() or abs(found) > Decimal(10) ** 12:
        raise NotDivisible("Type the percentage or the amount as a number, such as 30 or 3744.00.")
    return found


def _reason(asked: Asked, now: _Standing, portion: Portion, user: User) -> str:
    """More than what is left needs finance and its reason."""
    if not exceeds(now.of, now.earlier, portion):
        return ""
    rest = money(max(left(now.of, now.earlier).value, Decimal(0)), now.sale.currency)
    said = f"Nothing was created: that is more than what is left of the sale, {rest}."
    if not may(user, "bill_anyway"):
        raise Refused(f"{said} Only finance can bill more, with a reason.")
    if not asked.reason.strip():
        raise Refused(f"{said} To bill more than the sale, give a reason.")
    return f"More than the sale: {asked.reason.strip()}"


def fits_again(row: Conversion) -> str:
    """Why this claim can't be billed anew, since other parts took its share meanwhile; empty where it can."""
    if row.deal is None or row.quote is not None:
        return ""
    now = _standing(row.deal, sales.sale_of(row.connection, row.deal, None))
    others = [portion for one, portion in now.rows if one.pk != row.pk]
    portion = portion_of(row.portion) or now.of
    if others and exceeds(now.of, others, portion):
        return "Other parts of this sale are billed meanwhile; bill what is left as another part instead."
    return ""
