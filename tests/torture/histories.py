"""Random histories of two people who edit the same products in CRM and Books while zbridge keeps them in step.

Calls fail, workers die, edits fall between reading, planning and writing. After all is calm: both sides agree or an
open question or a kept value explains the difference, nothing that somebody typed is lost, and three more runs write
nothing.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from accounts.clients import Seams
from accounts.models import Connection, User
from syncjobs import settling
from syncjobs.domain import mapping as rules
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.ownership import other
from syncjobs.domain.records import Side
from syncjobs.mappings import fields_of, mapping_of
from syncjobs.models import Conflict, KeptValue, PlannedWrite, Record, Run
from syncjobs.reading import Reader
from syncjobs.services import start_run
from syncjobs.working import work
from tests.torture.storms import Storm
from tests.torture.wires import Stormy
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator
from zbridge.zoho.gate import Priority
from zbridge.zoho.wire import Wire

MODULES = {Side.CRM: "Products", Side.BOOKS: "items"}
EDITS = {
    Side.CRM: {"name": "Product_Name", "price": "Unit_Price", "unit": "Usage_Unit", "description": "Description"},
    Side.BOOKS: {"name": "name", "price": "rate", "unit": "unit", "description": "description"},
}
ENDED = ("complete", "incomplete", "refused", "failed")
Place = tuple[Side, str, str]


class Killed(BaseException):
    """kill -9."""


@dataclass
class History:
    """One seed's story over one organisation's products."""

    connection: Connection
    simulator: Simulator
    clock: SteppedClock
    user: User
    seed: int
    faults: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    typed: dict[Place, str] = field(default_factory=dict)
    replaced: list[tuple[Place, str]] = field(default_factory=list)
    carried: set[tuple[int, str, str]] = field(default_factory=set)
    leaving: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.storm = Storm(self.random, self.random.choice((0.0, 0.05, 0.2)), active=False)
        self.seams = Seams(clock=self.clock, wire=Wire(lambda: Stormy(self)))
        self.reader = Reader(lambda row: self.seams.clients(row, Priority.BULK), self.clock, self._point)
        self.fields = fields_of(mapping_of(self.connection, "product", self.clock))
        self.pairs: list[tuple[str, str]] = []

    # -- telling it --------------------------------------------------------------------------------------------------

    def tell(self) -> list[str]:
        """Lay four products, live through the storm, calm down: what was wrong."""
        self._lay(4)
        self._sync()
        self.storm.active = True
        for _ in range(self.random.randint(4, 9)):
            self.random.choice((self._edit, self._edit, self._sync, self._settle))()
            self.clock.advance(self.random.choice((0, 1, 8, 40, 700)))
        self.storm.active = False
        self.simulator.faults.clear_orders()
        self._come_to_rest()
        return self.faults + self._differences() + self._lost() + self._missed()

    def _lay(self, count: int) -> None:
        for number in range(count):
            product = {
                "Product_Name": f"P{number}",
                "Product_Code": f"S{number}",
                "Unit_Price": 12,
                "Usage_Unit": "pcs",
            }
            item = {"name": f"P{number}", "sku": f"S{number}", "rate": 12, "unit": "pcs"}
            made = (
                self.simulator.user_create("crm", "Products", product),
                self.simulator.user_create("books", "items", item),
            )
            self.pairs.append((str(made[0]["id"]), str(made[1]["item_id"])))
            self.carried |= {(number, "unit", "pcs"), (number, "price", "12.00")}

    def _edit(self) -> None:
        """A person types one value on one side."""
        random, side = self.random, self.random.choice(list(Side))
        name = random.choice(list(EDITS[side]))
        value = {"price": random.randint(10, 15), "unit": random.choice(("pcs", "box", "kg"))}.get(
            name, f"{name} {random.randint(1, 9999)}"
        )
        identity = random.choice(self.pairs)[0 if side is Side.CRM else 1]
        try:
            self.simulator.user_update(str(side), MODULES[side], identity, {EDITS[side][name]: value})
        except ValueError:
            return
        typed = self.typed[side, identity, name] = self._now(side, identity, name)
        number = self._pair(side, identity)
        there = self._now(other(side), self.pairs[number][0 if side is Side.BOOKS else 1], name)
        if typed == there:
            # Typed on both sides: they agree, whoever carried it.
            self.carried.add((number, name, typed))
        self.happened[f"typed in {side}"] += 1

    def _settle(self) -> None:
        row = self.random.choice([*Conflict.objects.filter(closed_at=None), None])
        if row is not None:
            self._decide(row)

    def _decide(self, row: Conflict) -> None:
        settling.settle(row, self.random.choice(("crm", "books")), self.user, self.clock)
        self.happened["settled"] += 1

    def _sync(self) -> Run:
        """One whole run of both kinds and the pair, worked again after deaths and pauses."""
        found = Run()
        for kind in ("item", "product", "products"):
            found = start_run(self.connection, kind, self.clock, trigger="command", doorbell=False)
            for _ in range(60):
                try:
                    work(found.pk, self.reader)
                except Killed:
                    self.happened["killed"] += 1
                    self.clock.advance(130)
                found.refresh_from_db()
                if found.state in ENDED:
                    break
                self.clock.advance(
                    max(1.0, (found.hold_until - self.clock.now()).total_seconds()) if found.hold_until else 5
                )
        self.happened[f"run {found.state}"] += 1
        self._is_no_echo(found)
        return found

    def _is_no_echo(self, run: Run) -> None:
        """No plan means to write what stands there already."""
        for write in PlannedWrite.objects.filter(plan__run=run):
            same = [change["field"] for change in write.changes if change["before"] == change["after"]]
            if same:
                self.faults.append(f"{', '.join(same)} of {write.remote_id} is to be written as it is: an echo")

    def _come_to_rest(self) -> None:
        for _ in range(4):
            for row in Conflict.objects.filter(closed_at=None):
                self._decide(row)
            self.clock.advance(400)
            self._sync()
        for _ in range(3):
            self.clock.advance(400)
            run = self._sync()
            if run.writes or run.state != "complete":
                self.faults.append(f"a run at rest wrote {run.writes}: {run.state}, {run.sentence}")

    def _point(self, name: str) -> None:
        """Somebody types in the middle of a run, or the worker dies."""
        luck = self.random.random()
        if self.storm.active and luck < 0.06:
            raise Killed(name)
        if self.storm.active and luck < 0.2:
            self._edit()

    # -- watching ----------------------------------------------------------------------------------------------------

    def before(self, method: str, path: str, body: Any, headers: Mapping[str, Any]) -> None:
        """A write is about to leave: may it be, and what does it replace?"""
        if method != "PUT":
            return
        sent = json.loads(body, parse_float=Decimal)
        if path.startswith("/books/v3/items/"):
            self._watch(Side.BOOKS, path.rsplit("/", 1)[1], sent)
        elif path == "/crm/v8/Products":
            for row in sent["data"]:
                self._watch(Side.CRM, row["id"], row)

    def after(self, method: str, url: str, body: Any, status: int | None) -> None:
        """What was sent counts as carried over only when it stands there now."""
        while self.leaving:
            side, identity, name = self.leaving.pop()
            self.carried.add((self._pair(side, identity), name, self._now(side, identity, name)))

    def _watch(self, side: Side, identity: str, sent: Mapping[str, Any]) -> None:
        sent_fields = [one for one in self.fields if one.path(side) in sent]
        changes = 0
        for one in sent_fields:
            new, old = rules.read(one, side, sent), self._now(side, identity, one.name)
            if new != old:
                changes += 1
                self._replaces((side, identity, one.name), one, old)
                self.leaving.append((side, identity, one.name))
        # In calm weather nothing is sent twice; typed texts are unlike one another, so nobody else wrote the same.
        if not self.storm.active and not changes and {one.name for one in sent_fields} & {"name", "description"}:
            self.faults.append(f"a write to {identity} in {side} changes nothing: an echo")

    def _replaces(self, place: Place, one: FieldMap, old: str) -> None:
        side, identity, name = place
        if str(one.owner) == str(side):
            self.faults.append(f"{name} of {identity} was written in {side}, which owns it")
        if self.typed.get(place) == old:
            self.replaced.append((place, old))

    # -- what must be so at the end ----------------------------------------------------------------------------------

    def _now(self, side: Side, identity: str, name: str) -> str:
        one = next(one for one in self.fields if one.name == name)
        row = self.simulator.verbs(str(side)).read(self.simulator, MODULES[side], identity) or {}
        return rules.read(one, side, {one.path(side): None} | row)

    def _differences(self) -> list[str]:
        said = []
        for crm_id, books_id in self.pairs:
            for one in self.fields:
                values = self._now(Side.CRM, crm_id, one.name), self._now(Side.BOOKS, books_id, one.name)
                if values[0] != values[1] and not self._is_explained(crm_id, one.name, values):
                    said.append(f"{one.name} of {crm_id} differs unexplained: {values}")
        return said

    def _is_explained(self, crm_id: str, name: str, values: tuple[str, str]) -> bool:
        kept = KeptValue.objects.filter(link__crm_id=crm_id, field=name, why="refused", value__in=values)
        return kept.exists() or Conflict.objects.filter(link__crm_id=crm_id, field=name, closed_at=None).exists()

    def _lost(self) -> list[str]:
        """Every value that somebody typed and that was written over is kept, or had been carried over before."""
        said = []
        for (side, identity, name), value in self.replaced:
            number = self._pair(side, identity)
            kept = KeptValue.objects.filter(link__crm_id=self.pairs[number][0], field=name, value=value)
            if not kept.exists() and (number, name, value) not in self.carried:
                said.append(f"lost: {name} “{value}” typed in {side} of {identity} is kept nowhere")
        return said

    def _pair(self, side: Side, identity: str) -> int:
        return next(n for n, pair in enumerate(self.pairs) if identity == pair[0 if side is Side.CRM else 1])

    def _missed(self) -> list[str]:
        """The mirror shows what stands on both sides."""
        said = []
        for kind, side in (("product", Side.CRM), ("item", Side.BOOKS)):
            for identity in (pair[0 if side is Side.CRM else 1] for pair in self.pairs):
                seen = Record.objects.get(connection=self.connection, kind=kind, remote_id=identity).name
                if seen != self._now(side, identity, "name"):
                    said.append(f"missed: {kind} {identity} is mirrored as {seen}")
        return said
