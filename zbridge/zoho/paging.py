"""Both ways of paging as one iterator of pages; each page says from where a later listing can go on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zbridge.zoho.calling import Reply
from zbridge.zoho.errors import Rejected, System, Unreadable

Rows = list[dict[str, Any]]
Checkpoint = dict[str, Any]
Fetch = Callable[[dict[str, str]], Reply]

PER_PAGE = 200
# A page token lives for 24 h and is bound to its user and parameters (facts CRM 2.1).
STALE_TOKEN = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH", "INVALID_DATA"})
TOO_FAR = "PAGINATION_LIMIT_EXCEEDED"


@dataclass(frozen=True)
class Page:
    """Rows, where the next page begins (None after the last), and whether there is one."""

    rows: Sequence[dict[str, Any]]
    checkpoint: Checkpoint | None
    more: bool


def rows_of(system: System, found: Any, *keys: str) -> Rows:
    """The list of rows under the first of these keys; no body is no rows, a body without them is Unreadable."""
    if found is None:
        return []
    for key in keys:
        rows = found.get(key) if isinstance(found, dict) else None
        if isinstance(rows, list):
            return rows
    raise Unreadable(system, message=f"the answer has no {keys[0]}")


def crm_pages(fetch: Fetch, params: Mapping[str, str], checkpoint: Checkpoint | None = None) -> Iterator[Page]:
    """Walk a CRM list by its page tokens; a token that has died sends the walk back to the first page.

    Rows may then come twice, none is left out. There is always at least one page, perhaps without rows.
    """
    place, restarted = checkpoint, False
    while True:
        try:
            page = _crm_page(fetch({**params, **_crm_place(place)}))
        except Rejected as refusal:
            if place is None or restarted or refusal.code not in STALE_TOKEN:
                raise
            place, restarted = None, True
            continue
        yield page
        if not page.more:
            return
        place = page.checkpoint


def crm_pages_by_id(fetch: Fetch, params: Mapping[str, str], checkpoint: Checkpoint | None = None) -> Iterator[Page]:
    """Walk a whole CRM module by id. Page tokens end at record 100,000 (facts CRM 2.1): the rest is walked from the
    other end until both walks meet, so that up to 200,000 are reached. Raises Rejected beyond.
    """
    place, last = checkpoint or {}, str((checkpoint or {}).get("last") or "")
    if not place.get("from_end"):
        try:
            for page in crm_pages(fetch, {**params, "sort_order": "asc"}, _token_of(place)):
                last = str(page.rows[-1]["id"]) if page.rows else last
                yield _with_place(page, {"last": last})
            return
        except Rejected as refusal:
            if refusal.code != TOO_FAR or not last:
                raise
            place = {}
    for page in crm_pages(fetch, {**params, "sort_order": "desc"}, _token_of(place)):
        rows = [row for row in page.rows if int(row["id"]) > int(last)]
        met = len(rows) < len(page.rows)
        yield _with_place(Page(rows, page.checkpoint, page.more and not met), {"last": last, "from_end": "yes"})
        if met:
            return


def _token_of(place: Checkpoint) -> Checkpoint | None:
    return {name: value for name, value in place.items() if name in ("page_token", "page")} or None


def _with_place(page: Page, more: Checkpoint) -> Page:
    return Page(page.rows, {**(page.checkpoint or {}), **more} if page.more else None, page.more)


def _crm_place(place: Checkpoint | None) -> dict[str, str]:
    return {name: str(value) for name, value in (place or {}).items()}


def _crm_page(reply: Reply) -> Page:
    rows = rows_of("crm", reply.json, "data", "users")
    info = (reply.json or {}).get("info") or {}
    if not info.get("more_records"):
        return Page(rows, None, False)
    token = info.get("next_page_token")
    place = {"page_token": token} if token else {"page": int(info.get("page") or 1) + 1}
    return Page(rows, place, True)


def books_pages(
    fetch: Fetch, key: Sequence[str], params: Mapping[str, str], checkpoint: Checkpoint | None = None
) -> Iterator[Page]:
    """Walk a Books list by page numbers; `key` are the names its rows may come under. At least one page comes."""
    number = int((checkpoint or {}).get("page", 1))
    while True:
        reply = fetch({**params, "page": str(number), "per_page": str(PER_PAGE)})
        rows = rows_of("books", reply.json, *key)
        number += 1
        more = bool((reply.json.get("page_context") or {}).get("has_more_page"))
        yield Page(rows, {"page": number} if more else None, more)
        if not more:
            return


def all_rows(pages: Iterator[Page]) -> Rows:
    """The rows of all pages; for lists that are short by nature."""
    return [row for page in pages for row in page.rows]
