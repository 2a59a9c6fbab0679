"""Faults that a test orders: which calls, how often, and what happens to them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Event
from typing import Any

from zbridge.simulator import misshaped
from zbridge.simulator.wire import Request

EFFECTS = (
    "status", "code", "delay", "commit_after", "visible_after", "drop_before", "drop_after", "hold", "reset_mid_body",
    "duplicate", "message", "retry_after", "location", "drip", *misshaped.EFFECTS,
)  # fmt: skip
MATCHERS = ("method", "path", "nth", "times")


WHOLE = ("nth", "times", "status", "retry_after")
SECONDS = ("delay", "commit_after", "visible_after", "drip")


def _is_fit(name: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return value >= 0 and (name in SECONDS or isinstance(value, int))


class BadFault(ValueError):
    """A fault with an unknown key or pattern."""


@dataclass
class Fault:
    """One order; `seen` counts the matching calls since its creation."""

    number: int
    method: str
    path: re.Pattern[str]
    nth: int | None
    times: int | None
    effects: dict[str, Any]
    seen: int = 0
    done: int = 0

    def strikes(self, request: Request) -> bool:
        """Whether this call is one of those ordered; counts it."""
        if self.method and self.method != request.method or not self.path.search(request.path):
            return False
        self.seen += 1
        if self.nth is not None and (self.seen < self.nth or self.times is None and self.seen != self.nth):
            return False
        if self.times is not None and self.done >= self.times:
            return False
        self.done += 1
        return True


@dataclass
class Late:
    """A call whose client has gone, applied when its time has come (seconds on the machine's clock)."""

    at: float
    apply: Callable[[], None]


@dataclass
class Faults:
    """The faults in force, the late commits under way, what is not visible yet, and the gate of held answers."""

    orders: list[Fault] = field(default_factory=list)
    late: list[Late] = field(default_factory=list)
    hidden: dict[tuple[str, str, str], float] = field(default_factory=dict)
    released: Event = field(default_factory=Event)
    last: int = 0

    def add(self, order: Mapping[str, Any]) -> int:
        """Its number."""
        unknown = set(order) - set(EFFECTS) - set(MATCHERS)
        if unknown:
            raise BadFault(f"A fault has no {', '.join(sorted(unknown))}; it takes {', '.join((*MATCHERS, *EFFECTS))}.")
        for name in (*WHOLE, *SECONDS):
            if name in order and not _is_fit(name, order[name]):
                raise BadFault(f"{name} is {'a whole number' if name in WHOLE else 'a number of seconds'}.")
        if not isinstance(order.get("change", {}), dict) or not isinstance(order.get("omit", []), list):
            raise BadFault("change is an object of path and value, omit a list of paths.")
        try:
            pattern = re.compile(str(order.get("path", "")))
        except re.error as error:
            raise BadFault(f"“{order['path']}” is no pattern.") from error
        self.last += 1
        effects = {name: order[name] for name in EFFECTS if name in order}
        method = str(order.get("method", "")).upper()
        self.orders.append(Fault(self.last, method, pattern, order.get("nth"), order.get("times"), effects))
        return self.last

    def effects_for(self, request: Request) -> dict[str, Any]:
        """The effects of the first fault that strikes this call."""
        return next((fault.effects for fault in self.orders if fault.strikes(request)), {})

    def remove(self, number: int | None = None) -> None:
        """One, or all."""
        self.orders = [fault for fault in self.orders if number is not None and fault.number != number]

    def release(self) -> None:
        """Let every held answer go."""
        self.released.set()
        self.released = Event()

    def due(self, real: float) -> list[Late]:
        """Late commits whose time has come, taken out in order."""
        ready = sorted((one for one in self.late if one.at <= real), key=lambda one: one.at)
        self.late = [one for one in self.late if one.at > real]
        return ready

    def is_hidden(self, org: str, module: str, id: str, real: float) -> bool:
        """Whether a list may not show the record yet."""
        until = self.hidden.get((org, module, id))
        return until is not None and until > real

    def clear_orders(self) -> None:
        """No more faults; what is late or hidden already stays so."""
        self.orders = []

    def clear(self) -> None:
        """No faults, nothing late, nothing hidden, nothing held."""
        self.orders, self.late, self.hidden = [], [], {}
        self.release()
