"""How a deal's own lines and payer are read: the subform's columns and the bill-to look-up, learned and checked."""

from django.dispatch import Signal

from accounts.checks import Check, Row, Rows, Seen
from accounts.clients import Clients
from accounts.line_columns import LABELS, NEEDED, guess, links_to
from accounts.models import Connection

# Sent with `connection` when deals must be read anew: their lines or payers stand elsewhere now.
deals_read_otherwise = Signal()
# Sent with `connection`, `user` and `clock` when others are the customers than before: accounts, or contacts.
customers_are_others = Signal()
READ_BY = ("subform", "subform_columns", "bill_to_field")


def learn(connection: Connection, clients: Clients) -> Rows:
    """The fields of the connection's subform (one call; none without a subform); columns nobody chose are guessed."""
    fields = clients.crm.fields(connection.subform) if connection.subform else []
    if fields and not connection.subform_columns:
        connection.subform_columns = guess(fields)
        connection.save(update_fields=["subform_columns"])
        deals_read_otherwise.send(Connection, connection=connection)
    return fields


def lines_check(connection: Connection, seen: Seen) -> Check:
    """Which lines a deal carries, and whether zbridge knows what their columns mean."""
    subforms = [row for row in seen.deal_fields if row.get("data_type") == "subform"]
    offered = {
        "subform": [[str(row["api_name"]), str(row.get("field_label") or "")] for row in subforms],
        "columns": [[str(row["api_name"]), _label(row)] for row in seen.line_fields],
        "bill_to": [[name, label] for name, label in links_to(seen.deal_fields, "Accounts") if name != "Account_Name"],
    }
    name = dict(offered["subform"]).get(connection.subform)
    if not name:
        sentence = "Deals carry no lines of their own here: lines come from the accepted quote, else from the amount."
        return Check("Deal lines", "ok", sentence, choices=offered)
    missing = [LABELS[meaning].lower() for meaning in NEEDED if meaning not in connection.subform_columns]
    if missing:
        sentence = f"Which column of “{name}” holds the {' and the '.join(missing)} is not known; such deals stop."
        return Check("Deal lines", "red", sentence, "Choose the columns below.", "settings", choices=offered)
    return Check("Deal lines", "ok", f"Lines are read from “{name}” on the deal first.", choices=offered)


def _label(row: Row) -> str:
    return str(row.get("field_label") or row["api_name"])
