"""What is sold and what Books knows: the facts that an invoice draft is made from. Frozen, without behaviour.
Rates and line amounts are bare Decimals in the currency of the sale or draft that holds them; results are Money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from syncjobs.domain.link_faults import Gone

ZERO = Decimal(0)
# The "product" of the one line that bills a deal's amount; its item is set on the connection.
AMOUNT_PRODUCT = "amount"


class SaleKind(StrEnum):
    DEAL = "deal"
    QUOTE = "quote"


class LineSource(StrEnum):
    """Where a sale's lines come from; the ladder names them in order."""

    SUBFORM = "subform"
    QUOTE = "quote"
    AMOUNT = "amount"


class Basis(StrEnum):
    """Whether an amount holds its tax."""

    NET = "net"
    GROSS = "gross"


class TaxRounding(StrEnum):
    """Books: taxes summed and rounded once per tax, or rounded on each line."""

    ENTITY = "entity_level"
    ITEM = "item_level"


class BothDiscounts(StrEnum):
    """What to do when a sale has line discounts and a document discount."""

    ADJUST = "adjust"
    STOP = "stop"


class PricePolicy(StrEnum):
    """Where the sale's price isn't the item's in Books: bill the sale's, bill Books', or stop and ask."""

    SALE = "sale"
    BOOKS = "books"
    STOP = "stop"


class Supply(StrEnum):
    """Which supplies a tax is for, where that depends on the customer's state; UNREAD: that isn't known here yet."""

    ANY = ""
    UNREAD = "unread"
    WITHIN = "within"
    BETWEEN = "between"


class ReferenceFrom(StrEnum):
    QUOTE = "quote"
    DEAL = "deal"


@dataclass(frozen=True)
class Discount:
    """An amount in the sale's currency, or a percentage (10 is 10 %)."""

    value: Decimal = ZERO
    is_percent: bool = False

    def __bool__(self) -> bool:
        return self.value != 0


NO_DISCOUNT = Discount()


@dataclass(frozen=True, kw_only=True)
class SaleLine:
    """One line as CRM has it; rate before discount, discount of the whole line.

    `tax_percent` is None when the line names no tax; `tax_count` above 1 means several taxes on one line.
    `whole_rate`: of a piece of a line, the whole line's unit price. `price_book`: the one of CRM that priced it.
    """

    source_id: str
    product_id: str
    product_name: str
    product_code: str = ""
    quantity: Decimal
    rate: Decimal
    discount: Discount = NO_DISCOUNT
    tax_name: str = ""
    tax_percent: Decimal | None = None
    tax_count: int = 0
    description: str = ""
    whole_rate: Decimal | None = None
    price_book: str = ""


@dataclass(frozen=True, kw_only=True)
class AcceptedPrice:
    """Two unit prices that may differ, as a person accepted them, with the reason: sales at `sale` are billed so."""

    sale: Decimal
    books: Decimal
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What is billed once. `amount` is what CRM says it comes to: net or gross by `basis`; None when CRM says nothing.

    `crm_id` is the deal's, or the quote's when it bills. Dates are days in the organisation's zone. `edited`: what of
    the quote differs from what was accepted, in words.
    """

    kind: SaleKind
    crm_id: str
    deal_id: str = ""
    quote_id: str = ""
    name: str
    deal_name: str = ""
    quote_number: str = ""
    currency: str
    amount: Decimal | None
    basis: Basis
    prices_include_tax: bool = False
    line_source: LineSource | None = None
    lines: tuple[SaleLine, ...] = ()
    lines_truncated: bool = False
    lines_unread: bool = False
    header_discount: Discount = NO_DISCOUNT
    adjustment: Decimal = ZERO
    adjustment_description: str = ""
    document_tax: Decimal = ZERO
    pipeline: str = ""
    stage: str = ""
    is_won: bool = False
    won_on: date | None = None
    valid_till: date | None = None
    accepted_on: date | None = None
    replaced_by_id: str = ""
    edited: tuple[str, ...] = ()
    account_id: str = ""
    account_name: str = ""
    contact_id: str = ""
    contact_name: str = ""
    owner_id: str = ""
    owner_name: str = ""

    @property
    def root(self) -> str:
        """The sale's name in its key and on the conversion: `deal:<CRM id>`, or `quote:<CRM id>` without a deal."""
        return f"deal:{self.deal_id}" if self.deal_id else f"quote:{self.quote_id}"

    @property
    def party_name(self) -> str:
        """Whom it is sold to: the account, else the contact."""
        return self.account_name or self.contact_name


