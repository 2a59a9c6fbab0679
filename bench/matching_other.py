"""A second made-up world, with other names, other errors and harder neighbours than `matching_made`.

Nobody looked at it while the weights were set: it is for the last measurement alone, and for the floors in `make test`.
"""

from collections.abc import Callable
from itertools import accumulate
from random import Random

from bench.matching_sets import MatchSet, Row, row

_TEXTS = {
    "given": (
        "William Margaret Robert Elizabeth Thomas Catherine Michael Joanna Stephen Aoife Sean Niamh Piotr Agnieszka",
        "Omar Layla Hassan Fatima Rajesh Priya Chen Mei Kwame Abena Lars Ingrid Mateo Valentina Anthony Deborah",
        "Christopher Jacqueline Frederick Philippa Nathaniel Rebecca Jeffrey Stephanie Zachary Veronica",
    ),
    "family": (
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker White Thompson Khan Lewis Clarke",
        "Roberts Murphy Kowalska Nowak Haddad Nguyen Schmidt Fischer Okafor Mensah Lindqvist Rossi Fernandez Dubois",
        "Featherstonehaugh Cholmondeley Papadopoulos Wojciechowski Vandenberghe Krishnamurthy O'Callaghan MacPherson",
        "Hutchinson Pemberton Ashworth Barraclough Eastwood Fothergill Greenhalgh Hardcastle Illingworth Kershaw",
    ),
    "stems": (
        "Northern Apex Summit Pioneer Royal United Premier Golden Silver Blue Red Green Atlas Orion Phoenix Delta",
        "Alpha Cedar Maple Falcon Harbour Meridian Quantum Vertex Zenith Cobalt Ember Juniper Lantern Mosaic Nimbus",
    ),
    "deeds": (
        "Plumbing Roofing Dental Catering Printing Furniture Flooring Motors Travel Recruitment Packaging Electrical",
        "Insurance Brewery Bakery Textiles Pharmacy Scaffolding Joinery Landscaping Accountancy Fabrication",
    ),
    "towns": ("Leeds York Hull Bristol Exeter Derby Oxford Dover Lancaster Durham Norwich Preston Truro Wells Ripon",),
    "roads": ("Albert Cromwell Nelson Wellington Tennyson Byron Beech Chestnut Hawthorn Laurel Poplar Willow Abbey",),
}
GIVEN, FAMILY, STEMS, DEEDS, TOWNS, ROADS = (" ".join(lines).split() for lines in _TEXTS.values())
SHORT = {
    "William": "Bill", "Margaret": "Maggie", "Robert": "Bob", "Elizabeth": "Liz", "Thomas": "Tom", "Michael": "Mike",
    "Stephen": "Steve", "Anthony": "Tony", "Deborah": "Debbie", "Christopher": "Chris", "Frederick": "Fred",
    "Rebecca": "Becky", "Jeffrey": "Jeff", "Zachary": "Zach",
}  # fmt: skip
HEARD = (("ph", "f"), ("ck", "k"), ("ie", "ei"), ("ll", "l"), ("ss", "s"), ("th", "t"), ("y", "i"), ("w", "v"))
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def other(size: int, seed: int = 2) -> MatchSet:
    """`size` parties on the left; three of four are on the right, too, beside as many of their neighbours."""
    chance = Random(seed)
    left = [_party(chance, f"l{number}") for number in range(size)]
    right, truth = list[Row](), list[tuple[str, str]]()
    for one in left:
        number = len(right)
        if chance.random() < 0.75:
            right.append(_careless(chance, one, f"r{number}"))
            truth.append((one["id"], f"r{number}"))
        elif chance.random() < 0.5:
            right.append(_neighbour(chance, one, f"r{number}"))
        else:
            right.append(_party(chance, f"r{number}"))
    chance.shuffle(right)
    return MatchSet(f"made up otherwise, {size:,} x {size:,}", left, right, frozenset(truth))


def _of(chance: Random, words: list[str]) -> str:
    """The first ones far more often, as names are."""
    weights = [1 / (place + 2) for place in range(len(words))]
    return chance.choices(words, cum_weights=list(accumulate(weights)))[0]


