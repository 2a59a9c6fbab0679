"""Zoho CRM's verbs as zbridge uses them (facts CRM 2-4): plain dicts out, money as Decimal, ids as text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from zbridge.zoho.caller import Caller
from zbridge.zoho.crm_rows import RowResult, results
from zbridge.zoho.errors import NotFound, OutcomeUnknown, Rejected
from zbridge.zoho.formats import crm_instant
from zbridge.zoho.gate import Priority
from zbridge.zoho.outcome import Effect
from zbridge.zoho.paging import PER_PAGE, Checkpoint, Page, Rows, all_rows, crm_pages, crm_pages_by_id, rows_of
from zbridge.zoho.transport import Transport

Record = dict[str, Any]

MOST_ROWS = 100
QUERY_LIMIT = re.compile(r"\s+limit\s+(\d+)\s*$", re.IGNORECASE)
LARGEST_QUERY = 2000
FEATURE_OFF = frozenset({"CURRENCIES_NOT_ENABLED", "FEATURE_NOT_ENABLED", "FEATURE_NOT_SUPPORTED"})
RESERVED = re.compile(r"([(),\\])")


class Crm:
    """The CRM of one connection at one priority."""

    def __init__(self, transport: Transport, priority: Priority = Priority.POLL) -> None:
        self._caller = Caller(transport, "crm", priority)

    def org(self) -> Record:
        """The organisation: `zgid`, `iso_code`, `time_zone`, `mc_status`, `type`."""
        return rows_of("crm", self._caller.get("/crm/v8/org").json, "org")[0]

    def current_user(self) -> Record:
        """The user whose consent we hold."""
        return rows_of("crm", self._caller.get("/crm/v8/users", {"type": "CurrentUser"}).json, "users")[0]

    def users(self, kind: str = "AllUsers") -> Rows:
        """All users of a type, deactivated ones included by default."""
        return all_rows(self._numbered("/crm/v8/users", {"type": kind}))

    def modules(self) -> Rows:
        """The modules with `api_name`."""
        return rows_of("crm", self._caller.get("/crm/v8/settings/modules").json, "modules")

    def fields(self, module: str) -> Rows:
        """The fields of a module, a subform's rows included."""
        return rows_of("crm", self._caller.get("/crm/v8/settings/fields", {"module": module}).json, "fields")

    def create_fields(self, module: str, specs: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Make up to five custom fields; their API names must be read back (facts CRM 3.3)."""
        reply = self._caller.create("/crm/v8/settings/fields", {"fields": list(specs)}, {"module": module})
        return results(reply, specs, Effect.CREATE)

    def layouts(self, module: str) -> Rows:
        """The layouts of a module."""
        return rows_of("crm", self._caller.get("/crm/v8/settings/layouts", {"module": module}).json, "layouts")

    def pipelines(self, layout_id: str) -> Rows:
        """The pipelines of a layout; the stages with their `forecast_type` are under `maps`."""
        return rows_of("crm", self._caller.get("/crm/v8/settings/pipeline", {"layout_id": layout_id}).json, "pipeline")

    def currencies(self) -> Rows:
        """The currencies; none where multi-currency is off. `exchange_rate` is text (facts CRM 3.5)."""
        try:
            return rows_of("crm", self._caller.get("/crm/v8/org/currencies").json, "currencies")
        except Rejected as refusal:
            if refusal.code in FEATURE_OFF:
                return []
            raise

    def taxes(self) -> Rows:
        """The organisation's taxes."""
        found = self._caller.get("/crm/v8/org/taxes").json or {"org_taxes": {"taxes": []}}
        return rows_of("crm", found.get("org_taxes"), "taxes")

    def pages(
        self, module: str, fields: Sequence[str], *, modified_since: datetime | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> Iterator[Page]:  # fmt: skip
        """Pages of a module, by id, or those changed since in order of change; at most 50 fields, never line items."""
        params = {"fields": ",".join(fields), "per_page": str(PER_PAGE), "sort_order": "asc"}
        if modified_since is None:
            asked = {**params, "sort_by": "id"}
            return crm_pages_by_id(
                lambda page: self._caller.get("/crm/v8/{module}", page, module=module), asked, checkpoint
            )
        since = crm_instant(modified_since)
        asked = {**params, "sort_by": "Modified_Time"}
        return crm_pages(
            lambda page: self._caller.get_since("/crm/v8/{module}", page, since, module=module), asked, checkpoint
        )

    def record(self, module: str, identity: str) -> Record | None:
        """One record with its line items; None when it is gone or hidden (204, 404, or INVALID_DATA: facts CRM 2.2)."""
        try:
            rows = rows_of("crm", self._caller.get("/crm/v8/{module}/{id}", module=module, id=identity).json, "data")
        except Rejected as refusal:
            if isinstance(refusal, NotFound) or refusal.code == "INVALID_DATA":
                return None
            raise
        return rows[0] if rows else None

    def records(self, module: str, ids: Sequence[str], fields: Sequence[str]) -> Rows:
        """The records of these ids, a hundred per call; absent ones are left out."""
        found: Rows = []
        for start in range(0, len(ids), MOST_ROWS):
            asked = {"ids": ",".join(ids[start : start + MOST_ROWS]), "fields": ",".join(fields), "per_page": "200"}
            found += rows_of("crm", self._caller.get("/crm/v8/{module}", asked, module=module).json, "data")
        return found

    def coql(self, query: str) -> Rows:
        """All rows of a select; a limit at its end is the size of one call (at most 2,000), not of the answer."""
        limited = QUERY_LIMIT.search(query)
        size = min(int(limited.group(1)), LARGEST_QUERY) if limited else PER_PAGE
        select = QUERY_LIMIT.sub("", query)
        found: Rows = []
        while True:
            body = {"select_query": f"{select} limit {len(found)}, {size}"}
            reply = self._caller.query("/crm/v8/coql", body, credits=1 if size <= 200 else 2 if size <= 1000 else 3)
            rows = rows_of("crm", reply.json, "data")
            found += rows
            if not rows or not (reply.json.get("info") or {}).get("more_records"):
                return found

    def search(self, module: str, field: str, value: str, fields: Sequence[str]) -> Rows:
        """Records whose field equals the value, checked here too: Zoho's `equals` is fuzzy and lags (facts CRM 2.8)."""
        escaped = RESERVED.sub(r"\\\1", value)
        wanted = ",".join(dict.fromkeys([*fields, field]))
        asked = {"criteria": f"({field}:equals:{escaped})", "approved": "both", "converted": "both", "fields": wanted}
        rows = all_rows(self._numbered("/crm/v8/{module}/search", asked, module=module))
        return [row for row in rows if _equals(row.get(field), value)]

    def related(self, module: str, identity: str, related_list: str, fields: Sequence[str]) -> Rows:
        """All records of a related list."""
        template, asked = "/crm/v8/{module}/{id}/{list}", {"fields": ",".join(fields)}
        return all_rows(self._numbered(template, asked, module=module, id=identity, list=related_list))

    def update_records(
        self, module: str, rows: Sequence[Mapping[str, Any]], *, trigger: Sequence[str] = (),
        unmodified_since: datetime | None = None,
    ) -> list[RowResult]:  # fmt: skip
        """Change up to 100 records (each row with its `id`); by default no workflow fires. Results in the rows' order.

        With `unmodified_since`, a row that somebody changed later ends in AlreadyModified (facts CRM 2.4).
        """
        if len(rows) > MOST_ROWS:
            raise ValueError(f"at most {MOST_ROWS} rows fit into one call")
        body = {"data": list(rows), "trigger": list(trigger)}
        headers = {"If-Unmodified-Since": crm_instant(unmodified_since)} if unmodified_since else {}
        credits = _credits(rows)
        reply = self._caller.change("PUT", "/crm/v8/{module}", body, headers=headers, credits=credits, module=module)
        return results(reply, rows, Effect.UPDATE)

    def update_record(
        self, module: str, identity: str, values: Mapping[str, Any], *, trigger: Sequence[str] = (),
        unmodified_since: datetime | None = None,
    ) -> RowResult:  # fmt: skip
        """Change one record; a refusal of its row is raised."""
        rows = [{**values, "id": identity}]
        return _only(self.update_records(module, rows, trigger=trigger, unmodified_since=unmodified_since))

    def create_records(
        self, module: str, rows: Sequence[Mapping[str, Any]], *, trigger: Sequence[str] = ()
    ) -> list[RowResult]:
        """Make up to 100 records; results in the rows' order. Never repeated: a lost answer is OutcomeUnknown."""
        if len(rows) > MOST_ROWS:
            raise ValueError(f"at most {MOST_ROWS} rows fit into one call")
        body = {"data": list(rows), "trigger": list(trigger)}
        reply = self._caller.create("/crm/v8/{module}", body, credits=_credits(rows), module=module)
        return results(reply, rows, Effect.CREATE)

    def deleted(self, module: str, since: datetime | None = None) -> Rows:
        """Deleted records with `id` and `deleted_time`; CRM remembers them for 60 to 120 days (facts CRM 2.6)."""
        asked = {"type": "all", "per_page": str(PER_PAGE)}
        return all_rows(self._numbered("/crm/v8/{module}/deleted", asked, since=since, module=module))

    def count(self, module: str) -> int:
        """How many records the module has."""
        found = self._caller.get("/crm/v8/{module}/actions/count", module=module).json
        return int((found or {}).get("count") or 0)

    def watch(self, channels: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Ask for notifications; read the expiry that CRM granted from `details`, not the one sent (facts CRM 4.3)."""
        body = {"watch": list(channels)}
        return results(self._caller.change("POST", "/crm/v8/actions/watch", body), channels, Effect.UPDATE)

    def renew_watch(self, channels: Sequence[Mapping[str, Any]]) -> list[RowResult]:
        """Prolong channels that exist."""
        body = {"watch": list(channels)}
        return results(self._caller.change("PATCH", "/crm/v8/actions/watch", body), channels, Effect.UPDATE)

    def watches(self) -> Rows:
        """The channels that exist."""
        return rows_of("crm", self._caller.get("/crm/v8/actions/watch").json, "watch")

    def _numbered(
        self, template: str, params: Mapping[str, str], *, since: datetime | None = None, **parts: str
    ) -> Iterator[Page]:
        if since is None:
            return crm_pages(lambda page: self._caller.get(template, page, **parts), params)
        instant = crm_instant(since)
        return crm_pages(lambda page: self._caller.get_since(template, page, instant, **parts), params)


def _credits(rows: Sequence[object]) -> int:
    """A write costs one credit per ten rows (facts CRM 5)."""
    return max(1, -(-len(rows) // 10))


def _only(found: Sequence[RowResult]) -> RowResult:
    if len(found) != 1:
        raise OutcomeUnknown("crm")
    if found[0].error is not None:
        raise found[0].error
    return found[0]


def _equals(found: object, value: str) -> bool:
    """Equal as text, without regard to case; a look-up is compared by its id."""
    text = found.get("id") if isinstance(found, Mapping) else found
    return str(text).casefold() == value.casefold()
