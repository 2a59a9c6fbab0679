"""Three links of the demo that need repair, one of each kind (docs/links.md); nothing else there depends on them."""

from typing import Any

from accounts.clients import seams
from accounts.models import Connection, User
from invoicing import successors
from invoicing.tasks import workbench
from syncjobs import link_faults, vanishing
from syncjobs.creating import key_of_party
from syncjobs.models import Record
from syncjobs.services import link_records, start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from zbridge.management.played import in_zoho
from zbridge.zoho.gate import Priority

BROKEN, SURVIVOR = "Harbour Optics", "Nordlicht Sehzentrum"
ONE_SIDED = "Juniper Textiles"
DOUBLED, SECOND = "Cobalt Marine", "Blue Quay Supplies"
NAMED_THERE = "Tessera Design"


def plant(connection: Connection, cy: User) -> None:
    """Once: companies that Cy linked rightly, and what people did to them in CRM and in Books since."""
    if Record.objects.filter(connection=connection, kind="account", name=BROKEN).exists():
        return
    accounts = {name: _account(name) for name in (BROKEN, SURVIVOR, ONE_SIDED, DOUBLED)}
    customers = {name: _customer(name, "EUR") for name in (BROKEN, ONE_SIDED, DOUBLED)}
    customers[SECOND] = _customer(SECOND, "USD")
    deal = {"Deal_Name": "Lens counter", "Account_Name": {"id": accounts[BROKEN]}, "Stage": "Qualification",
            "Amount": 1800, "Closing_Date": f"{connection.today(seams().clock)}"}  # fmt: skip
    in_zoho("records/crm/Deals", {"data": [deal]})
    _read(connection, "account", "contact", "customer", "deal")
    for account, customer in ((BROKEN, BROKEN), (ONE_SIDED, ONE_SIDED), (DOUBLED, DOUBLED), (DOUBLED, SECOND)):
        crm, books = _record(connection, accounts[account]), _record(connection, customers[customer])
        why = "The same company, says Cy."
        link_records(connection, crm, books, how="person", reason=why, user=cy, clock=seams().clock)
    _do_harm(connection, accounts, customers)
    _read(connection, "customer")
    found, clock = seams(), seams().clock
    vanishing.look_for_gone(connection, found.clients(connection, Priority.CLICK), clock)
    successors.follow(connection, workbench())
    link_faults.find(connection, clock, whole=True)


def _do_harm(connection: Connection, accounts: dict[str, str], customers: dict[str, str]) -> None:
    """An account is merged into another; a customer gets another's key; one that was billed in USD is now in EUR."""
    in_zoho(f"actions/crm/Accounts/{accounts[BROKEN]}/merge", {"into": accounts[SURVIVOR]})
    other = Record.objects.get(connection=connection, kind="account", name=NAMED_THERE)
    key = {"api_name": connection.customer_key_name, "value": key_of_party(connection, other, connection.currency)}
    _change(customers[ONE_SIDED], {"custom_fields": [key]})
    _change(customers[SECOND], {"currency_id": _currency("EUR")})


def _account(name: str) -> str:
    made = in_zoho("records/crm/Accounts", {"data": [{"Account_Name": name, "Currency": "EUR"}]})
    account = str(made["data"][0]["id"])
    person = {"Last_Name": "Petersen", "Email": _mail(name), "Account_Name": {"id": account}}
    in_zoho("records/crm/Contacts", {"data": [person]})
    return account


def _customer(name: str, currency: str) -> str:
    person = {"last_name": "Petersen", "email": _mail(name), "is_primary_contact": True}
    row: dict[str, Any] = {"contact_name": name, "company_name": name, "contact_type": "customer",
                           "currency_id": _currency(currency), "contact_persons": [person]}  # fmt: skip
    return str(in_zoho("records/books/contacts", {"data": [row]})["data"][0]["contact_id"])


def _change(customer: str, change: dict[str, Any]) -> None:
    in_zoho(f"records/books/contacts/{customer}", {"data": [change]}, "PUT")


def _mail(name: str) -> str:
    return f"accounts@{name.lower().replace(' ', '-')}.example"


def _currency(code: str) -> str:
    rows = in_zoho("records/books/currencies", method="GET")["data"]
    return next(str(row["currency_id"]) for row in rows if row["currency_code"] == code)


def _record(connection: Connection, remote_id: str) -> Record:
    return Record.objects.get(connection=connection, remote_id=remote_id)


def _read(connection: Connection, *kinds: str) -> None:
    for kind in kinds:
        run = start_run(connection, kind, seams().clock, trigger="first", doorbell=False)
        work_to_end(run, bulk_reader(Priority.CLICK))
