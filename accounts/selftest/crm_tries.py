"""Questions to CRM that make or change a marked test account."""

from datetime import timedelta
from typing import Any

from accounts.selftest.bench import NAME, NOTE, Again, Answer, Bench, told, untold
from accounts.selftest.crm_looks import absent_id
from zbridge.zoho.formats import crm_instant, instant
from zbridge.zoho.probing import Seen

# Search may lag; so long it is asked again before giving up, in seconds.
LONGEST_LAG, FIRST_LOOKS, LATER = 180.0, 1.0, 5.0


def rows_failed(bench: Bench) -> Answer:
    """The status of a call whose only row fails: a change of a deal that isn't there."""
    body = {"data": [{"id": absent_id(bench), "Description": NOTE}], "trigger": []}
    status = bench.change("crm", "/crm/v8/{module}", body, module="Deals").status
    said = f"When all rows of a call fail, its status is {status}; zbridge looks at the rows."
    return Answer("yes" if status == 400 else "other", str(status), said)


def marked_account(bench: Bench) -> str:
    """The id of the marked test account; empty when CRM refused it."""

    def make() -> str:
        name = f"{NAME} {bench.marks['tag']}"
        body = {"data": [{"Account_Name": name, "Description": NOTE}], "trigger": []}
        made = bench.create("crm", "/crm/v8/{module}", body, module="Accounts")
        found = _id(made)
        if found:
            bench.leave("CRM, Accounts", name)
        return found

    return bench.once("account", make)


def _id(made: Seen) -> str:
    details: dict[str, Any] = next((row.get("details") or {} for row in made.rows("data")), {})
    return str(details.get("id") or "")


def search_lag(bench: Bench) -> Answer:
    """After how many seconds search finds a record just made."""
    if not marked_account(bench):
        return untold("CRM refused the test account.")
    waited = bench.waited("searched")
    criteria = {"criteria": f"(Account_Name:equals:{NAME} {bench.marks['tag']})", "fields": "Account_Name"}
    found = bench.crm("/crm/v8/{module}/search", criteria, module="Accounts").rows("data")
    if found:
        said = f"Search found a new record after about {waited:.0f} seconds; zbridge trusts only what it read by id."
        return Answer("yes" if waited < 1 else "other", f"{waited:.0f} s", said)
    if waited > LONGEST_LAG:
        return Answer("no", f"over {LONGEST_LAG:.0f} s", "Search didn't find a new record within three minutes.")
    raise Again(FIRST_LOOKS if waited < LATER else LATER)


def conditional_change(bench: Bench) -> Answer:
    """Whether a change is refused when somebody changed the record since, and how finely."""
    account = marked_account(bench)
    read = bench.crm("/crm/v8/{module}/{id}", module="Accounts", id=account).rows("data") if account else []
    at = instant(read[0].get("Modified_Time")) if read else None
    if at is None:
        return untold("CRM refused the test account.")
    older, equal = (_refused(bench, account, crm_instant(at - timedelta(seconds=back))) for back in (1, 0))
    value = f"second older {'refused' if older else 'accepted'}, equal {'refused' if equal else 'accepted'}"
    if older and not equal:
        return told(True, value, "CRM refuses a change when the record was changed later, to the second.")
    if older:
        return Answer("other", value, "CRM refuses such a change even when the times are equal.")
    return told(False, value, "CRM didn't refuse a change of a record that was changed a second later.")


def _refused(bench: Bench, account: str, since: str) -> bool:
    body = {"data": [{"id": account, "Description": NOTE}], "trigger": []}
    headers = {"If-Unmodified-Since": since}
    seen = bench.change("crm", "/crm/v8/{module}", body, headers, module="Accounts")
    return any(row.get("status") == "error" for row in seen.rows("data")) or not seen.ok
