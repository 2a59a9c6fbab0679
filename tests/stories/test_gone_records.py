"""What was deleted or merged in Zoho: never by absence alone, asked twice, then settled as the mapping says."""

from collections.abc import Callable

import pytest

from accounts.models import AuditEvent, Connection, User
from invoicing import successors
from invoicing.models import Invoice
from invoicing.tasks import workbench
from syncjobs import importing, unlinking, vanishing
from syncjobs.mappings import Refused, mapping_of
from syncjobs.models import Comparison, Disappearance, Link, Mapping, Problem, Record, Run
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from tests.stories.bringing_over import to_its_end
from tests.stories.test_customers_in_step import aligned, mapping, pair_of, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.zoho.errors import ZohoError

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["aligned", "mapping", "sync"]  # fixtures
NAME = "Halcyon Clinics"


@pytest.fixture
def look(company: Connection, clock: SteppedClock) -> Callable[[], int]:
    """The hourly look for what is gone."""

    def looked() -> int:
        clock.advance(3700)
        reader = bulk_reader()
        return vanishing.look_for_gone(company, reader.clients(company), clock)

    return looked


@pytest.fixture
def listing(company: Connection, clock: SteppedClock) -> Callable[[str], Run]:
    """A full listing of a kind."""

    def listed(kind: str) -> Run:
        run = start_run(company, kind, clock, full=True, trigger="command", doorbell=False)
        return work_to_end(run, bulk_reader(), patience=3600)

    return listed


def settled(company: Connection, policy: str) -> None:
    Mapping.objects.filter(connection=company, pair="customer").update(on_gone=policy)


def gone() -> Disappearance:
    return Disappearance.objects.get(name=NAME)


def writes(zoho: Simulator, since: int) -> list[str]:
    calls = [one for one in zoho.log.since(since) if one["method"] != "GET" and "/oauth" not in one["path"]]
    return [one["path"] for one in calls if "coql" not in one["path"]]


def delete_in_books(zoho: Simulator, company: Connection, books_id: str) -> None:
    """As Books' own merge does: its documents are another's, then it is gone."""
    other = Record.objects.filter(connection=company, kind="customer").exclude(remote_id=books_id).earliest("pk")
    zoho.act("books", "contacts", books_id, "merge", {"into": other.remote_id})


def test_an_account_deleted_in_crm_is_named_and_a_person_decides(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], zoho: Simulator, cy: User,
    clock: SteppedClock,
) -> None:  # fmt: skip
    account, customer = pair_of(company, NAME)
    last = zoho.log.last
    zoho.user_delete("crm", "Accounts", account)
    assert look() == 1
    row = gone()
    assert (row.state, row.decision, row.other_id) == ("gone", "ask", customer)
    problem = Problem.objects.get(cause="gone", closed_at=None)
    assert "was deleted or merged in CRM" in problem.sentence and problem.who == "revops"
    assert aligned().state == "complete" and writes(zoho, last) == [], "nothing is written, made or deleted for it"
    assert unlinking.decide_gone(row, "unlink", cy, clock).startswith("Unlinked")
    assert not Link.objects.filter(crm_id=account).exists()
    problem.refresh_from_db()
    assert problem.closed_at and AuditEvent.objects.filter(verb="unlink", actor="cy").exists()
    assert zoho.verbs("books").read(zoho, "contacts", customer), "its customer stays as it is"
    with pytest.raises(Refused):
        unlinking.decide_gone(gone(), "restore", cy, clock)


def test_a_customer_missing_from_books_list_is_gone_only_after_two_looks_an_hour_apart(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], listing: Callable[[str], Run],
    zoho: Simulator, clock: SteppedClock,
) -> None:  # fmt: skip
    _, customer = pair_of(company, NAME)
    delete_in_books(zoho, company, customer)
    run = listing("customer")
    assert run.state == "incomplete" and "1 known to zbridge is not in the list" in run.sentence
    assert gone().state == "suspected"
    rows = Record.objects.filter(kind="customer", remote_id=customer, gone_at=None)
    reader = bulk_reader()
    clock.advance(60)
    assert vanishing.look_for_gone(company, reader.clients(company), clock) == 0
    assert vanishing.look_at_suspects(company, reader.clients(company), clock) == 0, (
        "a second look at once tells nothing"
    )
    assert rows.exists()
    assert look() == 1
    assert not rows.exists() and gone().state == "gone"


