"""After a merge in Books or CRM: every link, document and conversion of the record that went names the one that stays.

No call to Zoho and no write to it: what both systems moved themselves is taken over in the mirror, and what was about
to be made for the one that went is prepared anew for the other. Whoever is under way to Books just now is left alone:
its draft is looked up by its key, and Books gives it to the one that stays.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F, Model, Q, QuerySet

from accounts import audit
from accounts.models import Connection, User
from invoicing import noticing, owing, receivables
from invoicing.claims import WORK
from invoicing.deciding import party_record
from invoicing.models import Conversion, CreditNote, Deal, Invoice, Payment, Quote, Written
from syncjobs.domain.pairs import MODULES
from syncjobs.models import Disappearance, Link, OnGone, Record
from syncjobs.reading import feed_of
from syncjobs.services import close_problems, link_records
from syncjobs.unlinking import CAUSE, SUBJECT
from zbridge.clock import Clock
from zbridge.queue import ring

# So many are named; of the others the number.
NAMED = 50
State = Conversion.State
NOT_SENT = (State.REQUESTED, State.PREPARED)


@dataclass(frozen=True)
class Moved:
    """What was re-pointed: what it is, its names (the first fifty), how many in all, and a sentence where one helps."""

    what: str
    names: tuple[str, ...]
    count: int
    note: str = ""

    def row(self) -> dict[str, Any]:
        return asdict(self) | {"names": list(self.names)}


def repoint(connection: Connection, loser: Record, master: Record, user: User | None, clock: Clock) -> list[Moved]:
    """All that named the loser names the master; in the caller's transaction. What was re-pointed, for a page."""
    now = connection.now(clock)
    # The trail's lock before any row's: two at once must not wait for each other.
    said = f"{loser.name} was merged into {master.name}; what named the one names the other."
    detail = {"from": loser.remote_id, "to": master.remote_id, "kind": loser.kind}
    subject = (loser.kind, loser.remote_id)
    audit.record(user, "repoint", said, connection=connection, subject=subject, detail=detail, clock=clock)
    parties = _linked_to(connection, loser)
    found = _links(connection, loser, master, user, clock)
    if loser.kind == Record.Kind.CUSTOMER:
        found += _documents(connection, loser, master, now)
        found += _conversions(connection, loser, master, parties, clock)
        noticing.mark_customers(connection, [master.remote_id], now)
    else:
        found += _sales(connection, loser, master)
        close_problems(connection, Written.Kind.ACCOUNT, loser.remote_id, now, noticing.CAUSE)
        noticing.mark(connection, Written.Kind.ACCOUNT, [master.remote_id], now)
    _gone(connection, loser, master, user, clock)
    both = [loser.remote_id, master.remote_id]
    owing.keep(connection, [*both, master.parent_id, *owing.accounts_of(connection, both).values()])
    return [one for one in found if one.count]


def _moved(what: str, rows: "QuerySet[Any]", name: Callable[[Any], str], note: str = "") -> Moved:
    names = tuple(name(row) for row in rows[:NAMED])
    return Moved(what, names, len(names) if len(names) < NAMED else rows.count(), note)


def _linked_to(connection: Connection, loser: Record) -> list[str]:
    """The CRM records of the loser's links, before they are re-pointed."""
    rows = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, books_id=loser.remote_id)
    return list(rows.values_list("crm_id", flat=True))


# -- links -------------------------------------------------------------------------------------------------------------


def _links(connection: Connection, loser: Record, master: Record, user: User | None, clock: Clock) -> list[Moved]:
    """Each link of the loser is the master's, unless that one has a link of its own in its place."""
    column = "books_id" if loser.kind == Record.Kind.CUSTOMER else "crm_id"
    rows = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER, **{column: loser.remote_id})
    pointed, taken_off = [], []
    for link in rows:
        if _is_taken(link, column, master):
            taken_off.append(_take_off(link, loser, master, user, clock))
            continue
        # What both sides agreed on was agreed with the other record: they meet anew.
        Link.objects.filter(pk=link.pk).update(
            **{column: master.remote_id}, base={}, flips={}, decided={}, standing={},
            reason=f"{loser.name} was merged into {master.name}."[:300],
        )  # fmt: skip
        pointed.append(_other_name(link, column))
    note = f"{master.name} has a link of its own in its place." if taken_off else ""
    return [
        Moved("Link", tuple(pointed), len(pointed)),
        Moved("Link taken off", tuple(taken_off), len(taken_off), note),
    ]


def _is_taken(link: Link, column: str, master: Record) -> bool:
    wanted = (
        {column: master.remote_id} if column == "books_id" else {column: master.remote_id, "currency": link.currency}
    )
    return Link.objects.filter(connection=link.connection, pair=link.pair, **wanted).exists()


def _take_off(link: Link, loser: Record, master: Record, user: User | None, clock: Clock) -> str:
    said = f"{loser.name} was merged into {master.name}, which is linked itself; its own link was taken off."
    detail = {"crm_id": link.crm_id, "books_id": link.books_id, "base": link.base}
    subject = (link.crm_kind, link.crm_id)
    audit.record(user, "unlink", said, connection=link.connection, subject=subject, detail=detail, clock=clock)
    name = _other_name(link, "crm_id" if loser.kind != Record.Kind.CUSTOMER else "books_id")
    link.delete()
    return name


def _other_name(link: Link, column: str) -> str:
    kind, identity = (link.crm_kind, link.crm_id) if column == "books_id" else ("customer", link.books_id)
    rows = Record.objects.filter(connection=link.connection, kind=kind, remote_id=identity)
    where = "CRM" if column == "books_id" else "Books"
    return f"{rows.values_list('name', flat=True).first() or identity} in {where}"


