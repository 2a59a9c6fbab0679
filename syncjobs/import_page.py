"""What *Import* shows, from our own tables: each step with its count, pace, remaining time, calls, and the verdicts."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.conf import settings
from django.db.models import Max, Sum

from accounts.limiter import bulk_budget
from accounts.models import Connection, User
from accounts.roles import may
from syncjobs import importing
from syncjobs.domain.forecasting import Budget, finished_at, pace
from syncjobs.domain.pairs import PAIR_KINDS
from syncjobs.import_form import HoursForm, hours_form
from syncjobs.models import Comparison, Import, PairKind, Plan, Run
from syncjobs.off_peak import window_of
from syncjobs.reading import feed_of
from zbridge.clock import Clock
from zbridge.zoho.paging import PER_PAGE

TONES = {"complete": "success", "running": "info", "incomplete": "warning", "stopped": "warning"}


@dataclass(frozen=True)
class Step:
    """One step: `total` is 0 where Zoho doesn't tell how many there are and none were read before."""

    title: str
    side: str
    run: Run | None
    done: int
    total: int
    ended: bool

    @property
    def percent(self) -> int:
        return 100 if self.ended else min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def calls_left(self) -> int:
        return 0 if self.ended else ceil(max(0, self.total - self.done) / PER_PAGE)


def page(
    connection: Connection, user: User, clock: Clock, *, others: list[Connection], form: HoursForm | None = None
) -> dict[str, Any]:
    """The import under way or the last one, and what both sides came to; no call to Zoho."""
    row = Import.objects.filter(connection=connection).select_related("user").first()
    moving = row is not None and row.state == Import.State.RUNNING
    steps = steps_of(row) if row else []
    return {
        "connection": connection, "others": others, "import": row, "moving": moving, "steps": steps,
        "tone": TONES[row.state] if row else "", "form": form or hours_form(connection),
        "window": window_of(connection), "may_run": may(user, "run"),
        "compared": latest(connection), "plans": _plans(row),
        **(_progress(row, steps, clock) if row else {}),
    }  # fmt: skip


def steps_of(row: Import) -> list[Step]:
    """Every step in order, with what was read and what is expected: CRM's own count, else what was read last time."""
    runs = {run.kind: run for run in row.runs.order_by("pk")}
    ended = Run.objects.filter(connection=row.connection_id, kind__in=importing.READ, state=Run.State.COMPLETE)
    before = dict(ended.filter(full=True).values("kind").annotate(most=Max("done")).values_list("kind", "most"))
    return [_step(kind, runs.get(kind), before.get(kind, 0)) for kind in importing.STEPS]


def _step(kind: str, run: Run | None, before: int) -> Step:
    ended = run is not None and run.state in importing.ENDED
    if kind in PAIR_KINDS:
        title = f"{PairKind(PAIR_KINDS[kind]).label}: link, plan, compare"
        return Step(title, "", run, run.done if run else 0, run.total if run and not ended else 0, ended)
    feed = feed_of(kind, settings.ZBRIDGE_FEEDS)
    done = run.done if run else 0
    return Step(feed.label, feed.side, run, done, done if ended else max(done, run.total if run else 0, before), ended)


def _progress(row: Import, steps: list[Step], clock: Clock) -> dict[str, Any]:
    now = clock.now()
    current = next((step for step in steps if not step.ended and step.run is not None), None)
    calls = row.runs.aggregate(crm=Sum("calls_crm"), books=Sum("calls_books"))
    began = importing.forecast_from(row)
    seconds = ((row.ended_at or now) - began).total_seconds()
    read = sum(step.done for step in steps if step.side)
    return {
        "current": current, "read": read, "percent": _percent(steps),
        "calls": {"crm": calls["crm"] or 0, "books": calls["books"] or 0},
        "left": {side: bulk_budget(row.connection, side, now).left for side in ("crm", "books")},
        "rate": round(pace(read, seconds)) if not row.in_window else 0,
        "ends": _ends(row, steps, clock) if row.state == Import.State.RUNNING else None,
        "at_least": any(not step.ended and step.side and not step.total for step in steps),
    }  # fmt: skip


def _percent(steps: list[Step]) -> int:
    """All steps count alike: how long each takes isn't known before Zoho tells how many there are."""
    return sum(step.percent for step in steps) // len(steps) if steps else 0


def _ends(row: Import, steps: list[Step], clock: Clock) -> datetime | None:
    """One side after the other, as they are read."""
    at: datetime | None = row.connection.now(clock)
    window = window_of(row.connection) if row.in_window else None
    for side in ("books", "crm"):
        found = bulk_budget(row.connection, side, clock.now())
        calls = sum(step.calls_left for step in steps if step.side == side)
        budget = Budget(found.a_minute, found.left, found.a_day, found.renewed)
        at = finished_at(at, calls, budget, window) if at else None
    return at


def latest(connection: Connection) -> list[Comparison]:
    """The newest comparison of each pair."""
    newest = Comparison.objects.filter(connection=connection).values("pair").annotate(newest=Max("pk"))
    return list(Comparison.objects.filter(pk__in=[one["newest"] for one in newest]).order_by("pair"))


def _plans(row: Import | None) -> list[Plan]:
    """What the import would write and a person applies."""
    if row is None:
        return []
    rows = Plan.objects.filter(run__part_of=row, state__in=[Plan.State.MADE, Plan.State.STOPPED], writes__isnull=False)
    return list(rows.distinct().order_by("pk"))
