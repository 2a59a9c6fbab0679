"""`manage.py sync`: one run of each kind in this process, then of each pair whose halves were read."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from accounts.clients import seams
from accounts.models import Connection
from syncjobs import linking
from syncjobs.domain.pairs import PAIR_KINDS, read_first
from syncjobs.mappings import Refused, mapping_of
from syncjobs.models import Plan, Run
from syncjobs.services import KINDS, start_run
from syncjobs.settling import apply_plan
from syncjobs.syncing import PLAN_ONLY
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from zbridge.management.answers import DONE, REFUSED, WAITS, AnsweringCommand

COUNTS = ("read", "created", "updated", "unchanged", "refused", "skipped", "failed", "conflicts", "writes")
WORST_FIRST = ("failed", "refused", "incomplete", "paused", "complete")


class Command(AnsweringCommand):
    help = "Read what changed (or all, with --full) of each kind, and keep pairs in step (or only plan it, --plan)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kinds", nargs="*", metavar="KIND", choices=[*KINDS, []], help=" ".join(KINDS))
        parser.add_argument("--full", action="store_true")
        parser.add_argument("--plan", action="store_true", help="plan the pairs and write nothing")
        parser.add_argument("--apply", type=int, metavar="PLAN", help="apply exactly this plan, and nothing else")

    def handle(self, *args: object, **options: Any) -> None:
        connection = self.connection(options)
        runs = self._applied(connection, options["apply"]) if options["apply"] else self._synced(connection, options)
        found = _totals([_answer(run) for run in runs])
        self.answer(found, options, {"complete": DONE, "paused": WAITS}.get(found["state"], REFUSED))

    def _applied(self, connection: Connection, number: int) -> list[Run]:
        plan = Plan.objects.filter(connection=connection, pk=number).first()
        if plan is None:
            raise CommandError(f"There is no plan {number} of {connection}.")
        try:
            return [work_to_end(apply_plan(plan, None, seams().clock), bulk_reader())]
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _synced(self, connection: Connection, options: dict[str, Any]) -> list[Run]:
        clock = seams().clock
        wanted = set(options["kinds"] or KINDS)
        halves = {pair: set(read_first(pair, connection.parties)) for pair in PAIR_KINDS}
        pairs = [pair for pair in PAIR_KINDS if wanted & halves[pair]]
        wanted = wanted.union(*(halves[pair] for pair in pairs))
        runs = []
        for kind in (kind for kind in KINDS if kind in wanted):
            run = start_run(connection, kind, clock, full=options["full"], trigger="command", doorbell=False)
            runs.append(work_to_end(run, bulk_reader()))
        linking.link_products(connection, clock)
        for pair in pairs:
            if options["plan"] or mapping_of(connection, PAIR_KINDS[pair], clock).two_way:
                trigger = PLAN_ONLY if options["plan"] else "command"
                run = start_run(connection, pair, clock, trigger=trigger, doorbell=False)
                runs.append(work_to_end(run, bulk_reader()))
        return runs


def _answer(run: Run) -> dict[str, Any]:
    counts = {name: getattr(run, name) for name in COUNTS if name != "read"}
    calls = {"crm": run.calls_crm, "books": run.calls_books}
    found = {"id": str(run.pk), "kind": run.kind, "state": run.state, "read": run.done, **counts, "calls": calls}
    plan = run.plans.first()
    return found | ({"plan": plan.pk, "planned": plan.writes.count()} if plan else {})


def _totals(runs: list[dict[str, Any]]) -> dict[str, Any]:
    states = {run["state"] for run in runs}
    state = next((one for one in WORST_FIRST if one in states), "complete")
    sums = {name: sum(run[name] for run in runs) for name in COUNTS}
    calls = {side: sum(run["calls"][side] for run in runs) for side in ("crm", "books")}
    return {"state": state, **sums, "calls": calls, "runs": runs}
