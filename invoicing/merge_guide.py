"""The guide through a merge in Books or CRM: who stays, the steps, and the look afterwards that re-points everything.

zbridge merges nothing itself: Books' tool can't be undone and has no API (facts Books 3.1). It asks for each record by
its id and believes what it is shown: gone, inactive, or still there.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from accounts import audit
from accounts.models import Connection, User
from invoicing.masters import master_of
from invoicing.models import Deal, Invoice
from invoicing.repointing import repoint
from invoicing.workbench import Workbench
from syncjobs import duplicate_decisions, duplicates
from syncjobs.absorbing import raw_row
from syncjobs.domain.merging import NAMES, Advice, Fate, Looked, Mergeable, Outcome, advise, outcome
from syncjobs.domain.pairs import MODULES
from syncjobs.domain.records import Side
from syncjobs.mappings import Refused
from syncjobs.models import Duplicate, DuplicateMember, Link, Record
from zbridge.clock import Clock
from zbridge.queue import ring
from zbridge.zoho.errors import ZohoError

LOOK = "invoicing.tasks.look_at_merge"
# By itself it is looked as often, as long as the guide is open; a press looks at once.
EVERY = timedelta(hours=6)
# Each is a call or two.
MOST_AT_ONCE = 20
State, Role = Duplicate.State, DuplicateMember.Role


def side_of(record: Record) -> Side:
    """Where a record lives."""
    return Side.CRM if record.kind in MODULES else Side.BOOKS


def members(row: Duplicate, side: Side | str) -> list[DuplicateMember]:
    """The members of a side that are still there, oldest row first."""
    kinds = [kind for kind in ("account", "contact", "customer") if (kind in MODULES) == (side == Side.CRM)]
    rows = row.members.filter(record__kind__in=kinds).exclude(role=Role.GONE)
    return list(rows.select_related("record").defer("record__detail", "record__fields").order_by("pk"))


def facts(connection: Connection, records: Collection[Record]) -> dict[int, Mergeable]:
    """What the advice hangs on, by the records' rows; six queries, however many."""
    linked, documents = _linked(connection, records), _documents(connection, records)
    found = {}
    for record in records:
        count, last = documents.get((record.kind, record.remote_id), (0, None))
        raw = raw_row(record.raw) if '"zcrm_' in record.raw else {}
        native = raw.get("zcrm_account_id") or raw.get("zcrm_contact_id") or ""
        found[record.pk] = Mergeable(
            id=record.remote_id, name=record.name, currency=record.currency if record.kind == "customer" else "",
            linked=linked.get((record.kind, record.remote_id), ""), native=str(native),
            outstanding=record.outstanding or Mergeable.outstanding, documents=count, last=last,
        )  # fmt: skip
    return found


Key = tuple[str, str]


def _linked(connection: Connection, records: Collection[Record]) -> dict[Key, str]:
    """The other side's record of each, by name."""
    ids = [record.remote_id for record in records]
    links = Link.objects.filter(Q(crm_id__in=ids) | Q(books_id__in=ids), connection=connection, pair="customer")
    both = list(links.values_list("crm_kind", "crm_id", "books_id"))
    wanted = {one for _, crm, books in both for one in (crm, books)}
    rows = Record.objects.filter(connection=connection, remote_id__in=wanted)
    names = {(kind, one): name for kind, one, name in rows.values_list("kind", "remote_id", "name")}
    found = {}
    for kind, crm_id, books_id in both:
        found["customer", books_id] = names.get((kind, crm_id), crm_id)
        found[kind, crm_id] = names.get(("customer", books_id), books_id)
    return found


def _documents(connection: Connection, records: Collection[Record]) -> dict[Key, tuple[int, Any]]:
    """How many invoices or deals each has, and the last one's day."""
    found: dict[Key, tuple[int, Any]] = {}
    counted: Iterable[tuple[str, Any, str, str]] = (
        ("customer", Invoice, "customer_id", "issued_on"), ("account", Deal, "account_id", "won_on"),
        ("contact", Deal, "contact_id", "won_on"),
    )  # fmt: skip
    for kind, model, column, day in counted:
        ids = [record.remote_id for record in records if record.kind == kind]
        if ids:
            rows = model.objects.filter(connection=connection, gone_at=None, **{f"{column}__in": ids})
            for one in rows.order_by().values(column).annotate(number=Count("pk"), last=Max(day)):
                found[kind, one[column]] = one["number"], one["last"]
    return found


