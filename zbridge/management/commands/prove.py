"""`manage.py prove`: scans both sides for a sale billed twice or lost; exit 1 if there is one."""

from typing import Any

from django.core.management.base import CommandError

from accounts.clients import seams
from invoicing.models import Proof
from invoicing.proving import ask, work
from invoicing.tasks import workbench
from zbridge.management.answers import DONE, REFUSED, WAITS, AnsweringCommand
from zbridge.zoho.gate import Priority

PATIENCE_SECONDS = 600.0


class Command(AnsweringCommand):
    help = "Prove that every billing claim has at most one live invoice, and every done one has it."

    def handle(self, *args: object, **options: Any) -> None:
        clock = seams().clock
        proof = ask(self.connection(options), clock, trigger=Proof.Trigger.COMMAND, doorbell=False)
        until = clock.monotonic() + PATIENCE_SECONDS
        while proof.ended_at is None and clock.monotonic() < until:
            if work(proof.pk, workbench(Priority.POLL)) is None:
                clock.sleep(1.0)
            proof.refresh_from_db()
            if proof.hold:
                raise CommandError(f"The proof waits and goes on by itself: {proof.hold}", returncode=WAITS)
        if proof.ended_at is None:
            raise CommandError("The proof is still under way; it goes on by itself.", returncode=WAITS)
        found = {name: getattr(proof, name) for name in ("keys", "conversions", "invoices", "violations")}
        self.answer(found, options, REFUSED if proof.violations else DONE)
