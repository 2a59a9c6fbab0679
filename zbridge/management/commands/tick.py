"""`manage.py tick`: one sweep without a queue, cron's fallback."""

from typing import Any

from zbridge.management.answers import DONE, AnsweringCommand
from zbridge.site.sweep import work_everything


class Command(AnsweringCommand):
    help = "Work all that is due, in this process."

    def handle(self, *args: object, **options: Any) -> None:
        self.answer(dict(work_everything()), options, DONE)
