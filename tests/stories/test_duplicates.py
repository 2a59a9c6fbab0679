"""Duplicates: found, told apart for good, linked, merged by people and taken over by zbridge."""

from collections.abc import Callable
from typing import Any

import pytest
from django_q.models import OrmQ

from accounts import watching
from accounts.models import AuditEvent, Connection, Heartbeat, User
from invoicing import merge_guide, successors
from invoicing.models import Conversion, Deal, Invoice
from invoicing.services import Request, request_conversion
from invoicing.tasks import workbench
from syncjobs import duplicate_decisions, duplicates, vanishing
from syncjobs.mappings import Refused
from syncjobs.models import Disappearance, Duplicate, DuplicateMember, Link, Mapping, Record, Run
from syncjobs.tasks import bulk_reader, find_duplicates
from tests.kept_states import KeptStates
from tests.people import browser
from tests.stories.conftest import finished
from tests.stories.test_customers_in_step import mapping, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["mapping", "sync"]  # fixtures
LUMEN = "Lumen Studio"
State = Duplicate.State


@pytest.fixture
def aligned(
    mapping: Mapping, sync: Callable[[], Run], kept_states: KeptStates, cy: User, zoho: Simulator, clock: SteppedClock
) -> Callable[[], Run]:
    """After the first meeting, made once."""

    def meet() -> None:
        assert sync().state == "complete"

    kept_states.reach("small, in step", meet, user=cy, zoho=zoho, clock=clock)
    return sync


@pytest.fixture
def found(company: Connection, aligned: Callable[[], Run], clock: SteppedClock) -> Callable[[], list[Duplicate]]:
    """A night: all are compared; what waits."""

    def at_night() -> list[Duplicate]:
        duplicates.find(company, clock, whole=True)
        return list(Duplicate.objects.filter(state=State.OPEN).order_by("pk"))

    return at_night


def lumen(state: str = State.OPEN) -> Duplicate:
    return Duplicate.objects.get(name=LUMEN, state=state)


def customer(name: str) -> Record:
    return Record.objects.get(kind="customer", name=name)


def merge(zoho: Simulator, loser: Record, master: Record) -> None:
    """As a person does it in that system's own tool."""
    side, module = ("books", "contacts") if loser.kind == "customer" else ("crm", "Accounts")
    zoho.act(side, module, loser.remote_id, "merge", {"into": master.remote_id})


def opened(row: Duplicate, user: User, clock: SteppedClock, side: str = "books") -> tuple[Record, Record]:
    """The guide, opened; who stays and who goes."""
    merge_guide.start(row, side, [], user, clock)
    roles = {one.role: one.record for one in row.members.select_related("record")}
    return roles["survivor"], roles["loser"]


def said_merged(row: Duplicate, user: User, clock: SteppedClock) -> Duplicate:
    merge_guide.say_merged(row, user, clock)
    row.refresh_from_db()
    merge_guide.look(row, workbench())
    row.refresh_from_db()
    return row


def new_customer(zoho: Simulator, name: str, **more: Any) -> str:
    return str(zoho.user_create("books", "contacts", {"contact_name": name, **more})["contact_id"])


def test_two_customers_with_one_mailbox_are_a_cluster_with_the_account_they_may_be(
    found: Callable[[], list[Duplicate]], cy: User
) -> None:
    """S39, demo situation 3"""
    assert LUMEN in [row.name for row in found()]
    row = lumen()
    assert (row.where, row.in_books, row.in_crm) == ("books", 2, 1)
    assert "same e-mail" in row.reasons
    page = browser("ben").get(f"/admin/syncjobs/duplicate/{row.pk}/").content.decode()
    for words in ("480.00 EUR", "0.00 EUR", "accounts@lumen.example", "Lumen Studio GmbH", "Start merge guide in Books",
                  "Not a duplicate", "larger open balance", "differs"):  # fmt: skip
        assert words in page, words
    assert "Start merge guide" not in browser("dee").get(f"/admin/syncjobs/duplicate/{row.pk}/").content.decode()
    menu = browser("ben").get("/admin/").content.decode()
    assert "Duplicates" in menu


