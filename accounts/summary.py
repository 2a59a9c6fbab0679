"""How sales become invoices: every setting that a draft follows, in words, on one page (S16).

A new setting is one more row of ROWS; what isn't a setting but a promise stands there too, so that nothing is missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.figure_fields import MODULES
from accounts.forms import LADDERS
from accounts.line_columns import LABELS
from accounts.models import AuditEvent, Connection, User
from accounts.readiness import choices_of, won_stages
from accounts.roles import may

MOST_CHANGES = 20
PROMISE, IN_BOOKS = "A promise of zbridge", "Changed in Books"
AUTOMATIC = "Changed under Automatic drafts"


@dataclass(frozen=True)
class Setting:
    """One row: name, value in words, what it means, and where it is changed: a field of the form, or elsewhere."""

    name: str
    value: Callable[[Connection], str]
    means: str
    field: str = ""
    elsewhere: str = ""


def _listed(found: list[str], none: str) -> str:
    return ", ".join(found) if found else none


def _stages(row: Connection) -> str:
    return _listed([stage for stage in won_stages(row) if stage not in row.excluded_stages], "none")


def _tax(row: Connection) -> str:
    named = next((tax["name"] for tax in row.taxes if tax["id"] == row.default_tax_id), "")
    return named or ("no tax is charged" if row.tax_regime == "none" else "none: a line whose item has no tax stops")


def _map(row: Connection) -> str:
    named = [tax["name"] if "%" in tax["name"] else f"{tax['name']} {tax['percentage']} %" for tax in row.taxes]
    return _listed(named, "Books has no taxes")


def _chosen(row: Connection, kind: str, wanted: str, none: str) -> str:
    return dict(choices_of(row, kind)).get(wanted, wanted) or none


def _since(moment: datetime | None) -> str:
    return f"since {moment:%-d %B %Y}" if moment else "no"


def _go_live(row: Connection) -> str:
    return f"{row.go_live:%-d %B %Y}" if row.go_live else "not set: nothing is billed"


REGIMES = {"none": "none", "vat": "VAT", "gst": "GST", "us": "US sales tax"}
ROWS: list[Setting] = [
    Setting("Go-live", _go_live, "nothing won earlier is billed by itself", "go_live"),
    Setting("A deal is billed in the stages", _stages, "CRM's pipelines say which stages are won", "excluded_stages"),
    Setting(
        "Won stages left out", lambda row: _listed(row.excluded_stages, "none"), "won, but never billed",
        "excluded_stages",
    ),
    Setting(
        "A quote is accepted in", lambda row: _listed(row.accepted_stages, "no stage"), "its lines are billed then",
        "accepted_stages",
    ),
    Setting(
        "Accepted quotes bill themselves", lambda row: _since(row.bill_quotes_since), "a draft without anybody's click",
        "", AUTOMATIC,
    ),
    Setting(
        "Won deals bill themselves", lambda row: _listed(sorted(row.bill_pipelines), "no"), "by pipeline", "",
        AUTOMATIC,
    ),
    Setting(
        "Lines come from", lambda row: LADDERS.get(",".join(row.line_sources), ", then ".join(row.line_sources)),
        "the first that has lines", "ladder",
    ),
    Setting(
        "Lines on the deal", lambda row: _chosen(row, "subform", row.subform, "none"), "the subform that is read",
        "subform",
    ),
    Setting("Columns of these lines", lambda row: _columns(row), "what is read from each line", "subform_columns"),
    Setting(
        "Who is billed", lambda row: _chosen(row, "bill_to", row.bill_to_field, "the deal's account"),
        "the account that becomes the customer", "bill_to_field",
    ),
    Setting(
        "Customers are", lambda row: row.get_parties_display(), "who becomes a customer in Books", "parties",
    ),
    Setting(
        "Item for a bare amount", lambda row: _chosen(row, "items", row.amount_item_id, "none: such a deal stops"),
        "a deal without lines becomes one line of this item", "amount_item_id",
    ),
    Setting(
        "Deal amounts are", lambda row: row.get_amounts_display(), "how the deal's amount is held against the draft",
        "amounts",
    ),
    Setting(
        "When prices differ", lambda row: row.get_price_policy_display(), "the sale's price against Books' item",
        "price_policy",
    ),
    Setting(
        "Perhaps the same record", lambda row: f"from a score of {row.match_likely} %", "a person is asked",
        "match_likely",
    ),
    Setting(
        "Surely the same record", lambda row: f"from a score of {row.match_certain} %", "never by a name alone",
        "match_certain",
    ),
    Setting("Taxes follow", lambda row: REGIMES.get(row.tax_regime, row.tax_regime), "Books' edition", "", IN_BOOKS),
    Setting("Taxes known", _map, "matched by Books' own id, never by the percentage alone", "", IN_BOOKS),
    Setting("Default tax", _tax, "for lines whose item has none of its own", "default_tax_id"),
    Setting(
        "Discounts on lines and document", lambda row: row.get_both_discounts_display(), "when a sale has both",
        "both_discounts",
    ),
    Setting(
        "Books discounts", lambda row: "always before tax" if row.discount_before_tax_always else "as the draft says",
        "the self-test finds it out", "discount_before_tax_always",
    ),
    Setting("Payment terms", lambda row: "the customer's own", "the due date follows from them", "", IN_BOOKS),
    Setting(
        "Invoice number", lambda row: "Books' next number", "zbridge never sets one", "",
        "Changed in Books, under Preferences",
    ),
    Setting("Reference", lambda row: row.get_reference_display(), "what the customer reads", "reference"),
    Setting(
        "Currency", lambda row: ", ".join(sorted(tax["code"] for tax in row.currencies)) or row.currency,
        "the deal's; its rate is Books' own", "", IN_BOOKS,
    ),
    Setting(
        "Location", lambda row: row.location_id or "Books' own choice", "where the draft is made, with its series",
        "location_id",
    ),
    Setting(
        "Invoices made by hand", lambda row: f"looked for within {row.outside_window_days} days",
        "a sale that looks billed stops and asks", "outside_window_days",
    ),
    Setting(
        "Billing a voided sale again", lambda row: _again(row), "the first draft must be void or gone in Books",
        "second_person_over",
    ),
    Setting(
        "What is made", lambda row: "a draft, always", "zbridge can't send, change, void or delete an invoice", "",
        PROMISE,
    ),
    Setting(
        "Who is told", lambda row: "finance of each new draft; the deal's owner sees it on the deal",
        "messages in zbridge", "", PROMISE,
    ),
    Setting(
        "Written back to CRM", lambda row: _written_back(row),
        "CRM's own workflows fire only where somebody switched that on", "", "Changed under Figures in CRM",
    ),
]  # fmt: skip
NAMES = {row.field: row.name for row in ROWS if row.field} | {"line_sources": "Lines come from"}


def _written_back(row: Connection) -> str:
    """Which figures of Books stand on CRM's accounts and deals."""
    said = []
    for module, found in MODULES.items():
        titles = [one.title.lower() for one in found if row.crm_fields.get(one.key)]
        said += [f"on the {module.lower().removesuffix('s')}: {', '.join(titles)}"] if titles else []
    return f"{'; '.join(said) or 'nothing'}{'; workflows fire' if row.fire_workflows else ''}"


