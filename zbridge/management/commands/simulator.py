"""`manage.py simulator`: the fake Zoho, on loopback only."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Serve the fake Zoho (OAuth, CRM, Books and its own pages) on 127.0.0.1."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--state", default=str(Path(settings.HOME) / "simulator.sqlite3"))
        parser.add_argument("--size", default="small", help="small, none, or a number of accounts")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: object, **options: object) -> None:
        names = ("port", "state", "size", "seed")
        command = [sys.executable, "-m", "zbridge.simulator"]
        command += [part for name in names for part in (f"--{name}", str(options[name]))]
        os.execv(command[0], command)  # noqa: S606
