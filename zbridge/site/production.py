"""What production refuses to start with, and the sentence that says why."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]", "::1", "testserver"})


def refuse_unsafe(*, production: bool, debug: bool, hosts: Sequence[str], origins: Iterable[str], crash: str) -> None:
    """Raise ImproperlyConfigured for a setting that would open what must stay shut (reliability 8, 48)."""
    if debug and (production or set(hosts) - LOCAL):
        raise ImproperlyConfigured(
            "DJANGO_DEBUG shows settings and data to whoever meets an error: switch it off, or serve 127.0.0.1 only."
        )
    if not production:
        return
    if crash:
        raise ImproperlyConfigured("ZBRIDGE_CRASH_AT kills the process on purpose; production refuses it.")
    if not hosts or "*" in hosts:
        raise ImproperlyConfigured("Set DJANGO_ALLOWED_HOSTS to the names that zbridge is reached by, never to *.")
    plain = [origin for origin in origins if urlsplit(origin).scheme != "https"]
    if plain:
        raise ImproperlyConfigured(f"DJANGO_CSRF_TRUSTED_ORIGINS takes https addresses only, not {', '.join(plain)}.")
