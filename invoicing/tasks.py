"""Doors for the queue: build the workbench, work the conversion; the sweep rings again for what waits."""

from accounts.clients import seams
from invoicing import proving
from invoicing.conversion import work
from invoicing.workbench import Workbench
from zbridge.crash_points import crash_point
from zbridge.queue import ring
from zbridge.zoho.gate import Priority

# How long a step may sleep for calls of our own limiter, in seconds: less than the margin that sending keeps.
PATIENCE = 8.0


def workbench(priority: Priority = Priority.CLICK) -> Workbench:
    """The bench with the process's own seams."""
    found = seams()
    return Workbench(
        lambda connection: found.clients(connection, priority, patience=PATIENCE), found.clock, crash_point
    )


def work_conversion(conversion_id: int) -> None:
    """Take one conversion as far as it goes now."""
    work(conversion_id, workbench())


def work_proof(proof_id: int) -> None:
    """One turn of a proof; rings again while there is more to scan."""
    proof = proving.work(proof_id, workbench(Priority.BULK))
    if proof is not None and proof.ended_at is None and not proof.hold:
        ring(proving.WORK_PROOF, proof_id, queue="bulk")
