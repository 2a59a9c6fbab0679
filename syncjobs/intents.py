"""The log of what zbridge set out to make for a pair of kinds: written before the call, ended when its end is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Connection
from syncjobs.domain.digesting import canonical_json
from syncjobs.models import Attempt
from zbridge.clock import Clock
from zbridge.zoho.errors import OutcomeUnknown, ZohoError

UNKNOWN = ("", "UNKNOWN")


@dataclass(frozen=True)
class Origin:
    """What is made where from what: the side that gets it and the record that the other side has."""

    side: str
    pair: str
    from_id: str

    @property
    def key(self) -> str:
        """As it stands in the log; fits its 40 characters, since Zoho's ids have at most 19 digits."""
        return f"{self.side}:{self.pair}:{self.from_id}"


@dataclass(frozen=True)
class Intents:
    """The log of one connection."""

    connection: Connection
    clock: Clock

    def open_one(self, origin: Origin) -> Attempt | None:
        """The last making of it, when nobody knows how it ended."""
        last = self._rows(origin).order_by("-number").first()
        return last if last is not None and last.outcome in UNKNOWN else None

    def open_ones(self, pair: str) -> list[tuple[Origin, Attempt]]:
        """All of a pair whose end nobody knows."""
        rows = Attempt.objects.filter(connection=self.connection, purpose="record", outcome__in=UNKNOWN)
        found = [(Origin(*row.key.split(":")), row) for row in rows]
        return [(origin, row) for origin, row in found if origin.pair == pair]

    def begin(self, origins: Sequence[Origin], bodies: Sequence[dict[str, Any]]) -> list[Attempt]:
        """Commit that these are about to be made, all or none."""
        with transaction.atomic():
            return [self._begin(*one) for one in zip(origins, bodies, strict=True)]

    def _begin(self, origin: Origin, body: dict[str, Any]) -> Attempt:
        return Attempt.objects.create(
            connection=self.connection, purpose="record", key=origin.key, number=self._rows(origin).count() + 1,
            asked=canonical_json(body), started_at=self.clock.now(),
        )  # fmt: skip

    def made(self, attempt: Attempt, identity: str, how: str = "") -> None:
        """It stands there, under this id."""
        self._end(attempt, "OK", remote_id=identity, conclusion=how)

    def not_made(self, attempt: Attempt, why: str) -> None:
        """It surely does not stand there."""
        self._end(attempt, "FAIL", conclusion=why[:300])

    def failed(self, attempt: Attempt, trouble: ZohoError) -> None:
        """Zoho refused it, or nobody knows."""
        outcome = "UNKNOWN" if isinstance(trouble, OutcomeUnknown) else "FAIL"
        said = {"code": str(trouble.code or "")[:60], "status": trouble.http, "request_id": trouble.request_id[:80]}
        self._end(attempt, outcome, conclusion=trouble.sentence[:300], **said)

    def unsettled(self, attempt: Attempt) -> None:
        """It was looked for and may still appear."""
        Attempt.objects.filter(pk=attempt.pk).update(outcome="UNKNOWN")

    def _end(self, attempt: Attempt, outcome: str, **said: Any) -> None:
        Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome, ended_at=self.clock.now(), **said)

    def _rows(self, origin: Origin) -> QuerySet[Attempt]:
        return Attempt.objects.filter(connection=self.connection, purpose="record", key=origin.key)
