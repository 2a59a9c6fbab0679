"""The pages that play Zoho Books: lists, customers, items, invoices with their lines, and what a clerk can press."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from zbridge.simulator import pages_html as html

Row = Mapping[str, Any]

ID_KEYS = {
    "contacts": "contact_id",
    "items": "item_id",
    "invoices": "invoice_id",
    "customerpayments": "payment_id",
    "creditnotes": "creditnote_id",
}
COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "contacts": (
        ("contact_name", "Customer"), ("email", "E-mail"), ("status", "Status"), ("currency_code", "Currency"),
        ("outstanding_receivable_amount", "Outstanding"), ("unused_credits_receivable_amount", "Credits"),
    ),
    "items": (("name", "Item"), ("sku", "SKU"), ("rate", "Price"), ("tax_percentage", "Tax %"), ("status", "Status")),
    "invoices": (
        ("invoice_number", "Number"), ("customer_name", "Customer"), ("status", "Status"), ("date", "Date"),
        ("due_date", "Due"), ("total", "Total"), ("balance", "Balance"), ("currency_code", "Currency"),
    ),
    "customerpayments": (
        ("payment_number", "Number"), ("customer_name", "Customer"), ("date", "Date"), ("amount", "Amount"),
        ("unused_amount", "Unused"), ("invoice_numbers", "Invoices"),
    ),
    "creditnotes": (
        ("creditnote_number", "Number"), ("customer_name", "Customer"), ("status", "Status"), ("date", "Date"),
        ("total", "Total"), ("balance", "Balance"),
    ),
}  # fmt: skip
AMOUNTS = {"outstanding_receivable_amount", "unused_credits_receivable_amount", "rate", "total", "balance", "amount"}
AMOUNTS |= {"unused_amount", "sub_total", "tax_total", "discount_total", "adjustment", "item_total", "payment_made"}
AMOUNTS |= {"credits_applied", "shipping_charge", "write_off_amount", "discount_amount", "amount_applied"}
NUMBERS = AMOUNTS | {"tax_percentage", "quantity"}
EDITED = {
    "contacts": ("contact_name", "email", "phone", "payment_terms", "vat_reg_no", "notes"),
    "items": ("name", "sku", "rate", "description"),
    "invoices": ("reference_number", "notes"),
    "customerpayments": (),
    "creditnotes": (),
}
LINE_COLUMNS = ("name", "quantity", "rate", "discount", "tax_percentage", "item_total")
SUMS = (
    "sub_total", "discount_total", "tax_total", "shipping_charge", "adjustment", "total", "payment_made",
    "credits_applied", "write_off_amount", "balance",
)  # fmt: skip


def address(module: str, record_id: str) -> str:
    return f"/ui/books/{module}/{record_id}"


def row_id(module: str, row: Row) -> str:
    return str(row[ID_KEYS[module]])


def title(module: str, row: Row) -> str:
    """What a person calls the record."""
    return str(row.get(COLUMNS[module][0][0]) or row_id(module, row))


def shown(name: str, value: Any) -> object:
    """A value as a person reads it."""
    if name == "status":
        return html.tag(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return html.money(value) if name in AMOUNTS else "" if value is None else value


def listing(module: str, rows: Sequence[Row]) -> Markup:
    columns = COLUMNS[module]
    cells = [
        [
            html.link(address(module, row_id(module, row)), title(module, row)),
            *(shown(name, row.get(name)) for name, _ in columns[1:]),
        ]
        for row in rows
    ]
    return html.table(
        [label for _, label in columns], cells, numbers=[head for name, head in columns if name in NUMBERS]
    )


def record(module: str, row: Row, today: str, played: bool, others: Sequence[Row] = ()) -> Markup:
    """One record: what can be pressed, what it says, and for an invoice its lines and sums.

    `played` is False in the second organisation: it is only looked at. `others`: with whom a customer can be merged.
    """
    here = address(module, row_id(module, row))
    parts: list[object] = [_summary(module, row)]
    if not played:
        parts.append(Markup('<p class="card pad note">This organisation is here to be looked at.</p>'))
    if module == "invoices":
        parts += [
            _invoice_buttons(row, here, today) if played else "",
            Markup("<h2>Lines</h2>"),
            _lines(row),
            _sums(row),
        ]
    if module == "contacts":
        parts += [_merge_form(row, others) if played else "", _people(row)]
    parts += [
        _edits(module, row, here) if played else "",
        html.folded("All fields, by their API names", _all_fields(row)),
    ]
    return html.joined(parts)


def _summary(module: str, row: Row) -> Markup:
    entries = [
        Markup('<span><span class="soft">{}</span> {}</span>').format(label, shown(name, row.get(name)))
        for name, label in COLUMNS[module][1:]
    ]
    customer = row.get("customer_id")
    if customer:
        entries.append(html.link(address("contacts", customer), "Open customer"))
    return Markup('<p class="row" style="gap:.3rem 1.2rem">{}</p>').format(html.joined(entries))


def _invoice_buttons(row: Row, here: str, today: str) -> Markup:
    status, forms = row.get("status"), []
    if status == "draft":
        forms += [
            html.button(f"{here}/send", "Send", look="main"),
            html.button(f"{here}/delete", "Delete draft", look="danger"),
        ]
    elif status not in ("paid", "void"):
        forms.append(_pay(row, here, today))
    if status != "void":
        forms.append(html.button(f"{here}/void", "Void", look="danger"))
    return Markup('<div class="row">{}</div>').format(html.joined(forms))


def _pay(row: Row, here: str, today: str) -> Markup:
    return Markup(
        '<form class="inline" method="post" action="{}/pay"><input name="amount" type="number" step="0.01" value="{}" '
        'aria-label="Amount"><input name="date" type="date" value="{}" aria-label="Date"><button>Pay</button></form>'
    ).format(here, row.get("balance"), today)


def _merge_form(row: Row, others: Sequence[Row]) -> Markup:
    """Another customer goes into this one; what looks like it stands first."""
    words = {*str(row.get("contact_name") or "").lower().split(), row.get("email")} - {"", None}
    wanted = [
        one for one in others
        if one["contact_id"] != row["contact_id"] and one.get("status") == "active"
        and (one.get("currency_code"), one.get("contact_type")) == (row.get("currency_code"), row.get("contact_type"))
    ]  # fmt: skip
    wanted.sort(key=lambda one: (not words & {*str(one["contact_name"]).lower().split(), one.get("email")},
                                 str(one["contact_name"])))  # fmt: skip
    options = {str(one["contact_id"]): f"{one['contact_name']} ({one.get('email') or 'no e-mail'})" for one in wanted}
    return html.merging("books", "contacts", str(row["contact_id"]), options, "Merge into this customer")


def _people(row: Row) -> Markup:
    people = row.get("contact_persons") or []
    if not people:
        return Markup('<p class="soft">No contact person, so no e-mail.</p>')
    names = ("first_name", "last_name", "email", "phone")
    cells = [[person.get(name, "") for name in names] for person in people]
    return Markup("<h2>Contact persons</h2>{}").format(
        html.table(["First name", "Last name", "E-mail", "Phone"], cells)
    )


def _lines(row: Row) -> Markup:
    heads = ["Item", "Quantity", "Rate", "Discount", "Tax %", "Net"]
    cells = [[shown(name, line.get(name)) for name in LINE_COLUMNS] for line in row.get("line_items") or []]
    return html.table(heads, cells, numbers=heads[1:])


def _sums(row: Row) -> Markup:
    named = {name: row[name] for name in SUMS if row.get(name) or name in ("total", "balance")}
    return html.facts({name.replace("_", " "): f"{html.money(value)}" for name, value in named.items()})


def _edits(module: str, row: Row, here: str) -> Markup:
    names = EDITED[module]
    forms = {name.replace("_", " "): html.entry(here, name, name, row.get(name, ""), "Save") for name in names}
    if module == "items":
        forms["rate"] = html.entry(here, "rate", "Price", row.get("rate", ""), "Edit price")
    return Markup("<h2>Edit</h2>{}").format(html.facts(forms)) if forms else Markup("")


def _all_fields(row: Row) -> Markup:
    plain = {
        name: value
        for name, value in row.items()
        if not isinstance(value, list | Mapping) and not name.endswith(("_formatted", "_unformatted")) and value != ""
    }
    return html.facts({name: shown(name, value) for name, value in plain.items()})


def with_person(row: Row, changes: Mapping[str, object]) -> dict[str, object]:
    """A customer's changes; e-mail and phone belong to its primary contact person, who is made if there is none."""
    own = {name: value or "" for name, value in changes.items() if name in ("email", "phone")}
    if not own:
        return dict(changes)
    people = [dict(person) for person in row.get("contact_persons") or []]
    primary = next((person for person in people if person.get("is_primary_contact")), None)
    if primary is None:
        primary = {"first_name": row.get("contact_name", ""), "is_primary_contact": True}
        people.append(primary)
    primary |= own
    return {name: value for name, value in changes.items() if name not in own} | {"contact_persons": people}
