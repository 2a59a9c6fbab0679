"""What Books' own users do to its records, in the first organisation: the verbs behind /_sim and the pages."""

from collections.abc import Callable, Iterable

from zbridge.simulator import (
    books_applying,
    books_contacts,
    books_invoices,
    books_items,
    books_payments,
    books_settings,
    books_shapes,
)
from zbridge.simulator.app import Row, Simulator, UserError, Verbs
from zbridge.simulator.books_desk import Desk, Refused, number
from zbridge.simulator.books_modules import MODULES, SETTINGS_IDS
from zbridge.simulator.books_settings import main_desk

Create = Callable[[Desk, Row], Row]
Update = Callable[[Desk, str, Row], Row]
Delete = Callable[[Desk, str], Row]
Act = Callable[[Desk, str, Row], object]


def _numbered(create: Callable[..., Row], name: str) -> Create:
    return lambda desk, row: create(desk, row, own_number=bool(row.get(name)))


WRITERS: dict[str, tuple[Create, Update, Delete]] = {
    "contacts": (books_contacts.create, books_contacts.update, books_contacts.delete),
    "items": (books_items.create, books_items.update, books_items.delete),
    "invoices": (_numbered(books_invoices.create, "invoice_number"), books_invoices.update, books_invoices.delete),
    "customerpayments": (books_payments.create_payment, books_payments.update_payment, books_payments.delete_payment),
    "creditnotes": (
        _numbered(books_payments.create_credit, "creditnote_number"), books_payments.update_credit,
        books_payments.delete_credit,
    ),
    "estimates": (
        _numbered(books_payments.create_estimate, "estimate_number"), books_payments.update_estimate,
        books_payments.delete_estimate,
    ),
}  # fmt: skip


def _pay(desk: Desk, id: str, params: Row) -> object:
    invoice = desk.get("invoices", id)
    amount = params.get("amount") or invoice["balance"]
    own = {"invoice_id": id, "amount_applied": min(number(amount, "amount"), invoice["balance"])}
    row = {
        "customer_id": invoice["customer_id"], "amount": amount, "date": params.get("date") or desk.today.isoformat(),
        "payment_mode": params.get("payment_mode") or "banktransfer", "invoices": params.get("invoices") or [own],
    }  # fmt: skip
    return books_payments.create_payment(desk, row)


def _apply_credit(desk: Desk, id: str, params: Row) -> object:
    row = {"invoice_id": id, "amount_applied": params.get("amount")}
    return books_payments.apply_credit(desk, str(params.get("creditnote_id", "")), [row])


def _unapply_invoice(desk: Desk, id: str, params: Row) -> object:
    books_applying.detach(desk, id)
    return None


def _unapply(module: str) -> Act:
    return lambda desk, id, params: books_applying.take_off(desk, module, desk.get(module, id), lambda one: True)


def _refund(module: str) -> Act:
    return lambda desk, id, params: books_applying.refund(desk, module, id, params)


def _status(module: str, status: str) -> Act:
    setter = books_contacts.set_status if module == "contacts" else books_items.set_status
    return lambda desk, id, params: setter(desk, id, status)


ACTIONS: dict[tuple[str, str], Act] = {
    ("invoices", "send"): lambda desk, id, params: books_invoices.email(desk, id, params),
    ("invoices", "pay"): _pay,
    ("invoices", "void"): lambda desk, id, params: books_invoices.void(desk, id),
    ("invoices", "draft"): lambda desk, id, params: books_invoices.back_to_draft(desk, id),
    ("invoices", "writeoff"): lambda desk, id, params: books_invoices.write_off(desk, id),
    ("invoices", "apply_credit"): _apply_credit,
    ("invoices", "unapply"): _unapply_invoice,
    ("customerpayments", "unapply"): _unapply("customerpayments"),
    ("creditnotes", "unapply"): _unapply("creditnotes"),
    ("customerpayments", "refund"): _refund("customerpayments"),
    ("creditnotes", "refund"): _refund("creditnotes"),
    ("creditnotes", "void"): lambda desk, id, params: books_payments.void_credit(desk, id),
    ("contacts", "merge"): lambda desk, id, params: books_contacts.merge(desk, id, str(params.get("into", ""))),
    ("contacts", "active"): _status("contacts", "active"),
    ("contacts", "inactive"): _status("contacts", "inactive"),
    ("items", "active"): _status("items", "active"),
    ("items", "inactive"): _status("items", "inactive"),
    ("estimates", "accepted"): lambda desk, id, params: books_payments.set_estimate(desk, id, "accepted"),
    ("estimates", "declined"): lambda desk, id, params: books_payments.set_estimate(desk, id, "declined"),
}


def _done(deed: Callable[[Desk], Row], sim: Simulator) -> Row:
    """As one piece: what Books refuses is told in words and leaves nothing half done."""
    try:
        with sim.whole():
            return deed(main_desk(sim))
    except Refused as refused:
        raise UserError(refused.message) from refused


def _shown(desk: Desk, module: str, doc: Row) -> Row:
    return books_shapes.detail(desk, module, doc) if module in MODULES else books_settings.shown(doc)


def _known(module: str) -> None:
    if module not in MODULES and module not in SETTINGS_IDS:
        raise UserError(f"Books has no module {module}.")


def create(sim: Simulator, module: str, row: Row) -> Row:
    """As a Books user would on the screen; the full row."""
    _known(module)
    if module not in WRITERS:
        return _done(lambda desk: _shown(desk, module, books_settings.create_setting(desk, module, row)), sim)
    return _done(lambda desk: _shown(desk, module, WRITERS[module][0](desk, row)), sim)


def update(sim: Simulator, module: str, id: str, row: Row) -> Row:
    """Some fields changed; the full row."""
    _known(module)
    if module not in WRITERS:
        return _done(lambda desk: _shown(desk, module, books_settings.update_setting(desk, module, id, row)), sim)
    return _done(lambda desk: _shown(desk, module, WRITERS[module][1](desk, id, row)), sim)


def delete(sim: Simulator, module: str, id: str) -> Row:
    """Gone; the row as it was."""
    _known(module)
    if module not in WRITERS:
        return _done(lambda desk: books_settings.shown(desk.remove(module, desk.get(module, id))), sim)
    return _done(lambda desk: books_settings.shown(WRITERS[module][2](desk, id)), sim)


def act(sim: Simulator, module: str, id: str, action: str, params: Row) -> Row:
    """Press a button; the row afterwards (of a merge: the record that stays)."""
    if action == "delete":
        return delete(sim, module, id)
    deed = ACTIONS.get((module, action))
    if deed is None:
        raise UserError(f"Books can't {action} {module}.")

    def done(desk: Desk) -> Row:
        deed(desk, id, params)
        return _shown(desk, module, desk.get(module, str(params["into"]) if action == "merge" else id))

    return _done(done, sim)


def read(sim: Simulator, module: str, id: str) -> Row | None:
    """The whole record as the API shows it, or None."""
    desk = main_desk(sim)
    doc = desk.look(module, id)
    return None if doc is None else _shown(desk, module, doc)


def rows(sim: Simulator, module: str) -> list[Row]:
    """Every record of a module as a row of a list, oldest first."""
    desk = main_desk(sim)
    docs: Iterable[Row] = desk.all(module)
    if module not in MODULES:
        return [books_settings.shown(doc) for doc in docs]
    return [books_shapes.row(desk, module, doc) for doc in docs]


VERBS = Verbs(create, update, delete, act, read, rows)
