"""What didn't go through and isn't settled since: grouped by cause in plain words, and tried again with a plan first.

A failure is settled when its record is written later, or when a later plan finds that nothing is to be written.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from accounts.models import Connection, User
from syncjobs.domain.causes import CAUSES, CONNECTION, LINK, MAPPING, WHO, worded
from syncjobs.mappings import Refused
from syncjobs.models import Mapping, PairKind, PlannedWrite, Run
from syncjobs.narrowing import retry_writes
from zbridge.clock import Clock

Rows = QuerySet[PlannedWrite]
SHOWN, MOST_GROUPS, SAMPLED = 3, 50, 300
# One retry is a plan that a person reads: the rest of a larger group follows with the next press.
MOST_AT_ONCE = 1000


@dataclass
class Group:
    """Failures of one cause, side and pair of kinds: how many, since when, the first few, and what mends them."""

    connection_id: int
    pair: str
    cause: str
    side: str
    count: int
    since: Any
    shown: list[PlannedWrite] = field(default_factory=list)

    @property
    def title(self) -> str:
        return worded(CAUSES[self.cause].title, self.side)

    @property
    def fix(self) -> str:
        return worded(CAUSES[self.cause].fix, self.side)

    @property
    def button(self) -> str:
        return CAUSES[self.cause].button

    @property
    def there(self) -> str:
        """The address of the page that mends it; empty where Zoho itself is that place."""
        return _place(CAUSES[self.cause].place, self.connection_id, self.pair)

    @property
    def what(self) -> str:
        """The pair of kinds, as people call it."""
        return PairKind(self.pair).label

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)

    @property
    def query(self) -> str:
        """What the list of writes is asked for, to show them all."""
        return f"tab=open&cause={self.cause}&side={self.side}&pair={self.pair}"


def _place(place: str, connection_id: int, pair: str) -> str:
    if place == MAPPING:
        mapping = Mapping.objects.filter(connection=connection_id, pair=pair).values_list("pk", flat=True).first()
        return reverse("mapping:detail", args=[mapping]) if mapping else reverse("mapping:list")
    names = {WHO: "who:list", CONNECTION: "connection:list", LINK: "admin:syncjobs_link_changelist"}
    return reverse(names[place]) if place in names else ""


def failing(connections: Any, run: Run | None = None) -> Rows:
    """The failures that are not settled, of all runs or of one."""
    rows = PlannedWrite.objects.filter(failing=True, plan__connection__in=connections)
    return rows.filter(plan__run=run) if run is not None else rows


def groups(rows: Rows) -> list[Group]:
    """By cause, the largest first; a constant number of queries however many there are, two more per place."""
    keys = ("plan__connection_id", "plan__pair", "cause", "side")
    counted = rows.order_by().values_list(*keys).annotate(number=Count("pk"), since=Min("ended_at"))
    found = {
        row[:4]: Group(row[0], row[1], row[2] if row[2] in CAUSES else "other", row[3], row[4], row[5])
        for row in counted.order_by("-number", "cause")[:MOST_GROUPS]
    }
    for row in rows.select_related("plan").order_by("pk")[:SAMPLED]:
        group = found.get((row.plan.connection_id, row.plan.pair, row.cause, row.side))
        if group is not None and len(group.shown) < SHOWN:
            group.shown.append(row)
    return list(found.values())


def retry(connection: Connection, rows: Rows, user: User, clock: Clock) -> Run:
    """Have both sides read, then a plan made of just these records; nothing is written until a person applies it.

    Raises Refused when nothing of it waits any more, or while a run of these kinds is under way.
    """
    found = list(rows.order_by("pk").values_list("pk", "plan__pair")[:MOST_AT_ONCE])
    if not found:
        raise Refused("Nothing of this waits any more: it was settled meanwhile.")
    pair = found[0][1]
    ids = [pk for pk, of in found if of == pair]
    said = f"Asked to try {len(ids)} again: {PairKind(pair).label.lower()}."
    return retry_writes(connection, pair, ids, user, clock, said)
