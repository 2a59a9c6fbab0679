"""What the page of one run shows, from our own tables: the verdict, what didn't go through, what was written."""

from typing import Any

from django.db.models import Count

from accounts.models import User
from accounts.roles import may
from syncjobs import desk
from syncjobs.failures import failing, groups
from syncjobs.models import Run
from syncjobs.narrowing import can_be_undone
from syncjobs.words import TRIGGERS, lasted

ENDED = (Run.State.COMPLETE, Run.State.INCOMPLETE, Run.State.REFUSED, Run.State.FAILED)
TONES = {
    Run.State.COMPLETE: "success", Run.State.WAITING: "info", Run.State.RUNNING: "info", Run.State.PAUSED: "warning",
    Run.State.INCOMPLETE: "warning", Run.State.REFUSED: "danger", Run.State.FAILED: "danger",
}  # fmt: skip
COUNTS = ("created", "updated", "unchanged", "refused", "skipped", "failed", "conflicts")
NOT_THROUGH = ("failed", "refused", "skipped", "conflict")
RECENT_PAGES, MOST_ENTRIES = 20, 50


def run_page(run: Run, user: User) -> dict[str, Any]:
    """All of it, with the plan of a run that keeps a pair in step."""
    plan = run.plans.first()
    entries = list(run.entries.order_by("pk")[: MOST_ENTRIES + 1])
    shown = desk.plan_page(plan, user) if plan is not None else {}
    failed = groups(failing([run.connection_id], run)) if plan is not None else []
    return shown | {
        "groups": failed, "may_retry": may(user, "run"), "may_undo": may(user, "run") and can_be_undone(run),
        "undone_by": run.undone_by.order_by("pk"),
        "title": str(run), "run": run, "tone": TONES[Run.State(run.state)],
        "moving": run.state not in ENDED, "set_off_by": set_off_by(run), "took": lasted(run.took),
        "counts": [(name, getattr(run, name)) for name in COUNTS], "causes": _causes(run), "percent": _percent(run),
        "entries": [(row, _changes(row)) for row in entries[:MOST_ENTRIES]], "more_entries": entries[MOST_ENTRIES:],
        "pages": run.pages.order_by("-number")[:RECENT_PAGES],
    }  # fmt: skip


def set_off_by(run: Run) -> str:
    """Who or what set the run off: “Cy”, “Cy: a plan was applied”, “The schedule”."""
    what = TRIGGERS.get(run.trigger, run.trigger)
    if run.user is None:
        return what
    who = run.user.get_full_name() or run.user.username
    return who if run.trigger == "person" else f"{who}: {what[0].lower()}{what[1:]}"


def _percent(run: Run) -> int:
    return min(100, round(100 * run.done / run.total)) if run.total else 0


def _causes(run: Run) -> Any:
    rows = run.entries.filter(outcome__in=NOT_THROUGH)
    return rows.values("cause").annotate(number=Count("pk")).order_by("-number")[:20]


def _changes(entry: Any) -> list[tuple[str, str, str]]:
    return [(name, entry.before.get(name, ""), after) for name, after in entry.after.items()]
