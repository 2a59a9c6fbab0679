"""Calls a day for money: by rule for an organisation of 10,000 customers, and counted over one simulated day."""

import os
from collections import Counter
from random import Random
from typing import Any

from bench.stage import Stage

from accounts.clients import use_seams  # isort: skip
from accounts import limiter, pacing  # isort: skip
from accounts.editions import books_allowance  # isort: skip
from accounts.models import Bucket  # isort: skip
from django.db.models import F  # isort: skip
from invoicing.domain.balances import LOOK_SHARE, NET_SHARE, pages, sweep_every  # isort: skip
from invoicing.models import Invoice, Receivable  # isort: skip
from syncjobs.domain.schedules import DAY, in_words, stretched  # isort: skip
from syncjobs.models import Run, Schedule  # isort: skip
from syncjobs.services import KINDS  # isort: skip
from tests.stories.sales_of_storms import read  # isort: skip
from zbridge.site.sweep import work_everything  # isort: skip
from zbridge.zoho.gate import Priority  # isort: skip

PLANS, INTERVALS = ("Free", "Standard", "Professional", "Premium"), (5, 15, 60)
LISTS = ("customer", "item", "invoice", "payment", "creditnote")
CUSTOMERS, OPEN, CHANGES, NEW = 10_000, 5_000, 500, 200
HEAD = (
    "plan", "wanted", "lists are read", "their calls", "open invoices swept", "calls", "looks at customers",
    "net of new ones", "drafts", "together", "of the day's",
)  # fmt: skip
COUNTED = ("plan", "Books", "by the rule at most", "of the day's", "for what", "CRM", "waiting at the end", "refused")
SIZE = int(os.environ.get("ZBRIDGE_BENCH_MONEY_CUSTOMERS", "100"))
STEP = 1080


def by_rule() -> list[tuple[str, ...]]:
    """A row by plan and chosen interval, for 10,000 customers, 5,000 of 50,000 invoices open, 500 changes a day."""
    return [_row(plan, wanted) for plan in PLANS for wanted in INTERVALS]


def _row(plan: str, wanted: int) -> tuple[str, ...]:
    day = books_allowance(plan).day
    allowed = pacing.for_listing(day)
    every = stretched(dict.fromkeys(LISTS, wanted), allowed)["invoice"]
    sweep = sweep_every(OPEN, allowed)
    lists, swept = round(len(LISTS) * DAY / every), round(pages(OPEN) * 24 * 3600 / sweep.total_seconds())
    looks, nets = round(min(CHANGES, allowed * LOOK_SHARE)), round(min(NEW, allowed * NET_SHARE))
    total = lists + swept + looks + nets + 24
    most = 1 - limiter.RESERVED_DAY[Priority.POLL]
    assert total <= most * day, (plan, wanted, total)
    return (
        plan, f"every {in_words(wanted)}", f"every {in_words(every)}", str(lists),
        f"every {in_words(sweep.total_seconds() / 60)}", str(swept), str(looks), str(nets), "24", f"{total:,}",
        f"{day:,}",
    )  # fmt: skip


class Day:
    """One day of an organisation on that plan, every list wanted every five minutes, a sweep each 18 minutes."""

    def __init__(self, plan: str) -> None:
        self.plan = plan
        self.stage = Stage(str(SIZE))
        with use_seams(self.stage.seams):
            read(self.stage.connection, self.stage.seams, *KINDS)
        self._plan()
        self.random, books = Random(1), self.stage.simulator.verbs("books")  # noqa: S311
        opened = [one for one in books.rows(self.stage.simulator, "invoices") if one["status"] in ("sent", "overdue")]
        self.open = [str(one["invoice_id"]) for one in opened if one["balance"] > 100]
        self.customers = [str(one["contact_id"]) for one in books.rows(self.stage.simulator, "contacts")]

    def _plan(self) -> None:
        connection = self.stage.connection
        connection.refresh_from_db()
        connection.books_plan = self.plan
        connection.save(update_fields=["books_plan"])
        self._limits_on()
        Bucket.objects.all().delete()
        Schedule.objects.all().delete()
        Receivable.objects.update(look_since=None)
        Invoice.objects.update(net_of=F("total"))

    def _limits_on(self) -> None:
        """Books counts the day by that plan and refuses what goes beyond it."""
        store = self.stage.simulator.store
        id = str(store.setting("books_organization_id"))
        kept: dict[str, Any] = {"created": "", "modified": "", "written": 0.0, "keys": {}}
        changed = {"limits": "on", "day_limit": books_allowance(self.plan).day}
        store.save("sim", "books_orgs", id, (store.get("sim", "books_orgs", id) or {}) | changed, **kept)

    def live(self) -> tuple[str, ...]:
        """500 changes spread over it; what was called, and whether anything was refused."""
        zoho, done = self.stage.simulator, 0
        self._settle()
        first, steps = zoho.log.last, 86_400 // STEP
        with use_seams(self.stage.seams):
            for step in range(steps):
                while done < CHANGES * step // steps:
                    self._change(done)
                    done += 1
                self._sweep()
        return self._counted(zoho.log.since(first))

    def _sweep(self) -> None:
        """The next one, and a minute later what waited for the limiter's next calls."""
        self.stage.clock.advance(STEP - 60)
        work_everything()
        self.stage.clock.advance(60)
        if Run.objects.filter(hold_cause="quota").exists():
            work_everything()

    def _settle(self) -> None:
        """What the first minutes of a new organisation ask for is no steady state."""
        with use_seams(self.stage.seams):
            for _ in range(3):
                self.stage.clock.advance(3600)
                work_everything()

    def _change(self, number: int) -> None:
        """Two new invoices, then three payments of one unit, each at another customer's."""
        zoho = self.stage.simulator
        if number % 5 < 2:
            line = {"name": "Work", "rate": 100, "quantity": 1}
            row = {"customer_id": self.random.choice(self.customers), "line_items": [line]}
            zoho.act("books", "invoices", zoho.user_create("books", "invoices", row)["invoice_id"], "send")
            return
        zoho.act("books", "invoices", self.random.choice(self.open), "pay", {"amount": 1})

    def _counted(self, rows: list[dict[str, Any]]) -> tuple[str, ...]:
        books = [one for one in rows if str(one["path"]).startswith("/books/")]
        crm = [one for one in rows if str(one["path"]).startswith("/crm/")]
        kinds = Counter(_kind(one) for one in books)
        day = books_allowance(self.plan).day
        most = int(pacing.LISTING_SHARE * day * 2) + 24
        said = ", ".join(f"{name} {count}" for name, count in kinds.most_common(8))
        waits = Receivable.objects.exclude(look_since=None).count()
        return (
            self.plan, f"{len(books):,}", f"{most:,}", f"{day:,}", said, f"{len(crm):,}", str(waits),
            str(sum(one["status"] == 429 for one in rows)),
        )  # fmt: skip


def _kind(row: dict[str, Any]) -> str:
    """A list, or one record by its id."""
    parts = str(row["path"]).split("/books/v3/")[1].split("/")
    if len(parts) > 1:
        return f"one of {parts[0]}"
    return f"list of {'open or drafted ' if row['query'].get('filter_by') else ''}{parts[0]}"


def counted() -> list[tuple[str, ...]]:
    """A row by plan; the simulated organisation is smaller, its changes are not."""
    plans = os.environ.get("ZBRIDGE_BENCH_MONEY_PLANS", "Free").split(",")
    return [Day(plan).live() for plan in plans]
