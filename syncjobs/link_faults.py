"""Keeping on each link what is wrong with it: all once a night, and whatever moved soon after a reading.

No call to Zoho: both sides are looked at as they were last read.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Connection
from syncjobs.domain import link_faults as rules
from syncjobs.domain.link_faults import Found, Merges, Tie
from syncjobs.domain.pairs import BOOKS_KINDS
from syncjobs.link_signs import Shown, signs_of
from syncjobs.models import Checkpoint, Disappearance, Link, OnGone, Record, Run
from zbridge.clock import Clock

KIND = "link faults"
LOOK = "syncjobs.tasks.look_at_links"
NIGHTLY, AGAIN = timedelta(hours=24), timedelta(minutes=15)
AT_A_TIME = 500
# Of so many moved records the links are looked at; beyond that all are.
MOST_TOUCHED = 2000
FAULTS = tuple(Link.Fault.values)
NEEDED = (
    "pk", "connection", "pair", "crm_kind", "crm_id", "books_id", "currency", "how", "reason", "fault", "fault_why",
    "fault_with", "fault_since", "fault_accepted",
)  # fmt: skip
State = Disappearance.State


def due(connection: Connection, clock: Clock) -> bool:
    """Whether a night has passed, something was read, linked or lost since the last look, or a fault may be healed."""
    last, now = Checkpoint.objects.filter(connection=connection, kind=KIND).first(), connection.now(clock)
    if last is None or last.listed_at is None or last.since is None or now - last.listed_at >= NIGHTLY:
        return Link.objects.filter(connection=connection).exists()
    runs = Run.objects.filter(connection=connection, ended_at__isnull=False, pk__gt=(last.place or {}).get("run", 0))
    if runs.exclude(created=0, updated=0).exists() or _new(connection, last).exists():
        return True
    return _lost(connection, last).exists() or now - last.since >= AGAIN and to_repair(connection).exists()


def to_repair(connection: Connection) -> "QuerySet[Link]":
    """The links with a fault."""
    return Link.objects.filter(connection=connection, fault__in=FAULTS)


def _new(connection: Connection, last: Checkpoint) -> "QuerySet[Link]":
    return Link.objects.filter(connection=connection, pk__gt=(last.place or {}).get("link", 0))


def _lost(connection: Connection, last: Checkpoint) -> "QuerySet[Disappearance]":
    rows = Disappearance.objects.filter(connection=connection, state=State.GONE)
    return rows.filter(Q(gone_at__gt=last.since) | Q(followed_at__gt=last.since) | Q(ended_at__gt=last.since))


def find(connection: Connection, clock: Clock, *, whole: bool | None = None) -> int:
    """Look at all links, or at what moved since the last look; how many are to be repaired now."""
    last, _ = Checkpoint.objects.get_or_create(connection=connection, kind=KIND)
    now = connection.now(clock)
    if whole is None:
        whole = last.listed_at is None or now - last.listed_at >= NIGHTLY
    newest = Link.objects.filter(connection=connection).order_by("-pk").values_list("pk", flat=True).first()
    ended = Run.objects.filter(connection=connection, ended_at__isnull=False).order_by("-pk")
    place = {"link": newest or 0, "run": ended.values_list("pk", flat=True).first() or 0}
    touched = None if whole else _touched(connection, last)
    look_at(connection, touched, clock)
    listed = {} if touched is not None else {"listed_at": now}
    Checkpoint.objects.filter(pk=last.pk).update(since=now, place=place, **listed)
    return to_repair(connection).count()


def _touched(connection: Connection, last: Checkpoint) -> set[int] | None:
    """Links that are new, faulty, or whose records moved since the last look; None where those are very many."""
    rows = Record.objects.filter(Q(read_at__gt=last.since) | Q(gone_at__gt=last.since), connection=connection)
    ids = set(rows.order_by().values_list("remote_id", flat=True)[: MOST_TOUCHED + 1])
    for lost, master in _lost(connection, last).values_list("remote_id", "merged_into")[: MOST_TOUCHED + 1]:
        ids |= {lost, master}
    new = set(_new(connection, last).values_list("pk", flat=True)[: MOST_TOUCHED + 1])
    faulty = set(to_repair(connection).values_list("pk", flat=True)[: MOST_TOUCHED + 1])
    if max(len(ids), len(new), len(faulty)) > MOST_TOUCHED:
        return None
    return new | faulty | set(_naming(connection, ids).values_list("pk", flat=True))


def _naming(connection: Connection, ids: Collection[str]) -> "QuerySet[Link]":
    return Link.objects.filter(Q(crm_id__in=ids) | Q(books_id__in=ids), connection=connection)


def look_at(connection: Connection, pks: Collection[int] | None, clock: Clock) -> None:
    """Judge these links and whatever is doubled with them, or all of them, and keep what is wrong."""
    now, merges = connection.now(clock), merges_of(connection)
    doubles = _doubles(connection, merges, pks)
    rows = Link.objects.filter(connection=connection).only(*NEEDED).order_by("pk")
    if pks is not None:
        rows = rows.filter(pk__in={*pks, *doubles})
    for some in _chunks(rows):
        ties = ties_of(connection, some, merges)
        moved = [link for link in some if _note(link, rules.fault_of(ties[link.pk], merges, doubles), now)]
        Link.objects.bulk_update(moved, ["fault", "fault_why", "fault_with", "fault_since"], batch_size=AT_A_TIME)


def look_at_records(connection: Connection, ids: Collection[str], clock: Clock) -> None:
    """The same for the links of these records, by their ids."""
    look_at(connection, list(_naming(connection, ids).values_list("pk", flat=True)), clock)


def _chunks(rows: "QuerySet[Link]") -> Iterator[list[Link]]:
    each = rows.iterator(AT_A_TIME)
    while some := list(islice(each, AT_A_TIME)):
        yield some


def _note(link: Link, found: Found | None, now: Any) -> bool:
    """Put the fault on the row; whether that is news. The same trouble keeps its day."""
    said = (str(found.fault), str(found.why), found.other[:60]) if found else ("", "", "")
    if said == (link.fault, link.fault_why, link.fault_with):
        return False
    since = link.fault_since if link.fault and said[0] == link.fault else now
    link.fault, link.fault_why, link.fault_with = said
    link.fault_since = since if found else None
    return True


def fault_now(link: Link) -> Found | None:
    """What is wrong with one link as things stand, whatever was kept."""
    merges = merges_of(link.connection)
    tie = ties_of(link.connection, [link], merges)[link.pk]
    return rules.fault_of(tie, merges, _doubles(link.connection, merges, [link.pk]))


def sign_now(link: Link) -> str:
    """The sign that disagrees with the link, as a person's word about it is remembered; empty where none does."""
    merges = merges_of(link.connection)
    sign = rules.disagreeing(ties_of(link.connection, [link], merges)[link.pk], merges)
    return sign.word if sign else ""


