"""What *Schedules* shows, from our own tables: how often, at what cost, next and last run, how old figures got."""

from datetime import datetime, timedelta
from typing import Any

from accounts import quota_page
from accounts.models import AuditEvent, Connection, User
from accounts.quota_page import UNITS
from accounts.roles import may
from syncjobs.domain import schedules as domain
from syncjobs.models import Checkpoint, Run
from syncjobs.schedule_form import TARGET, ScheduleForm, form_of
from syncjobs.schedules import Standing, day_of, standings
from zbridge.clock import Clock
from zbridge.zoho.errors import NAMES

Row = dict[str, Any]
READ_TO_THE_END = (Run.State.COMPLETE, Run.State.INCOMPLETE)
# Among so many runs the twenty that were read to the end are looked for.
LOOKED_AT, MOST_CHANGES = 60, 10


def page(
    connection: Connection, user: User, clock: Clock, *, others: list[Connection], form: ScheduleForm | None = None
) -> Row:
    """Both sides with their lists; no call to Zoho, and as many queries for years of runs as for none."""
    found = standings(connection)
    form = form or form_of(found)
    days = quota_page.of_the_day(connection, clock)
    ages = _ages(connection, connection.now(clock))
    lists = {one.row.kind: _list(connection, one, form, ages.get(one.row.kind), clock.now()) for one in found}
    changes = AuditEvent.objects.filter(subject_kind="schedule", subject_id=str(connection.pk)).order_by("-pk")
    return {
        "connection": connection, "others": others, "form": form, "may_set": may(user, "schedule"),
        "sides": [_side(connection, side, found, lists, days[side]) for side in UNITS],
        "changes": changes[:MOST_CHANGES],
    }  # fmt: skip


def _ages(connection: Connection, business: datetime) -> dict[str, timedelta]:
    rows = Checkpoint.objects.filter(connection=connection).values_list("kind", "read_at")
    return {kind: business - read_at for kind, read_at in rows if read_at is not None}


def _side(connection: Connection, side: str, found: list[Standing], lists: dict[str, Row], day: Row) -> Row:
    """The day's calls, what of them the schedules cost, and the side's lists."""
    mine = [one for one in found if one.feed.side == side]
    wanted = [one.row.every_minutes for one in mine if one.row.on]
    has = day_of(connection, side)
    return {
        "side": side, "name": NAMES[side], "unit": UNITS[side], "has": has, "day": day, "cost": domain.cost(wanted),
        "followed": domain.cost([one.every / timedelta(minutes=1) for one in mine if one.every]),
        "stretched": not domain.fits(wanted, has.allowed), "lists": [lists[one.row.kind] for one in mine],
    }  # fmt: skip


def _list(connection: Connection, one: Standing, form: ScheduleForm, age: timedelta | None, now: datetime) -> Row:
    """One kind: what is chosen and followed, next and last run, target and measured age."""
    runs = Run.objects.filter(connection=connection, kind=one.row.kind, part_of=None).order_by("-requested_at")
    last = list(runs.only("kind", "state", "sentence", "requested_at", "started_at", "ended_at")[:LOOKED_AT])
    readings = [
        (run.started_at, run.ended_at)
        for run in reversed(last)
        if run.state in READ_TO_THE_END and run.started_at and run.ended_at
    ]
    target = one.target
    slower = one.every is not None and one.every > timedelta(minutes=one.row.every_minutes)
    return {
        "label": one.feed.label, "field": form[one.row.kind],
        "aim": form[f"{TARGET}{one.row.kind}"], "on": one.row.on, "busy": one.busy,
        "chosen": domain.in_words(one.row.every_minutes), "cost": domain.cost([one.row.every_minutes]),
        "next_at": max(one.next_at or now, now) if one.every else None, "last": last[0] if last else None,
        "followed": domain.in_words(one.every / timedelta(minutes=1)) if slower and one.every else "",
        "target": _words(target), "age": _words(age), "late": bool(target and age and age > target),
        **_lag(domain.measured(readings)),
    }  # fmt: skip


def _lag(lag: domain.Lag | None) -> Row:
    """How old figures really got; nothing before the second reading."""
    if lag is None:
        return {"readings": 0, "typical": "", "worst": ""}
    return {"readings": lag.readings, "typical": _words(lag.typical), "worst": _words(lag.worst)}


def _words(age: timedelta | None) -> str:
    return domain.age_in_words(age) if age else ""
