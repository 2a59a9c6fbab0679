"""The self-test against the simulator: every question is answered right in each position of its switch."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.clients import seams
from accounts.models import AuditEvent, Connection, SelfTest, User
from accounts.selftest import working
from accounts.selftest.freshness import changes
from accounts.selftest.report import as_text, report
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.simulator.wire import request_of

# Drafts that are tried before the one whose caller hangs up: the draft, its twin, three pairs.
DRAFTS_BEFORE = 8
Sim = Callable[..., Any]


@pytest.fixture
def sim(zoho: Simulator) -> Sim:
    """The simulator's controls."""

    def ask(method: str, path: str, body: object = None) -> Any:
        answer = zoho.respond(request_of(method, f"/_sim/{path}", {}, json.dumps(body or {}).encode()))
        assert answer.status < 300, answer.body
        return json.loads(answer.body)

    return ask


@pytest.fixture
def organisation(transactional_db: None, connection: Connection, sim: Sim) -> Connection:
    """Brightwater without limits on calls, and without its rule on discounts."""
    for row in sim("GET", "orgs")["orgs"]:
        sim("PUT", f"orgs/{row['id']}", {"limits": "off", "discount_before_tax": "sent"})
    return connection


def overdue_is_paid_in_part(sim: Sim, clock: SteppedClock) -> None:
    """Acme pays 100.00 of an overdue invoice, some seconds after everything else."""
    clock.advance(5)
    rows = sim("GET", "records/books/invoices")["data"]
    row = next(row for row in rows if row["status"] == "overdue" and float(row["balance"]) > 200)
    sim("POST", f"actions/books/invoices/{row['invoice_id']}/pay", {"amount": 100})


def play_the_person(test: SelfTest, sim: Sim) -> None:
    """Void one draft, delete the other, deactivate customer and item."""
    sim("POST", f"actions/books/invoices/{test.marks['to void']['id']}/void")
    sim("POST", f"actions/books/invoices/{test.marks['to delete']['id']}/delete")
    second = "zbridge self-test 2"
    sim("POST", f"actions/books/contacts/{test.marks[f'customer {second}']}/inactive")
    sim("POST", f"actions/books/items/{test.marks[f'item {second}']}/inactive")


def worked(test: SelfTest, clock: SteppedClock) -> SelfTest:
    """As far as it goes, waiting where it waits."""
    for _ in range(60):
        working.work(test.pk, seams())
        test.refresh_from_db()
        if test.state != SelfTest.State.WAITING:
            break
        if test.hold_until is not None:
            clock.advance(max(0.0, (test.hold_until - clock.now()).total_seconds()))
    return test


def whole(connection: Connection, cy: User, sim: Sim, clock: SteppedClock) -> dict[str, str]:
    """A whole self-test with test records and a person's part; each question's answer in a word."""
    lost = {"method": "POST", "path": "/books/v3/invoices$", "nth": DRAFTS_BEFORE + 1, "commit_after": 5}
    sim("POST", "faults", lost)
    overdue_is_paid_in_part(sim, clock)
    test = worked(working.start(connection, cy, True, clock), clock)
    assert test.state == SelfTest.State.PERSON, [(row.question, row.sentence) for row in test.steps.all()]
    play_the_person(test, sim)
    working.go_on(test, cy, clock)
    test = worked(test, clock)
    assert test.state == SelfTest.State.DONE, (test.state, test.hold)
    return {row.question: row.value for row in test.steps.all()}


