"""Questions to CRM that only read, and the rights that were granted."""

from typing import Any

from accounts.models import Credential
from accounts.rights import rights
from accounts.selftest.bench import Answer, Bench, told, untold

Row = dict[str, Any]
FAR = 777_777_777


def scopes(bench: Bench) -> Answer:
    """Whether all rights were granted."""
    rows = rights(Credential.objects.get(connection=bench.connection).scopes)
    missing = [row.scope for row in rows if not row.granted]
    said = f"Missing: {', '.join(missing)}." if missing else f"All {len(rows)} rights were granted."
    return told(not missing, f"{len(rows) - len(missing)} of {len(rows)}", said)


def absent_id(bench: Bench) -> str:
    """An id of this organisation's form that no deal has."""
    if "absent" not in bench.marks:
        rows = _deals(bench, per_page="1", sort_by="id", sort_order="desc")
        newest = str(rows[0]["id"]) if rows else bench.connection.crm_org_id
        bench.mark(absent=str(int(newest) + FAR))
    return str(bench.marks["absent"])


def _deals(bench: Bench, **params: str) -> list[Row]:
    return bench.crm("/crm/v8/{module}", {"fields": "Modified_Time", **params}, module="Deals").rows("data")


def unknown_id(bench: Bench) -> Answer:
    """The status of reading what isn't there."""
    status = bench.crm("/crm/v8/{module}/{id}", id=absent_id(bench), module="Deals").status
    said = f"Reading a deal that isn't there is answered with status {status}."
    return Answer("yes" if status == 204 else "other", str(status), said)


def since_boundary(bench: Bench) -> Answer:
    """Whether a record changed in that very second is among those changed since."""
    newest = _deals(bench, per_page="1", sort_by="Modified_Time", sort_order="desc")
    if not newest:
        return untold("CRM has no deal yet.")
    at = str(newest[0]["Modified_Time"])
    asked = {"fields": "Modified_Time", "sort_by": "Modified_Time", "sort_order": "asc", "per_page": "200"}
    since = bench.crm("/crm/v8/{module}", asked, since=at, module="Deals")
    is_in = str(newest[0]["id"]) in {str(row["id"]) for row in since.rows("data")}
    word = "inclusive" if is_in else "exclusive"
    said = (
        f"A deal changed at that very second is {'' if is_in else 'not '}among those changed since; zbridge overlaps."
    )
    return Answer("yes" if not is_in else "other", word, said)


def page_token(bench: Bench) -> Answer:
    """Whether a list goes on by its token."""
    asked = {"fields": "Modified_Time", "per_page": "1", "sort_by": "id", "sort_order": "asc"}
    first = bench.crm("/crm/v8/{module}", asked, module="Deals")
    info = (first.json or {}).get("info") or {}
    if not info.get("more_records"):
        return untold("CRM has fewer than two deals.")
    token = info.get("next_page_token")
    if not token:
        return told(False, "no token", "The list has more pages but no token for them.")
    second = bench.crm("/crm/v8/{module}", {**asked, "page_token": str(token)}, module="Deals").rows("data")
    went_on = bool(second) and second[0]["id"] != first.rows("data")[0]["id"]
    return told(went_on, "goes on" if went_on else "stuck", "The list goes on by its page token." if went_on else
                "The page token didn't lead to the next page.")  # fmt: skip


def discount_form(bench: Bench) -> Answer:
    """How a line's discount is written."""
    quotes = bench.crm("/crm/v8/{module}", {"fields": "Subject", "per_page": "15"}, module="Quotes").rows("data")
    for row in quotes:
        whole = bench.crm("/crm/v8/{module}/{id}", module="Quotes", id=str(row["id"])).rows("data")
        lines = (whole[0].get("Quoted_Items") if whole else None) or []
        written = [line.get("Discount") for line in lines if str(line.get("Discount") or "0").strip("0.%")]
        if written:
            word = _form(written[0])
            return Answer("yes" if word == "number" else "other", word, f"A line's discount comes as a {word}.")
    return untold("None of the newest quotes has a line with a discount.")


def _form(written: object) -> str:
    if isinstance(written, str):
        return "percent" if written.strip().endswith("%") else "string"
    return "number"


def missing_scope(bench: Bench) -> Answer:
    """The status where a right is missing: related lists, which zbridge doesn't ask for."""
    seen = bench.crm("/crm/v8/settings/related_lists", {"module": "Deals"})
    if seen.ok:
        return untold("The connected user's grant is wider than what zbridge asked for, so nothing was missing.")
    said = f"A missing right is answered with status {seen.status}."
    return Answer("yes" if seen.status == 401 else "other", str(seen.status), said)


def counting(bench: Bench) -> Answer:
    """Whether records can be counted with the rights granted."""
    seen = bench.crm("/crm/v8/{module}/actions/count", module="Deals")
    is_so = isinstance(seen.json, dict) and "count" in seen.json
    return told(
        is_so, str(seen.status), f"Counting deals {'works' if is_so else 'is refused'} with the rights granted."
    )
