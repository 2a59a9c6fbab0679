"""One worker at a time on a conversion: a conditional update, a lease, and an epoch that fences stale workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from accounts.models import HoldCause
from invoicing.models import Conversion
from zbridge.clock import Clock

LEASE = timedelta(seconds=120)
# The doorbell's task, by its dotted name: it works one conversion.
WORK = "invoicing.tasks.work_conversion"
State = Conversion.State
WORKABLE = (State.REQUESTED, State.PREPARED, State.SENDING, State.UNKNOWN, State.DRAFTED)


class StaleWorker(Exception):
    """Another worker holds this conversion now: stop, write nothing."""


@dataclass
class Claim:
    """A conversion held under one epoch; every write goes through `save`."""

    row: Conversion
    clock: Clock

    def save(self, **columns: object) -> None:
        """Write the columns while the claim is ours, a hold with its cause; raises StaleWorker when it isn't."""
        if "hold" in columns:
            columns |= self._hold(str(columns["hold"]), columns.get("hold_cause", HoldCause.OTHER))
        if Conversion.objects.filter(pk=self.row.pk, epoch=self.row.epoch).update(**columns) != 1:
            raise StaleWorker(self.row.pk)
        for name, value in columns.items():
            setattr(self.row, name, value)

    def _hold(self, sentence: str, cause: object) -> dict[str, object]:
        """The columns beside the sentence: its cause, and since when, which a second failure doesn't move."""
        if not sentence:
            return {"hold_cause": "", "held_at": None}
        return {"hold_cause": cause, "held_at": self.row.held_at or self.clock.now()}

    def renew(self) -> None:
        """Start the lease anew, before a step that takes long."""
        self.save(lease_until=self.clock.now() + LEASE)

    def seconds_left(self) -> float:
        """Of the lease."""
        return (self.row.lease_until - self.clock.now()).total_seconds() if self.row.lease_until else 0.0

    def wait(self, until: datetime, hold: str = "", **columns: object) -> None:
        """Leave the conversion until then, with the cause that it waits for; it resumes by itself."""
        self.save(next_at=until, hold=hold[:200], lease_until=None, **columns)

    def end(self, state: State, **columns: object) -> None:
        """The conversion has reached a state in which nothing works on it."""
        self.save(state=state, ended_at=self.clock.now(), next_at=None, hold="", lease_until=None, **columns)

    @property
    def is_held(self) -> bool:
        """Whether the lease is still claimed by us (False after wait and end)."""
        return self.row.lease_until is not None


def due(now: datetime) -> Q:
    """Conversions with work to do that nobody works on."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Q(state__in=WORKABLE) & free & (Q(next_at=None) | Q(next_at__lte=now))


def take(conversion_id: int, clock: Clock, *, even_early: bool = False) -> Claim | None:
    """Claim it: one conditional update that must hit one row; None when it is taken, waits or has ended."""
    now = clock.now()
    free = due(now) if not even_early else Q(state__in=WORKABLE) & (Q(lease_until=None) | Q(lease_until__lt=now))
    taken = Conversion.objects.filter(free, pk=conversion_id).update(epoch=F("epoch") + 1, lease_until=now + LEASE)
    if not taken:
        return None
    row = Conversion.objects.select_related("connection", "deal", "quote").get(pk=conversion_id)
    return Claim(row, clock) if row.lease_until == now + LEASE else None
