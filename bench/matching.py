"""`python -m bench.matching`: our matcher at its shipped thresholds beside its peers, on sets with known truth.

Writes the table of docs/matching.md. `--big 100000` adds the large generated set, `--only TEXT` leaves other sets out.
"""

import csv
import gc
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import matching_sets as sets
from bench.matching_held_out import held_out
from bench.matching_made import made
from bench.matching_peers import PEERS, Scored, splink
from bench.matching_sets import MatchSet
from syncjobs.domain.matching import ALIKE, SHIPPED, MatchIndex, MatchVerdict, Pair, pairs, within
from syncjobs.domain.matching.rows import party_of_row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "matching.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
HEAD = (
    "set", "who", "F1 at its default", "best F1", "precision of certain", "recall: certain and likely, with possible",
    "CPU s", "suggestions (for each true one)",
)  # fmt: skip
NEEDS = {"rapidfuzz, all pairs": "numpy", "character 3-gram TF-IDF": "sklearn", "recordlinkage, ECM": "recordlinkage",
         "splink": "splink"}  # fmt: skip
TOO_LARGE = {
    "rapidfuzz, all pairs": "10,000,000,000 pairs, half an hour at its pace with 5,000",
    "recordlinkage, ECM": "blocks by one column give 70 million pairs, some 30 GB",
}
Rows = list[tuple[str, ...]]


def all_sets() -> list[Callable[[], MatchSet]]:
    """Others' sets, then our generated ones."""
    return [
        sets.febrl4, partial(sets.febrl4, names_only=True), *(partial(sets.febrl, number) for number in (1, 2, 3)),
        sets.rldata, sets.patents, sets.affiliations, sets.restaurants, partial(sets.restaurants, phones=False),
        *sets.titles(), partial(made, 5_000),
    ]  # fmt: skip


def measure(only: str = "", big: int = 0) -> Rows:
    """Rows of the table; a peer that isn't installed or fails says so."""
    found: Rows = []
    makers = [(maker, "") for maker in all_sets()] + [(maker, "held out: ") for maker in held_out()]
    for maker, kind in makers:
        set_ = maker()
        set_ = replace(set_, name=kind + set_.name)
        if only.lower() in set_.name.lower():
            found.append(_ours(set_))
            found.extend(_peer(set_, name) for name in PEERS)
            print(table(found[-1 - len(PEERS) :]), flush=True)
    return found + (_large(made(big)) if big else [])


def _large(set_: MatchSet) -> Rows:
    """With the peers that come to an end."""
    found = [_alone(_ours, set_), _from_files(set_)]
    found += [_alone(_peer, set_, name) for name in PEERS if name not in TOO_LARGE and name != "splink"]
    found += [(set_.name, name, f"not run: {why}", *[""] * 5) for name, why in TOO_LARGE.items()]
    found.append(_alone(_scored, set_, "splink, tight blocks", partial(splink, tight=True)))
    found.append(_alone(_one_new, set_))
    print(table(found), flush=True)
    return found


def _alone(one: Callable[..., tuple[str, ...]], *asked: Any) -> tuple[str, ...]:
    """In a process of its own: some peers take gigabytes and give nothing back while they live."""
    with ProcessPoolExecutor(1, get_context("fork")) as process:
        return process.submit(one, *asked).result()


