"""`manage.py demo`: database, simulator with its world, users, first reading, web and workers, in one go."""

import os
import shutil
import time
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from zbridge.management import children, demo_links, demo_week, demo_world
from zbridge.management.supervisor import Child, Supervisor
from zbridge.site.bell import Bell
from zbridge.site.sweep import schedule_tick

PATIENCE_SECONDS = 120.0


class Command(BaseCommand):
    help = "Set up and serve the demo: nothing to install, nothing to configure."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--simulator-port", type=int, default=8900)
        parser.add_argument("--prepare-only", action="store_true", help="do all but serve")
        parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")

    def handle(self, *args: object, **options: object) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo is not for production; see README, “Run it for a team”.")
        port, simulator_port = int(str(options["port"])), int(str(options["simulator_port"]))
        self._point_at(simulator_port)
        self._reached_at(port)
        if options["reset"]:
            self._reset()
        simulator = self._ensure_simulator(simulator_port)
        try:
            self._prepare()
        except BaseException:
            _stop(simulator)
            raise
        if options["prepare_only"]:
            _stop(simulator)
            return
        self._serve(port, simulator_port, simulator)

    def _point_at(self, simulator_port: int) -> None:
        """All that is started finds the simulator there."""
        url = f"http://127.0.0.1:{simulator_port}"
        settings.ZBRIDGE_SIMULATOR_URL = url
        os.environ["ZBRIDGE_SIMULATOR_URL"] = url

    def _reached_at(self, port: int) -> None:
        """The simulated Zoho reaches us on this machine, unless an address was set."""
        settings.ZBRIDGE_PUBLIC_URL = settings.ZBRIDGE_PUBLIC_URL or f"http://127.0.0.1:{port}"
        os.environ["ZBRIDGE_PUBLIC_URL"] = settings.ZBRIDGE_PUBLIC_URL

    def _reset(self) -> None:
        if demo_world.simulator_info() is not None:
            raise CommandError("Stop the running demo first, then run this again.")
        connections.close_all()
        home = Path(settings.HOME)
        for path in [*home.glob("*.sqlite3*"), home / "mail"]:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def _ensure_simulator(self, port: int) -> Child | None:
        """The simulator that is up, or one of our own."""
        if demo_world.simulator_info() is not None:
            return None
        child = children.simulator(port)
        child.start()
        until = time.monotonic() + PATIENCE_SECONDS
        while demo_world.simulator_info() is None:
            if child.has_ended() or time.monotonic() > until:
                raise CommandError(f"The simulator did not start on port {port}; is something else there?")
            time.sleep(0.2)
        return child

    def _prepare(self) -> None:
        self.stderr.write("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        people = demo_world.make_people()
        self.stderr.write("Connecting to the simulated Zoho and reading it ...")
        connection = demo_world.connect(people)
        demo_world.know_reps(connection, people)
        demo_world.keep_in_step(connection, people["cy"])
        demo_week.play(connection, people["cy"])
        for run in demo_world.read_all(connection):
            self.stderr.write(f"  {run.sentence}")
        demo_links.plant(connection, people["cy"])
        demo_world.quotes_bill_themselves(connection)
        demo_world.near_real_time(connection, people["cy"])
        schedule_tick()

    def _serve(self, port: int, simulator_port: int, simulator: Child | None) -> None:
        connections.close_all()
        os.environ.setdefault("ZBRIDGE_URL", f"http://127.0.0.1:{port}")
        family = [children.web(port), *(children.worker(queue) for queue in children.QUEUES)]
        supervisor = Supervisor([*family, *([simulator] if simulator else [])], Bell().ring)
        self.stdout.write(_welcome(port, simulator_port))
        self.stdout.flush()
        supervisor.run()


def _stop(simulator: Child | None) -> None:
    if simulator is not None and simulator.process is not None:
        simulator.process.terminate()
        simulator.process.wait(20)


def _welcome(port: int, simulator_port: int) -> str:
    names = ", ".join(person.username for person in demo_world.PEOPLE)
    return (
        f"\nzbridge is at   http://127.0.0.1:{port}/\n"
        f"log in as       {names}   (password {settings.ZBRIDGE_DEMO_PASSWORD})\n"
        f"play Zoho at    http://127.0.0.1:{simulator_port}/\n"
        "Stop with Ctrl-C.\n"
    )
