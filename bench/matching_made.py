"""Companies and persons made up from a seed, written twice by careless people; it knows nothing of the matcher."""

from random import Random

from bench.matching_sets import MatchSet, Row, row

_TEXTS = {
    "syllables": (
        "ba be bo bra bren cal cor dan del dor el fan fer gar gil han hol jan kar kes lan lem lor mar mel mon nar nel",
        "nor or pal pen quin ran ros sal sel sten tal ter tor ul van ver vil wal wes yar zan zel",
    ),
    "trades": (
        "Trading Consulting Logistics Foods Optics Bau Services Media Holdings Engineering Tools Textiles Energy",
    ),
    "first": (
        "Anna Ben Carla David Elena Farid Greta Hugo Ines Jonas Karim Lena Mara Nils Olga Paul Rosa Samir Tina Uwe",
        "Vera William Xenia Yusuf Zoe Aisha Bruno Chloe Dmitri Emma Felix Giulia Hannah Igor Julia Klaus Lucia Marco",
    ),
    "streets": ("Station High Mill Church Park Garden Lake Forest Market Bridge Castle River Hill School Victoria",),
}
SYLLABLES, TRADES, FIRST, STREETS = (" ".join(lines).split() for lines in _TEXTS.values())
FORMS = ("Ltd", "Limited", "GmbH", "Inc.", "LLC", "AG", "S.A.", "B.V.", "")
OTHER_FORM = {"Ltd": "Limited", "Limited": "Ltd.", "Inc.": "Incorporated", "S.A.": "SA", "B.V.": "BV"}
WAYS = (("Street", "St."), ("Road", "Rd"), ("Avenue", "Ave"), ("Lane", "Ln"))


def made(size: int, seed: int = 1, kind: str = "both") -> MatchSet:
    """`size` rows a side; nine of ten on the left stand on the right too, the other tenth is strangers."""
    chance = Random(seed)
    names = [_name(chance, kind == "persons" or kind == "both" and number % 2 == 1) for number in range(size)]
    left = [_party(chance, number, name) for number, name in enumerate(names)]
    right, truth = [], []
    for number, one in enumerate(left):
        if chance.random() < 0.9:
            right.append(_again(chance, one, f"r{number}"))
            truth.append((one["id"], f"r{number}"))
        else:
            right.append(_party(chance, number, _name(chance, number % 2 == 1), "r"))
    chance.shuffle(right)
    return MatchSet(f"made up, {size:,} x {size:,}", left, right, frozenset(truth))


def _word(chance: Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(chance.choice((2, 2, 3)))).capitalize()


def _name(chance: Random, person: bool) -> str:
    if person:
        return f"{chance.choice(FIRST)} {_word(chance)}"
    words = [_word(chance)] + [_word(chance)] * (chance.random() < 0.3)
    if chance.random() < 0.2:
        words.insert(1, "&")
        words.insert(2, _word(chance))
    return " ".join((*words, chance.choice(TRADES), chance.choice(FORMS))).strip()


def _party(chance: Random, number: int, name: str, side: str = "l") -> Row:
    way = chance.choice(WAYS)[0]
    host = f"{name.split()[0].lower()}{chance.randrange(1000)}.example"
    local = chance.choice(("info", "office", "accounts", name.split()[-1].lower().strip(".") or "mail"))
    return row(
        f"{side}{number}", name=name,
        email=f"{local}@{host}" if chance.random() < 0.8 else "",
        phone=f"+4930{chance.randrange(10**7):07}" if chance.random() < 0.7 else "",
        street=f"{chance.randrange(1, 200)} {_word(chance) if chance.random() < 0.5 else chance.choice(STREETS)} {way}",
        city=_word(chance)[:6], zip=f"{chance.randrange(1000, 99999):05}", country="DE",
    )  # fmt: skip


def _again(chance: Random, one: Row, id: str) -> Row:
    """The same party as the other system has it: other forms, slips, gaps, a move."""
    again = dict(one) | {"id": id}
    again["name"] = _rewritten(chance, one["name"])
    if chance.random() < 0.25:
        host = one["email"].partition("@")[2]
        again["email"] = "" if chance.random() < 0.6 else f"new{chance.randrange(10**6)}@{host}"
    if not one["email"]:
        again["email"] = ""
    if chance.random() < 0.3:
        again["phone"] = ""
    elif one["phone"] and chance.random() < 0.3:
        again["phone"] = "030 " + one["phone"][5:]
    if chance.random() < 0.1:
        again["street"], again["city"], again["zip"] = "", "", ""
    elif chance.random() < 0.05:
        moved = _party(chance, 0, one["name"])
        again["street"], again["city"], again["zip"] = moved["street"], moved["city"], moved["zip"]
    for long, short in WAYS:
        again["street"] = again["street"].replace(long, short) if chance.random() < 0.5 else again["street"]
    if chance.random() < 0.1:
        again["street"] = _slip(chance, again["street"])
    return again


def _rewritten(chance: Random, name: str) -> str:
    parts = name.split()
    if parts[-1] in FORMS and chance.random() < 0.5:
        parts[-1] = OTHER_FORM.get(parts[-1], "")
    again = " ".join(part for part in parts if part)
    if chance.random() < 0.3:
        again = again.replace("&", "and")
    if chance.random() < 0.2:
        again = _slip(chance, again)
    return again.upper() if chance.random() < 0.1 else again


def _slip(chance: Random, text: str) -> str:
    """One letter lost, doubled, changed or two changed places."""
    if len(text) < 4:
        return text
    at = chance.randrange(1, len(text) - 1)
    before, here, after = text[:at], text[at], text[at + 1 :]
    other = chance.choice("aeinrst")
    kinds = (before + after, before + here + here + after, before + other + after, before + after[0] + here + after[1:])
    return chance.choice(kinds)
