"""What Books knows of money stands on CRM's accounts and deals: after one run, only when changed, by the hundred."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.clients import Seams
from accounts.connecting import stop_writes
from accounts.figure_fields import ACCOUNT, DEAL
from accounts.models import Connection, CrmField, User
from accounts.own_fields import make_fields
from accounts.readiness import check
from invoicing import balances, noticing, pushing
from invoicing.feeds import INVOICES
from invoicing.models import Conversion, Invoice, Written
from invoicing.tasks import workbench
from syncjobs.linking import link_customers
from syncjobs.models import Entry, Link, Problem, Record, Run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from zbridge.clock import SteppedClock
from zbridge.simulator import crm_records
from zbridge.simulator.app import Simulator
from zbridge.simulator.crm_custom_fields import delete_field
from zbridge.simulator.crm_values import Fault
from zbridge.site.sweep import free, work_everything
from zbridge.zoho.gate import Priority

pytestmark = pytest.mark.django_db(transaction=True)
MONEY = ("invoice", "payment", "creditnote", "customer")


class House:
    """One organisation whose figures go back to CRM."""

    def __init__(self, connection: Connection, zoho: Simulator, clock: SteppedClock, found: Seams) -> None:
        self.connection = connection
        self.zoho = zoho
        self.clock = clock
        self.found = found

    def push(self) -> Run | None:
        """What the next sweep writes to CRM; None when it finds nothing to do."""
        self.connection.refresh_from_db()
        if not pushing.start_due(self.connection, self.clock):
            return None
        run = Run.objects.filter(kind="figures").latest("pk")
        return work_to_end(run, bulk_reader())

    def read_money(self) -> None:
        """The next readings of Books, and a look at the balances of those whose documents moved."""
        self.clock.advance(400)
        read(self.connection, self.found, *MONEY)
        balances.look(self.connection, workbench(Priority.POLL))
        self.clock.advance(150)
        balances.look(self.connection, workbench(Priority.POLL))
        for run in Run.objects.filter(kind="customer", ended_at=None):
            work_to_end(run, bulk_reader())
            balances.look(self.connection, workbench(Priority.POLL))

    def account(self, name: str) -> dict[str, Any]:
        """An account's figures as CRM has them, by what they mean."""
        crm_id = Record.objects.get(connection=self.connection, kind="account", name=name).remote_id
        row = self.zoho.verbs("crm").read(self.zoho, "Accounts", crm_id) or {}
        names = self.connection.crm_fields
        return {one.figure: row.get(names[one.key]) for one in ACCOUNT if names.get(one.key)}

    def deal(self, crm_id: str) -> dict[str, Any]:
        """The same of a deal."""
        row = self.zoho.verbs("crm").read(self.zoho, "Deals", crm_id) or {}
        names = self.connection.crm_fields
        return {one.key: row.get(names[one.key]) for one in DEAL if names.get(one.key)}

    def crm_id(self, name: str) -> str:
        return Record.objects.get(connection=self.connection, kind="account", name=name).remote_id

    def writes(self, module: str = "Accounts") -> list[dict[str, Any]]:
        """The calls that wrote to that module of CRM."""
        path = f"/crm/v8/{module}"
        return [one for one in self.zoho.log.since(0) if (one["method"], one["path"]) == ("PUT", path)]

    def pay(self, number: str, amount: str) -> None:
        """The customer pays in Books."""
        invoice = Invoice.objects.get(connection=self.connection, number=number)
        self.zoho.act("books", "invoices", invoice.books_id, "pay", {"amount": Decimal(amount)})


@pytest.fixture
def house(company: Connection, zoho: Simulator, clock: SteppedClock, reaching: Callable[[Simulator], Seams]) -> House:
    """Brightwater, whose figures stand in CRM already."""
    found = House(company, zoho, clock, reaching(zoho))
    link_customers(company, clock)
    found.read_money()
    run = found.push()
    assert run is not None and run.state == "complete", run and run.sentence
    return found


def open_invoice_of(house: House, name: str) -> Invoice:
    customer = Link.objects.get(connection=house.connection, pair="customer", crm_id=house.crm_id(name)).books_id
    return Invoice.objects.filter(customer_id=customer, balance__gt=0).exclude(status="draft").latest("due_on")


