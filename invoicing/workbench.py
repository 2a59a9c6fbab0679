"""What working a conversion needs from outside: Zoho's two clients, the clock, and the crash points."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from accounts.clients import Clients
from accounts.models import Connection
from zbridge.clock import Clock
from zbridge.crash_points import Point


def one_by_one(connection: Connection, calls: Mapping[str, int]) -> AbstractContextManager[None]:
    """Sets nothing aside."""
    return nullcontext()


@dataclass(frozen=True)
class Workbench:
    """Passed in, never reached for: the fault harness passes its own.

    `set_aside` keeps so many calls by side for a block, or raises Waits before it begins.
    """

    clients: Callable[[Connection], Clients]
    clock: Clock
    point: Point
    set_aside: Callable[[Connection, Mapping[str, int]], AbstractContextManager[None]] = one_by_one