def _columns(row: Connection) -> str:
    named = dict(choices_of(row, "columns"))
    found = [f"{LABELS[name]}: {named.get(api, api)}" for name, api in row.subform_columns.items() if name in LABELS]
    return _listed(found, "none" if not row.subform else "as zbridge's demo names them")


def _again(row: Connection) -> str:
    over = row.second_person_over
    return "one person, with a reason" if over is None else f"a second person agrees above {over:,.2f}"


def page(connection: Connection, user: User) -> dict[str, Any]:
    """The rows with their values, and who changed what last."""
    return {
        "title": "How sales become invoices", "connection": connection, "rows": list(_rows(connection)),
        "changes": list(_changes(connection)), "may_change": may(user, "connect"),
        "may_open": user.has_perm("accounts.view_connection"),
    }  # fmt: skip


def _rows(connection: Connection) -> Iterator[dict[str, str]]:
    for row in ROWS:
        yield {
            "name": row.name, "value": row.value(connection), "means": _sentence(row.means), "field": row.field,
            "elsewhere": row.elsewhere,
        }  # fmt: skip


def _changes(connection: Connection) -> Iterator[dict[str, Any]]:
    """The newest changes of settings from the audit trail, one line for each setting."""
    events = AuditEvent.objects.filter(connection=connection, verb="settings").order_by("-pk")[:MOST_CHANGES]
    for event in events:
        for field, (before, after) in event.detail.items():
            name = NAMES.get(field, field.replace("_", " ").capitalize())
            before, after = (_said(connection, field, text) for text in (before, after))
            yield {"at": event.at, "who": event.actor, "name": name, "before": before, "after": after}


def _sentence(text: str) -> str:
    return text if text.startswith("zbridge") else text[:1].upper() + text[1:]


def _said(connection: Connection, field: str, text: str) -> str:
    """A kept value in words: the trail keeps ids and true or false."""
    words = {"True": "yes", "False": "no", "None": "not set", "": "none", "[]": "none"}
    column: Any = Connection._meta.get_field(field)
    choices = {str(value): str(label) for value, label in column.choices or ()}
    taxes = {tax["id"]: tax["name"] for tax in connection.taxes} if field == "default_tax_id" else {}
    items = dict(choices_of(connection, "items")) if field == "amount_item_id" else {}
    return str((words | choices | taxes | items).get(text, text))
