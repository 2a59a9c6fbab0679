"""A seeded storm over the real services: workers as greenlets, killed and stalled, answers lost on the wire.

Ordinary blocking code becomes deterministic: each worker runs to its next crash point, then the seed decides who
goes on, who is stalled for minutes, who dies. No database transaction is open across a point, so one connection
is enough.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import greenlet
import requests

from accounts.clients import Seams
from accounts.models import Connection
from invoicing.claims import StaleWorker
from invoicing.conversion import work
from invoicing.models import Conversion
from invoicing.sweeping import due_ids
from invoicing.workbench import Workbench
from syncjobs.models import Attempt
from tests.in_process import InProcess
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.zoho.gate import Priority
from zbridge.zoho.wire import Wire


class Killed(BaseException):
    """kill -9: nothing after this line runs."""


# What may befall one call, and how often among faulty ones; reads can't be committed late.
WRITE_FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lost before", {"drop_before": True}),
    ("lost after", {"drop_after": True}),
    ("cut short", {"reset_mid_body": True}),
    ("late commit", {"commit_after": 60}),
    ("500", {"status": 500, "code": 1000}),
    ("503", {"status": 503}),
    ("429", {"status": 429, "code": 44}),
    ("hidden", {"visible_after": 45}),
    ("timed out", {"delay": 400}),
)
READ_FAULTS = tuple(fault for fault in WRITE_FAULTS if fault[0] not in ("late commit", "hidden"))


@dataclass
class Storm:
    """One schedule's luck: which calls fail and who is stopped at which point."""

    random: Random
    faulty: float
    active: bool = True
    befallen: Counter[str] = field(default_factory=Counter)

    def effects(self, method: str, path: str) -> dict[str, Any]:
        """The effects for this call; none when it is spared."""
        if not self.active or path.startswith("/oauth") or self.random.random() > self.faulty:
            return {}
        name, effects = self.random.choice(READ_FAULTS if method == "GET" else WRITE_FAULTS)
        self.befallen[name] += 1
        found = dict(effects)
        if "commit_after" in found:
            found["commit_after"] = self.random.randint(1, 170)
        return found

    def fate(self) -> str:
        """What happens to a worker at a point: go on, be stalled, or die."""
        if not self.active:
            return "on"
        luck = self.random.random()
        return "dead" if luck < 0.05 else "stalled" if luck < 0.12 else "on"


class Stormy(InProcess):
    """The wire in a storm; it watches that every creating call was written down before it was made."""

    def __init__(
        self, simulator: Simulator, clock: SteppedClock, storm: "Storm | _Now", watch: Callable[..., None]
    ) -> None:
        super().__init__(simulator, clock)
        self.storm = storm
        self.watch = watch

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        path = str(request.path_url).split("?")[0]
        self.watch(str(request.method), path, request.body)
        effects = self.storm.effects(str(request.method), path)
        if not effects:
            return super().send(request, *args, **kwargs)
        number = self.simulator.faults.add({"method": request.method, "path": f"^{path}$", "times": 1, **effects})
        try:
            return super().send(request, *args, **kwargs)
        finally:
            self.simulator.faults.remove(number)


@dataclass
class Worker:
    """A worker as a greenlet on one conversion."""

    name: int
    thread: greenlet.greenlet
    stalled_until: float = 0.0


