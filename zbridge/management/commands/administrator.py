"""`manage.py administrator NAME`: the first RevOps administrator; all others are made on the page Users."""

import getpass
import os
from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.administrators import make_administrator
from accounts.clients import seams

PASSWORD = "ZBRIDGE_ADMINISTRATOR_PASSWORD"  # noqa: S105


class Command(BaseCommand):
    help = f"Make a RevOps administrator, or let one in again; asks for the password unless {PASSWORD} is set."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="")

    def handle(self, *args: object, **options: str) -> None:
        password = os.environ.get(PASSWORD) or _asked()
        try:
            with transaction.atomic():
                user, made = make_administrator(options["username"], options["email"], password, seams().clock)
        except ValidationError as weak:
            raise CommandError(" ".join(weak.messages)) from weak
        self.stdout.write(f"{user.username} is {'made' if made else 'let in again'} and may log in.")


def _asked() -> str:
    first = getpass.getpass("Password, twelve characters or more: ")
    if first != getpass.getpass("Again: "):
        raise CommandError("The two differ; nothing was changed.")
    return first