# -- money and sales ---------------------------------------------------------------------------------------------------


def _documents(connection: Connection, loser: Record, master: Record, now: datetime) -> list[Moved]:
    kinds: Iterable[tuple[str, type[Model]]] = (
        ("Invoice", Invoice), ("Payment", Payment), ("Credit note", CreditNote),
    )  # fmt: skip
    found = []
    for what, model in kinds:
        rows = model._default_manager.filter(connection=connection, customer_id=loser.remote_id, gone_at=None)
        found.append(_moved(what, rows, lambda row: str(row.number)))
    receivables.moved(connection, loser.remote_id, master.remote_id, now)
    return found


def _conversions(
    connection: Connection, loser: Record, master: Record, parties: list[str], clock: Clock
) -> list[Moved]:
    """Being made for the loser and not sent yet: prepared anew. Asked which customer, the loser among them: the same.

    Sent or made already: only the name changes.
    """
    rows = Conversion.objects.filter(connection=connection)
    theirs = Q(deal__account_id__in=parties) | Q(deal__contact_id__in=parties) | Q(quote__account_id__in=parties)
    unsent = rows.filter(state__in=NOT_SENT, attempts=0)
    anew = list(unsent.filter(Q(customer_id=loser.remote_id) | theirs & Q(customer_id="")))
    asked = rows.filter(state=State.REVIEW, attempts=0).exclude(candidates=[])
    answered = [row for row in asked if loser.remote_id in {one.get("id") for one in row.candidates}]
    started = [row for row in (*anew, *answered) if _prepare_anew(row)]
    for row in answered:
        if row in started and {one.get("id") for one in row.candidates} <= {loser.remote_id, master.remote_id}:
            _link_the_only_one(row, master, loser, clock)
    others = rows.filter(customer_id=loser.remote_id).exclude(pk__in=[row.pk for row in started])
    named = _moved("Draft invoice", others, _sale_name)
    others.update(customer_id=master.remote_id, customer_name=master.name)
    return [named, Moved("Draft that is prepared anew", tuple(map(_sale_name, started[:NAMED])), len(started))]


def _link_the_only_one(row: Conversion, master: Record, loser: Record, clock: Clock) -> None:
    """Which of the two? Only one is left: it is the sale's customer, also where Books keeps the other as inactive."""
    crm = party_record(row)
    if crm is None:
        return
    why = f"{loser.name} was merged into {master.name}."[:300]
    with suppress(ValueError):  # linked to another meanwhile; the conversion asks again
        link_records(row.connection, crm, master, how="person", reason=why, user=None, clock=clock)


def _prepare_anew(row: Conversion) -> bool:
    """Under a new epoch, so that a worker that has it stops before it sends; False when it moved meanwhile."""
    same = Conversion.objects.filter(pk=row.pk, state=row.state, epoch=row.epoch, attempts=0)
    cleared = {"customer_id": "", "customer_name": "", "customer_reason": "", "candidates": [], "problems": []}
    started = {"next_at": None, "lease_until": None, "hold": "", "hold_cause": "", "held_at": None}
    if not same.update(state=State.REQUESTED, epoch=F("epoch") + 1, **cleared, **started):
        return False
    close_problems(row.connection, "conversion", str(row.pk), row.requested_at, "customer_uncertain")
    ring(WORK, row.pk)
    return True


def _sale_name(row: Conversion) -> str:
    return str(row.deal or row.quote)


def _sales(connection: Connection, loser: Record, master: Record) -> list[Moved]:
    """CRM's deals, quotes and contacts of the loser, as CRM itself moved them."""
    column = "account_id" if loser.kind == Record.Kind.ACCOUNT else "contact_id"
    found = []
    for what, model in (("Deal", Deal), ("Quote", Quote)):
        rows = model._default_manager.filter(connection=connection, gone_at=None, **{column: loser.remote_id})
        found.append(_moved(what, rows, str))
        rows.update(**{column: master.remote_id})
    contacts = Record.objects.filter(connection=connection, kind="contact", parent_id=loser.remote_id, gone_at=None)
    found.append(_moved("Contact", contacts, str))
    contacts.update(parent_id=master.remote_id)
    return found


# -- the record itself -------------------------------------------------------------------------------------------------


def _gone(connection: Connection, loser: Record, master: Record, user: User | None, clock: Clock) -> None:
    """The mirror keeps it as gone, with where it went; its question among the gone records is answered."""
    now = connection.now(clock)
    feed_of(loser.kind, settings.ZBRIDGE_FEEDS).forget(connection, [loser.remote_id], now)
    if loser.kind not in MODULES:
        people = Record.objects.filter(connection=connection, kind="person", parent_id=loser.remote_id, gone_at=None)
        people.update(gone_at=now)
        Record.objects.filter(pk=master.pk).update(detail_of="")  # its persons may be more now
    row, _ = Disappearance.objects.get_or_create(
        connection=connection, kind=loser.kind, remote_id=loser.remote_id, ended_at=None,
        defaults={"name": loser.name[:300], "seen_at": now, "asked_at": now},
    )  # fmt: skip
    row.state, row.gone_at, row.followed_at, row.ended_at = Disappearance.State.GONE, row.gone_at or now, now, now
    row.merged_into, row.decision, row.decided_by = master.remote_id, OnGone.UNLINK, user
    row.save()
    close_problems(connection, SUBJECT, str(row.pk), clock.now(), CAUSE)
