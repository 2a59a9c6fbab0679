"""Facts about records of either side, as the pure rules take them: what is compared is normalised already."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypedDict

from syncjobs.domain.normalising import (
    mail_domain,
    normal_email,
    normal_name,
    normal_phone,
    normal_sku,
    normal_tax_id,
)


class Side(StrEnum):
    """Where a record lives."""

    CRM = "crm"
    BOOKS = "books"


class Kind(StrEnum):
    """What a record or document is."""

    ACCOUNT = "account"
    CONTACT = "contact"
    PRODUCT = "product"
    CUSTOMER = "customer"
    ITEM = "item"
    PERSON = "person"
    DEAL = "deal"
    QUOTE = "quote"
    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDITNOTE = "creditnote"


class Address(TypedDict):
    """The parts of an address that are compared, as written."""

    street: str
    city: str
    zip: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyFacts:
    """A company or person of either side, by its normalised keys (the columns of `Record`); empty keys are left out.

    `emails` and `phones` are those of all its people; `people` their names as written. Address parts are as written.
    `external_ids` name the same thing in another system ("crm:123"): two parties that share one are the same.
    """

    id: str
    name: str
    name_key: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    tax_keys: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    currency: str = ""
    active: bool = True
    is_vendor: bool = False
    company: str = ""
    people: tuple[str, ...] = ()
    street: str = ""
    city: str = ""
    zip: str = ""
    external_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ProductFacts:
    """A CRM product or a Books item by its normalised keys; the price is in the organisation's currency."""

    id: str
    name: str
    name_key: str = ""
    code: str = ""
    code_key: str = ""
    price: Decimal | None = None
    active: bool = True


def party(
    id: str, name: str, *, emails: Iterable[str] = (), phones: Iterable[str] = (), tax_ids: Iterable[str] = (),
    websites: Iterable[str] = (), currency: str = "", active: bool = True, is_vendor: bool = False, country: str = "DE",
    company: str = "", street: str = "", city: str = "", zip: str = "",
) -> PartyFacts:  # fmt: skip
    """A party from values as people wrote them; `country` reads local phone numbers."""
    addresses = list(emails)
    return PartyFacts(
        id=id,
        name=name,
        name_key=normal_name(name),
        emails=_keys(map(normal_email, addresses)),
        phones=_keys([normal_phone(phone, country) for phone in phones]),
        tax_keys=_keys(map(normal_tax_id, tax_ids)),
        domains=_keys(map(mail_domain, [*addresses, *websites])),
        currency=currency,
        active=active,
        is_vendor=is_vendor,
        company=company,
        street=street,
        city=city,
        zip=zip,
    )


def product(id: str, name: str, code: str = "", price: Decimal | None = None, active: bool = True) -> ProductFacts:
    """A product or item from values as people wrote them."""
    return ProductFacts(
        id=id, name=name, name_key=normal_name(name), code=code, code_key=normal_sku(code), price=price, active=active
    )


def _keys(values: Iterable[str]) -> frozenset[str]:
    found = frozenset(values)
    return found - {""} if "" in found else found
