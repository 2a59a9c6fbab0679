"""Accounts and customers stay in step: different edits both survive, one owner for each field, no person is removed."""

from collections.abc import Callable

import pytest

from accounts.models import Connection, User
from syncjobs import settling
from syncjobs.mappings import mapping_of, switch
from syncjobs.models import Conflict, KeptValue, Link, Mapping, Plan, PlannedWrite, Record, Run
from syncjobs.schedules import start_due_runs
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mapping(company: Connection, cy: User, clock: SteppedClock) -> Mapping:
    """The suggested mapping of customers, switched on."""
    found = mapping_of(company, "customer", clock)
    found.lines.filter(name__in=["rep", "limit", "since"]).delete()  # custom fields that this organisation hasn't made
    switch(found, cy, clock, on=True)
    return found


@pytest.fixture
def sync(company: Connection, clock: SteppedClock) -> Callable[[], Run]:
    """Reads accounts, contacts and customers, and keeps them in step."""

    def run() -> Run:
        clock.advance(400)
        for kind in ("customer", "account", "contact", "customers"):
            found = start_run(company, kind, clock, trigger="command", doorbell=False)
            work_to_end(found, bulk_reader(), patience=3600)
            found.refresh_from_db()
        return found

    return run


def pair_of(company: Connection, name: str) -> tuple[str, str]:
    """CRM's and Books' ids of a linked account."""
    account = Record.objects.get(connection=company, kind="account", name=name)
    return account.remote_id, Link.objects.get(connection=company, pair="customer", crm_id=account.remote_id).books_id


@pytest.fixture
def aligned(mapping: Mapping, sync: Callable[[], Run]) -> Callable[[], Run]:
    """After the first meeting."""
    run = sync()
    assert run.state == "complete", run.sentence
    return sync


