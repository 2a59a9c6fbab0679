"""What can stop or qualify a draft: the cause, what it is about, who must act and what mends it. No sentences here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    """Why; the wire name in `problems: [{cause, ...}]`."""

    BEFORE_GO_LIVE = "before_go_live"
    NO_GO_LIVE = "no_go_live"
    NOT_WON = "not_won"
    NOT_BILLABLE = "not_billable"
    STAGE_EXCLUDED = "stage_excluded"
    ALREADY_BILLED = "already_billed"
    BILLED_OUTSIDE = "billed_outside"
    MAYBE_BILLED_OUTSIDE = "maybe_billed_outside"
    NO_PARTY = "no_party"
    CUSTOMER_UNCERTAIN = "customer_uncertain"
    CUSTOMER_INACTIVE = "customer_inactive"
    CUSTOMER_GONE = "customer_gone"
    PARTY_GONE = "party_gone"
    CUSTOMER_CURRENCY = "customer_currency"
    CURRENCY_UNKNOWN = "currency_unknown"
    NO_LINES = "no_lines"
    LINES_TRUNCATED = "lines_truncated"
    LINES_UNREAD = "lines_unread"
    PRODUCT_UNMAPPED = "product_unmapped"
    LINE_WITHOUT_PRODUCT = "line_without_product"
    NO_AMOUNT_ITEM = "no_amount_item"
    ITEM_INACTIVE = "item_inactive"
    TAX_MISSING = "tax_missing"
    TAX_AMBIGUOUS = "tax_ambiguous"
    TAX_SEVERAL = "tax_several"
    TAX_PLACE = "tax_place"
    PLACE_UNKNOWN = "place_unknown"
    TAX_TREATMENT = "tax_treatment"
    EXEMPTION_MISSING = "exemption_missing"
    DOCUMENT_TAX = "document_tax"
    NOT_POSITIVE = "not_positive"
    QUANTITY_INVALID = "quantity_invalid"
    PRICE_DRIFT = "price_drift"
    BOTH_DISCOUNTS = "both_discounts"
    QUOTE_REPLACED = "quote_replaced"
    QUOTE_EXPIRED = "quote_expired"
    QUOTE_EDITED = "quote_edited"
    REFUSED_BY_BOOKS = "refused_by_books"
    CHANGED_SINCE_PREVIEW = "changed_since_preview"
    ANSWER_LOST = "answer_lost"
    KEY_HELD = "key_held"
    TWO_DRAFTS = "two_drafts"


class Who(StrEnum):
    """Who must act; the names of the roles."""

    REP = "rep"
    FINANCE = "finance"
    REVOPS = "revops"


class Fix(StrEnum):
    """What a button beside the problem does."""

    LINK_PRODUCT = "link_product"
    CHOOSE_ITEM = "choose_item"
    ATTACH = "attach"
    BILL_ANYWAY = "bill_anyway"
    BILL_SALE_PRICE = "bill_sale_price"
    BILL_BOOKS_PRICE = "bill_books_price"
    CHOOSE_CUSTOMER = "choose_customer"
    REPAIR_LINK = "repair_link"
    ASK_FINANCE = "ask_finance"
    OPEN_CONNECTION = "open_connection"
    OPEN_INVOICE = "open_invoice"
    CHECK_CRM = "check_crm"
    LINK_EXISTING = "link_existing"
    CREATE_ANYWAY = "create_anyway"


# A person with a reason may bill in spite of these; nothing else can be waved through.
WAIVABLE = frozenset(
    {
        Cause.BEFORE_GO_LIVE,
        Cause.BILLED_OUTSIDE,
        Cause.MAYBE_BILLED_OUTSIDE,
        Cause.PRICE_DRIFT,
        Cause.QUOTE_EXPIRED,
        Cause.QUOTE_EDITED,
    }  # fmt: skip
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that stops a draft, or (with `stops` False) that finance should know. `values` fill the sentence."""

    cause: Cause
    subject: str
    who: Who
    fixes: tuple[Fix, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    stops: bool = True


def is_waived(problem: Problem, waived: Collection[Cause]) -> bool:
    """Whether a person chose to bill in spite of it, and may."""
    return problem.cause in WAIVABLE and problem.cause in waived
