"""The only file that enqueues: a queue task is a doorbell that carries integers, rung by dotted name.

Rung inside the caller's transaction, on the same database, it is rolled back with it (stack.md: a true outbox).
"""

from typing import Literal

from django_q.tasks import async_task

Queue = Literal["click", "bulk"]


# Under the queue's `retry`, after which another worker would begin the same.
LONG_SECONDS = 800


def ring(task: str, *ids: int, queue: Queue = "click", long: bool = False) -> None:
    """Ask a worker of that queue to run `task(*ids)` soon; it may come late, twice or never.

    `long`: it may take minutes in one piece, of which it gives signs of life itself.
    """
    more = {"timeout": LONG_SECONDS} if long else {}
    async_task(task, *ids, cluster=queue, **more)
