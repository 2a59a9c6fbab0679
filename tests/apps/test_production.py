"""Production: what it refuses to start with, and what it answers; asked of processes with a production environment."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zbridge.zoho.oauth import Scopes

ROOT = Path(__file__).resolve().parents[2]
# Written beside this one, by others.
COMING = {"restore.md"}
ASKS = """
import django; django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
from accounts.models import Connection, User
from accounts.clients import region_of
user = User.objects.create_user("cy", password="x" * 15, is_staff=True, is_superuser=True)
client = Client(SERVER_NAME="zbridge.example")
plain = client.get("/admin/")
sign_in = client.get("/admin/login/", secure=True)
client.force_login(user)
page = client.get("/admin/", secure=True)
try:
    refused = region_of(Connection(data_centre="simulator"))
except Exception as trouble:
    refused = type(trouble).__name__
import json
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "headers": dict(page.headers), "status": page.status_code,
    "cookies": {name: {part: str(value) for part, value in found.items()}
                for name, found in {**sign_in.cookies, **client.cookies}.items()},
    "password": user.password.split("$")[0], "simulator": refused,
    "hooks": client.get("/hooks/crm/x/").status_code, "health": client.get("/healthz").status_code,
}))
"""


def environment(home: Path, **changed: str) -> dict[str, str]:
    keys = {"DJANGO_SECRET_KEY": secrets.token_urlsafe(48), "ZBRIDGE_SECRET_KEYS": secrets.token_urlsafe(48)}
    found = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "ZBRIDGE_", "PYTEST"))},
        **keys, "ZBRIDGE_PRODUCTION": "true", "ZBRIDGE_HOME": str(home), "DJANGO_ALLOWED_HOSTS": "zbridge.example",
        "DJANGO_SETTINGS_MODULE": "zbridge.settings", "DATABASE_URL": f"sqlite:///{home}/zbridge.sqlite3",
        "EMAIL_URL": "smtp+tls://user:secret@mail.example:587", **changed,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def run(home: Path, *command: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    asked = [sys.executable, *command]
    return subprocess.run(asked, cwd=ROOT, env=environment(home, **changed), capture_output=True, text=True, timeout=90)


def test_the_deployment_check_finds_nothing_at_all(tmp_path: Path) -> None:
    found = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "DEBUG")
    assert found.returncode == 0 and "no issues (0 silenced)" in found.stdout, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DJANGO_DEBUG": "true"}, "DJANGO_DEBUG shows"),
        ({"DJANGO_DEBUG": "true", "ZBRIDGE_PRODUCTION": "false"}, "DJANGO_DEBUG shows"),
        ({"DJANGO_SECRET_KEY": ""}, "Set DJANGO_SECRET_KEY"),
        ({"ZBRIDGE_SECRET_KEYS": ""}, "Set ZBRIDGE_SECRET_KEYS"),
        ({"DJANGO_ALLOWED_HOSTS": ""}, "DJANGO_ALLOWED_HOSTS"),
        ({"DJANGO_ALLOWED_HOSTS": "*"}, "never to *"),
        ({"DJANGO_CSRF_TRUSTED_ORIGINS": "http://zbridge.example"}, "https addresses only"),
        ({"ZBRIDGE_CRASH_AT": "before-send"}, "production refuses it"),
    ],
)
def test_it_does_not_start_with_what_would_open_a_door(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    found = run(tmp_path, "-c", "import zbridge.settings", **changed)
    assert found.returncode != 0 and said in found.stderr


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a production process answers to a visitor and to somebody who is logged in."""
    found = run(tmp_path_factory.mktemp("production"), "-c", ASKS)
    assert found.returncode == 0, found.stderr
    answer: dict[str, object] = json.loads(found.stdout.splitlines()[-1])
    return answer


def test_plain_http_is_sent_to_https_and_https_is_kept_for_a_year(answers: dict[str, object]) -> None:
    assert answers["plain"] == [301, "https://zbridge.example/admin/"]
    headers = answers["headers"]
    assert isinstance(headers, dict) and answers["status"] == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_machines_that_knock_are_not_redirected(answers: dict[str, object]) -> None:
    assert 301 not in (answers["hooks"], answers["health"])


def test_a_page_is_not_kept_framed_sniffed_or_told_about(answers: dict[str, object]) -> None:
    headers = answers["headers"]
    assert isinstance(headers, dict)
    wanted = {
        "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    }  # fmt: skip
    assert {name: headers.get(name) for name in wanted} == wanted and "no-store" in headers["Cache-Control"]
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "object-src 'none'" in policy and "127.0.0.1" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]


def test_cookies_belong_to_this_host_over_tls_alone(answers: dict[str, object]) -> None:
    cookies = answers["cookies"]
    assert isinstance(cookies, dict) and set(cookies) == {"__Host-csrftoken", "__Host-sessionid"}
    for found in cookies.values():
        assert (found["secure"], found["path"], found["domain"]) == ("True", "/", "")
        assert found["samesite"] == "Lax"
    assert cookies["__Host-sessionid"]["httponly"] == "True"


def test_passwords_are_kept_by_a_memory_hard_hash(answers: dict[str, object]) -> None:
    assert answers["password"] == "scrypt"


def test_the_simulator_is_out_of_reach(answers: dict[str, object]) -> None:
    assert answers["simulator"] == "WrongHost"


def test_every_variable_that_is_read_stands_in_the_example() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "zbridge" / "settings.py").read_text()))
    told = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert read and read - told == set()


def test_the_guides_name_every_right_and_no_page_that_isn_t_there() -> None:
    guide = (ROOT / "docs" / "connect-zoho.md").read_text()
    areas = {scope.split(".")[1 if scope.count(".") == 2 else 2] for scope in Scopes.ALL if "settings." not in scope}
    assert {area for area in areas if area not in guide} == set()
    for name in ("README.md", "docs/connect-zoho.md", "docs/operating.md"):
        page = ROOT / name
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        missing = {link for link in links if not (page.parent / link).exists()} - COMING
        assert links and missing == set(), name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_the_unit_files_are_sound_and_hardened(tmp_path: Path) -> None:
    """Against a made-up root with what they start; the exposure is systemd's own figure, 0 (none) to 10."""
    units = sorted((ROOT / "docs" / "systemd").iterdir())
    place = tmp_path / "etc" / "systemd" / "system"
    place.mkdir(parents=True)
    shutil.copytree("/lib/systemd/system", tmp_path / "lib" / "systemd" / "system", symlinks=True)
    for name in ("opt/zbridge/.venv/bin/gunicorn", "opt/zbridge/.venv/bin/python", "bin/kill", "bin/sh"):
        started = tmp_path / name
        started.parent.mkdir(parents=True, exist_ok=True)
        started.touch(mode=0o755)
    for unit in units:
        shutil.copy(unit, place)
    asked = ["systemd-analyze", "verify", f"--root={tmp_path}", *(unit.name for unit in units)]
    found = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stderr) == (0, "") and len(units) == 4
    for unit in units:
        if unit.suffix == ".service":
            asked = ["systemd-analyze", "security", "--offline=true", f"--root={tmp_path}", unit.name]
            said = subprocess.run(asked, capture_output=True, text=True, timeout=60).stdout
            assert float(said.split("Overall exposure level")[1].split(":")[1].split()[0]) < 3, unit.name
