"""The wire in a storm: in process, watched on both ends, with whatever the seed orders for a call."""

from collections.abc import Mapping
from typing import Any, Protocol

import requests

from tests.in_process import InProcess
from tests.torture.storms import Storm
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator


class Watcher(Protocol):
    """Who looks at every call, and whose storm it is."""

    simulator: Simulator
    clock: SteppedClock
    storm: Storm

    def before(self, method: str, path: str, body: Any, headers: Mapping[str, Any]) -> None:
        """It is about to leave."""
        ...

    def after(self, method: str, url: str, body: Any, status: int | None) -> None:
        """It was answered, whole (with its status), or nobody knows how it ended (None); `url` with its query."""
        ...


class Stormy(InProcess):
    """Calls in a storm."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__(watcher.simulator, watcher.clock)
        self.watcher = watcher

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        method, path = str(request.method), str(request.path_url).split("?")[0]
        self.watcher.before(method, path, request.body, request.headers)
        effects, status = self.watcher.storm.effects(method, path), None
        number = self._ordered(method, path, effects)
        try:
            found = super().send(request, *args, **kwargs)
            status = None if "reset_mid_body" in effects else found.status_code
            return found
        finally:
            if number:
                self.simulator.faults.remove(number)
            self.watcher.after(method, str(request.path_url), request.body, status)

    def _ordered(self, method: str, path: str, effects: dict[str, Any]) -> int:
        if not effects:
            return 0
        return self.simulator.faults.add({"method": method, "path": f"^{path}$", "times": 1, **effects})
