"""The team channel: one apprise address, from the environment or set on a page; encrypted, since it holds secrets."""

import importlib
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import TeamChannel, User
from accounts.secrets import decrypt, encrypt
from zbridge.clock import Clock
from zbridge.zoho.secret import Secret

PLACE = "team_channel:url"


def _apprise() -> Any:
    """The library, loaded on first use: it takes seconds, which no start of a process should pay."""
    return importlib.import_module("apprise")


class NotSent(Exception):
    """The service did not take the message."""


class NotAllowed(Exception):
    """The address is refused; its text is the sentence for the person."""


def check(url: str) -> str:
    """The kind of service behind an address that only speaks TLS; NotAllowed for any other."""
    scheme = url.partition("://")[0].strip().lower()
    known = importlib.import_module("apprise.manager_plugins").NotificationManager()
    plugin = next((one for one in known.plugins() if scheme in _secure(one)), None)
    if plugin is None:
        raise NotAllowed("This address was refused: it must be one that apprise knows and that is encrypted (TLS).")
    if _apprise().Apprise.instantiate(url, suppress_exceptions=True) is None:
        raise NotAllowed(
            "This address was refused: something is missing in it; apprise's documentation shows its form."
        )
    return str(plugin.service_name)[:80]


def _secure(plugin: object) -> tuple[str, ...]:
    """The schemes of a plugin that are encrypted on the way; local ones (desktop, syslog) have none."""
    found = getattr(plugin, "secure_protocol", None) or ()
    return (found,) if isinstance(found, str) else tuple(found)


def is_set() -> bool:
    """Whether notices go to a team channel."""
    return bool(settings.ZBRIDGE_APPRISE_URL) or TeamChannel.objects.exists()


def shown() -> str:
    """The kind of service, never the address."""
    if settings.ZBRIDGE_APPRISE_URL:
        return "set in the environment (ZBRIDGE_APPRISE_URL)"
    row = TeamChannel.objects.order_by("-pk").first()
    return row.shown if row else ""


def keep(url: Secret, user: User | None, clock: Clock) -> str:
    """Keep the address, or forget it when empty; the sentence that says so."""
    kind = check(url.reveal()) if url.reveal() else ""
    said = f"Notices also go to {kind}." if kind else "Notices go to no team channel."
    with transaction.atomic():
        TeamChannel.objects.all().delete()
        if kind:
            cipher = encrypt(url, PLACE)
            TeamChannel.objects.create(url_cipher=cipher, shown=kind, changed_by=user, changed_at=clock.now())
        audit.record(user, "team_channel", said, clock=clock)
    return said


def send(title: str, text: str) -> None:
    """One message; NotSent when the service doesn't take it."""
    row = TeamChannel.objects.order_by("-pk").first()
    url = settings.ZBRIDGE_APPRISE_URL or (decrypt(row.url_cipher, PLACE).reveal() if row else "")
    if not url:
        return
    check(url)
    asset = _apprise().AppriseAsset(app_id="zbridge", app_desc="zbridge", app_url="", secure_logging=True)
    channel = _apprise().Apprise(asset=asset)
    if not channel.add(url) or not channel.notify(title=f"zbridge: {title}", body=text):
        raise NotSent
