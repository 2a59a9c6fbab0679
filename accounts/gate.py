"""What stands before every call to Zoho: no open transaction, kill switch, limiter; and after it: log and lessons."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from uuid import uuid4

from django.db import connection as database

from accounts import circuit, counting, day_figures, holds, limiter, refusals
from accounts.models import Bucket, Connection, Exchange, Slot
from accounts.purse import Purse
from zbridge.clock import Clock
from zbridge.zoho.errors import RateLimited, TransactionOpen, WritesStopped
from zbridge.zoho.gate import Answer, Call, Priority

# A clock that is this far off has been moved, not drifted.
MOVED_SECONDS = 2.0


@dataclass
class Tally:
    """Calls since somebody last took the count, by side; and how many seconds each side's clock was ahead."""

    counts: Counter[str] = field(default_factory=Counter)
    skews: dict[str, float] = field(default_factory=dict)

    def take(self, side: str) -> int:
        """The count of a side, which starts anew."""
        return self.counts.pop(side, 0)


class ConnectionGate:
    """The gate of one connection in this process.

    `patience` is how many seconds in all it may sleep for calls of our own limiter: none for workers (they give their
    work back), some for a person who waits. Calls that are set aside in the `purse` are taken first.
    """

    def __init__(
        self, connection: Connection, clock: Clock, tally: Tally, patience: float = 0.0, purse: Purse | None = None
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._tally = tally
        self._patience = patience
        self._purse = purse or Purse(clock)
        self._slots: dict[int, Slot] = {}
        self._began: dict[int, datetime] = {}

    def before(self, call: Call) -> None:
        """Let it pass, or raise TransactionOpen, WritesStopped or Waits."""
        if _in_transaction():
            raise TransactionOpen(call.system, message=f"{call.method} {call.template}")
        if call.writes and Connection.objects.filter(pk=self._connection.pk, writes_stopped=True).exists():
            raise WritesStopped(call.system)
        if call.system != "oauth":
            self._slots[id(call)] = self._patiently(call)
        self._began[id(call)] = self._clock.now()

    def _patiently(self, call: Call) -> Slot:
        while True:
            try:
                return self._slot(call)
            except RateLimited as wait:
                seconds = wait.retry_after or 1.0
                if wait.cause not in ("quota", "concurrency") or seconds > self._patience:
                    raise
                self._patience -= seconds
                self._clock.sleep(seconds)

    def _slot(self, call: Call) -> Slot:
        now = self._clock.now()
        probes = circuit.check(self._connection, call.system, now)
        try:
            return self._leased(call, now)
        except RateLimited:
            if probes:
                circuit.give_up_probe(self._connection, call.system)
            raise

    def _leased(self, call: Call, now: datetime) -> Slot:
        found = limiter.bucket(self._connection, call.system, now)
        slot = limiter.lease_slot(self._connection, call.system, uuid4().hex, now, found, call.priority)
        try:
            self._take(call, now, found)
        except RateLimited:
            limiter.free_slot(slot, now)
            raise
        return slot

    def _take(self, call: Call, now: datetime, found: Bucket) -> None:
        aside = self._purse.has(self._connection, call.system)
        limiter.take(self._connection, call.system, call.priority, now, credits=call.credits, aside=aside, found=found)
        if aside:
            self._purse.spend(self._connection, call.system)

    def after(self, call: Call, answer: Answer) -> None:
        """Free the slot, note the exchange, learn from the headers and from refusals."""
        now = self._clock.now()
        slot = self._slots.pop(id(call), None)
        if slot is not None:
            limiter.free_slot(slot, now)
        self._tally.counts[call.system] += 1
        self._note(call, answer, self._began.pop(id(call), now))
        self._learn(call, answer, now)

    def _note(self, call: Call, answer: Answer, began: datetime) -> None:
        Exchange.objects.create(
            connection=self._connection, side=call.system, method=call.method, template=call.template[:120],
            priority=Priority(call.priority).name.lower(), started_at=began, milliseconds=int(answer.seconds * 1000),
            status=answer.status, code=str(answer.code or "")[:60], outcome=answer.outcome.name[:8],
            request_id=(answer.request_id or "")[:80],
        )  # fmt: skip

    def _learn(self, call: Call, answer: Answer, now: datetime) -> None:
        if "date" in answer.headers:
            self._compare_clocks(call, answer.headers["date"], now)
        if call.system != "oauth":
            self._learn_quota(call, answer, now)
            if circuit.learn(self._connection, call.system, answer, now):
                holds.ring_resume(self._connection)

    def _learn_quota(self, call: Call, answer: Answer, now: datetime) -> None:
        counting.count(self._connection, call.system, Priority(call.priority).name.lower(), call.credits, now)
        day_figures.learn(self._connection, call.system, answer, self._clock)
        if isinstance(answer.error, RateLimited):
            kind = refusals.refused(self._connection, call.system, answer, self._clock)
            counting.count(self._connection, call.system, kind, 0, now)

    def _compare_clocks(self, call: Call, said: str, now: datetime) -> None:
        """How far Zoho's clock is ahead of the business clock, which on the simulator follows it first."""
        try:
            theirs = parsedate_to_datetime(said).astimezone(UTC)
        except ValueError:
            return
        if self._connection.is_simulator:
            self._learn_clock(theirs, now)
        self._tally.skews[call.system] = (theirs - self._connection.now(self._clock)).total_seconds()

    def _learn_clock(self, theirs: datetime, now: datetime) -> None:
        """On the simulator business time follows its clock, which a person may move."""
        offset = (theirs - now).total_seconds()
        if abs(offset - self._connection.clock_offset) > MOVED_SECONDS:
            Connection.objects.filter(pk=self._connection.pk).update(clock_offset=offset)
            self._connection.clock_offset = offset
            day_figures.forget(self._connection, self._clock)


def _in_transaction() -> bool:
    """Whether a transaction of ours is open; the one that a test case wraps around itself doesn't count."""
    return any(not getattr(block, "_from_testcase", False) for block in database.atomic_blocks)