def test_while_books_cant_be_reached_nothing_is_taken_for_gone(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], listing: Callable[[str], Run],
    zoho: Simulator, clock: SteppedClock,
) -> None:  # fmt: skip
    _, customer = pair_of(company, NAME)
    delete_in_books(zoho, company, customer)
    listing("customer")
    look()
    fault = zoho.faults.add(
        {"method": "GET", "path": "/books/v3/organizations/", "times": 9, "status": 404, "code": 6006}
    )
    with pytest.raises(ZohoError):
        look()
    assert gone().state == "suspected"
    zoho.faults.remove(fault)
    assert look() == 1


def test_a_record_that_is_there_after_all_is_let_be(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], clock: SteppedClock
) -> None:
    _, customer = pair_of(company, NAME)
    vanishing.suspect(company, "customer", {customer}, company.now(clock))
    assert look() == 0
    assert gone().state == "back" and gone().ended_at is not None


def test_an_artificially_deleted_record_is_named_after_an_import(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator, cy: User, clock: SteppedClock
) -> None:
    """S72"""
    _, customer = pair_of(company, NAME)
    delete_in_books(zoho, company, customer)
    row = to_its_end(importing.start_import(company, cy, clock), bulk_reader(), clock)
    assert row.state == "incomplete" and "Customers: " in row.sentence
    compared = Comparison.objects.filter(pair="customer").first()
    assert compared is not None
    assert [one.name for one in compared.differences.filter(what="unseen")] == [NAME]


def test_the_mapping_may_say_that_it_is_made_again_and_linked_once(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], listing: Callable[[str], Run],
    zoho: Simulator, clock: SteppedClock,
) -> None:  # fmt: skip
    account, customer = pair_of(company, NAME)
    settled(company, "restore")
    delete_in_books(zoho, company, customer)
    listing("customer")
    look()
    assert look() == 1
    run = aligned()
    assert run.created == 1, run.sentence
    made = Link.objects.get(pair="customer", crm_id=account)
    assert made.books_id != customer
    found = [row for row in zoho.verbs("books").rows(zoho, "contacts") if row["contact_name"] == NAME]
    assert [row["contact_id"] for row in found] == [made.books_id]
    aligned()  # what Books filled in by itself comes back once
    assert [aligned().writes for _ in range(3)] == [0, 0, 0]


def test_left_as_it_is_it_is_no_gap_any_more(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], zoho: Simulator, clock: SteppedClock
) -> None:
    account, _ = pair_of(company, NAME)
    settled(company, "ignore")
    zoho.user_delete("crm", "Accounts", account)
    look()
    assert Link.objects.filter(crm_id=account).exists() and not Problem.objects.filter(cause="gone").exists()
    aligned()
    compared = Comparison.objects.filter(pair="customer").first()
    assert compared is not None and compared.broken == 0


def test_a_weeks_old_listing_is_made_anew(company: Connection, clock: SteppedClock) -> None:
    from syncjobs.models import Checkpoint
    from syncjobs.services import KINDS
    from syncjobs.sweeping import start_due_listings

    start_due_listings(company, clock)
    assert not Run.objects.filter(trigger="listing").exists()
    assert Checkpoint.objects.get(kind="customer").listed_at is not None
    clock.advance(8 * 86400)
    start_due_listings(company, clock)
    start_due_listings(company, clock)
    kinds = Run.objects.filter(trigger="listing").values_list("kind", flat=True)
    assert sorted(kinds) == sorted(KINDS)
    assert mapping_of(company, "customer", clock).on_gone == "ask"


