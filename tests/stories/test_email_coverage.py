"""S37, S38: which customers have no e-mail, what CRM suggests; only what was confirmed is written, and undone."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Connection, User
from syncjobs import duplicates, email_fill, narrowing, settling
from syncjobs.mappings import Refused
from syncjobs.models import MappedField, Mapping, Plan, Record, Run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from tests.people import browser
from tests.stories.test_customers_in_step import mapping, sync
from tests.stories.test_duplicates import aligned
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["aligned", "mapping", "sync"]  # fixtures
ADDRESS = "/admin/syncjobs/emails/"


@pytest.fixture
def known(company: Connection, aligned: Callable[[], Run], clock: SteppedClock) -> Connection:
    """After a night: who is likely whom is known."""
    duplicates.find(company, clock, whole=True)
    return company


def offered(connection: Connection, name: str) -> email_fill.Lacking:
    rows = list(email_fill.lacking(connection))
    return next(one for one in email_fill.suggestions(connection, rows) if one.record.name == name)


def in_books(zoho: Simulator, record: Record) -> dict[str, Any]:
    return zoho.verbs("books").read(zoho, "contacts", record.remote_id) or {}


def worked(run: Run) -> Run:
    work_to_end(run, bulk_reader(), patience=3600)
    run.refresh_from_db()
    return run


def test_eighteen_have_none_and_ben_fills_the_two_that_he_confirmed_and_takes_it_back(
    known: Connection, zoho: Simulator, ben: User, cy: User, clock: SteppedClock
) -> None:
    found = email_fill.coverage(known)
    assert (found.without, found.many) == (18, False)
    client = browser("ben")
    page = client.get(ADDRESS).content.decode()
    assert f"{found.with_email} of {found.customers} customers have a primary e-mail" in page
    assert "juergen" in page.lower() or "cafe-mueller.example" in page, "a likely account's contact is suggested"
    assert "Nobody in CRM is known to be it" in page, "nobody in CRM pays at the counter"
    two = [offered(known, "Alder & Sons Joinery"), offered(known, "Cafe Mueller und Soehne")]
    chosen = {one.record.pk: one.suggestion.options[0].email for one in two}
    body = {"customer": list(chosen)} | {f"email-{pk}": email for pk, email in chosen.items()}
    answer = client.post(f"{ADDRESS}{known.pk}/fill/", body, follow=True).content.decode()
    assert "nothing is written yet" in answer and "Apply exactly this" in answer
    last, plan = zoho.log.last, Plan.objects.get(purpose="fill")
    run = worked(settling.apply_plan(plan, ben, clock))
    assert run.state == "complete" and run.writes == 2, run.sentence
    assert [in_books(zoho, one.record)["email"] for one in two] == list(chosen.values())
    changed = [
        one["path"] for one in zoho.log.since(last) if one["method"] in ("POST", "PUT") and "books" in one["path"]
    ]
    assert len(changed) == 2 and all("contactpersons" in path for path in changed)
    assert email_fill.coverage(known).without == 16
    undo = worked(narrowing.undo_run(run, cy, clock))
    back = undo.plans.get()
    assert back.writes.exclude(outcome="left").count() == 2, undo.sentence
    worked(settling.apply_plan(back, cy, clock))
    assert [in_books(zoho, one.record)["email"] for one in two] == ["", ""]
    assert email_fill.coverage(known).without == 18


def test_what_is_not_offered_is_not_written_and_an_address_of_another_customer_never_is(
    known: Connection, ben: User, dee: User, clock: SteppedClock
) -> None:
    one = offered(known, "Alder & Sons Joinery")
    with pytest.raises(Refused, match="isn't offered any more"):
        email_fill.plan(known, {one.record.pk: "someone@else.example"}, ben, clock)
    with pytest.raises(Refused, match="Tick the customers first"):
        email_fill.plan(known, {}, ben, clock)
    email = one.suggestion.options[0].email
    Record.objects.filter(kind="customer", name="Acme Ltd").update(email_key=email)
    assert offered(known, "Alder & Sons Joinery").suggestion.taken == ("Acme Ltd",)
    assert not Plan.objects.filter(purpose="fill").exists()
    assert browser("dee").post(f"{ADDRESS}{known.pk}/fill/", {}).status_code == 403


def test_where_books_owns_the_e_mail_nothing_is_filled_from_here(
    known: Connection, ben: User, clock: SteppedClock
) -> None:
    people = Mapping.objects.get_or_create(connection=known, pair="person", defaults={"changed_at": clock.now()})[0]
    MappedField.objects.update_or_create(
        mapping=people, name="email",
        defaults={"position": 9, "label": "E-mail", "crm": "Email", "books": "email", "owner": "books"},
    )  # fmt: skip
    one = offered(known, "Alder & Sons Joinery")
    with pytest.raises(Refused, match="Books' own"):
        email_fill.plan(known, {one.record.pk: one.suggestion.options[0].email}, ben, clock)
    assert "Not from here" in browser("ben").get(ADDRESS).content.decode()
