"""L2: hundreds of seeded storms over the real services: nothing is billed twice, nothing is lost.

`make torture` runs 10,000 of them (ZBRIDGE_SCHEDULES). A failing seed is printed; it reproduces by itself.
"""

import os
from collections import Counter

import pytest

from tests.torture.sales import Ground, all_of, storm_on

SCHEDULES = int(os.environ.get("ZBRIDGE_SCHEDULES", "60"))
AT_ONCE = 250
# Seeds that once showed a fault, and their like.
ONCE_BAD: tuple[int, ...] = (41,)
CHUNKS = [range(first, min(first + AT_ONCE, SCHEDULES)) for first in range(0, SCHEDULES, AT_ONCE)]
MUST_HAPPEN = {
    "lost after", "lost before", "late commit", "500", "503", "cut short", "hidden", "401", "429", "timed out",
    "adopted", "done", "found it taken", "somebody edits", "somebody voids",
    "somebody re-opens", "sent again after looking", "a dead worker's lease was taken over",
    "fenced",
}  # fmt: skip

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_no_storm_bills_a_sale_twice_or_loses_one(ground: Ground, seeds: range) -> None:
    chaos = ground.chaos
    wrong = all_of(seeds, lambda seed: storm_on(ground, seed))
    happened = chaos.befallen + chaos.checker.seen
    ground.note(len(seeds), happened, wrong)
    assert wrong == []
    assert chaos.kills > 0 and chaos.stalls > 0, "the storm must really blow"
    if len(seeds) == AT_ONCE:
        assert set(happened) >= MUST_HAPPEN, f"never happened: {MUST_HAPPEN - set(happened)}"


@pytest.mark.parametrize("seed", ONCE_BAD)
def test_a_seed_that_once_showed_a_fault_shows_none(ground: Ground, seed: int) -> None:
    storm_on(ground, seed)


def test_where_books_does_not_refuse_twins_nothing_is_ever_sent_again_unasked(ground: Ground) -> None:
    ground.without_unique_field()
    posts: Counter[str] = Counter()
    for seed in range(0, min(SCHEDULES, 500), 2):
        row = storm_on(ground, seed)
        posts[row.state] += 1
        assert ground.unclear_posts(row) <= 1, f"seed {seed}: sent again without a unique field"
    assert posts["done"] and posts["review"]


def test_the_same_seed_is_the_same_story(ground: Ground) -> None:
    told = []
    for _ in range(2):
        ground.afresh()
        storm_on(ground, 7)
        told.append(list(ground.chaos.trace))
    assert told[0] == told[1] and "intent committed" in told[0]
