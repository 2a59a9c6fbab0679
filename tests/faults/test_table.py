"""The table of faults in docs/reliability.md names every fault of the plan, and tests that exist."""

import re
from pathlib import Path

PAGE = Path("docs/reliability.md").read_text()
FAULTS = [*range(1, 32), *range(40, 47), *range(49, 53)]
ROW = re.compile(r"^\| F(\d+) \|.*\|(.*)\|$", re.MULTILINE)


def test_every_fault_is_in_the_table_once() -> None:
    assert [int(number) for number, _ in ROW.findall(PAGE)] == FAULTS


def test_every_named_test_exists() -> None:
    written = "".join(path.read_text() for path in Path("tests").rglob("test_*.py"))
    named = {name for _, names in ROW.findall(PAGE) for name in re.findall(r"`(test_\w+)`", names)}
    missing = {name for name in named if f"def {name}(" not in written}
    assert named and missing == set()
