"""The doors that Zoho knocks at: who is believed, who isn't, and that nothing of a body or a secret goes astray."""

import json
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection as database
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from accounts.clients import Seams, use_seams
from accounts.key_check import rotate_keys
from accounts.models import Connection
from accounts.secrets import encrypt
from syncjobs import hooks
from syncjobs.domain.hooks import signature
from syncjobs.models import Channel, Hint, HookAddress
from tests.apps.fakes import connected
from tests.people import person
from zbridge.clock import SteppedClock
from zbridge.zoho.redaction import mask
from zbridge.zoho.secret import Secret

pytestmark = pytest.mark.django_db
TOKEN = "the-channel's-own-token"
INVOICE = {"invoice": {"invoice_id": "700", "last_modified_time": "2026-11-25T10:00:00+0100", "total": 12}}


@pytest.fixture
def company(clock: SteppedClock) -> Any:
    """A connected organisation on the test's clock."""
    with use_seams(Seams(clock=clock)), override_settings(ZBRIDGE_PUBLIC_URL="https://zbridge.example"):
        yield connected(clock, books_org_id="42")


@pytest.fixture
def crm(company: Connection, clock: SteppedClock) -> str:
    """The path of CRM's door, with one channel open."""
    row = hooks.address_of(company, "crm", clock)
    HookAddress.objects.filter(pk=row.pk).update(wanted=True)
    channel = Channel(connection=company, module="Deals", kind="deal", channel_id="1000000068001")
    channel.token_cipher = encrypt(Secret(TOKEN), hooks.token_place(channel))
    channel.save()
    return urlsplit(hooks.url(row)).path


@pytest.fixture
def books(company: Connection, clock: SteppedClock) -> str:
    """The path of Books' door."""
    return urlsplit(hooks.url(hooks.address_of(company, "books", clock))).path


@pytest.fixture
def convert(company: Connection, clock: SteppedClock) -> str:
    """The path of the workflow's door."""
    return urlsplit(hooks.url(hooks.address_of(company, "convert", clock))).path


def notification(**changed: Any) -> dict[str, Any]:
    found = {
        "server_time": 1772700000123, "module": "Deals", "ids": ["5437018000000512001"], "operation": "update",
        "channel_id": 1000000068001, "token": TOKEN, "affected_fields": [],
    }  # fmt: skip
    return found | changed


