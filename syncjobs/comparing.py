"""Both sides of a pair counted after bulk work, kept with the records that are only here, only there, or different."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from syncjobs.domain.comparing import Compared, Gaps, Listed, compare, verdict
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.planning import Pair
from syncjobs.domain.records import Side
from syncjobs.mappings import fields_of
from syncjobs.models import Comparison, Difference, Disappearance, Link, Mapping, Record, Run
from syncjobs.pairing import linked_pairs
from syncjobs.services import HINT
from zbridge.clock import Clock

# A scheduled run compares once a day; bulk work always does.
EVERY = timedelta(hours=24)
AT_A_TIME = 500
# The named records of older comparisons go; their counts stay.
KEPT_WITH_NAMES = 3
What = Difference.What
DECIDE = "Open Who is who: it may belong to a record of the other side."
FIXES = {
    What.ONLY_CRM: "It is made in Books when the mapping makes what Books lacks.",
    What.ONLY_BOOKS: "It is made in CRM when the mapping makes what CRM lacks.",
    What.DIFFERENT: "Open its link: each value says why it stands there.",
    What.GONE_CRM: "Open Gone records and say what becomes of its link.",
    What.GONE_BOOKS: "Open Gone records and say what becomes of its link.",
    What.UNSEEN: "zbridge looks for it by its id; nothing is done until that is sure.",
}


def compare_when_due(mapping: Mapping, run: Run, clock: Clock) -> Comparison | None:
    """Compare after a run that wrote nothing: what was just written is only known when it was read again.

    After a run that nobody asked for only once a day, or when something was written since.
    """
    last = Comparison.objects.filter(connection=mapping.connection, pair=mapping.pair).first()
    fresh = last is not None and clock.now() - last.at < EVERY and not _wrote_since(run, last)
    if run.writes or run.trigger in ("schedule", HINT) and fresh:
        return None
    return compare_pair(mapping, clock, run=run)


def _wrote_since(run: Run, last: Comparison) -> bool:
    rows = Run.objects.filter(connection=run.connection, kind=run.kind, writes__gt=0, trigger="apply")
    return rows.filter(ended_at__gt=last.at).exists()


def compare_pair(mapping: Mapping, clock: Clock, *, run: Run | None = None) -> Comparison:
    """Count and compare both sides of a pair as last read; no call to Zoho."""
    links = Link.objects.filter(connection=mapping.connection, pair=mapping.pair, crm_kind=mapping.kinds[0])
    links = links.exclude(crm_id__in=_left_as_is(mapping, 0)).exclude(books_id__in=_left_as_is(mapping, 1))
    found = compare(_listed(mapping, 0), _listed(mapping, 1), set(links.values_list("crm_id", "books_id")))
    differing = list(_different(mapping, links))
    unseen = list(_unseen(mapping))
    row = _counted(mapping, found, len(differing), len(unseen), run, clock)
    names = _Names(mapping)
    Difference.objects.bulk_create(
        (Difference(comparison=row, **one) for one in _named(mapping, found, differing, unseen, names)), batch_size=500
    )
    forget_names(mapping)
    return row


def _left_as_is(mapping: Mapping, number: int) -> Any:
    """Gone records whose link a person, or the mapping, said to leave."""
    rows = Disappearance.objects.filter(connection=mapping.connection, kind=mapping.kinds[number], decision="ignore")
    return rows.values("remote_id")


def _listed(mapping: Mapping, number: int) -> Listed:
    rows = Record.objects.filter(connection=mapping.connection, kind=mapping.kinds[number], gone_at=None)
    out = rows.filter(Q(active=False) | Q(is_vendor=True) | ~_at_home(mapping, number))
    left_out = frozenset(out.values_list("remote_id", flat=True))
    return Listed(frozenset(rows.values_list("remote_id", flat=True)) - left_out, left_out)


def _at_home(mapping: Mapping, number: int) -> Q:
    """Persons take part where their account or customer is linked."""
    if mapping.pair != "person":
        return Q()
    homes = Link.objects.filter(connection=mapping.connection, pair="customer", crm_kind="account")
    return Q(parent_id__in=homes.values("crm_id" if number == 0 else "books_id"))


def _different(mapping: Mapping, links: "QuerySet[Link]") -> Iterator[tuple[Pair, str]]:
    """Linked pairs whose mapped fields don't say the same, with the fields in words."""
    fields, chunk = fields_of(mapping), []
    for link in links.order_by("pk").iterator(AT_A_TIME):
        chunk.append(link)
        if len(chunk) == AT_A_TIME:
            yield from _differing(linked_pairs(mapping, chunk, fields), fields)
            chunk = []
    yield from _differing(linked_pairs(mapping, chunk, fields), fields)


