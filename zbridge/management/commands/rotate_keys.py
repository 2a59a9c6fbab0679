"""Re-encrypt all stored secrets under the newest of ZBRIDGE_SECRET_KEYS; afterwards the old keys may be removed."""

from typing import Any

from accounts.key_check import rotate_keys
from zbridge.management.answers import DONE, REFUSED, AnsweringCommand


class Command(AnsweringCommand):
    """JSON: rewritten, unreadable; exit 1 when a secret could not be read."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        found = rotate_keys()
        code = REFUSED if found.unreadable else DONE
        self.answer({"rewritten": found.rewritten, "unreadable": found.unreadable}, options, code)
