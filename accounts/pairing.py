"""Do CRM and Books belong together: data centre, account, both apps active, the modules there (S12)."""

from collections.abc import Callable, Iterator
from datetime import date

from accounts.checks import Check, Row, Seen
from accounts.data_centres import centre_name
from accounts.models import Connection

MODULES = ("Accounts", "Contacts", "Deals", "Quotes", "Products")
CRM_JUDGES = frozenset({"_deal_fields", "_lines", "_stages"})
BOOKS_JUDGES = frozenset({"_key", "_amount_item", "judge_native"})


def is_shut(judge: Callable[[Connection, Seen], Check], seen: Seen) -> bool:
    """Whether what this judge looks at could not be read; the row of the shut app says so already."""
    return bool(
        "crm" in seen.shut and judge.__name__ in CRM_JUDGES or "books" in seen.shut and judge.__name__ in BOOKS_JUDGES
    )


def judge(connection: Connection, seen: Seen) -> Iterator[Check]:
    """The rows of this question, one per way in which two systems can fail to belong together."""
    yield _data_centre(connection, seen)
    yield _books(connection, seen)
    yield _crm(connection, seen)
    if "crm" not in seen.shut:
        yield _account(connection, seen)
        yield _modules(connection, seen)


def _data_centre(connection: Connection, seen: Seen) -> Check:
    where = centre_name(connection.data_centre)
    if not seen.organisations:
        sentence = f"The connected Zoho account has no Books organisation in {where}; CRM and Books must live in one."
        fix = "Log in to Books and look at the address: it ends like the data centre. Make a connection for that one."
        return Check("Data centre", "red", sentence, fix, "connect")
    return Check("Data centre", "ok", f"CRM and Books are both asked in {where}, where the connected account lives.")


def _books(connection: Connection, seen: Seen) -> Check:
    name = connection.books_org_name or "the chosen organisation"
    row = next((row for row in seen.organisations if str(row["organization_id"]) == connection.books_org_id), None)
    if row is None:
        sentence = f"The connected Zoho account can't open {name} in Books; another account owns it."
        fix = "Let its administrator invite that user in Books, or reconnect as a user of both."
        return Check("Books", "red", sentence, fix, "connect")
    if row.get("is_org_active", row.get("isOrgActive", True)) is False:
        fix = "Activate it there, or renew its plan; then press Check now."
        return Check("Books", "red", f"{name} is not active in Books.", fix)
    if "books" in seen.shut:
        sentence = f"Books refused to show {name}'s settings: {seen.shut['books'].sentence}"
        fix = "Give that user a role that may see invoices and settings, or reconnect as an administrator."
        return Check("Books", "red", sentence, fix, "connect")
    return Check("Books", "ok", f"{name} is active in Books.")


def _crm(connection: Connection, seen: Seen) -> Check:
    if "crm" in seen.shut:
        sentence = f"The connected Zoho account can't open CRM: {seen.shut['crm'].sentence}"
        fix = "Activate CRM for that account, or let its administrator add that user to CRM; then reconnect."
        return Check("CRM", "red", sentence, fix, "connect")
    ended = _ended(seen.crm_org)
    if ended is not None and ended < date.today():
        fix = "Renew it in CRM under Billing; then press Check now."
        return Check("CRM", "red", f"CRM's licence ended on {ended:%d %b %Y}.", fix)
    return Check("CRM", "ok", f"{connection.crm_org_name or 'The organisation'} is active in CRM.")


def _ended(org: Row) -> date | None:
    """When the paid time ends, if CRM tells it."""
    told = str((org.get("license_details") or {}).get("paid_expiry") or "")[:10]
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


def _account(connection: Connection, seen: Seen) -> Check:
    """Two owners are no fault by themselves, but mostly a wrong pair."""
    row = next((row for row in seen.organisations if str(row["organization_id"]) == connection.books_org_id), {})
    owners = [str(seen.crm_org.get("primary_email") or ""), str(row.get("email") or "")]
    if connection.crm_org_id and str(seen.crm_org.get("zgid") or "") not in ("", connection.crm_org_id):
        sentence = f"The connected Zoho account opens another CRM than {connection.crm_org_name}."
        return Check("Same account", "red", sentence, "Reconnect as the right user.", "connect")
    if all(owners) and owners[0].casefold() != owners[1].casefold():
        sentence = f"CRM's organisation is owned by {owners[0]}, the one in Books by {owners[1]}: is this a pair?"
        fix = "If it isn't, make a new connection and choose another organisation; if it is, nothing has to be done."
        return Check("Same account", "amber", sentence, fix)
    named = f"{connection.crm_org_name} (CRM) and {connection.books_org_name} (Books)"
    return Check("Same account", "ok", f"{named} are opened by one Zoho account.")


def _modules(connection: Connection, seen: Seen) -> Check:
    missing = [name for name in MODULES if name not in seen.module_names]
    if missing:
        sentence = f"The connected user sees no {', '.join(missing)} in CRM."
        fix = "In CRM's settings under Modules and Fields show them to that user's profile; then press Check now."
        return Check("CRM modules", "red", sentence, fix)
    return Check("CRM modules", "ok", "Accounts, contacts, deals, quotes and products can be read.")