def group_of(link: Link) -> list[Link]:
    """The other links that speak for the same CRM record in the same currency, or for the same Books record."""
    merges = merges_of(link.connection)
    ties = _near(link.connection, merges, [link])
    return list(Link.objects.filter(pk__in=rules.partners(ties[link.pk], ties.values(), merges)).order_by("pk"))


# -- what the rows say -------------------------------------------------------------------------------------------------


def merges_of(connection: Connection) -> Merges:
    """What was merged into what, of what is gone or inactive by now; a record that came back was not."""
    told = Disappearance.objects.filter(connection=connection, state=State.GONE).exclude(merged_into="")
    rows = list(told.order_by("pk").values_list("kind", "remote_id", "merged_into"))
    there = Record.objects.filter(connection=connection, remote_id__in=[row[1] for row in rows], gone_at=None)
    back = set(there.filter(active=True).values_list("kind", "remote_id"))
    gone = [row for row in rows if row[:2] not in back]
    in_books = BOOKS_KINDS.values()
    return Merges(
        {lost: master for kind, lost, master in gone if kind not in in_books},
        {lost: master for kind, lost, master in gone if kind in in_books},
    )


def master_of(record: Record) -> tuple[str, str]:
    """Into whom a Books customer was merged, its id and name; empty where that isn't known."""
    end = rules.end_of(merges_of(record.connection).books, record.remote_id)
    if end == record.remote_id:
        return "", ""
    rows = Record.objects.filter(connection=record.connection_id, kind=record.kind, remote_id=end)
    return end, rows.values_list("name", flat=True).first() or end


