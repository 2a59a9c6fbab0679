"""Parties from the rows of an export, by the columns of `manage.py match`."""

import re
from collections.abc import Mapping

from phonenumbers import SUPPORTED_REGIONS

from syncjobs.domain.records import PartyFacts, party

COLUMNS = ("id", "name", "company", "email", "phone", "street", "city", "zip", "country", "tax_id")
_SEVERAL = re.compile(r"[;,\s]+")


def party_of_row(row: Mapping[str, str], home: str = "DE") -> PartyFacts:
    """A party from the values of its columns; what is missing is empty. `home` reads local phone numbers."""
    value = {column: written.strip() for column, written in row.items() if written}.get
    name, email, phone, tax = value("name", ""), value("email", ""), value("phone", ""), value("tax_id", "")
    company, country = value("company", ""), value("country", "").upper()
    return party(
        value("id", ""), name or company, company=company if name else "",
        country=country if country in SUPPORTED_REGIONS else home,
        emails=_SEVERAL.split(email) if email else (), phones=phone.split(";") if phone else (),
        tax_ids=(tax,) if tax else (), street=value("street", ""), city=value("city", ""), zip=value("zip", ""),
    )  # fmt: skip
