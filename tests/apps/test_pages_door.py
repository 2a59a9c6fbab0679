"""The one door: log-in, lock-out, the demo's cards, log-out, and what strangers and people without a role are told."""

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client

from accounts.models import AuditEvent, Connection, User
from tests.apps.sample_rows import make_connection
from tests.people import browser, person

LOGIN = "/admin/login/"


@pytest.fixture
def door(db: None) -> Connection:
    cache.clear()
    ada = person("ada")
    ada.set_password("demo-password-1")
    ada.save()
    return make_connection()


@pytest.fixture
def demo(door: Connection) -> Connection:
    door.data_centre = "simulator"
    door.save()
    for name in ("raj", "ben", "cy", "dee"):
        person(name)
    return door


def test_the_front_page_leads_to_the_door(door: Connection) -> None:
    answer = Client().get("/", follow=True)
    assert [to for to, _ in answer.redirect_chain] == ["/admin/", "/admin/login/?next=/admin/"]


def test_the_right_password_opens_and_leads_where_one_wanted_to_go(door: Connection) -> None:
    form = {"login": "ada", "password": "demo-password-1", "next": "/admin/search/"}
    assert Client().post(LOGIN, form).headers["Location"] == "/admin/search/"


def test_five_wrong_passwords_lock_that_user_for_a_while_even_for_the_right_one(door: Connection) -> None:
    client = Client()
    for _ in range(5):
        client.post(LOGIN, {"login": "ada", "password": "wrong"})
    answer = client.post(LOGIN, {"login": "ada", "password": "demo-password-1"})
    assert answer.status_code == 200 and "Too many" in answer.content.decode()


def test_nobody_signs_up(door: Connection) -> None:
    for path in ("/admin/signup/", "/accounts/signup/", "/signup/"):
        assert Client().get(path, follow=True).status_code in (200, 404)
    assert User.objects.count() == 1


def test_the_demo_offers_four_cards_and_one_press_logs_in(demo: Connection) -> None:
    client = Client()
    assert client.get(LOGIN).content.decode().count("/admin/demo/") == 4
    assert client.post("/admin/demo/ada/").headers["Location"] == "/admin/"
    assert "Switch to" in client.get("/admin/").content.decode()


def test_a_card_is_a_press_and_not_a_link(demo: Connection) -> None:
    assert Client().get("/admin/demo/ada/").status_code == 405


def test_with_a_connection_to_real_zoho_there_are_no_cards(door: Connection) -> None:
    assert "/admin/demo/" not in Client().get(LOGIN).content.decode()
    assert Client().post("/admin/demo/ada/").status_code == 404


@pytest.mark.parametrize("extra", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}])
def test_from_another_machine_there_are_no_cards(demo: Connection, extra: dict[str, str]) -> None:
    client = Client(**extra)  # type: ignore[arg-type]
    assert "/admin/demo/" not in client.get(LOGIN).content.decode()
    assert client.post("/admin/demo/ada/").status_code == 404


def test_one_logs_out_by_a_press(door: Connection) -> None:
    client = browser("ada")
    assert client.get("/admin/logout/").status_code == 405
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302


def test_a_person_without_a_role_is_told_who_can_help(door: Connection) -> None:
    ada = person("ada")
    client = browser("ada")
    ada.groups.clear()
    answer = client.get("/admin/")
    assert answer.status_code == 403 and "has no role yet" in answer.content.decode()


def test_a_deactivated_person_is_out_at_once(door: Connection) -> None:
    client = browser("ada")
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_a_held_connection_is_told_on_every_page(door: Connection) -> None:
    Connection.objects.update(state="reconnect")
    for path in ("/admin/", "/admin/syncjobs/run/", "/admin/search/"):
        assert "access to Zoho ended" in browser("cy").get(path).content.decode()


def test_a_deal_one_may_not_see_is_refused_with_the_reason(door: Connection) -> None:
    answer = browser("ada").get("/admin/invoicing/deal/424242/")
    assert answer.status_code == 404
    assert "the deals that CRM lists as yours" in answer.content.decode().replace("&#x27;", "'")


def test_the_administrator_changes_a_person_s_roles_and_it_is_audited(door: Connection) -> None:
    ada, finance = person("ada"), Group.objects.get(name="finance")
    form = {"username": "ada", "first_name": "Ada", "time_zone": "Europe/Berlin", "is_active": "on"}
    answer = browser("cy").post(f"/admin/accounts/user/{ada.pk}/change/", {**form, "groups": [finance.pk]})
    assert answer.status_code == 302
    assert [group.name for group in ada.groups.all()] == ["finance"]
    assert AuditEvent.objects.filter(verb="user", actor="cy", sentence="Changed user ada.").count() == 1


@pytest.mark.parametrize("name", ["ada", "raj", "ben", "dee"])
def test_nobody_but_the_administrator_changes_roles(door: Connection, name: str) -> None:
    row = person(name)
    form = {"username": name, "time_zone": "Europe/Berlin", "is_active": "on", "groups": []}
    assert browser(name).post(f"/admin/accounts/user/{row.pk}/change/", form).status_code == 403
    assert row.groups.exists()
