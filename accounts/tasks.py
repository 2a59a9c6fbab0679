"""Doors for the queue: send notices on, check health, look whether access still stands."""

import logging

from accounts import delivering, exporting, health
from accounts.clients import seams
from accounts.models import Connection
from zbridge.queue import ring
from zbridge.zoho.errors import ZohoError

log = logging.getLogger(__name__)


def deliver() -> None:
    """Send what is due of the notices."""
    delivering.deliver(seams().clock)


def check_health(connection_id: int) -> None:
    """The daily run; rung twice, it runs once."""
    connection = Connection.objects.get(pk=connection_id)
    if health.is_due(connection, seams().clock):
        health.check(connection, "schedule", seams())


def look(connection_id: int) -> None:
    """One light call where nothing was heard from Zoho lately; its trouble is its result."""
    connection = Connection.objects.get(pk=connection_id)
    if connection.state != Connection.State.CONNECTED or not health.is_quiet(connection, seams().clock):
        return
    try:
        health.look(connection, seams())
    except ZohoError as trouble:
        log.info("the light look at connection %s: %s", connection_id, trouble.sentence)


def work_export(export_id: int) -> None:
    """One turn of a file; rings again while there is more to write."""
    row = exporting.work(export_id, seams().clock)
    if row is not None and row.moving:
        ring(exporting.WORK, export_id, queue="bulk")
