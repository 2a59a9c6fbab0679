"""Writes what `make torture` saw into docs/reliability.md, between its two marks; never by hand."""

import json
import os
import platform
import re
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path("docs/reliability.md")
BEGIN, END = "<!-- torture: begin -->", "<!-- torture: end -->"
Row = dict[str, Any]


def report(rows: list[Row]) -> str:
    """The section: schedules and what befell them, histories, planted bugs."""
    storms = [row for row in rows if "schedules" in row]
    histories = [row for row in rows if "histories" in row]
    planted = [row for row in rows if "planted" in row]
    said = [
        f"`make torture` on {datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores, Python {platform.python_version()}.",
        "", "| storms on | schedules | calls | yield points | kills | stalls | double | lost | overwritten |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_of_storms(base, found) for base, found in _by_base(storms).items()), "", _what_befell(storms), "",
        _memory(storms), "", *_of_histories(histories), "",
        "| planted bug | what it does | caught at seed | by |", "|---|---|---|---|",
        *(f"| {row['planted']} | {row['what']} | {row['seed']} | {_shown(row['shown'])} |" for row in planted),
    ]  # fmt: skip
    return "\n".join(said)


def _by_base(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["database"]].append(row)
    return dict(found)


def _of_storms(base: str, rows: list[Row]) -> str:
    figures = (sum(row[name] for row in rows) for name in ("schedules", "calls", "points", "kills", "stalls"))
    wrong = Counter(kind for row in rows for kind in row["wrong"])
    ends = (f"{wrong[kind]:,}" for kind in ("double", "lost", "overwritten"))
    return f"| {base} | " + " | ".join([*(f"{figure:,}" for figure in figures), *ends]) + " |"


def _what_befell(rows: list[Row]) -> str:
    happened: Counter[str] = Counter()
    for row in rows:
        happened.update(row["happened"])
    return "What befell them: " + ", ".join(f"{name} {count:,}" for name, count in happened.most_common()) + "."


def _memory(rows: list[Row]) -> str:
    """Each process by its first and last chunk; flat means that nothing piles up."""
    by_process: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_process[row["process"]].append(row["megabytes"])
    spans = (f"{sizes[0]} MB after its first chunk, {sizes[-1]} MB after {len(sizes)}" for sizes in by_process.values())
    return "Memory at most, by process: " + "; ".join(spans) + "."


def _of_histories(rows: list[Row]) -> list[str]:
    if not rows:
        return []
    happened: Counter[str] = Counter()
    for row in rows:
        happened.update(row["happened"])
    count = sum(row["histories"] for row in rows)
    wrong = Counter(kind for row in rows for kind in row["wrong"])
    told = ", ".join(f"{name} {number:,}" for name, number in happened.most_common())
    return [
        f"{count:,} histories of edits on both sides: {wrong['lost']} typed values lost, {wrong['differs']} "
        f"unexplained differences, {wrong['wrote']} writes at rest or to a field that the side owns ({told})."
    ]


def _shown(text: str) -> str:
    """The check's words without their seed and key."""
    return re.sub(r"^seed \d+: |ZB-\w+:? ?|[\[\]'\"]", "", text).strip()[:110].replace("|", "/")


# What thousands of schedules must have met, though a few hundred need not.
RARE = ("a twin was refused", "fenced", "a dead worker's lease was taken over", "sent again after looking", "adopted")


def main(log: str) -> None:
    """Put the section of this log into the page; ends with 1 when something rare never happened."""
    rows = [json.loads(line) for line in Path(log).read_text().splitlines()]
    happened = {name for row in rows for name, count in row.get("happened", {}).items() if count}
    if missing := [name for name in RARE if name not in happened]:
        sys.exit(f"never happened: {', '.join(missing)}")
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{report(rows)}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main(sys.argv[1])
