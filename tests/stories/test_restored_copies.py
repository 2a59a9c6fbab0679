"""Two installations on the same organisations, and a database restored from an old copy: nothing is billed twice."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Alarm, Connection, User
from invoicing.adopting import ALARM
from invoicing.models import Conversion, Invoice
from syncjobs.models import Attempt
from tests.kept_states import KeptStates
from tests.people import browser
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from zbridge.site import restored
from zbridge.site.restored import Refused

pytestmark = pytest.mark.django_db


def billed(trade: Trade, *names: str) -> list[Conversion]:
    """Sales whose drafts stand in Books."""
    rows = [trade.settled(trade.ask(trade.deal(name))) for name in names]
    assert {row.state for row in rows} == {"done"}
    return rows


def forgotten(trade: Trade) -> None:
    """As another installation, which made none of this: it knows the deals only."""
    Attempt.objects.all().delete()
    Conversion.objects.all().delete()
    Invoice.objects.all().delete()


def every_draft(trade: Trade) -> list[str]:
    """Numbers of the live invoices in Books."""
    rows = trade.simulator.verbs("books").rows(trade.simulator, "invoices")
    return [one["invoice_number"] for one in rows if one["status"] != "void"]


def read_all(trade: Trade) -> None:
    """The next readings of all that a release needs."""
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "customer", "item", "account", "contact", "product", "deal", "quote", "invoice")


def test_a_second_installation_asked_for_the_same_sale_takes_over_its_draft(trade: Trade) -> None:
    (first,) = billed(trade, "Shelves")
    before = every_draft(trade)
    deal = first.deal
    forgotten(trade)
    assert deal is not None
    second = trade.settled(trade.ask(deal))
    assert (second.state, second.key, second.invoice_number) == ("done", first.key, first.invoice_number)
    assert every_draft(trade) == before


def test_drafts_of_another_installation_are_taken_over_as_they_are_read_and_a_banner_says_so(trade: Trade) -> None:
    rows = billed(trade, "Shelves", "Racks")
    forgotten(trade)
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "invoice")
    taken = list(Conversion.objects.filter(requested_via="found").order_by("invoice_number"))
    assert [(row.key, row.invoice_number) for row in taken] == [(row.key, row.invoice_number) for row in rows]
    assert {trade.settled(row).state for row in taken} == {"done"}
    assert Alarm.objects.get(kind=ALARM, closed_at=None).sentence.startswith("Invoices in Books carry zbridge's keys")
    assert "another zbridge writes here" in browser("cy").get("/admin/").content.decode()


def test_once_somebody_knows_why_the_banner_goes_until_another_one_is_found(trade: Trade) -> None:
    billed(trade, "Shelves")
    forgotten(trade)
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "invoice")
    page = f"/admin/accounts/connection/{trade.connection.pk}/restored/"
    assert browser("ben").get(page).status_code == 403 and browser("dee").post(f"{page}explain/").status_code == 403
    assert browser("cy").post(f"{page}explain/").status_code == 303
    assert "another zbridge writes here" not in browser("cy").get("/admin/").content.decode()


def test_a_sale_that_was_about_to_begin_looks_its_invoice_up_instead(trade: Trade) -> None:
    (first,) = billed(trade, "Shelves")
    Attempt.objects.all().delete()
    Invoice.objects.all().delete()
    as_the_copy_has_it = {
        "state": "requested", "books_invoice_id": "", "invoice_number": "", "customer_id": "", "attempts": 0,
        "payload": "", "ended_at": None, "written_back_at": None, "drafted_at": None,
    }  # fmt: skip
    Conversion.objects.update(**as_the_copy_has_it)
    trade.clock.advance(400)
    read(trade.connection, trade.seams, "invoice")
    row = trade.settled(Conversion.objects.get())
    assert (row.state, row.invoice_number, row.attempts) == ("done", first.invoice_number, 0)
    assert every_draft(trade) == [first.invoice_number]


def test_a_restored_copy_writes_nothing_until_all_was_read_and_somebody_releases_it(
    trade: Trade, cy: User, kept_states: KeptStates
) -> None:
    billed(trade, "Before")
    with kept_states.rows_as_they_are():
        later = billed(trade, "Shelves", "Racks", "Lamps")
        drafts = every_draft(trade)
    assert Conversion.objects.count() == 1, "the copy knows nothing of the three"

    with pytest.raises(SystemExit, match="0"):
        call_command("restored", json=True, stdout=StringIO())
    connection = trade.connection = Connection.objects.get()
    assert connection.writes_stopped and "was restored from a copy" in browser("ben").get("/admin/").content.decode()
    with pytest.raises(Refused, match="are still to be read"):
        restored.release(connection, cy, trade.clock)

    read_all(trade)
    taken = list(Conversion.objects.filter(requested_via="found"))
    assert sorted(row.key for row in taken) == sorted(row.key for row in later)
    assert trade.settled(taken[0]).state == "drafted", "nothing is written to CRM yet"

    said = restored.release(connection, cy, trade.clock)
    assert said.startswith("Released. 3 drafts were taken over")
    assert not Connection.objects.get().writes_stopped
    assert {trade.settled(row).state for row in taken} == {"done"}
    for row in taken:
        assert row.deal is not None and trade.ask_again(row.deal).pk == row.pk
    assert every_draft(trade) == drafts


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ben", 403), ("cy", 200), ("dee", 200)])
def test_the_page_of_a_restored_copy_is_for_revops_and_the_auditor(trade: Trade, name: str, status: int) -> None:
    restored.begin(trade.connection, None, trade.clock)
    assert browser(name).get(f"/admin/accounts/connection/{trade.connection.pk}/restored/").status_code == status