def _from_files(set_: MatchSet) -> tuple[str, ...]:
    """`manage.py match` on two CSV files, a process of its own, from its start to its end."""
    with TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name in ("left.csv", "right.csv", "pairs.csv")]
        for path, side in zip(paths, (set_.left, set_.right or []), strict=False):
            with open(path, "w", newline="") as text:
                lines = csv.DictWriter(text, list(side[0]))
                lines.writeheader()
                lines.writerows(side)
        asked = [sys.executable, "manage.py", "match", *paths[:2], "--out", paths[2]]
        run = subprocess.Popen(asked, cwd=PAGE.parent.parent, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(run.pid, 0)
    assert status == 0, "manage.py match failed"
    said = f"at most {used.ru_maxrss // 1024:,} MB"
    took = f"{used.ru_utime + used.ru_stime:.1f}"
    return set_.name, "**zbridge**, `manage.py match` on two files", said, "", "", "", took, ""


def _ours(set_: MatchSet) -> tuple[str, ...]:
    gc.disable()
    began = time.process_time()
    left = [party_of_row(one) for one in set_.left]
    found = within(left) if set_.right is None else pairs(left, [party_of_row(one) for one in set_.right])
    took = time.process_time() - began
    gc.enable()
    sure = {(one.left, one.right) for one in found if one.verdict == MatchVerdict.CERTAIN}
    right = len(sure & set_.truth) / len(sure) if sure else None
    recall, shown = _offered(found, set_)
    at, best = _f1([(one.left, one.right, one.score) for one in found], SHIPPED.likely, set_)
    precision = f"{right:.4f} ({len(sure):,})" if right is not None else "none linked"
    return set_.name, "**zbridge**", f"{at:.3f}", f"{best:.3f}", precision, recall, f"{took:.1f}", shown


def _offered(found: Sequence[Pair], set_: MatchSet) -> tuple[str, str]:
    """Of the true pairs those that are linked or shown: certain and likely, with possible; shown for each true one."""
    better = {(one.left, one.right) for one in found if one.verdict in ALIKE}
    whole = {(one.left, one.right) for one in found}
    suggested = {(one.left, one.right) for one in found if one.verdict != MatchVerdict.CERTAIN}
    true = len(suggested & set_.truth)
    share, more = (f"{len(one & set_.truth) / len(set_.truth):.3f}" for one in (better, whole))
    return f"{share}, {more}", f"{len(suggested):,} ({len(suggested) / true:.1f})" if true else f"{len(suggested):,}"


def _peer(set_: MatchSet, name: str) -> tuple[str, ...]:
    if name in NEEDS and find_spec(NEEDS[name]) is None:
        return set_.name, name, "not installed", *[""] * 5
    return _scored(set_, name, PEERS[name])


def _scored(set_: MatchSet, name: str, peer: Callable[[MatchSet], tuple[Scored, float]]) -> tuple[str, ...]:
    began = time.process_time()
    try:
        found, threshold = peer(set_)
    except Exception as trouble:  # noqa: BLE001
        return set_.name, name, f"fails: {type(trouble).__name__}", *[""] * 5
    took = time.process_time() - began
    at, best = _f1(found, threshold, set_)
    return set_.name, name, f"{at:.3f}", f"{best:.3f}", "", "", f"{took:.1f}", ""


def _f1(found: Scored, threshold: float, set_: MatchSet) -> tuple[float, float]:
    """At the threshold and at the best one; across two lists one-to-one, the likeliest first."""
    lefts, rights = set[str](), set[str]()
    taken = true = 0
    at = best = 0.0
    for left, right, score in sorted(found, key=lambda one: (-one[2], one[0], one[1])):
        if set_.right is not None and (left in lefts or right in rights):
            continue
        lefts.add(left)
        rights.add(right)
        taken, true = taken + 1, true + ((left, right) in set_.truth)
        f1 = 2 * true / (taken + len(set_.truth))
        best = max(best, f1)
        if score >= threshold:
            at = f1
    return at, best


def _one_new(set_: MatchSet) -> tuple[str, ...]:
    """One new record against all: the time of each of two hundred."""
    parties = [party_of_row(one) for one in set_.right or ()]
    began = time.process_time()
    index = MatchIndex(parties)
    for one in set_.left[-100:]:
        index.find(party_of_row(one))
    made_in = time.process_time() - began
    times, found = [], 0
    for one in set_.left[:200]:
        began = time.process_time()
        found += bool(index.find(party_of_row(one)))
        times.append((time.process_time() - began) * 1000)
    middle, most = sorted(times)[len(times) // 2], max(times)
    said = f"{middle:.2f} ms, at most {most:.1f} ({found} of {len(times)} found); index made in {made_in:.1f} s"
    return set_.name, "**zbridge**, one new record", said, *[""] * 5


def table(rows: Rows) -> str:
    """As Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (HEAD, tuple("---" for _ in HEAD), *rows))


def write(rows: Rows) -> None:
    """Put the table into docs/matching.md, between its marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n\n{END}{after}")


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.matching")
    parser.add_argument("--only", default="")
    parser.add_argument("--big", type=int, default=0)
    asked = parser.parse_args()
    rows = measure(asked.only, asked.big)
    print(table(rows))
    if not asked.only:
        write(rows)


if __name__ == "__main__":
    main()
