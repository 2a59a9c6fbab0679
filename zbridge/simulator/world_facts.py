"""The words in which the demo world is written down: frozen facts of both sides, in days relative to a start date."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

Anchor = Literal["today", "month", "after"]


def month_m(today: date) -> date:
    """First day of month M: the last full month that ended before T-7 (ui.md 3)."""
    last = today.replace(day=1) - timedelta(days=1)
    if last >= today - timedelta(days=7):
        last = last.replace(day=1) - timedelta(days=1)
    return last.replace(day=1)


def day_after_m(today: date) -> date:
    """First day of the month that follows month M."""
    return (month_m(today) + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A day told from the day of seeding, from the first day of month M, or from the day after month M."""

    anchor: Anchor
    offset: int

    def on(self, today: date) -> date:
        """The calendar day, in Brightwater's zone."""
        starts = {"today": today, "month": month_m(today), "after": day_after_m(today)}
        return starts[self.anchor] + timedelta(days=self.offset)


def t(offset: int) -> Day:
    """T plus that many days."""
    return Day("today", offset)


def in_m(offset: int) -> Day:
    """That many days after the first of month M."""
    return Day("month", offset)


def after_m(offset: int) -> Day:
    """That many days after the first of the month after M."""
    return Day("after", offset)


@dataclass(frozen=True, slots=True)
class Product:
    """A CRM product and its Books item; prices net in EUR, tax in percent. An empty price: not on that side."""

    code: str
    name: str
    price: str
    tax: str = "19"
    books_price: str | None = None
    books_code: str | None = None
    books_name: str | None = None
    in_crm: bool = True
    in_books: bool = True
    unit: str = "pcs"

    @property
    def item_price(self) -> str:
        return self.price if self.books_price is None else self.books_price


@dataclass(frozen=True, slots=True)
class Company:
    """A CRM account with its contact, and the Books customer. None: as on the CRM side; empty: left empty."""

    name: str
    domain: str
    person: str
    street: str
    code: str
    city: str
    country: str = "Germany"
    owner: str = "Ada"
    currency: str = "EUR"
    books_currency: str | None = None
    crm_email: str | None = None
    books_email: str | None = None
    books_name: str | None = None
    vat: str = ""
    phone: str = ""
    books_phone: str | None = None
    terms: int = 30
    crm_terms: str | None = None
    crm_vat: str | None = None
    books_city: str | None = None
    segment: str = "Retail"
    in_crm: bool = True
    in_books: bool = True
    native: bool = False

    @property
    def email(self) -> str:
        return f"accounts@{self.domain}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a deal, quote or invoice: rate net in the document's currency, discount and tax in percent.

    `price_book`: CRM's, by which a quote's line was priced.
    """

    code: str
    quantity: str
    rate: str
    discount: str = "0"
    tax: str = "19"
    price_book: str = ""

    @property
    def net(self) -> Decimal:
        return Decimal(self.quantity) * Decimal(self.rate) * (100 - Decimal(self.discount)) / 100


@dataclass(frozen=True, slots=True)
class Deal:
    """A CRM deal of a company, or of a person without company. Amount is the sum of the lines unless told."""

    company: str
    name: str
    closing: Day
    lines: tuple[Line, ...] = ()
    amount: str = ""
    stage: str = "Closed Won"
    pipeline: str = "Standard (Standard)"
    owner: str = "Ada"
    currency: str = "EUR"

    @property
    def net(self) -> Decimal:
        return Decimal(self.amount) if self.amount else sum((line.net for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Quote:
    """A CRM quote; discount and adjustment are those of the document."""

    company: str
    number: str
    subject: str
    lines: tuple[Line, ...]
    made: Day = t(-5)
    valid_till: Day = t(25)
    stage: str = "Delivered"
    discount: str = "0"
    adjustment: str = "0"
    replaced_by: str = ""
    owner: str = "Ada"


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice made by hand in Books. `label` is how payments here name it; `deal` is the CRM deal it bills."""

    label: str
    company: str
    day: Day
    due: Day
    lines: tuple[Line, ...]
    reference: str = ""
    deal: str = ""
    discount: str = "0"
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received in Books: an amount, and how much of it goes to which invoice; gross. Empty: all that is open."""

    company: str
    day: Day
    amount: str
    applied: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Credit:
    """An open credit note in Books; rate net."""

    company: str
    day: Day
    line: Line
