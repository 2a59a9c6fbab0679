"""The first administrator of an installation."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEvent, User
from accounts.roles import role_names


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ZBRIDGE_ADMINISTRATOR_PASSWORD", "a-long-passphrase-1")
    return "a-long-passphrase-1"


def test_the_first_administrator_logs_in_and_makes_the_others(db: None, password: str) -> None:
    call_command("administrator", "cy", email="cy@zbridge.example")
    client = Client()
    assert client.login(username="cy", password=password)
    assert client.get("/admin/accounts/user/add/").status_code == 200
    assert client.get("/admin/accounts/connection/").status_code == 200
    assert AuditEvent.objects.get(verb="administrator").sentence == "Made the administrator cy from a shell."


def test_one_who_locked_herself_out_is_let_in_again(db: None, password: str) -> None:
    User.objects.create_user("cy", password="forgotten it all", is_active=False)
    call_command("administrator", "cy")
    user = User.objects.get()
    assert user.is_active and role_names(user) == ["revops"] and user.check_password(password)


def test_a_weak_password_makes_nobody(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZBRIDGE_ADMINISTRATOR_PASSWORD", "cy")
    with pytest.raises(CommandError, match="too short"):
        call_command("administrator", "cy")
    assert not User.objects.exists()
