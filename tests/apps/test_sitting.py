"""A sitting ends: half an hour without a deed, or twelve hours after the log-in."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from tests.people import browser, person

START = datetime.fromisoformat("2026-11-25T09:00:00+00:00")


def look(client: Client, minutes: float, accept: str = "text/html") -> bool:
    """Whether the person is still logged in when she looks so many minutes after nine."""
    with patch("accounts.middleware.timezone.now", lambda: START + timedelta(minutes=minutes)):
        return client.get("/admin/", headers={"Accept": accept}).status_code == 200


@pytest.fixture
def client(db: None) -> Client:
    found = browser("cy")
    assert look(found, 0)
    return found


def test_half_an_hour_without_a_deed_ends_it(client: Client) -> None:
    assert look(client, 29) and look(client, 58)
    assert not look(client, 89)


def test_a_page_that_polls_does_not_keep_it_open(client: Client) -> None:
    assert all(look(client, minutes, "application/json") for minutes in (10, 20, 29))
    assert not look(client, 31)


def test_twelve_hours_end_it_however_busy_somebody_is(client: Client) -> None:
    assert all(look(client, minutes) for minutes in range(20, 721, 20))
    assert not look(client, 725)


def test_a_new_password_and_a_deactivation_end_it_at_once(client: Client) -> None:
    cy = person("cy")
    cy.set_password("another password")
    cy.save()
    assert not look(client, 1)
    again = browser("dee")
    dee = person("dee")
    dee.is_active = False
    dee.save()
    assert not look(again, 1)
