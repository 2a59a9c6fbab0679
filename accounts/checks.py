"""What the checks of a connection look at, and what each of them answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from accounts.clients import Clients
from zbridge.zoho.errors import Rejected, ScopeMissing, ZohoError

State = Literal["ok", "amber", "red"]
Row = dict[str, Any]
Rows = list[Row]


@dataclass(frozen=True)
class Check:
    """One check; `action` names the button that mends it, `choices` are what Zoho offers for a setting."""

    name: str
    state: State
    sentence: str
    fix: str = ""
    action: str = ""
    choices: dict[str, list[list[str]]] = field(default_factory=dict)


@dataclass
class Seen:
    """What was read for the checks; `shut` names the system that refused, with what it said."""

    organisations: Rows = field(default_factory=list)
    invoice_fields: Rows = field(default_factory=list)
    contact_fields: Rows = field(default_factory=list)
    items: Rows = field(default_factory=list)
    native: Rows = field(default_factory=list)
    crm_org: Row = field(default_factory=dict)
    modules: Rows = field(default_factory=list)
    account_fields: Rows = field(default_factory=list)
    deal_fields: Rows = field(default_factory=list)
    quote_fields: Rows = field(default_factory=list)
    line_fields: Rows = field(default_factory=list)
    shut: dict[str, ZohoError] = field(default_factory=dict)

    @property
    def module_names(self) -> set[str]:
        """The modules that the connected user sees."""
        return {str(row.get("api_name")) for row in self.modules if row.get("api_supported", True) is not False}


def look(clients: Clients) -> Seen:
    """Read both sides; one that refuses is noted as shut, one that doesn't answer raises ZohoError."""
    seen = Seen()
    seen.organisations = clients.books.organizations()
    _unless_shut(seen, "books", lambda: _look_into_books(clients, seen))
    _unless_shut(seen, "crm", lambda: _look_into_crm(clients, seen))
    return seen


def _unless_shut(seen: Seen, side: str, read: Callable[[], None]) -> None:
    try:
        read()
    except (ScopeMissing, Rejected) as refusal:
        seen.shut[side] = refusal


def _look_into_books(clients: Clients, seen: Seen) -> None:
    seen.invoice_fields = clients.books.fields("invoice")
    seen.contact_fields = clients.books.fields("contact")
    seen.native = clients.books.brought_from_crm()
    seen.items = list(next(iter(clients.books.item_pages())).rows)


def _look_into_crm(clients: Clients, seen: Seen) -> None:
    seen.crm_org = clients.crm.org()
    seen.modules = clients.crm.modules()
    if "Accounts" in seen.module_names:
        seen.account_fields = clients.crm.fields("Accounts")
    if "Deals" in seen.module_names:
        seen.deal_fields = clients.crm.fields("Deals")
    if "Quotes" in seen.module_names:
        seen.quote_fields = clients.crm.fields("Quotes")
