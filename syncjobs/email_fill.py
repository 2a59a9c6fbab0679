"""*Customers without e-mail*: how many have one, what CRM suggests for the others, and the plan of what was confirmed.

No call to Zoho: the plan is applied like every other, on a person's word, and its run can be undone.
"""

from collections import defaultdict
from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.models import Connection, User
from syncjobs.absorbing import raw_row
from syncjobs.domain.email_fill import EMAIL, Option, Suggestion, suggest
from syncjobs.domain.mapping import PRIMARY, Direction
from syncjobs.domain.normalising import normal_email, normal_name
from syncjobs.domain.ownership import Owner
from syncjobs.domain.pairs import CONTACTS
from syncjobs.domain.planning import Change, Write
from syncjobs.domain.records import Side
from syncjobs.mappings import Refused, fields_of, freeze, mapping_of
from syncjobs.models import DuplicateMember, Link, MappedField, Plan, PlannedWrite, Record
from syncjobs.models.duplicates import OPEN_STATES
from syncjobs.models.runs import listed
from syncjobs.planning import calls_of, digest_of
from zbridge.clock import Clock

PERSON_RULE = "person"
# Beyond so many customers they are simply many.
COUNTED = 5000


@dataclass(frozen=True)
class Coverage:
    """How many customers there are and how many have an e-mail; `many`: more than are counted."""

    customers: int
    without: int
    many: bool

    @property
    def with_email(self) -> int:
        return self.customers - self.without

    @property
    def percent(self) -> int:
        return round(100 * self.with_email / self.customers) if self.customers else 100


@dataclass(frozen=True)
class Lacking:
    """A customer without e-mail, whose contacts are offered and why."""

    record: Record
    account: str
    is_linked: bool
    suggestion: Suggestion


def customers(connection: Connection) -> "QuerySet[Record]":
    """The customers that should have one: active, no vendors."""
    return Record.objects.filter(
        connection=connection, kind="customer", active=True, is_vendor=False, gone_at=None
    )  # fmt: skip


def lacking(connection: Connection) -> "QuerySet[Record]":
    """Those without e-mail, by name."""
    return customers(connection).filter(email_key="").order_by("name", "pk")


def coverage(connection: Connection) -> Coverage:
    """x of y; counted up to five thousand."""
    total = customers(connection).order_by().values("pk")[: COUNTED + 1].count()
    without = lacking(connection).order_by().values("pk")[: COUNTED + 1].count()
    return Coverage(total, without, total > COUNTED)


def forbidden(connection: Connection) -> str:
    """Why no e-mail may be written to Books: the mapping gives it to Books, or to nobody. Empty when it may."""
    rows = MappedField.objects.filter(mapping__connection=connection)
    lines = rows.filter(
        Q(mapping__pair="person", books="email") | Q(mapping__pair="customer", books=f"{PRIMARY}email")
    ).select_related("mapping")
    for line in lines:
        owner = line.owner or line.mapping.owner
        if owner in (Owner.BOOKS, Owner.NEITHER) or line.direction == Direction.TO_CRM:
            return (
                f"By the mapping, {line.label} is Books' own: type it there, or let a RevOps administrator change it."
            )
    return ""


def suggestions(connection: Connection, rows: Sequence[Record]) -> list[Lacking]:
    """For each what CRM's contacts offer: those of its linked account, else of the one it most likely is."""
    linked, likely = _linked(connection, rows), _likely(connection, rows)
    homes = {row.pk: linked.get(row.remote_id) or likely.get(row.pk) for row in rows}
    contacts = _contacts(connection, {home.remote_id for home in homes.values() if home is not None})
    tied = _tied(connection, rows)
    used = _used(connection, {one.email_key for many in contacts.values() for one in many})
    found = []
    for row in rows:
        home = homes[row.pk]
        offered = [
            Option(one.email_key, one.name, one.name_key, one.remote_id in tied)
            for one in contacts.get(home.remote_id, ())
        ] if home is not None else []  # fmt: skip
        raw = raw_row(row.raw)
        person = normal_name(f"{raw.get('first_name') or ''} {raw.get('last_name') or ''}")
        given = suggest(offered, used, person)
        found.append(Lacking(row, home.name if home else "", row.remote_id in linked, given))
    return found


def _linked(connection: Connection, rows: Sequence[Record]) -> dict[str, Record]:
    links = Link.objects.filter(connection=connection, pair="customer", books_id__in=[row.remote_id for row in rows])
    pairs = {books: (kind, crm) for books, kind, crm in links.values_list("books_id", "crm_kind", "crm_id")}
    ids = [crm for _, crm in pairs.values()]
    there = Record.objects.filter(connection=connection, kind__in=["account", "contact"], remote_id__in=ids)
    known = {(row.kind, row.remote_id): row for row in there.filter(gone_at=None)}
    return {books: known[key] for books, key in pairs.items() if key in known}