def test_told_apart_stays_apart_through_every_scan_and_can_be_taken_back(
    found: Callable[[], list[Duplicate]], ben: User, clock: SteppedClock
) -> None:
    found()
    duplicate_decisions.tell_apart(lumen(), ben, clock)
    assert LUMEN not in [row.name for row in found()]
    assert AuditEvent.objects.filter(verb="tell_apart", actor="ben").exists()
    assert "wait for a decision" in duplicate_decisions.compare_again(lumen(State.APART), ben, clock)
    assert [row.name for row in found()].count(LUMEN) == 1


def test_one_of_three_may_be_told_apart_from_the_others(
    company: Connection, found: Callable[[], list[Duplicate]], zoho: Simulator, ben: User, clock: SteppedClock,
    read: Callable[[str], None],
) -> None:  # fmt: skip
    third = new_customer(
        zoho, "Lumen Studio Halle", contact_persons=[{"first_name": "I", "email": "accounts@lumen.example"}]
    )
    read("customer")
    found()
    row = lumen()
    assert row.in_books == 3
    odd = row.members.get(record__remote_id=third)
    duplicate_decisions.tell_apart(row, ben, clock, [odd.pk])
    found()
    assert lumen().in_books == 2 and not lumen().members.filter(record__remote_id=third).exists()


@pytest.fixture
def read(company: Connection, clock: SteppedClock) -> Callable[[str], None]:
    """What changed in Zoho is read."""
    from syncjobs.services import start_run
    from syncjobs.working import work_to_end

    def reading(kind: str) -> None:
        clock.advance(400)
        work_to_end(start_run(company, kind, clock, doorbell=False), bulk_reader(), patience=3600)

    return reading


@pytest.mark.parametrize("what_is_left", ["gone", "inactive"])
def test_ben_merges_in_books_and_everything_names_the_one_that_stays(
    company: Connection, found: Callable[[], list[Duplicate]], deal: Callable[[str], Deal],
    press: Callable[..., Conversion], zoho: Simulator, ben: User, clock: SteppedClock, what_is_left: str,
) -> None:  # fmt: skip
    """S39, journey Finance 2: the waiting draft goes on by itself, and no new customer is made"""
    zoho.switches.change({"books_merged_contact": what_is_left})
    waiting = press(deal("Studio cabinets"))
    assert waiting.state == "review"
    found()
    row = lumen()
    stays, goes = opened(row, ben, clock)
    assert stays.name == "Lumen Studio GmbH", "480.00 is open there"
    row = said_merged(row, ben, clock)
    assert row.state == State.MERGING and "is still there in Books: not merged yet" in row.said
    customers = len(zoho.verbs("books").rows(zoho, "contacts"))
    merge(zoho, goes, stays)
    row = said_merged(row, ben, clock)
    assert row.state == State.MERGED, row.said
    goes.refresh_from_db()
    assert goes.gone_at is not None
    assert Disappearance.objects.get(remote_id=goes.remote_id).merged_into == stays.remote_id
    waiting.refresh_from_db()
    assert "Draft that is prepared anew" in {one["what"] for one in row.moved}
    assert finished(waiting, clock).state == "done" and waiting.customer_id == stays.remote_id
    left = customers - (what_is_left == "gone")
    assert len(zoho.verbs("books").rows(zoho, "contacts")) == left, "nobody was made"
    page = browser("ben").get(f"/admin/syncjobs/duplicate/{row.pk}/").content.decode()
    assert "What was re-pointed" in page and "Studio cabinets" in page
    assert LUMEN not in [one.name for one in found()]


