"""The connection pages: RevOps changes, the auditor reads, nobody else enters; every change is an audited POST."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import AuditEvent, Connection, Credential, User
from tests.apps.fakes import connected
from zbridge.clock import SteppedClock

LIST = "/admin/accounts/connection/"
CHANGES = ("client", "connect", "organisations", "organisation", "fields", "probe", "check", "settings", "writes")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def row(db: None, clock: SteppedClock) -> Connection:
    return connected(clock, books_org_name="Brightwater", currency="EUR", go_live=date(2026, 9, 1))


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ben", 403), ("cy", 200), ("dee", 200)])
def test_who_sees_the_connection(request: pytest.FixtureRequest, row: Connection, name: str, status: int) -> None:
    client = browser(request.getfixturevalue(name))
    assert client.get(LIST).status_code == status
    assert client.get(f"{LIST}{row.pk}/").status_code == status


def test_a_visitor_is_asked_to_log_in(row: Connection) -> None:
    assert "/login/" in Client().get(f"{LIST}{row.pk}/").headers["Location"]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["ada", "ben", "dee"])
def test_only_revops_changes_anything(request: pytest.FixtureRequest, row: Connection, name: str, change: str) -> None:
    assert browser(request.getfixturevalue(name)).post(f"{LIST}{row.pk}/{change}/").status_code == 403


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_a_post_with_the_form_s_own_token(cy: User, row: Connection, change: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cy)
    assert strict.get(f"{LIST}{row.pk}/{change}/").status_code == 405
    assert strict.post(f"{LIST}{row.pk}/{change}/").status_code == 403


def test_the_kill_switch_is_thrown_and_lifted_on_the_page_and_both_are_audited(cy: User, row: Connection) -> None:
    client = browser(cy)
    client.post(f"{LIST}{row.pk}/writes/", {"stopped": "yes"})
    assert Connection.objects.get().writes_stopped
    assert "All writes to Zoho are stopped" in client.get(f"{LIST}{row.pk}/").content.decode()
    client.post(f"{LIST}{row.pk}/writes/", {"stopped": "no"})
    assert not Connection.objects.get().writes_stopped
    assert list(AuditEvent.objects.values_list("verb", flat=True)) == ["writes_allowed", "writes_stopped"]


def settings_of(row: Connection, **changed: object) -> dict[str, object]:
    return {
        "go_live": "2026-10-01", "amounts": "gross", "ladder": "quote,amount", "accepted_stages": ["Accepted"],
        "reference": "quote", "price_policy": "sale", "both_discounts": "adjust", "outside_window_days": "90",
    } | changed  # fmt: skip


def test_settings_are_kept_and_their_change_is_audited(cy: User, row: Connection) -> None:
    browser(cy).post(f"{LIST}{row.pk}/settings/", settings_of(row))
    row.refresh_from_db()
    assert (str(row.go_live), row.amounts, row.line_sources) == ("2026-10-01", "gross", ["quote", "amount"])
    detail = AuditEvent.objects.get(verb="settings").detail
    assert detail["amounts"] == ["net", "gross"] and "reference" not in detail


def test_a_setting_outside_the_choices_is_refused_in_words(cy: User, row: Connection) -> None:
    answer = browser(cy).post(f"{LIST}{row.pk}/settings/", settings_of(row, amounts="guess"))
    row.refresh_from_db()
    assert answer.status_code == 400 and "guess" in answer.content.decode() and row.amounts == "net"


def test_the_page_shows_no_secret(cy: User, row: Connection) -> None:
    assert "canary" not in browser(cy).get(f"{LIST}{row.pk}/").content.decode()


def test_the_auditor_sees_no_button_that_changes_anything(dee: User, row: Connection) -> None:
    page = browser(dee).get(f"{LIST}{row.pk}/").content.decode()
    assert f"{LIST}{row.pk}/writes/" not in page and "Check now" not in page and "Reconnect" not in page


def test_a_new_connection_keeps_its_client_secret_encrypted(cy: User) -> None:
    form = {"name": "Brightwater", "data_centre": "eu", "client_id": "1000.X", "client_secret": "canary"}
    answer = browser(cy).post(f"{LIST}new/", form)
    row = Connection.objects.get()
    assert answer.headers["Location"] == f"{LIST}{row.pk}/"
    assert row.credential.client_id == "1000.X" and "canary" not in row.credential.client_secret_cipher


def test_a_new_client_secret_is_kept_encrypted_and_audited_without_it(cy: User, row: Connection) -> None:
    browser(cy).post(f"{LIST}{row.pk}/client/", {"client_id": "1000.NEW", "client_secret": "new-secret-canary"})
    credential = Credential.objects.get(connection=row)
    assert credential.client_id == "1000.NEW" and "canary" not in credential.client_secret_cipher
    event = AuditEvent.objects.get(verb="client")
    assert event.user == cy and "canary" not in event.sentence + str(event.detail)
    assert "new-secret-canary" not in browser(cy).get(f"{LIST}{row.pk}/").content.decode()
