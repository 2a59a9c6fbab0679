"""Where a person opens a record in Books' or CRM's own pages."""

from django.conf import settings

from zbridge.zoho.regions import region


def books_link(data_centre: str, invoice_id: str) -> str:
    """The invoice's address in Books' own pages (the simulator's stand-in on the simulator)."""
    if data_centre == "simulator":
        return f"{settings.ZBRIDGE_SIMULATOR_URL}/ui/books/invoices/{invoice_id}"
    return f"{region(data_centre).books_web}/app#/invoices/{invoice_id}"


def books_customer_link(data_centre: str, customer_id: str) -> str:
    """The customer's address in Books' own pages."""
    if data_centre == "simulator":
        return f"{settings.ZBRIDGE_SIMULATOR_URL}/ui/books/contacts/{customer_id}"
    return f"{region(data_centre).books_web}/app#/contacts/{customer_id}"


def crm_link(data_centre: str, org_id: str, module: str, identity: str) -> str:
    """The record's address in CRM's own pages."""
    if data_centre == "simulator":
        return f"{settings.ZBRIDGE_SIMULATOR_URL}/ui/crm/{module}/{identity}"
    return f"{region(data_centre).crm_web}/crm/org{org_id}/tab/{module}/{identity}"
