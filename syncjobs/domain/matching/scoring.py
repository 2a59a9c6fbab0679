"""How alike two parties are, with reasons."""

from dataclasses import dataclass

from rapidfuzz.fuzz import token_sort_ratio

from syncjobs.domain.records import PartyFacts


@dataclass(frozen=True)
class Likeness:
    """Score 0..1; `linkable` when more than a name speaks for it."""

    score: float
    reasons: tuple[str, ...]
    linkable: bool


def likeness(left: PartyFacts, right: PartyFacts) -> Likeness:
    """Symmetric; an external id in common is 1."""
    if left.external_ids & right.external_ids:
        return Likeness(1.0, ("linked in Zoho",), True)
    name = token_sort_ratio(left.name_key, right.name_key) / 100 if left.name_key and right.name_key else 0.0
    agreeing = {
        "same e-mail": 0.95 * bool(left.emails & right.emails),
        "same tax number": 0.85 * bool(left.tax_keys & right.tax_keys),
        "same name": 0.7 * (name == 1),
        "name alike": 0.6 * name * (0.85 <= name < 1),
        "same phone": 0.5 * bool(left.phones & right.phones),
        "same web domain": 0.4 * bool(left.domains & right.domains),
    }
    missed = 1.0
    for weight in agreeing.values():
        missed *= 1 - weight
    reasons = tuple(reason for reason, weight in agreeing.items() if weight)
    return Likeness(1 - missed, reasons, any(not reason.startswith(("same name", "name")) for reason in reasons))