def _party(chance: Random, id: str) -> Row:
    person = chance.random() < 0.5
    family = _of(chance, FAMILY)
    firm = f"{chance.choice((_of(chance, STEMS), family))} {_of(chance, DEEDS)}"
    name = f"{_of(chance, GIVEN)} {family}" if person else f"{firm} {chance.choice(('Ltd', 'PLC', 'LLP', ''))}".strip()
    host = "gmail.com" if person else f"{firm.replace(' ', '').lower()}{chance.randrange(40)}.example"
    local = f"{name.split()[0][0]}.{family}{chance.randrange(100)}" if person else chance.choice(("info", "sales"))
    return row(
        id, name=name, email=f"{local}@{host}".lower().replace("'", "") if chance.random() < 0.5 else "",
        phone=f"+44113{chance.randrange(10**7):07}" if chance.random() < 0.5 else "",
        street=f"{chance.randrange(1, 120)} {_of(chance, ROADS)} {chance.choice(('Road', 'Street', 'Avenue', 'Lane'))}",
        city=_of(chance, TOWNS), zip=f"LS{chance.randrange(1, 30)} {chance.randrange(10)}{chance.choice('ABDEF')}X",
        country="GB",
    )  # fmt: skip


def _neighbour(chance: Random, one: Row, id: str) -> Row:
    """Another of the same house, or another company of the same group: not the same, and much alike."""
    again = _party(chance, id)
    words = one["name"].split()
    if words[-1] in FAMILY:
        shared = {name: one[name] for name in ("street", "city", "zip", "phone")}
        given = _of(chance, [name for name in GIVEN if name not in words])
        return again | shared | {"name": f"{given} {words[-1]}", "email": ""}
    deed = _of(chance, [name for name in DEEDS if name not in words])
    return again | {
        "name": f"{words[0]} {deed}",
        "email": one["email"].replace("info@", "hello@").replace("sales@", "orders@"),
    }


def _careless(chance: Random, one: Row, id: str) -> Row:
    again = one | {"id": id}
    for spoil in chance.choices(SPOILS, k=chance.choice((0, 1, 1, 2, 2, 3))):
        spoil(chance, again)
    return again


def _familiar(chance: Random, one: Row) -> None:
    first, _, rest = one["name"].partition(" ")
    one["name"] = f"{SHORT.get(first, first)} {rest}"


def _initial(chance: Random, one: Row) -> None:
    first, _, rest = one["name"].partition(" ")
    if one["name"].split()[-1] in FAMILY:
        one["name"] = f"{first[0]}. {rest}"


def _family_first(chance: Random, one: Row) -> None:
    first, _, rest = one["name"].partition(" ")
    one["name"] = f"{rest}, {first}"


def _misheard(chance: Random, one: Row) -> None:
    written, heard = chance.choice(HEARD)
    one["name"] = one["name"].lower().replace(written, heard).title()


def _mistyped(chance: Random, one: Row) -> None:
    """A key beside the one that was meant, in the name or the street."""
    column = chance.choice(("name", "street" if one["street"] else "name"))
    text = one[column]
    at = chance.randrange(len(text))
    line = next((keys for keys in KEYS if text[at].lower() in keys), "")
    if line:
        beside = line[max(line.index(text[at].lower()) - 1, 0)]
        one[column] = text[:at] + beside + text[at + 1 :]


def _cut(chance: Random, one: Row) -> None:
    one["name"] = one["name"][:14].strip()


def _longer(chance: Random, one: Row) -> None:
    words = one["name"].split()
    words.insert(1, chance.choice("ABCDEJKLM") if words[-1] in FAMILY else "and Sons")
    one["name"] = " ".join(words)


def _other_order(chance: Random, one: Row) -> None:
    number, _, rest = one["street"].partition(" ")
    one["street"] = f"{rest} {number}"


def _flat(chance: Random, one: Row) -> None:
    one["street"] = f"Flat {chance.randrange(1, 9)}, {one['street']}"


def _together(chance: Random, one: Row) -> None:
    one["zip"] = one["zip"].replace(" ", "").lower()


def _emptied(chance: Random, one: Row) -> None:
    for column in chance.sample(("email", "phone", "street", "city", "zip"), k=chance.choice((1, 2, 3))):
        one[column] = ""


def _moved(chance: Random, one: Row) -> None:
    again = _party(chance, one["id"])
    one.update({column: again[column] for column in ("street", "city", "zip")})


def _renewed(chance: Random, one: Row) -> None:
    column = chance.choice(("email", "phone"))
    one[column] = _party(chance, one["id"])[column]


SPOILS: tuple[Callable[[Random, Row], None], ...] = (
    _familiar, _initial, _family_first, _misheard, _mistyped, _cut, _longer, _other_order, _flat, _together, _emptied,
    _moved, _renewed,
)  # fmt: skip
