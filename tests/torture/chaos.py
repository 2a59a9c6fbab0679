"""A seeded storm over the real services: workers as greenlets, killed and stalled, answers lost on the wire.

Ordinary blocking code becomes deterministic: each worker runs to its next crash point, then the seed decides who
goes on, who is stalled for minutes, who dies. No database transaction is open across a point, so one connection
is enough.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import greenlet
from django.db import connection as database

from accounts.clients import Seams
from accounts.models import Connection
from invoicing.claims import StaleWorker
from invoicing.conversion import work
from invoicing.models import Conversion
from invoicing.sweeping import due_ids
from invoicing.workbench import Workbench
from tests.torture.checking import Checker
from tests.torture.storms import FINANCE, REP, People, Storm, invoices, keys_of
from tests.torture.wires import Stormy
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.zoho.gate import Priority
from zbridge.zoho.wire import Wire

MOST_WORKERS = 9
ENDED = ("done", "review", "refused", "cancelled")


class Killed(BaseException):
    """kill -9: nothing after this line runs."""


@dataclass
class Worker:
    """A worker as a greenlet on one conversion."""

    name: int
    thread: greenlet.greenlet
    stalled_until: float = 0.0


class Chaos:
    """Runs schedules over one connection, one after the other, and says what came of each."""

    def __init__(self, connection: Connection, simulator: Simulator, clock: SteppedClock) -> None:
        self.connection, self.simulator, self.clock = connection, simulator, clock
        self.storm = Storm(Random(0), 0.0, active=False)
        self.checker = Checker(clock)
        self.befallen: Counter[str] = Counter()
        self.trace: list[str] = []
        self.kills = self.stalls = self.calls = self.points = 0
        self.watches = False
        self.seams = Seams(clock=clock, wire=Wire(lambda: Stormy(self)))
        self.bench = Workbench(lambda row: self.seams.clients(row, Priority.CLICK), clock, self._point)
        self._scheduler = greenlet.getcurrent()
        self._began: set[Any] = set()

    def before(self, method: str, path: str, body: Any, headers: Mapping[str, Any]) -> None:
        """Every call, by the checker once a schedule runs."""
        self.calls += 1
        if self.watches:
            self.checker.before(method, path, body, headers)

    def after(self, method: str, url: str, body: Any, status: int | None) -> None:
        """How it ended."""
        self.checker.after(method, url, body, status)

    def run(self, seed: int, row: Conversion, *, workers: int = 3) -> list[str]:
        """Let workers loose on the conversion under this seed's storm, calm down, let it settle: what was wrong."""
        self.storm, people = Storm.of(seed), People(self.simulator)
        self.checker.begin([row.pk])
        self.watches, self.trace, self._began = True, [], set()
        crew = [self._worker(number, row.pk) for number in range(workers)]
        with database.execute_wrapper(self.checker.on_sql):
            self._blow(crew, row, people)
            self._calm(row)
        self.watches = False
        self.befallen += self.storm.befallen
        found, self.checker.faults = self.checker.faults + self._left_behind(row, people), []
        return found

    def _blow(self, crew: list[Worker], row: Conversion, people: People) -> None:
        """Doorbells ring on in the storm: doubled, late, and while others are at it."""
        crm_id, random, rung = row.deal.crm_id if row.deal else "", self.storm.random, len(crew)
        for _ in range(400):
            if rung < MOST_WORKERS and (not crew or random.random() < 0.05):
                crew.append(self._worker(rung, row.pk))
                rung += 1
                self.clock.advance(random.choice((0, 6, 20, 70)))
            if not crew:
                break
            crew = self._turn(crew)
            people.may_act(self.storm, row, crm_id)

    def _worker(self, number: int, conversion_id: int) -> Worker:
        def go() -> None:
            try:
                if work(conversion_id, self.bench) is None:
                    self.befallen["fenced" if greenlet.getcurrent() in self._began else "found it taken"] += 1
            except Killed:
                self.kills += 1
            except StaleWorker:
                self.befallen["fenced"] += 1

        return Worker(number, greenlet.greenlet(go, self._scheduler))

    def _turn(self, crew: list[Worker]) -> list[Worker]:
        random = self.storm.random
        ready = [worker for worker in crew if worker.stalled_until <= self.clock.ticks]
        if not ready:
            self.clock.advance(random.randint(5, 60))
            return crew
        worker = random.choice(ready)
        fate = self.storm.fate()
        self.trace.append(f"{worker.name} {fate}")
        if fate == "dead" and worker.thread:
            self._kill(worker)
        elif fate == "stalled":
            self.stalls += 1
            worker.stalled_until = self.clock.ticks + random.choice((20, 130, 400))
        else:
            worker.thread.switch()
        self.clock.advance(random.random())
        return [one for one in crew if not one.thread.dead]

    def _kill(self, worker: Worker) -> None:
        worker.thread.throw(Killed)
        if not worker.thread.dead:
            self.checker.faults.append("a killed worker lived on")

    def _calm(self, row: Conversion) -> None:
        """Faults stop; the sweep works what is due for two simulated hours at most."""
        self.storm.active = False
        self.simulator.faults.clear_orders()
        for _ in range(240):
            if row.pk in due_ids(self.connection, self.clock):
                work(row.pk, self.bench)
            if Conversion.objects.filter(pk=row.pk, state__in=ENDED).exists():
                break
            self.clock.advance(30)
        self.clock.advance(200)
        self.simulator.settle()

    def _point(self, name: str) -> None:
        """Back to the scheduler, unless this is the scheduler's own calm work."""
        self.points += 1
        self.trace.append(name)
        if greenlet.getcurrent() is not self._scheduler:
            self._began.add(greenlet.getcurrent())
            self._scheduler.switch()

    # -- what a schedule left behind ---------------------------------------------------------------------------------

    def _left_behind(self, row: Conversion, people: People) -> list[str]:
        row.refresh_from_db()
        self.befallen[row.state] += 1
        self.befallen["adopted"] += row.adopted
        live = [one for one in invoices(self.simulator) if row.key in keys_of(one) and one["status"] != "void"]
        said = [f"{row.key}: {len(live)} live invoices"] if len(live) > 1 else []
        if row.state not in ENDED:
            said.append(f"lost: {row.key} stayed {row.state}: {row.hold}")
        elif row.state == "done":
            said += self._of_a_done_one(row, live, people)
        elif row.state != "review" and people.acted not in REP:
            said.append(f"{row.key} ended {row.state} though nobody changed the deal: {row.problems}")
        return said + self._of_finance(people)

    def _of_a_done_one(self, row: Conversion, live: list[dict[str, Any]], people: People) -> list[str]:
        gone = people.acted in ("voids", "deletes")
        said = [] if live or gone else [f"lost: {row.key} is done and has no invoice"]
        deal = self.simulator.store.get("crm", "Deals", row.deal.crm_id) if row.deal else None
        number = (deal or {}).get(self.connection.crm_fields["number"])
        if live and deal is not None and number != live[0]["invoice_number"]:
            said.append(f"{row.key} is done and its deal says {number}")
        return said

    def _of_finance(self, people: People) -> list[str]:
        """What finance did stands as finance left it."""
        if people.acted not in FINANCE:
            return []
        found = self.simulator.verbs("books").read(self.simulator, "invoices", people.touched)
        stands = {
            "edits": found is not None and found.get("notes") == "By finance",
            "sends": found is not None and found.get("status") == "sent",
            "voids": found is not None and found.get("status") == "void",
            "deletes": found is None,
        }[people.acted]
        return [] if stands else [f"overwritten: finance {people.acted} {people.touched}, which no longer shows"]
