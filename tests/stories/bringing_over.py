"""An import worked to its end, whatever stops it on the way."""

from contextlib import suppress
from datetime import timedelta

from accounts.models import Connection
from syncjobs import importing, sweeping
from syncjobs.models import Import, Run
from syncjobs.reading import Reader
from syncjobs.working import work
from tests.stories.small_trade import Killed
from zbridge.clock import SteppedClock


def to_its_end(row: Import, reader: Reader, clock: SteppedClock, patience: timedelta = timedelta(days=3)) -> Import:
    """Work what is due; dead workers' leases and holds are waited for in simulated time."""
    until = clock.now() + patience
    while row.state == Import.State.RUNNING and clock.now() < until:
        importing.advance_due(row.connection, clock)
        for run_id in sweeping.due(row.connection, clock):
            with suppress(Killed):
                work(run_id, reader)
        row.refresh_from_db()
        _wait(row.connection, clock)
    return row


def _wait(connection: Connection, clock: SteppedClock) -> None:
    """Until the first run may go on; not at all when one may now."""
    open_ones = list(Run.objects.filter(connection=connection, ended_at=None))
    times = [max(filter(None, (run.hold_until, run.lease_until)), default=None) for run in open_ones]
    if times and None not in times:
        soonest = min(at for at in times if at is not None)
        clock.advance(max(1.0, (soonest - clock.now()).total_seconds() + 1))
