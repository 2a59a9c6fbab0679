"""What is kept of an answer as evidence: call, status, code and message, without secrets, names and ids."""

import re
from collections.abc import Iterable

from accounts.models import Connection
from zbridge.zoho.probing import Seen
from zbridge.zoho.redaction import mask

ID = re.compile(r"\d{6,}")
LONGEST = 200


def evidence(seen: Iterable[Seen], connection: Connection) -> list[dict[str, object]]:
    """One row per call."""
    return [
        {"call": one.call, "status": one.status, "code": one.code, "message": masked(one.message, connection)}
        for one in seen
    ]


def masked(text: str, connection: Connection) -> str:
    """The text without secrets, addresses, long numbers, and the names of the organisation and its people."""
    people = [str(row.get(part) or "") for row in connection.crm_users for part in ("name", "email")]
    for name in [connection.crm_org_name, connection.books_org_name, *people]:
        if len(name) > 2:
            text = re.sub(re.escape(name), "<name>", text, flags=re.IGNORECASE)
    return ID.sub("<id>", mask(text))[:LONGEST]
