"""A database that is migrated once for all demos of a test run: the migrations are most of what a start costs."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "zbridge.sqlite3"


def lay_migrated(home: Path) -> None:
    """Put a migrated SQLite file into that home; `manage.py demo` migrates it again and finds nothing to do."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    kept = Path(tempfile.gettempdir()) / f"zbridge-migrated-{run}"
    kept.mkdir(exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "whole").exists():
            environment = {**os.environ, "ZBRIDGE_HOME": str(kept), "DATABASE_URL": f"sqlite:///{kept / NAME}"}
            command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
            subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)  # noqa: S603
            (kept / "whole").touch()
    shutil.copy(kept / NAME, home / NAME)
