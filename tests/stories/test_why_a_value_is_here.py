"""“Why is this value here?” is answered beside every mapped field: side, time, run, rule, what it replaced."""

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounts.models import Connection, Retention, User
from syncjobs import settling
from syncjobs.field_history import fields_now, happenings
from syncjobs.models import Conflict, KeptValue, Link, Mapping, Run
from tests.people import browser
from tests.stories.test_customers_in_step import aligned, mapping, pair_of, sync
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["aligned", "mapping", "sync"]  # fixtures


def whys(link: Link) -> dict[str, str]:
    return {one.label: one.why for one in fields_now(link, happenings(link))}


def test_each_field_tells_what_wrote_it_what_it_replaced_and_what_was_refused(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator, ben: User, clock: SteppedClock
) -> None:
    account, customer = pair_of(company, "Halcyon Clinics")
    link = Link.objects.get(pair="customer", crm_id=account)
    assert whys(link)["Payment terms"] == "CRM: “Net 60” became “Net 30”; Books owns it"
    assert whys(link)["Website"] == "Both sides say so; zbridge wrote nothing."
    zoho.user_update("books", "contacts", customer, {"website": "https://typed.example"})
    aligned()
    assert whys(link)["Website"].startswith("“https://typed.example” in Books was refused")
    assert "A person is asked" in whys(link)["Phone"]
    settling.settle(Conflict.objects.get(link=link, closed_at=None), "crm", ben, clock)
    assert "decided" in whys(link)["Phone"] or "shall be" in whys(link)["Phone"]
    aligned()
    link.refresh_from_db()
    assert whys(link)["Phone"].endswith("became “+498955500101”; a person")
    story = [one.text for one in happenings(link)]
    assert any("gave way" in text for text in story) and story[-1].startswith("Linked")
    assert KeptValue.objects.filter(link=link).count() == 3


def test_where_old_plans_were_cleared_away_nobody_claims_that_nothing_was_ever_written(
    company: Connection, aligned: Callable[[], Run], clock: SteppedClock
) -> None:
    link = Link.objects.get(pair="customer", crm_id=pair_of(company, "Halcyon Clinics")[0])
    Retention.objects.create(name="plans", days=400, gone_before=clock.now())
    said = whys(link)
    assert said["Payment terms"].startswith("CRM: “Net 60” became “Net 30”")
    assert said["Website"].endswith("what was written before then is no longer kept.")


def test_the_page_of_a_link_shows_it_with_the_way_to_the_run_and_asks_nobody(
    company: Connection, aligned: Callable[[], Run], zoho: Simulator
) -> None:
    account, _ = pair_of(company, "Halcyon Clinics")
    link = Link.objects.get(pair="customer", crm_id=account)
    asked = len(zoho.log.rows)
    client = browser("cy")
    client.get("/admin/syncjobs/link/")
    with CaptureQueriesContext(database) as queries:
        page = client.get(f"/admin/syncjobs/link/{link.pk}/change/").content.decode()
    run = Run.objects.get(plans__writes__link=link)
    assert (
        f"/admin/syncjobs/run/{run.pk}/change/" in page and "Halcyon Clinics in CRM is Halcyon Clinics in Books" in page
    )
    assert "Net 60” became “Net 30" in page and len(queries) < 30
    assert len(zoho.log.rows) == asked


def test_what_was_made_tells_that_it_was_made(company: Connection, aligned: Callable[[], Run], zoho: Simulator) -> None:
    Mapping.objects.filter(pair="customer").update(creates_in_books=True)
    zoho.user_create("crm", "Accounts", {"Account_Name": "Quarry Works", "Billing_City": "Kassel"})
    aligned()
    account, _ = pair_of(company, "Quarry Works")
    link = Link.objects.get(pair="customer", crm_id=account)
    assert "Made by zbridge" in happenings(link)[-1].text
    assert whys(link)["Billing city"] == "Books: “empty” became “Kassel”; CRM owns it"
