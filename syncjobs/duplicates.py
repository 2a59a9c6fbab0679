"""Finding duplicates: all once a night, what changed after each reading.

No call to Zoho: the matcher looks at what was last read of both sides.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Connection
from syncjobs.domain import duplicates as rules
from syncjobs.domain.duplicates import Group, Known
from syncjobs.domain.matching import Pair, pairs, within
from syncjobs.domain.normalising import normal_name
from syncjobs.domain.records import Side
from syncjobs.duplicate_facts import Facts, facts_of, links_of, neighbours, touched_since
from syncjobs.lookalikes import thresholds_of
from syncjobs.models import Checkpoint, Duplicate, DuplicateMember, Link, Record, Run
from syncjobs.models.duplicates import OPEN_STATES
from zbridge.clock import Clock
from zbridge.queue import ring

KIND = "duplicates"
FIND = "syncjobs.tasks.find_duplicates"
READ_BY = ("account", "contact", "customer")
NIGHTLY = timedelta(hours=24)
# Of so many changed rows the neighbours are looked up one key at a time; beyond that all are compared.
MOST_TOUCHED = 2000
MOST_PAIRS = 200
State = Duplicate.State


def due(connection: Connection, clock: Clock) -> bool:
    """Whether a night has passed since all were compared, or a reading brought changes since the last look.

    Not before both sides were read once, and not while an import goes on.
    """
    read = Checkpoint.objects.filter(connection=connection, kind__in=("account", "customer"), listed_at__isnull=False)
    if read.count() < 2 or Run.objects.filter(connection=connection, state="running", kind__in=READ_BY).exists():
        return False
    last, now = Checkpoint.objects.filter(connection=connection, kind=KIND).first(), connection.now(clock)
    if last is None or last.listed_at is None or now - last.listed_at >= NIGHTLY:
        return True
    place = last.place or {}
    runs = Run.objects.filter(connection=connection, kind__in=(*READ_BY, "customers"), ended_at__isnull=False)
    changed = runs.filter(pk__gt=place.get("run", 0)).exclude(created=0, updated=0)
    return changed.exists() or _links_since(connection, place).exists()


def _links_since(connection: Connection, place: dict[str, Any]) -> "QuerySet[Link]":
    rows = Link.objects.filter(connection=connection, pair=Link.Pair.CUSTOMER)
    return rows.filter(pk__gt=place.get("link", 0))


def ask(connection: Connection) -> None:
    """Have a worker compare all, without waiting for the night."""
    with transaction.atomic():
        Checkpoint.objects.filter(connection=connection, kind=KIND).update(listed_at=None)
        ring(FIND, connection.pk, queue="bulk", long=True)


def find(
    connection: Connection, clock: Clock, *, whole: bool | None = None, alive: Callable[[], None] = lambda: None
) -> int:
    """Compare all, or what changed since the last look; how many groups wait for a person now.

    Comparing all takes minutes where there are 100,000 on each side; `alive` is called at each of its steps.
    """
    last, _ = Checkpoint.objects.get_or_create(connection=connection, kind=KIND)
    now = connection.now(clock)
    if whole is None:
        whole = last.listed_at is None or now - last.listed_at >= NIGHTLY
    ended = Run.objects.filter(connection=connection, ended_at__isnull=False).order_by("-pk")
    newest = Link.objects.filter(connection=connection).order_by("-pk")
    place = {
        "run": ended.values_list("pk", flat=True).first() or 0, "link": newest.values_list("pk", flat=True).first() or 0
    }  # fmt: skip
    touched = None if whole else _touched(connection, last)
    if touched is None:
        _keep(connection, *_compared(connection, None, alive), None, now)
        Checkpoint.objects.filter(pk=last.pk).update(listed_at=now, read_at=now, place=place)
    else:
        look_at(connection, touched, now)
        Checkpoint.objects.filter(pk=last.pk).update(read_at=now, place=place)
    return Duplicate.objects.filter(connection=connection, state__in=OPEN_STATES).count()


def _touched(connection: Connection, last: Checkpoint) -> set[int] | None:
    """What changed or was linked since the last look; None when that is so much that all are compared."""
    links = list(_links_since(connection, last.place or {}).values_list("crm_id", "books_id")[: MOST_TOUCHED + 1])
    if len(links) > MOST_TOUCHED:
        return None
    ids = {one for link in links for one in link}
    found = touched_since(connection, last.read_at, MOST_TOUCHED)
    linked = Record.objects.filter(connection=connection, kind__in=READ_BY, remote_id__in=ids)
    return None if found is None else found | set(linked.values_list("pk", flat=True))


def look_at(connection: Connection, pks: Collection[int], now: datetime) -> None:
    """Compare these rows with whoever shares a key with them, and all of the groups that they were in."""
    if not pks:
        return
    mates = _mates(connection, pks)
    looked = neighbours(connection, {*pks, *mates})
    looked |= {pk for link in links_of(connection, looked) for pk in link}
    groups, facts = _compared(connection, looked)
    _keep(connection, groups, facts, {*pks, *mates}, now)


def _mates(connection: Connection, pks: Collection[int]) -> set[int]:
    of = DuplicateMember.objects.filter(
        duplicate__connection=connection, duplicate__state=State.OPEN, record__in=list(pks)
    ).values("duplicate")
    return set(DuplicateMember.objects.filter(duplicate__in=of).values_list("record_id", flat=True))


def _compared(
    connection: Connection, pks: Collection[int] | None, alive: Callable[[], None] = lambda: None
) -> tuple[tuple[Group, ...], Facts]:
    facts, thresholds = facts_of(connection, pks), thresholds_of(connection)
    found: list[Pair] = []
    for side in (facts.crm, facts.books):
        alive()
        found += within(side, thresholds)
    alive()
    found += pairs(facts.crm, facts.books, thresholds)
    alive()
    for side in (facts.crm, facts.books):
        for window in rules.crowds(side):
            found += within(window, thresholds)
    links = frozenset(frozenset(map(str, link)) for link in links_of(connection, pks))
    # Before the first run that links what is certain, everybody would be in such a pair.
    across = Run.objects.filter(connection=connection, kind="customers", ended_at__isnull=False).exists()
    return rules.groups(facts.nodes, found, Known(links, _parts(connection)), across), facts


def _parts(connection: Connection) -> dict[str, dict[int, int]]:
    """What people told apart: for each row the decisions it is part of."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    rows = DuplicateMember.objects.filter(duplicate__connection=connection, duplicate__state=State.APART)
    for record, decision, part in rows.values_list("record_id", "duplicate_id", "part").iterator(2000):
        found[str(record)][decision] = part
    return found


