"""How many calls to Books one kind of work may make now: its share of the day, saved up between turns and kept."""

from datetime import datetime

from accounts import pacing
from accounts.models import Connection
from invoicing.domain.balances import saved
from syncjobs.models import Checkpoint


class Budget:
    """The share of one kind of work; `share` is of the calls that schedules may use, `least` can always be saved up."""

    def __init__(self, connection: Connection, kind: str, share: float, now: datetime, least: int = 1) -> None:
        self.kept = Checkpoint.objects.get_or_create(connection=connection, kind=kind)[0]
        self.now = now
        self.a_day = share * pacing.for_listing(pacing.day_of(connection, "books"))
        before = (self.kept.place or {}).get("left")
        self.left = saved(before, now - (self.kept.read_at or now), self.a_day, least)

    def spend(self, calls: int) -> None:
        """Keep what is left after so many calls; where nobody knows the day's calls, there is no end to them."""
        place = {"left": self.left - calls} if self.a_day else None
        Checkpoint.objects.filter(pk=self.kept.pk).update(place=place, read_at=self.now)
