"""A long list as CSV: our own writer with its guard, against the plain values_list and csv of the standard library."""

import csv
import io
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.stage import stage

ROWS = int(os.environ.get("ZBRIDGE_BENCH_EXPORT_ROWS", "200000"))
GOAL = 2.0
HEAD = ("what", "rows", "us CPU a row", "times plain", "memory growth")


def measure() -> list[tuple[str, ...]]:
    """CPU time a row and how much the process grew, of each way."""
    with stage():
        return _measured()