def test_links_and_invoices_of_the_loser_are_the_other_s_and_the_next_run_makes_nobody(
    company: Connection, found: Callable[[], list[Duplicate]], aligned: Callable[[], Run], zoho: Simulator, ben: User,
    clock: SteppedClock, read: Callable[[str], None],
) -> None:  # fmt: skip
    """The advised survivor isn't the one that stayed: it was merged the other way round."""
    old = customer("Acme Ltd")
    other = new_customer(zoho, "Acme Limited", contact_persons=[{"first_name": "N", "email": old.email}])
    read("customer")
    found()
    row = Duplicate.objects.get(state=State.OPEN, members__record=old)
    stays, goes = opened(row, ben, clock)
    assert (stays, goes.remote_id) == (old, other), "the linked one should stay"
    assert (
        "is linked to Acme Ltd in CRM" in row.why_survivor
        or "is linked to" in Duplicate.objects.get(pk=row.pk).why_survivor
    )
    merge(zoho, stays, goes)
    row = said_merged(row, ben, clock)
    assert row.state == State.MERGED, row.said
    link = Link.objects.get(pair="customer", crm_id=Record.objects.get(kind="account", name="Acme Ltd").remote_id)
    assert link.books_id == other and link.base == {}
    assert not Invoice.objects.filter(customer_id=old.remote_id).exists()
    assert {"Link", "Invoice"} <= {one["what"] for one in row.moved}
    names = [one["contact_name"] for one in zoho.verbs("books").rows(zoho, "contacts")]
    assert aligned().created == 0
    assert len(zoho.verbs("books").rows(zoho, "contacts")) == len(names)


def test_two_currencies_of_one_company_are_right_and_vendors_and_empty_names_are_nobodys_twins(
    company: Connection, found: Callable[[], list[Duplicate]], zoho: Simulator, read: Callable[[str], None]
) -> None:
    old = customer("Orchard Foods")
    person = [{"first_name": "P", "email": old.email}]
    usd = next(row for row in zoho.verbs("books").rows(zoho, "currencies") if row["currency_code"] == "USD")
    new_customer(zoho, "Orchard Foods US", currency_id=usd["currency_id"], contact_persons=person)
    new_customer(zoho, "Orchard Foods supplier", contact_type="vendor", contact_persons=person)
    new_customer(zoho, "---", contact_persons=[])
    new_customer(zoho, "...", contact_persons=[])
    read("customer")
    found()
    clusters = [
        set(row.members.values_list("record__name", flat=True)) for row in Duplicate.objects.filter(state="open")
    ]
    assert not any({"Orchard Foods", "Orchard Foods US"} <= names for names in clusters)
    assert not any(names & {"Orchard Foods supplier", "---", "..."} for names in clusters)


def test_a_cluster_of_sixty_pages_and_is_merged_in_parts(
    company: Connection, found: Callable[[], list[Duplicate]], ben: User, clock: SteppedClock
) -> None:
    old = customer("Solway Marine")
    Record.objects.bulk_create(
        Record(connection=company, kind="customer", remote_id=f"99{number:04}", name=f"Solway Marine {number}",
               name_key="solway marine", currency="EUR", digest="0", read_at=old.read_at)
        for number in range(60)
    )  # fmt: skip
    found()
    row = Duplicate.objects.get(members__record=old, state=State.OPEN)
    assert row.in_books == 61
    ben_at = browser("ben")
    pages = [ben_at.get(f"/admin/syncjobs/duplicate/{row.pk}/?p={number}").content.decode() for number in (1, 11)]
    assert "1–6 of 62" in pages[0] and "61–62 of 62" in pages[1]
    with pytest.raises(Refused, match="20 at most"):
        merge_guide.start(row, "books", [], ben, clock)
    three = [one.pk for one in merge_guide.members(row, "books")[:3]]
    merge_guide.start(row, "books", three, ben, clock)
    assert DuplicateMember.objects.filter(duplicate=row).exclude(role="").count() == 3


