"""Keys for comparing what two systems wrote differently: e-mail, name, phone, tax number, domain, SKU. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from cleanco.clean import custom_basename, normalized, prepare_default_terms, strip_punct, strip_tail

from syncjobs.domain.phones import normal_phone as normal_phone

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "œ": "oe"})
_AND = re.compile(r"\b(?:and|und|et|y|e|og|och)\b")
_NOT_WORD = re.compile(r"[^\w]+", re.UNICODE)
_SCHEME = re.compile(r"^[a-z]+://")
_NOT_CODE = re.compile(r"[^0-9a-z]+")
Term = tuple[int, Sequence[str]]
_INTERNATIONAL = ("gmail", "googlemail", "yahoo", "hotmail", "outlook", "live", "icloud", "me", "aol", "mail", "qq")
_NATIONAL = ("gmx.de", "gmx.net", "web.de", "t-online.de", "freenet.de", "proton.me", "protonmail.com", "yandex.ru")
PUBLIC_HOSTS = frozenset((*(f"{host}.com" for host in _INTERNATIONAL), *_NATIONAL))


def normal_email(email: str) -> str:
    """Trimmed and lower-cased; a text without one @ between two parts is no address and gives the empty key."""
    found = unicodedata.normalize("NFC", email).strip().strip("<>").lower()
    local, at, host = found.rpartition("@")
    return found if at and local and "." in host and " " not in found and "@" not in local else ""


def plain_text(text: str) -> str:
    """Lower case, accents gone, umlauts written out."""
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
    return "".join(part for part in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(part))


def _terms_by_last_word() -> dict[str, list[tuple[int, Term]]]:
    found: dict[str, list[tuple[int, Term]]] = defaultdict(list)
    for order, term in enumerate(prepare_default_terms()):
        if term[1]:
            found[term[1][-1]].append((order, term))
    return dict(found)


_TERMS = _terms_by_last_word()


def without_legal_form(name: str) -> str:
    """The name without "GmbH", "Ltd" and the like at its end.

    cleanco tries each of its thousand terms in turn; only those whose last word the name has can be there. It folds
    accents sign by sign, which a name without any doesn't need.
    """
    if name.isascii():
        return _plain_without_form(name)
    words = {strip_punct(word) for word in normalized(name).split()}
    terms = sorted(term for word in words for term in _TERMS.get(word, ()))
    return str(custom_basename(name, [term for _, term in terms]))


def _plain_without_form(name: str) -> str:
    parts = strip_tail(name).split()
    words = [strip_punct(part.lower()) for part in parts]
    terms = [term for word in set(words) if word in _TERMS for term in _TERMS[word]]
    if not terms:
        return " ".join(parts)
    for _, (size, term) in sorted(terms):
        if words[-size:] == term:
            del words[-size:]
            del parts[-size:]
    return str(strip_tail(" ".join(parts)))


def normal_name(name: str) -> str:
    """A company's or person's name without legal form, accents, punctuation and "and"; words apart by one space."""
    without_form = without_legal_form(unicodedata.normalize("NFC", name).strip()) or name
    joined = _NOT_WORD.sub(" ", plain_text(without_form).replace("&", " ").replace("+", " "))
    words = _AND.sub(" ", joined).split() or joined.split()
    return " ".join(words)


def normal_tax_id(number: str) -> str:
    """Letters and digits only."""
    return _NOT_CODE.sub("", plain_text(number))


def normal_sku(code: str) -> str:
    """Letters and digits only: WID-9, "WID 9" and wid9 are the same."""
    return _NOT_CODE.sub("", plain_text(code))


def mail_domain(address: str) -> str:
    """The domain of an e-mail or web address; public mail hosts say nothing about a company and give the empty key."""
    host = _SCHEME.sub("", plain_text(address).strip().rpartition("@")[2])
    host = host.partition("/")[0].partition(":")[0].removeprefix("www.")
    return host if "." in host and host not in PUBLIC_HOSTS else ""
