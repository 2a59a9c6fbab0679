"""The keys of our secrets: a check at every start that they open what is stored, and their rotation row by row."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError
from django.db.models import Model

from accounts.models import Credential, TeamChannel
from accounts.secrets import Unreadable, decrypt, rotated
from accounts.tokens import place

# Other rooms' models with secrets at rest, each with its columns.
_OTHERS: dict[type[Model], tuple[str, ...]] = {}
PURPOSES = ("client_secret", "refresh_token", "access_token")


def keeps_secrets(model: type[Model], *columns: str) -> None:
    """Rotate these columns of another room's model, too."""
    _OTHERS[model] = columns


def check_keys(app_configs: Sequence[AppConfig] | None = None, **kwargs: object) -> list[CheckMessage]:
    """System check: refuse to start without keys, or with keys that open none of what is stored."""
    if not any(settings.ZBRIDGE_SECRET_KEYS):
        return [Error("ZBRIDGE_SECRET_KEYS is empty.", hint="Make a key as .env.example says.", id="accounts.E001")]
    try:
        shut = [str(row) for row in Credential.objects.all() if not _opens(row)]
    except DatabaseError:
        # Not migrated yet, or no database: others say so, in better words.
        return []
    hint = "Put back the key that was in ZBRIDGE_SECRET_KEYS, or reconnect."
    return [Error(f"{name} was encrypted with another key.", hint=hint, id="accounts.E002") for name in shut]


def _opens(row: Credential) -> bool:
    try:
        for purpose in PURPOSES:
            cipher = getattr(row, f"{purpose}_cipher")
            if cipher:
                decrypt(cipher, place(row, purpose))
    except Unreadable:
        return False
    return True


@dataclass
class Rotation:
    """What a rotation did: secrets under the newest key now, and those that no key opens."""

    rewritten: int = 0
    unreadable: int = 0


def rotate_keys() -> Rotation:
    """Put every stored secret under the newest key, one by one; a token that is refreshed meanwhile is left alone."""
    found = Rotation()
    for row in Credential.objects.all():
        for purpose in PURPOSES:
            _rotate(row, f"{purpose}_cipher", found)
    for channel in TeamChannel.objects.all():
        _rotate(channel, "url_cipher", found)
    for model, columns in _OTHERS.items():
        for kept in model._default_manager.all():
            for column in columns:
                _rotate(kept, column, found)
    return found


def _rotate(row: Model, column: str, found: Rotation) -> None:
    cipher = getattr(row, column)
    if not cipher:
        return
    try:
        fresh = rotated(cipher)
    except Unreadable:
        found.unreadable += 1
        return
    type(row)._default_manager.filter(pk=row.pk, **{column: cipher}).update(**{column: fresh})
    found.rewritten += 1
