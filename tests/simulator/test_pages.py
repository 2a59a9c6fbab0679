"""The simulator's own pages: everything in them is escaped, the deep links open, the buttons do what they say."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.simulator.build import build, lay_world
from zbridge.simulator.wire import Request, Response, request_of

pytestmark = pytest.mark.pure


@pytest.fixture(scope="module")
def laid() -> Simulator:
    sim = build(clock=SteppedClock(datetime(2026, 11, 25, 9, tzinfo=UTC)))
    lay_world(sim)
    sim.store.snapshot("laid")
    return sim


@pytest.fixture
def sim(laid: Simulator) -> Iterator[Simulator]:
    yield laid
    laid.store.restore("laid")


def page(sim: Simulator, target: str) -> str:
    answer = sim.respond(request_of("GET", target, {}, b""))
    assert answer.status == 200, answer.body
    return answer.body.decode()


def press(sim: Simulator, path: str, **fields: str) -> Response:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return sim.respond(Request("POST", path, {}, headers, urlencode(fields).encode()))


def found(sim: Simulator, side: str, module: str, key: str, name: str, value: str) -> str:
    return str(next(row[key] for row in sim.verbs(side).rows(sim, module) if row[name] == value))


def invoice(sim: Simulator, number: str) -> str:
    return found(sim, "books", "invoices", "invoice_id", "invoice_number", number)


def test_the_first_page_says_what_it_is_and_counts_both_systems(sim: Simulator) -> None:
    text = page(sim, "/")
    assert "plays Zoho CRM and Zoho Books" in text and "/ui/books/invoices" in text and "+1 day" in text


def test_a_deal_opens_at_its_deep_link_with_its_lines_and_stages(sim: Simulator) -> None:
    text = page(sim, f"/ui/crm/Deals/{found(sim, 'crm', 'Deals', 'id', 'Deal_Name', 'Warehouse fit-out')}")
    assert "Pallet rack bay" in text and "Negotiation/Review" in text and "Acme Ltd" in text


def test_what_people_typed_is_escaped(sim: Simulator) -> None:
    sim.user_create("crm", "Accounts", {"Account_Name": "<script>alert(1)</script>"})
    text = page(sim, "/ui/crm/Accounts?q=%3Cscript%3E")
    assert "&lt;script&gt;alert(1)" in text and "<script" not in text


def test_a_list_is_searched_and_paged(sim: Simulator) -> None:
    assert "Q-1043" in page(sim, "/ui/crm/Quotes?q=q-1043") and "Q-1042" not in page(sim, "/ui/crm/Quotes?q=q-1043")
    assert "page=2" in page(sim, "/ui/books/invoices") and "INV-000001" in page(sim, "/ui/books/invoices?page=2")


def test_the_other_organisation_can_be_looked_at(sim: Simulator) -> None:
    second = sim.store.setting("second_books_organization_id")
    assert "<strong>Brightwater Inc</strong>" in page(sim, f"/ui/books/contacts?org={second}")


def test_a_quote_is_accepted_by_one_press(sim: Simulator) -> None:
    quote = found(sim, "crm", "Quotes", "id", "Quote_Number", "Q-1042")
    assert press(sim, f"/ui/crm/Quotes/{quote}", Quote_Stage="Accepted").status == 303
    assert "Accept quote" not in page(sim, f"/ui/crm/Quotes/{quote}")


def test_an_invoice_is_paid_and_voided(sim: Simulator) -> None:
    here = f"/ui/books/invoices/{invoice(sim, 'INV-000061')}"
    press(sim, f"{here}/pay", amount="3800", date="2026-11-25")
    assert "partially paid" in page(sim, here) and "8.00" in page(sim, here)
    press(sim, f"{here}/void")
    assert ">void<" in page(sim, here)


def test_a_draft_is_deleted(sim: Simulator) -> None:
    here = f"/ui/books/invoices/{invoice(sim, 'INV-000063')}"
    assert "Delete draft" in page(sim, here) and press(sim, f"{here}/delete").status == 303
    assert sim.respond(request_of("GET", here, {}, b"")).status == 404


def test_a_customers_email_is_typed_into_its_contact_person(sim: Simulator) -> None:
    id = found(sim, "books", "contacts", "contact_id", "contact_name", "Cafe Mueller und Soehne")
    press(sim, f"/ui/books/contacts/{id}", email="office@cafe.example")
    assert found(sim, "books", "contacts", "contact_id", "email", "office@cafe.example") == id


def test_what_is_refused_is_told(sim: Simulator) -> None:
    deal = found(sim, "crm", "Deals", "id", "Deal_Name", "Warehouse fit-out")
    assert "Not%20done" in press(sim, f"/ui/crm/Deals/{deal}", Amount="much").headers["Location"]


def test_the_clock_and_the_sides_follow_their_buttons(sim: Simulator) -> None:
    press(sim, "/ui/control/day")
    press(sim, "/ui/control/books", to="off")
    assert "Thu 26 Nov 2026" in page(sim, "/") and "Books on" in page(sim, "/")
    assert sim.respond(request_of("GET", "/books/v3/organizations", {}, b"")).status == 503


def test_another_sites_page_can_not_press_a_button(sim: Simulator) -> None:
    foreign = {"origin": "http://elsewhere.example", "host": "127.0.0.1:8900"}
    assert sim.respond(Request("POST", "/ui/control/revoke", {}, foreign)).status == 403


def test_a_customer_is_merged_on_the_page_of_the_one_that_stays(sim: Simulator) -> None:
    stays, goes = (
        found(sim, "books", "contacts", "contact_id", "contact_name", name)
        for name in ("Lumen Studio GmbH", "Lumen Studio Leipzig")
    )
    text = page(sim, f"/ui/books/contacts/{stays}")
    options = [part.split("<")[0] for part in text.split("</option>")[0:3]]
    assert options and f'value="{goes}"' in text and "Pacific Gear USD" not in text
    assert press(sim, f"/ui/books/contacts/{stays}/take", loser=goes).headers["Location"].endswith("Done.")
    assert sim.respond(request_of("GET", f"/ui/books/contacts/{goes}", {}, b"")).status == 404
    usd = sim.verbs("books").rows(sim, "contacts")
    other = next(row["contact_id"] for row in usd if row["currency_code"] == "USD")
    assert "Not%20done" in press(sim, f"/ui/books/contacts/{stays}/take", loser=other).headers["Location"]
