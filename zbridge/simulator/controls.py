"""The controls below /_sim/ (design 10): what a test, a story or a person at the desk moves."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from zbridge.simulator import controls_records
from zbridge.simulator.app import Endpoint, Row, Simulator, UserError
from zbridge.simulator.clock import OFFSET
from zbridge.simulator.controls_records import body_of
from zbridge.simulator.crm_fields import ORG
from zbridge.simulator.faults import BadFault
from zbridge.simulator.notifying import redeliver
from zbridge.simulator.switches import UnknownSwitch
from zbridge.simulator.tokens import ADMINISTRATOR, Tokens
from zbridge.simulator.wire import Request, Response, json_response
from zbridge.simulator.world_start import start_again


class NotFound(LookupError):
    """There is no such thing."""


def _json(endpoint: Callable[..., Any]) -> Endpoint:
    """Answers with JSON; what was asked wrongly is a 400 with a sentence, what isn't there a 404."""

    @wraps(endpoint)
    def answer(sim: Simulator, request: Request, **found: str) -> Response:
        try:
            return json_response(200, endpoint(sim, request, **found))
        except NotFound as error:
            return json_response(404, {"error": str(error)})
        except (UserError, BadFault, UnknownSwitch, ValueError, KeyError, TypeError, OverflowError, OSError) as error:
            return json_response(400, {"error": f"{type(error).__name__}: {error}"})

    return answer


def info(sim: Simulator, request: Request) -> Row:
    return {
        "clock": sim.clock.now().isoformat(), "seed": sim.store.setting("world", {}).get("seed", 1),
        "crm_org_id": sim.store.setting("crm_org_id"),
        "books_organization_id": sim.store.setting("books_organization_id"),
        "second_books_organization_id": sim.store.setting("second_books_organization_id"),
    }  # fmt: skip


def counts(sim: Simulator, request: Request) -> Row:
    books = sim.store.counts(str(sim.store.setting("books_organization_id")))
    return {"crm": sim.store.counts(ORG), "books": books}


def requests(sim: Simulator, request: Request) -> Row:
    return {"requests": sim.log.since(int(request.query.get("since", 0)))}


def mails(sim: Simulator, request: Request) -> Row:
    return {"mails": sim.store.setting("mails", [])}


def deliveries(sim: Simulator, request: Request) -> Row:
    return {"deliveries": sim.store.setting("deliveries", [])}


def send_again(sim: Simulator, request: Request, number: str, how: str) -> Row:
    if how not in ("redeliver", "forge"):
        raise NotFound(how)
    return redeliver(sim, int(number), forged=how == "forge")


def clock(sim: Simulator, request: Request) -> Row:
    body = body_of(request)
    if "now" in body:
        sim.clock.move_to(datetime.fromisoformat(str(body["now"])))
    if "advance" in body:
        sim.clock.advance(float(body["advance"]))
    return {"clock": sim.clock.now().isoformat()}


def snapshot(sim: Simulator, request: Request) -> Row:
    name = str(body_of(request)["name"])
    sim.store.commit()
    sim.store.snapshot(name)
    return {"name": name}


def restore(sim: Simulator, request: Request) -> Row:
    name = str(body_of(request)["name"])
    sim.store.commit()
    if not sim.store.restore(name):
        raise NotFound(f"There is no snapshot called {name}.")
    sim.quotas.clear()
    sim.faults.hidden.clear()
    sim.faults.late.clear()
    return {"name": name}


def reset(sim: Simulator, request: Request) -> Row:
    """The world as it began: data, clock, faults, log."""
    sim.store.commit()
    sim.faults.clear()
    sim.log.clear()
    sim.quotas.clear()
    start_again(sim)
    return {"clock": sim.clock.now().isoformat(), "offset": sim.store.setting(OFFSET, 0)}


def add_fault(sim: Simulator, request: Request) -> Row:
    return {"id": sim.faults.add(body_of(request))}


def remove_faults(sim: Simulator, request: Request, number: str = "") -> Row:
    sim.faults.remove(int(number) if number else None)
    return {"faults": len(sim.faults.orders)}


def release(sim: Simulator, request: Request) -> Row:
    sim.faults.release()
    return {"released": True}


