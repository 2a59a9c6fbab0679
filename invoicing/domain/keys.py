"""The billing claim's key: from the sale alone, never from a click, a process or the time."""

from base64 import b32encode
from hashlib import sha256


def conversion_key(crm_org: str, books_org: str, sale: str, generation: int = 1, part: int = 1) -> str:
    """`ZB-` and 20 letters; the same on every install and after every restore (design 5)."""
    return _key(f"v1|{books_org}|{crm_org}|{sale}|{generation}|{part}")


def customer_key(crm_org: str, books_org: str, party: str, currency: str) -> str:
    """The key of a customer that zbridge creates: one per CRM party and currency."""
    return _key(f"v1|customer|{books_org}|{crm_org}|{party}|{currency}")


def _key(text: str) -> str:
    return "ZB-" + b32encode(sha256(text.encode()).digest()).decode()[:20]
