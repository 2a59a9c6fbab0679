"""Rings on the second for work that was given back for a while, so that no worker has to sleep over it.

The minute's sweep rings for everything that is due; a wait of three seconds for calls would become a minute by it.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from accounts.clients import seams
from accounts.models import Connection
from invoicing import auto_rows
from invoicing import sweeping as conversions
from invoicing.claims import WORK
from invoicing.stages import BILL
from syncjobs import sweeping as runs
from syncjobs.services import WORK_RUN
from zbridge.queue import Queue, ring

log = logging.getLogger(__name__)
# What came due longer ago is the sweep's: it rings for everything.
RECENT = timedelta(seconds=90)


class Bell:
    """Asked each second by the process that watches the workers; remembers what it rang, so that it rings once."""

    def __init__(self, queues: Collection[str] = ("click", "bulk")) -> None:
        self._queues = queues
        self._rung: dict[tuple[str, int], datetime] = {}

    def ring(self) -> None:
        """Ring for what has come due since; a database that can't be asked is asked again in a second."""
        try:
            self._ring(seams().clock.now())
        except DatabaseError:
            log.warning("the bell could not ask the database", exc_info=True)
        finally:
            connection.close()

    def _ring(self, now: datetime) -> None:
        self._rung = {what: at for what, at in self._rung.items() if at > now - 2 * RECENT}
        for row in Connection.objects.filter(state=Connection.State.CONNECTED):
            if "click" in self._queues:
                self._ring_new(WORK, conversions.due_since(row, now - RECENT, now), "click")
            if "bulk" in self._queues:
                self._ring_new(BILL, auto_rows.due_since(row, now - RECENT, now), "bulk")
                self._ring_new(WORK_RUN, runs.due_since(row, now - RECENT, now), "bulk")

    def _ring_new(self, task: str, due: list[tuple[int, datetime | None]], queue: Queue) -> None:
        for number, at in due:
            if at is not None and self._rung.get((task, number)) != at:
                self._rung[task, number] = at
                ring(task, number, queue=queue)
