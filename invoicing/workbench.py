"""What working a conversion needs from outside: Zoho's two clients, the clock, and the crash points."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.clients import Clients
from accounts.models import Connection
from zbridge.clock import Clock
from zbridge.crash_points import Point


@dataclass(frozen=True)
class Workbench:
    """Passed in, never reached for: the fault harness passes its own."""

    clients: Callable[[Connection], Clients]
    clock: Clock
    point: Point
