"""Books' lists: which order keeps a walk whole, and filters that are believed only after each row was checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from zbridge.zoho.caller import Caller
from zbridge.zoho.errors import Unreadable
from zbridge.zoho.formats import books_instant, instant
from zbridge.zoho.paging import Checkpoint, Page, Rows, books_pages

# Rows keep their place in this order while people edit (facts Books 1.5).
STABLE = {"filter_by": "Status.All", "sort_column": "created_time", "sort_order": "A"}
NEWEST_CHANGE = {"filter_by": "Status.All", "sort_column": "last_modified_time", "sort_order": "D"}
BY_NAME = {"filter_by": "Status.All", "sort_column": "name", "sort_order": "A"}
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
        return _until_older(walk, since)

    def items(self, since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By name, the only lasting order that the list offers."""
        return self._walk("/books/v3/items", ("items",), BY_NAME, since, checkpoint)

    def invoices(self, since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation; the filter by change is documented here."""
        return self._walk("/books/v3/invoices", ("invoices",), STABLE, since, checkpoint)

    def payments(self, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation; the documented name of the rows is not the one that comes (facts Books 1.4)."""
        keys = ("customerpayments", "customer_payments")
        order = {"sort_column": "created_time", "sort_order": "A"}
        return self._walk("/books/v3/customerpayments", keys, order, None, checkpoint)

    def creditnotes(self, since: datetime | None, checkpoint: Checkpoint | None) -> Iterator[Page]:
        """By creation."""
        return self._walk("/books/v3/creditnotes", ("creditnotes",), STABLE, since, checkpoint)

    def matching(self, template: str, key: str, params: Mapping[str, str], wanted: Mapping[str, str]) -> Rows:
        """Rows that equal all of `wanted`. A filter that Books ignored is never taken for "not found"."""
        asked = {**params, **{name: value[:LONGEST_FILTER] for name, value in wanted.items()}}
        found: Rows = []
        for page in islice(self._walk(template, (key,), asked, None, None), MOST_PAGES):
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


def _until_older(pages: Iterator[Page], since: datetime) -> Iterator[Page]:
    """Stop at the first page that reaches back beyond `since`; its rows come along, they do no harm."""
    for page in pages:
        oldest = instant(page.rows[-1].get("last_modified_time")) if page.rows else None
        if oldest is not None and oldest < since:
            yield Page(page.rows, None, False)
            return
        yield page


def _is_wanted(row: Mapping[str, object], wanted: Mapping[str, str]) -> bool:
    """Text is compared as far as the filter reaches, without regard to case and outer blanks."""
    return all(_text(row.get(name)) == _text(value) for name, value in wanted.items())


def _text(value: object) -> str:
    return str(value if value is not None else "")[:LONGEST_FILTER].strip().casefold()