class Chaos:
    """Runs schedules over one connection and says what came of them."""

    def __init__(self, connection: Connection, simulator: Simulator, clock: SteppedClock) -> None:
        self.connection = connection
        self.simulator = simulator
        self.clock = clock
        self.storm = Storm(Random(0), 0.0)
        self.faults: list[str] = []
        self.befallen: Counter[str] = Counter()
        self.kills = self.stalls = self.calls = self.fenced = 0
        self.seams = Seams(clock=clock, wire=Wire(lambda: Stormy(simulator, clock, _Now(self), self._watch)))
        self.bench = Workbench(lambda row: self.seams.clients(row, Priority.CLICK), clock, self._point)
        self._scheduler = greenlet.getcurrent()

    # -- one schedule ----------------------------------------------------------------------------------------------

    def run(self, seed: int, conversions: Iterable[Conversion], *, workers: int = 2) -> None:
        """Let workers loose on the conversions under this seed's storm, then calm down and let all settle."""
        random = Random(seed)
        self.storm = Storm(random, random.choice((0.1, 0.3, 0.6)))
        ids = [row.pk for row in conversions]
        crew = [self._worker(number, random.choice(ids)) for number in range(workers * len(ids))]
        for _ in range(400):
            if not crew:
                break
            crew = self._turn(crew, random)
        self._calm(ids)
        self.befallen += self.storm.befallen

    def _worker(self, number: int, conversion_id: int) -> Worker:
        def go() -> None:
            try:
                if work(conversion_id, self.bench) is None:
                    self.fenced += 1
            except Killed:
                self.kills += 1
            except StaleWorker:
                self.fenced += 1

        return Worker(number, greenlet.greenlet(go, self._scheduler))

    def _turn(self, crew: list[Worker], random: Random) -> list[Worker]:
        ready = [worker for worker in crew if worker.stalled_until <= self.clock.ticks]
        if not ready:
            self.clock.advance(random.randint(5, 60))
            return crew
        worker = random.choice(ready)
        fate = self.storm.fate()
        if fate == "dead" and worker.thread:
            worker.thread.throw(Killed)
        elif fate == "stalled":
            self.stalls += 1
            worker.stalled_until = self.clock.ticks + random.choice((20, 130, 400))
        else:
            worker.thread.switch()
        self.clock.advance(random.random())
        return [one for one in crew if not one.thread.dead]

    def _calm(self, ids: list[int]) -> None:
        """Faults stop; the sweep works what is due for two simulated hours at most."""
        self.storm.active = False
        self.simulator.faults.clear_orders()
        for _ in range(240):
            for conversion_id in set(due_ids(self.connection, self.clock)) & set(ids):
                work(conversion_id, self.bench)
            if not Conversion.objects.filter(pk__in=ids).exclude(state__in=("done", "review", "refused")).exists():
                break
            self.clock.advance(30)
        self.clock.advance(200)
        self.simulator.settle()

    def _point(self, name: str) -> None:
        """Back to the scheduler, unless this is the scheduler's own calm work."""
        here = greenlet.getcurrent()
        if here is not self._scheduler:
            self._scheduler.switch()

    # -- what must hold at every call --------------------------------------------------------------------------------

    def _watch(self, method: str, path: str, body: Any) -> None:
        self.calls += 1
        if method == "POST" and path == "/books/v3/invoices":
            self._watch_invoice(body)
        elif path.startswith("/books/v3/invoices") and method not in ("GET", "POST"):
            self.faults.append(f"{method} {path}: finance's documents were touched")

    def _watch_invoice(self, body: Any) -> None:
        text = body.decode() if isinstance(body, bytes) else str(body)
        row = next((one for one in Conversion.objects.filter(state="sending") if one.key in text), None)
        if row is None:
            self.faults.append("an invoice was posted without a conversion in sending")
            return
        if not Attempt.objects.filter(key=row.key, purpose="invoice", number=row.attempts, outcome="").exists():
            self.faults.append(f"{row.key}: posted without a committed intent")
        if row.lease_until is None or row.lease_until < self.clock.now():
            self.fenced += 1


@dataclass(frozen=True)
class _Now:
    """The storm of the schedule that is running."""

    chaos: Chaos

    def effects(self, method: str, path: str) -> dict[str, Any]:
        return self.chaos.storm.effects(method, path)


@dataclass(frozen=True)
class Verdict:
    """What a schedule left behind."""

    doubled: list[str]
    lost: list[str]
    asked: int
    overwritten: int


def verdict(connection: Connection, simulator: Simulator) -> Verdict:
    """Invoices by key against conversions, over everything that ever ran here."""
    keys: Counter[str] = Counter()
    for row in simulator.verbs("books").rows(simulator, "invoices"):
        if row.get("status") != "void":
            keys.update(_keys_of(row))
    conversions = list(Conversion.objects.filter(connection=connection))
    lost = [row.key for row in conversions if row.state == "done" and keys[row.key] != 1]
    lost += [row.key for row in conversions if row.state not in ("done", "review", "refused", "cancelled")]
    asked = sum(row.state == "review" for row in conversions)
    return Verdict([key for key, count in keys.items() if count > 1], lost, asked, 0)


def _keys_of(row: dict[str, Any]) -> list[str]:
    values = [row.get(name) for name in row if name.startswith("cf_")]
    values += [field.get("value") for field in row.get("custom_fields") or ()]
    return list({str(value) for value in values if str(value).startswith("ZB-")})
