"""Notification channels: what is called out when a record changes (facts CRM 4.3)."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.notifying import note_delivery

EVENTS = {"insert": "create", "update": "edit", "delete": "delete"}


def channels(sim: Simulator) -> list[Row]:
    """Every channel, expired ones too."""
    found: list[Row] = sim.store.setting("channels", [])
    return found


def is_open(sim: Simulator, channel: Row) -> bool:
    """Whether it has not expired."""
    return datetime.fromisoformat(channel["channel_expiry"]) > sim.clock.now()


def announce(sim: Simulator, module: str, ids: list[str], operation: str, changed: dict[str, Any]) -> None:
    """One call per open channel that watches this."""
    for channel in channels(sim):
        watched = set(channel["events"]) & {f"{module}.all", f"{module}.{EVENTS[operation]}"}
        if watched and is_open(sim, channel) and _selected(channel, module, operation, changed):
            _call(sim, channel, module, ids, operation, changed)


def _selected(channel: Row, module: str, operation: str, changed: dict[str, Any]) -> bool:
    """Whether an update touches the fields that the channel selects; without a selection every update counts."""
    conditions = [one for one in channel.get("notification_condition") or [] if one["module"]["api_name"] == module]
    if operation != "update" or not conditions:
        return True
    groups = [one["field_selection"] for one in conditions]
    return any(_touches(group, changed) for group in groups)


def _touches(group: Row, changed: dict[str, Any]) -> bool:
    hits = [one["field"]["api_name"] in changed for one in group["group"]]
    return all(hits) if str(group.get("group_operator")).lower() == "and" else any(hits)


def _call(sim: Simulator, channel: Row, module: str, ids: list[str], operation: str, changed: dict[str, Any]) -> None:
    body: Row = {
        "server_time": int(sim.clock.now().timestamp() * 1000),
        "query_params": dict(parse_qsl(urlsplit(channel["notify_url"]).query)),
        "module": module,
        "resource_uri": f"{sim.base_url}/crm/v2/{module}",
        "ids": ids,
        "operation": operation,
        "channel_id": channel["channel_id"],
        "token": channel.get("token"),
        "affected_fields": [{id: sorted(changed)} for id in ids] if changed else [],
    }
    if channel.get("return_affected_field_values"):
        body["affected_values"] = [{"record_id": id, "values": changed} for id in ids]
    note_delivery(sim, channel["notify_url"], body, {"Content-Type": "application/json"}, "crm")