def advice(row: Duplicate, side: Side | str, chosen: Collection[int] = ()) -> Advice:
    """Who should stay of a side's members (of the chosen ones, if any are), and why."""
    rows = [one for one in members(row, side) if not chosen or one.pk in chosen]
    known = facts(row.connection, [one.record for one in rows])
    return advise(Side(side), known.values())


def start(row: Duplicate, side: str, chosen: Collection[int], user: User, clock: Clock) -> str:
    """Open the guide for these members of a side (for all of them without). Raises Refused where nothing is advised."""
    if side not in NAMES:
        raise Refused("Choose whether to merge in CRM or in Books; nothing was changed.")
    mine = {one.pk for one in members(row, side)}
    chosen = [one for one in chosen if one in mine]
    if len(chosen or mine) > MOST_AT_ONCE:
        raise Refused(f"Tick the ones to merge, {MOST_AT_ONCE} at most at once; nothing was changed.")
    found = advice(row, side, chosen)
    if found.stop:
        raise Refused(found.stop)
    roles = {found.survivor: Role.SURVIVOR} | dict.fromkeys(found.losers, Role.LOSER)
    with transaction.atomic():
        row = duplicate_decisions.claimed(row, State.OPEN)
        for one in members(row, side):
            DuplicateMember.objects.filter(pk=one.pk).update(role=roles.get(one.record.remote_id, Role.NONE))
        row.state, row.merge_side, row.why_survivor = State.MERGING, side, "\n".join(found.reasons)
        row.said, row.ask_at, row.looked_at = "", None, row.connection.now(clock)
        row.save()
        _note(row, user, "merge_guide", f"Opened the merge guide for {row.name}.", clock)
    return "The guide is open: follow its steps, then press I have merged."


def stop(row: Duplicate, user: User, clock: Clock) -> str:
    """Close the guide; what was merged already stays so."""
    with transaction.atomic():
        row = duplicate_decisions.claimed(row, State.MERGING)
        row.members.exclude(role=Role.GONE).update(role=Role.NONE)
        row.state, row.ask_at, row.said = State.OPEN, None, ""
        row.save(update_fields=["state", "ask_at", "said"])
        _note(row, user, "merge_guide", f"Closed the merge guide for {row.name}.", clock)
    duplicates.look_at(row.connection, _rows_of(row), row.connection.now(clock))
    return "The guide is closed. Nothing was changed by it."


def say_merged(row: Duplicate, user: User, clock: Clock) -> str:
    """A person says that it is merged: it is looked at once, by a worker."""
    with transaction.atomic():
        row = duplicate_decisions.claimed(row, State.MERGING)
        row.ask_at, row.said, row.decided_by = clock.now(), "", user
        row.save(update_fields=["ask_at", "said", "decided_by"])
        ring(LOOK, row.pk)
    return f"zbridge is asking {NAMES[Side(row.merge_side)]} for each of them."


def due(connection: Connection, clock: Clock) -> "QuerySet[Duplicate]":
    """Guides to look at: somebody asked, a loser isn't there any more in what was read, or six hours have passed."""
    lost = DuplicateMember.objects.filter(role=Role.LOSER).exclude(record__active=True, record__gone_at=None)
    rows = Duplicate.objects.filter(connection=connection, state=State.MERGING)
    before = connection.now(clock) - EVERY
    return rows.filter(Q(ask_at__isnull=False) | Q(pk__in=lost.values("duplicate")) | Q(looked_at__lte=before))


def look(row: Duplicate, bench: Workbench) -> None:
    """Ask for each by its id and take over what was merged; a plain sentence of what was found is kept.

    What Zoho doesn't answer now is asked again with the next sweep; nothing is changed until then.
    """
    side = Side(row.merge_side)
    rows = [one for one in members(row, side) if one.role]
    try:
        looked = [_looked(one, row.connection, bench) for one in rows]
    except ZohoError as trouble:
        said = f"{trouble.sentence} Nothing was changed; it is looked again by itself."
        Duplicate.objects.filter(pk=row.pk, state=State.MERGING).update(said=said)
        return
    survivor = next((one.record.remote_id for one in rows if one.role == Role.SURVIVOR), "")
    with transaction.atomic():
        row = (
            Duplicate.objects.select_for_update(of=("self",)).select_related("connection", "decided_by").get(pk=row.pk)
        )
        if row.state == State.MERGING:
            _take_over(row, outcome(looked, survivor), bench.clock)
    if row.state == State.MERGED:
        duplicates.look_at(row.connection, _rows_of(row), row.connection.now(bench.clock))


