"""What the minute's sweep finds in this room: self-tests, health runs, looks, reminders, messages to send."""

from accounts import circuit, delivering, expiries, exporting, health, notices, tasks
from accounts.clients import Seams
from accounts.models import Connection, SelfTest
from accounts.selftest import working
from zbridge.clock import Clock
from zbridge.queue import ring


def ring_due(connection: Connection, clock: Clock) -> None:
    """Ring for what is due of one connection."""
    for test_id in working.due(connection, clock):
        ring(working.WORK, test_id, queue="bulk")
    circuit.tell(connection, clock)
    if health.is_due(connection, clock):
        ring(health.CHECK, connection.pk, queue="bulk")
    if health.is_quiet(connection, clock):
        ring(health.LOOK, connection.pk, queue="bulk")


def ring_house(clock: Clock) -> None:
    """What belongs to no connection: reminders of what ends, and messages that wait to be sent."""
    expiries.remind(clock)
    if delivering.is_due(clock):
        ring(notices.DELIVER, queue="bulk")
    for export_id in exporting.due(clock):
        ring(exporting.WORK, export_id, queue="bulk")
    exporting.expire(clock)


def work_house(clock: Clock) -> int:
    """The same in this process; how many messages were sent."""
    expiries.remind(clock)
    for export_id in exporting.due(clock):
        while (row := exporting.work(export_id, clock)) is not None and row.moving:
            continue
    exporting.expire(clock)
    return delivering.deliver(clock)


def work_due(connection: Connection, seams: Seams) -> int:
    """Work the due self-tests in this process as far as they go; how many were worked."""
    circuit.tell(connection, seams.clock)
    if health.is_due(connection, seams.clock):
        health.check(connection, "schedule", seams)
    elif health.is_quiet(connection, seams.clock):
        tasks.look(connection.pk)
    waiting = working.due(connection, seams.clock)
    for test_id in waiting:
        test = working.work(test_id, seams)
        while test is not None and test.state == SelfTest.State.WAITING and test.hold_until is None:
            test = working.work(test_id, seams)
    return len(waiting)