def tokens(sim: Simulator, request: Request) -> Row:
    body, held, now = body_of(request), Tokens(sim.store), sim.clock.now()
    action = body.get("action")
    if action == "revoke":
        held.revoke_all()
    elif action == "expire":
        held.expire()
    elif action == "drop_scope":
        held.drop_scope(str(body["scope"]))
    elif action == "fill_to":
        held.fill_to(int(body["n"]), ADMINISTRATOR, now)
    else:
        raise UserError("action is revoke, expire, drop_scope or fill_to.")
    return {"refresh_tokens": len(held.grants())}


def sides(sim: Simulator, request: Request) -> Row:
    wanted = body_of(request)
    for side, state in wanted.items():
        if side not in ("crm", "books") or state not in ("on", "off"):
            raise UserError("crm and books are on or off.")
    now: Row = {"crm": "on", "books": "on"} | sim.store.setting("sides", {}) | wanted
    sim.store.set("sides", now)
    return now


def list_orgs(sim: Simulator, request: Request) -> Row:
    return {"orgs": [_org(sim, row) for module in ("crm_orgs", "books_orgs") for row in sim.store.all("sim", module)]}


def _org(sim: Simulator, row: Row) -> Row:
    """An organisation with the calls it has used today."""
    name = str(row.get("organization_id") or row["id"])
    if "organization_id" in row:
        return {"id": name} | row | {"day_used": sim.quotas.used(name, sim.clock.now())}
    return {"id": name} | row | {"credits_used": sim.quotas.credits_used(name, sim.clock.now())}


def put_org(sim: Simulator, request: Request, id: str) -> Row:
    """Change its settings; `day_used` and `credits_used` set the day's count, `limits` used/on/off."""
    changes = dict(body_of(request))
    module = next((one for one in ("crm_orgs", "books_orgs") if sim.store.get("sim", one, id)), None)
    found = sim.store.get("sim", module, id) if module else None
    if module is None or found is None:
        raise NotFound(f"There is no organisation {id}.")
    if "day_used" in changes:
        sim.quotas.set_used(id, int(changes.pop("day_used")), sim.clock.now())
    if "credits_used" in changes:
        sim.quotas.set_credits_used(id, int(changes.pop("credits_used")), sim.clock.now())
    at = sim.clock.now().isoformat()
    sim.store.save("sim", module, id, found | changes, created=at, modified=at, written=0.0, keys={})
    return _org(sim, found | changes)


def get_org(sim: Simulator, request: Request, id: str) -> Row:
    for module in ("crm_orgs", "books_orgs"):
        found = sim.store.get("sim", module, id)
        if found is not None:
            return _org(sim, found)
    raise NotFound(f"There is no organisation {id}.")


def get_switches(sim: Simulator, request: Request) -> Row:
    return sim.switches.all()


def put_switches(sim: Simulator, request: Request) -> Row:
    sim.switches.change(body_of(request))
    return sim.switches.all()


_ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "info", info), ("GET", "counts", counts), ("GET", "requests", requests), ("GET", "mails", mails),
    ("GET", "deliveries", deliveries), ("POST", "deliveries/<number>/<how>", send_again),
    ("POST", "clock", clock), ("POST", "snapshot", snapshot), ("POST", "restore", restore), ("POST", "reset", reset),
    ("POST", "faults", add_fault), ("DELETE", "faults", remove_faults), ("DELETE", "faults/<number>", remove_faults),
    ("POST", "faults/release", release), ("POST", "tokens", tokens), ("POST", "sides", sides),
    ("GET", "orgs", list_orgs), ("GET", "orgs/<id>", get_org), ("PUT", "orgs/<id>", put_org),
    ("GET", "switches", get_switches), ("PUT", "switches", put_switches),
    ("GET", "records/<side>/<module>", controls_records.rows),
    ("GET", "records/<side>/<module>/<id>", controls_records.row),
    ("POST", "records/<side>/<module>", controls_records.create),
    ("PUT", "records/<side>/<module>", controls_records.update),
    ("PUT", "records/<side>/<module>/<id>", controls_records.update),
    ("DELETE", "records/<side>/<module>/<id>", controls_records.delete),
    ("POST", "actions/<side>/<module>/<id>/<action>", controls_records.act),
    ("PUT", "fields/<side>/<module>/<name>", controls_records.put_field),
    ("DELETE", "fields/<side>/<module>/<name>", controls_records.delete_field),
)  # fmt: skip
ROUTES = tuple((methods, f"/_sim/{path}", _json(endpoint)) for methods, path, endpoint in _ROUTES)