def ties_of(connection: Connection, links: Collection[Link], merges: Merges) -> dict[int, Tie]:
    """The links as the rules take them, by their rows; four queries for however many."""
    crm = _gone(connection, {link.crm_id for link in links})
    rows = Record.objects.filter(connection=connection, kind__in=set(BOOKS_KINDS.values()),
                                 remote_id__in={link.books_id for link in links})  # fmt: skip
    named = rows.values_list("kind", "remote_id", "gone_at", "currency", "raw")
    books = {(kind, one): (gone is not None, Shown(raw, currency)) for kind, one, gone, currency, raw in named}
    mine = {link.pk: books[_books_key(link)] for link in links if _books_key(link) in books}
    signs = signs_of(connection, links, {pk: shown for pk, (_, shown) in mine.items()}, merges)
    left = _left(connection, links)
    return {
        link.pk: Tie(
            id=link.pk, pair=link.pair, crm_id=link.crm_id, books_id=link.books_id, linked_in=link.currency,
            currency=_billed_in(link, mine[link.pk][1] if link.pk in mine else None),
            crm_gone=crm.get((link.crm_kind, link.crm_id), False),
            books_gone=link.pk in mine and mine[link.pk][0],
            left=bool(left & {link.crm_id, link.books_id}), signs=signs.get(link.pk, ()), accepted=link.fault_accepted,
        )
        for link in links
    }  # fmt: skip


def _books_key(link: Link) -> tuple[str, str]:
    return BOOKS_KINDS[link.pair], link.books_id


def _billed_in(link: Link, shown: Shown | None) -> str:
    """Only a customer has a currency of its own; where it isn't known, the one it was linked in."""
    return (shown.currency if shown else "") or link.currency if link.pair == Link.Pair.CUSTOMER else link.currency


def _gone(connection: Connection, ids: set[str]) -> dict[tuple[str, str], bool]:
    rows = Record.objects.filter(connection=connection, kind__in=["account", "contact", "product"], remote_id__in=ids)
    return {(kind, one): gone is not None for kind, one, gone in rows.values_list("kind", "remote_id", "gone_at")}


def _left(connection: Connection, links: Iterable[Link]) -> set[str]:
    """Gone records of which a person, or the mapping, said that all shall stay as it is."""
    ids = {one for link in links for one in (link.crm_id, link.books_id)}
    rows = Disappearance.objects.filter(
        connection=connection, decision=OnGone.IGNORE, ended_at__isnull=False, remote_id__in=ids
    )
    return set(rows.values_list("remote_id", flat=True))


# -- doubled -----------------------------------------------------------------------------------------------------------


def _doubles(connection: Connection, merges: Merges, pks: Collection[int] | None) -> dict[int, Found]:
    """What is doubled, of these links or of all: only a link that has moved can be one of two, with its neighbours."""
    moved = list(_moved(connection, merges, pks).only(*NEEDED))
    return rules.doubled(_near(connection, merges, moved).values(), merges) if moved else {}


def _moved(connection: Connection, merges: Merges, pks: Collection[int] | None) -> "QuerySet[Link]":
    """Links whose record was merged away, or whose customer is billed in another currency than when it was linked."""
    links = Link.objects.filter(connection=connection)
    billed = Record.objects.filter(connection=connection, kind="customer", remote_id=OuterRef("books_id"))
    otherwise = Q(Exists(billed.exclude(currency="").exclude(currency=OuterRef("currency"))), pair=Link.Pair.CUSTOMER)
    merged = Q(crm_id__in=merges.crm) | Q(books_id__in=merges.books)
    if pks is None:
        return links.filter(merged | otherwise)
    # Whoever is linked to where one of these ends up: either of the two may have moved.
    around = _around(links.filter(pk__in=pks).only(*NEEDED), merges)
    near = Q(pk__in=pks) | Q(crm_id__in=around) | Q(books_id__in=around)
    return links.filter(near).filter(merged | otherwise)


def _around(links: Iterable[Link], merges: Merges) -> set[str]:
    """The ids at which these links end up, and all that were merged into them."""
    found = set()
    for link in links:
        crm, books = rules.end_of(merges.crm, link.crm_id), rules.end_of(merges.books, link.books_id)
        found |= {crm, books, *merges.into_crm.get(crm, ()), *merges.into_books.get(books, ())}
    return found


def _near(connection: Connection, merges: Merges, links: Collection[Link]) -> dict[int, Tie]:
    """These, and the links of where they end up."""
    there = _naming(connection, _around(links, merges)).only(*NEEDED)
    return ties_of(connection, {link.pk: link for link in (*links, *there)}.values(), merges)
