"""Keeps child processes alive: each in its own process group, dying with us, restarted when it ends or falls silent.

django-q2's cluster can look alive and run nothing (stack.md), so a child may have a sign of life that is asked for.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType

from zbridge.clock import SystemClock

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 20.0
RESTART_SECONDS = 2.0


@dataclass
class Child:
    """One process to keep alive; `is_alive` may say, by when it was last started, that it has fallen silent."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_alive: Callable[[datetime], bool] = lambda started_at: True
    process: subprocess.Popen[bytes] | None = None
    started_at: datetime = datetime.min.replace(tzinfo=UTC)

    def start(self) -> None:
        """Start it in a process group of its own, to be told to stop when we die."""
        self.started_at = SystemClock().now()
        self.process = subprocess.Popen(
            self.command, env={**os.environ, **self.environment}, preexec_fn=_own_group, stdin=subprocess.DEVNULL
        )

    def ask_to_end(self) -> None:
        """Tell the process alone: a cluster ends its own workers, after what they are at; told too, they would die."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """End it and all that it started, now."""
        if self.process is not None:
            _kill_group(self.process.pid)

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None


def _own_group() -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


class Supervisor:
    """Runs its children until it is told to stop."""

    def __init__(self, children: Sequence[Child], each_second: Callable[[], None] = lambda: None) -> None:
        self.children = list(children)
        self.each_second = each_second
        self.stopping = False

    def run(self) -> None:
        """Start all, watch all, and on SIGTERM or SIGINT stop all, running tasks first finished."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._stop)
        for child in self.children:
            if child.process is None:
                child.start()
        while not self.stopping:
            time.sleep(1)
            self._watch()
            self.each_second()
        self._end()

    def _stop(self, sign: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _watch(self) -> None:
        for child in self.children:
            if self.stopping:
                return
            if child.has_ended() or not child.is_alive(child.started_at):
                self._restart(child)

    def _restart(self, child: Child) -> None:
        print(f"{child.name} ended or fell silent; starting it again.", file=sys.stderr)
        child.kill()
        if child.process is not None:
            child.process.wait()
        time.sleep(RESTART_SECONDS)
        child.start()

    def _end(self) -> None:
        for child in self.children:
            child.ask_to_end()
        until = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < until and not all(child.has_ended() for child in self.children):
            time.sleep(0.1)
        for child in self.children:
            child.kill()