DEFAULTS: dict[str, str] = {
    "unique_twin": "400_code_120", "twin_race": "one passes", "after_void": "void_holds", "cf_in_list": "yes",
    "modified_filter": "customerpayments", "payment_moves": "invoice yes,customer no", "potential_id": "stored",
    "duplicate_number": "refused", "duplicate_sku": "refused", "duplicate_name": "refused",
    "inactive_customer": "refused", "inactive_item": "refused", "other_currency": "refused",
    "part_paid_status": "overdue", "discount_order": "as_sent", "missing_org": "400", "foreign_org": "400",
    "late_commit": "applied", "crm_rows_failed": "400", "crm_unknown_id": "204", "crm_since_boundary": "exclusive",
    "crm_discount_form": "number", "crm_missing_scope": "401", "stays_draft": "draft", "key_filter": "works",
    "crm_page_token": "goes on", "crm_conditional": "second older refused, equal accepted", "scopes": "38 of 38",
    "list_lag": "0 s", "date_skew": "0 s",
    "rate_headers": "x-rate-limit-limit, x-rate-limit-remaining, x-rate-limit-reset",
}  # fmt: skip
FLIPPED: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    (
        {
            "books_unique_twin": "400_code_4", "books_unique_after_void": "void_frees", "books_cf_in_list": False,
            "books_modified_filter": ["contacts", "items"], "books_payment_bumps_invoice": False,
            "books_payment_bumps_contact": True, "books_potential_id_on_create": "ignored",
            "books_duplicate_invoice_number": "accepted", "books_duplicate_sku": "accepted",
            "books_duplicate_contact_name": "accepted", "books_inactive_customer": "accepted",
            "books_inactive_item": "accepted", "books_currency_mismatch": "accepted",
            "books_part_paid_past_due": "partially_paid", "books_discount_tax_order": "before",
            "books_missing_org_status": 401, "books_6041_status": 401, "books_late_commit": "dropped",
            "books_rate_headers": False, "crm_rows_failed_status": 200, "crm_unknown_id": 400,
            "crm_if_modified_since_boundary": "inclusive", "crm_item_discount_form": "percent",
            "crm_scope_mismatch_status": 403, "crm_search_lag": 60,
        },
        {
            "unique_twin": "400_code_4", "twin_race": "one passes", "after_void": "void_frees", "cf_in_list": "no",
            "modified_filter": "contacts,items", "payment_moves": "invoice no,customer yes",
            "potential_id": "ignored", "duplicate_number": "accepted", "duplicate_sku": "accepted",
            "duplicate_name": "accepted", "inactive_customer": "accepted", "inactive_item": "accepted",
            "other_currency": "accepted", "part_paid_status": "partially_paid", "discount_order": "before",
            "missing_org": "401", "foreign_org": "401", "late_commit": "dropped", "crm_rows_failed": "200",
            "crm_unknown_id": "400", "crm_since_boundary": "inclusive", "crm_discount_form": "percent",
            "crm_missing_scope": "403", "rate_headers": "absent",
        },
    ),
    (
        {
            "books_unique_twin": "racy", "books_unique_after_void": "deleted_holds", "books_modified_filter": [],
            "books_discount_tax_order": "after", "books_missing_org_status": 404, "books_6041_status": 404,
            "crm_rows_failed_status": 202, "crm_unknown_id": 404, "crm_item_discount_form": "string",
            "crm_search_lag": 0,
        },
        {
            "unique_twin": "400_code_120", "twin_race": "both pass", "after_void": "deleted_holds",
            "modified_filter": "none", "discount_order": "after", "missing_org": "404", "foreign_org": "404",
            "crm_rows_failed": "202", "crm_unknown_id": "404", "crm_discount_form": "string", "crm_search_lag": "0 s",
        },
    ),
    (
        {"books_unique_twin": "accepted"},
        {"unique_twin": "accepted", "twin_race": "both pass", "after_void": "void_frees"},
    ),
)  # fmt: skip