def test_a_first_meeting_that_changes_everything_is_stopped_until_a_person_applies_it(
    company: Connection, mapping: Mapping, sync: Callable[[], Run], zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    for row in zoho.verbs("books").rows(zoho, "contacts"):
        zoho.user_update("books", "contacts", row["contact_id"], {"website": ""})
    run = sync()
    assert run.state == "refused" and "linked records would change at once" in run.sentence
    plan = Plan.objects.first()
    assert plan is not None
    applied = work_to_end(settling.apply_plan(plan, cy, clock), bulk_reader(), patience=3600)
    assert applied.state == "complete", applied.sentence
    assert sync().writes == 0


def test_the_first_meeting_fills_what_each_side_lacks_and_keeps_what_it_overwrites(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator
) -> None:
    account, customer = pair_of(company, "Bramble & Co")
    in_books = zoho.verbs("books").read(zoho, "contacts", customer) or {}
    in_crm = zoho.verbs("crm").read(zoho, "Accounts", account) or {}
    assert (in_books["billing_address"]["city"], in_crm["VAT_ID"]) == ("Göttingen", "DE811234567")
    kept = KeptValue.objects.get(field="terms")
    assert (kept.name, kept.value, kept.instead) == ("Halcyon Clinics", "Net 60", "Net 30")


def test_after_the_first_meeting_three_more_runs_write_nothing(aligned: Callable[[], Run]) -> None:
    assert [aligned().writes for _ in range(3)] == [0, 0, 0]


def test_different_fields_changed_on_both_sides_both_survive(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator
) -> None:
    account, customer = pair_of(company, "Bramble & Co")
    zoho.user_update("crm", "Accounts", account, {"Billing_City": "Kassel"})
    zoho.user_update("books", "contacts", customer, {"vat_reg_no": "DE111222333"})
    assert aligned().state == "complete"
    in_books = zoho.verbs("books").read(zoho, "contacts", customer) or {}
    in_crm = zoho.verbs("crm").read(zoho, "Accounts", account) or {}
    assert in_books["billing_address"]["city"] == "Kassel" and in_crm["VAT_ID"] == "DE111222333"
    assert in_books["billing_address"]["address"] == "Heckenweg 17"


def test_terms_typed_in_crm_are_refused_kept_and_restored_on_a_persons_word(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    account, customer = pair_of(company, "Halcyon Clinics")
    assert KeptValue.objects.filter(link__crm_id=account, field="terms", value="Net 60", why="lost").exists()
    zoho.user_update("crm", "Accounts", account, {"Payment_Terms": "Net 60"})
    assert aligned().writes == 0
    kept = KeptValue.objects.get(link__crm_id=account, field="terms", why="refused")
    assert (kept.side, kept.value, kept.instead) == ("crm", "Net 60", "Net 30")
    settling.restore(kept, ben, clock)
    assert aligned().writes == 1
    assert (zoho.verbs("books").read(zoho, "contacts", customer) or {})["payment_terms"] == 60


def test_a_settled_phone_reaches_the_primary_person_and_no_person_is_removed(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    account, customer = pair_of(company, "Halcyon Clinics")
    phone = Conflict.objects.get(link__crm_id=account, field="phone", closed_at=None)
    assert (phone.crm[-4:], phone.books[-4:]) == ("0101", "0199")
    before = (zoho.verbs("books").read(zoho, "contacts", customer) or {})["contact_persons"]
    settling.settle(phone, "crm", ben, clock)
    assert aligned().writes == 1
    after = (zoho.verbs("books").read(zoho, "contacts", customer) or {})["contact_persons"]
    assert [one["contact_person_id"] for one in after] == [one["contact_person_id"] for one in before]
    assert after[0]["phone"][-4:] == "0101" and after[0]["email"] == before[0]["email"]
    assert KeptValue.objects.get(link__crm_id=account, field="phone").value[-4:] == "0199"


def test_while_a_pair_is_brought_into_step_the_minutes_sweep_starts_what_is_due(
    company: Connection, clock: SteppedClock
) -> None:
    clock.advance(600)
    start_run(company, "customers", clock, trigger="person")
    assert {run.kind for run in start_due_runs(company, clock)} >= {"account", "customer", "deal"}


def test_an_address_typed_in_books_is_noticed_though_no_list_shows_it(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator
) -> None:
    account, customer = pair_of(company, "Bramble & Co")
    standing = (zoho.verbs("books").read(zoho, "contacts", customer) or {})["billing_address"]
    zoho.user_update("books", "contacts", customer, {"billing_address": standing | {"city": "Celle"}})
    run = aligned()
    assert (run.writes, run.calls_books) == (0, 1)
    kept = KeptValue.objects.get(field="billing_city")
    assert (kept.side, kept.value, kept.instead, kept.why) == ("books", "Celle", "Göttingen", "refused")


def test_a_second_customer_in_another_currency_never_writes_back_and_forth(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator, clock: SteppedClock
) -> None:
    account, first = pair_of(company, "Bramble & Co")
    rows = zoho.verbs("books").rows(zoho, "currencies")
    dollar = next(str(row["currency_id"]) for row in rows if row["currency_code"] == "USD")
    made = zoho.user_create(
        "books", "contacts", {"contact_name": "Bramble (USD)", "zcrm_account_id": account, "currency_id": dollar}
    )["contact_id"]
    aligned()
    assert set(Link.objects.filter(crm_id=account).values_list("books_id", flat=True)) == {first, made}
    for number, customer in enumerate((first, made)):
        zoho.user_update("books", "contacts", customer, {"website": f"https://bramble{number}.example"})
        zoho.user_update("books", "contacts", customer, {"phone": f"+49 89 555 020{number}"})
    aligned()
    assert [aligned().writes for _ in range(3)] == [0, 0, 0]
    kept = zoho.verbs("crm").read(zoho, "Accounts", account) or {}
    assert "bramble1" not in str(kept.get("Website")), "the account follows the customer in its own currency"
    zoho.user_update("crm", "Accounts", account, {"Billing_City": "Kassel"})
    aligned()
    for customer in (first, made):
        found = zoho.verbs("books").read(zoho, "contacts", customer) or {}
        assert found["billing_address"]["city"] == "Kassel", "both follow the account"
    names = {row["contact_id"]: row["contact_name"] for row in zoho.verbs("books").rows(zoho, "contacts")}
    assert names[made] == "Bramble (USD)", "Books takes no name twice, so it keeps its own"
    assert not KeptValue.objects.filter(link__crm_id=account, side="crm").exists(), "nothing of it reached the account"


def test_an_account_in_a_currency_that_books_lacks_is_not_made_in_another(
    company: Connection, aligned: Callable[[], Run], mapping: Mapping, zoho: Simulator
) -> None:
    Mapping.objects.filter(pk=mapping.pk).update(creates_in_books=True)
    zoho.user_create("crm", "Accounts", {"Account_Name": "Helvetia Möbel", "Currency": "CHF"})
    for _ in range(2):
        aligned()
    made = [row for row in zoho.verbs("books").rows(zoho, "contacts") if row["contact_name"] == "Helvetia Möbel"]
    assert made == [], "never in euros instead"
    write = PlannedWrite.objects.filter(name="Helvetia Möbel").latest("pk")
    assert (write.outcome, write.sentence) == (
        "refused", "Books has no currency CHF. Add it in Books' settings, press Check on the connection, then retry."
    )  # fmt: skip
