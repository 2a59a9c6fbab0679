"""First links of products to items: the same SKU, letter for letter but for case and spaces, once on each side."""

from collections import Counter

from accounts.models import Connection
from syncjobs.models import Link, Record
from syncjobs.services import link_records
from zbridge.clock import Clock


def link_products(connection: Connection, clock: Clock) -> int:
    """Link what is certain; how many were linked. What isn't the same letter for letter waits for a person."""
    products, items = _by_code(connection, "product"), _by_code(connection, "item")
    taken = set(Link.objects.filter(connection=connection, pair=Link.Pair.PRODUCT).values_list("crm_id", flat=True))
    linked = 0
    for code in products.keys() & items.keys():
        product, item = products[code], items[code]
        if product.remote_id not in taken:
            link_records(connection, product, item, how="code", reason=f"Same SKU {item.code}.", user=None, clock=clock)
            linked += 1
    return linked


def _by_code(connection: Connection, kind: str) -> dict[str, Record]:
    """Active records by their SKU, those whose SKU stands twice left out."""
    rows = Record.objects.filter(connection=connection, kind=kind, active=True, gone_at=None).exclude(code="")
    found = list(rows.only("remote_id", "name", "code", "kind", "currency", "connection_id"))
    counts = Counter(row.code.strip().casefold() for row in found)
    return {row.code.strip().casefold(): row for row in found if counts[row.code.strip().casefold()] == 1}
