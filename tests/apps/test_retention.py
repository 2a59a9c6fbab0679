"""Old rows go a few at a time, oldest first; what anything kept points to stays; nothing promised is ever cleared."""

from datetime import datetime, timedelta
from html import unescape
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.db import connection as database
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts import retention
from accounts.clients import Seams, use_seams
from accounts.models import (
    AuditEvent,
    Connection,
    Delivery,
    Exchange,
    HealthResult,
    HealthRun,
    Notice,
    NoticeSeen,
    Retention,
    User,
)
from invoicing.models import Proof, ProofPage
from syncjobs.models import (
    Comparison,
    Difference,
    Entry,
    KeptValue,
    Plan,
    PlannedWrite,
    Problem,
    Rules,
    Run,
    RunPage,
)
from tests.apps.fakes import connected
from tests.people import browser, person
from tests.stories.small_trade import Killed
from zbridge.clock import SteppedClock

pytestmark = pytest.mark.django_db
PAGE = "/admin/accounts/retention/"
GOES = {
    "Exchange", "Export", "Usage", "HealthRun", "HealthResult", "Notice", "NoticeSeen", "Delivery", "Plan",
    "PlannedWrite", "Comparison", "Difference", "Run", "RunPage", "Entry", "Problem", "Proof", "ProofPage", "Hint",
}  # fmt: skip


@pytest.fixture
def row(clock: SteppedClock) -> Connection:
    return connected(clock)


@pytest.fixture
def rules(db: None) -> Rules:
    return Rules.objects.create(digest="r", text="[]")


def run_of(row: Connection, at: datetime, kind: str = "deal", state: str = "complete", entries: int = 0) -> Run:
    """A run that was asked for then and ended a minute later, unless it is under way."""
    ended = None if state in ("waiting", "running", "paused") else at + timedelta(minutes=1)
    run = Run.objects.create(connection=row, kind=kind, state=state, requested_at=at, started_at=at, ended_at=ended)
    RunPage.objects.create(run=run, number=1, rows=entries, changed=entries, read_at=at)
    Entry.objects.bulk_create(
        Entry(run=run, kind=kind, remote_id=str(number), outcome="updated", at=at) for number in range(entries)
    )
    return run


def plan_of(row: Connection, rules: Rules, at: datetime, run: Run | None = None, state: str = "applied") -> Plan:
    plan = Plan.objects.create(
        connection=row, pair="customer", run=run, rules=rules, state=state, digest="d", made_at=at
    )
    PlannedWrite.objects.create(plan=plan, position=0, name="Acme", side="crm", changes=[])
    return plan


def swept(clock: SteppedClock, most: int = 200) -> int:
    """Sweeps until nothing more goes; how many sweeps that took."""
    for number in range(most):
        if not retention.purge(clock):
            return number
    pytest.fail("it never ends")


def test_what_is_promised_for_good_is_in_no_list() -> None:
    models: set[type[Model]] = set()
    for one in retention.sorts():
        models |= {one.rows().model}
        for name in one.parts:
            field: Any = one.rows().model._meta.get_field(name)
            models.add(field.related_model)
    assert {model.__name__ for model in models} == GOES
    kept = {"Conversion", "Attempt", "AuditEvent", "KeptValue", "Conflict", "Link", "Record", "Rules", "Mapping"}
    assert not kept & GOES
    assert kept <= {model.__name__ for model in apps.get_models()}


def test_runs_go_with_their_pages_and_entries_and_the_last_of_each_kind_stays(
    row: Connection, clock: SteppedClock
) -> None:
    now = clock.now()
    old = [run_of(row, now - timedelta(days=days), entries=3) for days in (900, 800, 700)]
    items = run_of(row, now - timedelta(days=900), kind="item")
    waiting = run_of(row, now - timedelta(days=800), kind="account", state="paused")
    run_of(row, now - timedelta(days=500), kind="account", state="complete")
    fresh = run_of(row, now - timedelta(days=100))
    swept(clock)
    assert not Run.objects.filter(pk__in=[run.pk for run in old]).exists()
    assert {items, waiting, fresh} <= set(Run.objects.all())
    assert not Entry.objects.filter(run__in=old).exists() and not RunPage.objects.filter(run__in=old).exists()


def test_a_failed_run_is_no_reason_to_forget_the_last_that_read_to_the_end(
    row: Connection, clock: SteppedClock
) -> None:
    good = run_of(row, clock.now() - timedelta(days=900))
    run_of(row, clock.now() - timedelta(days=800), state="failed")
    swept(clock)
    assert Run.objects.filter(pk=good.pk).exists()


