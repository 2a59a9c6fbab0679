"""What every answer carries, wherever it comes from; and what a person is told when something breaks."""

import json
import logging
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings

from tests.apps.sample_rows import sample
from tests.apps.test_pages_walk import LISTS, addresses
from tests.people import browser
from zbridge.site.log_lines import JsonLines, ReferenceMiddleware, reference


def test_no_answer_is_kept_framed_or_sniffed_and_each_has_a_policy(db: None) -> None:
    world = sample()
    for client in (browser("cy"), Client()):
        for address in [*addresses(world["deal"].pk), *(f"{path}export/?format=csv" for path in LISTS)]:
            headers = client.get(address).headers
            assert "no-store" in headers["Cache-Control"], address
            assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY", address
            assert headers["Referrer-Policy"] == "same-origin", address
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], address


def test_a_broken_page_names_a_reference_that_stands_in_the_log(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*args: object) -> None:
        raise RuntimeError("the database of Brightwater said no")

    monkeypatch.setattr("accounts.views.pages.list_page", breaks)
    client = browser("cy")
    client.raise_request_exception = False
    answer = client.get("/admin/accounts/connection/")
    text = answer.content.decode()
    assert answer.status_code == 500 and "Brightwater" not in text and "Traceback" not in text
    assert "the reference <strong>" in text


def test_a_line_in_the_log_carries_the_reference_of_its_request() -> None:
    said: list[dict[str, Any]] = []

    def answer(request: HttpRequest) -> HttpResponse:
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "broke", (), None)
        said.append(json.loads(JsonLines().format(record)) | {"now": reference()})
        return HttpResponse()

    ReferenceMiddleware(answer)(HttpRequest())
    assert said[0]["reference"] == said[0]["now"] != "" and reference() == ""


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")])
def test_a_visitor_cannot_choose_her_address(proxies: int, seen: str) -> None:
    """Only as many entries from the right are believed as there are proxies of ours."""
    headers = {"X-Forwarded-For": "10.0.0.1, 198.51.100.7, 203.0.113.9"}
    request = RequestFactory().get("/admin/login/", headers=headers)
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert get_adapter(request).get_client_ip(request) == seen
