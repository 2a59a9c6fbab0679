"""The audit trail: append-only in the database itself, and a chain that shows every change."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, transaction
from django.db import connection as database

from accounts import audit
from accounts.models import AuditEvent
from zbridge.clock import SteppedClock


def three_deeds(clock: SteppedClock) -> list[AuditEvent]:
    return [audit.record(None, "try", f"Deed {number}.", clock=clock, detail={"n": number}) for number in range(3)]


def without_triggers(statement: str, *values: int) -> None:
    """What somebody with the database's password could do."""
    with database.cursor() as cursor:
        if database.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_no_update")
            cursor.execute("DROP TRIGGER audit_no_delete")
        else:
            cursor.execute("DROP TRIGGER audit_no_change ON accounts_auditevent")
        cursor.execute(statement, values)


@pytest.mark.django_db
def test_deeds_follow_each_other_in_an_unbroken_chain(clock: SteppedClock) -> None:
    three_deeds(clock)
    assert audit.verify() == []


@pytest.mark.django_db
def test_nobody_changes_or_deletes_a_deed(clock: SteppedClock) -> None:
    event = three_deeds(clock)[1]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(sentence="Nothing happened.")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.delete()


@pytest.mark.django_db
def test_a_changed_deed_is_named(clock: SteppedClock) -> None:
    event = three_deeds(clock)[1]
    without_triggers("UPDATE accounts_auditevent SET sentence = 'Nothing.' WHERE id = %s", event.pk)
    assert audit.verify() == [f"Event {event.pk} was changed."]


@pytest.mark.django_db
def test_a_removed_deed_leaves_a_gap(clock: SteppedClock) -> None:
    events = three_deeds(clock)
    without_triggers("DELETE FROM accounts_auditevent WHERE id = %s", events[1].pk)
    assert audit.verify() == [f"Event {events[2].pk} doesn't follow the one before it."]


@pytest.mark.django_db
def test_a_deed_that_is_rolled_back_leaves_no_event(clock: SteppedClock) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        three_deeds(clock)
        raise ZeroDivisionError
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_people_at_once_still_make_one_chain(clock: SteppedClock) -> None:
    def work(number: int) -> None:
        try:
            for _ in range(4):
                audit.record(None, "try", f"Deed of {number}.", clock=clock)
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert AuditEvent.objects.count() == 32 and audit.verify() == []
