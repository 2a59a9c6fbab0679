"""Doors for the queue: take a self-test on by one turn, ring again if more is left."""

from accounts.clients import seams
from accounts.models import SelfTest
from accounts.selftest import working
from zbridge.queue import ring


def work_self_test(test_id: int) -> None:
    """One turn of a self-test."""
    test = working.work(test_id, seams())
    if test is not None and test.state == SelfTest.State.WAITING and test.hold_until is None:
        ring(working.WORK, test_id, queue="bulk")
