"""What a web hook proves and what it says: its signature, and the kinds and ids that it names. Nothing else is read."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

Pairs = Sequence[tuple[str, str]]

CRM_MODULES = {
    "Deals": "deal", "Quotes": "quote", "Accounts": "account", "Contacts": "contact", "Products": "product",
}  # fmt: skip
# The key of a document in Books' bodies, the kind that it is, and the name of its id (facts Books 8).
BOOKS_DOCUMENTS = {
    "invoice": ("invoice", "invoice_id"), "contact": ("customer", "contact_id"), "item": ("item", "item_id"),
    "payment": ("payment", "payment_id"), "customerpayment": ("payment", "payment_id"),
    "creditnote": ("creditnote", "creditnote_id"),
}  # fmt: skip
# How a workflow may name what it asks to bill; older organisations call deals potentials.
BILLED = {"deals": "deal", "deal": "deal", "potentials": "deal", "quotes": "quote", "quote": "quote"}
OPERATIONS = frozenset({"insert", "update", "delete"})
LONGEST_ID, MOST_IDS = 30, 500
# Stands before what is the same only while it waits.
WAITING = "~"


@dataclass(frozen=True)
class Said:
    """One record that a web hook names. `stamp`: what differs between two changes, empty where the body has none."""

    kind: str
    remote_id: str
    operation: str = ""
    stamp: str = ""


def signature(secret: str, query: Pairs, form: Pairs, body: bytes) -> str:
    """Books' signature: lower-case hex HMAC-SHA256 over all pairs, sorted by key, then the raw JSON body."""
    pairs = sorted([*query, *form], key=lambda pair: pair[0])
    signed = "".join(key + value for key, value in pairs).encode() + body
    return hmac.new(secret.encode(), signed, sha256).hexdigest()


def is_signed(given: str, secrets: Iterable[str], query: Pairs, form: Pairs, body: bytes) -> bool:
    """Whether one of the secrets made that signature; compared in constant time, each of them always."""
    found = False
    for secret in secrets:
        made = signature(secret, query, form, body)
        found |= hmac.compare_digest(given.strip().lower().encode(), made.encode())
    return found


def crm_says(body: Mapping[str, Any]) -> list[Said]:
    """The records of a notification (facts CRM 4.3); none when it is of a module that isn't read."""
    kind = CRM_MODULES.get(str(body.get("module") or ""))
    ids = body.get("ids")
    if kind is None or not isinstance(ids, list):
        return []
    said, stamp = str(body.get("operation") or ""), str(body.get("server_time") or "")
    operation = said if said in OPERATIONS else ""
    found = dict.fromkeys(str(one) for one in ids[:MOST_IDS] if is_id(one))
    return [Said(kind, one, operation, stamp) for one in found]


def books_says(body: Mapping[str, Any], organisation: str) -> list[Said]:
    """The document of a web hook; none when it is of a kind that isn't read, or says that it is another's."""
    if str(body.get("organization_id") or organisation) != organisation:
        return []
    found = []
    for key, (kind, id_name) in BOOKS_DOCUMENTS.items():
        document = body.get(key)
        if isinstance(document, Mapping) and is_id(document.get(id_name)):
            stamp = str(document.get("last_modified_time") or "")
            found.append(Said(kind, str(document[id_name]), "", stamp))
    return found


def asks_to_bill(body: Mapping[str, Any]) -> list[Said]:
    """The deal or quote that a workflow asks to bill; none when it names neither."""
    kind = BILLED.get(str(body.get("module") or "").strip().lower())
    identity = str(body.get("id") or "").strip()
    return [Said(kind, identity, "convert")] if kind and is_id(identity) else []


def is_id(value: object) -> bool:
    """Whether that is an id as Zoho writes them: digits, as text or as a number."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_ID


def same_again(door: str, said: Said, body: bytes) -> str:
    """What knows the same hint again.

    A body with a stamp is one change for ever, so that a replay says nothing new. Without one it can't be told from a
    later change: it is the same only while it waits, and a worker that takes the hint releases it.
    """
    named = f"{door}\n{said.kind}\n{said.remote_id}\n".encode()
    if said.stamp:
        return sha256(named + body).hexdigest()
    return WAITING + sha256(named).hexdigest()[len(WAITING) :]
