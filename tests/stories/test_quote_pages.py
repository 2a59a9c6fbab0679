"""The pages of quotes: how each stands, why, its draft beside it, the button, and the switch with its plan."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, Connection
from invoicing.models import Conversion
from tests.people import browser
from tests.stories.selling_by_quote import accept, drafts, edit, lay_quote, line, only_read, quote, read_on, switched_on
from tests.stories.small_trade import Trade

pytestmark = pytest.mark.django_db
LIST = "/admin/invoicing/quote/"


def words(name: str, path: str) -> str:
    """What that person reads there, in one line."""
    answer = browser(name).get(path)
    assert answer.status_code == 200, path
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def page(name: str, crm_id: str) -> str:
    return words(name, f"{LIST}{quote(crm_id).pk}/")


def accepted(trade: Trade, **more: Any) -> str:
    """A quote that a customer accepted while nothing bills itself."""
    crm_id = lay_quote(trade, "Q-1", **more)
    read_on(trade)
    accept(trade, crm_id)
    read_on(trade)
    return crm_id


def test_finance_presses_the_button_and_the_draft_stands_beside_the_quote_to_the_cent(trade: Trade) -> None:
    crm_id = accepted(trade, Adjustment=Decimal("-0.20"))
    said = page("ben", crm_id)
    assert "Ready: draft 237.80 EUR for Acme Ltd" in said and "No difference to the cent" in said
    assert "Lines, net 200.00 EUR 200.00 EUR" in said and "Tax 38.00 EUR 38.00 EUR" in said
    assert "Billing by itself is off." in said
    answer = browser("ben").post(f"{LIST}{quote(crm_id).pk}/draft/", {"previewed": ""})
    assert answer.status_code == 303
    trade.settled(Conversion.objects.get())
    said = page("ben", crm_id)
    assert "stands in Books" in said and "Total 237.80 EUR 237.80 EUR" in said and len(drafts(trade)) == 1


def test_both_discounts_are_shown_where_they_went(trade: Trade) -> None:
    crm_id = accepted(trade, Quoted_Items=[line(trade, 2, 100, 20)], Discount=Decimal(10))
    said = page("ben", crm_id)
    assert "Document discount -10.00 EUR 0.00 EUR differs" in said and "Adjustment 0.00 EUR -10.00 EUR differs" in said
    assert "Total 204.20 EUR 204.20 EUR" in said


def test_a_quote_edited_after_acceptance_says_what_and_finance_bills_it_with_a_reason(trade: Trade) -> None:
    crm_id = accepted(trade)
    edit(trade, crm_id, Discount=Decimal(10))
    read_on(trade)
    said = page("ben", crm_id)
    assert "was edited after it was accepted (document discount 10.00 EUR instead of 0.00 EUR" in said
    place = f"{LIST}{quote(crm_id).pk}/draft/"
    browser("ben").post(place, {"waived": "quote_edited", "reason": ""})
    browser("ada").post(place, {"waived": "quote_edited", "reason": "please"})
    assert not Conversion.objects.exclude(state="refused").exists()
    browser("ben").post(place, {"waived": "quote_edited", "reason": "The customer wrote so"})
    row = trade.settled(Conversion.objects.exclude(state="refused").get())
    assert (row.state, row.bill_anyway) == ("done", "The customer wrote so") and len(drafts(trade)) == 1


def test_what_people_may_press(trade: Trade) -> None:
    crm_id = accepted(trade)
    place = f"{LIST}{quote(crm_id).pk}/"
    assert "Create draft invoice" in page("ben", crm_id) and "Create draft invoice" not in page("dee", crm_id)
    assert [browser(name).post(f"{place}draft/").status_code for name in ("dee", "cy", "ada")] == [403, 403, 404]
    assert browser("ada").get(place).status_code == 404


def test_the_list_says_how_each_quote_stands_and_why(trade: Trade) -> None:
    old, late, fine = (lay_quote(trade, number) for number in ("Q-1", "Q-2", "Q-3"))
    edit(trade, late, Valid_Till="2026-11-20")
    switched_on(trade)
    accept(trade, late, fine)
    read_on(trade)
    said = words("ben", f"{LIST}?tab=all")
    assert f"Draft {Conversion.objects.get(state='done').invoice_number}" in said and "Not accepted" in said
    assert "Q-2" in words("ben", f"{LIST}?tab=accepted") and "Was valid till 20 November 2026" in said
    assert "Q-3" not in words("ben", f"{LIST}?tab=attention") and "Q-3" in words("ben", f"{LIST}?tab=billed")
    assert quote(old).accepted_seen_at is None


def test_list_and_page_cost_the_same_queries_however_many_quotes_there_are(trade: Trade) -> None:
    crm_id = accepted(trade)
    client = browser("ben")

    def queries(path: str) -> int:
        with CaptureQueriesContext(database) as found:
            assert client.get(path).status_code == 200
        return len(found)

    paths = [f"{LIST}?tab=all", f"{LIST}?tab=attention", f"{LIST}{quote(crm_id).pk}/", "/admin/invoicing/automatic/1/"]
    paths[-1] = f"/admin/invoicing/automatic/{trade.connection.pk}/?plan=quotes"
    queries(paths[0])
    before = [queries(path) for path in paths]
    more = [lay_quote(trade, f"Q-{number}", quantity=number) for number in range(2, 12)]
    read_on(trade)
    accept(trade, *more)
    read_on(trade)
    assert [queries(path) for path in paths] == before and before[0] <= 13


# -- the switch --------------------------------------------------------------------------------------------------------


def test_cy_sees_the_plan_first_then_starts_and_ben_stops_in_one_click(trade: Trade) -> None:
    accepted(trade)
    place = f"/admin/invoicing/automatic/{trade.connection.pk}/"
    assert "Off" in words("cy", place) and "Start" not in words("cy", place)
    plan = words("cy", f"{place}?plan=quotes")
    assert "Switched on now, it makes 0 drafts" in plan and "Start: Accepted quotes bill themselves" in plan
    assert "1 would have made a draft (238.00 EUR)" in plan
    assert browser("ben").post(f"{place}start/", {"what": "quotes"}).status_code == 403
    assert browser("cy").post(f"{place}start/", {"what": "quotes"}).status_code == 303
    assert Connection.objects.get().bill_quotes_since is not None
    for path in ("/admin/", LIST, place):
        assert re.search(r"Stop (billing|everything)", words("ben", path)), path
    assert "Stop billing by itself" in words("cy", f"/admin/accounts/connection/{trade.connection.pk}/")
    assert browser("ada").post(f"{place}stop/").status_code == 403
    assert browser("ben").post(f"{place}stop/").status_code == 303
    assert Connection.objects.get().bill_quotes_since is None
    said = words("dee", place)
    assert "Accepted quotes bill themselves from now on" in said and "no longer bill themselves" in said
    assert list(AuditEvent.objects.filter(verb="automatic").order_by("pk").values_list("actor", flat=True)) == [
        "cy",
        "ben",
    ]


def test_without_go_live_it_is_not_switched_on(trade: Trade) -> None:
    Connection.objects.update(go_live=None)
    browser("cy").post(f"/admin/invoicing/automatic/{trade.connection.pk}/start/", {"what": "quotes"})
    browser("cy").post(f"/admin/invoicing/automatic/{trade.connection.pk}/start/", {"what": "no such pipeline"})
    row = Connection.objects.get()
    assert row.bill_quotes_since is None and row.bill_pipelines == {}


def test_a_person_s_click_on_a_waiting_automatic_draft_is_rung_on_the_clicks_own_queue(
    trade: Trade, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm_id = lay_quote(trade, "Q-1")
    switched_on(trade)
    accept(trade, crm_id)
    trade.clock.advance(300)
    only_read(trade)
    rung: list[tuple[object, ...]] = []
    monkeypatch.setattr("invoicing.services.ring", lambda *told, **more: rung.append((*told, more)))
    browser("ben").post(f"{LIST}{quote(crm_id).pk}/draft/")
    assert rung == [("invoicing.tasks.work_conversion", Conversion.objects.get().pk, {})]