@dataclass(frozen=True, kw_only=True)
class ItemFacts:
    """A Books item; its rate is in the organisation's currency."""

    books_id: str
    name: str
    rate: Decimal | None = None
    tax_id: str = ""
    active: bool = True
    unit: str = ""


@dataclass(frozen=True)
class TaxPart:
    """One component of a tax group; `percentage` 9 is 9 %."""

    name: str
    percentage: Decimal


@dataclass(frozen=True, kw_only=True)
class TaxFacts:
    """A Books tax or tax group; a plain tax has no parts. `supply`: the supplies it is for, in India."""

    books_id: str
    name: str
    percentage: Decimal
    parts: tuple[TaxPart, ...] = ()
    active: bool = True
    supply: Supply = Supply.ANY

    @property
    def components(self) -> tuple[TaxPart, ...]:
        """What is computed and rounded apart: the group's parts, or the tax itself."""
        return self.parts or (TaxPart(self.name, self.percentage),)


@dataclass(frozen=True, kw_only=True)
class CustomerFacts:
    """The Books customer that is billed. `books_id` is empty while it is still to be created with the draft.

    `terms_days`: 0 or more net days; negative values are Books' own rules (facts books 3.3); None: Books' default.
    `tax_treatment` as Books names it; not `taxable` needs an exemption, Books' reason for it. `place`: its state's code
    (`place_of_contact`); None: not read yet. `owes`, `credit_limit`: as last read, None when Books hasn't told.
    """

    books_id: str
    name: str
    currency: str
    terms_days: int | None = None
    terms_label: str = ""
    tax_treatment: str = ""
    taxable: bool = True
    exemption_id: str = ""
    place: str | None = None
    owes: Decimal | None = None
    credit_limit: Decimal | None = None
    active: bool = True
    gone: Gone | None = None
    contact_person_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OrganisationFacts:
    """How this Books organisation computes, and what the connection says about CRM's amounts.

    `currencies`: code -> decimals, of those switched on in Books. `place`: the code of its state.
    `rounding_allowance` None: one cent a line.
    """

    crm_org_id: str
    books_org_id: str
    currency: str
    country: str = ""
    place: str = ""
    tax_regime: str = "vat"
    currencies: Mapping[str, int] = field(default_factory=dict)
    tax_rounding: TaxRounding = TaxRounding.ENTITY
    discount_before_tax_always: bool = False
    deal_amounts: Basis = Basis.NET
    rounding_allowance: Decimal | None = None
    both_discounts: BothDiscounts = BothDiscounts.ADJUST


@dataclass(frozen=True, kw_only=True)
class RulesInForce:
    """The connection's settings that a draft follows; frozen beside each conversion."""

    go_live: date | None
    excluded_stages: frozenset[str] = frozenset()
    ladder: tuple[LineSource, ...] = (LineSource.SUBFORM, LineSource.QUOTE, LineSource.AMOUNT)
    default_tax_id: str = ""
    price_policy: PricePolicy = PricePolicy.SALE
    outside_window_days: int = 90
    reference_from: ReferenceFrom = ReferenceFrom.QUOTE
    key_field_id: str = ""
    location_id: str = ""


@dataclass(frozen=True, kw_only=True)
class OutsideInvoice:
    """An invoice in Books that zbridge didn't make, from its list row; total in its currency."""

    books_id: str
    number: str
    customer_id: str
    currency: str
    total: Decimal
    status: str = ""
    reference: str = ""
    potential_id: str = ""
    issued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class LiveClaim:
    """A live conversion of this sale; the invoice number is empty until its draft stands."""

    conversion_id: str
    invoice_number: str = ""


@dataclass(frozen=True, kw_only=True)
class ItemSuggestion:
    """The best Books item for a CRM product that isn't linked yet."""

    item: ItemFacts
    reason: str
