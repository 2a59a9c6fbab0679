"""The suggested mapping of each pair: CRM owns people and names, Books owns money and tax. One click brings it back."""

from typing import Any, NamedTuple

from syncjobs.domain.mapping import Direction
from syncjobs.domain.ownership import Owner
from syncjobs.domain.pairs import CONTACTS

BOTH, TO_BOOKS, TO_CRM = Direction.BOTH, Direction.TO_BOOKS, Direction.TO_CRM
TERMS = [["Due on Receipt", 0], ["Net 15", 15], ["Net 30", 30], ["Net 45", 45], ["Net 60", 60]]


class Suggested(NamedTuple):
    """One line; what is left out is plain text both ways."""

    name: str
    label: str
    crm: str
    books: str
    owner: Owner
    transform: str = "text"
    direction: Direction = BOTH
    settings: dict[str, Any] = {}


def _address(name: str, label: str, crm: str, books: str) -> list[Suggested]:
    parts = (("street", "street", "Street", "address"), ("city", "city", "City", "city"),
             ("state", "state", "State", "state"), ("code", "postcode", "Code", "zip"),
             ("country", "country", "Country", "country"))  # fmt: skip
    return [
        Suggested(f"{name}_{part}", f"{label} {said}", f"{crm}_{theirs}", f"{books}.{ours}", Owner.CRM)
        for part, said, theirs, ours in parts
    ]


CUSTOMER = (
    Suggested("name", "Name", "Account_Name", "contact_name", Owner.CRM),
    Suggested("company", "Company name", "Account_Name", "company_name", Owner.CRM, direction=TO_BOOKS),
    Suggested("website", "Website", "Website", "website", Owner.CRM),
    Suggested("phone", "Phone", "Phone", "primary.phone", Owner.ASK, "phone"),
    *_address("billing", "Billing", "Billing", "billing_address"),
    *_address("shipping", "Shipping", "Shipping", "shipping_address"),
    Suggested("vat", "VAT id", "VAT_ID", "vat_reg_no", Owner.BOOKS),
    Suggested(
        "terms", "Payment terms", "Payment_Terms", "payment_terms", Owner.BOOKS, "picklist", settings={"pairs": TERMS}
    ),
    Suggested("notes", "Notes", "Description", "notes", Owner.CRM, direction=TO_BOOKS),
    Suggested("rep", "Rep", "Owner.name", "cf:cf_sales_rep", Owner.CRM, "line", TO_BOOKS),
    Suggested(
        "segment",
        "Segment",
        "Segment",
        "cf:cf_segment",
        Owner.CRM,
        "picklist",
        settings={"pairs": [[word, word] for word in ("Retail", "Wholesale", "Public sector")]},
    ),
    Suggested("limit", "Credit limit", "Credit_Limit", "credit_limit", Owner.BOOKS, "amount", TO_CRM),
    Suggested("since", "Customer since", "Customer_Since", "created_time", Owner.BOOKS, "day", TO_CRM),
)
# Where contacts are the customers. A contact's full name is made of its parts by CRM, so it is only read.
OF_CONTACTS = (
    Suggested("name", "Name", "Full_Name", "contact_name", Owner.CRM, direction=TO_BOOKS),
    Suggested("first", "First name", "First_Name", "primary.first_name", Owner.CRM, "first_name"),
    Suggested("last", "Last name", "Last_Name", "primary.last_name", Owner.CRM),
    Suggested("email", "E-mail", "Email", "primary.email", Owner.CRM, "email"),
    Suggested("phone", "Phone", "Phone", "primary.phone", Owner.ASK, "phone"),
    Suggested("mobile", "Mobile", "Mobile", "primary.mobile", Owner.CRM, "phone"),
    Suggested("billing_street", "Billing street", "Mailing_Street", "billing_address.address", Owner.CRM),
    Suggested("billing_city", "Billing city", "Mailing_City", "billing_address.city", Owner.CRM),
    Suggested("billing_state", "Billing state", "Mailing_State", "billing_address.state", Owner.CRM),
    Suggested("billing_code", "Billing postcode", "Mailing_Zip", "billing_address.zip", Owner.CRM),
    Suggested("billing_country", "Billing country", "Mailing_Country", "billing_address.country", Owner.CRM),
    Suggested("shipping_street", "Shipping street", "Other_Street", "shipping_address.address", Owner.CRM),
    Suggested("shipping_city", "Shipping city", "Other_City", "shipping_address.city", Owner.CRM),
    Suggested("shipping_state", "Shipping state", "Other_State", "shipping_address.state", Owner.CRM),
    Suggested("shipping_code", "Shipping postcode", "Other_Zip", "shipping_address.zip", Owner.CRM),
    Suggested("shipping_country", "Shipping country", "Other_Country", "shipping_address.country", Owner.CRM),
    Suggested("notes", "Notes", "Description", "notes", Owner.CRM, direction=TO_BOOKS),
    Suggested("rep", "Rep", "Owner.name", "cf:cf_sales_rep", Owner.CRM, "line", TO_BOOKS),
)
# Phones of primary persons are written by the line Phone of their customer; two lines would correct each other.
PERSON = (
    Suggested("first", "First name", "First_Name", "first_name", Owner.CRM, "first_name"),
    Suggested("last", "Last name", "Last_Name", "last_name", Owner.CRM),
    Suggested("email", "E-mail", "Email", "email", Owner.CRM, "email"),
    Suggested("mobile", "Mobile", "Mobile", "mobile", Owner.CRM, "phone"),
    Suggested("title", "Title", "Title", "designation", Owner.CRM),
    Suggested("department", "Department", "Department", "department", Owner.CRM),
)
PRODUCT = (
    Suggested("name", "Name", "Product_Name", "name", Owner.CRM),
    Suggested("code", "SKU", "Product_Code", "sku", Owner.CRM),
    Suggested("price", "Price", "Unit_Price", "rate", Owner.ASK, "amount"),
    Suggested("unit", "Unit", "Usage_Unit", "unit", Owner.CRM),
    Suggested("description", "Description", "Description", "description", Owner.CRM),
)
SUGGESTED: dict[str, tuple[Suggested, ...]] = {"customer": CUSTOMER, "person": PERSON, "product": PRODUCT}


def suggested(pair: str, parties: str) -> tuple[Suggested, ...]:
    """The suggested lines of a pair, where accounts or contacts are the customers."""
    return OF_CONTACTS if pair == "customer" and parties == CONTACTS else SUGGESTED[pair]


# Fields for which "the newer value wins" is no rule (design 4).
GUARDED = frozenset({"price", "vat", "limit", "tax", "currency"})
PRICES = frozenset({"price"})
GUARDED_PATHS = frozenset({
    "Unit_Price", "rate", "VAT_ID", "vat_reg_no", "gst_no", "Credit_Limit", "credit_limit", "Currency", "currency_code",
    "Tax", "tax_id", "tax_name",
})  # fmt: skip


def is_guarded(name: str, *paths: str) -> bool:
    """Whether a line is about a price, tax, currency, limit or tax id, whatever it is called."""
    return name in GUARDED or not GUARDED_PATHS.isdisjoint(paths)
