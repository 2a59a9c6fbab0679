"""What the minute's sweep finds in the tables of this room: self-tests that nobody works on."""

from accounts.clients import Seams
from accounts.models import Connection, SelfTest
from accounts.selftest import working
from zbridge.clock import Clock
from zbridge.queue import ring


def ring_due(connection: Connection, clock: Clock) -> None:
    """Ring for every self-test that lies still."""
    for test_id in working.due(connection, clock):
        ring(working.WORK, test_id, queue="bulk")


def work_due(connection: Connection, seams: Seams) -> int:
    """Work the due self-tests in this process as far as they go; how many were worked."""
    waiting = working.due(connection, seams.clock)
    for test_id in waiting:
        test = working.work(test_id, seams)
        while test is not None and test.state == SelfTest.State.WAITING and test.hold_until is None:
            test = working.work(test_id, seams)
    return len(waiting)
