"""Health: one run per system and day, told when it fails and when it is well again; and what a request notices."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import expiries, health, tasks, watching
from accounts.clients import seams
from accounts.models import Alarm, Connection, Exchange, Grant, HealthRun, Heartbeat, Notice, User
from tests.people import browser
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.simulator.tokens import Tokens
from zbridge.site import sweep

pytestmark = pytest.mark.django_db(transaction=True)


def check(connection: Connection) -> dict[str, HealthRun]:
    connection.refresh_from_db()
    return {run.system: run for run in health.check(connection, "person", seams())}


def sim(zoho: Simulator, side: str, state: str) -> None:
    zoho.store.set("sides", {side: state})


def test_each_system_is_checked_with_few_calls_and_the_results_are_kept(empty_connection: Connection) -> None:
    before = Exchange.objects.count()
    runs = check(empty_connection)
    assert {system: run.state for system, run in runs.items()} == {"books": "ok", "crm": "ok", "login": "ok"}
    assert {system: run.calls for system, run in runs.items()} == {"books": 6, "crm": 2, "login": 1}
    assert Exchange.objects.count() - before == 9
    names = {row.name for run in runs.values() for row in run.results.all()}
    assert names == {"Organisation", "Key fields", "Clock", "Fields on deals", "Access", "Rights", "What ends"}


def test_a_failure_is_told_at_once_again_each_day_and_its_end_too(
    empty_connection: Connection, empty_zoho: Simulator, clock: SteppedClock
) -> None:
    sim(empty_zoho, "books", "off")
    for _ in range(3):
        assert check(empty_connection)["books"].state == "red"
        clock.advance(86400)
    titles = list(Notice.objects.filter(event__startswith="health:books").values_list("title", flat=True))
    assert len(titles) == 3 and sum("still fails" in title for title in titles) == 2
    sim(empty_zoho, "books", "on")
    assert check(empty_connection)["books"].state == "ok"
    assert Notice.objects.filter(title__contains="is well again").count() == 1
    assert not Alarm.objects.filter(closed_at=None).exists()


def test_a_right_that_was_taken_away_is_named(empty_connection: Connection, empty_zoho: Simulator) -> None:
    Tokens(empty_zoho.store).drop_scope("ZohoBooks.creditnotes.READ")
    found = check(empty_connection)["login"]
    assert found.state == "red" and "credit notes" in found.sentence


def test_a_key_field_that_is_no_longer_unique_is_found(empty_connection: Connection) -> None:
    Connection.objects.update(invoice_key_field="0")
    found = check(empty_connection)["books"]
    assert found.state == "red" and "key field" in found.sentence


def test_another_organisation_behind_the_same_access_is_found(empty_connection: Connection) -> None:
    Connection.objects.update(crm_org_id="99", books_org_id="98")
    found = check(empty_connection)
    assert found["crm"].state == "red" and "another organisation" in found["crm"].sentence
    assert found["books"].state == "red" and "can't open" in found["books"].sentence


def test_the_daily_run_is_rung_once_a_day(empty_connection: Connection, clock: SteppedClock) -> None:
    sweep.work_everything()
    assert HealthRun.objects.count() == 3
    for _ in range(3):
        tasks.check_health(empty_connection.pk)
    assert HealthRun.objects.count() == 3
    clock.advance(86401)
    tasks.check_health(empty_connection.pk)
    assert HealthRun.objects.count() == 6


def test_an_idle_connection_notices_ended_access_within_five_minutes(
    empty_connection: Connection, empty_zoho: Simulator, clock: SteppedClock
) -> None:
    tasks.check_health(empty_connection.pk)
    Tokens(empty_zoho.store).revoke_all()
    began = clock.now()
    while not Connection.objects.filter(state="reconnect").exists():
        clock.advance(60)
        empty_connection.refresh_from_db()
        if health.is_quiet(empty_connection, clock):
            tasks.look(empty_connection.pk)
        assert clock.now() - began < timedelta(minutes=5)
    assert Notice.objects.filter(title__contains="ended").count() == 1
    assert Grant.objects.filter(ended_at=None).count() == 0


def test_access_that_other_consents_pushed_out_is_noticed_like_a_revoked_one(
    empty_connection: Connection, empty_zoho: Simulator, clock: SteppedClock
) -> None:
    held = Tokens(empty_zoho.store)
    held.fill_to(20, "admin", empty_zoho.clock.now())
    while len(held.grants()) < 20 or held.grants()[0]["scopes"] != ["ZohoCRM.org.READ"]:
        held.add_grant(["ZohoCRM.org.READ"], "admin", empty_zoho.clock.now())
    clock.advance(240)
    tasks.look(empty_connection.pk)
    assert Connection.objects.get().state == "reconnect"


def test_what_ends_soon_warns_in_the_check_of_the_log_in(empty_connection: Connection, clock: SteppedClock) -> None:
    expiries.client_secret(empty_connection, empty_connection.today(clock) + timedelta(days=29), None, clock)
    found = check(empty_connection)["login"]
    assert found.state == "amber" and "ends in 29 days" in found.sentence
    assert not Alarm.objects.exists()


def test_a_busy_connection_is_not_looked_at(empty_connection: Connection) -> None:
    before = Exchange.objects.count()
    tasks.look(empty_connection.pk)
    assert Exchange.objects.count() == before


def test_where_crm_has_no_calls_left_a_fresh_token_is_asked_for(
    empty_connection: Connection, empty_zoho: Simulator, clock: SteppedClock
) -> None:
    sim(empty_zoho, "crm", "off")
    clock.advance(600)
    tasks.look(empty_connection.pk)
    last = Exchange.objects.order_by("-pk").first()
    assert last is not None and (last.side, last.outcome) == ("oauth", "OK")


# -- what the web process notices ------------------------------------------------------------------------------------


@pytest.fixture
def beats(clock: SteppedClock) -> Callable[..., None]:
    def beat(click: int, bulk: int) -> None:
        for queue, age in (("click", click), ("bulk", bulk)):
            at = clock.now() - timedelta(seconds=age)
            Heartbeat.objects.update_or_create(queue=queue, defaults={"beat_at": at, "pid": 1})

    return beat


def page(name: str = "ada") -> str:
    return browser(name).get("/admin/").content.decode()


def test_a_dead_worker_is_said_on_every_page_and_told_once(
    empty_connection: Connection, beats: Callable[..., None], clock: SteppedClock
) -> None:
    beats(click=3700, bulk=3700)
    for name in ("ada", "cy", "ada"):
        said = page(name)
        assert "No worker has run since 08:58" in said
        assert "Clicks are kept and will be worked when one runs" in said
    assert Notice.objects.filter(title__contains="silent").count() == 1
    beats(click=0, bulk=0)
    sweep.beat("click")
    assert "No worker has run" not in page() and Notice.objects.filter(title__contains="run again").count() == 1


def test_one_silent_worker_is_named_by_its_work(empty_connection: Connection, beats: Callable[..., None]) -> None:
    beats(click=0, bulk=400)
    assert "The worker of readings hasn&#x27;t run since" in page()


def test_a_missed_health_run_is_noticed_by_a_request(empty_connection: Connection, clock: SteppedClock) -> None:
    check(empty_connection)
    clock.advance(25 * 3600 - 60)
    assert "health was last checked" not in page("ben")
    clock.advance(120)
    assert "health was last checked" in page("ben") and "health was last checked" in page("cy")
    assert Notice.objects.filter(title__contains="daily health check is missing").count() == 1
    check(empty_connection)
    assert "health was last checked" not in page("ben")
    assert Notice.objects.filter(title__contains="health is checked again").count() == 1


def test_healthz_says_ok_or_unhealthy_and_nothing_else(
    empty_connection: Connection, beats: Callable[..., None]
) -> None:
    client = Client()
    assert (client.get("/healthz").status_code, client.get("/healthz").content) == (503, b"unhealthy")
    beats(click=10, bulk=10)
    with CaptureQueriesContext(database) as asked:
        answer = client.get("/healthz")
    assert len(asked) == 1
    assert (answer.status_code, answer.content) == (200, b"ok") and "Set-Cookie" not in answer.headers
    beats(click=10, bulk=301)
    assert client.get("/healthz").status_code == 503
    assert client.post("/healthz").status_code == 405


def test_the_watch_knows_both_queues(beats: Callable[..., None], clock: SteppedClock) -> None:
    beats(click=0, bulk=0)
    Heartbeat.objects.filter(queue="bulk").delete()
    assert not watching.is_well(clock)


# -- pages -----------------------------------------------------------------------------------------------------------


def test_cy_checks_health_on_the_connection_s_page_and_dee_only_reads(empty_connection: Connection) -> None:
    address = f"/admin/accounts/connection/{empty_connection.pk}/"
    for name in ("ada", "ben", "dee"):
        assert browser(name).post(f"{address}health/").status_code == 403
    answer = browser("cy").post(f"{address}health/", follow=True)
    assert "All 3 systems are well; 9 calls were made." in answer.content.decode()
    read = browser("dee").get(address).content.decode()
    assert "Check health now" not in read and "This machine&#x27;s clock agrees with Zoho&#x27;s." in read


def test_the_access_panel_shows_consent_refreshes_and_tokens_in_use(
    empty_connection: Connection, cy: User, clock: SteppedClock
) -> None:
    check(empty_connection)
    address = f"/admin/accounts/connection/{empty_connection.pk}/"
    said = browser("dee").get(address).content.decode()
    assert "Consented by" in said and "Cy, 25 Nov 2026" in said
    assert "1 of at most 5" in said and "1 of 20 that Zoho keeps per user" in said and "Remove old ones" not in said
    client_id = empty_connection.credential.client_id
    for _ in range(18):
        Grant.objects.create(connection=empty_connection, client_id=client_id, user=cy, given_at=clock.now())
    said = browser("dee").get(address).content.decode()
    assert "This user holds 19 of 20 refresh tokens" in said and "Remove old ones in Zoho" in said


def test_the_list_of_health_runs_is_there_and_can_be_taken_away(empty_connection: Connection) -> None:
    check(empty_connection)
    assert "All 3 checks passed." in browser("dee").get("/admin/accounts/healthrun/").content.decode()
    rows = browser("dee").get("/admin/accounts/healthrun/export/", {"format": "json"}).getvalue().decode()
    assert rows.count('"state": "ok"') == 3
    found = HealthRun.objects.get(system="books")
    detail = browser("cy").get(f"/admin/accounts/healthrun/{found.pk}/change/").content.decode()
    assert "Invoices and customers have their unique key field." in detail