def _likely(connection: Connection, rows: Sequence[Record]) -> dict[int, Record]:
    """The one CRM record of an open cluster that the customer is in; of several none."""
    mine = DuplicateMember.objects.filter(
        record__in=[row.pk for row in rows], duplicate__connection=connection, duplicate__state__in=OPEN_STATES,
        duplicate__in_crm=1,
    )  # fmt: skip
    cluster = dict(mine.values_list("record_id", "duplicate_id"))
    theirs = DuplicateMember.objects.filter(duplicate__in=cluster.values()).exclude(record__kind="customer")
    homes = {one.duplicate_id: one.record for one in theirs.select_related("record")}
    return {record: homes[duplicate] for record, duplicate in cluster.items() if duplicate in homes}


def _contacts(connection: Connection, homes: set[str]) -> dict[str, list[Record]]:
    rows = Record.objects.filter(connection=connection, kind="contact", gone_at=None).exclude(email_key="")
    own = connection.parties == CONTACTS
    rows = rows.filter(remote_id__in=homes) if own else rows.filter(parent_id__in=homes)
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows.defer("raw", "detail", "fields").order_by("pk")[:1000]:
        found[row.remote_id if own else row.parent_id].append(row)
    return found


def _tied(connection: Connection, rows: Sequence[Record]) -> set[str]:
    """Contacts that are linked to a person of one of these customers."""
    people = Record.objects.filter(connection=connection, kind="person", parent_id__in=[row.remote_id for row in rows])
    links = Link.objects.filter(connection=connection, pair="person", books_id__in=people.values("remote_id"))
    return set(links.values_list("crm_id", flat=True))


def _used(connection: Connection, emails: set[str]) -> dict[str, str]:
    return dict(customers(connection).filter(email_key__in=emails).values_list("email_key", "name"))


def plan(connection: Connection, chosen: Mapped[int, str], user: User, clock: Clock) -> Plan:
    """The plan that writes these e-mails (by the customer's row), and nothing else; a person applies it.

    Raises Refused when nothing was chosen, or when an address isn't among those offered for its customer now.
    """
    stop = forbidden(connection)
    if stop or not chosen:
        raise Refused(stop or "Tick the customers first whose e-mail shall be filled; nothing was changed.")
    rows = {row.pk: row for row in lacking(connection).filter(pk__in=list(chosen))}
    offered = {one.record.pk: {option.email for option in one.suggestion.options}
               for one in suggestions(connection, list(rows.values()))}  # fmt: skip
    for pk, email in chosen.items():
        if normal_email(email) not in offered.get(pk, set()):
            name = rows[pk].name if pk in rows else "A customer"
            raise Refused(f"{name}: {email or 'no address'} isn't offered any more. Look again; nothing was changed.")
    twice = [email for email in chosen.values() if list(chosen.values()).count(email) > 1]
    if twice:
        raise Refused(f"{twice[0]} was chosen for two customers; one address means one customer. Nothing was changed.")
    with transaction.atomic():
        return _keep(connection, [(rows[pk], normal_email(email)) for pk, email in sorted(chosen.items())], user, clock)


def _keep(connection: Connection, filled: Sequence[tuple[Record, str]], user: User, clock: Clock) -> Plan:
    mapping = mapping_of(connection, "customer", clock)
    links = Link.objects.filter(
        connection=connection, pair="customer", books_id__in=[row.remote_id for row, _ in filled]
    )
    link_of = dict(links.values_list("books_id", "pk"))
    writes = [
        Write(key_of(row, link_of.get(row.remote_id)), Side.BOOKS, row.remote_id, row.changed_at,
              (Change(EMAIL.name, "", email, PERSON_RULE),))
        for row, email in filled
    ]  # fmt: skip
    found = Plan.objects.create(
        connection=connection, pair="customer", rules=freeze(mapping, fields_of(mapping)), purpose=Plan.Purpose.FILL,
        digest=digest_of(tuple(writes)), read_books=len(writes), calls_books=calls_of(writes)[Side.BOOKS],
        made_at=clock.now(), made_by=user,
    )  # fmt: skip
    PlannedWrite.objects.bulk_create(
        PlannedWrite(
            plan=found, position=number, link_id=link_of.get(row.remote_id), name=row.name[:300],
            name_key=row.name_key[:300], side=Side.BOOKS.value, remote_id=row.remote_id, seen_at=row.changed_at,
            changes=[asdict(change) for change in write.changes], fields=listed([EMAIL.name]),
        )
        for number, ((row, _), write) in enumerate(zip(filled, writes, strict=True))
    )  # fmt: skip
    said = f"Planned to fill the e-mail of {len(writes)} customer{'s' if len(writes) > 1 else ''} in Books."
    audit.record(user, "fill_email", said, connection=connection, subject=("plan", str(found.pk)), clock=clock)
    return found


def key_of(row: Record, link: int | None) -> str:
    """How a plan of e-mails names a customer: by its link, else by its own id."""
    return str(link) if link else f"books:{row.remote_id}"


def filled(plan_row: Plan, write: PlannedWrite) -> None:
    """Books took it: the mirror says so until it is read again. In the caller's transaction."""
    email: Any = write.changes[0]["after"]
    rows = Record.objects.filter(connection=plan_row.connection_id, kind="customer", remote_id=write.remote_id)
    rows.update(email=email, email_key=normal_email(email))
