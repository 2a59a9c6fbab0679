"""Contacts of CRM and contact persons of Books stay in step within their customer; nobody is removed or made twice."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from accounts.connecting import keep_settings
from accounts.models import Connection, User
from syncjobs.mappings import Refused, gaps_of, mapping_of, switch
from syncjobs.models import Attempt, KeptValue, Link, Mapping, Record, Run
from syncjobs.parties import party_of
from syncjobs.services import start_run
from syncjobs.settling import apply_plan
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.stories.small_trade import Killed
from tests.stories.test_killed_at_every_point import Deaths
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
Row = dict[str, Any]
Sync = Callable[..., Run]


@pytest.fixture
def mapping(company: Connection, cy: User, clock: SteppedClock) -> Mapping:
    """The suggested mapping of persons, switched on; what is missing is made on either side."""
    found = mapping_of(company, "person", clock)
    switch(found, cy, clock, on=True)
    Mapping.objects.filter(pk=found.pk).update(creates_in_books=True, creates_in_crm=True)
    return found


@pytest.fixture
def sync(company: Connection, mapping: Mapping, clock: SteppedClock) -> Sync:
    """Reads contacts and customers and keeps persons in step; a worker that dies is followed by another."""

    def run(deaths: Deaths | None = None) -> Run:
        clock.advance(400)
        for kind in ("customer", "account", "contact", "persons"):
            found = start_run(company, kind, clock, trigger="command", doorbell=False)
            while found.ended_at is None:
                reader = replace(bulk_reader(), point=deaths) if deaths and kind == "persons" else bulk_reader()
                with suppress(Killed):
                    work_to_end(found, reader, patience=3600)
                clock.advance(400)
                found.refresh_from_db()
        return found

    return run


def home_of(company: Connection, name: str) -> tuple[str, str]:
    """CRM's and Books' ids of a linked account."""
    account = Record.objects.get(connection=company, kind="account", name=name)
    return account.remote_id, Link.objects.get(connection=company, pair="customer", crm_id=account.remote_id).books_id


def people(zoho: Simulator, customer: str) -> list[Row]:
    return list((zoho.verbs("books").read(zoho, "contacts", customer) or {})["contact_persons"])


def test_persons_are_linked_within_their_customer_and_a_second_run_is_quiet(company: Connection, sync: Sync) -> None:
    first = sync()
    assert first.state == "complete", first.sentence
    links = Link.objects.filter(connection=company, pair="person")
    assert links.count() > 20
    for link in links:
        contact = Record.objects.get(kind="contact", remote_id=link.crm_id)
        person = Record.objects.get(kind="person", remote_id=link.books_id)
        assert home_of(company, Record.objects.get(remote_id=contact.parent_id).name)[1] == person.parent_id
    assert [sync().writes for _ in range(2)] == [0, 0]


def test_a_renamed_contact_is_renamed_in_books_and_the_other_persons_stay(
    company: Connection, sync: Sync, zoho: Simulator
) -> None:
    account, customer = home_of_after(company, sync, "Bramble & Co")
    zoho.user_update("books", "contacts", customer, {"contact_persons": [
        *people(zoho, customer), {"first_name": "Uta", "last_name": "Hold", "email": "uta@bramble.example"},
    ]})  # fmt: skip
    sync()
    contact = Record.objects.get(kind="contact", parent_id=account, email_key="accounts@bramble.example")
    zoho.user_update("crm", "Contacts", contact.remote_id, {"Last_Name": "Dorn-Meyer"})
    assert sync().writes == 1
    assert {row["last_name"] for row in people(zoho, customer)} == {"Dorn-Meyer", "Hold"}


def home_of_after(company: Connection, sync: Sync, name: str) -> tuple[str, str]:
    sync()
    return home_of(company, name)


def test_a_name_typed_in_books_is_refused_and_kept(company: Connection, sync: Sync, zoho: Simulator) -> None:
    _, customer = home_of_after(company, sync, "Halcyon Clinics")
    rows = people(zoho, customer)
    zoho.user_update("books", "contacts", customer, {"contact_persons": [rows[0] | {"last_name": "Typed"}, *rows[1:]]})
    assert sync().writes == 0
    kept = KeptValue.objects.get(field="last")
    assert (kept.side, kept.value, kept.why) == ("books", "Typed", "refused")


@pytest.mark.parametrize("fault", [{}, {"drop_after": True}, {"drop_before": True}])
@pytest.mark.parametrize("place", ["", "item intent committed", "item answer received"])
def test_a_new_contact_becomes_one_person_of_its_customer(
    company: Connection, sync: Sync, zoho: Simulator, place: str, fault: Row
) -> None:
    account, customer = home_of_after(company, sync, "Bramble & Co")
    zoho.user_create("crm", "Contacts", {"Last_Name": "Hold", "Email": "uta@bramble.example",
                     "Account_Name": {"id": account}})  # fmt: skip
    if fault:
        zoho.faults.add({"method": "POST", "path": "/contactpersons$", "times": 1, **fault})
    sync(Deaths(place))
    sync()
    last = sync()
    made = [row for row in people(zoho, customer) if row["email"] == "uta@bramble.example"]
    assert [(row["first_name"], row["last_name"]) for row in made] == [("-", "Hold")]
    assert (last.writes, last.state) == (0, "complete"), last.sentence


def test_a_new_person_becomes_one_contact_of_its_account(company: Connection, sync: Sync, zoho: Simulator) -> None:
    account, customer = home_of_after(company, sync, "Bramble & Co")
    zoho.user_update("books", "contacts", customer, {"contact_persons": [
        *people(zoho, customer), {"first_name": "Uta", "last_name": "Hold", "email": "uta@bramble.example"},
    ]})  # fmt: skip
    zoho.faults.add({"method": "POST", "path": "/Contacts$", "times": 1, "drop_after": True})
    sync()
    sync()
    last = sync()
    found = [row for row in zoho.verbs("crm").rows(zoho, "Contacts") if row.get("Email") == "uta@bramble.example"]
    assert [row["Account_Name"]["id"] for row in found] == [account]
    assert (last.writes, last.state) == (0, "complete"), last.sentence


def test_a_phone_that_the_customers_line_writes_can_not_be_written_by_the_persons_line_too(
    company: Connection, mapping: Mapping, cy: User, clock: SteppedClock
) -> None:
    customers = mapping_of(company, "customer", clock)
    customers.lines.filter(name__in=["rep", "limit", "since"]).delete()
    switch(customers, cy, clock, on=True)
    switch(mapping, cy, clock, on=False)
    mapping.lines.filter(name="mobile").update(crm="Phone", books="phone", label="Phone")
    assert [gap.field for gap in gaps_of(mapping)] == ["phone"]
    with pytest.raises(Refused, match="Phone of a primary person is written by .Accounts and customers"):
        switch(mapping, cy, clock, on=True)


def test_where_contacts_are_the_customers_their_mapping_is_another_and_they_have_no_persons(
    company: Connection, mapping: Mapping, cy: User, clock: SteppedClock
) -> None:
    customers = mapping_of(company, "customer", clock)
    keep_settings(company, {"parties": "contacts"}, cy, clock)
    mapping.refresh_from_db()
    customers.refresh_from_db()
    assert (customers.kinds, customers.two_way, mapping.two_way) == (("contact", "customer"), False, False)
    assert {line.crm for line in customers.lines.all()} >= {"Full_Name", "Email", "Mailing_City"}
    with pytest.raises(Refused, match="they have no persons of their own"):
        switch(mapping, cy, clock, on=True)


@pytest.mark.parametrize("fault", [{}, {"drop_after": True}])
def test_where_contacts_are_the_customers_a_new_contact_becomes_one_customer_and_sales_bill_it(
    company: Connection, zoho: Simulator, cy: User, clock: SteppedClock, fault: Row
) -> None:
    keep_settings(company, {"parties": "contacts"}, cy, clock)
    customers = mapping_of(company, "customer", clock)
    customers.lines.filter(name="rep").delete()
    switch(customers, cy, clock, on=True)
    Mapping.objects.filter(pk=customers.pk).update(creates_in_books=True)
    contact = zoho.user_create("crm", "Contacts", {"First_Name": "Uta", "Last_Name": "Hold", "Mailing_City": "Celle",
                               "Email": "uta@hold.example", "Phone": "+49 30 111111"})  # fmt: skip
    if fault:
        zoho.faults.add({"method": "POST", "path": "/contacts$", "times": 1, **fault})
    for _ in range(6):
        clock.advance(400)
        for kind in ("customer", "account", "contact", "customers"):
            run = work_to_end(start_run(company, kind, clock, doorbell=False), bulk_reader(), patience=3600)
            run.refresh_from_db()
        if run.state == "refused":
            plan = run.plans.get()
            work_to_end(apply_plan(plan, cy, clock), bulk_reader(), patience=3600)
    made = [row for row in zoho.verbs("books").rows(zoho, "contacts") if row["contact_name"] == "Uta Hold"]
    assert (len(made), run.writes) == (1, 0), run.sentence
    assert {write.sentence for write in run.plans.get().writes.all()} == {
        "Cafe Mueller und Soehne in Books is alike (name alike, same web domain)."
    }
    link = Link.objects.get(pair="customer", books_id=made[0]["contact_id"])
    assert (link.crm_kind, link.crm_id) == ("contact", contact["id"])
    party = party_of(company, home_account(company), contact["id"], "EUR")
    assert party is not None and party.record.remote_id == contact["id"]


def home_account(company: Connection) -> str:
    return Record.objects.filter(connection=company, kind="account").values_list("remote_id", flat=True)[0]


def test_a_person_that_books_saves_late_is_waited_for_and_not_made_twice(
    company: Connection, sync: Sync, zoho: Simulator, clock: SteppedClock
) -> None:
    account, customer = home_of_after(company, sync, "Bramble & Co")
    zoho.user_create("crm", "Contacts", {"Last_Name": "Hold", "Email": "uta@bramble.example",
                     "Account_Name": {"id": account}})  # fmt: skip
    zoho.faults.add({"method": "POST", "path": "/contactpersons$", "times": 1, "commit_after": 100})
    clock.advance(400)
    for kind in ("customer", "account", "contact", "persons", "persons"):
        run = work_to_end(start_run(company, kind, clock, doorbell=False), bulk_reader(), patience=60)
    run.refresh_from_db()
    assert (run.state, run.skipped) == ("incomplete", 1), run.sentence
    assert not [row for row in people(zoho, customer) if row["email"] == "uta@bramble.example"]
    for _ in range(2):
        sync()
    assert len([row for row in people(zoho, customer) if row["email"] == "uta@bramble.example"]) == 1
    assert not Attempt.objects.filter(purpose="record", outcome__in=["", "UNKNOWN"]).exists()
