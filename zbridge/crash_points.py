"""Named places where the fault harness may kill or stall a worker; a no-op in normal life."""

import os
import signal
from collections.abc import Callable

Point = Callable[[str], None]

_die_at = os.environ.get("ZBRIDGE_CRASH_AT", "")


def crash_point(name: str) -> None:
    """Kill this process at the named place if ZBRIDGE_CRASH_AT asks for it (settings refuse that in production)."""
    if _die_at == name:
        os.kill(os.getpid(), signal.SIGKILL)