def test_a_plan_whose_value_was_kept_stays_with_its_run_and_both_can_still_be_opened(
    row: Connection, rules: Rules, clock: SteppedClock
) -> None:
    then = clock.now() - timedelta(days=3000)
    runs = [run_of(row, then, kind="customers", entries=2) for _ in range(3)]
    kept, plain, last = (plan_of(row, rules, then, run) for run in runs)
    value = KeptValue.objects.create(
        connection=row, pair="customer", name="Acme", field="phone", side="crm", value="1", why="lost", rule="books",
        plan=kept, at=then,
    )  # fmt: skip
    swept(clock)
    value.refresh_from_db()
    assert value.plan == kept and kept.writes.count() == 1
    assert set(Plan.objects.all()) == {kept, last}
    assert set(Run.objects.all()) == {runs[0], runs[2]} and Entry.objects.filter(run=runs[0]).count() == 2
    assert not PlannedWrite.objects.filter(plan=plain.pk).exists()
    assert browser("cy").get(f"/admin/syncjobs/keptvalue/{value.pk}/change/").status_code == 200


def test_a_plan_that_is_being_applied_stays_however_old(row: Connection, rules: Rules, clock: SteppedClock) -> None:
    then = clock.now() - timedelta(days=3000)
    applying, _ = (plan_of(row, rules, then, state=state) for state in ("applying", "applied"))
    swept(clock)
    assert Plan.objects.filter(pk=applying.pk).exists()


def test_only_closed_problems_go(row: Connection, clock: SteppedClock) -> None:
    then = clock.now() - timedelta(days=3000)
    for number, closed in enumerate((None, then, clock.now())):
        Problem.objects.create(
            connection=row, cause="c", subject_kind="item", subject_id=str(number), who="revops", sentence="s",
            opened_at=then, closed_at=closed,
        )  # fmt: skip
    swept(clock)
    assert list(Problem.objects.order_by("subject_id").values_list("subject_id", flat=True)) == ["0", "2"]


def test_comparisons_and_proofs_go_but_for_the_last_and_those_that_found_something(
    row: Connection, clock: SteppedClock
) -> None:
    then = clock.now() - timedelta(days=3000)
    for number in range(3):
        wrong = [{"kind": "doubled"}] if number == 0 else []
        proof = Proof.objects.create(
            connection=row, trigger="night", requested_at=then, ended_at=then, violations=wrong, keys=number
        )
        ProofPage.objects.create(proof=proof, number=1, rows=1)
        found = Comparison.objects.create(connection=row, pair="customer", at=then, sentence=str(number))
        Difference.objects.create(comparison=found, what="only_crm", name="Acme")
    swept(clock)
    assert (
        list(Proof.objects.order_by("pk").values_list("keys", flat=True)) == [0, 2] and ProofPage.objects.count() == 2
    )
    assert (Comparison.objects.get().sentence, Difference.objects.count()) == ("2", 1)


def test_notices_that_were_sent_and_health_runs_go(row: Connection, clock: SteppedClock) -> None:
    then = clock.now() - timedelta(days=3000)
    user = person("cy")
    for event in ("sent", "waits"):
        notice = Notice.objects.create(connection=row, event=event, title=event, created_at=then)
        NoticeSeen.objects.create(notice=notice, user=user, at=then)
        Delivery.objects.create(
            notice=notice, channel="team", state="sent" if event == "sent" else "waiting", next_at=then
        )
    for number in range(2):
        checked = HealthRun.objects.create(
            connection=row, system="crm", started_at=then, ended_at=then, state="ok", sentence=str(number)
        )
        HealthResult.objects.create(run=checked, position=0, name="n", state="ok", sentence="s")
    swept(clock)
    assert (Notice.objects.get().event, NoticeSeen.objects.count(), Delivery.objects.count()) == ("waits", 1, 1)
    assert (HealthRun.objects.get().sentence, HealthResult.objects.count()) == ("1", 1)


def calls(row: Connection, clock: SteppedClock, *days: float) -> None:
    Exchange.objects.bulk_create(
        Exchange(
            connection=row, side="crm", method="GET", template=str(age), priority="bulk", outcome="OK",
            started_at=clock.now() - timedelta(days=age),
        )
        for age in days
    )  # fmt: skip


def test_a_run_of_many_entries_goes_in_chunks_the_oldest_first(
    row: Connection, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 4)
    for days in (900, 800, 700):
        run_of(row, clock.now() - timedelta(days=days), entries=10)
    run_of(row, clock.now())
    left = [Run.objects.count() + Entry.objects.count() + RunPage.objects.count()]
    while retention.purge(clock):
        left.append(Run.objects.count() + Entry.objects.count() + RunPage.objects.count())
    assert left[-1] == 2 and all(0 < before - after <= 4 for before, after in zip(left, left[1:], strict=False))


