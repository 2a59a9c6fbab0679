"""Lists of parties exported from anywhere as CSV; what is wrong is told in a sentence that names the file."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from syncjobs.domain.matching import Pair
from syncjobs.domain.matching.rows import COLUMNS, party_of_row
from syncjobs.domain.records import PartyFacts

HEAD = ("left_id", "right_id", "score", "verdict", "reasons")


class BadList(ValueError):
    """The file can't be read as a list of parties; the sentence says what to do."""


def parties_in(path: Path) -> list[PartyFacts]:
    """The parties of a CSV with a header line, comma, semicolon or tab between values; raises BadList."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            return list(_parties(path, text))
    except OSError as trouble:
        raise BadList(f"{path} can't be read: {trouble.strerror}.") from trouble
    except UnicodeDecodeError as trouble:
        raise BadList(f"{path} isn't UTF-8 text; export it as CSV UTF-8.") from trouble
    except csv.Error as trouble:
        raise BadList(f"{path} isn't a CSV file: {trouble}.") from trouble


def _parties(path: Path, text: TextIO) -> Iterator[PartyFacts]:
    lines = csv.reader(text, delimiter=_delimiter(text), strict=True)
    columns = _columns(path, next(lines, []))
    seen: set[str] = set()
    for values in lines:
        if not any(values):
            continue
        row = {name: value for name, value in zip(columns, values, strict=False) if name}
        identity = row.get("id", "").strip()
        if not identity:
            raise BadList(f"{path}, line {lines.line_num}: id is empty; each row needs an id of its own.")
        if identity in seen:
            raise BadList(f"{path}, line {lines.line_num}: id {identity} stands there twice; ids must be unique.")
        seen.add(identity)
        yield party_of_row(row)


def _columns(path: Path, head: list[str]) -> list[str]:
    """The known columns at their places; unknown ones are the empty text."""
    if not any(head):
        raise BadList(f"{path} is empty; its first line must name the columns: {', '.join(COLUMNS)}.")
    names = [name.strip().lower().replace(" ", "_") for name in head]
    known = [name if name in COLUMNS else "" for name in names]
    for name in COLUMNS:
        if known.count(name) > 1:
            raise BadList(f"{path}: the column {name} stands there twice; keep one.")
    if "id" not in known:
        raise BadList(f"{path} has no column id; its first line must name the columns, id among them.")
    if set(known) <= {"id", "country", ""}:
        raise BadList(f"{path} has nothing to compare by; name at least one of {', '.join(COLUMNS[1:])}.")
    return known


def _delimiter(text: TextIO) -> str:
    """Of comma, semicolon and tab the one most frequent in the first line."""
    first = text.readline()
    text.seek(0)
    return max(",;\t", key=first.count)


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """One row a pair; reasons apart by semicolons; raises BadList where the file can't be written."""
    try:
        with path.open("w", encoding="utf-8", newline="") as text:
            out = csv.writer(text)
            out.writerow(HEAD)
            for pair in pairs:
                out.writerow((pair.left, pair.right, f"{pair.score:.6f}", pair.verdict, "; ".join(pair.reasons)))
    except OSError as trouble:
        raise BadList(f"{path} can't be written: {trouble.strerror}.") from trouble
