"""Doors for the queue: build the workbench, work the conversion; the sweep rings again for what waits."""

from accounts.clients import seams
from invoicing.conversion import work
from invoicing.workbench import Workbench
from zbridge.crash_points import crash_point
from zbridge.zoho.gate import Priority


def workbench(priority: Priority = Priority.CLICK) -> Workbench:
    """The bench with the process's own seams."""
    found = seams()
    return Workbench(lambda connection: found.clients(connection, priority), found.clock, crash_point)


def work_conversion(conversion_id: int) -> None:
    """Take one conversion as far as it goes now."""
    work(conversion_id, workbench())
