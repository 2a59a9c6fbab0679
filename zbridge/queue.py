"""The only file that enqueues: a queue task is a doorbell that carries integers, rung by dotted name.

Rung inside the caller's transaction, on the same database, it is rolled back with it (stack.md: a true outbox).
"""

from typing import Literal

from django_q.tasks import async_task

Queue = Literal["click", "bulk"]


def ring(task: str, *ids: int, queue: Queue = "click") -> None:
    """Ask a worker of that queue to run `task(*ids)` soon; it may come late, twice or never."""
    async_task(task, *ids, cluster=queue)
