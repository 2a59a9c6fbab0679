"""Records, actions and custom fields as each system's own user would touch them."""

from zbridge.simulator import books_settings, crm_settings
from zbridge.simulator.app import Row, Simulator, UserError
from zbridge.simulator.wire import Request

BOOKS_IDS = {
    "contacts": "contact_id", "items": "item_id", "invoices": "invoice_id", "customerpayments": "payment_id",
    "creditnotes": "creditnote_id", "taxes": "tax_id", "currencies": "currency_id", "pricebooks": "pricebook_id",
    "estimates": "estimate_id",
}  # fmt: skip


def _rows(request: Request) -> list[Row]:
    body = request.json
    found = body.get("data") if isinstance(body, dict) else None
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
    return {"data": [sim.user_create(side, module, one) for one in _rows(request)]}


def update(sim: Simulator, request: Request, side: str, module: str, id: str = "") -> Row:
    """Some fields of records; without an id in the path each row names its own."""
    name = "id" if side == "crm" else BOOKS_IDS.get(module, "id")
    made = []
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
    params = request.json if request.body.strip() else {}
    return sim.act(side, module, id, action, params or {})


def put_field(sim: Simulator, request: Request, side: str, module: str, name: str) -> Row:
    """A custom field made or changed by an administrator."""
    settings = crm_settings if side == "crm" else books_settings
    return settings.put_field(sim, module, name, request.json or {})


def delete_field(sim: Simulator, request: Request, side: str, module: str, name: str) -> Row:
    """A custom field taken away."""
    settings = crm_settings if side == "crm" else books_settings
    settings.delete_field(sim, module, name)
    return {"deleted": name}
