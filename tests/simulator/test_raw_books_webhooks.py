"""Web hooks of Books: facts/zoho-books-api-v3.md 8."""

import hashlib
import hmac
from collections.abc import Iterator

import pytest

from tests.simulator.listener import Heard, Listener, listening
from tests.simulator.wire import Wire, eventually

SECRET = "zbridgeSecret123"


@pytest.fixture
def ear() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def hook(zoho: Wire, ear: Listener, query: str = "", entity: str = "invoice") -> None:
    body = {"webhook_name": "zbridge", "entity": entity, "url": f"{ear.url}/hook{query}", "method": "POST"}
    answer = zoho.books("POST", "settings/webhooks", body | {"secret": SECRET})
    assert answer.json()["code"] == 0, answer.text


def signature(text: bytes) -> str:
    return hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()


def first(ear: Listener) -> Heard:
    assert eventually(lambda: ear.heard)
    return ear.heard[0]


def test_a_hook_carries_the_whole_document_under_its_singular_key(zoho: Wire, ear: Listener) -> None:
    hook(zoho, ear)
    made = zoho.invoice(zoho.customer())
    assert first(ear).json["invoice"]["invoice_id"] == made["invoice_id"]
    assert first(ear).json["invoice"]["line_items"]


def test_a_hook_is_signed_over_its_raw_body(zoho: Wire, ear: Listener) -> None:
    hook(zoho, ear)
    zoho.invoice(zoho.customer())
    assert first(ear).headers["x-zoho-webhook-signature"] == signature(first(ear).body)


def test_the_query_is_signed_sorted_before_the_body(zoho: Wire, ear: Listener) -> None:
    hook(zoho, ear, "?b=2&a=1")
    zoho.invoice(zoho.customer())
    assert first(ear).path == "/hook?b=2&a=1"
    assert first(ear).headers["x-zoho-webhook-signature"] == signature(b"a1b2" + first(ear).body)


def test_the_sheets_own_test_vector_holds() -> None:
    assert signature(b'a1b2{"x":1}') == "cb5bf4ccb6f510755339e88271260b421ba79b409200939f5b249f53a3835714"


def test_what_finance_does_by_hand_calls_the_hook(zoho: Wire, ear: Listener) -> None:
    invoice = zoho.invoice(zoho.customer())["invoice_id"]
    hook(zoho, ear)
    zoho.act("books", "invoices", invoice, "send")
    assert first(ear).json["invoice"]["status"] == "sent"
