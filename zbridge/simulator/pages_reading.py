"""What the simulator's pages read: one module of CRM, or of one of the two organisations of Books, in stretches."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from zbridge.simulator import books_shapes, crm_lines
from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.books_desk import Desk
from zbridge.simulator.crm_fields import MODULES, ORG, fields_of
from zbridge.simulator.crm_values import shown
from zbridge.simulator.pages_html import holds

STRETCH = 500
ZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Shelf:
    """A module; `desk` is the organisation's when it is one of Books."""

    sim: Simulator
    module: str
    desk: Desk | None = None

    @property
    def org(self) -> str:
        return self.desk.name if self.desk else ORG

    def count(self) -> int:
        """How many records there are."""
        return self.sim.store.count(self.org, self.module)

    def newest(self, offset: int, limit: int) -> list[Row]:
        """A stretch of records, newest first, as a person sees them in a list."""
        docs = self.sim.store.page(self.org, self.module, descending=True, offset=offset, limit=limit)
        return [self.listed(doc) for doc in docs]

    def holding(self, text: str, offset: int, limit: int) -> list[Row]:
        """The same of those records that hold the text."""
        return [self.listed(doc) for doc in islice(self._matches(text), offset, offset + limit)]

    def _matches(self, text: str) -> Iterator[Row]:
        for offset in range(0, self.count(), STRETCH):
            stretch = self.sim.store.page(self.org, self.module, descending=True, offset=offset, limit=STRETCH)
            yield from (doc for doc in stretch if holds(doc, text))

    def listed(self, doc: Row) -> Row:
        """A record as a row: CRM's look-ups with names, Books' status of today."""
        return books_shapes.row(self.desk, self.module, doc) if self.desk else self._named(self.module, doc)

    def look(self, id: str) -> Row | None:
        """One whole record, or None."""
        doc = self.sim.store.get(self.org, self.module, id)
        if doc is None or self.desk:
            return books_shapes.detail(self.desk, self.module, doc) if doc and self.desk else None
        subforms = MODULES[self.module].subforms
        lines = {
            name: [self._named(name, line) for line in crm_lines.lines_of(self.sim, name, id)] for name in subforms
        }
        return self._named(self.module, doc) | lines

    def _named(self, module: str, doc: Row) -> Row:
        fields = fields_of(self.sim.store, module)
        return {name: shown(self.sim.store, fields.get(name), value, ZONE) for name, value in doc.items()}


def desks(sim: Simulator) -> list[Desk]:
    """Books' organisations, the main one first."""
    return [Desk(sim, org, person=True) for org in sim.store.all("sim", "books_orgs")]


def shelf(sim: Simulator, side: str, module: str, org: str = "") -> Shelf:
    """The module; of the named organisation of Books, else of the main one."""
    if side == "crm":
        return Shelf(sim, module)
    found = desks(sim)
    return Shelf(sim, module, next((desk for desk in found if desk.name == org), found[0]))
