"""Sets that nobody looked at while the weights were set: the second made-up world, and of pyJedAI's data three more."""

from collections.abc import Callable
from functools import partial

from bench.matching_other import other
from bench.matching_sets import CACHE, MatchSet, jedai, read, row

FILMS = "https://www.scads.de/movieBenchmark/ontology/title"
PLACE = "http://www.okkam.org/ontology_restaurant{}.owl#"


def held_out() -> list[Callable[[], MatchSet]]:
    """What is there of them."""
    more = [
        _restaurants, partial(jedai, "Walmart-Amazon", "D8", ("walmart", "amazon"), ("title", "title")),
        partial(jedai, "IMDb-TMDb films", "D5", ("imdb", "tmdb"), (FILMS, FILMS)),
    ]  # fmt: skip
    return [partial(other, 5_000), *(more if (CACHE / "jedai" / "D8").exists() else ())]


def _restaurants() -> MatchSet:
    """OAEI's, with phone and street."""
    sides = []
    for number in (1, 2):
        base, rows = PLACE.format(number), read(CACHE / "jedai" / "D1" / f"rest{number}.csv")
        columns = {"name": f"{base}name", "street": f"{base}street", "phone": f"{base}phone_number"}
        sides.append(
            [row(one["id"], country="US", **{mine: one[its] for mine, its in columns.items()}) for one in rows]
        )
    pairs = (list(one.values())[:2] for one in read(CACHE / "jedai" / "D1" / "gt.csv"))
    return MatchSet("OAEI restaurants", sides[0], sides[1], frozenset((one, other) for one, other in pairs))
