"""Who is billed: one customer with the same e-mail is certain, any likeness that the matcher sees asks a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from syncjobs.domain.matching.deciding import chance
from syncjobs.domain.matching.evidence import Evidence, Judge
from syncjobs.domain.matching.frequencies import Frequencies
from syncjobs.domain.matching.traits import Traits
from syncjobs.domain.matching.verdicts import SHIPPED, Thresholds
from syncjobs.domain.records import PartyFacts


class Verdict(StrEnum):
    CERTAIN = "certain"
    REVIEW = "review"
    CREATE = "create"


class Doubt(StrEnum):
    """Why a person must choose."""

    SEVERAL = "several"
    ALIKE = "alike"
    INACTIVE = "inactive"
    OTHER_CURRENCY = "other_currency"
    VENDOR = "vendor"


@dataclass(frozen=True)
class Candidate:
    """A customer that may be meant, and why a person might think so; score 0..1."""

    party: PartyFacts
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CustomerMatch:
    """The verdict; `chosen` only when certain. Candidates are best first, whatever order they came in."""

    verdict: Verdict
    chosen: Candidate | None
    candidates: tuple[Candidate, ...]
    reason: str
    doubt: Doubt | None = None


SAME_EMAIL = "same e-mail"
KEYS = {SAME_EMAIL, "same tax number", "same mailbox", "same name", "same phone", "same web domain"}
LEAST_SCORE = 0.001


def match_customer(
    wanted: PartyFacts, customers: Iterable[PartyFacts], thresholds: Thresholds = SHIPPED
) -> CustomerMatch:
    """Which Books customer the CRM party is.

    Certain: exactly one customer has one of its e-mails, is active, bills in its currency and isn't only a vendor.
    Review: several have it, or only name, tax number, phone, domain or the mailbox before a +tag agree, or the one is
    inactive or in another currency. Create: nothing agrees.
    """
    candidates = _candidates(wanted, customers, thresholds)
    by_mail = [one for one in candidates if SAME_EMAIL in one.reasons]
    customers_by_mail = [one for one in by_mail if not one.party.is_vendor]
    if len(customers_by_mail) > 1:
        return _review(candidates, Doubt.SEVERAL, _several(wanted, customers_by_mail))
    if by_mail:
        return _single(wanted, (customers_by_mail or by_mail)[0], candidates)
    if candidates:
        return _alike(wanted, candidates)
    return CustomerMatch(Verdict.CREATE, None, (), "No Books customer is like it.")


def _review(candidates: tuple[Candidate, ...], doubt: Doubt, reason: str) -> CustomerMatch:
    return CustomerMatch(Verdict.REVIEW, None, candidates, reason, doubt)


def _several(wanted: PartyFacts, by_mail: list[Candidate]) -> str:
    shared = sorted(address for one in by_mail for address in wanted.emails & one.party.emails)
    count = "Two" if len(by_mail) == 2 else str(len(by_mail))
    return f"{count} Books customers use {shared[0]}."


def _single(wanted: PartyFacts, found: Candidate, candidates: tuple[Candidate, ...]) -> CustomerMatch:
    obstacle = _obstacle(wanted, found.party)
    if obstacle:
        return _review(candidates, *obstacle)
    reason = f"{found.party.name} is the one customer with this e-mail."
    return CustomerMatch(Verdict.CERTAIN, found, candidates, reason)


def _alike(wanted: PartyFacts, candidates: tuple[Candidate, ...]) -> CustomerMatch:
    """Without the e-mail: the likest says why, and its own obstacle is named first."""
    best = candidates[0]
    obstacle = _obstacle(wanted, best.party)
    if obstacle:
        return _review(candidates, *obstacle)
    return _review(candidates, Doubt.ALIKE, f"{best.party.name} in Books is alike ({', '.join(best.reasons)}).")


def _obstacle(wanted: PartyFacts, party: PartyFacts) -> tuple[Doubt, str] | None:
    if party.is_vendor:
        return Doubt.VENDOR, f"{party.name} is a vendor in Books, not a customer."
    if not party.active:
        return Doubt.INACTIVE, f"{party.name} is inactive in Books."
    if wanted.currency and party.currency and wanted.currency != party.currency:
        reason = f"{party.name} is billed in {party.currency} in Books, this sale is in {wanted.currency}."
        return Doubt.OTHER_CURRENCY, reason
    return None


def _candidates(wanted: PartyFacts, customers: Iterable[PartyFacts], thresholds: Thresholds) -> tuple[Candidate, ...]:
    """Whoever shares a key or whose name is likely the same; the likeliest first."""
    mine, others = Traits(wanted), [Traits(customer) for customer in customers]
    rare = Frequencies()
    rare.add([mine, *others])
    judge = Judge(rare)
    found = [(other, judge.weigh(mine, other)) for other in others]
    kept = [(other, evidence) for other, evidence in found if _is_candidate(evidence, thresholds)]
    kept.sort(key=lambda one: (-one[1].rank, one[0].id))
    return tuple(_candidate(other.party, evidence) for other, evidence in kept)


def _is_candidate(evidence: Evidence, thresholds: Thresholds) -> bool:
    """A key in common is enough; an address alone, or a name of which only a part agrees, is not."""
    alike = "name alike" in evidence.reasons and chance(evidence.bits) >= thresholds.likely and not evidence.clash
    return alike or bool(KEYS & set(evidence.reasons))


def _candidate(party: PartyFacts, evidence: Evidence) -> Candidate:
    reasons = tuple(reason for reason in evidence.reasons if reason != evidence.barred)
    return Candidate(party, max(round(chance(evidence.bits), 3), LEAST_SCORE), reasons)