def test_a_customer_merged_in_books_is_followed_to_the_one_that_took_its_place(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], listing: Callable[[str], Run],
    zoho: Simulator, cy: User, clock: SteppedClock,
) -> None:  # fmt: skip
    link = next(
        one for one in Link.objects.filter(pair="customer")
        if Invoice.objects.filter(customer_id=one.books_id, gone_at=None).exists()
    )  # fmt: skip
    linked = Link.objects.filter(pair="customer").values("books_id")
    master = (
        Record.objects.filter(kind="customer", active=True, currency="EUR").exclude(remote_id__in=linked).earliest("pk")
    )
    zoho.act("books", "contacts", link.books_id, "merge", {"into": master.remote_id})
    listing("customer")
    look()
    assert look() == 1
    last = zoho.log.last
    assert successors.follow(company, workbench()) == 1
    assert successors.follow(company, workbench()) == 0
    assert len(zoho.log.since(last)) <= 2, "one call, once"
    row = Disappearance.objects.get(remote_id=link.books_id)
    page = browser("cy").get(f"/admin/syncjobs/disappearance/{row.pk}/change/").content.decode()
    assert f"Link to {master.name}, into which it was merged" in page
    answer = browser("cy").post(f"/admin/syncjobs/gone/{row.pk}/follow/", follow=True)
    assert f"Linked to {master.name}" in answer.content.decode()
    assert Link.objects.get(pair="customer", crm_id=link.crm_id).books_id == master.remote_id
    assert aligned().state in ("complete", "refused")


def test_who_may_look_at_gone_records_and_who_decides(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], zoho: Simulator
) -> None:
    account, _ = pair_of(company, NAME)
    zoho.user_delete("crm", "Accounts", account)
    look()
    row = gone()
    address, deed = f"/admin/syncjobs/disappearance/{row.pk}/change/", f"/admin/syncjobs/gone/{row.pk}/decide/"
    assert "Leave everything as it is" in browser("cy").get(address).content.decode()
    assert "Leave everything as it is" not in browser("dee").get(address).content.decode()
    assert browser("dee").post(deed, {"decision": "unlink"}).status_code == 403
    assert browser("ada").get(address).status_code in (302, 403, 404)
    problem = Problem.objects.get(cause="gone")
    assert address in browser("cy").get(f"/admin/syncjobs/problem/{problem.pk}/change/").content.decode()
    assert "decided already" in browser("cy").post(deed, {"decision": "nonsense"}, follow=True).content.decode()
    assert Link.objects.filter(crm_id=account).exists()
    answer = browser("cy").post(deed, {"decision": "unlink"}, follow=True).content.decode()
    assert "Unlinked. The other record stays as it is." in answer and "Settled" in answer


@pytest.mark.parametrize("shown", ["nothing", "half"])
def test_a_list_that_suddenly_lacks_many_takes_nobody_for_gone(
    company: Connection, listing: Callable[[str], Run], zoho: Simulator, shown: str
) -> None:
    for number, row in enumerate(list(zoho.verbs("crm").rows(zoho, "Accounts"))):
        if shown == "nothing" or number % 2:
            zoho.user_delete("crm", "Accounts", row["id"])
    run = listing("account")
    assert run.state == "refused" and "Nothing was taken for gone" in run.sentence
    assert not Disappearance.objects.exists() and Record.objects.filter(kind="account", gone_at=None).count() == 62


def test_when_many_are_deleted_at_once_a_person_is_asked_whatever_the_mapping_says(
    company: Connection, aligned: Callable[[], Run], look: Callable[[], int], zoho: Simulator
) -> None:
    settled(company, "unlink")
    linked = list(Link.objects.filter(pair="customer").values_list("crm_id", flat=True))
    for account in linked[:25]:
        zoho.user_delete("crm", "Accounts", account)
    assert look() == 25
    assert Link.objects.filter(pair="customer").count() == len(linked), "no link was taken off by itself"
    assert Problem.objects.filter(cause="gone", closed_at=None).count() == 25
