"""From one row as Zoho sent it to the columns of its mirror; pure, one function a kind (facts CRM 2.11, Books 3.3)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from syncjobs.domain.normalising import (
    mail_domain,
    normal_email,
    normal_name,
    normal_phone,
    normal_sku,
    normal_tax_id,
)
from syncjobs.domain.records import Address

Row = Mapping[str, Any]
Columns = dict[str, Any]

CRM_FIELDS = {
    "account": ("Account_Name", "Phone", "Website", "VAT_ID", "Owner", "Currency", "Billing_Street", "Billing_City",
                "Billing_State", "Billing_Code", "Billing_Country", "Modified_Time"),
    "contact": ("First_Name", "Last_Name", "Full_Name", "Email", "Secondary_Email", "Phone", "Mobile", "Account_Name",
                "Owner", "Currency", "Mailing_Street", "Mailing_City", "Mailing_State", "Mailing_Zip",
                "Mailing_Country", "Modified_Time"),
    "product": ("Product_Name", "Product_Code", "Unit_Price", "Product_Active", "Usage_Unit", "Taxable", "Owner",
                "Modified_Time", "Modified_By"),
}  # fmt: skip
# 1/10,000 units of it fit into a BIGINT.
MOST = Decimal(10) ** 14


def text(value: object) -> str:
    """A value as trimmed text; null, empty and Zoho's `""` are all the empty text; PostgreSQL takes no NUL."""
    return "" if value is None else str(value).replace("\0", "").strip()


def amount(value: object) -> Decimal | None:
    """A JSON number (or numeric text) as Decimal with at most four decimals; empty is None.

    Raises ArithmeticError for what is no number or more than a column holds.
    """
    written = text(value)
    found = Decimal(written).quantize(Decimal("0.0001")) if written else None
    if found is not None and not abs(found) < MOST:
        raise ArithmeticError(f"{written} is no amount.")
    return found


def instant(value: object) -> datetime | None:
    """A Zoho time, with or without a colon in its offset, in UTC."""
    written = text(value)
    return datetime.fromisoformat(written).astimezone(UTC) if written else None


def look_up(row: Row, field: str, part: str = "id") -> str:
    """One part (id, name) of a look-up field; empty when it points nowhere."""
    found = row.get(field)
    return text(found.get(part)) if isinstance(found, Mapping) else text(found) if part == "id" else ""


def _party(name: str, email: str, phone: str, tax_number: str, website: str) -> Columns:
    return {
        "name": name[:300],
        "name_key": normal_name(name)[:300],
        "email": email[:200],
        "email_key": normal_email(email)[:200],
        "phone_key": normal_phone(phone)[:40],
        "tax_key": normal_tax_id(tax_number)[:40],
        "domain_key": (mail_domain(email) or mail_domain(website))[:120],
    }


def customer(row: Row) -> Columns:
    """A Books contact: balances come on the list row, in the customer's currency."""
    return _party(
        text(row.get("contact_name")),
        text(row.get("email")),
        text(row.get("phone")) or text(row.get("mobile")),
        text(row.get("vat_reg_no")) or text(row.get("gst_no")),
        text(row.get("website")),
    ) | {
        "remote_id": text(row["contact_id"]),
        "currency": text(row.get("currency_code")),
        "outstanding": amount(row.get("outstanding_receivable_amount")),
        "credits": amount(row.get("unused_credits_receivable_amount")),
        "outstanding_base": amount(row.get("outstanding_receivable_amount_bcy")),
        "active": text(row.get("status")) != "inactive",
        "is_vendor": text(row.get("contact_type")) == "vendor",
        "changed_at": instant(row.get("last_modified_time")),
    }


def item(row: Row) -> Columns:
    """A Books item; its rate is in the organisation's currency."""
    name = text(row.get("name"))
    return {
        "remote_id": text(row["item_id"]),
        "name": name[:300],
        "name_key": normal_name(name)[:300],
        "code": text(row.get("sku"))[:100],
        "code_key": normal_sku(text(row.get("sku")))[:100],
        "price": amount(row.get("rate")),
        "tax_id": text(row.get("tax_id")),
        "active": text(row.get("status")) != "inactive",
        "changed_at": instant(row.get("last_modified_time")),
    }


def account(row: Row) -> Columns:
    """A CRM account; it has no e-mail of its own (facts CRM 2.11)."""
    return _party(
        text(row.get("Account_Name")), "", text(row.get("Phone")), text(row.get("VAT_ID")), text(row.get("Website"))
    ) | {
        "remote_id": text(row["id"]),
        "currency": text(row.get("Currency")),
        "owner_id": look_up(row, "Owner"),
        "changed_at": instant(row.get("Modified_Time")),
    }


ADDRESSES = {
    "account": ("Billing_Street", "Billing_City", "Billing_Code"),
    "contact": ("Mailing_Street", "Mailing_City", "Mailing_Zip"),
    "customer": ("address", "city", "zip"),
}


def address(kind: str, row: Row) -> Address:
    """Street, city and zip of a party as written; empty where the row doesn't tell (Books' lists don't)."""
    found = row.get("billing_address") if kind == "customer" else row
    place = found if isinstance(found, Mapping) else {}
    street, city, zip = (text(place.get(name)) for name in ADDRESSES[kind])
    return {"street": street, "city": city, "zip": zip}


def contact(row: Row) -> Columns:
    """A CRM contact; `parent_id` is its account."""
    name = text(row.get("Full_Name")) or f"{text(row.get('First_Name'))} {text(row.get('Last_Name'))}".strip()
    phone = text(row.get("Phone")) or text(row.get("Mobile"))
    return _party(name, text(row.get("Email")), phone, "", "") | {
        "remote_id": text(row["id"]),
        "currency": text(row.get("Currency")),
        "parent_id": look_up(row, "Account_Name"),
        "owner_id": look_up(row, "Owner"),
        "changed_at": instant(row.get("Modified_Time")),
    }


def person(row: Row) -> Columns:
    """A contact person of Books, with the id of its customer as `contact_id`."""
    name = f"{text(row.get('first_name'))} {text(row.get('last_name'))}".strip()
    phone = text(row.get("phone")) or text(row.get("mobile"))
    return _party(name, text(row.get("email")), phone, "", "") | {
        "remote_id": text(row["contact_person_id"]),
        "parent_id": text(row["contact_id"]),
        "changed_at": None,
    }


def product(row: Row) -> Columns:
    """A CRM product; its price is in the organisation's currency."""
    name = text(row.get("Product_Name"))
    return {
        "remote_id": text(row["id"]),
        "name": name[:300],
        "name_key": normal_name(name)[:300],
        "code": text(row.get("Product_Code"))[:100],
        "code_key": normal_sku(text(row.get("Product_Code")))[:100],
        "price": amount(row.get("Unit_Price")),
        "active": row.get("Product_Active") is not False,
        "owner_id": look_up(row, "Owner"),
        "changed_at": instant(row.get("Modified_Time")),
    }
