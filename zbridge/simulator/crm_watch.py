"""Notification channels: open, renew, list, close (facts CRM 4.3)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.crm_envelope import Refusal, enter, local, nothing
from zbridge.simulator.crm_fields import MODULES
from zbridge.simulator.crm_notify import channels, is_open
from zbridge.simulator.wire import Request, Response, json_response

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
EVENTS = {"create", "edit", "delete", "all"}
KEPT = ("notify_url", "token", "return_affected_field_values", "notify_on_related_action", "notification_condition")


def watch(sim: Simulator, request: Request) -> Response:
    """Open channels, or replace those of the same id."""
    enter(sim, request, "ZohoCRM.notifications.CREATE")
    return _answer([_open(sim, row) for row in _rows(request)], 201)


def rewatch(sim: Simulator, request: Request) -> Response:
    """PUT replaces a channel."""
    enter(sim, request, "ZohoCRM.notifications.UPDATE")
    return _answer([_open(sim, row) for row in _rows(request)], 200)


def renew(sim: Simulator, request: Request) -> Response:
    """PATCH changes some of a channel: its expiry, its events."""
    enter(sim, request, "ZohoCRM.notifications.UPDATE")
    return _answer([_renew(sim, row) for row in _rows(request)], 200)


def listed(sim: Simulator, request: Request) -> Response:
    """Channels that are open."""
    enter(sim, request, "ZohoCRM.notifications.READ")
    wanted = request.query.get("channel_id")
    rows = [row for row in channels(sim) if is_open(sim, row) and (not wanted or str(row["channel_id"]) == wanted)]
    if not rows:
        return nothing()
    info = {"per_page": 200, "count": len(rows), "page": 1, "more_records": False}
    return json_response(200, {"watch": [_shown(sim, row) for row in rows], "info": info})


def unwatch(sim: Simulator, request: Request) -> Response:
    """Close channels."""
    enter(sim, request, "ZohoCRM.notifications.DELETE")
    results = []
    for wanted in request.query.get("channel_ids", "").split(","):
        known = [row for row in channels(sim) if str(row["channel_id"]) == wanted]
        sim.store.set("channels", [row for row in channels(sim) if row not in known])
        message = "Successfully un-subscribed from actions-watch of the given module"
        good = {"code": "SUCCESS", "details": {}, "message": message, "status": "success"}
        results.append(good if known else _fault("NOT_SUBSCRIBED", "channel_id"))
    return _answer(results, 200)


def _rows(request: Request) -> list[Row]:
    body = request.json
    rows = body.get("watch") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        raise Refusal(400, "MANDATORY_NOT_FOUND", "required field not found", api_name="watch", json_path="$.watch")
    return rows


def _answer(results: list[Row], status: int) -> Response:
    good = [row["status"] == "success" for row in results]
    return json_response(status if all(good) else 207 if any(good) else 400, {"watch": results})


def _fault(code: str, name: str) -> Row:
    return {"code": code, "details": {"api_name": name}, "message": code.lower(), "status": "error"}


def _open(sim: Simulator, row: Row) -> Row:
    for name in ("events", "channel_id", "notify_url"):
        if not row.get(name):
            return _fault("MANDATORY_NOT_FOUND", name)
    faulty = _faulty(row)
    if faulty:
        return _fault("INVALID_DATA", faulty)
    made = {name: row.get(name) for name in KEPT} | {
        "channel_id": str(row["channel_id"]), "events": list(row["events"]),
        "channel_expiry": _expiry(sim, row.get("channel_expiry")).isoformat(),
    }  # fmt: skip
    others = [one for one in channels(sim) if one["channel_id"] != made["channel_id"]]
    sim.store.set("channels", [*others, made])
    return _success(sim, made)


def _faulty(row: Row) -> str:
    if not isinstance(row["events"], list) or not all(_is_event(event) for event in row["events"]):
        return "events"
    if urlsplit(str(row["notify_url"])).scheme not in ("http", "https"):
        return "notify_url"
    if not all(_is_condition(one) for one in row.get("notification_condition") or []):
        return "notification_condition"
    if len(str(row.get("token") or "")) > 50:
        return "token"
    return "" if str(row["channel_id"]).isdigit() else "channel_id"


def _is_condition(one: Any) -> bool:
    """A selection of at most ten fields of one module."""
    try:
        fields = [field["field"]["api_name"] for field in one["field_selection"]["group"]]
        return one["module"]["api_name"] in MODULES and 0 < len(fields) <= 10
    except (KeyError, TypeError):
        return False


def _is_event(event: Any) -> bool:
    module, _, kind = str(event).partition(".")
    return module in MODULES and kind in EVENTS


def _expiry(sim: Simulator, asked: Any) -> datetime:
    """As asked up to a week; missing, past or beyond it: one hour."""
    now = sim.clock.now()
    try:
        wanted = datetime.fromisoformat(str(asked)).astimezone(UTC) if asked else now
    except ValueError:
        wanted = now
    return wanted if now < wanted <= now + WEEK else now + HOUR


def _success(sim: Simulator, made: Row) -> Row:
    modules = dict.fromkeys(event.split(".")[0] for event in made["events"])
    expiry = local(sim, datetime.fromisoformat(made["channel_expiry"]))
    events = [
        {
            "channel_expiry": expiry, "resource_uri": f"{sim.base_url}/crm/v2/{module}", "resource_name": module,
            "resource_id": "5437018000000002175", "channel_id": made["channel_id"],
        }
        for module in modules
    ]  # fmt: skip
    message = "Successfully subscribed for actions-watch of the given module"
    return {"code": "SUCCESS", "details": {"events": events}, "message": message, "status": "success"}


def _renew(sim: Simulator, row: Row) -> Row:
    rows = channels(sim)
    found = next((one for one in rows if one["channel_id"] == str(row.get("channel_id"))), None)
    if found is None:
        return _fault("NOT_SUBSCRIBED", "channel_id")
    if row.get("_delete_events"):
        dropped = row.get("events") or found["events"]
        found["events"] = [event for event in found["events"] if not isinstance(dropped, list) or event not in dropped]
    elif row.get("events"):
        if not isinstance(row["events"], list) or not all(_is_event(event) for event in row["events"]):
            return _fault("INVALID_DATA", "events")
        found["events"] = list(row["events"])
    if row.get("channel_expiry"):
        found["channel_expiry"] = _expiry(sim, row["channel_expiry"]).isoformat()
    found |= {name: row[name] for name in KEPT if name in row}
    sim.store.set("channels", rows)
    return _success(sim, found)


def _shown(sim: Simulator, row: Row) -> Row:
    kept = {name: value for name, value in row.items() if name != "token"}
    return kept | {"channel_expiry": local(sim, datetime.fromisoformat(row["channel_expiry"])), "resource_name": "all"}