def test_four_hundred_customers_at_one_domain_are_not_one_company(
    company: Connection, found: Callable[[], list[Duplicate]]
) -> None:
    read_at = customer("Solway Marine").read_at
    words = ["Amber", "Birch", "Cedar", "Dune", "Elm", "Fern", "Grove", "Heath", "Iris", "Juniper"]
    Record.objects.bulk_create(
        Record(connection=company, kind="customer", remote_id=f"98{number:04}", name=f"Branch {number}",
               name_key=f"{words[number % 10].lower()}{number} {words[number // 40].lower()}{number * 7919 % 1000}",
               email_key=f"branch{number}@franchise.example", domain_key="franchise.example", currency="EUR",
               digest="0", read_at=read_at)
        for number in range(400)
    )  # fmt: skip
    found()
    sizes = [row.size for row in Duplicate.objects.filter(members__record__domain_key="franchise.example")]
    assert not sizes or max(sizes) < 10


def test_merging_while_a_draft_is_on_its_way_is_safe(
    company: Connection, found: Callable[[], list[Duplicate]], deal: Callable[[str], Deal], zoho: Simulator, ben: User,
    clock: SteppedClock, read: Callable[[str], None],
) -> None:  # fmt: skip
    """The draft is prepared for the loser when Books merges it away: one invoice, for the one that stays."""
    loser = customer("Orchard Foods")
    other = new_customer(zoho, "Orchard Food", contact_persons=[{"first_name": "P", "email": loser.email}])
    read("customer")
    found()
    row = Duplicate.objects.get(state=State.OPEN, members__record=loser)
    ordered = request_conversion(Request(company, deal("Staff lockers"), None, user=ben), clock, doorbell=False)
    from invoicing.claims import take
    from invoicing.preparing import prepare

    claim = take(ordered.pk, clock)
    assert claim is not None
    prepare(claim, workbench())
    ordered.refresh_from_db()
    assert (ordered.state, ordered.customer_id) == ("prepared", loser.remote_id)
    opened(row, ben, clock)
    merge(zoho, loser, Record.objects.get(kind="customer", remote_id=other))
    said_merged(row, ben, clock)
    ordered.refresh_from_db()
    assert (ordered.state, ordered.payload_hash != "") == ("requested", True)
    assert finished(ordered, clock).state == "done"
    assert ordered.customer_id == other
    drafts = [one for one in zoho.verbs("books").rows(zoho, "invoices") if one["customer_id"] == other]
    assert sum(one["status"] == "draft" for one in drafts) == 1


def test_accounts_merged_in_crm_are_noticed_without_a_press_and_their_links_follow(
    company: Connection, found: Callable[[], list[Duplicate]], zoho: Simulator, clock: SteppedClock,
    read: Callable[[str], None], deal: Callable[[str], Deal],
) -> None:  # fmt: skip
    loser = Record.objects.get(kind="account", name="Acme Ltd")
    twin = zoho.user_create("crm", "Accounts", {"Account_Name": "Acme Limited", "VAT_ID": "DE811000001"})["id"]
    read("account")
    found()
    assert Duplicate.objects.get(state=State.OPEN, members__record=loser).in_crm == 2
    master = Record.objects.get(kind="account", remote_id=twin)
    merge(zoho, loser, master)
    clock.advance(3700)
    assert vanishing.look_for_gone(company, bulk_reader().clients(company), clock) == 1
    assert successors.follow(company, workbench()) == 1
    row = Duplicate.objects.get(members__record=loser)
    assert row.state == State.MERGED and "noticed it by itself" in row.said
    assert Link.objects.filter(pair="customer", crm_id=twin).exists()
    assert deal("Warehouse fit-out").account_id == twin
    assert not Disappearance.objects.filter(ended_at=None).exists()


