"""The process that watches the workers: what ends or falls silent is started anew, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.models import Heartbeat
from zbridge.clock import SystemClock
from zbridge.management import supervisor
from zbridge.management.children import worker
from zbridge.management.supervisor import Child, Supervisor

LONG = (sys.executable, "-c", "import time; time.sleep(600)")
# Ignores the polite signal, as a wedged worker would.
DEAF = (sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")


def watched(child: Child, ended: Callable[[], bool]) -> None:
    """Run the supervisor until that has come true."""

    def each_second() -> None:
        watching.stopping = ended() or time.monotonic() > until

    until = time.monotonic() + 25
    watching = Supervisor([child], each_second)
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    assert threading.current_thread() is threading.main_thread()
    try:
        watching.run()
    finally:
        for sign, way in before.items():
            signal.signal(sign, way)
    assert time.monotonic() < until + 25, "it never came true"


def is_running(pid: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return bool(told.stdout.strip()) and not told.stdout.startswith("Z")


def pid_of(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def test_a_child_that_lives_but_shows_no_sign_of_life_is_killed_and_started_anew() -> None:
    child = Child("worker", LONG)
    child.start()
    silent = pid_of(child)
    child.is_alive = lambda started_at: pid_of(child) != silent
    watched(child, lambda: pid_of(child) != silent)
    assert not is_running(silent) and not is_running(pid_of(child)), "nothing is left behind"


def test_a_child_that_was_killed_is_started_anew() -> None:
    child = Child("worker", LONG)
    child.start()
    first = pid_of(child)
    os.kill(first, signal.SIGKILL)
    watched(child, lambda: pid_of(child) != first)


def test_a_child_that_ignores_the_polite_signal_is_ended_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.3)
    child = Child("worker", DEAF)
    watched(child, lambda: child.process is not None)
    assert child.process is not None and child.process.wait(5) == -signal.SIGKILL


def test_what_a_cluster_s_worker_is_at_when_all_is_stopped_it_finishes_first(tmp_path: Path) -> None:
    """A deploy: the cluster is told, its workers aren't, and it ends when they are done."""
    done = tmp_path / "done"
    task = f"import time; time.sleep(2); open({str(done)!r}, 'w').close()"
    cluster = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, lambda *told: (at_work.wait(), sys.exit(0)))\n"
        f"at_work = subprocess.Popen([sys.executable, '-c', {task!r}])\n"
        "signal.pause()"
    )
    child = Child("worker", (sys.executable, "-c", cluster))
    watched(child, lambda: child.process is not None)
    assert child.process is not None and child.process.wait(5) == 0 and done.exists()


@pytest.mark.django_db(transaction=True)
def test_the_old_sign_of_a_dead_worker_does_not_end_the_new_one() -> None:
    now = SystemClock().now()
    Heartbeat.objects.create(queue="click", pid=1, beat_at=now - timedelta(hours=1))
    child = worker("click")
    assert child.is_alive(now - timedelta(minutes=4)), "it may still be starting"
    assert not child.is_alive(now - timedelta(minutes=6)), "it never gave a sign"
    Heartbeat.objects.update(beat_at=now - timedelta(minutes=1))
    assert child.is_alive(now - timedelta(minutes=6))
