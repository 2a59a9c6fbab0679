"""Encryption of what must never be read in a dump: MultiFernet with its own keys, each text bound to its place."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from zbridge.zoho.secret import Secret


class Unreadable(Exception):
    """The ciphertext belongs elsewhere, or none of the keys made it."""


def _keys() -> MultiFernet:
    texts: list[str] = settings.ZBRIDGE_SECRET_KEYS
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(text.encode()).digest())) for text in texts])


def encrypt(secret: Secret, place: str) -> str:
    """The ciphertext of a secret, good only at that place (such as "7:refresh_token")."""
    return _keys().encrypt(f"{place}\n{secret.reveal()}".encode()).decode()


def decrypt(cipher: str, place: str) -> Secret:
    """The secret; Unreadable when it was made for another place or by a key that is not there."""
    try:
        found, _, text = _keys().decrypt(cipher.encode()).decode().partition("\n")
    except InvalidToken as error:
        raise Unreadable("None of ZBRIDGE_SECRET_KEYS made this secret.") from error
    if found != place:
        raise Unreadable("This secret belongs to another place.")
    return Secret(text)


def rotated(cipher: str) -> str:
    """The same secret under the newest key."""
    try:
        return _keys().rotate(cipher.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("None of ZBRIDGE_SECRET_KEYS made this secret.") from error
