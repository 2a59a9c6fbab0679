"""The fault knobs of design.md 10: what the network and a bad day at Zoho do."""

from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic, sleep

import pytest
import requests

from tests.simulator.wire import Wire, eventually

INVOICES = "/books/v3/invoices$"
LOST = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


def draft(zoho: Wire, customer: str) -> requests.Response:
    body = {"customer_id": customer, "line_items": [{"name": "W", "rate": 5, "quantity": 1}]}
    return zoho.books("POST", "invoices", body)


def invoices(zoho: Wire) -> int:
    return int(zoho.sim("GET", "counts")["books"].get("invoices", 0))


@pytest.mark.parametrize(("knob", "made"), [("drop_before", 0), ("drop_after", 1), ("reset_mid_body", 1)])
def test_a_lost_answer_says_nothing_about_what_was_done(zoho: Wire, knob: str, made: int) -> None:
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, **{knob: True})
    with pytest.raises(LOST):
        draft(zoho, customer)
    assert eventually(lambda: invoices(zoho) == made, 2)
    assert draft(zoho, customer).status_code == 201


def test_a_dropped_answer_is_logged_as_lost(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, drop_after=True)
    with pytest.raises(LOST):
        draft(zoho, customer)
    row = eventually(lambda: zoho.sim("GET", "requests")["requests"])[-1]
    assert (row["path"], row.get("lost")) == ("/books/v3/invoices", True)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/books/v3/contacts", 429, 44), ("/books/v3/contacts", 500, 1000), ("/books/v3/contacts", 401, 57)],
)
def test_an_answer_can_be_prescribed(zoho: Wire, path: str, status: int, code: int) -> None:
    zoho.fault(method="GET", path=path, times=2, status=status, code=code)
    answers = [zoho.books("GET", "contacts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].json()["code"] == code


def test_a_prescribed_crm_answer_has_the_crms_shape(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/crm/v8/org", times=1, status=429, code="TOO_MANY_REQUESTS")
    answer = zoho.crm("GET", "org")
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (429, "TOO_MANY_REQUESTS", "error")
    assert zoho.crm("GET", "org").status_code == 200


def test_a_prescribed_status_applies_nothing(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, status=500, code=1000)
    assert draft(zoho, customer).status_code == 500 and invoices(zoho) == 0


def test_a_gateway_may_answer_502_for_what_was_committed(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, status=502, commit_after=0)
    answer = draft(zoho, customer)
    assert (answer.status_code, answer.text[:6], invoices(zoho)) == (502, "<html>", 1)


def test_a_page_can_come_with_a_good_status(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/crm/v8/org", times=1, status=200)
    answer = zoho.crm("GET", "org")
    assert (answer.status_code, answer.text[:6]) == (200, "<html>")


@pytest.mark.parametrize("fault", [{"times": "two"}, {"delay": -1}, {"status": True}, {"path": "("}, {"explode": True}])
def test_a_fault_that_means_nothing_is_refused(zoho: Wire, fault: dict[str, object]) -> None:
    answer = zoho.call("POST", "/_sim/faults", json=fault)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_only_the_nth_call_is_hit(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/books/v3/items", nth=2, status=500, code=1000)
    assert [zoho.books("GET", "items").status_code for _ in range(3)] == [200, 500, 200]


def test_a_fault_leaves_other_methods_and_paths_alone(zoho: Wire) -> None:
    zoho.fault(method="POST", path="/books/v3/items$", status=500, code=1000)
    assert zoho.books("GET", "items").status_code == 200 and zoho.books("POST", "contacts", {"contact_name": "A"}).ok


def test_a_fault_is_taken_away_alone_or_with_all(zoho: Wire) -> None:
    first = zoho.fault(method="GET", path="/books/v3/items", status=500, code=1000)
    zoho.fault(method="GET", path="/books/v3/contacts", status=500, code=1000)
    zoho.sim("DELETE", f"faults/{first}")
    assert (zoho.books("GET", "items").status_code, zoho.books("GET", "contacts").status_code) == (200, 500)
    zoho.sim("DELETE", "faults")
    assert zoho.books("GET", "contacts").status_code == 200


def test_a_delayed_answer_comes_late(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/books/v3/items", times=1, delay=0.4)
    start = monotonic()
    assert zoho.books("GET", "items").status_code == 200 and monotonic() - start >= 0.4


def test_a_request_that_timed_out_is_applied_later(zoho: Wire) -> None:
    """commit_after: the caller is gone, the write comes"""
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, commit_after=0.6, drop_before=True)
    with pytest.raises(LOST):
        draft(zoho, customer)
    assert invoices(zoho) == 0
    assert eventually(lambda: invoices(zoho) == 1, 3)


def test_a_written_record_can_stay_out_of_sight_for_a_while(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, visible_after=0.6)
    assert draft(zoho, customer).status_code == 201
    assert zoho.list("invoices") == []
    assert eventually(lambda: zoho.list("invoices"), 3)


def test_a_request_can_be_applied_twice(zoho: Wire) -> None:
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, duplicate=True)
    assert draft(zoho, customer).status_code == 201 and invoices(zoho) == 2


def test_a_duplicated_request_can_not_pass_a_unique_field(zoho: Wire) -> None:
    field = {
        "entity": "invoice",
        "label": "zbridge key",
        "data_type": "string",
        "show_on_pdf": False,
        "is_unique": True,
    }
    zoho.books("POST", "settings/fields", field)
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, duplicate=True)
    custom = [{"api_name": "cf_zbridge_key", "value": "ZB-1"}]
    body = {"customer_id": customer, "line_items": [{"name": "W", "rate": 5, "quantity": 1}], "custom_fields": custom}
    zoho.books("POST", "invoices", body)
    assert invoices(zoho) == 1


def held(zoho: Wire, customer: str, pool: ThreadPoolExecutor) -> Future[requests.Response]:
    zoho.fault(method="POST", path=INVOICES, times=1, hold=True)
    waiting = pool.submit(draft, zoho, customer)
    sleep(0.3)
    assert not waiting.done()
    return waiting


def test_a_held_request_waits_until_released(zoho: Wire) -> None:
    customer = zoho.customer()
    with ThreadPoolExecutor(1) as pool:
        waiting = held(zoho, customer, pool)
        assert zoho.books("GET", "items").status_code == 200
        zoho.sim("POST", "faults/release")
        assert waiting.result(5).status_code == 201


def test_a_side_that_is_off_answers_503_with_html(zoho: Wire) -> None:
    zoho.sim("POST", "sides", {"books": "off"})
    answer = zoho.books("GET", "items")
    assert answer.status_code == 503 and answer.headers["Content-Type"].startswith("text/html")
    assert zoho.crm("GET", "org").status_code == 200
    zoho.sim("POST", "sides", {"books": "on", "crm": "off"})
    assert (zoho.books("GET", "items").status_code, zoho.crm("GET", "org").status_code) == (200, 503)


def test_moving_the_clock_does_not_shorten_a_delay(zoho: Wire) -> None:
    """design 10: quotas and token life follow the clock, delays don't"""
    customer = zoho.customer()
    zoho.fault(method="POST", path=INVOICES, times=1, visible_after=30)
    draft(zoho, customer)
    zoho.advance(minutes=30)
    assert zoho.list("invoices") == []


def test_thirty_slow_calls_wait_side_by_side(zoho: Wire) -> None:
    customer, started = zoho.customer(), monotonic()
    zoho.org(concurrency_limit=40)
    zoho.fault(method="POST", path=INVOICES, delay=1)
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: draft(zoho, customer), range(30)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["invoice"]["invoice_number"] for answer in answers}) == 30
    assert monotonic() - started < 10


def test_an_answer_can_be_misshaped_in_what_it_says_and_lacks(zoho: Wire) -> None:
    zoho.customer()
    path = "/books/v3/contacts$"
    zoho.fault(method="GET", path=path, times=1, change={"contacts.status": "odd"}, omit=["contacts.contact_name"])
    row = zoho.books("GET", "contacts").json()["contacts"][0]
    assert row["status"] == "odd" and "contact_name" not in row
    zoho.fault(method="GET", path=path, times=1, ids_as_numbers=True)
    assert isinstance(zoho.books("GET", "contacts").json()["contacts"][0]["contact_id"], int)


def test_an_answer_can_be_badly_packed_or_lead_elsewhere(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/books/v3/contacts$", times=1, bad_gzip=True)
    with pytest.raises(requests.exceptions.ContentDecodingError):
        zoho.books("GET", "contacts")
    zoho.fault(method="GET", path="/books/v3/contacts$", times=1, location="https://elsewhere.example/", status=307)
    found = zoho.books("GET", "contacts")
    assert (found.status_code, found.headers["Location"]) == (307, "https://elsewhere.example/")


def test_a_body_can_drip(zoho: Wire) -> None:
    zoho.fault(method="GET", path="/books/v3/organizations$", times=1, drip=0.0005)
    began = monotonic()
    body = zoho.books("GET", "organizations").content
    assert monotonic() - began >= len(body) * 0.0005
