"""The draft that Books will be asked to make, what it will come to, and everything that is weighed before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from invoicing.domain.documents import (
    NO_DISCOUNT,
    ZERO,
    AcceptedPrice,
    CustomerFacts,
    Discount,
    ItemFacts,
    ItemSuggestion,
    LiveClaim,
    OrganisationFacts,
    OutsideInvoice,
    PricePolicy,
    RulesInForce,
    Sale,
    TaxFacts,
    TaxRounding,
)
from invoicing.domain.list_prices import ListRates
from invoicing.domain.portions import Portion
from invoicing.domain.priced import PricedLine
from invoicing.domain.problems import Cause, Problem
from syncjobs.domain.parties import CustomerMatch
from zbridge.money import Money


class DiscountLevel(StrEnum):
    """Books: a discount on the document, or on its lines."""

    NONE = "none"
    ENTITY = "entity_level"
    ITEM = "item_level"


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """One line of the draft; `rate` holds its tax when the draft is inclusive."""

    source_id: str
    item_id: str
    name: str
    quantity: Decimal
    rate: Decimal
    discount: Discount = NO_DISCOUNT
    tax: TaxFacts | None = None
    description: str = ""
    unit: str = ""
    exemption_id: str = ""


@dataclass(frozen=True, kw_only=True)
class InvoiceDraft:
    """Everything that Books is told, and how Books will compute it.

    `digits`: decimals of the currency in Books. `discount_before_tax`: what Books will do with the document discount,
    which the organisation's setting may decide against the call.
    """

    key: str
    key_field_id: str
    location_id: str = ""
    customer_id: str
    customer_name: str
    currency: str
    digits: int
    lines: tuple[DraftLine, ...]
    discount_level: DiscountLevel = DiscountLevel.NONE
    header_discount: Discount = NO_DISCOUNT
    discount_before_tax: bool = False
    adjustment: Decimal = ZERO
    adjustment_description: str = ""
    is_inclusive_tax: bool = False
    tax_rounding: TaxRounding = TaxRounding.ENTITY
    reference: str
    issued_on: date
    due_on: date | None = None
    terms_days: int | None = None
    terms_label: str = ""
    contact_person_ids: tuple[str, ...] = ()
    deal_id: str = ""


@dataclass(frozen=True, kw_only=True)
class TaxTotal:
    """The tax of one rate on the whole draft."""

    name: str
    percentage: Decimal
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Totals:
    """As Books will compute them. total = sub_total - discount + tax + adjustment."""

    lines: tuple[Money, ...]
    sub_total: Money
    discount: Money
    taxes: tuple[TaxTotal, ...]
    tax: Money
    adjustment: Money
    total: Money

    @property
    def net(self) -> Money:
        """Without tax: what a net deal amount is compared with."""
        return self.total - self.tax


class Difference(StrEnum):
    """Why CRM's amount and Books' total are not equal."""

    PRICE = "price"
    DISCOUNT = "discount"
    TAX = "tax"
    ROUNDING = "rounding"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, kw_only=True)
class NamedDifference:
    """A part of CRM's amount minus Books' total, by cause; `parts` split it further (per tax), adding up to it."""

    cause: Difference
    amount: Money
    parts: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that is known about one billing claim; nothing else is looked at. `items` by CRM product id.

    `customer` is the one that is certain or to be created; else None, and `match` says why. `outside`: invoices of
    the organisation that could be this sale's (same reference, potential id or customer), zbridge's own left out.
    `waived`: causes that a person chose to bill in spite of, with a reason. `today` in the organisation's zone.
    `portion`: what of the sale this part bills; None: all. `not_billable`: finance's reason to bill nothing.
    `party_gone`: the sale's linked account, by name, which CRM has no longer.
    `price_choice`: the price that a person chose for this sale; `accepted_prices` by CRM product id.
    `price_lists`: those of Books in the sale's currency that its lines name, by `list_key`.
    """

    sale: Sale
    customer: CustomerFacts | None
    match: CustomerMatch | None = None
    items: Mapping[str, ItemFacts] = field(default_factory=dict)
    suggestions: Mapping[str, ItemSuggestion] = field(default_factory=dict)
    taxes: tuple[TaxFacts, ...] = ()
    organisation: OrganisationFacts
    rules: RulesInForce
    outside: tuple[OutsideInvoice, ...] = ()
    live: LiveClaim | None = None
    waived: frozenset[Cause] = frozenset()
    today: date
    generation: int = 1
    part: int = 1
    portion: Portion | None = None
    not_billable: str = ""
    party_gone: str = ""
    price_choice: PricePolicy | None = None
    accepted_prices: Mapping[str, AcceptedPrice] = field(default_factory=dict)
    price_lists: Mapping[str, ListRates] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A draft can be made. With warnings or `needs_finance` it still stands, and finance is told.

    `prices`: the lines that were sold at another price than Books', and the one that is billed.
    """

    draft: InvoiceDraft
    totals: Totals
    differences: tuple[NamedDifference, ...] = ()
    needs_finance: bool = False
    warnings: tuple[Problem, ...] = ()
    prices: tuple[PricedLine, ...] = ()


@dataclass(frozen=True)
class Stopped:
    """No draft, and why: each problem with who can mend it and how."""

    problems: tuple[Problem, ...]


Verdict = Ready | Stopped
