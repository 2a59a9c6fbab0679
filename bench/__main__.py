"""`python -m bench [WORD ...]`: measure, print, and write bench/RESULTS.md.

With words only the parts whose title has one of them are measured anew (`money`, `quotes`); the others stay as they
are, each with its own line that says when and under which load.
"""

import os
import platform
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django

from bench import (
    accepted,
    calls,
    click,
    exporting,
    importing,
    matching,
    money,
    pace,
    planning,
    quotes,
    reading,
    scan,
    storms,
    upsert,
)
from bench.tables import table

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = (
    "# Measured\n\nWritten by `make bench`, never by hand. Counts are exact; times are of one run on a machine that "
    "may be busy: a load above the number of cores means that they are too long."
)
Rows = list[tuple[str, ...]]
Part = Callable[[], list[str]]


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _reading() -> list[str]:
    rows, said = reading.measure()
    return [table(("kind", "read", "a second", "us CPU a record", "ended"), rows), *said]


def _importing() -> list[str]:
    rows, said = importing.measure()
    above = "The simulated Zoho's own time is taken off. Goal: calls at most 1.02 of the floor at the larger sizes."
    return [above, table(importing.HEAD, rows), *said]


def _pace() -> list[str]:
    rows, said = pace.measure()
    return [table(pace.HEAD, rows), *said]


def _planning() -> list[str]:
    return [
        f"Planning, the pure rules alone, 21 fields a record; goal: at most {planning.GOAL} us a record.",
        table(planning.HEAD, planning.measure()),
        "Calls of a run beyond the reading of both lists; a change in Books is read, then written.",
        table(planning.CALLS, planning.calls()),
    ]


def _matching() -> list[str]:
    rows = matching.measure(big=100_000)
    matching.write(rows)
    return [
        "CPU seconds; F1 one-to-one across two lists. The same table stands in docs/matching.md.",
        matching.table(rows),
    ]


PARTS: dict[str, Part] = {
    "Calls per conversion": lambda: [
        table(("what", "Books", "floor", "CRM", "floor", "ended"), calls.measure()), calls.ABOVE
    ],
    "From the click to the number on the deal": click.measure,
    "From a quote accepted in CRM to its draft in Books": lambda: [table(accepted.HEAD, accepted.measure())],
    "Reading 10,000 accounts and customers, 5,000 items, 50,000 invoices": _reading,
    "Importing both sides: read, linked, planned, compared": _importing,
    "Storing customers, SQLite": lambda: [
        "CPU time; goals: ours at most 1.30 of bulk, at most 60 us a row unchanged, 8 times less than one by one.",
        table(("what", "us a row", "times bulk"), upsert.measure()),
    ],
    f"A list of {exporting.ROWS:,} rows as a file, SQLite": lambda: [
        f"Goal: CSV at most {exporting.GOAL:.0f} times the plain one, memory flat.",
        table(exporting.HEAD, exporting.measure()),
    ],
    "Our own limiter, SQLite": _pace,
    "Matching, beside its peers": _matching,
    "Looking for duplicates": lambda: [scan.ABOVE, table(scan.HEAD, scan.measure())],
    "Keeping both sides in step": _planning,
    f"{quotes.QUOTES} quotes accepted at once": lambda: [
        "They bill themselves behind people's clicks, held to the pace with which an organisation starts.",
        table(quotes.HEAD, quotes.measure()),
    ],
    "Money: calls to Books a day, by the rules": money.rules,
    "Money: a simulated day, counted": money.day,
    "Money: balances to CRM": money.balances,
    f"Money: pages at {money.SMALL:,} and {money.ROWS:,} invoices": money.large_pages,
    "Storms": storms.measure,
}  # fmt: skip


def _measured(part: Part) -> str:
    before = _load()
    texts = part()
    when = (
        f"*{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, load {before} before "
        f"and {_load()} after, Python {platform.python_version()}, Django {django.get_version()}, "
        f"SQLite {sqlite3.sqlite_version}.*"
    )
    return "\n\n".join([*texts, when])


def _standing() -> dict[str, str]:
    """The parts as they were measured before, by title."""
    pieces = RESULTS.read_text().split("\n## ")[1:] if RESULTS.exists() else []
    return {title: text.strip() for title, _, text in (piece.partition("\n") for piece in pieces)}


def main(words: list[str]) -> None:
    """In the order of the page; what loses is published too."""
    found = _standing()
    for title, part in PARTS.items():
        if not words or any(word.casefold() in title.casefold() for word in words):
            found[title] = _measured(part)
            print(f"## {title}\n\n{found[title]}\n", flush=True)
            page = [HEAD, *(f"## {one}\n\n{found[one]}" for one in PARTS if one in found)]
            RESULTS.write_text("\n\n".join(page) + "\n")


main(sys.argv[1:])
