"""What commands have in common: the connection asked for, one JSON object on stdout, the exit codes of design 10."""

import json
import sys
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Connection
from zbridge.zoho.errors import ZohoError

DONE, REFUSED, USAGE, WAITS = 0, 1, 2, 3


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


class AnsweringCommand(BaseCommand):
    """A command that answers with one JSON object and an exit code."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        add_common(parser)
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """The command; a Zoho that can't be asked just now is a sentence and exit code 3, not a trace."""
        try:
            return super().execute(*args, **options)
        except ZohoError as trouble:
            raise CommandError(trouble.sentence, returncode=WAITS) from trouble

    def connection(self, options: dict[str, Any]) -> Connection:
        """The connection of --connection, else the first connected one."""
        rows = Connection.objects.exclude(state=Connection.State.DRAFT)
        found = rows.filter(pk=options["connection"]).first() if options["connection"] else rows.first()
        if found is None:
            raise CommandError("There is no such connection; connect one in the admin site first.", returncode=USAGE)
        return found

    def answer(self, found: dict[str, Any], options: dict[str, Any], code: int) -> NoReturn:
        """Print it (as JSON, or as lines for a person) and leave with the code."""
        if options["json"]:
            self.stdout.write(json.dumps(found, default=_plain))
        else:
            for name, value in found.items():
                self.stdout.write(f"{name}: {value}")
        self.stdout.flush()
        sys.exit(code)


def add_common(parser: ArgumentParser) -> None:
    """--json and --connection, on all."""
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--connection", type=int, help="the connection's number (default: the first connected)")
