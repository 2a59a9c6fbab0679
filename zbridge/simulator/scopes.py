"""Which scope a call needs, and whether a token has it (facts CRM 1.6, Books 1.2)."""

from collections.abc import Sequence

METHOD_RIGHTS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE", "DELETE": "DELETE"}
BOOKS_AREAS = {
    "contacts": "contacts", "invoices": "invoices", "invoice": "invoices", "estimates": "estimates",
    "salesorders": "salesorders", "customerpayments": "customerpayments", "creditnotes": "creditnotes",
    "chartofaccounts": "accountants",
}  # fmt: skip


def grants(scopes: Sequence[str], needed: str) -> bool:
    """Whether one of the scopes covers the needed one and none (`-scope`) takes it away; `ALL` covers every right."""
    held = [scope.casefold() for scope in scopes]
    wanted = needed.casefold()
    return f"-{wanted}" not in held and any(_covers(scope.split("."), wanted.split(".")) for scope in held)


def _covers(scope: list[str], wanted: list[str]) -> bool:
    if scope == ["zohobooks", "fullaccess", "all"]:
        return wanted[0] == "zohobooks"
    if scope[-1] == "all":
        return wanted[: len(scope) - 1] == scope[:-1]
    if scope[-1] == "write" and wanted[-1] in ("create", "update", "delete"):
        return wanted[:-1] == scope[:-1]
    return scope == wanted


def books_scope(method: str, resource: str, tail: str = "") -> str:
    """The scope of a Books call; status actions and the like need CREATE since they are POSTs."""
    if resource == "crm":
        resource = "items" if tail.startswith("item") else "contacts"
    return f"ZohoBooks.{BOOKS_AREAS.get(resource, 'settings')}.{METHOD_RIGHTS[method]}"


def module_scope(module: str, right: str) -> str:
    """The scope of a CRM module."""
    return f"ZohoCRM.modules.{module.lower()}.{right}"
