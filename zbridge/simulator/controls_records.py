"""Records, actions and custom fields as each system's own user would touch them."""

from zbridge.simulator import books_settings, crm_custom_fields
from zbridge.simulator.app import Row, Simulator, UserError
from zbridge.simulator.wire import Request

BOOKS_IDS = {
    "contacts": "contact_id", "items": "item_id", "invoices": "invoice_id", "customerpayments": "payment_id",
    "creditnotes": "creditnote_id", "taxes": "tax_id", "currencies": "currency_id", "pricebooks": "pricebook_id",
    "estimates": "estimate_id",
}  # fmt: skip


def body_of(request: Request) -> Row:
    """The object that the body holds; empty when there is none."""
    body = {} if request.json is None else request.json
    if not isinstance(body, dict):
        raise UserError("The body is a JSON object.")
    return body


def _rows(request: Request) -> list[Row]:
    found = body_of(request).get("data")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise UserError('The body is {"data": [{...}]}.')
    return found


def rows(sim: Simulator, request: Request, side: str, module: str) -> Row:
    """All rows of a module."""
    return {"data": sim.verbs(side).rows(sim, module)}


def row(sim: Simulator, request: Request, side: str, module: str, id: str) -> Row:
    """One row."""
    found = sim.verbs(side).read(sim, module, id)
    if found is None:
        raise UserError(f"There is no {module} {id}.")
    return {"data": [found]}


def create(sim: Simulator, request: Request, side: str, module: str) -> Row:
    """New records."""
    with sim.whole():
        return {"data": [sim.user_create(side, module, one) for one in _rows(request)]}


def update(sim: Simulator, request: Request, side: str, module: str, id: str = "") -> Row:
    """Some fields of records; without an id in the path each row names its own."""
    name = "id" if side == "crm" else BOOKS_IDS.get(module, "id")
    made = []
    with sim.whole():
        for one in _rows(request):
            wanted = id or str(one.get(name, ""))
            values = {key: value for key, value in one.items() if key != name}
            made.append(sim.user_update(side, module, wanted, values))
    return {"data": made}


def delete(sim: Simulator, request: Request, side: str, module: str, id: str) -> Row:
    """Gone."""
    return {"data": [sim.user_delete(side, module, id)]}


def act(sim: Simulator, request: Request, side: str, module: str, id: str, action: str) -> Row:
    """Send, pay, void ...: the row afterwards."""
    return sim.act(side, module, id, action, body_of(request))


def put_field(sim: Simulator, request: Request, side: str, module: str, name: str) -> Row:
    """A custom field made or changed by an administrator."""
    put = crm_custom_fields.put_field if side == "crm" else books_settings.put_field
    return put(sim, module, name, body_of(request))


def delete_field(sim: Simulator, request: Request, side: str, module: str, name: str) -> Row:
    """A custom field taken away."""
    settings = crm_custom_fields if side == "crm" else books_settings
    settings.delete_field(sim, module, name)
    return {"deleted": name}
