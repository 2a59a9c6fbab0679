"""What people say of duplicates, and that it is remembered: not the same, compare again, linked. No call to Zoho."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from syncjobs.duplicates import MOST_PAIRS, State, look_at
from syncjobs.mappings import Refused
from syncjobs.models import Duplicate, DuplicateMember, Record
from syncjobs.services import link_records
from zbridge.clock import Clock


def tell_apart(row: Duplicate, user: User, clock: Clock, only: Collection[int] = ()) -> str:
    """Not a duplicate: remembered, also when all are compared again. With `only`, these members against the others.

    Raises Refused when it is decided already.
    """
    now = row.connection.now(clock)
    with transaction.atomic():
        row = claimed(row, State.OPEN)
        members = list(row.members.order_by("pk"))
        chosen = {one.pk for one in members if one.pk in only}
        if only and not 0 < len(chosen) < len(members):
            raise Refused("Tick some of them, and leave at least one: nothing was changed.")
        if not only:
            _decide(row, State.APART, user, now)
            for number, one in enumerate(members):
                one.part = number
            DuplicateMember.objects.bulk_update(members, ["part"], batch_size=500)
        else:
            _split_off(row, members, chosen, user, now)
        said = f"{row.name}: {'these are' if not only else f'{len(chosen)} of them are'} not the same."
        _note(user, row, "tell_apart", said, clock)
    look_at(row.connection, {one.record_id for one in members}, now)
    return f"{said} That is remembered; Compare again takes it back."


def _split_off(
    row: Duplicate, members: Iterable[DuplicateMember], chosen: Collection[int], user: User, now: datetime
) -> None:
    """A decision of its own: the chosen ones, each for itself, against all others together."""
    apart = Duplicate.objects.create(
        connection=row.connection, where=row.where, state=State.APART, name=row.name, name_key=row.name_key,
        in_crm=row.in_crm, in_books=row.in_books, score=row.score, reasons=row.reasons, pairs=row.pairs,
        found_at=row.found_at, seen_at=row.seen_at, decided_at=now, decided_by=user,
    )  # fmt: skip
    parts = {pk: number for number, pk in enumerate(sorted(chosen), 1)}
    DuplicateMember.objects.bulk_create(
        DuplicateMember(duplicate=apart, record_id=one.record_id, part=parts.get(one.pk, 0)) for one in members
    )


def compare_again(row: Duplicate, user: User, clock: Clock) -> str:
    """Take back that they are not the same; raises Refused when nobody said so."""
    now = row.connection.now(clock)
    with transaction.atomic():
        row = claimed(row, State.APART)
        row.members.update(part=0)
        row.state, row.decided_at, row.decided_by = State.OPEN, None, None
        row.save(update_fields=["state", "decided_at", "decided_by"])
        _note(user, row, "compare_again", f"{row.name}: compare these again.", clock)
    look_at(row.connection, set(row.members.values_list("record_id", flat=True)), now)
    row.refresh_from_db()
    found = DuplicateMember.objects.filter(record__in=row.members.values("record"), duplicate__state=State.OPEN)
    if not found.exists():
        return "Compared again: they are no longer alike."
    return "Compared again: they are alike, and wait for a decision."


def link(row: Duplicate, crm: Record | None, books: Record | None, user: User, clock: Clock) -> str:
    """These two members are the same thing; raises Refused when that can't be."""
    now = row.connection.now(clock)
    inside = set(row.members.values_list("record_id", flat=True))
    if (
        crm is None
        or books is None
        or not {crm.pk, books.pk} <= inside
        or crm.kind == "customer"
        or books.kind != "customer"
    ):
        raise Refused("Choose one record of CRM and one of Books; nothing was linked.")
    if crm.gone_at or books.gone_at or not books.active:
        raise Refused("One of them is no longer there, or inactive in Books; nothing was linked.")
    try:
        with transaction.atomic():
            row = claimed(row, State.OPEN)
            link_records(
                row.connection, crm, books, how="person", reason="Chosen in Duplicates.", user=user, clock=clock
            )
            if row.in_crm == row.in_books == 1:
                _decide(row, State.LINKED, user, now)
    except ValueError as clash:
        raise Refused(str(clash)) from clash
    look_at(row.connection, inside, now)
    return f"{crm.name} in CRM is now linked to {books.name} in Books."


def claimed(row: Duplicate, state: str) -> Duplicate:
    """The row as it is now, in that state; in the caller's transaction."""
    found = Duplicate.objects.select_for_update().select_related("connection").filter(pk=row.pk, state=state).first()
    if found is None:
        raise Refused("This was decided meanwhile; look again.")
    return found


def _decide(row: Duplicate, state: str, user: User | None, now: datetime) -> None:
    row.state, row.decided_at, row.decided_by = State(state), now, user
    row.save(update_fields=["state", "decided_at", "decided_by"])


def _note(user: User, row: Duplicate, verb: str, said: str, clock: Clock) -> None:
    detail: dict[str, Any] = {"records": sorted(row.members.values_list("record_id", flat=True))[:MOST_PAIRS]}
    audit.record(
        user, verb, said, connection=row.connection, subject=("duplicate", str(row.pk)), detail=detail, clock=clock
    )  # fmt: skip
