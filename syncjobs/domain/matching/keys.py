"""What agreeing or differing keys say: e-mails, tax numbers, phones, web domains."""

from collections.abc import Iterable

from syncjobs.domain.matching.frequencies import Frequencies
from syncjobs.domain.matching.traits import Traits, is_shared

# A key of one's own is rarer in the world than in any list.
BONUS_EMAIL, BONUS_SHARED, BONUS_PHONE, BONUS_TAX, DOMAIN_SHARE = 7.0, 1.0, 4.0, 8.0, 0.7
DIFFERS = {"email": -1.0, "phone": -2.0, "tax": -5.0, "domain": -1.0}
# Bits; whether a key of one's own agrees; whether one does that people of a house may share.
Said = tuple[float, bool, bool]


def weigh_keys(rare: Frequencies, left: Traits, right: Traits, reasons: list[str]) -> Said:
    """All kinds that both have; what agrees is added to the reasons."""
    said: list[Said] = []
    if left.mailboxes and right.mailboxes:
        said.append(_mailbox(rare, left, right, reasons))
    if left.taxes and right.taxes:
        said.append(_tax(rare, left, right, reasons))
    if left.tails and right.tails:
        said.append(_phone(rare, left, right, reasons))
    if left.domains and right.domains:
        said.append(_domain(rare, left, right, reasons))
    bits, strong, weak = 0.0, False, False
    for one in said:
        bits, strong, weak = bits + one[0], strong or one[1], weak or one[2]
    return bits, strong, weak


def _mailbox(rare: Frequencies, left: Traits, right: Traits, reasons: list[str]) -> Said:
    shared = left.mailboxes & right.mailboxes
    if not shared:
        return DIFFERS["email"], False, False
    reasons.append("same e-mail" if left.emails & right.emails else "same mailbox")
    own = _own(rare, shared)
    bits = max(rare.key(one) + (_rarer(one) if one in own else 0.0) for one in shared)
    return bits, not all(map(is_shared, own)), bool(own)


def _rarer(address: str) -> float:
    return BONUS_SHARED if is_shared(address) else BONUS_EMAIL


def _tax(rare: Frequencies, left: Traits, right: Traits, reasons: list[str]) -> Said:
    same = left.taxes & right.taxes
    if not same:
        return DIFFERS["tax"], False, False
    reasons.append("same tax number")
    return max(map(rare.key, same)) + BONUS_TAX, True, False


def _phone(rare: Frequencies, left: Traits, right: Traits, reasons: list[str]) -> Said:
    tails = left.tails & right.tails
    if not tails:
        return DIFFERS["phone"], False, False
    reasons.append("same phone")
    own = _own(rare, tails)
    return max(rare.key(one) + BONUS_PHONE * (one in own) for one in tails), False, bool(own)


def _domain(rare: Frequencies, left: Traits, right: Traits, reasons: list[str]) -> Said:
    """Says nothing more where the whole address agrees."""
    hosts = left.domains & right.domains
    if not hosts:
        return DIFFERS["domain"], False, False
    if "same e-mail" in reasons:
        return 0.0, False, False
    reasons.append("same web domain")
    return DOMAIN_SHARE * max(map(rare.key, hosts)), False, bool(_own(rare, hosts))


def _own(rare: Frequencies, values: Iterable[str]) -> list[str]:
    """Those that nobody else has."""
    return [one for one in values if rare.key(one) >= rare.own]
