"""`python -m bench`: measure all, print, and write bench/RESULTS.md."""

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import django

from bench import accepted, calls, click, exporting, importing, money, pace, planning, quotes, reading, storms, upsert

RESULTS = Path(__file__).parent / "RESULTS.md"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, tuple("---" for _ in head), *rows)]
    return "\n".join(lines)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _machine(load_before: str) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, load {load_before} "
        f"before and {_load()} after, Python {platform.python_version()}, Django {django.get_version()}, "
        f"SQLite {sqlite3.sqlite_version}. A load above the number of cores means that the times are too long."
    )


def main() -> None:
    """In the order of the page; what loses is published too."""
    load_before = _load()
    cases = calls.measure()
    read_rows, said = reading.measure()
    import_rows, import_said = importing.measure()
    limiter_rows, limiter_said = pace.measure()
    page = [
        "# Measured",
        "Written by `make bench`, never by hand. Counts are exact; times are of one run on a machine that may be busy.",
        "## Calls per conversion",
        _table(("what", "Books", "floor", "CRM", "floor", "ended"), cases),
        calls.ABOVE,
        "## From the click to the number on the deal",
        *click.measure(),
        "## From a quote accepted in CRM to its draft in Books",
        _table(accepted.HEAD, accepted.measure()),
        "## Reading 10,000 accounts and customers, 5,000 items, 50,000 invoices",
        _table(("kind", "read", "a second", "us CPU a record", "ended"), read_rows),
        *said,
        "## Importing both sides: read, linked, planned, compared",
        "The simulated Zoho's own time is taken off. Goal: calls at most 1.02 of the floor at the larger sizes.",
        _table(importing.HEAD, import_rows),
        *import_said,
        "## Storing customers, SQLite",
        "CPU time; goals: ours at most 1.30 of bulk, at most 60 us a row unchanged, 8 times less than one by one.",
        _table(("what", "us a row", "times bulk"), upsert.measure()),
        f"## A list of {exporting.ROWS:,} rows as a file, SQLite",
        f"Goal: CSV at most {exporting.GOAL:.0f} times the plain one, memory flat.",
        _table(exporting.HEAD, exporting.measure()),
        "## Our own limiter, SQLite",
        _table(pace.HEAD, limiter_rows),
        *limiter_said,
        "## Keeping both sides in step",
        f"Planning, the pure rules alone, 21 fields a record; goal: at most {planning.GOAL} us a record.",
        _table(planning.HEAD, planning.measure()),
        "Calls of a run beyond the reading of both lists; a change in Books is read, then written.",
        _table(planning.CALLS, planning.calls()),
        f"## {quotes.QUOTES} quotes accepted at once",
        "They bill themselves behind people's clicks, held to the pace with which an organisation starts.",
        _table(quotes.HEAD, quotes.measure()),
        *(part for title, said, head, rows in money.measure() for part in (f"## {title}", *said, _table(head, rows))),
        "## Storms",
        *storms.measure(),
    ]
    page.insert(2, _machine(load_before))
    text = "\n\n".join(page) + "\n"
    RESULTS.write_text(text)
    print(text)


main()
