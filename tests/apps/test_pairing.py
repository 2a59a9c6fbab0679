"""S12: CRM and Books that don't belong together are found out and named, each with what mends it."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.clients import seams
from accounts.models import Connection, User
from accounts.readiness import check
from zbridge.simulator.app import Simulator
from zbridge.simulator.wire import request_of

Sim = Callable[..., Any]


@pytest.fixture
def sim(empty_zoho: Simulator) -> Sim:
    """The simulator's controls."""

    def ask(method: str, path: str, body: object = None) -> Any:
        answer = empty_zoho.respond(request_of(method, f"/_sim/{path}", {}, json.dumps(body or {}).encode()))
        assert answer.status < 300, answer.body
        return json.loads(answer.body)

    return ask


def crm(sim: Sim, **changed: object) -> None:
    sim("PUT", f"orgs/{next(row['id'] for row in sim('GET', 'orgs')['orgs'] if 'zgid' in row)}", changed)


def found(connection: Connection, name: str) -> tuple[str, str, str]:
    """State, sentence and fix of a check, made anew."""
    row = next(row for row in check(connection, seams()) if row["name"] == name)
    return row["state"], row["sentence"], row["fix"]


def test_a_good_pair_is_said_to_be_one(empty_connection: Connection) -> None:
    for name in ("Data centre", "Books", "CRM", "Same account", "CRM modules", "Rights"):
        assert found(empty_connection, name)[0] == "ok", found(empty_connection, name)


def test_no_books_organisation_in_that_data_centre(empty_connection: Connection, sim: Sim) -> None:
    for row in sim("GET", "orgs")["orgs"]:
        sim("PUT", f"orgs/{row['id']}", {"hidden": True})
    state, sentence, fix = found(empty_connection, "Data centre")
    assert state == "red" and "no Books organisation in" in sentence and "Make a connection for that one" in fix


def test_another_account_owns_the_books_organisation(empty_connection: Connection, sim: Sim) -> None:
    sim("PUT", f"orgs/{empty_connection.books_org_id}", {"hidden": True})
    state, sentence, fix = found(empty_connection, "Books")
    assert state == "red" and "can't open Brightwater" in sentence and "invite that user" in fix


def test_two_owners_are_named_and_asked_about(empty_connection: Connection, sim: Sim) -> None:
    crm(sim, primary_email="owner@other.example")
    sim("PUT", f"orgs/{empty_connection.books_org_id}", {"email": "ben@brightwater.example"})
    state, sentence, fix = found(empty_connection, "Same account")
    assert state == "amber" and "owner@other.example" in sentence and "ben@brightwater.example" in sentence and fix


def test_an_account_that_opens_another_crm_is_stopped(empty_connection: Connection) -> None:
    empty_connection.crm_org_id = "999"
    state, sentence, fix = found(empty_connection, "Same account")
    assert state == "red" and "opens another CRM than" in sentence and "right user" in fix


@pytest.mark.parametrize("side", ["Books", "CRM"])
def test_an_inactive_app_is_named(empty_connection: Connection, sim: Sim, side: str) -> None:
    if side == "Books":
        sim("PUT", f"orgs/{empty_connection.books_org_id}", {"is_org_active": False})
    else:
        crm(sim, paid_expiry="2026-01-31T00:00:00+00:00")
    state, sentence, fix = found(empty_connection, side)
    assert state == "red" and ("not active" in sentence or "ended on 31 Jan 2026" in sentence) and "Check now" in fix


def test_an_account_without_crm_is_told_apart_from_a_crm_that_is_down(empty_connection: Connection, sim: Sim) -> None:
    fault = {"path": "/crm/v8/org$", "status": 403, "code": "NO_PERMISSION"}
    sim("POST", "faults", fault)
    state, sentence, fix = found(empty_connection, "CRM")
    assert state == "red" and "can't open CRM" in sentence and "add that user to CRM" in fix


def test_a_missing_module_is_named(empty_connection: Connection, sim: Sim) -> None:
    crm(sim, hidden_modules=["Quotes", "Products"])
    state, sentence, fix = found(empty_connection, "CRM modules")
    assert state == "red" and "no Quotes, Products" in sentence and "profile" in fix


def test_a_data_centre_that_differs_is_refused_at_the_consent(
    empty_connection: Connection, sim: Sim, cy: User, client: Client
) -> None:
    client.force_login(cy)
    begun = client.post(f"/admin/accounts/connection/{empty_connection.pk}/connect/")
    state = begun.headers["Location"].split("state=")[1].split("&")[0]
    back = {"state": state, "code": "1000.x", "location": "us", "accounts-server": "https://accounts.zoho.com"}
    answer = client.get("/admin/accounts/connection/callback/", back)
    assert answer.status_code == 400 and "lives in United States" in answer.content.decode()


def test_set_up_can_t_be_finished_while_something_stops_it(
    empty_connection: Connection, sim: Sim, cy: User, client: Client
) -> None:
    client.force_login(cy)
    Connection.objects.filter(pk=empty_connection.pk).update(go_live=None)
    crm(sim, hidden_modules=["Quotes"])
    place = f"/admin/accounts/connection/{empty_connection.pk}/settings/"
    wanted = {
        "go_live": "2026-12-01", "amounts": "net", "ladder": "quote,amount", "reference": "quote",
        "price_policy": "sale", "both_discounts": "adjust", "outside_window_days": "90",
        "subform": "Deal_Lines", "column_product": "Product", "column_quantity": "Quantity", "column_rate": "Rate",
    }  # fmt: skip
    answer = client.post(place, wanted)
    assert answer.status_code == 400 and "sees no Quotes in CRM" in answer.content.decode()
    assert Connection.objects.get(pk=empty_connection.pk).go_live is None
    crm(sim, hidden_modules=[])
    assert client.post(place, wanted).status_code == 302
    assert Connection.objects.get(pk=empty_connection.pk).go_live == date(2026, 12, 1)


def test_a_changed_plan_is_noticed_by_the_check(empty_connection: Connection, sim: Sim) -> None:
    sim("PUT", f"orgs/{empty_connection.books_org_id}", {"plan_name": "FREE"})
    check(empty_connection, seams())
    assert Connection.objects.get(pk=empty_connection.pk).books_plan == "Free"


def test_a_stage_of_quotes_that_was_renamed_is_missed(empty_connection: Connection) -> None:
    assert found(empty_connection, "Accepted quotes")[0] == "ok"
    empty_connection.accepted_stages = ["Accepted", "Signed"]
    state, sentence, fix = found(empty_connection, "Accepted quotes")
    assert state == "amber" and "no Signed any more" in sentence and "Choose the stages" in fix
    empty_connection.accepted_stages = []
    assert "only deals are billed" in found(empty_connection, "Accepted quotes")[1]
