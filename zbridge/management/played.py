"""What people do in the simulated Zoho while the demo is prepared: its controls (design 8), by HTTP as anybody's."""

import json
from urllib.request import Request, urlopen

from django.conf import settings


def in_zoho(path: str, body: dict[str, object], method: str = "POST") -> dict[str, object]:
    """Send that to one of the simulator's controls; its answer."""
    where = f"{settings.ZBRIDGE_SIMULATOR_URL}/_sim/{path}"
    with urlopen(Request(where, data=json.dumps(body).encode(), method=method), timeout=10) as answer:  # noqa: S310
        found: dict[str, object] = json.loads(answer.read())
        return found


def in_crm(module: str, crm_id: str, change: dict[str, object]) -> None:
    """Somebody types it in the simulated CRM."""
    in_zoho(f"records/crm/{module}/{crm_id}", {"data": [change], "as": "user"}, "PUT")