def differing(found: dict[str, str], wanted: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {name: (found[name], value) for name, value in wanted.items() if found[name] != value}


def seconds(value: str) -> float:
    return float(value.split()[0])


def test_every_question_is_answered_as_the_simulator_is_by_default(
    organisation: Connection, cy: User, sim: Sim, clock: SteppedClock
) -> None:
    found = whole(organisation, cy, sim, clock)
    assert differing(found, DEFAULTS) == {}
    assert 5 <= seconds(found["crm_search_lag"]) <= 15
    assert found["unknown_tax"].startswith("400") and found["no_lines"].startswith("400")
    organisation.refresh_from_db()
    assert organisation.answers["cf_in_list"]["value"] == "yes" and organisation.uniqueness_seen_at == clock.now()


@pytest.mark.parametrize(("switches", "wanted"), FLIPPED)
def test_an_answer_flips_with_its_switch(
    organisation: Connection, cy: User, sim: Sim, clock: SteppedClock, switches: dict[str, Any], wanted: dict[str, str]
) -> None:
    sim("PUT", "switches", switches)
    found = whole(organisation, cy, sim, clock)
    assert differing(found, wanted) == {}
    if switches.get("crm_search_lag") == 60:
        assert 60 <= seconds(found["crm_search_lag"]) <= 80


def _so_far(sim: Sim) -> int:
    return max((row["n"] for row in sim("GET", "requests")["requests"]), default=0)


def test_without_the_tick_nothing_is_written_anywhere(
    organisation: Connection, cy: User, sim: Sim, clock: SteppedClock
) -> None:
    before = sim("GET", "counts")
    since = _so_far(sim)
    test = worked(working.start(organisation, cy, False, clock), clock)
    asked = sim("GET", f"requests?since={since}")["requests"]
    assert test.state == SelfTest.State.DONE and test.left == []
    assert {row["method"] for row in asked} == {"GET"} and sim("GET", "counts") == before
    assert {row.state for row in test.steps.filter(question__in=["unique_twin", "after_void"])} == {"skipped"}


def test_the_writes_of_a_self_test_delete_send_and_change_no_invoice(
    organisation: Connection, cy: User, sim: Sim, clock: SteppedClock
) -> None:
    since = _so_far(sim)
    worked(working.start(organisation, cy, True, clock), clock)
    asked = sim("GET", f"requests?since={since}")["requests"]
    writes = {(row["method"], row["path"].split("/")[3]) for row in asked if row["method"] != "GET"}
    assert writes == {
        ("POST", "invoices"), ("POST", "contacts"), ("PUT", "contacts"), ("POST", "items"),
        ("PUT", "Deals"), ("POST", "Accounts"), ("PUT", "Accounts"),
    }  # fmt: skip
    assert sim("GET", "mails")["mails"] == []


def test_a_killed_worker_loses_one_question_at_most(
    organisation: Connection, cy: User, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def dies(*args: object) -> None:
        raise Killed

    test = working.start(organisation, cy, True, clock)
    monkeypatch.setattr(working, "TURN", 0.5)
    working.work(test.pk, seams())
    asked = test.steps.filter(state="asked").count()
    with monkeypatch.context() as patch:
        patch.setattr(working, "_answer", dies)
        with pytest.raises(Killed):
            working.work(test.pk, seams())
    assert working.work(test.pk, seams()) is None
    clock.advance(working.LEASE.total_seconds() + 1)
    assert working.due(organisation, clock) == [test.pk]
    working.work(test.pk, seams())
    assert test.steps.filter(state="asked").count() > asked


def test_while_zoho_is_down_it_waits_with_its_cause_and_goes_on_by_itself(
    organisation: Connection, cy: User, sim: Sim, clock: SteppedClock
) -> None:
    test = working.start(organisation, cy, False, clock)
    sim("POST", "sides", {"books": "off"})
    working.work(test.pk, seams())
    test.refresh_from_db()
    assert test.state == "waiting" and "Books" in test.hold and test.hold_until is not None
    sim("POST", "sides", {"books": "on"})
    assert worked(test, clock).state == SelfTest.State.DONE


def test_the_report_holds_no_name_id_or_secret_and_reads_like_a_page(
    organisation: Connection, cy: User, clock: SteppedClock
) -> None:
    test = worked(working.start(organisation, cy, False, clock), clock)
    found = report(test)
    texts = json.dumps(found) + as_text(found)
    people = [str(row[part]) for row in organisation.crm_users for part in ("name", "email")]
    for name in ["Brightwater", organisation.books_org_id, organisation.crm_org_id, "1000.", "cy", *people]:
        assert name not in texts.replace("currency", "").replace("policy", ""), name
    assert "with the same key refused?\n  Not asked: test records were not ticked.\n" in texts
    assert len(found["questions"]) == test.steps.count() and found["not_asked"]


def test_where_both_drafts_pass_lost_answers_wait_for_a_person_again(
    organisation: Connection, cy: User, sim: Sim, clock: SteppedClock
) -> None:
    assert organisation.uniqueness_seen_at is not None
    sim("PUT", "switches", {"books_unique_twin": "racy"})
    test = worked(working.start(organisation, cy, True, clock), clock)
    working.leave_out(test, cy, clock)
    assert worked(test, clock).state == SelfTest.State.DONE
    organisation.refresh_from_db()
    assert organisation.uniqueness_seen_at is None


def test_the_order_of_discount_and_tax_follows_and_stands_in_the_audit_trail(
    organisation: Connection, cy: User, sim: Sim, clock: SteppedClock
) -> None:
    sim("PUT", "switches", {"books_discount_tax_order": "before"})
    test = worked(working.start(organisation, cy, True, clock), clock)
    working.leave_out(test, cy, clock)
    worked(test, clock)
    organisation.refresh_from_db()
    assert organisation.discount_before_tax_always is True
    event = AuditEvent.objects.filter(verb="settings").first()
    assert event is not None and event.detail == {"discount_before_tax_always": ["False", "True"]}


def test_revops_runs_it_and_the_auditor_reads(organisation: Connection, cy: User, dee: User, ada: User) -> None:
    place = f"/admin/accounts/connection/{organisation.pk}/self-test/"
    for person, looks, runs in ((ada, 403, 403), (dee, 200, 403), (cy, 200, 302)):
        client = Client()
        client.force_login(person)
        with CaptureQueriesContext(database) as frame:
            client.get("/admin/accounts/connection/")
        with CaptureQueriesContext(database) as queries:
            assert client.get(place).status_code == looks
        assert len(queries) <= len(frame) + 4
        assert client.post(place + "start/", {"writes": ""}).status_code == runs
    test = SelfTest.objects.get()
    assert test.requested_by == cy and not test.writes
    for name in ("progress/", "report.json", "report.txt"):
        answer = Client(headers={}).get(f"/admin/accounts/connection/self-test/{test.pk}/{name}")
        assert answer.status_code == 302
        client.force_login(dee)
        assert client.get(f"/admin/accounts/connection/self-test/{test.pk}/{name}").status_code == 200


def test_a_changed_plan_asks_for_another_self_test(organisation: Connection, cy: User, clock: SteppedClock) -> None:
    test = worked(working.start(organisation, cy, False, clock), clock)
    assert changes(organisation, test) == ""
    organisation.books_plan = "Premium"
    assert changes(organisation, test) == "The Books plan changed since the last self-test: run it again."


def test_two_presses_begin_one_self_test(organisation: Connection, cy: User, clock: SteppedClock) -> None:
    first = working.start(organisation, cy, True, clock)
    assert working.start(organisation, cy, False, clock) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        SelfTest.objects.create(connection=organisation, requested_at=clock.now())
    assert SelfTest.objects.count() == 1 and first.writes
