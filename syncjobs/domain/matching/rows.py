"""Parties from the rows of an export, by the columns of `manage.py match`."""

import re
from collections.abc import Mapping
from dataclasses import replace

from phonenumbers import SUPPORTED_REGIONS

from syncjobs.domain.records import PartyFacts, party

COLUMNS = ("id", "name", "company", "email", "phone", "street", "city", "zip", "country", "tax_id")
_SEVERAL = re.compile(r"[;,\s]+")


def party_of_row(row: Mapping[str, str], home: str = "DE") -> PartyFacts:
    """A party from the values of its columns; what is missing is empty. `home` reads local phone numbers."""
    value = {column: (row.get(column) or "").strip() for column in COLUMNS}
    country = value["country"].upper()
    made = party(
        value["id"], value["name"] or value["company"], country=country if country in SUPPORTED_REGIONS else home,
        emails=_SEVERAL.split(value["email"]) if value["email"] else (),
        phones=value["phone"].split(";") if value["phone"] else (),
        tax_ids=(value["tax_id"],) if value["tax_id"] else (),
    )  # fmt: skip
    return replace(
        made, company=value["company"] if value["name"] else "", street=value["street"], city=value["city"],
        zip=value["zip"], country=country,
    )  # fmt: skip
