"""Every address of the site, as everybody: generated from the URLconf and the registry of lists, with sample rows."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import AuditEvent
from accounts.roles import ROLES as TABLE
from tests.apps.sample_rows import sample
from tests.people import ROLES, browser

EVERYBODY = [*ROLES, ""]


def patterns(found: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(route, name) of every pattern, nested ones with their prefixes."""
    for entry in found:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.name or ""


def addresses(pk: int) -> list[str]:
    """Every route with that key put in."""
    routes = [route for route, _ in patterns(get_resolver().url_patterns)]
    return sorted({filled(route, pk) for route in routes if "(?P" not in route})


def filled(route: str, pk: int) -> str:
    for part in ("<int:pk>", "<path:object_id>", "<int:object_id>", "<id>"):
        route = route.replace(part, str(pk))
    return "/" + route.replace("<slug:username>", "ada").replace("<path:content_type_id>", "1").replace("<secret>", "x")


def lists() -> list[tuple[str, Any]]:
    return [
        (f"/admin/{model._meta.app_label}/{model._meta.model_name}/", found)
        for model, found in admin.site._registry.items()
    ]


LISTS = [path for path, _ in lists()]


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    return sample()


@pytest.mark.parametrize("name", EVERYBODY)
def test_no_address_breaks_and_looking_changes_nothing(world: dict[str, Any], name: str) -> None:
    client = browser(name)
    before = rows_everywhere()
    for address in addresses(world["deal"].pk):
        # Monitors are told where no worker gives a sign of life.
        assert client.get(address).status_code < (504 if address == "/healthz" else 500), address
    assert changed(before, rows_everywhere()) <= {"AuditEvent"}


def rows_everywhere() -> dict[str, list[Any]]:
    rooms = (
        model for room in ("accounts", "syncjobs", "invoicing") for model in apps.get_app_config(room).get_models()
    )
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in rooms}


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> set[str]:
    return {name for name in before if before[name] != after[name] and name != "User"}


def test_a_visitor_gets_nothing_anywhere(world: dict[str, Any]) -> None:
    client = Client()
    for address in addresses(world["deal"].pk):
        answer = client.get(address)
        inside = address.startswith("/admin/") and not address.startswith(("/admin/login/", "/admin/jsi18n/"))
        assert not inside or answer.status_code in (302, 404, 405), address


DEEDS = ("/draft/", "/check/", "/read/", "/logout/", "/demo/ada/", "/answer/", "/stop/", "/refresh/")


@pytest.mark.parametrize("name", ROLES)
def test_what_changes_something_is_pressed_and_never_followed(world: dict[str, Any], name: str) -> None:
    client = browser(name)
    deeds = [address for address in addresses(world["deal"].pk) if address.endswith(DEEDS)]
    assert len(deeds) > 5
    for address in deeds:
        assert client.get(address).status_code in (403, 405), address


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ROLES)
def test_a_list_opens_to_whom_the_table_of_roles_says(world: dict[str, Any], name: str, path: str) -> None:
    model = next(model for model, _ in admin.site._registry.items() if address_of(model) == path)
    right = concrete_right(model)
    wanted = (
        200
        if right in TABLE[ROLES[name]].permissions or path == "/admin/accounts/connection/" and name in ("cy", "dee")
        else 403
    )
    assert browser(name).get(path).status_code == wanted


def address_of(model: Any) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def concrete_right(model: Any) -> str:
    meta = model._meta.concrete_model._meta
    return f"{meta.app_label}.view_{meta.model_name}"


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ROLES)
def test_an_export_opens_to_those_who_may_export_and_never_shows_another_rep_s_rows(
    world: dict[str, Any], name: str, path: str
) -> None:
    client = browser(name)
    for form in ("csv", "json", "xlsx"):
        answer = client.get(f"{path}export/", {"format": form, "tab": "all"})
        assert answer.status_code in (200, 403, 404)
        if name == "ada" and answer.status_code == 200 and form != "xlsx":
            assert "raj's" not in body(answer)


def body(answer: Any) -> str:
    whole: bytes = answer.getvalue() if answer.streaming else answer.content
    return whole.decode()


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("path", [path for path, found in lists() if "User" not in type(found).__name__])
def test_what_is_mirrored_is_never_added_changed_or_deleted_here(world: dict[str, Any], name: str, path: str) -> None:
    client, before = browser(name), rows_everywhere()
    for way in ("add/", f"{world['deal'].pk}/change/", f"{world['deal'].pk}/delete/", "import/"):
        assert client.post(path + way, {"post": "yes"}).status_code in (302, 403, 404, 405)
    client.post(path, {"action": "delete_selected", "_selected_action": [1], "post": "yes"})
    assert changed(before, rows_everywhere()) == set()


@pytest.mark.parametrize("path", LISTS)
def test_another_rep_s_row_and_a_missing_row_answer_alike(world: dict[str, Any], path: str) -> None:
    client = browser("ada")
    missing = client.get(f"{path}999999/change/")
    for row in world["raj's"]:
        if address_of(row) != path:
            continue
        theirs = client.get(f"{path}{row.pk}/change/", follow=True)
        assert (theirs.status_code, words(theirs)) == (missing.status_code, words(missing))


def words(answer: Any) -> str:
    """The page without what differs on every answer: the CSRF token."""
    text = answer.content.decode()
    return "".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize("name", ["ada", "raj"])
def test_a_rep_finds_only_her_own_on_every_list_and_in_the_search(world: dict[str, Any], name: str) -> None:
    other = "raj's" if name == "ada" else "ada's"
    client = browser(name)
    for path in [*LISTS, "/admin/", "/admin/search/?q=raj", "/admin/search/?q=ada", "/admin/search/?q=INV"]:
        assert other not in unescape(client.get(path).content.decode()), path
    assert f"{name}'s deal" in unescape(client.get(f"/admin/search/?q={name}").content.decode())


def test_an_export_is_noted_in_the_audit_trail(world: dict[str, Any]) -> None:
    browser("dee").get("/admin/syncjobs/run/export/")
    assert AuditEvent.objects.filter(verb="export", actor="dee").count() == 1


def test_pages_are_not_kept_by_browsers_and_carry_the_policy(world: dict[str, Any]) -> None:
    answer = browser("cy").get("/admin/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"].split("style-src")[0]
