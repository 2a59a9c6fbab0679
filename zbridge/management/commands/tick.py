"""`manage.py tick`: one sweep without a queue, cron's fallback."""

from typing import Any

from zbridge.management.answers import DONE, AnsweringCommand
from zbridge.management.children import QUEUES
from zbridge.site.sweep import beat, work_everything


class Command(AnsweringCommand):
    help = "Work all that is due, in this process."

    def handle(self, *args: object, **options: Any) -> None:
        worked = work_everything()
        for queue in QUEUES:
            beat(queue)
        self.answer(dict(worked), options, DONE)
