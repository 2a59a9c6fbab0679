"""Connecting from consent to go-live, against Zoho in process: what is read, made, probed and checked."""

from datetime import date
from typing import Any

import pytest

from accounts.clients import Seams, seams
from accounts.connecting import connect_simulator, new_simulator_connection
from accounts.figure_fields import MODULES
from accounts.models import AuditEvent, Connection, Credential, Exchange, User
from accounts.organisations import CannotConnect, choose_organisation, list_organisations
from accounts.own_fields import make_fields
from accounts.readiness import check, is_ready
from accounts.uniqueness import probe_uniqueness
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator


def state(rows: list[dict[str, Any]], name: str) -> str:
    return str(next(row["state"] for row in rows if row["name"] == name))


def test_the_demo_organisation_is_connected_and_nothing_is_red(connection: Connection) -> None:
    assert [row for row in connection.readiness if row["state"] == "red"] == []
    assert (connection.state, connection.currency, connection.time_zone) == ("connected", "EUR", "Europe/Berlin")
    assert connection.subform == "Deal_Lines" and connection.amount_item_id
    assert {row["percentage"] for row in connection.taxes} >= {"19", "7"}


def test_the_consent_has_the_least_rights_and_they_suffice(connection: Connection) -> None:
    scopes = Credential.objects.get().scopes
    assert not [scope for scope in scopes if scope.upper().endswith((".ALL", "DELETE"))]
    assert state(connection.readiness, "Rights") == "ok"


def test_won_stages_are_found_in_any_language(connection: Connection) -> None:
    kinds = connection.stage_types
    assert kinds["|Closed Won"] == "Closed Won"
    assert [key for key, kind in kinds.items() if key.endswith("|Gewonnen")] and kinds["|Qualification"] == "Open"
    assert all(kind == "Closed Won" for key, kind in kinds.items() if key.endswith("|Gewonnen"))


def test_the_fields_are_made_once_and_their_names_read_back(empty_connection: Connection, cy: User) -> None:
    def created() -> int:
        return Exchange.objects.filter(method="POST", template__contains="settings/fields").count()

    before = created()
    make_fields(empty_connection, cy, seams())
    assert created() == before and empty_connection.invoice_key_name == "cf_zbridge_key"
    figures = {one.key for found in MODULES.values() for one in found}
    assert set(empty_connection.crm_fields) == figures | {"Replaced_By"}


def test_the_probe_sees_a_twin_refused_and_says_what_it_leaves(empty_connection: Connection, cy: User) -> None:
    assert empty_connection.uniqueness_seen_at
    found = probe_uniqueness(empty_connection, cy, seams())
    assert found.unique and found.customer_id and len(found.invoice_ids) == 1


def test_connecting_the_simulator_leaves_no_test_draft_in_books(empty_connection: Connection) -> None:
    books = seams().clients(empty_connection, patience=30).books
    assert books.contacts_by(contact_name="zbridge probe") == []
    assert [page.rows for page in books.invoice_pages()] in ([], [[]])


def test_where_books_accepts_twins_the_probe_proves_nothing(
    empty_connection: Connection, empty_zoho: Simulator, cy: User
) -> None:
    empty_zoho.switches.change({"books_unique_twin": "accepted"})
    found = probe_uniqueness(empty_connection, cy, seams())
    assert not found.unique and len(found.invoice_ids) == 2 and "Delete both" in found.sentence
    empty_connection.refresh_from_db()
    assert empty_connection.uniqueness_seen_at is None
    assert state(check(empty_connection, seams()), "Twins are refused") == "amber"


def test_both_organisations_are_offered(empty_connection: Connection) -> None:
    rows = list_organisations(empty_connection, seams())
    assert len(rows) == 2 and all(row.name and row.currency and row.country for row in rows)
    assert not any(row.taken for row in rows)


def test_a_second_organisation_gets_a_connection_of_its_own(
    empty_connection: Connection, empty_zoho: Simulator, cy: User
) -> None:
    other = next(
        row for row in list_organisations(empty_connection, seams()) if row.books_id != empty_connection.books_org_id
    )
    second = connect_simulator(cy, go_live=date(2026, 10, 1), organisation=other.books_id, found=seams())
    assert second.pk != empty_connection.pk and second.currency == other.currency
    assert [row.taken for row in list_organisations(second, seams())].count(True) == 1


def test_one_organisation_is_never_connected_twice(empty_connection: Connection, cy: User) -> None:
    assert connect_simulator(cy, go_live=date(2026, 10, 1), found=seams()).pk == empty_connection.pk


def test_a_connection_never_moves_to_another_organisation(empty_connection: Connection, cy: User) -> None:
    with pytest.raises(CannotConnect):
        choose_organisation(empty_connection, "999", cy, seams())


def test_a_missing_field_and_an_unset_go_live_are_red_with_what_mends_them(
    empty_connection: Connection, empty_zoho: Simulator
) -> None:
    empty_connection.go_live, empty_connection.invoice_key_field = None, "0"
    rows = check(empty_connection, seams())
    assert not is_ready(rows) and [row["state"] for row in rows][:2] == ["red", "red"]
    assert {row["action"] for row in rows if row["state"] == "red"} == {"settings", "fields"}


def test_a_dropped_right_is_red_and_names_the_feature(empty_connection: Connection) -> None:
    credential = Credential.objects.get()
    credential.scopes = [scope for scope in credential.scopes if "invoices" not in scope]
    credential.save()
    rows = check(empty_connection, seams())
    assert rows[0]["name"] == "Rights" and "draft invoices" in rows[0]["sentence"]


def test_when_zoho_is_down_the_check_says_so_and_the_settings_stay(
    empty_connection: Connection, empty_zoho: Simulator
) -> None:
    empty_zoho.store.set("sides", {"books": "off"})
    rows = check(empty_connection, seams())
    assert rows[0]["name"] == "Zoho answers" and "Zoho Books" in rows[0]["sentence"]


def test_every_step_of_the_set_up_is_in_the_audit_trail(empty_connection: Connection, cy: User) -> None:
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "connection_made", "consent_asked", "consented", "organisation", "fields", "probe", "settings",
    ]  # fmt: skip
    assert set(AuditEvent.objects.values_list("user", flat=True)) == {cy.pk}


def test_a_draft_without_consent_is_red_and_asks_for_connect(cy: User, clock: SteppedClock) -> None:
    rows = check(new_simulator_connection(cy, clock), Seams(clock=clock))
    assert [(row["state"], row["action"]) for row in rows] == [("red", "connect")]
