"""Questions to Books that only read."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from accounts.models import Exchange
from accounts.own_fields import is_unique
from accounts.selftest.bench import Answer, Bench, told, untold
from zbridge.zoho.formats import books_instant, instant

Row = dict[str, Any]
LISTS = {
    "contacts": ("contacts",),
    "items": ("items",),
    "invoices": ("invoices",),
    "creditnotes": ("creditnotes",),
    "customerpayments": ("customerpayments", "customer_payments"),
}
NEWEST = {"sort_column": "created_time", "sort_order": "D"}
SKEW = 60


def rate_headers(bench: Bench) -> Answer:
    """Which headers tell the calls left."""
    headers = bench.books("/books/v3/settings/currencies").headers
    names = sorted(name for name in headers if "rate-limit" in name or name == "retry-after")
    if names:
        return told(True, ", ".join(names), f"Books tells the day's calls in {', '.join(names)}.")
    return told(False, "absent", "Books' answers tell nothing about the calls left, so zbridge counts by itself.")


def date_skew(bench: Bench) -> Answer:
    """How far the clocks are apart."""
    said = bench.books("/books/v3/settings/currencies").headers.get("date")
    if not said:
        return untold("Books' answer had no date.")
    seconds = abs((parsedate_to_datetime(said).astimezone(UTC) - bench.now()).total_seconds())
    return told(
        seconds <= SKEW, f"{seconds:.0f} s", f"This machine's clock and Books' are {seconds:.0f} seconds apart."
    )


def missing_organisation(bench: Bench) -> Answer:
    """The status without an organisation."""
    return _status(bench.books_elsewhere().status, "A call without organisation")


def foreign_organisation(bench: Bench) -> Answer:
    """The status for an organisation that isn't the user's."""
    return _status(bench.books_elsewhere("1").status, "A call for somebody else's organisation")


def _status(status: int | None, what: str) -> Answer:
    return Answer("yes" if status == 400 else "other", str(status), f"{what} is answered with status {status}.")


def fields_in_lists(bench: Bench) -> Answer:
    """Whether rows of the invoice list carry custom fields."""
    rows = bench.books("/books/v3/invoices", {**NEWEST, "filter_by": "Status.All", "per_page": "50"}).rows("invoices")
    if any(_carries(row) for row in rows):
        return told(True, "yes", "Rows of the invoice list carry custom fields: a look-up by key costs one call.")
    for row in rows[:3]:
        if _carries(bench.books("/books/v3/invoices/{id}", id=str(row["invoice_id"])).one("invoice")):
            said = "Only single invoices carry custom fields, lists don't: a look-up by key reads invoices one by one."
            return told(False, "no", said)
    return untold("None of the newest invoices has a custom field; tick test records to see it.")


def _carries(row: Row) -> bool:
    return bool(row.get("custom_fields")) or any(name.startswith("cf_") for name in row)


def modified_filter(bench: Bench) -> Answer:
    """Which lists ignore the filter by change: asked for changes of the next hour, an honest list is empty."""
    ahead = books_instant(bench.now() + timedelta(hours=1))
    ignoring, empty = [], []
    for module, keys in LISTS.items():
        if bench.books(f"/books/v3/{module}", {"last_modified_time": ahead, "per_page": "1"}).rows(*keys):
            ignoring.append(module)
        elif not bench.books(f"/books/v3/{module}", {"per_page": "1"}).rows(*keys):
            empty.append(module)
    said = f"These lists ignore the filter by change: {', '.join(ignoring) or 'none'}."
    said += f" Empty, so it could not be told: {', '.join(empty)}." if empty else ""
    if len(empty) == len(LISTS):
        return untold(said)
    return Answer("other" if ignoring else "yes", ",".join(ignoring) or "none", said)


def sorted_by_change(bench: Bench) -> Answer:
    """Which lists follow the order by change."""
    asked = {"sort_column": "last_modified_time", "sort_order": "D", "per_page": "50"}
    following = []
    for module, keys in LISTS.items():
        times = [
            instant(row.get("last_modified_time")) for row in bench.books(f"/books/v3/{module}", asked).rows(*keys)
        ]
        known = [time for time in times if time is not None]
        if len(set(known)) > 1 and known == sorted(known, reverse=True):
            following.append(module)
    said = f"These lists follow the order by change: {', '.join(following) or 'none that could be told'}."
    return Answer("yes" if following else "open", ",".join(following), said)


def payment_moves(bench: Bench) -> Answer:
    """Whether the newest payment moved the times of its invoice and its customer."""
    asked = {**NEWEST, "per_page": "5"}
    payments = bench.books("/books/v3/customerpayments", asked).rows("customerpayments", "customer_payments")
    for row in payments:
        payment = bench.books("/books/v3/customerpayments/{id}", id=str(row["payment_id"])).one("payment")
        at = instant(payment.get("created_time") or row.get("created_time"))
        applied = payment.get("invoices") or []
        if at is None or not applied:
            continue
        return _moved(bench, payment, str(applied[0]["invoice_id"]), at)
    return untold("There is no payment of an invoice yet; record one in Books and run this again.")


def _moved(bench: Bench, payment: Row, invoice_id: str, at: Any) -> Answer:
    invoice = bench.books("/books/v3/invoices/{id}", id=invoice_id).one("invoice")
    customer = bench.books("/books/v3/contacts/{id}", id=str(payment.get("customer_id"))).one("contact")
    moved = {name: _at_or_after(row, at) for name, row in (("invoice", invoice), ("customer", customer))}
    value = ",".join(f"{name} {'yes' if found else 'no'}" for name, found in moved.items())
    said = f"The newest payment moved the time of its {' and its '.join(n for n, is_so in moved.items() if is_so)}."
    said = said if any(moved.values()) else "The newest payment moved neither its invoice's nor its customer's time."
    return Answer("yes" if moved["invoice"] else "no", value, said)


def _at_or_after(row: Row, at: Any) -> bool:
    changed = instant(row.get("last_modified_time"))
    return changed is not None and changed >= at


def part_paid_status(bench: Bench) -> Answer:
    """The status of an invoice that is paid in part and past its due day."""
    today = bench.connection.today(bench.seams.clock).isoformat()
    asked = {"filter_by": "Status.All", "sort_column": "due_date", "sort_order": "A", "per_page": "200"}
    for row in bench.books("/books/v3/invoices", asked).rows("invoices"):
        status, balance, total = str(row.get("status")), row.get("balance") or 0, row.get("total") or 0
        if status not in ("void", "draft", "paid") and 0 < balance < total and str(row.get("due_date")) < today:
            said = f"An invoice that is paid in part and past its due day has the status “{status}”."
            return Answer("yes" if status == "overdue" else "other", status, said)
    return untold("No invoice is paid in part and past its due day at the moment.")


def refusals_seen(bench: Bench) -> Answer:
    """Which answers about too many calls came so far; they are never provoked."""
    rows = Exchange.objects.filter(connection=bench.connection, status=429).values_list("side", "code").distinct()
    found = sorted({f"{side} {code or 'without code'}" for side, code in rows})
    if not found:
        return untold("Zoho never said yet that there were too many calls; zbridge doesn't provoke it.")
    return Answer("yes", ", ".join(found), f"Too many calls were answered with: {', '.join(found)}.")


def plan_has_unique_fields(bench: Bench) -> Answer:
    """Whether this plan has unique custom fields on invoices."""
    asked = {"entity": "invoice", "filter_custom_fields": "true"}
    rows = bench.books("/books/v3/settings/fields", asked).rows("fields")
    row = next((row for row in rows if str(row.get("field_id")) == bench.connection.invoice_key_field), None)
    plan = bench.connection.books_plan or "plan not told"
    if row is None:
        return untold("zbridge's key field isn't there: press Make fields on the connection's page.")
    said = (
        f"On this plan ({plan}) the key field on invoices is {'unique' if is_unique(row) else 'there, but not unique'}."
    )
    return told(is_unique(row), f"{plan}: {'unique' if is_unique(row) else 'not unique'}", said)
