"""Books' lists: which order keeps a walk whole, and filters that are believed only after each row was checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from zbridge.zoho.caller import Caller
from zbridge.zoho.errors import Unreadable
from zbridge.zoho.formats import books_instant, instant
from zbridge.zoho.paging import Checkpoint, Page, Rows, books_pages, rows_of

# Rows keep their place in this order while people edit (facts Books 1.5).
STABLE = {"filter_by": "Status.All", "sort_column": "created_time", "sort_order": "A"}
NEWEST_CHANGE = {"filter_by": "Status.All", "sort_column": "last_modified_time", "sort_order": "D"}
OLDEST = {"sort_column": "created_time", "sort_order": "A"}
NEWEST = {"sort_column": "created_time", "sort_order": "D"}
# The documented name of the rows is not the one that comes (facts Books 1.4).
PAYMENT_KEYS = ("customerpayments", "customer_payments")
BY_NAME = {"filter_by": "Status.All", "sort_column": "name", "sort_order": "A"}
CRM_TIES = ("zcrm_account_id", "zcrm_contact_id", "zcrm_vendor_id")
# Books ignores filters that it doesn't know and then lists everything: so far we follow, then give up (facts 1.3).
MOST_PAGES = 5
LONGEST_FILTER = 100


@dataclass(frozen=True)
class Lists:
    """The listings of one organisation."""

    caller: Caller

    def contacts(self, since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation; a delta goes from the newest change back to `since`, whether or not the filter is honoured."""
        if since is None:
            return self._walk("/books/v3/contacts", ("contacts",), STABLE, None, checkpoint)
        walk = self._walk("/books/v3/contacts", ("contacts",), NEWEST_CHANGE, since, checkpoint)
        return _until_older(walk, since, "last_modified_time")

    def brought_from_crm(self) -> Rows:
        """The newest contacts that Zoho's own integration tied to CRM; other rows are dropped (facts Books 3.5)."""
        asked = {"filter_by": "Status.Crm", **NEWEST, "page": "1", "per_page": "200"}
        rows = rows_of("books", self.caller.get("/books/v3/contacts", asked).json, "contacts")
        return [row for row in rows if any(row.get(name) for name in CRM_TIES)]

    def items(self, since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By name, the only lasting order that the list offers."""
        return self._walk("/books/v3/items", ("items",), BY_NAME, since, checkpoint)

    def price_lists(self) -> Rows:
        """All of them, in Books' own order; a list that has no end is given up."""
        found: Rows = []
        for page in islice(self._walk("/books/v3/pricebooks", ("pricebooks",), {}, None, None), MOST_PAGES):
            found += page.rows
            if not page.more:
                return found
        raise Unreadable("books", message="it has more price lists than zbridge reads")

    def invoices(self, since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation; the filter by change is documented here."""
        return self._walk("/books/v3/invoices", ("invoices",), STABLE, since, checkpoint)

    def payments(self, created_since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation: all from the oldest, or from the newest back to `created_since`."""
        if created_since is None:
            return self._walk("/books/v3/customerpayments", PAYMENT_KEYS, OLDEST, None, checkpoint)
        walk = self._walk("/books/v3/customerpayments", PAYMENT_KEYS, NEWEST, None, checkpoint)
        return _until_older(walk, created_since, "created_time")

    def open_invoices(self, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation, those that Books calls unpaid: sent, viewed, overdue or paid in part (facts 5.5)."""
        params = {**OLDEST, "filter_by": "Status.Unpaid"}
        return self._walk("/books/v3/invoices", ("invoices",), params, None, checkpoint)

    def tells_changes(self, module: str, ahead: datetime) -> bool:
        """One row asked for, changed after `ahead`: a list that knows the filter has none (facts 7.6)."""
        asked = {"filter_by": "Status.All", "last_modified_time": books_instant(ahead), "per_page": "1"}
        reply = self.caller.get(f"/books/v3/{module}", asked)
        return not rows_of("books", reply.json, module)

    def creditnotes(self, since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation."""
        return self._walk("/books/v3/creditnotes", ("creditnotes",), STABLE, since, checkpoint)

    def matching(
        self, template: str, key: str | tuple[str, ...], params: Mapping[str, str], wanted: Mapping[str, str]
    ) -> Rows:
        """Rows that equal all of `wanted`. A filter that Books ignored is never taken for "not found"."""
        asked = {**params, **{name: value[:LONGEST_FILTER] for name, value in wanted.items()}}
        found: Rows = []
        keys = (key,) if isinstance(key, str) else key
        for page in islice(self._walk(template, keys, asked, None, None), MOST_PAGES):
            found += [row for row in page.rows if _is_wanted(row, wanted)]
            if not page.more:
                return found
        raise Unreadable("books", message=f"Books ignored the filter {', '.join(wanted)}")

    def _walk(
        self, template: str, keys: tuple[str, ...], params: Mapping[str, str], since: datetime | None,
        checkpoint: Checkpoint | None,
    ) -> Iterator[Page]:  # fmt: skip
        asked = dict(params) if since is None else {**params, "last_modified_time": books_instant(since)}
        return books_pages(lambda page: self.caller.get(template, page), keys, asked, checkpoint)


def _until_older(pages: Iterator[Page], since: datetime, stamp: str) -> Iterator[Page]:
    """Stop at the first page that reaches back beyond `since`; its rows come along, they do no harm."""
    for page in pages:
        oldest = instant(page.rows[-1].get(stamp)) if page.rows else None
        if oldest is not None and oldest < since:
            yield Page(page.rows, None, False)
            return
        yield page


def _is_wanted(row: Mapping[str, object], wanted: Mapping[str, str]) -> bool:
    """Text is compared as far as the filter reaches, without regard to case and outer blanks."""
    return all(_text(row.get(name)) == _text(value) for name, value in wanted.items())


def _text(value: object) -> str:
    return str(value if value is not None else "")[:LONGEST_FILTER].strip().casefold()
