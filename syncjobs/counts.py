"""Both sides counted, as the last comparison of each pair left them; for `manage.py reconcile`."""

from typing import Any

from accounts.models import Connection
from syncjobs.comparing import compare_pair
from syncjobs.models import Comparison, Difference, Mapping
from zbridge.clock import Clock

What = Difference.What


def counts(connection: Connection, clock: Clock) -> list[dict[str, Any]]:
    """By pair: how many on each side and linked, and the ids of those on one side only or different.

    A pair that was never compared is compared now, from what was last read.
    """
    newest: dict[str, Comparison] = {}
    for row in Comparison.objects.filter(connection=connection).order_by("pk"):
        newest[row.pair] = row
    for mapping in Mapping.objects.filter(connection=connection).exclude(pair__in=newest).order_by("pk"):
        newest[mapping.pair] = compare_pair(mapping, clock)
    return [_counted(row) for row in newest.values()]


def _counted(row: Comparison) -> dict[str, Any]:
    found: dict[str, list[str]] = {What.ONLY_CRM: [], What.ONLY_BOOKS: [], What.DIFFERENT: []}
    for what, crm_id, books_id in row.differences.filter(what__in=found).values_list("what", "crm_id", "books_id"):
        found[what].append(books_id if what == What.ONLY_BOOKS else crm_id)
    return {
        "kind": row.pair, "crm": row.crm, "books": row.books, "linked": row.linked,
        "only_crm": found[What.ONLY_CRM], "only_books": found[What.ONLY_BOOKS], "differing": found[What.DIFFERENT],
        "as_of": row.at.isoformat(),
    }  # fmt: skip
