"""What people do in the simulated Zoho while the demo is prepared: its controls (design 8), by HTTP as anybody's."""

import json
from typing import Any
from urllib.request import Request, urlopen

from django.conf import settings

HOOKED = ("invoice", "contact", "item", "customerpayment", "creditnote")


def in_zoho(path: str, body: dict[str, Any] | None = None, method: str = "POST") -> dict[str, Any]:
    """Send that to one of the simulator's controls; its answer."""
    where = f"{settings.ZBRIDGE_SIMULATOR_URL}/_sim/{path}"
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(where, data=data, method=method), timeout=10) as answer:  # noqa: S310
        found: dict[str, Any] = json.loads(answer.read())
        return found


def put_hooks_into_books(url: str, secret: str) -> None:
    """An administrator of Books types them; those that lead to another address go."""
    standing = in_zoho("records/books/webhooks", method="GET")["data"]
    for row in standing:
        if row["url"] != url:
            in_zoho(f"records/books/webhooks/{row['webhook_id']}", method="DELETE")
    for entity in HOOKED:
        if not any((row["entity"], row["url"]) == (entity, url) for row in standing):
            hook = {"webhook_name": f"zbridge {entity}", "entity": entity, "url": url, "secret": secret}
            in_zoho("records/books/webhooks", {"data": [hook]})


def in_crm(module: str, crm_id: str, change: dict[str, object]) -> None:
    """Somebody types it in the simulated CRM."""
    in_zoho(f"records/crm/{module}/{crm_id}", {"data": [change], "as": "user"}, "PUT")
