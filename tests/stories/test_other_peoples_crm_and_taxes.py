"""Organisations unlike the demo's: Indian taxes, tax groups, other columns, another payer, several locations."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.books_money import read_taxes
from accounts.connecting import keep_settings
from accounts.models import Connection, User
from accounts.organisations import choose_organisation
from accounts.readiness import check
from invoicing.models import Conversion, Deal
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from tests.stories.test_breadth_of_documents import deal_of, organisation, shelves

pytestmark = pytest.mark.django_db


def anew(trade: Trade) -> Connection:
    """The organisation chosen and checked again, as after a change of its settings."""
    choose_organisation(trade.connection, trade.connection.books_org_id, None, trade.seams)
    check(trade.connection, trade.seams)
    trade.connection.refresh_from_db()
    return trade.connection


def tax(trade: Trade, name: str, percentage: int, kind: str = "", parts: tuple[str, ...] = ()) -> str:
    row: dict[str, Any] = {"tax_name": name, "tax_percentage": Decimal(percentage), "tax_specific_type": kind}
    row |= {"tax_type": "tax_group", "taxes": list(parts)} if parts else {}
    return str(trade.simulator.user_create("books", "taxes", row)["tax_id"])


def in_india(trade: Trade, place: str) -> str:
    """Brightwater of Chennai sells shelves at GST18 to a customer there or elsewhere; the integrated tax's id."""
    organisation(trade, country="India", version="india", state_code="TN")
    halves = tax(trade, "CGST9", 9, "cgst"), tax(trade, "SGST9", 9, "sgst")
    within, between = tax(trade, "GST18", 18, parts=halves), tax(trade, "IGST18", 18, "igst")
    (item,) = trade.simulator.verbs("books").rows(trade.simulator, "items")
    trade.simulator.user_update("books", "items", item["item_id"], {"tax_id": within})
    customer = trade.customers("Acme Ltd")[0]["contact_id"]
    registered = {"gst_treatment": "business_gst", "place_of_contact": place}
    trade.simulator.user_update("books", "contacts", customer, registered)
    anew(trade)
    read(trade.connection, trade.seams, "item", "customer")
    return between


def billed(trade: Trade, name: str = "Shelves") -> tuple[Conversion, Mapping[str, Any]]:
    row = trade.settled(trade.ask(trade.deal(name)))
    (draft,) = trade.drafts(row)
    return row, draft


def test_inside_a_state_both_halves_are_charged(trade: Trade) -> None:
    in_india(trade, "TN")
    row, draft = billed(trade)
    assert [(one["tax_name"], one["tax_amount"]) for one in draft["taxes"]] == [("CGST9 (9%)", 18), ("SGST9 (9%)", 18)]
    assert row.state == "done" and Decimal(str(draft["total"])) == 236 and row.needs_finance == ""


def test_across_a_border_the_integrated_tax_is_charged_instead_of_the_item_s(trade: Trade) -> None:
    between = in_india(trade, "KA")
    row, draft = billed(trade)
    assert [one["tax_id"] for one in draft["line_items"]] == [between]
    assert Decimal(str(draft["total"])) == 236 and row.needs_finance == ""


def test_a_customer_without_a_place_of_supply_stops_and_goes_on_once_it_is_set(trade: Trade) -> None:
    in_india(trade, "")
    row = trade.settled(trade.ask(trade.deal("Shelves")))
    assert row.state == "refused" and "Acme Ltd has none in Books" in row.problems[0]["message"]
    customer = trade.customers("Acme Ltd")[0]["contact_id"]
    trade.clock.advance(60)
    trade.simulator.user_update("books", "contacts", customer, {"place_of_contact": "KA"})
    read(trade.connection, trade.seams, "customer")
    assert row.deal is not None
    assert trade.settled(trade.ask(row.deal)).state == "done"


def test_a_tax_group_is_known_with_its_parts(trade: Trade) -> None:
    rows = read_taxes(trade.seams.clients(trade.connection))
    (group,) = [row for row in rows if row["parts"]]
    assert sum(Decimal(part["percentage"]) for part in group["parts"]) == Decimal(group["percentage"]) == 8


# -- lines in other columns --------------------------------------------------------------------------------------------


def other_columns(trade: Trade) -> None:
    """This CRM's lines say Count and Net Price; Quantity and Rate are there and mean something else."""
    specs = [{"field_label": "Count", "data_type": "double"}, {"field_label": "Net Price", "data_type": "currency"}]
    crm = trade.seams.clients(trade.connection).crm
    crm.create_fields("Deal_Lines", specs)
    names = {row["field_label"]: row["api_name"] for row in crm.fields("Deal_Lines")}
    columns = {"product": "Product", "quantity": names["Count"], "rate": names["Net Price"], "order": "Sequence_Number"}
    keep_settings(trade.connection, {"subform_columns": columns}, None, trade.clock)


def renamed(trade: Trade, count: int, price: int) -> list[dict[str, Any]]:
    quantity, rate = (trade.connection.subform_columns[name] for name in ("quantity", "rate"))
    return [line | {quantity: count, rate: price, "Quantity": 99} for line in shelves(trade, 1)]