def _differing(pairs: Iterable[Pair], fields: tuple[FieldMap, ...]) -> Iterator[tuple[Pair, str]]:
    for pair in pairs:
        if pair.crm is None or pair.books is None or pair.follows:
            continue
        here, there = pair.crm.values, pair.books.values
        if said := [
            f"{one.label}: {here[one.name] or 'empty'} in CRM, {there[one.name] or 'empty'} in Books" for one in fields
            if one.name in here and one.name in there and here[one.name] != there[one.name]
        ]:  # fmt: skip
            yield pair, "; ".join(said)


def _unseen(mapping: Mapping) -> "QuerySet[Disappearance]":
    """What Zoho's list no longer shows, while it isn't sure that it is gone."""
    waiting = [Disappearance.State.SUSPECTED, Disappearance.State.HIDDEN]
    return Disappearance.objects.filter(
        connection=mapping.connection, kind__in=mapping.kinds, state__in=waiting, ended_at=None
    )  # fmt: skip


def _counted(
    mapping: Mapping, found: Compared, differing: int, unseen: int, run: Run | None, clock: Clock
) -> Comparison:
    only = {Side.CRM: len(found.only_crm), Side.BOOKS: len(found.only_books)}
    makes = {Side.CRM: mapping.creates_in_crm, Side.BOOKS: mapping.creates_in_books}
    broken = len(found.gone_crm) + len(found.gone_books)
    to_decide = (mapping.survey.get("crm") or {}).get("to_decide", 0)
    gaps = Gaps(only, to_decide, differing, broken, unseen)
    complete, sentence = verdict(len(found.linked), gaps, [side for side, made in makes.items() if made])
    return Comparison.objects.create(
        connection=mapping.connection, pair=mapping.pair, run=run, at=clock.now(), complete=complete,
        sentence=sentence[:300], crm=found.crm, books=found.books, linked=len(found.linked), only_crm=only[Side.CRM],
        only_books=only[Side.BOOKS], left_out_crm=found.left_out_crm, left_out_books=found.left_out_books,
        differing=differing, broken=broken,
    )  # fmt: skip


class _Names:
    """Names of records by id, a chunk at a time."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping

    def of(self, number: int, ids: Iterable[str]) -> dict[str, str]:
        rows = Record.objects.filter(connection=self.mapping.connection, kind=self.mapping.kinds[number])
        wanted, found = list(ids), {}
        for start in range(0, len(wanted), AT_A_TIME):
            some = rows.filter(remote_id__in=wanted[start : start + AT_A_TIME])
            found.update(dict(some.values_list("remote_id", "name")))
        return found


def _named(
    mapping: Mapping, found: Compared, differing: list[tuple[Pair, str]], unseen: list[Disappearance], names: _Names
) -> Iterator[dict[str, Any]]:
    kept = mapping.survey.get("candidates", ())
    waiting = [{one[0] for one in kept}, {one[1] for one in kept}]
    for number, what, ids in ((0, What.ONLY_CRM, found.only_crm), (1, What.ONLY_BOOKS, found.only_books)):
        column, called = ("crm_id", "books_id")[number], names.of(number, ids)
        for identity in ids:
            fix = DECIDE if identity in waiting[number] else FIXES[what]
            yield {"what": what, column: identity, "name": called.get(identity, identity), "fix": fix}
    for number, what, pairs in ((0, What.GONE_CRM, found.gone_crm), (1, What.GONE_BOOKS, found.gone_books)):
        called = names.of(number, [pair[number] for pair in pairs])
        for pair in pairs:
            name = called.get(pair[number], pair[number])
            yield {"what": what, "crm_id": pair[0], "books_id": pair[1], "name": name, "fix": FIXES[what]}
    for both, said in differing:
        sides = {"crm_id": both.crm.id if both.crm else "", "books_id": both.books.id if both.books else ""}
        yield {"what": What.DIFFERENT, **sides, "name": both.name, "detail": said[:300], "fix": FIXES[What.DIFFERENT]}
    for row in unseen:
        column = "crm_id" if row.kind == mapping.kinds[0] else "books_id"
        yield {"what": What.UNSEEN, column: row.remote_id, "name": row.name, "fix": FIXES[What.UNSEEN]}


def forget_names(mapping: Mapping) -> None:
    """Of older comparisons only the counts stay."""
    rows = Comparison.objects.filter(connection=mapping.connection, pair=mapping.pair).order_by("-pk")
    kept = list(rows.values_list("pk", flat=True)[:KEPT_WITH_NAMES])
    old = Difference.objects.filter(comparison__in=rows.exclude(pk__in=kept).values("pk"))
    while pks := list(old.values_list("pk", flat=True)[:1000]):
        with transaction.atomic():
            Difference.objects.filter(pk__in=pks).delete()
