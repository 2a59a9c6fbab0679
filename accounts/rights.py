"""What each OAuth scope is for, in words: what is granted, and which feature is missing without it."""

from collections.abc import Iterable
from dataclasses import dataclass

from zbridge.zoho.oauth import Scopes

# The longest prefix that fits a scope names its feature.
FEATURES: dict[str, str] = {
    "ZohoCRM.modules.accounts": "CRM accounts",
    "ZohoCRM.modules.contacts": "CRM contacts",
    "ZohoCRM.modules.deals": "CRM deals, and the invoice number on them",
    "ZohoCRM.modules.quotes": "CRM quotes",
    "ZohoCRM.modules.products": "CRM products",
    "ZohoCRM.settings": "CRM's fields, layouts, pipelines and currencies",
    "ZohoCRM.org": "CRM's organisation and its taxes",
    "ZohoCRM.users": "CRM's users: whose deal it is",
    "ZohoCRM.coql": "reading deal lines in bulk",
    "ZohoCRM.notifications": "hearing of changes in CRM at once",
    "ZohoSearch.securesearch": "counting CRM's records and finding one by a value",
    "ZohoBooks.contacts": "Books customers",
    "ZohoBooks.invoices": "draft invoices, and their status",
    "ZohoBooks.customerpayments": "payments",
    "ZohoBooks.creditnotes": "credit notes",
    "ZohoBooks.settings": "Books' items, taxes, currencies and custom fields",
}


@dataclass(frozen=True)
class Right:
    """One scope, whether it was granted, and what needs it."""

    scope: str
    granted: bool
    feature: str


def rights(granted: Iterable[str]) -> list[Right]:
    """Every scope that zbridge asks for, missing ones first. Zoho's spelling of module names varies in case."""
    known = {scope.casefold() for scope in granted}
    rows = [Right(scope, _has(scope.casefold(), known), _feature(scope)) for scope in Scopes.ALL]
    return sorted(rows, key=lambda row: (row.granted, row.scope))


def missing_features(granted: Iterable[str]) -> list[str]:
    """What would not work, each once."""
    return list(dict.fromkeys(row.feature for row in rights(granted) if not row.granted))


def _has(scope: str, known: set[str]) -> bool:
    """Granted itself, or by a wider right: ZohoCRM.modules.ALL covers ZohoCRM.modules.deals.READ."""
    parts = scope.split(".")
    wider = {".".join([*parts[:length], "all"]) for length in range(2, len(parts))}
    return bool(known & {scope, f"{parts[0]}.fullaccess.all", *wider})


def _feature(scope: str) -> str:
    fitting = [prefix for prefix in FEATURES if scope.startswith(prefix)]
    return FEATURES[max(fitting, key=len)]