def test_acme_s_account_shows_what_it_owes_and_when_it_last_paid(house: House) -> None:
    found = house.account("Acme Ltd")
    assert (found["outstanding"], found["overdue_count"], found["overdue"]) == (4500, 2, 3900)
    assert (found["status"], found["currency"], found["last_paid"]) == ("Overdue", "EUR", 1200)
    assert found["summary"] == "EUR 4,500.00 (2 overdue, 3,900.00)"
    assert found["last_paid_on"] == "2026-11-05" and found["as_of"].startswith("2026-11-25")


def test_looking_whether_anything_moved_costs_a_few_questions_by_index(house: House) -> None:
    with CaptureQueriesContext(database) as asked:
        assert not pushing.start_due(house.connection, house.clock)
    assert len(asked) <= 12
    if database.vendor == "sqlite":
        plans = [
            noticing._moved(house.connection, house.clock.now()),
            pushing.rows_due(house.connection, house.clock, "deal"),
        ]
        assert ["receivable_to_hand_on" in plans[0].explain(), "figures_due" in plans[1].explain()] == [True, True]


def test_a_second_look_with_nothing_changed_writes_nothing(house: House) -> None:
    before = len(house.writes())
    assert house.push() is None
    house.read_money()
    assert house.push() is None and len(house.writes()) == before


def test_paid_in_books_shows_paid_and_zero_after_one_run(house: House) -> None:
    solway = open_invoice_of(house, "Solway Marine")
    assert house.account("Solway Marine")["status"] == "Open"
    house.pay(solway.number, "1020")
    house.read_money()
    before = house.account("Acme Ltd")
    run = house.push()
    assert run is not None and (run.updated, run.calls_books) == (1, 0)
    found = house.account("Solway Marine")
    assert (found["outstanding"], found["status"], found["last_paid"]) == (0, "Paid", 1020)
    assert house.account("Acme Ltd") == before, "an account in which nothing changed keeps its as of"


def test_solway_goes_overdue_at_midnight_in_berlin_with_no_change_in_books(house: House) -> None:
    assert house.account("Solway Marine")["overdue_count"] == 0
    house.clock.advance((datetime(2026, 11, 25, 22, 59, tzinfo=UTC) - house.clock.now()).total_seconds())
    house.push()
    assert house.account("Solway Marine")["overdue_count"] == 0
    asked, writes = len(house.zoho.log.since(0)), len(house.writes())
    house.clock.advance(60)
    run = house.push()
    assert run is not None and run.calls_books == 0
    assert (house.account("Solway Marine")["overdue_count"], house.account("Solway Marine")["status"]) == (1, "Overdue")
    assert len(house.writes()) == writes + 1 and len(house.zoho.log.since(0)) <= asked + 3
    assert house.push() is None


def test_workflows_of_crm_fire_only_where_somebody_switched_that_on(house: House) -> None:
    assert {str(one["body"]["trigger"]) for one in house.writes()} == {"[]"}
    Connection.objects.update(fire_workflows=True)
    house.pay(open_invoice_of(house, "Solway Marine").number, "20")
    house.read_money()
    house.push()
    assert house.writes()[-1]["body"]["trigger"] == ["workflow"]


def test_what_was_written_stands_in_the_run_and_in_the_account_s_story(house: House) -> None:
    entry = Entry.objects.get(run__kind="figures", remote_id=house.crm_id("Acme Ltd"))
    assert (entry.outcome, entry.after["Outstanding"], entry.before["Outstanding"]) == ("updated", "4500.00", "")


# -- a small organisation ----------------------------------------------------------------------------------------------


@pytest.fixture
def small(trade: Trade) -> House:
    """One account with its customer, linked."""
    found = House(trade.connection, trade.simulator, trade.clock, trade.seams)
    link(found, "Acme Ltd", "Acme Ltd")
    return found


def link(house: House, account: str, customer: str, currency: str = "EUR") -> None:
    rows = Record.objects.filter(connection=house.connection)
    crm, books = rows.get(kind="account", name=account), rows.get(kind="customer", name=customer)
    Link.objects.create(
        connection=house.connection, pair="customer", crm_kind="account", crm_id=crm.remote_id,
        books_id=books.remote_id, currency=currency, how="person", made_at=house.clock.now(),
    )  # fmt: skip


def invoice(house: House, customer: str, rate: int = 100, **more: Any) -> str:
    """A sent invoice of Books, without tax."""
    found = Record.objects.get(connection=house.connection, kind="customer", name=customer)
    row = {"customer_id": found.remote_id, "line_items": [{"name": "Work", "quantity": 1, "rate": rate}]} | more
    made = house.zoho.user_create("books", "invoices", row)
    house.zoho.act("books", "invoices", made["invoice_id"], "send", {})
    return str(made["invoice_id"])


