"""What measurements stand on: a throwaway database, an in-process simulator of a size, a connection with limits off."""

import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

HOME = Path(tempfile.mkdtemp(prefix="zbridge-bench."))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zbridge.settings")
os.environ["ZBRIDGE_HOME"] = str(HOME)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{HOME / 'bench.sqlite3'}")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from accounts.clients import Seams  # noqa: E402
from accounts.connecting import connect_simulator  # noqa: E402
from accounts.models import User  # noqa: E402
from tests.in_process import InProcess  # noqa: E402
from zbridge.clock import SteppedClock  # noqa: E402
from zbridge.simulator.app import Simulator  # noqa: E402
from zbridge.simulator.build import build, lay_world  # noqa: E402
from zbridge.zoho.wire import Wire  # noqa: E402

START = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def empty() -> None:
    """Start anew: another file, since the audit trail's rows can't be deleted."""
    connections.close_all()
    path = HOME / f"bench-{len(list(HOME.iterdir()))}.sqlite3"
    connections["default"].settings_dict["NAME"] = str(path)
    call_command("migrate", verbosity=0, interactive=False)


class Stage:
    """A connected organisation of a size, everything in this process."""

    def __init__(self, size: str) -> None:
        empty()
        self.clock = SteppedClock(START)
        self.simulator: Simulator = build(clock=self.clock)
        lay_world(self.simulator, size=size)
        self._limits_off()
        self.seams = Seams(clock=self.clock, wire=Wire(lambda: InProcess(self.simulator, self.clock)))
        self.user, _ = User.objects.get_or_create(username="bench")
        self.connection = connect_simulator(self.user, go_live=date(2026, 10, 1), found=self.seams)
        self.buckets_full()

    def _limits_off(self) -> None:
        for module, name in (("crm_orgs", "crm_org_id"), ("books_orgs", "books_organization_id")):
            id = str(self.simulator.store.setting(name))
            org = self.simulator.store.get("sim", module, id) or {}
            kept: dict[str, Any] = {"created": "", "modified": "", "written": 0.0, "keys": {}}
            self.simulator.store.save("sim", module, id, org | {"limits": "off"}, **kept)

    def buckets_full(self) -> None:
        """Our own limiter wide open, so that work is measured and not waiting."""
        self.connection.bucket_set.update(tokens=1e9, capacity=1e9, poured_at=0, day_limit=0, at_once=20)
