"""Money: calls a day, balances to CRM, and pages over a large mirror on both databases."""

import json
import os
import shutil
import subprocess
import sys
from math import ceil
from pathlib import Path
from typing import Any

from bench import money_day, money_push
from bench.tables import table

ROWS = int(os.environ.get("ZBRIDGE_BENCH_MONEY_ROWS", "50000"))
SMALL, GOAL = 1_000, 1.3
PAGES = (
    "page", "database", f"ms at {SMALL:,}", "times plain", f"ms at {ROWS:,}", "times plain", "queries, small and large"
)  # fmt: skip
ROOT = Path(__file__).parent.parent


def pages() -> tuple[list[tuple[str, ...]], list[str]]:
    """A row by page and database, and what could not be measured."""
    rows, said = _of("SQLite", []), list[str]()
    if shutil.which("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        rows += _of("PostgreSQL", [str(ROOT / ".ci" / "postgres")])
    else:
        said.append("PostgreSQL was not there, so it was not measured.")
    return rows, said


def _of(name: str, before: list[str]) -> list[tuple[str, ...]]:
    small, large = (_run(size, before) for size in (SMALL, ROWS))
    return [
        (page, name, *_against(few), *_against(large[page]), f"{few['queries']}, {large[page]['queries']}")
        for page, few in small.items()
    ]


def _against(found: dict[str, float]) -> tuple[str, str]:
    """Wall milliseconds, since PostgreSQL's work is not in our CPU; and how much more than the plain page took."""
    plain = found["plain_wall"]
    return f"{found['wall']:.0f}", f"{found['wall'] / plain:.2f}" if plain else "–"


def _run(size: int, before: list[str]) -> dict[str, dict[str, Any]]:
    """In a process and a database of its own."""
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [*before, sys.executable, "-m", "bench.money_pages", str(size)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)  # noqa: S603
    found: dict[str, dict[str, Any]] = json.loads(done.stdout.strip().splitlines()[-1])["pages"]
    return found


def rules() -> list[str]:
    """Calls a day by the rules alone."""
    return [
        f"{money_day.CUSTOMERS:,} customers, 50,000 invoices of which {money_day.OPEN:,} are open, "
        f"{money_day.CHANGES} changes a day. What doesn't fit a plan is read less often; polling stops at 85 % "
        "of the day in any case. The weekly listing and the nightly proof, one call for 200 rows, come on top.",
        table(money_day.HEAD, money_day.by_rule()),
    ]


def day() -> list[str]:
    """A day of the real sweep, its calls counted."""
    said = "The real sweep on a stepped clock, 500 changes, 8 parts of the day's calls named."
    return [said, table(money_day.COUNTED, money_day.counted())]


def balances() -> list[str]:
    """What changed balances cost in CRM."""
    accounts, changed, written, unchanged = money_push.measure()
    return [
        f"{accounts:,} accounts. Floor: a write for a hundred changed, {ceil(changed / 100)}; none for the others.",
        table(
            ("changed", "writes", "writes when nothing changed"), [(str(changed), str(written), str(unchanged))]
        ),
    ]  # fmt: skip


def large_pages() -> list[str]:
    """Lists, an account and reports over few and many rows."""
    rows, said = pages()
    return [
        f"Best of several. Goal: at most {GOAL} times a plain ModelAdmin of the same width in the same run, as "
        "many queries at either size. Reports add up all rows and have nothing plain to stand beside.",
        *said, table(PAGES, rows),
    ]  # fmt: skip
