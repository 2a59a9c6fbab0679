"""What the page of a link says is wrong with it, since when, and what may be done about it. No call to Zoho."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.roles import may
from syncjobs import link_faults
from syncjobs.domain.link_faults import SHORT, Fault, Found, Why, sentence
from syncjobs.domain.pairs import BOOKS_KINDS
from syncjobs.link_faults import fault_now
from syncjobs.link_signs import lost_key, whose_key
from syncjobs.models import Disappearance, Link, Record

# What may be done; the deeds themselves re-point documents too, and so live a floor higher.
KEEP, FOLLOW, ACCEPT, UNDO, SIGN = "keep", "follow", "accept", "undo", "sign"
# Finance goes on with a merge, as in Duplicates; what is taken off, RevOps decides, as with gone records.
RIGHTS = {FOLLOW: "decide", ACCEPT: "decide", KEEP: "settle", UNDO: "settle", SIGN: "settle"}


@dataclass(frozen=True)
class Offer:
    """A button: the deed, what it is called, and whether it is the one to press first."""

    deed: str
    label: str
    first: bool = False


@dataclass(frozen=True)
class Repair:
    """The card: what is wrong, since when, the buttons, the other links that it is about, the gone record's page."""

    found: Found
    said: str
    since: datetime | None
    offers: tuple[Offer, ...]
    others: tuple[tuple[Link, str], ...]
    gone: Disappearance | None

    @property
    def label(self) -> str:
        """In a few words."""
        return SHORT[self.found.why]


def repair_of(link: Link, names: tuple[str, str], user: User) -> Repair | None:
    """What to repair as things stand now; None where nothing is wrong."""
    found = fault_now(link)
    if found is None:
        return None
    others = tuple(link_faults.group_of(link)) if found.fault is Fault.DOUBLED else ()
    named = names_of([link, *others])
    other = other_name(link, found, named)
    shown = tuple((one, f"{crm_name(one, named)} in CRM is {books_name(one, named)} in Books") for one in others)
    since = link.fault_since if link.fault == found.fault else None
    may_sign = found.why is Why.NO_SIGN and bool(lost_key(link))
    allowed = tuple(one for one in offers(found, other, may_sign) if may(user, RIGHTS[one.deed]))
    return Repair(found, sentence(found, *names, other), since, allowed, shown, _gone(link))


def offers(found: Found, other: str, may_sign: bool = False) -> tuple[Offer, ...]:
    """The buttons that help, the likeliest first; undoing the link always does."""
    undo = Offer(UNDO, "Undo this link")
    if found.fault is Fault.DOUBLED:
        return Offer(KEEP, "Keep this one", first=True), undo
    if found.why in (Why.BOOKS_MERGED, Why.CRM_MERGED):
        return (Offer(FOLLOW, f"Link to {other}", first=True), undo) if other else (undo,)
    if found.fault is Fault.ONE_SIDED:
        sign = (Offer(SIGN, "Write the sign again", first=True),) if may_sign else ()
        return *sign, Offer(ACCEPT, "The link is right"), undo
    return (Offer(UNDO, "Undo this link", first=True),)


def other_name(link: Link, found: Found, names: dict[tuple[str, str], str]) -> str:
    """By name what the fault is about; empty where the mirror doesn't know it."""
    if found.why in (Why.ONE_IN_CRM, Why.ONE_IN_BOOKS):
        one = Link.objects.filter(pk=int(found.other)).first()
        named = names | names_of([one]) if one else names
        if one is None:
            return ""
        return books_name(one, named) if found.why is Why.ONE_IN_CRM else crm_name(one, named)
    if found.why is Why.OTHER_SIGN and not found.other.isdigit():
        return whose_key(link, found.other) or "another record, whose key it bears"
    kind = BOOKS_KINDS[link.pair] if found.why is Why.BOOKS_MERGED else link.crm_kind
    rows = Record.objects.filter(connection=link.connection_id, kind=kind, remote_id=found.other)
    name = rows.values_list("name", flat=True).first() or ""
    return name or (f"CRM's record {found.other}" if found.why is Why.OTHER_SIGN else "")


def _gone(link: Link) -> Disappearance | None:
    """The open question about a gone record of the link, which has its own page."""
    rows = Disappearance.objects.filter(connection=link.connection_id, ended_at=None, state=Disappearance.State.GONE)
    return rows.filter(remote_id__in=[link.crm_id, link.books_id]).first()


# -- names -------------------------------------------------------------------------------------------------------------


def books_kind(link: Link) -> str:
    """The kind of the Books record of a link."""
    return BOOKS_KINDS[link.pair]


def names_of(links: Collection[Link]) -> dict[tuple[str, str], str]:
    """(kind, id) -> name, of all records of the links."""
    ids = {link.crm_id for link in links} | {link.books_id for link in links}
    connections = {link.connection_id for link in links}
    rows = Record.objects.filter(connection__in=connections, remote_id__in=ids)
    return {(kind, remote_id): name for kind, remote_id, name in rows.values_list("kind", "remote_id", "name")}


def crm_name(link: Link, names: dict[tuple[str, str], str]) -> str:
    """The CRM record by name, else by its id."""
    return names.get((link.crm_kind, link.crm_id)) or f"{link.get_crm_kind_display()} {link.crm_id}"


def books_name(link: Link, names: dict[tuple[str, str], str]) -> str:
    """The Books record by name, else by its id."""
    return names.get((books_kind(link), link.books_id)) or f"{books_kind(link).capitalize()} {link.books_id}"
