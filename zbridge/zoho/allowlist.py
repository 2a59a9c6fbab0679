"""Every method and path that zbridge may ever call. No DELETE; of invoices, reading and creating a draft only."""

from zbridge.zoho.errors import System

CRM_READS = (
    "/crm/v8/org",
    "/crm/v8/users",
    "/crm/v8/org/currencies",
    "/crm/v8/org/taxes",
    "/crm/v8/settings/modules",
    "/crm/v8/settings/fields",
    "/crm/v8/settings/layouts",
    "/crm/v8/settings/pipeline",
    "/crm/v8/settings/related_lists",
    "/crm/v8/actions/watch",
    "/crm/v8/{module}",
    "/crm/v8/{module}/{id}",
    "/crm/v8/{module}/{id}/{list}",
    "/crm/v8/{module}/search",
    "/crm/v8/{module}/deleted",
    "/crm/v8/{module}/actions/count",
)
BOOKS_READS = (
    "/books/v3/organizations",
    "/books/v3/organizations/{id}",
    "/books/v3/users/me",
    "/books/v3/settings/taxes",
    "/books/v3/settings/taxgroups/{id}",
    "/books/v3/settings/currencies",
    "/books/v3/settings/currencies/{id}/exchangerates",
    "/books/v3/settings/fields",
    "/books/v3/contacts",
    "/books/v3/contacts/{id}",
    "/books/v3/items",
    "/books/v3/items/{id}",
    "/books/v3/itemdetails",
    "/books/v3/pricebooks",
    "/books/v3/invoices",
    "/books/v3/invoices/{id}",
    "/books/v3/customerpayments",
    "/books/v3/customerpayments/{id}",
    "/books/v3/creditnotes",
    "/books/v3/creditnotes/{id}",
)
WRITES: tuple[tuple[System, str, str], ...] = (
    ("crm", "POST", "/crm/v8/coql"),
    ("crm", "POST", "/crm/v8/settings/fields"),
    ("crm", "POST", "/crm/v8/{module}"),
    ("crm", "PUT", "/crm/v8/{module}"),
    ("crm", "POST", "/crm/v8/actions/watch"),
    ("crm", "PATCH", "/crm/v8/actions/watch"),
    ("books", "POST", "/books/v3/contacts"),
    ("books", "PUT", "/books/v3/contacts/{id}"),
    ("books", "POST", "/books/v3/contacts/contactpersons"),
    ("books", "PUT", "/books/v3/contacts/contactpersons/{id}"),
    ("books", "POST", "/books/v3/items"),
    ("books", "PUT", "/books/v3/items/{id}"),
    ("books", "POST", "/books/v3/invoices"),
    ("books", "POST", "/books/v3/settings/fields"),
    ("books", "PUT", "/books/v3/settings/fields/{id}"),
    ("oauth", "POST", "/oauth/v2/token"),
    ("oauth", "POST", "/oauth/v2/token/revoke"),
)

ALLOWED: frozenset[tuple[System, str, str]] = frozenset(
    [("crm", "GET", path) for path in CRM_READS] + [("books", "GET", path) for path in BOOKS_READS] + list(WRITES)
)
