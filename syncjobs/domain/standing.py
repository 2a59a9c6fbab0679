"""Who is who, in numbers that add up: of each side what is linked, what a person decides, what only it has. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from syncjobs.domain.matching import SHIPPED, Thresholds, pairs
from syncjobs.domain.records import PartyFacts

# What two records may share, the surest first, in the words of a reason.
SHARED = {
    "email": "same e-mail", "code": "same SKU", "tax": "same tax id", "name": "same name", "phone": "same phone",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """An unlinked record of a side: its id and the values that it could be known by; empty ones are none."""

    id: str
    keys: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Candidate:
    """Two records that share something, with what, and how likely they are the same (0..1), where the matcher says."""

    crm_id: str
    books_id: str
    reasons: tuple[str, ...]
    score: float | None = None


@dataclass(frozen=True)
class Side:
    """One side's records: linked + to decide + only here + left out = all."""

    linked: int
    to_decide: int
    only_here: int
    left_out: int

    @property
    def all(self) -> int:
        """How many the side has."""
        return self.linked + self.to_decide + self.only_here + self.left_out


def candidates(crm: Iterable[Known], books: Iterable[Known]) -> list[Candidate]:
    """Every pair of unlinked records that share a value; the surest reasons first, whatever the order they came in."""
    by_key: dict[tuple[str, str], list[str]] = defaultdict(list)
    for there in books:
        for key in there.keys:
            by_key[key].append(there.id)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for here in crm:
        for key in here.keys:
            for identity in by_key.get(key, ()):
                found[here.id, identity].add(key[0])
    made = [Candidate(*pair, _reasons(shared)) for pair, shared in found.items()]
    return sorted(made, key=lambda one: (_weight(one), one.crm_id, one.books_id))


def with_likely(
    found: Iterable[Candidate], crm: Iterable[Known], books: Iterable[Known], thresholds: Thresholds = SHIPPED
) -> list[Candidate]:
    """The same with the matcher's score, then those that share no value and whose names it finds likely or possible."""
    seen = pairs([_party(one) for one in crm], [_party(one) for one in books], thresholds)
    likely = {(one.left, one.right): one for one in seen}
    rows = []
    for one in found:
        pair = likely.pop((one.crm_id, one.books_id), None)
        rows.append(replace(one, score=pair.score) if pair else one)
    more = sorted(likely.values(), key=lambda one: (-one.score, one.left, one.right))
    return rows + [Candidate(one.left, one.right, one.reasons, one.score) for one in more]


def _party(known: Known) -> PartyFacts:
    """A record by its keys alone; a SKU is no key of a party's."""
    keys: dict[str, set[str]] = defaultdict(set)
    for name, value in known.keys:
        keys[name].add(value)
    name = next(iter(sorted(keys["name"])), "")
    return PartyFacts(
        id=known.id, name=name, name_key=name, emails=frozenset(keys["email"]), phones=frozenset(keys["phone"]),
        tax_keys=frozenset(keys["tax"]),
    )  # fmt: skip


def sure(found: Iterable[Candidate]) -> list[Candidate]:
    """Those that share an e-mail, a SKU or a tax id and that nothing else claims, on neither side.

    A name or a phone alone never makes two records one.
    """
    rows = list(found)
    crm, books = Counter(one.crm_id for one in rows), Counter(one.books_id for one in rows)
    strong = {SHARED[name] for name in ("email", "code", "tax")}
    return [one for one in rows if crm[one.crm_id] == books[one.books_id] == 1 and strong & set(one.reasons)]


def _reasons(shared: set[str]) -> tuple[str, ...]:
    return tuple(said for name, said in SHARED.items() if name in shared)


def _weight(one: Candidate) -> tuple[int, int]:
    """The surest reason first; of the same, who shares more."""
    return list(SHARED.values()).index(one.reasons[0]), -len(one.reasons)


def counted(rows: Mapping[str, int], unlinked: int, decided: int) -> Side:
    """One side's numbers: `rows` has linked and left_out; what is neither linked nor left out waits or stands alone."""
    return Side(rows["linked"], decided, unlinked - decided, rows["left_out"])
