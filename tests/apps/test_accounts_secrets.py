"""Secrets at rest: unreadable in a dump, bound to their place, rotated row by row."""

import pytest
from django.core import serializers
from django.db import connection as database
from pytest_django import Settings

from accounts.key_check import check_keys, rotate_keys
from accounts.models import Credential
from accounts.secrets import Unreadable, decrypt, encrypt
from accounts.tokens import place
from tests.apps.fakes import connected
from zbridge.clock import SteppedClock
from zbridge.zoho.secret import Secret


def test_a_secret_comes_back_only_at_its_own_place() -> None:
    cipher = encrypt(Secret("canary"), "7:refresh_token")
    assert decrypt(cipher, "7:refresh_token").reveal() == "canary"
    for elsewhere in ("8:refresh_token", "7:access_token"):
        with pytest.raises(Unreadable):
            decrypt(cipher, elsewhere)


@pytest.mark.django_db
def test_no_secret_stands_in_the_database_as_text(clock: SteppedClock) -> None:
    connected(clock)
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_credential")
        rows = str(cursor.fetchall())
    dumped = serializers.serialize("json", Credential.objects.all())
    assert "canary" not in rows and "canary" not in dumped


@pytest.mark.django_db
def test_swapped_tokens_of_two_connections_are_refused(clock: SteppedClock) -> None:
    connected(clock)
    connected(clock, books_org_id="9")
    one, other = Credential.objects.order_by("pk")
    Credential.objects.filter(pk=one.pk).update(refresh_token_cipher=other.refresh_token_cipher)
    one.refresh_from_db()
    with pytest.raises(Unreadable):
        decrypt(one.refresh_token_cipher, place(one, "refresh_token"))


@pytest.mark.django_db
def test_after_a_rotation_the_old_key_can_go(clock: SteppedClock, settings: Settings) -> None:
    connected(clock)
    settings.ZBRIDGE_SECRET_KEYS = ["a new key", *settings.ZBRIDGE_SECRET_KEYS]
    assert (rotate_keys().rewritten, rotate_keys().unreadable) == (3, 0)
    settings.ZBRIDGE_SECRET_KEYS = ["a new key"]
    row = Credential.objects.get()
    assert decrypt(row.refresh_token_cipher, place(row, "refresh_token")).reveal() == "1000.refresh.canary"


@pytest.mark.django_db
@pytest.mark.parametrize(("keys", "found"), [(["another key"], ["accounts.E002"]), ([], ["accounts.E001"])])
def test_a_wrong_or_missing_key_is_said_at_the_start(
    clock: SteppedClock, settings: Settings, keys: list[str], found: list[str]
) -> None:
    connected(clock)
    assert check_keys() == []
    settings.ZBRIDGE_SECRET_KEYS = keys
    assert [fault.id for fault in check_keys()] == found
