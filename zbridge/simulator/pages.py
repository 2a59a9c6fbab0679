"""The simulator's own pages: routes under `/` and `/ui/`, on which a person plays Zoho CRM and Zoho Books."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup

from zbridge.simulator import pages_books, pages_crm
from zbridge.simulator import pages_html as html
from zbridge.simulator.app import Route, Simulator, UserError
from zbridge.simulator.crm_fields import MODULES, fields_of
from zbridge.simulator.crm_settings import GERMAN, STANDARD
from zbridge.simulator.crm_values import shown
from zbridge.simulator.pages_overview import overview, play
from zbridge.simulator.wire import Request, Response, html_response, redirect

Row = Mapping[str, Any]
PER_PAGE = 50
ZONE = ZoneInfo("Europe/Berlin")
NUMBERS = {"Amount", "Discount", "Adjustment", "Unit_Price", "rate", "payment_terms", "amount"}


def _page(sim: Simulator, request: Request, title: str, current: str, body: Markup, status: int = 200) -> Response:
    clock = sim.clock.now().astimezone(ZONE).strftime("%a %d %b %Y, %H:%M")
    return html_response(status, html.frame(title, clock, current, body, request.query.get("note", "")))


def _missing(sim: Simulator, request: Request) -> Response:
    body = Markup('<p>There is no such record here.</p><p><a href="/">Overview</a></p>')
    return _page(sim, request, "Not found", "", body, 404)


def _known(side: str, module: str) -> bool:
    return module in {"crm": pages_crm.COLUMNS, "books": pages_books.COLUMNS}.get(side, {})


def home(sim: Simulator, request: Request) -> Response:
    """The overview: what is in both systems, the clock, and the switches of bad days."""
    return _page(sim, request, "Overview", "/", overview(sim))


def control(sim: Simulator, request: Request, what: str) -> Response:
    """Move the clock, switch a side, revoke the tokens; then back to the overview."""
    return _played(request, "/", lambda: play(sim, what, request.form))


def listing(sim: Simulator, request: Request, side: str, module: str) -> Response:
    """A module's records, newest first, searched and in pages."""
    if not _known(side, module):
        return _missing(sim, request)
    here, text, page = f"/ui/{side}/{module}", request.query.get("q", ""), _page_number(request)
    rows = [row for row in sim.verbs(side).rows(sim, module) if not text or html.holds(row, text)][::-1]
    found = [_named(sim, side, module, row) for row in rows[(page - 1) * PER_PAGE : page * PER_PAGE]]
    table = (pages_crm if side == "crm" else pages_books).listing(module, found)
    count = Markup('<p class="soft">{} {}</p>').format(len(rows), "record" if len(rows) == 1 else "records")
    pager = html.pager(here, page, len(rows) > page * PER_PAGE, q=text) if len(rows) > PER_PAGE else ""
    body = html.joined([html.search_form(here, text), count, table if found else "", pager])
    return _page(sim, request, f"{_system(side)}: {html.LABELS.get(module, module)}", here, body)


def _named(sim: Simulator, side: str, module: str, row: Row) -> Row:
    """A CRM row with the names of what it points to; a Books row as it is."""
    if side == "books":
        return row
    fields = fields_of(sim.store, module)
    lines = {
        name: [_named(sim, side, name, line) for line in row[name]] for name in MODULES[module].subforms if name in row
    }
    return {name: shown(sim.store, fields.get(name), value, str(ZONE)) for name, value in row.items()} | lines


def _page_number(request: Request) -> int:
    text = request.query.get("page", "1")
    return max(1, int(text)) if text.isdecimal() else 1


def _system(side: str) -> str:
    return "CRM" if side == "crm" else "Books"


def record(sim: Simulator, request: Request, side: str, module: str, id: str) -> Response:
    """One record; the address that zbridge's deep links open."""
    row = sim.verbs(side).read(sim, module, id) if _known(side, module) else None
    if row is None:
        return _missing(sim, request)
    if side == "crm":
        named, stages = _named(sim, side, module, row), _stages(sim, row)
        title, body = pages_crm.title(module, named), pages_crm.record(module, named, stages)
    else:
        today = sim.clock.now().astimezone(ZONE).date().isoformat()
        title, body = pages_books.title(module, row), pages_books.record(module, row, today)
    return _page(sim, request, title, f"/ui/{side}/{module}", body)


def _stages(sim: Simulator, row: Row) -> Sequence[str]:
    """The stages of a deal's pipeline."""
    standard: Sequence[str] = sim.store.setting("stages", STANDARD)
    return standard if str(row.get("Pipeline") or "Standard").startswith("Standard") else GERMAN


def edit(sim: Simulator, request: Request, side: str, module: str, id: str) -> Response:
    """Save the posted fields as that system's own user."""
    changes = {name: _value(name, text) for name, text in request.form.items()}
    return _played(request, f"/ui/{side}/{module}/{id}", lambda: sim.user_update(side, module, id, changes))


def press(sim: Simulator, request: Request, side: str, module: str, id: str, action: str) -> Response:
    """Press a button of that system: send, pay, void, delete, merge."""
    params = {name: _value(name, text) for name, text in request.form.items()}
    if action == "delete":
        return _played(request, f"/ui/{side}/{module}", lambda: sim.user_delete(side, module, id))
    return _played(request, f"/ui/{side}/{module}/{id}", lambda: sim.act(side, module, id, action, params))


def _value(name: str, text: str) -> object:
    """What a person typed: a number where the field is one, None where it was emptied."""
    if name not in NUMBERS or not text.strip():
        return text or None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return text


def _played(request: Request, back: str, deed: Callable[[], object]) -> Response:
    """Do it, then back to the page; a refusal is told there. Other sites' pages may not press our buttons."""
    if _foreign(request):
        return html_response(403, "<h1>Only the simulator's own pages may press its buttons.</h1>")
    try:
        deed()
    except UserError as refusal:
        return redirect(f"{back}?note={quote(f'Not done: {refusal}')}")
    return redirect(f"{back}?note=Done")


def _foreign(request: Request) -> bool:
    origin = request.headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc != request.headers.get("host", "")


ROUTES: tuple[Route, ...] = (
    ("GET", "/", home),
    ("POST", "/ui/control/<what>", control),
    ("GET", "/ui/<side>/<module>", listing),
    ("GET", "/ui/<side>/<module>/<id>", record),
    ("POST", "/ui/<side>/<module>/<id>", edit),
    ("POST", "/ui/<side>/<module>/<id>/<action>", press),
)
