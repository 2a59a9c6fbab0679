"""What of a party is compared: words of its names, of its address, and its keys; made once per party."""

import re
from functools import lru_cache

from syncjobs.domain.matching.words import cut, words_of
from syncjobs.domain.normalising import normal_name
from syncjobs.domain.records import PartyFacts

Words = tuple[str, ...]
_NOT_CODE = re.compile(r"[^0-9a-z]+")
_ROLES = (
    "info office contact kontakt hello mail post accounts accounting billing invoice invoices rechnung buchhaltung",
    "finance ap ar payables sales support service admin administration team hr jobs orders einkauf verkauf compta",
    "comptabilite contabilidad ventas noreply no-reply webmaster reception enquiries inquiries",
)
ROLES = frozenset(word for line in _ROLES for word in line.split())


class Traits:
    """A party as the scoring takes it."""

    __slots__ = (
        "party", "place", "id", "name", "company", "joined", "street", "city", "zip", "emails", "mailboxes", "phones",
        "tails", "taxes", "domains", "more_than_a_name",
    )  # fmt: skip

    def __init__(self, party: PartyFacts) -> None:
        self.party, self.id = party, party.id
        # Where it stands in an index; None for whoever is only sought there.
        self.place: int | None = None
        self.name: Words = words_of(party.name_key or (normal_name(party.name) if party.name else ""))
        self.company: Words = words_of(_company(party.company)) if party.company else ()
        if not self.name:
            self.name, self.company = self.company, ()
        elif self.company == self.name:
            self.company = ()
        self.street: Words = cut(party.street) if party.street else ()
        self.city: Words = cut(party.city) if party.city else ()
        if self.city and len(self.name) > 1:
            self.name = _without(self.name, self.city)
        self.joined = "".join(self.name)
        self.zip = _NOT_CODE.sub("", party.zip.lower()) if party.zip else ""
        self.emails, self.phones, self.taxes, self.domains = party.emails, party.phones, party.tax_keys, party.domains
        plain = not any("+" in address for address in party.emails)
        self.mailboxes = party.emails if plain else frozenset(map(mailbox, party.emails))
        self.tails = frozenset(phone[-8:] for phone in party.phones) if party.phones else party.phones
        self.more_than_a_name = bool(self.street or party.emails or party.phones or party.tax_keys or party.domains)


def _without(name: Words, city: Words) -> Words:
    """What a name says beyond the city that stands in the address anyway."""
    if city[0] not in name and city[-1] not in name:
        return name
    return tuple(word for word in name if word not in city) or name


@lru_cache(200_000)
def _company(name: str) -> str:
    return normal_name(name)


def mailbox(address: str) -> str:
    """The address without its +tag."""
    if "+" not in address:
        return address
    local, _, host = address.rpartition("@")
    return f"{local.partition('+')[0]}@{host}"


def is_shared(address: str) -> bool:
    """Whether the mailbox names a task, not a person: info@, accounts@."""
    return address.partition("@")[0] in ROLES
