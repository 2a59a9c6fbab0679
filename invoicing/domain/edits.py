"""What differs between a quote as it was accepted (or billed) and as it is now, in words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from invoicing.domain.documents import Sale
from invoicing.domain.snapshots import payload_relevant
from zbridge.money import Money, display

Terms = Mapping[str, Any]
TERMS = ("party", "currency", "amount", "lines", "discount", "adjustment", "document_tax")
# The places of a line in a snapshot that people have a word for.
WORDS = {1: "quantity", 2: "price", 3: "discount", 5: "tax"}
MOST_NAMED = 3


def terms(sale: Sale) -> dict[str, Any]:
    """What the customer agreed to: who, what, how much; its name and stage aside."""
    whole = payload_relevant(sale)
    return {name: whole[name] for name in TERMS}


def changes(then: Terms, now: Terms) -> tuple[str, ...]:
    """Each change in a few words, those of lines first; both as read from canonical JSON. () where all is equal."""
    return tuple(_changes(then, now))


def in_words(found: Sequence[str]) -> str:
    """“line 1: quantity 12 instead of 10; total 2,000.00 EUR instead of 1,713.00 EUR”."""
    rest = [f"{len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else []
    return "; ".join([*found[:MOST_NAMED], *rest])


def _changes(then: Terms, now: Terms) -> Iterator[str]:
    yield from _lines(then.get("lines") or [], now.get("lines") or [])
    currency = str(now.get("currency") or then.get("currency") or "")
    if then.get("currency") != now.get("currency"):
        yield f"{now.get('currency')} instead of {then.get('currency')}"
    figures = {name: (_first(then.get(key)), _first(now.get(key))) for key, name in _FIGURES.items()}
    for name, (was, found) in figures.items():
        if was != found:
            yield f"{name} {_money(found, currency)} instead of {_money(was, currency)}"
    if then.get("party") != now.get("party"):
        yield "another account or contact"


_FIGURES = {
    "discount": "document discount", "adjustment": "adjustment", "document_tax": "tax on the document",
    "amount": "total",
}  # fmt: skip


def _first(value: Any) -> Decimal | None:
    """The figure itself: some stand with what they mean in a list."""
    found = value[0] if isinstance(value, list) and value else value
    return None if found in (None, []) else Decimal(str(found))


def _money(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return "none"
    return display(Money(amount, currency)) if currency else f"{amount:f}"


def _lines(then: Sequence[Any], now: Sequence[Any]) -> Iterator[str]:
    if len(then) != len(now):
        yield f"{len(now)} line{'' if len(now) == 1 else 's'} instead of {len(then)}"
        return
    for place, (was, found) in enumerate(zip(then, now, strict=True), start=1):
        if was != found:
            yield f"line {place}: {_line(was, found)}"


def _line(was: Sequence[Any], found: Sequence[Any]) -> str:
    if was[0] != found[0]:
        return "another product"
    said = [f"{WORDS[at]} {_plain(found[at])} instead of {_plain(was[at])}" for at in WORDS if was[at] != found[at]]
    return ", ".join(said) or "its description"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return f"{_plain(value[0])}{' %' if value[1] else ''}"
    return "none" if value is None else f"{Decimal(str(value)).normalize():f}"