# -- keeping what was found --------------------------------------------------------------------------------------------


def _keep(
    connection: Connection, groups: Sequence[Group], facts: Facts, looked: set[int] | None, now: datetime
) -> None:
    """Groups that are known stay the rows they are; what is alike no more is over. `looked` None: all were compared.

    What is being merged is left alone.
    """
    with transaction.atomic():
        Checkpoint.objects.select_for_update().filter(connection=connection, kind=KIND).first()
        members = _open_members(connection)
        busy = {pk for duplicate, pks in members.items() if duplicate.state == State.MERGING for pk in pks}
        known = {row: pks for row, pks in members.items() if row.state == State.OPEN}
        if looked is not None:
            known = {row: pks for row, pks in known.items() if pks & looked}
        rows_of = {pk: row for row, pks in known.items() for pk in pks}
        kept: set[int] = set()
        for group in groups:
            pks = {int(one) for one in group.members}
            if pks & busy or looked is not None and not pks & looked:
                continue
            row = _known_row([rows_of[pk] for pk in pks if pk in rows_of], kept)
            before = known[row] if row is not None else set()
            row = row or Duplicate(connection=connection, found_at=now)
            _store(row, group, facts, now, before)
            kept.add(row.pk)
        over = [row.pk for row in known if row.pk not in kept]
        Duplicate.objects.filter(pk__in=over, state=State.OPEN).update(state=State.OVER, decided_at=now)


def _open_members(connection: Connection) -> dict[Duplicate, set[int]]:
    found = {row: set[int]() for row in Duplicate.objects.filter(connection=connection, state__in=OPEN_STATES)}
    by_pk = {row.pk: row for row in found}
    rows = DuplicateMember.objects.filter(duplicate__in=by_pk)
    for duplicate, record in rows.order_by().values_list("duplicate_id", "record_id").iterator(2000):
        found[by_pk[duplicate]].add(record)
    return found


def _known_row(rows: Sequence[Duplicate], kept: set[int]) -> Duplicate | None:
    """The row that most of the group were in; the older of two."""
    free = [row for row in rows if row.pk not in kept]
    return min(free, key=lambda row: (-free.count(row), row.pk)) if free else None


def _store(row: Duplicate, group: Group, facts: Facts, now: datetime, before: set[int]) -> None:
    nodes = [facts.nodes[one] for one in group.members]
    best = group.pairs[0]
    row.in_crm = sum(one.side is Side.CRM for one in nodes)
    row.in_books = len(nodes) - row.in_crm
    names = sorted((one.side is Side.BOOKS, facts.names[one.id], one.id) for one in nodes)
    row.name, row.where, row.seen_at = names[0][1][:300], rules.where(nodes), now
    row.name_key = normal_name(row.name)[:300]
    row.score, row.reasons = best.score, ", ".join(best.reasons)[:300]
    row.pairs = [[int(one.left), int(one.right), one.score, list(one.reasons)] for one in group.pairs[:MOST_PAIRS]]
    row.save()
    pks = {int(one) for one in group.members}
    DuplicateMember.objects.filter(duplicate=row, record__in=before - pks).delete()
    DuplicateMember.objects.bulk_create(
        [DuplicateMember(duplicate=row, record_id=pk) for pk in sorted(pks - before)], ignore_conflicts=True
    )
