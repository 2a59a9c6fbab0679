"""An organisation ready for storms, the sales they blow over, and what is told of them."""

import json
import os
import resource
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection as database

from accounts.models import Connection
from invoicing import reading
from invoicing.models import Conversion, Deal
from invoicing.services import Request, request_conversion
from syncjobs.models import Attempt
from tests.stories.sales_of_storms import lay_deal
from tests.torture.chaos import Chaos


@dataclass
class Ground:
    """One connected organisation under storms, one sale after the other."""

    chaos: Chaos
    ids: dict[str, str]
    afresh: Callable[[], None]

    def sale(self, name: str, *, stranger: bool) -> Deal:
        """A won deal, of the known customer or of somebody whom Books doesn't know yet."""
        simulator, whose = self.chaos.simulator, dict(self.ids)
        if stranger:
            account = simulator.user_create("crm", "Accounts", {"Account_Name": f"{name} GmbH"})["id"]
            person = {"Last_Name": name, "Email": f"{name}@{name}.example", "Account_Name": {"id": account}}
            whose |= {"account": account, "contact": simulator.user_create("crm", "Contacts", person)["id"]}
        crm_id = lay_deal(simulator, whose, name, "2026-11-20")
        return reading.deal(self.chaos.connection, crm_id, self.chaos.bench)

    def ask(self, deal: Deal) -> Conversion:
        """The button, without a worker that hears it."""
        wanted = Request(self.chaos.connection, deal, None, via="test")
        row = request_conversion(wanted, self.chaos.clock, doorbell=False)
        assert row.state == Conversion.State.REQUESTED, row.problems
        return row

    def without_unique_field(self) -> None:
        """Books accepts twins here, and zbridge knows."""
        self.chaos.simulator.switches.change({"books_unique_twin": "accepted"})
        Connection.objects.update(uniqueness_seen_at=None)
        self.chaos.connection.refresh_from_db()

    def unclear_posts(self, row: Conversion) -> int:
        """POSTs of its key whose end nobody knew."""
        return Attempt.objects.filter(key=row.key, purpose="invoice", outcome="UNKNOWN").count()

    def note(self, schedules: int, happened: Counter[str], wrong: list[str]) -> None:
        """The figures of these schedules, for the report."""
        chaos = self.chaos
        note({
            "schedules": schedules, "calls": chaos.calls, "points": chaos.points, "kills": chaos.kills,
            "stalls": chaos.stalls, "happened": dict(happened),
            "wrong": kinds_of(wrong, {"double": "live invoices", "lost": "lost", "overwritten": "overwritten"}),
        })  # fmt: skip


def note(figures: dict[str, Any]) -> None:
    """Add figures to the file that `make torture` reports from, when it asks for one."""
    place = os.environ.get("ZBRIDGE_TORTURE_LOG")
    if not place:
        return
    row = figures | {
        "database": {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database.vendor],
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "process": os.getpid(),
    }
    with Path(place).open("a") as file:
        file.write(json.dumps(row) + "\n")


def all_of(seeds: Iterable[int], schedule: Callable[[int], object]) -> list[str]:
    """Every seed's schedule; what was wrong with those that failed."""
    wrong = []
    for seed in seeds:
        try:
            schedule(seed)
        except AssertionError as shown:
            wrong.append(str(shown).split("\n")[0])
    return wrong


def kinds_of(wrong: Iterable[str], signs: Mapping[str, str]) -> list[str]:
    """The kinds of what was wrong, by the words that tell them."""
    return [kind for said in wrong for kind, sign in signs.items() if sign in said]


def customers_named(chaos: Chaos, name: str) -> int:
    """How many customers of that name Books has."""
    rows = chaos.simulator.verbs("books").rows(chaos.simulator, "contacts")
    return sum(str(row["contact_name"]).startswith(f"{name} ") for row in rows)


def storm_on(ground: Ground, seed: int, *, workers: int = 3) -> Conversion:
    """One schedule from a new sale to its end; fails with the seed and all that was wrong."""
    stranger = seed % 10 < 3
    name = f"sale{seed}"
    row = ground.ask(ground.sale(name, stranger=stranger))
    found = ground.chaos.run(seed, row, workers=workers)
    if stranger and customers_named(ground.chaos, name) > 1:
        found.append("a customer was made twice")
    assert found == [], f"seed {seed}: {found}"
    return row