def _looked(member: DuplicateMember, connection: Connection, bench: Workbench) -> Looked:
    record, clients = member.record, bench.clients(connection)
    if record.kind == Record.Kind.CUSTOMER:
        found = clients.books.contact(record.remote_id)
        fate = Fate.GONE if found is None else Fate.INACTIVE if found.get("status") == "inactive" else Fate.THERE
    else:
        fate = Fate.GONE if clients.crm.record(MODULES[record.kind], record.remote_id) is None else Fate.THERE
    master = master_of(connection, record.kind, record.remote_id, bench) if fate is not Fate.THERE else ""
    return Looked(record.remote_id, fate, master)


def _take_over(row: Duplicate, found: Outcome, clock: Clock) -> None:
    """What was merged is re-pointed; the guide stays open while something is left. In the caller's transaction."""
    side = Side(row.merge_side)
    mine = {one.record.remote_id: one.record for one in members(row, side)}
    moved, gone = list(row.moved), []
    for loser, master in found.merged:
        kept = mine.get(master) or _known(row, side, master)
        if kept is None:
            continue
        moved += [one.row() for one in repoint(row.connection, mine[loser], kept, row.decided_by, clock)]
        row.members.filter(record=mine[loser]).update(role=Role.GONE)
        gone.append((mine[loser], kept))
    asked_again = [mine[one].name for one in found.left if one in mine]
    row.said = _sentence(side, gone, asked_again, [mine[one].name for one in (*found.idle, *found.lost) if one in mine],
                         bool(found.idle))  # fmt: skip
    row.moved, row.ask_at, row.looked_at = moved, None, row.connection.now(clock)
    if gone and not asked_again and not found.idle and not found.lost:
        row.state, row.decided_at = State.MERGED, row.connection.now(clock)
    row.save()


def _known(row: Duplicate, side: Side, remote_id: str) -> Record | None:
    """Another record that it was merged into."""
    kinds = [kind for kind in ("account", "contact", "customer") if (kind in MODULES) == (side is Side.CRM)]
    rows = Record.objects.filter(connection=row.connection, kind__in=kinds, remote_id=remote_id, gone_at=None)
    return rows.first()


def _sentence(
    side: Side, gone: list[tuple[Record, Record]], left: list[str], odd: list[str], is_idle: bool
) -> str:  # fmt: skip
    said = [f"{loser.name} was merged into {master.name}." for loser, master in gone]
    if left:
        there = f"{', '.join(left)} {'is' if len(left) == 1 else 'are'} still there in {NAMES[side]}"
        said.append(f"{there}: not merged yet. Nothing was changed for {'it' if len(left) == 1 else 'them'}.")
    if odd and is_idle:
        said.append(f"{', '.join(odd)}: inactive, but its invoices are still its own, so it isn't merged. Merge it.")
    elif odd:
        said.append(f"{', '.join(odd)}: gone, and nothing shows into which it was merged. See Gone records.")
    return " ".join(said)


def noticed(connection: Connection, loser: Record, master: Record, clock: Clock) -> bool:
    """A merge that was found by itself, of two members of one cluster: taken over at once, whether a guide is open or
    not. In the caller's transaction; whether it was so."""
    both = DuplicateMember.objects.filter(record=master).values("duplicate")
    rows = DuplicateMember.objects.filter(
        record=loser,
        duplicate__in=both,
        duplicate__connection=connection,
        duplicate__state__in=[State.OPEN, State.MERGING, State.OVER],
    )
    member = rows.select_related("duplicate__connection").order_by("-duplicate").first()
    if member is None:
        return False
    row = member.duplicate
    row.moved = [*row.moved, *(one.row() for one in repoint(connection, loser, master, None, clock))]
    row.said = f"{loser.name} was merged into {master.name}; zbridge noticed it by itself."
    DuplicateMember.objects.filter(pk=member.pk).update(role=Role.GONE)
    if len(members(row, side_of(loser))) < 2:
        row.state, row.decided_at, row.ask_at = State.MERGED, connection.now(clock), None
    row.save()
    return True


def _rows_of(row: Duplicate) -> set[int]:
    return set(row.members.values_list("record_id", flat=True))


def _note(row: Duplicate, user: User, verb: str, said: str, clock: Clock) -> None:
    subject = ("duplicate", str(row.pk))
    audit.record(user, verb, said, connection=row.connection, subject=subject, clock=clock)