def many(house: House, number: int) -> None:
    """So many accounts with a customer each, as if read before, none of them owing anything."""
    for place in range(number):
        row = house.zoho.user_create("crm", "Accounts", {"Account_Name": f"Firm {place}"})
        common = {
            "connection": house.connection, "read_at": house.clock.now(), "digest": "0", "name": f"Firm {place}",
        }  # fmt: skip
        Record.objects.create(**common, kind="account", remote_id=row["id"])
        Record.objects.create(**common, kind="customer", remote_id=f"b{place}", currency="EUR", outstanding=0)
        link(house, f"Firm {place}", f"Firm {place}")


def test_250_changed_accounts_are_three_writes_and_unchanged_ones_none(small: House) -> None:
    small.push()
    before = len(small.writes())
    many(small, 250)
    run = small.push()
    assert run is not None and (run.updated, len(small.writes()) - before) == (250, 3)
    assert [len(one["body"]["data"]) for one in small.writes()[before:]] == [100, 100, 50]
    Record.objects.filter(name__in=[f"Firm {place}" for place in range(40)], kind="customer").update(
        outstanding="12.50"
    )
    small.clock.advance(86_400)
    run = small.push()
    assert run is not None and (run.updated, run.unchanged, len(small.writes()) - before) == (40, 211, 4)


def test_an_account_billed_in_two_currencies_shows_both_in_words(small: House) -> None:
    dollars = next(
        row for row in small.zoho.verbs("books").rows(small.zoho, "currencies") if row["currency_code"] == "USD"
    )
    small.zoho.user_create("books", "contacts", {"contact_name": "Acme Inc", "currency_id": dollars["currency_id"]})
    small.read_money()
    link(small, "Acme Ltd", "Acme Inc", "USD")
    invoice(small, "Acme Ltd", 100)
    invoice(small, "Acme Inc", 70)
    small.read_money()
    small.push()
    found = small.account("Acme Ltd")
    assert (found["outstanding"], found["overdue"], found["currency"]) == (None, None, "EUR, USD")
    assert found["summary"].startswith("EUR 1") and "; USD 7" in found["summary"]


def test_an_amount_of_twelve_digits_arrives_digit_for_digit(small: House) -> None:
    small.push()
    Record.objects.filter(kind="customer").update(outstanding=Decimal("123456789012.34"))
    small.clock.advance(86_400)
    small.push()
    assert small.account("Acme Ltd")["outstanding"] == Decimal("123456789012.34")


def test_a_customer_whose_currency_changed_is_told_anew(small: House) -> None:
    small.push()
    Record.objects.filter(kind="customer").update(outstanding=Decimal("1200"), currency="JPY")
    small.clock.advance(86_400)
    small.push()
    found = small.account("Acme Ltd")
    assert (found["outstanding"], found["currency"], found["summary"]) == (1200, "JPY", "JPY 1,200")


def test_the_last_invoice_of_a_customer_deleted_in_books_leaves_nothing_owed(small: House) -> None:
    made = invoice(small, "Acme Ltd", 100)
    small.read_money()
    small.push()
    assert small.account("Acme Ltd")["status"] == "Open"
    small.zoho.user_delete("books", "invoices", made)
    INVOICES.forget(small.connection, [made], small.connection.now(small.clock))
    small.read_money()
    small.push()
    found = small.account("Acme Ltd")
    assert (found["outstanding"], found["status"]) == (0, "No invoice")


def test_an_account_that_was_unlinked_no_longer_shows_the_customer_s_figures(small: House) -> None:
    invoice(small, "Acme Ltd", 100)
    small.read_money()
    small.push()
    Link.objects.get(pair="customer").delete()
    small.push()
    found = small.account("Acme Ltd")
    assert (found["outstanding"], found["status"], found["summary"]) == (None, "No invoice", None)


# -- the deal ----------------------------------------------------------------------------------------------------------


