"""How well the matcher does on lists made up by careless people; floors that a change for the worse breaks."""

from collections.abc import Iterable

import pytest

from bench.matching_made import made
from bench.matching_sets import MatchSet, Row
from syncjobs.domain.matching import ALIKE, MatchVerdict, Pair, pairs
from syncjobs.domain.matching.rows import party_of_row

pytestmark = pytest.mark.pure


def found_in(rows: MatchSet, columns: Iterable[str] | None = None) -> tuple[Pair, ...]:
    left, right = ([party_of_row(_only(one, columns)) for one in side] for side in (rows.left, rows.right or []))
    return pairs(left, right)


def _only(one: Row, columns: Iterable[str] | None) -> Row:
    return one if columns is None else {name: one[name] for name in columns}


def told(found: Iterable[Pair], *verdicts: MatchVerdict) -> set[tuple[str, str]]:
    return {(one.left, one.right) for one in found if one.verdict in verdicts}


def f1(found: set[tuple[str, str]], truth: frozenset[tuple[str, str]]) -> float:
    return 2 * len(found & truth) / (len(found) + len(truth))


def test_companies_and_persons_with_keys_and_addresses_are_found_and_rightly_linked() -> None:
    rows = made(1_000, seed=5)
    found = found_in(rows)
    linked = told(found, MatchVerdict.CERTAIN)
    assert len(linked & rows.truth) >= 0.995 * len(linked)
    assert len(linked & rows.truth) >= 0.95 * len(rows.truth)
    assert f1(told(found, *ALIKE), rows.truth) >= 0.985


def test_by_names_alone_nobody_is_linked_and_most_are_suggested() -> None:
    rows = made(1_000, seed=5)
    found = found_in(rows, ("id", "name"))
    assert not told(found, MatchVerdict.CERTAIN)
    assert f1(told(found, *ALIKE), rows.truth) >= 0.95
    assert len(told(found, *MatchVerdict) & rows.truth) >= 0.97 * len(rows.truth)
    assert len(found) <= 1.3 * len(rows.truth)
