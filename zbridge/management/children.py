"""The processes that make up a running zbridge, as children of a supervisor."""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from accounts.models import Heartbeat
from zbridge.clock import SystemClock
from zbridge.management.supervisor import Child

QUEUES = ("click", "bulk")
MANAGE = str(Path(settings.BASE_DIR) / "manage.py")


def worker(queue: str) -> Child:
    """One qcluster; silent when its canary is older than ZBRIDGE_WORKER_SILENCE allows (five minutes).

    Each start has as long for its first sign: the old sign of the one before must not end the new one.
    """

    def beats(started_at: datetime) -> bool:
        now = SystemClock().now()
        try:
            row = Heartbeat.objects.filter(queue=queue).first()
            connection.close()
        except DatabaseError:
            return True
        last = max(row.beat_at, started_at) if row else started_at
        return now - last < timedelta(seconds=settings.ZBRIDGE_WORKER_SILENCE)

    name = {"Q_CLUSTER_NAME": queue} if queue != "click" else {}
    return Child(f"{queue} worker", [sys.executable, MANAGE, "qcluster", "--name", queue], name, beats)


def web(port: int) -> Child:
    """gunicorn on loopback; a proxy with TLS stands before it where people reach it from elsewhere."""
    command = [
        sys.executable, "-m", "gunicorn", "zbridge.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", "2", "--threads", "4", "--timeout", "60", "--log-level", "warning",
        "--worker-tmp-dir", "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp",  # noqa: S108
    ]  # fmt: skip
    return Child("web", command)


def simulator(port: int) -> Child:
    """The fake Zoho on loopback, with its state under ZBRIDGE_HOME."""
    return Child("simulator", [sys.executable, MANAGE, "simulator", "--port", str(port)])
