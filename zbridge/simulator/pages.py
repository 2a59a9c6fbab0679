"""The simulator's own pages: routes under `/` and `/ui/`, on which a person plays Zoho CRM and Zoho Books."""

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from markupsafe import Markup

from zbridge.simulator import pages_books, pages_crm
from zbridge.simulator import pages_html as html
from zbridge.simulator.app import Route, Row, Simulator, UserError
from zbridge.simulator.crm_settings import GERMAN, STANDARD
from zbridge.simulator.pages_overview import overview, play
from zbridge.simulator.pages_reading import ZONE, Shelf, desks, shelf
from zbridge.simulator.wire import Request, Response, html_response, redirect

PER_PAGE = 50
MERGED = ("contacts", "Accounts", "Contacts")
NUMBERS = {"Amount", "Discount", "Adjustment", "Unit_Price", "rate", "payment_terms", "amount"}


def _page(sim: Simulator, request: Request, title: str, current: str, body: Markup, status: int = 200) -> Response:
    clock = sim.clock.now().astimezone(ZoneInfo(ZONE)).strftime("%a %d %b %Y, %H:%M")
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
    here, text, org = f"/ui/{side}/{module}", request.query.get("q", ""), request.query.get("org", "")
    held, page = shelf(sim, side, module, org), _page_number(request)
    rows = _stretch(held, text, (page - 1) * PER_PAGE)
    table = (pages_crm if side == "crm" else pages_books).listing(module, rows[:PER_PAGE])
    switch = _organisations(sim, here, held) if side == "books" else Markup("")
    search = Markup('<div class="row">{}{}</div>').format(html.search_form(here, text, org=org), switch)
    pager = html.pager(here, page, len(rows) > PER_PAGE, q=text, org=org)
    found = table if rows else Markup('<p class="card pad soft">Nothing here.</p>')
    count = Markup('<p class="soft">{}</p>').format(f"{held.count():,} in all")
    title = f"{'CRM' if side == 'crm' else 'Books'}: {html.LABELS.get(module, module)}"
    return _page(sim, request, title, here, html.joined([search, count, found, pager]))


def _stretch(held: Shelf, text: str, offset: int) -> list[Row]:
    """One record more than a page shows, to know whether there is another page."""
    return held.holding(text, offset, PER_PAGE + 1) if text else held.newest(offset, PER_PAGE + 1)


def _organisations(sim: Simulator, here: str, held: Shelf) -> Markup:
    """Which organisation of Books is looked at, and the way to the other."""
    links = [
        Markup("<strong>{}</strong>").format(desk.org["name"])
        if desk.name == held.org
        else html.link(f"{here}?org={desk.name}", desk.org["name"])
        for desk in desks(sim)
    ]
    return Markup('<span class="row"><span class="soft">Organisation</span>{}</span>').format(html.joined(links))


def _page_number(request: Request) -> int:
    text = request.query.get("page", "1")
    return max(1, int(text)) if text.isdecimal() else 1


def record(sim: Simulator, request: Request, side: str, module: str, id: str) -> Response:
    """One record; the address that zbridge's deep links open."""
    held, row = _found(sim, side, module, id) if _known(side, module) else (None, None)
    if held is None or row is None:
        return _missing(sim, request)
    if held.desk is None:
        title, body = (
            pages_crm.title(module, row),
            pages_crm.record(
                module, row, _stages(sim, row), held.newest(0, html.MOST_OFFERED) if module in MERGED else ()
            ),
        )
    else:
        main = held.desk.name == desks(sim)[0].name
        others = held.newest(0, html.MOST_OFFERED) if module in MERGED else ()
        title = pages_books.title(module, row)
        body = pages_books.record(module, row, held.desk.today.isoformat(), main, others)
    return _page(sim, request, title, f"/ui/{side}/{module}", body)


def _found(sim: Simulator, side: str, module: str, id: str) -> tuple[Shelf | None, Row | None]:
    """The record, in whichever organisation it lies."""
    for org in [""] if side == "crm" else [desk.name for desk in desks(sim)]:
        held = shelf(sim, side, module, org)
        row = held.look(id)
        if row is not None:
            return held, row
    return None, None


def _stages(sim: Simulator, row: Row) -> Sequence[str]:
    """The stages of a deal's pipeline."""
    standard: Sequence[str] = sim.store.setting("stages", STANDARD)
    return standard if str(row.get("Pipeline") or "Standard").startswith("Standard") else GERMAN


def edit(sim: Simulator, request: Request, side: str, module: str, id: str) -> Response:
    """Save the posted fields as that system's own user."""
    changes = {name: _value(name, text) for name, text in request.form.items()}

    def save() -> None:
        before = sim.verbs(side).read(sim, module, id) or {}
        known = pages_books.with_person(before, changes) if module == "contacts" else changes
        sim.user_update(side, module, id, known)

    return _played(request, f"/ui/{side}/{module}/{id}", save)


def press(sim: Simulator, request: Request, side: str, module: str, id: str, action: str) -> Response:
    """Press a button of that system: send, pay, void, delete, merge; `take` merges the chosen one into this one."""
    params = {name: _value(name, text) for name, text in request.form.items()}
    if action == "delete":
        return _played(request, f"/ui/{side}/{module}", lambda: sim.user_delete(side, module, id))
    back = f"/ui/{side}/{module}/{id}"
    if action == "take":
        loser = request.form.get("loser", "")
        return _played(request, back, lambda: sim.act(side, module, loser, "merge", {"into": id}))
    return _played(request, back, lambda: sim.act(side, module, id, action, params))


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
    return redirect(f"{back}?note=Done.")


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
