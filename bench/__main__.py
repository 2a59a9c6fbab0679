"""`python -m bench`: measure all, print, and write bench/RESULTS.md."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench import calls, click, reading, storms

RESULTS = Path(__file__).parent / "RESULTS.md"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, tuple("---" for _ in head), *rows)]
    return "\n".join(lines)


def main() -> None:
    """In the order of the page."""
    cases = calls.measure()
    read_rows, said = reading.measure()
    page = [
        "# Measured",
        "Written by `make bench`, never by hand. Counts are exact; times are of one run on a machine that may be busy.",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}, SQLite.",
        "## Calls per conversion",
        _table(("what", "Books", "floor", "CRM", "floor", "ended"), cases),
        "## From the click to the number on the deal",
        *click.measure(),
        "## Reading 10,000 accounts and customers, 5,000 items, 50,000 invoices",
        _table(("kind", "read", "a second", "us CPU a record", "ended"), read_rows),
        *said,
        "## Storms",
        *storms.measure(),
    ]
    text = "\n\n".join(page) + "\n"
    RESULTS.write_text(text)
    print(text)


main()
