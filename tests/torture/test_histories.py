"""Two people edit the same products in CRM and Books, hundreds of times over, while zbridge keeps them in step."""

import os
from collections import Counter

import pytest

from accounts.models import User
from syncjobs.mappings import mapping_of, switch
from syncjobs.models import MappedField
from tests.torture.histories import History
from tests.torture.sales import Ground, all_of, kinds_of, note

HISTORIES = int(os.environ.get("ZBRIDGE_HISTORIES", "10"))
AT_ONCE = 100
# An edit in the second in which its list was read; a write made although its worker died, and refused when sent anew.
ONCE_BAD = (322, 911)
CHUNKS = [range(first, min(first + AT_ONCE, HISTORIES)) for first in range(0, HISTORIES, AT_ONCE)]

pytestmark = pytest.mark.django_db(transaction=True)


def tell(ground: Ground, cy: User, seed: int) -> History:
    """One history on fresh ground; fails with its seed and all that was wrong."""
    ground.afresh()
    chaos = ground.chaos
    mapping = mapping_of(chaos.connection, "product", chaos.clock)
    MappedField.objects.filter(name="description").update(owner="books")
    MappedField.objects.filter(name="unit").update(owner="newest")
    if seed % 4 == 3:
        MappedField.objects.filter(name="name").update(owner="ask")
    switch(mapping, cy, chaos.clock, on=True)
    history = History(chaos.connection, chaos.simulator, chaos.clock, cy, seed)
    found = history.tell()
    assert found == [], f"seed {seed}: {found}"
    return history


@pytest.mark.parametrize("seed", ONCE_BAD)
def test_a_seed_that_once_lost_a_value_loses_none(ground: Ground, cy: User, seed: int) -> None:
    tell(ground, cy, seed)


@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_both_sides_agree_in_the_end_and_nothing_typed_is_lost(ground: Ground, cy: User, seeds: range) -> None:
    happened: Counter[str] = Counter()
    wrong = all_of(seeds, lambda seed: happened.update(tell(ground, cy, seed).happened))
    kinds = kinds_of(wrong, {"lost": "lost", "differs": "differs", "wrote": "wrote"})
    note({"histories": len(seeds), "happened": dict(happened), "wrong": kinds})
    assert wrong == []
    if len(seeds) == AT_ONCE:
        assert set(happened) >= {"killed", "typed in crm", "typed in books"}
