"""Walking lists: whole, resumable, and never deceived by a filter that Books ignored."""

from datetime import UTC, datetime

import pytest

from tests.zoho.wires import Scripted, books, crm, ok, rows
from zbridge.zoho.errors import Rejected, Unreadable
from zbridge.zoho.paging import all_rows

SINCE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
EXPIRED = Scripted(400, {"code": "EXPIRED_VALUE", "message": "token expired", "details": {}, "status": "error"})


def _more(more: bool) -> dict[str, bool]:
    return {"has_more_page": more}


def _ids(found: list[dict[str, object]]) -> list[object]:
    return [row["id"] for row in found]


def test_crm_pages_follow_the_tokens() -> None:
    side, script = crm(rows({"id": "1"}, token="t2"), rows({"id": "2"}))
    assert _ids(all_rows(side.pages("Deals", ["Deal_Name"]))) == ["1", "2"]
    assert "page_token" not in script.query(0)
    assert script.query(1)["page_token"] == "t2"


def test_a_crm_walk_goes_on_from_its_checkpoint() -> None:
    side, script = crm(rows({"id": "1"}, token="t2"), rows({"id": "2"}))
    first = next(iter(side.pages("Deals", ["Deal_Name"])))
    rest = list(side.pages("Deals", ["Deal_Name"], checkpoint=first.checkpoint))
    assert script.query(1)["page_token"] == "t2"
    assert [_ids(list(page.rows)) for page in rest] == [["2"]]


def test_a_checkpoint_that_has_died_starts_the_walk_anew() -> None:
    side, script = crm(EXPIRED, rows({"id": "1"}))
    assert _ids(all_rows(side.pages("Deals", ["Deal_Name"], checkpoint={"page_token": "old"}))) == ["1"]
    assert "page_token" not in script.query(1)


def test_tokens_that_die_again_and_again_end_the_walk() -> None:
    side, script = crm(EXPIRED, rows({"id": "1"}, token="t2"), EXPIRED)
    with pytest.raises(Rejected):
        all_rows(side.pages("Deals", ["Deal_Name"], checkpoint={"page_token": "old"}))
    assert len(script.asked) == 3


@pytest.mark.parametrize("status", [204, 304])
def test_an_empty_list_is_one_page_without_rows(status: int) -> None:
    side, _ = crm(Scripted(status))
    assert [(list(page.rows), page.more) for page in side.pages("Deals", ["id"], modified_since=SINCE)] == [([], False)]


def test_a_crm_delta_asks_in_the_order_of_change() -> None:
    side, script = crm(Scripted(304))
    list(side.pages("Deals", ["Deal_Name"], modified_since=SINCE))
    assert script.asked[0].headers["If-Modified-Since"] == "2026-11-20T08:00:00+00:00"
    assert (script.query()["sort_by"], script.query()["sort_order"]) == ("Modified_Time", "asc")


def test_books_pages_go_on_from_their_checkpoint() -> None:
    side, script = books(ok(invoices=[{"id": "1"}], page_context=_more(True)), ok(invoices=[{"id": "2"}]))
    first = next(iter(side.invoice_pages()))
    assert first.checkpoint == {"page": 2}
    assert _ids(all_rows(side.invoice_pages(checkpoint=first.checkpoint))) == ["2"]
    assert (script.query(1)["page"], script.query(1)["sort_column"]) == ("2", "created_time")


def test_the_plus_of_a_books_time_is_encoded() -> None:
    side, script = books(ok(invoices=[]))
    list(side.invoice_pages(modified_since=SINCE))
    assert "last_modified_time=2026-11-20T08%3A00%3A00%2B0000" in str(script.asked[0].url)


def test_a_delta_of_customers_stops_where_the_changes_end_even_if_the_filter_was_ignored() -> None:
    new, old = "2026-11-20T10:00:00+0100", "2026-11-19T10:00:00+0100"
    page = [{"id": "1", "last_modified_time": new}, {"id": "2", "last_modified_time": old}]
    side, script = books(ok(contacts=page, page_context=_more(True)))
    assert [found.more for found in side.contact_pages(modified_since=SINCE)] == [False]
    assert script.query()["sort_column"] == "last_modified_time"


def test_payments_are_read_under_either_name() -> None:
    side, _ = books(ok(customer_payments=[{"payment_id": "5"}]))
    assert all_rows(side.payment_pages()) == [{"payment_id": "5"}]


def test_rows_that_do_not_match_the_filter_are_dropped() -> None:
    stranger = {"contact_id": "2", "contact_name": "Somebody else"}
    side, _ = books(ok(contacts=[{"contact_id": "1", "contact_name": "Harbour LTD "}, stranger]))
    assert [row["contact_id"] for row in side.contacts_by(contact_name="Harbour Ltd")] == ["1"]


def test_a_match_behind_an_ignored_filter_is_still_found() -> None:
    stranger = {"contact_id": "2", "email": "x@x.test"}
    side, _ = books(
        ok(contacts=[stranger], page_context=_more(True)), ok(contacts=[{"contact_id": "1", "email": "ann@acme.test"}])
    )
    assert [row["contact_id"] for row in side.contacts_by(email="Ann@acme.test")] == ["1"]


def test_a_filter_ignored_on_a_long_list_is_never_taken_for_not_found() -> None:
    side, _ = books(*[ok(invoices=[{"reference_number": "other"}], page_context=_more(True)) for _ in range(5)])
    with pytest.raises(Unreadable):
        side.invoices_by_reference("Q-1")


def test_a_look_up_by_customer_that_shows_strangers_is_no_look_up() -> None:
    side, _ = books(ok(invoices=[{"customer_id": "other"}]))
    with pytest.raises(Unreadable):
        side.customer_invoices("46")


def test_a_query_is_read_to_its_end_whatever_its_limit() -> None:
    first = Scripted(200, {"data": [{"id": "1"}], "info": {"more_records": True}})
    side, script = crm(first, Scripted(200, {"data": [{"id": "2"}], "info": {"more_records": False}}))
    assert _ids(side.coql("select id from Deals where id is not null limit 1")) == ["1", "2"]
    assert script.sent(1) == {"select_query": "select id from Deals where id is not null limit 1, 1"}
