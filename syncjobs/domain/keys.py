"""The keys that Books' unique fields hold: whoever asks for the same thing computes the same key. Pure."""

from base64 import b32encode
from hashlib import sha256


def customer_key(crm_org: str, books_org: str, party: str, currency: str) -> str:
    """The key of a customer that zbridge creates: one per CRM party (`account:<id>`, `contact:<id>`) and currency."""
    return key("v1", "customer", crm_org, books_org, party, currency)


def key(*parts: str) -> str:
    """ZB- and 20 letters and digits, of the parts in this order."""
    return "ZB-" + b32encode(sha256("|".join(parts).encode()).digest()).decode()[:20]
