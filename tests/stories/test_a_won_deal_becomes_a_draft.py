"""Ada presses Create draft invoice: what stands in Books, on the deal in CRM, and on the page (ui.md 3, 1-10)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Connection, Notice, User
from invoicing import deciding, pages
from invoicing.models import Conversion, Deal
from syncjobs.models import Link, Record
from tests.stories.conftest import finished
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

Press = Callable[..., Conversion]
Find = Callable[[str], Deal]
pytestmark = pytest.mark.django_db(transaction=True)


def in_books(zoho: Simulator, row: Conversion) -> dict[str, Any]:
    assert row.books_invoice_id, (row.state, row.problems, row.hold)
    found = zoho.verbs("books").read(zoho, "invoices", row.books_invoice_id)
    assert found is not None
    return found


def in_crm(zoho: Simulator, deal: Deal) -> dict[str, Any]:
    return zoho.store.get("crm", "Deals", deal.crm_id) or {}


def causes(row: Conversion) -> list[str]:
    return [str(problem["cause"]) for problem in row.problems]


def test_the_warehouse_fit_out_of_acme_becomes_one_draft(press: Press, deal: Find, zoho: Simulator, ada: User) -> None:
    row = press(deal("Warehouse fit-out"), ada)
    invoice = in_books(zoho, row)
    assert (row.state, row.total) == ("done", Decimal("14851.20")), (row.problems, row.hold)
    assert (invoice["status"], len(invoice["line_items"])) == ("draft", 4)
    assert Decimal(str(invoice["total"])) == Decimal("14851.20")


def test_the_draft_has_customer_lines_reference_and_terms_without_a_word_typed(
    press: Press, deal: Find, zoho: Simulator
) -> None:
    """S2, S21"""
    invoice = in_books(zoho, press(deal("Warehouse fit-out")))
    lines = [(int(line["quantity"]), int(line["rate"])) for line in invoice["line_items"]]
    assert sorted(lines) == [(1, 1200), (8, 175), (12, 640), (40, 55)]
    assert invoice["customer_name"] == "Acme Ltd" and invoice["reference_number"] == "Warehouse fit-out"
    assert all(line["tax_percentage"] == 19 for line in invoice["line_items"]) and invoice["due_date"]


def test_number_status_and_link_stand_on_the_crm_deal(
    press: Press, deal: Find, zoho: Simulator, company: Connection
) -> None:
    """S23"""
    row = press(deal("Warehouse fit-out"))
    names = company.crm_fields
    found = in_crm(zoho, row.deal) if row.deal else {}
    assert (found[names["number"]], found[names["status"]]) == (row.invoice_number, "Draft")
    assert row.books_invoice_id in str(found[names["link"]])


def test_books_sends_nothing_and_finance_is_told_once(press: Press, deal: Find, zoho: Simulator) -> None:
    """S22"""
    press(deal("Warehouse fit-out"))
    press(deal("Warehouse fit-out"))
    assert zoho.store.setting("mails", []) == []
    assert Notice.objects.filter(event__startswith="drafted:").count() == 1


def test_pressing_again_shows_the_same_draft(press: Press, deal: Find, zoho: Simulator) -> None:
    first, second = press(deal("Warehouse fit-out")), press(deal("Warehouse fit-out"))
    assert first.pk == second.pk


def test_a_product_without_item_stops_and_linking_it_lets_the_draft_through(
    press: Press, deal: Find, ada: User, clock: SteppedClock, company: Connection
) -> None:
    """2: Northgate's WID-9; the best match is named, no line is dropped"""
    row = press(deal("Spare parts"), ada)
    assert (row.state, causes(row)) == ("refused", ["product_unmapped"])
    values = row.problems[0]["values"]
    assert values["item"] == "WID 9"
    deciding.link_product(deal("Spare parts"), values["product_id"], values["item_id"], ada, clock)
    row = press(deal("Spare parts"), ada)
    assert (row.state, row.total) == ("done", Decimal("1630.30"))


