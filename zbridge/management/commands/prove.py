"""`manage.py prove`: scans both sides for a sale billed twice or lost; exit 1 if there is one."""

from dataclasses import asdict
from typing import Any

from invoicing.proving import prove
from invoicing.tasks import workbench
from zbridge.management.answers import DONE, REFUSED, AnsweringCommand
from zbridge.zoho.gate import Priority


class Command(AnsweringCommand):
    help = "Prove that every billing claim has at most one live invoice, and every done one has it."

    def handle(self, *args: object, **options: Any) -> None:
        proof = prove(self.connection(options), workbench(Priority.POLL))
        found = asdict(proof) | {"violations": [asdict(one) for one in proof.violations]}
        self.answer(found, options, REFUSED if proof.violations else DONE)
