"""Whether Zoho's own integration of CRM and Books is at work beside zbridge, and what the two would fight about.

No call tells whether it is switched on; it shows by the contacts that it brings over (facts Books 3.5).
"""

from datetime import date

from accounts.checks import Check, Row, Seen
from accounts.models import Connection

NAME = "Zoho's own integration"
FIGHT = (
    "It would bill won deals by their stage itself, void the invoices of lost ones, and write customers and items "
    "that zbridge keeps in step."
)
FIX = "In Books' settings under Integrations, Zoho CRM, switch it off; its ties are kept, and zbridge uses them."
MOST = 200


def judge_native(connection: Connection, seen: Seen) -> Check:
    """Red when it brought somebody over since go-live; amber when it only left its ties; else all is well."""
    mine = connection.customer_key_name
    found = [row for row in seen.native if not (mine and row.get(mine))]
    if not found:
        return Check(NAME, "ok", "It has left nothing here: nobody else bills by CRM's stages.")
    count = f"{len(found)}{' or more' if len(seen.native) >= MOST else ''}"
    since = [row for row in found if connection.go_live and _made_on(row) >= connection.go_live]
    if since:
        names = ", ".join(str(row.get("contact_name") or "") for row in since[:3])
        sentence = f"It is still on: it brought {len(since)} over since go-live, last {names}. {FIGHT}"
        return Check(NAME, "red", sentence, FIX)
    were = "customer was" if len(found) == 1 else "customers were"
    sentence = f"{count} {were} tied to CRM by it. If it is still on, it fights with zbridge: {FIGHT}"
    return Check(NAME, "amber", sentence, FIX)


def _made_on(row: Row) -> date:
    try:
        return date.fromisoformat(str(row.get("created_time") or "")[:10])
    except ValueError:
        return date.min