@pytest.mark.parametrize("name", ["old rows going", "old rows gone"])
def test_killed_anywhere_in_the_middle_it_goes_on_to_the_same_end(
    row: Connection, rules: Rules, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 3)
    then = clock.now() - timedelta(days=3000)
    calls(row, clock, 500, 400, 300, 200, 5)
    for _ in range(4):
        plan_of(row, rules, then, run_of(row, then, entries=5))
    run_of(row, clock.now())
    kills, chance = 0, Random(5)

    def dies(at: str) -> None:
        nonlocal kills
        if at == name and chance.random() < 0.5:
            kills += 1
            raise Killed

    for _ in range(100):
        try:
            retention.purge(clock, dies)
        except Killed:
            continue
    assert kills >= 5
    swept(clock)
    assert [row.template for row in Exchange.objects.all()] == ["5"]
    assert Plan.objects.count() == 1 and Run.objects.count() == 2 and Entry.objects.count() == 5


def test_the_days_that_revops_chose_are_followed_and_audited(row: Connection, clock: SteppedClock) -> None:
    calls(row, clock, 40, 20, 1)
    with use_seams(Seams(clock=clock)):
        client, sent = browser("cy"), {one.name: one.days for one in retention.sorts()} | {"calls": 30}
        answer = client.post(f"{PAGE}keep/", sent, follow=True)
    assert "Log of calls to Zoho: kept 30 days from now on; before: 90." in unescape(answer.content.decode())
    event = AuditEvent.objects.get(verb="retention")
    assert event.actor == "cy"
    assert [one.history_user.username for one in Retention.history.all()] == ["cy"]
    swept(clock)
    assert [found.template for found in Exchange.objects.order_by("pk")] == ["20", "1"]


def test_fewer_days_than_the_promises_need_are_refused_and_nothing_is_changed(
    row: Connection, clock: SteppedClock
) -> None:
    sent = {one.name: one.days for one in retention.sorts()} | {"plans": 30, "calls": 60}
    answer = browser("cy").post(f"{PAGE}keep/", sent)
    page = unescape(answer.content.decode())
    assert answer.status_code == 400 and "At least 400 days. “Why is this value here?” must answer" in page
    assert 'value="30"' in page and 'value="60"' in page
    assert not Retention.objects.exists() and not AuditEvent.objects.exists()
    with pytest.raises(ValueError, match="at least 400 days"):
        retention.keep({"plans": 30, "calls": 60}, User.objects.get(username="cy"), clock)
    assert retention.days_kept()["calls"] == 90


def test_days_chosen_before_the_least_was_raised_count_as_the_least(db: None) -> None:
    Retention.objects.create(name="plans", days=3)
    assert retention.days_kept()["plans"] == 400


def test_the_page_says_what_stands_there_and_how_old_the_oldest_is(row: Connection, clock: SteppedClock) -> None:
    calls(row, clock, *([80.0] + [1.0] * 1000))
    with use_seams(Seams(clock=clock)):
        page = unescape(browser("dee").get(PAGE).content.decode())
        assert "Over 1,000 stand there; the oldest is 80 days old, it goes in 10 days." in page
        clock.advance(20 * 86_400)
        later = unescape(browser("dee").get(PAGE).content.decode())
    assert "the oldest is 100 days old, clearing away is under way." in later
    assert "Nothing stands there yet" in page


def test_who_looks_and_who_sets(row: Connection) -> None:
    assert [browser(name).get(PAGE).status_code for name in ("ada", "ben", "cy", "dee")] == [403, 403, 200, 200]
    assert "Keep these days" not in browser("dee").get(PAGE).content.decode()
    assert browser("dee").post(f"{PAGE}keep/", {"calls": 30}).status_code == 403
    assert browser("cy").get(f"{PAGE}keep/").status_code == 405
    assert browser("cy").post(f"{PAGE}keep/", {"calls": "soon"}).status_code == 400


def test_as_many_queries_for_a_thousand_rows_as_for_one(row: Connection, clock: SteppedClock) -> None:
    client = browser("cy")

    def asked() -> int:
        client.get(PAGE)
        with CaptureQueriesContext(database) as queries:
            client.get(PAGE)
        return len(queries)

    few = asked()
    calls(row, clock, *([1.0] * 1500))
    for number in range(30):
        run_of(row, clock.now() - timedelta(days=number), entries=2)
    assert asked() == few < 45


def test_when_nothing_is_old_a_sweep_only_looks(row: Connection, clock: SteppedClock) -> None:
    calls(row, clock, 1)
    with CaptureQueriesContext(database) as queries:
        assert retention.purge(clock) == 0
    assert len(queries) <= len(retention.sorts()) + 1
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert not Retention.objects.exists() and retention.gone_before("calls") is None
