"""What the rules of conversion look at and what they give: frozen, Decimal, no database."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Cause(StrEnum):
    """Why a conversion stops; each has its sentence in wording.py."""

    NOT_WON = "not_won"
    STAGE_EXCLUDED = "stage_excluded"
    NO_GO_LIVE = "no_go_live"
    BEFORE_GO_LIVE = "before_go_live"
    BILLED_OUTSIDE = "billed_outside"
    NO_CUSTOMER_FACTS = "no_customer_facts"
    CUSTOMER_UNCERTAIN = "customer_uncertain"
    CUSTOMER_INACTIVE = "customer_inactive"
    CURRENCY_DIFFERS = "currency_differs"
    CURRENCY_UNKNOWN = "currency_unknown"
    NO_LINES = "no_lines"
    LINES_TRUNCATED = "lines_truncated"
    LINES_NOT_READ = "lines_not_read"
    PRODUCT_UNMAPPED = "product_unmapped"
    ITEM_INACTIVE = "item_inactive"
    LINE_INVALID = "line_invalid"
    TAX_UNCERTAIN = "tax_uncertain"
    NO_AMOUNT = "no_amount"
    TOTAL_NOT_POSITIVE = "total_not_positive"
    PRICE_DRIFT = "price_drift"
    BOTH_DISCOUNTS = "both_discounts"
    CHANGED_SINCE_PREVIEW = "changed_since_preview"
    QUOTE_NOT_ACCEPTED = "quote_not_accepted"
    QUOTE_EXPIRED = "quote_expired"
    QUOTE_REPLACED = "quote_replaced"
    REFUSED_BY_BOOKS = "refused_by_books"
    ANSWER_LOST = "answer_lost"
    TWO_DRAFTS = "two_drafts"
    DEAL_GONE = "deal_gone"


class Fix(StrEnum):
    """The button that mends it."""

    LINK_PRODUCT = "link_product"
    CHOOSE_CUSTOMER = "choose_customer"
    ATTACH = "attach"
    BILL_ANYWAY = "bill_anyway"
    ASK_FINANCE = "ask_finance"
    CHECK_AGAIN = "check_again"


@dataclass(frozen=True)
class Problem:
    """One stop: its cause, what it is about, the figures for its sentence, who can mend it, with which buttons."""

    cause: Cause
    subject: str = ""
    values: tuple[tuple[str, str], ...] = ()
    who: str = "rep"
    fixes: tuple[Fix, ...] = ()

    def value(self, name: str) -> str:
        """One of the figures; empty when it has none of that name."""
        return dict(self.values).get(name, "")


@dataclass(frozen=True)
class SaleLine:
    """A line as CRM has it; a discount is an amount unless `discount_percent` is set."""

    product_id: str
    product_name: str
    quantity: Decimal
    rate: Decimal
    product_code: str = ""
    discount_amount: Decimal = ZERO
    discount_percent: Decimal | None = None
    tax_name: str = ""
    tax_percent: Decimal | None = None
    description: str = ""


@dataclass(frozen=True)
class Sale:
    """What is billed once: a deal with its quotes, or a quote without deal. Amounts are in `currency`."""

    kind: str
    crm_id: str
    name: str
    currency: str
    amount: Decimal | None
    lines: tuple[SaleLine, ...]
    source: str = "subform"
    deal_id: str = ""
    quote_number: str = ""
    header_discount: Decimal = ZERO
    adjustment: Decimal = ZERO
    tax_total: Decimal | None = None
    won: bool = False
    won_on: date | None = None
    stage: str = ""
    accepted: bool = False
    account_id: str = ""
    account_name: str = ""
    contact_id: str = ""
    contact_name: str = ""
    lines_read: bool = True
    truncated: bool = False

    @property
    def root(self) -> str:
        """The name of the sale in the key: deal:<id>, or quote:<id> when it has no deal."""
        return f"deal:{self.deal_id}" if self.deal_id else f"quote:{self.crm_id}"

    @property
    def party(self) -> str:
        """Whom it is sold to, in words."""
        return self.account_name or self.contact_name


@dataclass(frozen=True)
class ItemFacts:
    """The Books item that a product is linked to; its rate is in the organisation's currency."""

    id: str
    name: str
    rate: Decimal | None
    tax_id: str = ""
    active: bool = True
    code: str = ""


@dataclass(frozen=True)
class TaxFacts:
    """A Books tax; a group has the percentages of its components, each rounded by itself."""

    id: str
    name: str
    percent: Decimal
    components: tuple[Decimal, ...] = ()

    @property
    def rates(self) -> tuple[Decimal, ...]:
        return self.components or (self.percent,)


@dataclass(frozen=True)
class CustomerFacts:
    """The Books customer of the sale; an empty id means that it will be created with the draft."""

    id: str
    name: str
    currency: str
    active: bool = True
    reason: str = ""
    contact_persons: tuple[str, ...] = ()


@dataclass(frozen=True)
class OrganisationFacts:
    """How this Books organisation computes and what it knows."""

    currency: str
    currencies: frozenset[str]
    taxes: tuple[TaxFacts, ...]
    default_tax_id: str = ""
    digits: int = 2
    tax_rounding: str = "entity_level"
    discount_before_tax_always: bool = False


@dataclass(frozen=True)
class RulesInForce:
    """The settings that a conversion follows; a frozen copy is kept with it."""

    go_live: date | None
    amounts: str = "net"
    excluded_stages: frozenset[str] = frozenset()
    price_policy: str = "sale"
    both_discounts: str = "adjust"
    reference: str = "quote"
    outside_window_days: int = 90
    key_field: str = ""
    accepted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OutsideInvoice:
    """An invoice in Books that zbridge did not make and that may bill this sale."""

    id: str
    number: str
    total: Decimal
    currency: str
    reference: str
    customer_id: str
    potential_id: str
    issued_on: date | None
    status: str


@dataclass(frozen=True)
class DraftLine:
    """A line of the invoice: rate and discount in the invoice's currency."""

    item_id: str
    name: str
    quantity: Decimal
    rate: Decimal
    tax: TaxFacts | None
    discount_amount: Decimal = ZERO
    discount_percent: Decimal | None = None
    description: str = ""


@dataclass(frozen=True)
class InvoiceDraft:
    """The draft as Books will be asked to make it."""

    customer_id: str
    customer_name: str
    currency: str
    issued_on: date
    reference: str
    lines: tuple[DraftLine, ...]
    discount_level: str = "item_level"
    discount: Decimal = ZERO
    discount_before_tax: bool = False
    inclusive: bool = False
    adjustment: Decimal = ZERO
    adjustment_description: str = ""
    potential_id: str = ""
    contact_persons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Totals:
    """As Books computes them, in the invoice's currency; `taxes` by tax name."""

    sub_total: Decimal
    discount: Decimal
    tax: Decimal
    adjustment: Decimal
    total: Decimal
    taxes: tuple[tuple[str, Decimal], ...] = ()

    @property
    def net(self) -> Decimal:
        """Without tax; what a net deal amount is compared with."""
        return self.total - self.tax


@dataclass(frozen=True)
class NamedDifference:
    """A part of the difference between CRM and Books, with its cause in words."""

    cause: str
    amount: Decimal
    sentence: str
    needs_finance: bool = False


@dataclass(frozen=True)
class Preflight:
    """All that a page shows before the click: problems or a draft, never both."""

    sale: Sale
    customer: CustomerFacts | None
    problems: tuple[Problem, ...]
    draft: InvoiceDraft | None = None
    totals: Totals | None = None
    differences: tuple[NamedDifference, ...] = ()
    warnings: tuple[str, ...] = field(default=())