def test_two_customers_with_one_email_are_for_a_person(
    press: Press, deal: Find, zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    """3: Lumen Studio; nothing is guessed, nothing created, and Ben's choice lets it through"""
    before = zoho.store.count(str(zoho.store.setting("books_organization_id")), "contacts")
    lumen = Deal.objects.get(account_name__startswith="Lumen", outcome="won")
    row = press(lumen)
    assert (row.state, causes(row), len(row.candidates)) == ("review", ["customer_uncertain"], 2)
    assert zoho.store.count(str(zoho.store.setting("books_organization_id")), "contacts") == before
    deciding.choose_customer(row, row.candidates[0]["id"], ben, clock)
    assert finished(row, clock).state == "done"


def test_a_name_alone_is_only_a_suggestion(press: Press, deal: Find) -> None:
    """4: Café Müller & Söhne, in Books as Cafe Mueller und Soehne without e-mail"""
    row = press(Deal.objects.get(account_name__startswith="Café Müller", outcome="won"))
    assert row.state == "review"
    assert "same name" in row.candidates[0]["reasons"] and "same tax number" in " ".join(row.candidates[0]["reasons"])


def test_spaces_and_capitals_in_an_email_change_nothing(press: Press) -> None:
    """5: Orchard Foods"""
    row = press(Deal.objects.get(account_name__startswith="Orchard", outcome="won", won_on__gte="2026-10-01"))
    assert row.state == "done", (row.problems, row.hold)


def test_a_customer_not_in_books_is_created_once(press: Press, zoho: Simulator, company: Connection) -> None:
    """6: Fjord Analytics AS"""
    row = press(Deal.objects.get(account_name__startswith="Fjord", outcome="won"))
    found = [one for one in zoho.verbs("books").rows(zoho, "contacts") if str(one["contact_name"]).startswith("Fjord")]
    assert (row.state, len(found)) == ("done", 1)
    assert Link.objects.get(connection=company, books_id=found[0]["contact_id"]).how == "created"


def test_a_contact_without_account_is_billed_too(press: Press) -> None:
    """6: Mara Oduya"""
    row = press(Deal.objects.get(account_id="", contact_name__startswith="Mara"))
    assert (row.state, row.customer_name) == ("done", "Mara Oduya")


def test_a_sale_billed_by_hand_is_attached_instead_of_billed_again(
    press: Press, ada: User, clock: SteppedClock, zoho: Simulator, company: Connection
) -> None:
    """7: Delta Foods"""
    june = Deal.objects.get(name="June order")
    row = press(june, ada)
    assert row.state == "refused" and causes(row)[0] in ("billed_outside", "maybe_billed_outside")
    assert row.problems[0]["values"]["invoice"] == "INV-000061"
    attached = finished(deciding.attach(june, row.problems[0]["values"]["invoice_id"], ada, clock), clock)
    assert attached.state == "done" and in_crm(zoho, june)[company.crm_fields["number"]] == "INV-000061"


def test_the_german_pipeline_is_won_by_what_its_stage_means(press: Press) -> None:
    """9: Weber Logistik; S17"""
    won = press(Deal.objects.get(account_name__startswith="Weber", stage="Gewonnen", amount__gt=0))
    assert won.state == "done", (won.problems, won.hold)
    negotiating = press(Deal.objects.get(account_name__startswith="Weber", stage="Verhandlung"))
    assert (negotiating.state, causes(negotiating)) == ("refused", ["not_won"])


def test_a_free_pilot_is_not_billed(press: Press) -> None:
    row = press(Deal.objects.get(name="Free pilot"))
    assert row.state == "refused" and "not_positive" in causes(row)


def test_a_dollar_deal_of_a_euro_customer_is_refused(press: Press) -> None:
    """10: Pacific Gear"""
    row = press(Deal.objects.get(account_name__startswith="Pacific", outcome="won"))
    assert (row.state, causes(row)) == ("refused", ["customer_currency"])


def test_a_dollar_deal_of_a_dollar_customer_is_billed_in_dollars(press: Press, zoho: Simulator) -> None:
    """10: Sierra Labs; Books' own rate"""
    row = press(Deal.objects.get(account_name__startswith="Sierra", outcome="won"))
    assert (row.state, row.currency) == ("done", "USD"), (row.problems, row.hold)
    assert Decimal(str(in_books(zoho, row)["exchange_rate"])) == Decimal("0.9")


def test_a_deal_changed_after_its_preview_is_not_billed_unseen(
    press: Press, deal: Find, ada: User, clock: SteppedClock, zoho: Simulator
) -> None:
    shown = pages.deal_page(deal("Warehouse fit-out"), ada, clock)
    zoho.user_update("crm", "Deals", deal("Warehouse fit-out").crm_id, {"Amount": 12000})
    row = press(deal("Warehouse fit-out"), ada, previewed=shown.digest)
    assert (row.state, causes(row)) == ("refused", ["changed_since_preview"])


def test_a_known_customer_costs_few_calls(press: Press, deal: Find, zoho: Simulator) -> None:
    """design 7: 1-2 Books + 2 CRM"""
    press(deal("Warehouse fit-out"))
    acme = Deal.objects.filter(account_name__startswith="Acme", outcome="won").exclude(name="Warehouse fit-out").first()
    assert Record.objects.filter(name="Acme Ltd", kind="customer").exists()
    last = zoho.log.last
    row = press(acme or deal("Warehouse fit-out"))
    paths = [entry["path"].split("/")[1] for entry in zoho.log.since(last)]
    if acme is not None and row.state == "done":
        assert paths.count("books") <= 2 and paths.count("crm") == 2