def knock(path: str, body: Any, signed: str = "", query: str = "", kind: str = "application/json") -> int:
    """What Zoho would send; the status of the answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"X-Zoho-Webhook-Signature": signed} if signed else {}
    client = Client(enforce_csrf_checks=True)
    return client.post(f"{path}{query}", raw, content_type=kind, headers=headers).status_code


def sign(company: Connection, body: Any, query: list[tuple[str, str]] | None = None, secret: str = "") -> str:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    secret = secret or hooks.signing_secret(HookAddress.objects.get(connection=company, sort="books"))
    return signature(secret, query or [], [], raw)


def waiting() -> list[tuple[str, str, str]]:
    return list(Hint.objects.order_by("pk").values_list("sort", "kind", "remote_id"))


def test_a_notification_with_its_token_goes_into_the_inbox_and_rings(crm: str) -> None:
    assert knock(crm, notification()) == 200
    assert waiting() == [("crm", "deal", "5437018000000512001")]
    assert OrmQ.objects.count() == 1


def test_of_the_body_only_kind_and_id_are_kept(crm: str) -> None:
    knock(crm, notification(affected_values=[{"record_id": "1", "values": {"Amount": 99.5}}]))
    assert "99.5" not in str(Hint.objects.values().get())


@pytest.mark.parametrize("wrong", [{"token": "forged"}, {"token": None}, {"token": ["x"]}, {"channel_id": "7"},
                                   {"token": ""}, {"token": "\ud800"}])  # fmt: skip
def test_a_notification_without_our_channel_s_token_is_refused(crm: str, wrong: dict[str, Any]) -> None:
    assert knock(crm, notification(**wrong)) == 401
    assert waiting() == [] and OrmQ.objects.count() == 0
    assert HookAddress.objects.get(sort="crm").refused_at is not None


def test_a_channel_that_was_switched_off_is_answered_and_ignored(crm: str) -> None:
    HookAddress.objects.update(wanted=False)
    assert knock(crm, notification()) == 200
    assert waiting() == []


def test_a_thousand_replays_are_one_hint_that_counts_them(crm: str) -> None:
    for _ in range(100):
        assert knock(crm, notification()) == 200
    assert Hint.objects.get().times == 100
    assert OrmQ.objects.count() == 1


def test_a_later_change_of_the_same_record_is_a_hint_of_its_own(crm: str) -> None:
    knock(crm, notification())
    knock(crm, notification(server_time=1772700000999))
    assert Hint.objects.count() == 2 and OrmQ.objects.count() == 1


def test_a_module_that_isn_t_read_is_answered_and_ignored(crm: str) -> None:
    assert knock(crm, notification(module="Leads")) == 200
    assert waiting() == []


def test_a_web_hook_of_books_is_believed_by_its_signature(company: Connection, books: str) -> None:
    assert knock(books, INVOICE, sign(company, INVOICE)) == 200
    assert waiting() == [("books", "invoice", "700")]


def test_the_query_is_signed_too(company: Connection, books: str) -> None:
    made = sign(company, INVOICE, [("b", "2"), ("a", "1")])
    assert knock(books, INVOICE, made, "?b=2&a=1") == 200
    assert knock(books, INVOICE, made, "?b=2&a=2") == 401


def test_the_facts_own_vector_opens_the_door(company: Connection, books: str) -> None:
    row = HookAddress.objects.get(sort="books")
    row.secret_cipher = encrypt(Secret("zbridgeSecret123"), f"{company.pk}:hook:books:secret")
    row.save()
    vector = "cb5bf4ccb6f510755339e88271260b421ba79b409200939f5b249f53a3835714"
    assert knock(books, b'{"x":1}', vector, "?b=2&a=1") == 200
    assert knock(books, b'{"x":2}', vector, "?b=2&a=1") == 401


@pytest.mark.parametrize("signed", ["", "0" * 64, "x", "é"])
def test_a_web_hook_that_isn_t_signed_by_us_is_refused_before_it_is_read(books: str, signed: str) -> None:
    assert knock(books, INVOICE, signed) == 401
    assert knock(books, b"{not json at all", signed) == 401
    assert waiting() == []


def test_both_secrets_are_good_for_a_day_after_a_change(company: Connection, books: str, clock: SteppedClock) -> None:
    old = sign(company, INVOICE)
    hooks.change_secret(company, "books", person("cy"), clock)
    new = sign(company, INVOICE)
    assert old != new
    assert [knock(books, INVOICE, one) for one in (old, new)] == [200, 200]
    clock.advance(timedelta(hours=25).total_seconds())
    assert [knock(books, INVOICE, one) for one in (old, new)] == [401, 200]


def test_a_workflow_s_old_address_is_good_for_a_day_after_a_change(
    company: Connection, convert: str, clock: SteppedClock
) -> None:
    row = hooks.change_secret(company, "convert", person("cy"), clock)
    new = urlsplit(hooks.url(row)).path
    asked = {"module": "Deals", "id": "5"}
    assert new != convert and [knock(path, asked) for path in (convert, new)] == [200, 200]
    clock.advance(timedelta(hours=25).total_seconds())
    assert [knock(path, asked) for path in (convert, new)] == [404, 200]


def test_another_organisation_s_document_is_ignored(company: Connection, books: str) -> None:
    body = INVOICE | {"organization_id": "43"}
    assert knock(books, body, sign(company, body)) == 200
    assert waiting() == []


def test_bytes_that_aren_t_utf_8_and_nesting_without_end_are_refused(
    company: Connection, books: str, crm: str, convert: str
) -> None:
    for body in (b'{"invoice": "\xff\xfe"}', b"[" * 200_000, b"", b"[]", b"null", b"9" * 5000):
        assert knock(books, body, sign(company, body)) == 400
        assert knock(crm, body) == knock(convert, body) == 400
    assert waiting() == []


def test_fifty_megabytes_are_refused_by_their_announced_length(books: str, crm: str) -> None:
    body = b"x" * 1_000_001
    with CaptureQueriesContext(database) as queries:
        assert knock(books, body) == knock(crm, body) == 413
        announced = Client().post(books, b"{}", content_type="application/json", CONTENT_LENGTH=str(50 * 2**20))
        assert announced.status_code == 413
    assert len(queries) == 0


def test_an_address_has_so_many_knocks_a_minute(company: Connection, convert: str, clock: SteppedClock) -> None:
    HookAddress.objects.update(minute=clock.now().replace(second=0, microsecond=0), knocks=hooks.MOST_A_MINUTE - 1)
    asked = {"module": "Deals", "id": "5"}
    assert [knock(convert, asked) for _ in range(2)] == [200, 429]
    clock.advance(60)
    assert knock(convert, asked) == 200


@pytest.mark.parametrize("sort", ["crm", "books", "convert"])
def test_an_unknown_secret_and_another_door_s_are_like_any_page_that_isn_t_there(
    company: Connection, crm: str, books: str, convert: str, sort: str
) -> None:
    nowhere = Client().post("/nothing/here/")
    paths = [path for path in (crm, books, convert) if f"/{sort}/" not in path]
    strangers = ["x", "%00", "é", *(path.split("/")[3] for path in paths)]
    for stranger in strangers:
        found = Client().post(f"/hooks/{sort}/{stranger}/", b"{}", content_type="application/json")
        assert (found.status_code, found.content) == (nowhere.status_code, nowhere.content), stranger


def test_only_a_post_knocks(crm: str) -> None:
    assert Client().get(crm).status_code == Client().put(crm).status_code == 405


def test_a_door_opens_no_session_and_takes_few_queries(crm: str) -> None:
    knock(crm, notification())
    with CaptureQueriesContext(database) as queries:
        answer = Client().post(crm, json.dumps(notification(server_time=2)), content_type="application/json")
    assert answer.status_code == 200 and not answer.cookies
    assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) <= 8


def test_a_workflow_asks_by_json_or_by_a_form(convert: str) -> None:
    assert knock(convert, {"module": "Deals", "id": "5"}) == 200
    form = urlencode({"module": "Quotes", "id": "6"}).encode()
    assert knock(convert, form, kind="application/x-www-form-urlencoded") == 200
    assert waiting() == [("convert", "deal", "5"), ("convert", "quote", "6")]
    assert knock(convert, {"module": "Leads", "id": "5"}) == knock(convert, {"module": "Deals"}) == 400


def test_books_form_with_the_document_in_a_field_is_signed_over_its_fields(company: Connection, books: str) -> None:
    text = json.dumps(INVOICE)
    secret = hooks.signing_secret(HookAddress.objects.get(sort="books"))
    made = signature(secret, [], [("JSONString", text)], b"")
    body = urlencode({"JSONString": text}).encode()
    assert knock(books, body, made, kind="application/x-www-form-urlencoded") == 200
    assert waiting() == [("books", "invoice", "700")]


def test_no_secret_and_nothing_of_a_body_reaches_the_log_or_the_database(
    company: Connection, crm: str, books: str, convert: str, caplog: pytest.LogCaptureFixture
) -> None:
    canary = {"module": "Deals", "id": "5", "note": "canary-of-the-body"}
    with caplog.at_level(logging.DEBUG):
        knock(convert, canary)
        knock(books, canary, "0" * 64)
        knock(crm, canary)
        knock("/hooks/convert/canary-of-the-path/", canary)
    logged = mask(caplog.text)
    assert "canary" not in logged
    for path in (crm, books, convert):
        assert path.split("/")[3] not in logged
    secret = hooks.signing_secret(HookAddress.objects.get(sort="books"))
    kept = str([list(model._default_manager.values()) for model in (HookAddress, Hint, Channel)])
    hidden = (secret, TOKEN, "canary", *(path.split("/")[3] for path in (crm, books, convert)))
    assert not [one for one in hidden if one in kept]


def test_the_secrets_are_rotated_with_all_others(company: Connection, crm: str, books: str) -> None:
    before = hooks.signing_secret(HookAddress.objects.get(sort="books"))
    found = rotate_keys()
    assert (found.rewritten, found.unreadable) == (3 + 4, 0)
    row = HookAddress.objects.get(sort="books")
    assert hooks.signing_secret(row) == before and urlsplit(hooks.url(row)).path == books
    assert 12 <= len(before) <= 50 and before.isalnum()
