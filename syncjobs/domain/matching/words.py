"""Words of names and addresses, written one way: abbreviations, generic words, scripts without spaces."""

import re
from functools import lru_cache

from syncjobs.domain.normalising import plain_text

_NOT_WORD = re.compile(r"[^\w]+", re.UNICODE)
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ARABIC = str.maketrans({"ة": "ه", "ى": "ي", "ـ": ""})
_SHORT = {
    "st": "street", "str": "street", "strasse": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane",
    "blvd": "boulevard", "blv": "boulevard", "dr": "drive", "ct": "court", "crt": "court", "cres": "crescent",
    "crs": "crescent", "pl": "place", "sq": "square", "hwy": "highway", "pkwy": "parkway", "cct": "circuit",
    "cl": "close", "tce": "terrace", "n": "north", "s": "south", "e": "east", "w": "west", "apt": "apartment",
    "ste": "suite", "fl": "floor", "bldg": "building", "no": "", "nr": "", "p": "", "o": "", "u": "unit", "the": "",
}  # fmt: skip
# What many companies are called and few are known by.
_GENERIC = (
    "the of and und for group gruppe groupe grupo holding holdings international intl global worldwide services",
    "service solutions systems technologies technology tech consulting consultants partners associates company",
    "companies co corp corporation inc ltd limited gmbh ag kg sa sarl srl spa bv nv llc llp plc pty trading trade",
    "enterprises enterprise industries industry industrial management marketing media digital software engineering",
    "construction handel handels vertrieb bau de la le les el der die das shop store studio design products production",
    "restaurant cafe hotel university institute department center centre school college",
    "شركه مؤسسه مجموعه للتجاره التجاريه المحدوده 公司 有限 限公 集团 科技 技术 株式 式会 会社",
)
GENERIC = frozenset(word for line in _GENERIC for word in line.split())


@lru_cache(300_000)
def words_of(key: str) -> tuple[str, ...]:
    """The words of a normalised name; scripts without spaces are cut into pairs of signs."""
    if key.isascii():
        return tuple(key.split())
    found: list[str] = []
    for word in key.translate(_ARABIC).split():
        found.extend(_pairs_of_signs(word) if _NO_SPACES.search(word) else (word,))
    return tuple(found)


def _pairs_of_signs(word: str) -> list[str]:
    return [word[place : place + 2] for place in range(len(word) - 1)] or [word]


@lru_cache(300_000)
def cut(text: str) -> tuple[str, ...]:
    """The words of an address, abbreviations written out."""
    lowered = text.lower() if text.isascii() else plain_text(text)
    words = _NOT_WORD.sub(" ", lowered.replace("'", "")).split()
    return tuple(filter(None, (_SHORT.get(word, word) for word in map(_street_ending, words))))


def _street_ending(word: str) -> str:
    """Hauptstr. and Hauptstrasse are one street."""
    return word[:-4] if word.endswith("strasse") and len(word) > 7 else word
