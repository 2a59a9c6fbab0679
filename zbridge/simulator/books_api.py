"""The addresses of Books v3 (facts Books 3.1, 4, 5.1, 7)."""

from collections.abc import Callable

from zbridge.simulator import (
    books_actions,
    books_crm_import,
    books_invoices,
    books_lists,
    books_payments,
    books_pdf,
    books_person_calls,
    books_settings,
    books_shapes,
    books_unique,
    books_webhooks,
)
from zbridge.simulator.app import Row
from zbridge.simulator.books_desk import Refused, truth
from zbridge.simulator.books_envelope import Call, answer, guarded
from zbridge.simulator.books_modules import MODULES
from zbridge.simulator.books_records import WRITERS
from zbridge.simulator.wire import Response

CREATORS = {"estimates": books_payments.create_estimate, "creditnotes": books_payments.create_credit}
PRINTED = ("invoices", "creditnotes", "estimates")
ANY = f"<any({', '.join(MODULES)}):module>"


def listing(call: Call, module: str) -> Response:
    return books_lists.listed(call, module)


def show(call: Call, module: str, id: str) -> Response:
    if call.query.get("accept") == "pdf" and module in PRINTED:
        found = books_shapes.detail(call, module, call.get(module, id))
        return Response(200, {"Content-Type": "application/pdf"}, books_pdf.of_document(found))
    return _one(call, module, call.get(module, id), "success", 200)


def _one(call: Call, module: str, doc: Row, message: str, status: int) -> Response:
    return answer(message, status, **{MODULES[module].single: books_shapes.detail(call, module, doc)})


def create(call: Call, module: str) -> Response:
    return _one(call, module, _made(call, module), MODULES[module].created, 201)


def _made(call: Call, module: str) -> Row:
    sent = call.body()
    own = truth(call.query.get("ignore_auto_number_generation", ""))
    if module == "invoices":
        return books_invoices.create(call, sent, own_number=own, send=truth(call.query.get("send", "")))
    if module in CREATORS:
        return CREATORS[module](call, sent, own_number=own)
    return WRITERS[module][0](call, sent)


def update(call: Call, module: str, id: str) -> Response:
    doc = WRITERS[module][1](call, id, call.body())
    return _one(call, module, doc, MODULES[module].updated, 200)


def upsert(call: Call, module: str) -> Response:
    """PUT without an id: by a unique custom field; creates only where X-Upsert says so (facts 6.1)."""
    headers = call.request.headers
    name, value = (headers.get(f"x-unique-identifier-{part}", "") for part in ("key", "value"))
    found = books_unique.by_key(call, module, name, value)
    if found is not None:
        return update(call, module, str(found[MODULES[module].id_key]))
    if not truth(headers.get("x-upsert", "")):
        raise Refused(404, 1002, f"{MODULES[module].title} does not exist.")
    status = int(call.sim.switches["books_put_upsert_create_status"])
    return _one(call, module, _made(call, module), MODULES[module].created, status)


def delete(call: Call, module: str, id: str) -> Response:
    WRITERS[module][2](call, id)
    return answer(MODULES[module].deleted)


def item_details(call: Call) -> Response:
    """GET /itemdetails?item_ids=: many at once."""
    found = [call.look("items", id) for id in str(call.query.get("item_ids", "")).split(",")]
    return answer(items=[books_shapes.detail(call, "items", doc) for doc in found if doc is not None])


def custom_fields(call: Call, entity: str, id: str) -> Response:
    """PUT /invoice|item/{id}/customfields: the values as a list or under `custom_fields`."""
    module, sent = f"{entity}s", call.request.json
    rows = sent.get("custom_fields") if isinstance(sent, dict) else sent
    before = call.get(module, id)
    doc = before | {"_cf": books_unique.stored(call, module, {"custom_fields": rows}, before)}
    call.save(module, doc)
    books_webhooks.announce(call, module, doc)
    return answer("Custom Fields Updated Successfully")


_ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "organizations", books_settings.organizations),
    ("GET", "organizations/<id>", books_settings.organization),
    ("GET", "users/me", books_settings.me),
    ("GET", "settings/taxes", books_settings.taxes),
    ("GET", "settings/taxgroups/<id>", books_settings.tax_group),
    ("GET", "settings/currencies", books_settings.currencies),
    ("GET", "settings/currencies/<id>/exchangerates", books_settings.exchange_rates),
    ("GET", "settings/taxexemptions", books_settings.tax_exemptions),
    ("GET", "chartofaccounts", books_settings.accounts),
    ("GET", "pricebooks", books_settings.pricebooks),
    ("GET", "settings/fields", books_settings.fields),
    ("POST", "settings/fields", books_settings.create_field),
    ("PUT", "settings/fields/<id>", books_settings.update_field),
    ("DELETE", "settings/fields/<id>", books_settings.delete_by_id),
    ("GET", "settings/webhooks", books_webhooks.listed),
    ("POST", "settings/webhooks", books_webhooks.create),
    ("DELETE", "settings/webhooks/<id>", books_webhooks.delete),
    ("GET", "itemdetails", item_details),
    ("PUT", "<any(invoice, item):entity>/<id>/customfields", custom_fields),
    ("POST", "crm/<any(account, contact, vendor, item):kind>/<id>/import", books_crm_import.import_record),
    *books_person_calls.ROUTES,
    *books_actions.ROUTES,
    ("GET", ANY, listing),
    ("POST", ANY, create),
    ("PUT", ANY, upsert),
    ("GET", f"{ANY}/<id>", show),
    ("PUT", f"{ANY}/<id>", update),
    ("DELETE", f"{ANY}/<id>", delete),
)
ROUTES = tuple((methods, f"/books/v3/{path}", guarded(endpoint)) for methods, path, endpoint in _ROUTES)
