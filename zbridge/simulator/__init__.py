"""An honest fake Zoho: OAuth, CRM v8 and Books v3 of one made-up company.

Written from facts/, sharing no code with the client. What it is for: docs/simulator.md.
The pieces:

store.py    Store: documents (org, module, id) as JSON with Decimals; `save(org, module, id, doc, created=, modified=,
            written=, keys={name: value or values})`, `get`, `find(org, module, key name, value)`, `page(...)`, `all`,
            `count`, `remove`, `setting/set`, `next_number(name)`, `new_id("crm"|"books")`, `piece()`. CRM documents
            live in org "crm", Books documents in org = the organization_id, the organisations themselves in org "sim"
            (modules "crm_orgs", "books_orgs").
clock.py    SimulatedClock: `now()` business time, UTC, whole seconds; `real()` seconds on the machine's clock;
            `move_to`, `advance`.
wire.py     Request(method, path, query, headers, body; .json, .form), Response, json_response(status, value),
            html_response, redirect.
app.py      Simulator(store clock switches faults quotas log base_url); `respond(Request) -> Response`; `user_create`,
            `user_update`, `user_delete`, `act`; `whole()`: work that a refusal undoes; Verbs(create, update, delete,
            act, read,
            rows) per side; UserError for what its own user may not do. A room is a module with ROUTES = ((methods
            "GET,POST", path with <werkzeug>
            converters, endpoint(sim, request, **found)), ...).
build.py    build(path, base_url=, clock=) -> Simulator with all rooms; lay_world(sim, size=, seed=). Rooms: oauth_api
            crm_api books_api controls pages; verbs: crm_records.VERBS, books_records.VERBS; worlds: world_base.lay,
            world_demo.seed.
notifying.py note_delivery(sim, url, body, headers, system): what goes out by itself, sent after the request, to
            loopback only.
faults.py, switches.py (sim.switches["name"]), quotas.py (sim.quotas.books(org, now)), log.py, server.py.
"""