def test_a_deal_follows_its_invoice_from_draft_to_paid(small: House, trade: Trade) -> None:
    sale = trade.settled(trade.ask(trade.deal("Shelves")))
    crm_id, books = sale.deal.crm_id if sale.deal else "", sale.books_invoice_id
    found = small.deal(crm_id)
    assert (found["status"], found["number"], found["total"], found["paid"]) == ("Draft", sale.invoice_number, 238, 0)
    assert str(found["link"]).endswith(books)
    small.push()
    assert [one["body"]["trigger"] for one in small.writes("Deals")] == [[]], "told once, as the draft was made"

    small.zoho.act("books", "invoices", books, "send", {})
    assert after_a_reading(small, crm_id) == ("Sent", 0, 238)
    small.clock.advance(40 * 86_400)
    small.push()
    assert small.deal(crm_id)["status"] == "Overdue"
    small.zoho.act("books", "invoices", books, "pay", {"amount": Decimal(38)})
    assert after_a_reading(small, crm_id) == ("Overdue", 38, 200)
    small.zoho.act("books", "invoices", books, "pay", {"amount": Decimal(200)})
    assert after_a_reading(small, crm_id) == ("Paid", 238, 0)


def test_a_voided_invoice_is_void_on_its_deal(small: House, trade: Trade) -> None:
    sale = trade.settled(trade.ask(trade.deal("Shelves")))
    small.zoho.act("books", "invoices", sale.books_invoice_id, "void", {})
    crm_id = sale.deal.crm_id if sale.deal else ""
    assert after_a_reading(small, crm_id) == ("Void", 0, 0)
    assert small.deal(crm_id)["number"] == sale.invoice_number


def after_a_reading(house: House, crm_id: str) -> tuple[Any, Any, Any]:
    """Status, paid and balance on the deal after the next run."""
    house.read_money()
    house.push()
    found = house.deal(crm_id)
    return found["status"], found["paid"], found["balance"]


# -- bad days ----------------------------------------------------------------------------------------------------------


def change(house: House) -> None:
    """Something of Acme's money moves."""
    invoice(house, "Acme Ltd", 100)
    house.read_money()


def test_a_field_that_somebody_deleted_is_left_out_told_and_filled_again_once_it_is_made(
    small: House, cy: User
) -> None:
    change(small)
    small.push()
    remove(small, "Accounts", "account_outstanding")
    change(small)
    run = small.push()
    assert run is not None and run.state == "complete"
    assert "Books_Outstanding" not in small.writes()[-1]["body"]["data"][0]
    small.connection.refresh_from_db()
    (row,) = [one for one in small.connection.readiness if one["name"] == "Figures in CRM"]
    assert row["state"] == "red" and "“Books Outstanding” (account)" in row["sentence"] and row["action"] == "figures"
    assert Problem.objects.get(closed_at=None).sentence.startswith("CRM no longer has the field for")
    before = small.account("Acme Ltd")["as_of"]
    small.clock.advance(60)
    make_fields(small.connection, cy, small.found)
    run = small.push()
    assert small.account("Acme Ltd")["as_of"] == before, "filling a field changes no figure"
    assert run is not None and run.updated == 1 and small.account("Acme Ltd")["outstanding"] == 200
    assert [one["state"] for one in small.connection.readiness if one["name"] == "Figures in CRM"] == ["ok"]


def remove(house: House, module: str, key: str) -> None:
    """An administrator of CRM deletes the field."""
    delete_field(house.zoho, module, house.connection.crm_fields[key])


def test_a_field_that_crm_refuses_by_name_is_left_out_within_the_same_run(
    small: House, refuse_once: Callable[[dict[str, Any]], None]
) -> None:
    small.push()
    change(small)
    CrmField.objects.filter(module="Accounts").update(read_at=small.clock.now())
    remove(small, "Accounts", "account_overdue")
    name = small.connection.crm_fields["account_overdue"]
    refuse_once({"api_name": name})
    run = small.push()
    assert run is not None and run.updated == 1
    assert name not in small.writes()[-1]["body"]["data"][0] and small.account("Acme Ltd")["status"] == "Open"


@pytest.fixture
def refuse_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """CRM refuses the next row that is written so; the simulator's faults refuse whole calls only."""
    update = crm_records.update
    left: list[dict[str, Any]] = []

    def once(*args: Any, **named: Any) -> Any:
        if left:
            raise Fault("INVALID_DATA", "invalid data: Region", **left.pop())
        return update(*args, **named)

    monkeypatch.setattr(crm_records, "update", once)
    return left.append


