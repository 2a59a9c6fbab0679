"""The pages that play Zoho CRM: lists, one record with its lines, and the forms that edit it."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from zbridge.simulator import pages_html as html
from zbridge.simulator.crm_fields import QUOTE_STAGES

Row = Mapping[str, Any]

COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "Accounts": (("Account_Name", "Account"), ("Phone", "Phone"), ("Billing_City", "City"), ("Owner", "Owner")),
    "Contacts": (("Full_Name", "Contact"), ("Email", "E-mail"), ("Account_Name", "Account"), ("Owner", "Owner")),
    "Deals": (
        ("Deal_Name", "Deal"), ("Account_Name", "Account"), ("Stage", "Stage"), ("Amount", "Amount"),
        ("Currency", "Currency"), ("Closing_Date", "Closing"), ("Owner", "Owner"),
    ),
    "Quotes": (
        ("Quote_Number", "Number"), ("Subject", "Subject"), ("Account_Name", "Account"), ("Quote_Stage", "Stage"),
        ("Grand_Total", "Total"), ("Valid_Till", "Valid till"),
    ),
    "Products": (
        ("Product_Name", "Product"), ("Product_Code", "Code"), ("Unit_Price", "Price"), ("Product_Active", "Active"),
    ),
}  # fmt: skip
TITLES = {"Accounts": "Account_Name", "Contacts": "Full_Name", "Deals": "Deal_Name", "Quotes": "Subject"}
TITLES["Products"] = "Product_Name"
LOOKUPS = {"Account_Name": "Accounts", "Contact_Name": "Contacts", "Deal_Name": "Deals", "Replaced_By": "Quotes"}
LOOKUPS |= {"Product_Name": "Products", "Product": "Products"}
AMOUNTS = {"Amount", "Grand_Total", "Sub_Total", "Unit_Price", "Total", "Net_Total", "List_Price", "Rate", "Tax"}
AMOUNTS |= {"Adjustment", "Total_After_Discount", "Expected_Revenue"}
STAGES = {"Stage", "Quote_Stage"}
EDITED = {
    "Accounts": ("Account_Name", "Phone", "Website", "Payment_Terms", "VAT_ID", "Billing_Street", "Billing_City"),
    "Contacts": ("First_Name", "Last_Name", "Email", "Phone"),
    "Deals": ("Deal_Name", "Amount", "Closing_Date"),
    "Quotes": ("Subject", "Valid_Till", "Discount", "Adjustment"),
    "Products": ("Product_Name", "Product_Code", "Unit_Price", "Description"),
}
LINES = {"Deals": "Deal_Lines", "Quotes": "Quoted_Items"}
LINE_COLUMNS = {
    "Deal_Lines": ("Product", "Quantity", "Rate", "Discount", "Tax"),
    "Quoted_Items": ("Product_Name", "Quantity", "List_Price", "Total", "Discount", "Tax", "Net_Total"),
}


def address(module: str, record_id: str) -> str:
    return f"/ui/crm/{module}/{record_id}"


def title(module: str, row: Row) -> str:
    """What a person calls the record."""
    named = str(row.get(TITLES[module]) or row["id"])
    return f"{row.get('Quote_Number')}: {named}" if module == "Quotes" else named


def shown(name: str, value: Any) -> object:
    """A field's value as a person reads it; a look-up as a link."""
    if isinstance(value, Mapping):
        label = value.get("name") or value.get("full_name") or value.get("id", "")
        return html.link(address(LOOKUPS[name], value["id"]), label) if name in LOOKUPS and "id" in value else label
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in STAGES:
        return html.tag(value)
    if isinstance(value, list):
        return ", ".join(str(shown("", entry)) for entry in value)
    return html.money(value) if name in AMOUNTS else "" if value is None else value


def listing(module: str, rows: Sequence[Row]) -> Markup:
    columns = COLUMNS[module]
    cells = [
        [html.link(address(module, row["id"]), title_cell(columns[0][0], row)), *_rest(row, columns)] for row in rows
    ]
    heads = [label for _, label in columns]
    return html.table(heads, cells, numbers=[label for name, label in columns if name in AMOUNTS])


def title_cell(name: str, row: Row) -> object:
    return shown("", row.get(name)) or row["id"]


def _rest(row: Row, columns: Sequence[tuple[str, str]]) -> list[object]:
    return [shown(name, row.get(name)) for name, _ in columns[1:]]


def record(module: str, row: Row, stages: Sequence[str], others: Sequence[Row] = ()) -> Markup:
    """One record: the buttons, the fields that can be edited, the lines, and all other fields.

    `others`: with whom an account or contact can be merged.
    """
    here = address(module, row["id"])
    parts: list[object] = [_buttons(module, row, stages, here)]
    if others:
        parts.append(_merge_form(module, row, others))
    parts.append(_edits(module, row, here))
    if module in LINES:
        parts += [Markup("<h2>Lines</h2>"), _lines(LINES[module], row)]
    return html.joined([*parts, html.folded("All fields, by their API names", _all_fields(row))])


def _merge_form(module: str, row: Row, others: Sequence[Row]) -> Markup:
    """Another one goes into this one; what looks like it stands first."""
    words = set(title(module, row).lower().split())
    ordered = sorted(others, key=lambda one: (not words & set(title(module, one).lower().split()), title(module, one)))
    options = {str(one["id"]): title(module, one) for one in ordered if one["id"] != row["id"]}
    return html.merging("crm", module, str(row["id"]), options, "Find and merge: into this one")


def _buttons(module: str, row: Row, stages: Sequence[str], here: str) -> Markup:
    forms: list[Markup] = []
    if module == "Quotes":
        if row.get("Quote_Stage") != "Accepted":
            forms.append(html.button(here, "Accept quote", look="main", Quote_Stage="Accepted"))
        forms.append(html.choice(here, "Quote_Stage", "Stage", row.get("Quote_Stage"), QUOTE_STAGES, "Change stage"))
    if module == "Deals":
        forms.append(html.choice(here, "Stage", "Stage", row.get("Stage"), stages, "Change stage"))
    forms.append(html.button(f"{here}/delete", "Delete", look="danger"))
    return Markup('<div class="row">{}</div>').format(html.joined(forms))


def _edits(module: str, row: Row, here: str) -> Markup:
    names = EDITED[module]
    forms = {name.replace("_", " "): html.entry(here, name, name, _plain(row.get(name)), "Save") for name in names}
    return Markup("<h2>Edit</h2>{}").format(html.facts(forms))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _lines(subform: str, row: Row) -> Markup:
    columns = LINE_COLUMNS[subform]
    lines = row.get(subform) or []
    if not lines:
        return Markup('<p class="soft">No lines.</p>')
    cells = [[shown(name, line.get(name)) for name in columns] for line in lines]
    heads = [name.replace("_", " ") for name in columns]
    return html.table(heads, cells, numbers=heads[1:])


def _all_fields(row: Row) -> Markup:
    named = {name: value for name, value in row.items() if not isinstance(value, list) and not name.startswith("$")}
    return html.facts({name: shown(name, value) for name, value in named.items()})
