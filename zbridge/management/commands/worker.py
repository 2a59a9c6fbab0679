"""`manage.py worker`: one supervised qcluster per queue."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from zbridge.management.children import QUEUES, worker
from zbridge.management.supervisor import Supervisor
from zbridge.site.bell import Bell
from zbridge.site.sweep import schedule_tick


class Command(BaseCommand):
    help = "Run the workers, restarted when they end or fall silent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", choices=QUEUES, help="only this queue; default: both")

    def handle(self, *args: object, **options: object) -> None:
        schedule_tick()
        queues = [str(options["queue"])] if options["queue"] else list(QUEUES)
        Supervisor([worker(queue) for queue in queues], Bell(queues).ring).run()
