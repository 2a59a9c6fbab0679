"""`manage.py restored`: say that this database was restored from a copy, before anything may write to Zoho."""

from typing import Any

from accounts.clients import seams
from accounts.models import Connection
from zbridge.management.answers import DONE, AnsweringCommand
from zbridge.site import restored


class Command(AnsweringCommand):
    help = "Stop writing to Zoho and read everything anew: run it after restoring a backup, before the workers start."

    def handle(self, *args: object, **options: Any) -> None:
        rows = list(Connection.objects.exclude(state=Connection.State.DRAFT))
        for row in rows:
            restored.begin(row, None, seams().clock)
        self.answer({"connections": [str(row.pk) for row in rows], "writes": "stopped"}, options, DONE)