def test_while_books_is_off_nothing_is_believed_and_the_guide_stays_open(
    company: Connection, found: Callable[[], list[Duplicate]], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    found()
    row = lumen()
    opened(row, ben, clock)
    zoho.faults.add({"method": "GET", "path": "/books/v3/contacts/", "times": 9, "status": 503})
    row = said_merged(row, ben, clock)
    assert row.state == State.MERGING and row.ask_at is not None and "Nothing was changed" in row.said
    assert merge_guide.due(company, clock).filter(pk=row.pk).exists()


def test_across_both_sides_a_person_links_and_the_pair_is_settled(
    company: Connection, found: Callable[[], list[Duplicate]], ben: User, clock: SteppedClock
) -> None:
    found()
    Link.objects.filter(crm_id=Record.objects.get(kind="account", name="Halcyon Clinics").remote_id).delete()
    found()
    row = Duplicate.objects.get(name="Halcyon Clinics", state=State.OPEN)
    sides = {one.record.kind: one.pk for one in row.members.select_related("record")}
    answer = browser("ben").post(
        f"/admin/syncjobs/duplicate/{row.pk}/link/", {"crm": sides["account"], "books": sides["customer"]}, follow=True
    )
    assert "is now linked to" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == State.LINKED and Link.objects.filter(reason="Chosen in Duplicates.").count() == 1


def test_two_customers_of_two_accounts_wait_for_the_merge_in_crm(
    company: Connection, found: Callable[[], list[Duplicate]], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    found()
    row = lumen()
    account = Record.objects.get(kind="account", name="Kestrel Air")
    for name, party in (
        ("Lumen Studio GmbH", Record.objects.get(kind="account", name=LUMEN)),
        ("Lumen Studio Leipzig", account),
    ):
        Link.objects.filter(crm_id=party.remote_id).delete()
        one = customer(name)
        Link.objects.create(connection=company, pair="customer", crm_kind="account", crm_id=party.remote_id,
                            books_id=one.remote_id, currency="EUR", how="person", made_at=clock.now())  # fmt: skip
    with pytest.raises(Refused, match="Merge those in CRM first"):
        merge_guide.start(row, "books", [], ben, clock)


def test_zohos_own_integration_is_named_where_it_left_ties_and_where_it_is_still_on(
    company: Connection, zoho: Simulator, clock: SteppedClock
) -> None:
    """Demo situation 19: five were tied by it; switched on and used since go-live, it stops going live"""
    from accounts import readiness
    from accounts.clients import seams

    def row() -> dict[str, Any]:
        return next(one for one in readiness.check(company, seams()) if one["name"] == "Zoho's own integration")

    assert row()["state"] == "amber" and "5 customers were tied to CRM by it" in row()["sentence"]
    account = Record.objects.get(kind="account", name="Fjord Analytics AS")
    new_customer(zoho, "Fjord Analytics AS", zcrm_account_id=account.remote_id)
    assert (
        row()["state"] == "red"
        and "voids" not in row()["sentence"]
        and "void the invoices of lost" in row()["sentence"]
    )
    assert "Fjord Analytics AS" in row()["sentence"]


def test_names_that_are_alike_at_one_address_are_named(
    found: Callable[[], list[Duplicate]], zoho: Simulator, read: Callable[[str], None]
) -> None:
    """Neither has an e-mail, a phone or a tax number; CRM tells where both are."""
    where = {"Billing_Street": "Kaistr. 14", "Billing_City": "Kiel", "Billing_Code": "24103"}
    for name in ("Bootsbau Petersen", "Bootsbau Peterson GmbH"):
        zoho.user_create("crm", "Accounts", {"Account_Name": name, **where})
    read("account")
    names = {row.name: row.reasons for row in found()}
    assert names["Bootsbau Petersen"] == "name alike, same street, same postcode"


def test_a_look_at_all_may_take_minutes_and_gives_signs_of_life(
    company: Connection, aligned: Callable[[], Run], clock: SteppedClock
) -> None:
    """100,000 on each side take two minutes: the worker is neither ended by its queue nor taken for dead."""
    duplicates.ask(company)
    assert OrmQ.objects.get(key="bulk").task["timeout"] > 600
    Heartbeat.objects.update_or_create(queue="bulk", defaults={"pid": 1, "beat_at": clock.now()})
    clock.advance(240)
    find_duplicates(company.pk)
    assert watching.silent(dict(Heartbeat.objects.values_list("queue", "beat_at")), clock.now()) == {}
    assert Heartbeat.objects.get(queue="bulk").beat_at == clock.now()
