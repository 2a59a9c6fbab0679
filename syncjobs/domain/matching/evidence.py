"""How much each agreement or difference says, in bits: log2 of how much likelier it is in one party than in two."""

from dataclasses import dataclass

from rapidfuzz.distance import OSA, Indel

from syncjobs.domain.matching.frequencies import GENERIC_BITS, Frequencies
from syncjobs.domain.matching.likeness import Alignment, Words, alike_bits
from syncjobs.domain.matching.traits import Traits, is_shared

# A word that only one side wrote; words that exclude each other.
CONFLICT, NOTHING_ALIKE = -4.0, -8.0
OMIT, CLASH = 0.12, 0.3
# A key of one's own is rarer in the world than in any list.
BONUS_EMAIL, BONUS_SHARED, BONUS_PHONE, BONUS_TAX, DOMAIN_SHARE = 7.0, 1.0, 4.0, 8.0, 0.7
EXTERNAL, ADDRESS_ENOUGH = 1000.0, 12.0
KEY_DIFFERS = {"email": -1.0, "phone": -2.0, "tax": -5.0, "domain": -1.0}
PLACE_DIFFERS = -2.5
STRANGERS = -12.0
NUMBER_DIFFERS = -3.0
NAME_OVER = 4.0


@dataclass(frozen=True)
class Evidence:
    """Bits for one party rather than two, and for ranking; `linkable` when more than a name speaks for it.

    `bits` count a long name's words only up to how rare a whole name can be, `rank` all of them.
    """

    bits: float
    rank: float
    reasons: tuple[str, ...]
    linkable: bool
    # Why they can't be linked though they may be the same; empty where nothing bars it.
    barred: str = ""
    # Each name has a word that the other lacks.
    clash: bool = False