def test_lines_are_read_from_the_columns_that_were_chosen_by_id_and_in_a_listing(trade: Trade) -> None:
    other_columns(trade)
    deal = trade.read_deal(deal_of(trade, "Renamed", renamed(trade, 3, 40), 120))
    kept = deal.lines
    Deal.objects.all().delete()
    (run,) = read(trade.connection, trade.seams, "deal")
    listed = Deal.objects.get(crm_id=deal.crm_id)
    assert run.state == "complete" and listed.lines == kept
    row = trade.settled(trade.ask(listed))
    (draft,) = trade.drafts(row)
    assert [(one["quantity"], one["rate"]) for one in draft["line_items"]] == [(3, 40)]


def test_lines_kept_from_other_columns_count_as_unread_until_they_are_read_anew(trade: Trade) -> None:
    deal = trade.deal("Shelves")
    assert deal.lines
    other_columns(trade)
    deal.refresh_from_db()
    assert deal.lines is None
    read(trade.connection, trade.seams, "deal")
    deal.refresh_from_db()
    assert deal.lines == [{"Product": {"id": trade.ids["product"]}, **dict.fromkeys(
        (trade.connection.subform_columns["quantity"], trade.connection.subform_columns["rate"])
    ), "Sequence_Number": "1"}]  # fmt: skip


def test_the_columns_are_chosen_on_the_connection_s_page(trade: Trade, cy: User, client: Client) -> None:
    client.force_login(cy)
    row = trade.connection
    check(row, trade.seams)
    shown = client.get(f"/admin/accounts/connection/{row.pk}/").content.decode()
    assert "Column of the deal&#x27;s lines: Quantity" in shown or "Column of the deal's lines: Quantity" in shown
    wanted = {
        "go_live": "2026-10-01", "amounts": "net", "ladder": "subform,quote,amount", "subform": "Deal_Lines",
        "column_product": "Product", "column_quantity": "Discount", "column_rate": "Rate", "reference": "quote",
        "price_policy": "sale", "both_discounts": "adjust", "outside_window_days": "90", "location_id": "12x",
    }  # fmt: skip
    refused = client.post(f"/admin/accounts/connection/{row.pk}/settings/", wanted)
    assert refused.status_code == 400 and "id is digits only" in refused.content.decode()
    kept = client.post(f"/admin/accounts/connection/{row.pk}/settings/", wanted | {"location_id": "12"})
    row.refresh_from_db()
    assert kept.status_code == 302 and row.subform_columns["quantity"] == "Discount" and row.location_id == "12"
    assert "tax" not in row.subform_columns and row.subform_columns["order"] == "Sequence_Number"


# -- another payer, several locations, a credit limit ------------------------------------------------------------------


def with_payer(trade: Trade) -> str:
    """Deals of this CRM name who pays; its id."""
    spec = {"field_label": "Payer", "data_type": "lookup", "lookup": {"module": {"api_name": "Accounts"}}}
    crm = trade.seams.clients(trade.connection).crm
    crm.create_fields("Deals", [spec])
    name = next(row["api_name"] for row in crm.fields("Deals") if row["field_label"] == "Payer")
    keep_settings(trade.connection, {"bill_to_field": name}, None, trade.clock)
    return str(trade.simulator.user_create("crm", "Accounts", {"Account_Name": "Harbour Holding"})["id"])


def test_the_account_that_pays_is_billed_and_the_draft_does_not_count_as_moved(trade: Trade) -> None:
    payer = with_payer(trade)
    paid_by_another = trade.deal("Racks")
    trade.simulator.user_update("crm", "Deals", paid_by_another.crm_id, {trade.connection.bill_to_field: {"id": payer}})
    read(trade.connection, trade.seams, "account", "deal")
    paid_by_another.refresh_from_db()
    row = trade.settled(trade.ask(paid_by_another))
    assert row.state == "done" and row.customer_name == "Harbour Holding"
    read(trade.connection, trade.seams, "deal", "invoice")
    row.refresh_from_db()
    assert row.drift == ""
    row, draft = billed(trade, "Shelves")
    assert row.customer_name == "Acme Ltd" and draft["contact_persons"], "without a payer the account is billed"


def test_drafts_are_made_at_the_location_that_was_chosen_and_a_wrong_one_is_said(trade: Trade) -> None:
    organisation(trade, locations=["460000000038080", "460000000038999"])
    keep_settings(trade.connection, {"location_id": "460000000038999"}, None, trade.clock)
    assert billed(trade)[1]["location_id"] == "460000000038999"
    keep_settings(trade.connection, {"location_id": "1"}, None, trade.clock)
    row = trade.settled(trade.ask(trade.deal("Racks")))
    assert row.state == "refused" and "location" in row.problems[0]["message"].lower()


def test_the_credit_limit_stands_beside_the_total_once_books_told_it(trade: Trade, ben: User, client: Client) -> None:
    customer = trade.customers("Acme Ltd")[0]["contact_id"]
    trade.simulator.user_update("books", "contacts", customer, {"credit_limit": 100})
    read(trade.connection, trade.seams, "customer")
    billed(trade)
    ben.is_staff = True
    ben.save()
    client.force_login(ben)
    page = client.get(f"/admin/invoicing/deal/{trade.deal('Racks').pk}/").content.decode()
    assert "owes 0.00 EUR of a credit limit of 100.00 EUR; with this draft that is 138.00 EUR beyond it." in page
