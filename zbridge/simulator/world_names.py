"""Plausible companies without number: the n-th one of a seed always has the same name, people and address."""

from dataclasses import dataclass
from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    """
    Amber Ash Aspen Barley Basalt Birch Bramley Brook Cedar Chalk Clay Clover Cobalt Copper Coral Crane Dale Delta
    Dover Eagle East Elder Elm Falcon Fern Field Flint Ford Forest Fox Glen Golden Granite Grove Hafen Harbour
    Hawk Hazel Heather Heron Hill Holly Indigo Iron Ivory Jade Juniper Kite Lake Lark Laurel Linden Maple Marsh
    Meadow Mill Moor Moss North Oak Olive Onyx Opal Orchard Otter Park Pearl Pine Plum Quartz Quill Raven Reed
    Ridge River Robin Rowan Saffron Sage Sand Sedge Silver Slate South Spring Star Stein Stone Summit Swan Thorn
    Timber Vale Violet Wald West Willow Wolf
    """
)
_SECOND = _words(
    """
    bank beck berg bridge brook burg burn bury by cliff combe cote croft dale dean den down feld field ford furt
    gate grove hain ham haven heim hill hof holm holt hurst land leigh ley mark mere mont moor more ness park
    point ridge rock sea shaw side stead stein stock ton thal vale view wald water way well wick wood worth wold
    yard
    """
)
_BRANCH = _words(
    """
    Logistics Foods Dental Optics Textiles Engineering Consulting Architects Hotels Catering Printing Media
    Software Energy Plumbing Joinery Steel Ceramics Packaging Freight Travel Insurance Legal Pharmacy Clinics
    """
)
_FORMS = ("GmbH", "AG", "GmbH & Co. KG", "Ltd", "KG", "e.K.", "UG", "OHG")
_GIVEN = _words(
    """
    Anna Ben Clara David Elif Felix Greta Hugo Ida Jonas Karla Leon Mila Noah Olga Paul Quirin Rosa Samir Tilda
    Ursula Viktor Wanda Xaver Yusuf Zoe
    """
)
_FAMILY = _words(
    """
    Adler Bauer Conrad Diaz Engel Fischer Graf Huber Ivanov Jansen Keller Lang Meier Novak Okafor Peters Quast
    Richter Schulz Tanaka Ulrich Vogel Weber Xu Yilmaz Zimmer
    """
)
_CITIES = (
    ("10115", "Berlin"), ("20095", "Hamburg"), ("80331", "München"), ("50667", "Köln"), ("60311", "Frankfurt"),
    ("70173", "Stuttgart"), ("40213", "Düsseldorf"), ("04109", "Leipzig"), ("44135", "Dortmund"), ("28195", "Bremen"),
    ("01067", "Dresden"), ("30159", "Hannover"), ("90402", "Nürnberg"), ("47051", "Duisburg"), ("99084", "Erfurt"),
)  # fmt: skip
_STREETS = ("Hauptstraße", "Bahnhofstraße", "Gartenweg", "Lindenallee", "Industriestraße", "Am Markt", "Schulgasse")


@dataclass(frozen=True, slots=True)
class Invented:
    """A company that exists only in a bulk world."""

    name: str
    domain: str
    first_name: str
    last_name: str
    street: str
    code: str
    city: str
    phone: str
    vat: str

    @property
    def email(self) -> str:
        return f"accounts@{self.domain}"


class Inventor:
    """The companies of one seed, by their place."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self._first, self._second, self._branch = (
            rng.sample(words, len(words)) for words in (_FIRST, _SECOND, _BRANCH)
        )

    def company(self, place: int) -> Invented:
        """The company at that place, counted from 0; names differ up to some 170,000 places."""
        rest, first = divmod(place, len(self._first))
        branch_turn, second = divmod(rest, len(self._second))
        branch = self._branch[(branch_turn + first + second) % len(self._branch)]
        stem = f"{self._first[first]}{self._second[second]}"
        code, city = _CITIES[place % len(_CITIES)]
        return Invented(
            name=f"{stem} {branch} {_FORMS[(first + second) % len(_FORMS)]}",
            domain=f"{stem}-{branch}.example".lower(),
            first_name=_GIVEN[place % len(_GIVEN)], last_name=_FAMILY[(place // 26) % len(_FAMILY)],
            street=f"{_STREETS[place % len(_STREETS)]} {place % 180 + 1}", code=code, city=city,
            phone=f"+49 30 {6_000_000 + place}", vat=f"DE{300_000_000 + place}",
        )  # fmt: skip
