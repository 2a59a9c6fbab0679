"""Holds: what a trouble with Zoho makes work wait for, which causes stand now, and the doorbell when one is over."""

from accounts.models import Circuit, Connection, HoldCause
from zbridge.queue import ring
from zbridge.zoho.errors import (
    Locked,
    RateLimited,
    ReconnectNeeded,
    ScopeMissing,
    Unavailable,
    WritesStopped,
    ZohoError,
)

# Rings in the project's own room: it knows every kind of work that waits.
RESUME = "zbridge.site.sweep.resume"
_DOWN = {"crm": HoldCause.CRM, "books": HoldCause.BOOKS}
# Whether these are over is known at once; the others end by themselves at their own time.
ENDED_BY_US = frozenset(
    {HoldCause.RECONNECT, HoldCause.SCOPE, HoldCause.WRITES, HoldCause.CRM, HoldCause.BOOKS, HoldCause.LOGIN}
)
# These end when a RevOps administrator does something; nobody else can.
ENDED_BY_REVOPS = frozenset({HoldCause.RECONNECT, HoldCause.SCOPE, HoldCause.WRITES})


def cause_of(trouble: ZohoError) -> HoldCause:
    """What work waits for after this trouble."""
    causes: tuple[tuple[type[ZohoError], HoldCause], ...] = (
        (ReconnectNeeded, HoldCause.RECONNECT),
        (ScopeMissing, HoldCause.SCOPE),
        (WritesStopped, HoldCause.WRITES),
        (RateLimited, HoldCause.QUOTA),
        (Locked, HoldCause.LOCKED),
        (Unavailable, _DOWN.get(trouble.system, HoldCause.LOGIN)),
    )
    return next((cause for kind, cause in causes if isinstance(trouble, kind)), HoldCause.OTHER)


def standing(connection: Connection) -> frozenset[HoldCause]:
    """The causes that hold this connection's work now."""
    row = Connection.objects.get(pk=connection.pk)
    found = {
        HoldCause.RECONNECT: row.state != Connection.State.CONNECTED,
        HoldCause.SCOPE: row.state != Connection.State.CONNECTED,
        HoldCause.WRITES: row.writes_stopped,
    }
    down = Circuit.objects.filter(connection=connection).exclude(opened_at=None).values_list("side", flat=True)
    return frozenset(cause for cause, stands in found.items() if stands) | frozenset(_DOWN[side] for side in down)


def over(connection: Connection) -> frozenset[HoldCause]:
    """The causes that are known to be gone: what waits for one of them may go on at once."""
    return ENDED_BY_US - standing(connection)


def ring_resume(connection: Connection) -> None:
    """A cause has gone: what waited is rung now, not after its back-off."""
    ring(RESUME, connection.pk)
