"""Zoho's side of web hooks in tests: what a Books administrator sets up, and the post that brings what was sent."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from accounts.clients import Seams
from accounts.models import Connection
from accounts.tokens import RowTokenStore
from syncjobs import hooks
from zbridge.simulator.app import Simulator
from zbridge.simulator.notifying import redeliver
from zbridge.simulator.wire import request_of

PUBLIC = "http://127.0.0.1:8000"


@dataclass
class Post:
    """Brings what the simulated Zoho sent out to zbridge's doors."""

    connection: Connection
    simulator: Simulator
    seams: Seams
    client: Client = field(default_factory=Client)

    def set_up_books(self, *entities: str) -> None:
        """In Books, one web hook for each sort of document, as the page's steps say."""
        row = hooks.address_of(self.connection, "books", self.seams.clock)
        token = RowTokenStore(self.connection, self.seams.oauth(self.connection), self.seams.clock).current()
        headers = {"Authorization": f"Zoho-oauthtoken {token.value.reveal()}", "Content-Type": "application/json"}
        for entity in entities:
            body = {"webhook_name": f"zbridge {entity}", "entity": entity, "url": hooks.url(row), "method": "POST"}
            body["secret"] = hooks.signing_secret(row)
            target = f"/books/v3/settings/webhooks?organization_id={self.connection.books_org_id}"
            answer = self.simulator.respond(request_of("POST", target, headers, json.dumps(body).encode()))
            assert answer.status == 201, answer.body

    def take(self) -> list[tuple[str, dict[str, str], bytes]]:
        """What was sent and not brought yet, taken out."""
        found = [(url, dict(headers), bytes(body)) for url, headers, body in self.simulator.outbox]
        self.simulator.outbox.clear()
        self.simulator.outbox_numbers.clear()
        return found

    def bring(self, letters: list[tuple[str, dict[str, str], bytes]] | None = None, *, times: int = 1) -> list[int]:
        """Bring these, or all that was sent; the answers."""
        found = self.take() if letters is None else letters
        return [self._bring(*letter) for letter in found for _ in range(times)]

    def _bring(self, url: str, headers: dict[str, str], body: bytes) -> int:
        parts = urlsplit(url)
        kind = headers.pop("Content-Type", "application/json")
        return self.client.post(parts.path, body, content_type=kind, headers=headers).status_code

    def sent(self, **wanted: Any) -> list[dict[str, Any]]:
        """What was ever sent, as `/_sim/deliveries` shows it."""
        rows: list[dict[str, Any]] = self.simulator.store.setting("deliveries", [])
        return [row for row in rows if all(row["body"].get(name) == value for name, value in wanted.items())]

    def again(self, number: int, *, forged: bool = False) -> list[int]:
        """Zoho sends one more time what it sent, or a stranger does with another secret."""
        redeliver(self.simulator, number, forged=forged)
        return self.bring()
