"""Which e-mail a Books customer without one might get: suggestions from CRM, for a person to confirm. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncjobs.domain.mapping import Direction, FieldMap
from syncjobs.domain.ownership import Owner
from syncjobs.domain.transforms import make

# No line of the mapping: an account has no e-mail, its contacts have. Written on a person's word only.
EMAIL = FieldMap(
    name="primary_email", label="Primary e-mail", crm="", books="primary.email", transform=make("email"),
    direction=Direction.TO_BOOKS, owner=Owner.CRM,
)  # fmt: skip
MOST_OFFERED = 5


@dataclass(frozen=True)
class Option:
    """A contact's address: the normalised e-mail, the contact's name and key, and whether it is linked to a person of
    the customer's."""

    email: str
    name: str
    name_key: str = ""
    is_linked: bool = False


@dataclass(frozen=True)
class Suggestion:
    """What is offered, the likeliest first; `taken` names the customers that have the others already."""

    options: tuple[Option, ...]
    taken: tuple[str, ...] = ()


def suggest(options: Iterable[Option], used: Mapping[str, str], person_key: str = "") -> Suggestion:
    """The contact that is linked to the customer's person first, then her namesake, then by name.

    An address that another customer has (`used`: e-mail to name) is never offered: it would make a duplicate.
    """
    rows = sorted(options, key=lambda one: (not one.is_linked, not person_key or one.name_key != person_key, one.name,
                                            one.email))  # fmt: skip
    free: dict[str, Option] = {}
    for one in rows:
        if one.email and one.email not in used:
            free.setdefault(one.email, one)
    taken = sorted({used[one.email] for one in rows if one.email in used})
    return Suggestion(tuple(free.values())[:MOST_OFFERED], tuple(taken))