class Judge:
    """Weighs two parties by how rare in their lists is what they share."""

    def __init__(self, rare: Frequencies) -> None:
        self.rare = rare

    def weigh(self, left: Traits, right: Traits) -> Evidence:
        """Symmetric; an external id in common is beyond all doubt."""
        if left.party.external_ids and left.party.external_ids & right.party.external_ids:
            return Evidence(EXTERNAL, EXTERNAL, ("the same id in the other system",), True, "")
        reasons: list[str] = []
        name, conflict = self._names(left, right, reasons)
        keys, strong, weak = self._keys(left, right, reasons)
        address = self._address(left, right, reasons)
        stranger = name <= NOTHING_ALIKE
        if stranger and not strong and not weak:
            name = STRANGERS
        rank = name + keys + address - self.rare.prior
        over = max(name - self.rare.top - NAME_OVER, 0.0)
        linkable = not stranger and (strong or not conflict and name > 0 and (weak or address >= ADDRESS_ENOUGH))
        barred = _barred(left, right)
        if barred:
            reasons.append(barred)
        return Evidence(rank - 0.95 * over, rank, tuple(reasons), linkable, barred, conflict)

    # -- names

    def _names(self, left: Traits, right: Traits, reasons: list[str]) -> tuple[float, bool]:
        if not left.name or not right.name:
            return 0.0, False
        if left.company and right.company:
            company = self._name(left.company, right.company)
            person = self._name(left.name, right.name)
            bits, conflict = company[0] + person[0], person[1]
            best = person
        else:
            options = [
                self._name(one, other)
                for one in (left.name, left.company)
                for other in (right.name, right.company)
                if one and other
            ]
            best = max(options)
            bits, conflict = best
        if bits > 0:
            reasons.append("same name" if left.joined == right.joined else "name alike")
        return bits, conflict

    def _name(self, left: Words, right: Words) -> tuple[float, bool]:
        rare = self.rare
        if left == right:
            return sum(map(rare.word, left)), False
        one, other = "".join(left), "".join(right)
        if one == other:
            return max(sum(map(rare.word, left)), sum(map(rare.word, right))), False
        if left > right:
            left, right = right, left
        aligned = Alignment(left, right)
        bits = sum(map(rare.word, aligned.same))
        bits += sum(
            max(alike_bits(rare.word(a), rare.word(b), score, rare.top), CONFLICT) for a, b, score in aligned.alike
        )
        a, b = self._left_over(aligned.left), self._left_over(aligned.right)
        conflict = bool(aligned.left and aligned.right)
        bits -= OMIT * (a + b)
        if conflict:
            bits -= max(-CONFLICT, CLASH * min(a, b)) if min(a, b) > GENERIC_BITS else GENERIC_BITS / 2
        ratio = Indel.normalized_similarity(one, other)
        if ratio > 0.85 and min(len(one), len(other)) >= 5 and not _digits_differ(one, other):
            whole = min(sum(map(rare.word, left)), sum(map(rare.word, right))) * (ratio - 0.5) / 0.5 - 1.0
            if whole > bits:
                bits, conflict = whole, False
        if not aligned.same and not aligned.alike:
            return NOTHING_ALIKE, True
        return max(bits, NOTHING_ALIKE), conflict

    def _left_over(self, words: list[str]) -> float:
        return sum(map(self.rare.word, words))

    # -- keys

    def _keys(self, left: Traits, right: Traits, reasons: list[str]) -> tuple[float, bool, bool]:
        """Bits; whether a key of one's own agrees; whether one does that people of a house may share."""
        bits, strong, weak = 0.0, False, False
        own = self.rare.top - 1.1
        if left.mailboxes and right.mailboxes:
            shared = left.mailboxes & right.mailboxes
            bits += max(map(self._email, shared)) if shared else KEY_DIFFERS["email"]
            if shared:
                reasons.append("same e-mail" if left.emails & right.emails else "same mailbox")
                strong |= any(self.rare.key(one) >= own and not is_shared(one) for one in shared)
                weak |= any(self.rare.key(one) >= own for one in shared)
        if left.taxes and right.taxes:
            same = left.taxes & right.taxes
            bits += max(map(self.rare.key, same)) + BONUS_TAX if same else KEY_DIFFERS["tax"]
            strong |= bool(same)
            if same:
                reasons.append("same tax number")
        if left.tails and right.tails:
            tails = left.tails & right.tails
            bits += max(map(self._phone, tails)) if tails else KEY_DIFFERS["phone"]
            if tails:
                reasons.append("same phone")
                weak |= any(self.rare.key(one) >= own for one in tails)
        if left.domains and right.domains:
            hosts = left.domains & right.domains
            if not hosts:
                bits += KEY_DIFFERS["domain"]
            elif "same e-mail" not in reasons:
                found = max(map(self.rare.key, hosts))
                bits += DOMAIN_SHARE * found
                weak |= found >= own
                reasons.append("same web domain")
        return bits, strong, weak

    def _phone(self, tail: str) -> float:
        found = self.rare.key(tail)
        return found + BONUS_PHONE * (found >= self.rare.top - 1.1)

    def _email(self, address: str) -> float:
        found = self.rare.key(address)
        if found >= self.rare.top - 1.1:
            return found + (BONUS_SHARED if is_shared(address) else BONUS_EMAIL)
        return found

    # -- addresses

    def _address(self, left: Traits, right: Traits, reasons: list[str]) -> float:
        street = self._place_words(left.street, right.street) if left.street and right.street else 0.0
        city = self._place_words(left.city, right.city) if left.city and right.city else 0.0
        zip = self._zip(left.zip, right.zip) if left.zip and right.zip else 0.0
        if street > 4:
            reasons.append("same street" if left.street == right.street else "street alike")
        if zip > 3:
            reasons.append("same postcode" if left.zip == right.zip else "postcode alike")
        elif city > 3:
            reasons.append("same city" if left.city == right.city else "city alike")
        # A postcode says most of the city.
        area = max(city, zip) + 0.35 * min(city, zip) if min(city, zip) > 0 else city + zip
        return max(street + area, -6.0)

    def _place_words(self, left: Words, right: Words) -> float:
        rare = self.rare
        if left == right:
            return min(sum(map(rare.place, left)), rare.top)
        if left > right:
            left, right = right, left
        aligned = Alignment(left, right)
        numbers = any(map(_is_number, aligned.left)) and any(map(_is_number, aligned.right))
        if numbers:
            return min(0.4 * sum(map(rare.place, aligned.same)), 4.0) + NUMBER_DIFFERS
        bits = sum(map(rare.place, aligned.same))
        bits += sum(
            max(alike_bits(rare.place(a), rare.place(b), score, rare.top), -1.0) for a, b, score in aligned.alike
        )
        whole = len(left) + len(right)
        missing = len(aligned.left) + len(aligned.right)
        if aligned.left and aligned.right:
            one, other = "".join(left), "".join(right)
            ratio = Indel.normalized_similarity(one, other)
            if ratio > 0.85:
                bits = max(bits, 0.5 * rare.top * (ratio - 0.5) / 0.5)
            bits += PLACE_DIFFERS * missing / whole
        elif missing:
            bits -= 0.5
        return min(bits, rare.top)

    def _zip(self, one: str, other: str) -> float:
        if one == other:
            return self.rare.place(one)
        if len(one) >= 4 and OSA.distance(one, other) == 1:
            return 0.25 * min(self.rare.place(one), self.rare.place(other))
        return PLACE_DIFFERS


def _is_number(word: str) -> bool:
    return word[0].isdigit()


def _digits_differ(one: str, other: str) -> bool:
    return [sign for sign in one if sign.isdigit()] != [sign for sign in other if sign.isdigit()]


def _barred(left: Traits, right: Traits) -> str:
    one, other = left.party, right.party
    if one.is_vendor != other.is_vendor:
        return "one is a vendor"
    if one.currency and other.currency and one.currency != other.currency:
        return "another currency"
    return "" if one.active and other.active else "inactive"