def test_an_account_deleted_in_crm_is_told_once_and_not_asked_for_again(small: House) -> None:
    small.push()
    many(small, 3)
    gone = small.crm_id("Firm 1")
    small.zoho.user_delete("crm", "Accounts", gone)
    run = small.push()
    assert run is not None and (run.updated, run.skipped) == (2, 1)
    told = Problem.objects.get(subject_id=gone, cause="figures")
    assert told.sentence == "Firm 1 is no longer in CRM, so its figures are not written any more. Books is as it was."
    writes = len(small.writes())
    small.clock.advance(86_400)
    small.push()
    assert len(small.writes()) == writes
    Link.objects.get(crm_id=gone).delete()
    told.refresh_from_db()
    assert told.closed_at is not None


def test_an_account_that_comes_back_from_crm_s_recycle_bin_is_written_again(small: House) -> None:
    small.push()
    many(small, 1)
    row = small.zoho.store.get("crm", "Accounts", small.crm_id("Firm 0")) or {}
    small.zoho.user_delete("crm", "Accounts", row["id"])
    small.push()
    unlock(small, row)
    small.clock.advance(86_400)
    read(small.connection, small.found, "account")
    Record.objects.filter(remote_id=row["id"]).update(read_at=small.clock.now())
    small.clock.advance(86_400)
    small.push()
    assert small.account("Firm 0")["status"] == "No invoice"


def test_a_locked_account_waits_while_the_others_go_on_and_is_written_when_it_is_free(small: House) -> None:
    small.push()
    many(small, 2)
    locked = small.crm_id("Firm 0")
    small.zoho.act("crm", "Accounts", locked, "lock", {})
    run = small.push()
    assert run is not None and (run.updated, run.skipped, run.state) == (1, 1, "complete")
    assert small.push() is None, "it isn't asked for each minute"
    row = small.zoho.store.get("crm", "Accounts", locked) or {}
    unlock(small, row)
    small.clock.advance(601)
    run = small.push()
    assert run is not None and run.updated == 1 and small.account("Firm 0")["status"] == "No invoice"
    assert not Problem.objects.filter(closed_at=None).exists()


def unlock(house: House, row: dict[str, Any]) -> None:
    house.zoho.store.save(
        "crm", "Accounts", row["id"], row | {"$locked": False}, created=row["Created_Time"],
        modified=row["Modified_Time"], written=0.0, keys={},
    )  # fmt: skip


def test_a_row_that_crm_refuses_stops_none_of_the_others_and_is_tried_again(
    small: House, refuse_once: Callable[[dict[str, Any]], None]
) -> None:
    small.push()
    many(small, 2)
    refuse_once({"api_name": "Region"})
    run = small.push()
    assert run is not None and (run.updated, run.failed, run.state) == (1, 1, "incomplete")
    assert "invalid data: Region" in Problem.objects.get(closed_at=None).sentence
    small.clock.advance(3601)
    run = small.push()
    assert run is not None and run.state == "complete" and not Problem.objects.filter(closed_at=None).exists()


def test_the_kill_switch_holds_figures_without_loss(small: House, cy: User) -> None:
    small.push()
    stop_writes(small.connection, True, cy, small.clock)
    change(small)
    run = small.push()
    assert run is not None and (run.state, run.hold_cause) == ("paused", "writes")
    stop_writes(small.connection, False, cy, small.clock)
    free(small.connection, small.clock)
    run = work_to_end(run, bulk_reader())
    assert run.state == "complete" and small.account("Acme Ltd")["status"] == "Open"


def test_a_lost_answer_does_no_harm_since_the_same_is_written_again(small: House) -> None:
    small.push()
    change(small)
    small.zoho.faults.add({"method": "PUT", "path": "^/crm/v8/Accounts$", "times": 9, "drop_after": True})
    run = small.push()
    assert run is not None and run.state == "paused"
    small.zoho.faults.clear()
    small.clock.advance(121)
    run = work_to_end(run, bulk_reader())
    assert run.state == "complete" and small.account("Acme Ltd")["status"] == "Open"
    assert small.push() is None


def test_a_sweep_without_a_queue_reads_and_writes_in_one_go(small: House) -> None:
    invoice(small, "Acme Ltd", 100)
    small.clock.advance(400)
    work_everything()
    assert small.account("Acme Ltd")["outstanding"] == 100


def test_the_check_of_a_connection_says_which_figures_stand_in_crm(small: House) -> None:
    rows = {row["name"]: row for row in check(small.connection, small.found)}
    assert rows["Figures in CRM"]["state"] == "ok" and "15 figures" in rows["Figures in CRM"]["sentence"]
    assert Written.objects.count() == 0 and Conversion.objects.count() == 0, "looking writes nothing"
