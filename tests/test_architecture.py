"""The shape of the house: arrows point down, no cycles, pure rooms stay pure, nothing grows too long."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "syncjobs", "invoicing")
FLOORS = {"base": 0, "accounts": 1, "syncjobs": 2, "invoicing": 3, "project": 4}
BASE = ("zbridge.money", "zbridge.clock", "zbridge.queue", "zbridge.crash_points", "zbridge.zoho", "zbridge.simulator")
DJANGO_ROOMS = (
    "accounts/", "syncjobs/", "invoicing/", "zbridge/site/", "zbridge/management/", "zbridge/settings.py",
    "zbridge/urls.py", "zbridge/wsgi.py",
)  # fmt: skip
MATCHING = {"rapidfuzz", "cleanco", "phonenumbers"}


def _files() -> list[Path]:
    roots = [ROOT / "zbridge", *(ROOT / app for app in APPS)]
    return [path for root in roots for path in root.rglob("*.py") if "migrations" not in path.parts]


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def _imports(path: Path) -> Iterator[str]:
    """Every module imported anywhere in the file, inside functions too."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _floor(module: str) -> int | None:
    if module.split(".")[0] in APPS:
        return FLOORS[module.split(".")[0]]
    if module.startswith(BASE) or module == "zbridge":
        return FLOORS["base"]
    return FLOORS["project"] if module.split(".")[0] == "zbridge" else None


@cache
def _graph() -> dict[str, set[str]]:
    modules = {_module(path) for path in _files()}
    return {_module(path): {name for name in _imports(path) if name in modules} for path in _files()}


def test_arrows_between_rooms_point_only_downward() -> None:
    upward = [
        f"{module} -> {found}"
        for module, names in _graph().items()
        for found in names
        if (_floor(found) or 0) > (_floor(module) or 0)
    ]
    assert upward == []


def test_nobody_imports_the_project_floor() -> None:
    project = {module for module in _graph() if _floor(module) == FLOORS["project"]}
    outside = {module: names & project for module, names in _graph().items() if module not in project}
    assert {module: names for module, names in outside.items() if names} == {}


def test_no_import_cycle_even_inside_functions() -> None:
    graph, done = _graph(), set[str]()
    path: list[str] = []

    def visit(module: str) -> None:
        assert module not in path, " -> ".join([*path[path.index(module) :], module])
        if module in done:
            return
        path.append(module)
        for found in graph[module] - {module}:
            if not module.startswith(found + "."):
                visit(found)
        path.pop()
        done.add(module)

    for module in graph:
        visit(module)


@pytest.mark.parametrize("domain", ["syncjobs/domain", "invoicing/domain"])
def test_domain_imports_only_pure_things(domain: str) -> None:
    allowed = set(sys.stdlib_module_names) | MATCHING
    pure = ("zbridge.money", "syncjobs.domain", "invoicing.domain")
    foreign = [
        f"{path.name}: {name}"
        for path in (ROOT / domain).rglob("*.py")
        for name in _imports(path)
        if name.split(".")[0] not in allowed and not name.startswith(pure)
    ]
    assert foreign == []


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("requests", ("zbridge/zoho/",)),
        ("django_q.tasks", ("zbridge/queue.py",)),
        ("zbridge.simulator", ("zbridge/simulator/",)),
        ("django", DJANGO_ROOMS),
    ],
)  # fmt: skip
def test_a_library_stays_in_its_room(library: str, rooms: tuple[str, ...]) -> None:
    strays = [
        str(path.relative_to(ROOT))
        for path in _files()
        if any(name == library or name.startswith(library + ".") for name in _imports(path))
        and not str(path.relative_to(ROOT)).startswith(rooms)
    ]
    assert strays == []


def test_the_simulator_and_the_client_share_no_code() -> None:
    client = [path for path in _files() if path.is_relative_to(ROOT / "zbridge" / "zoho")]
    simulator = [path for path in _files() if path.is_relative_to(ROOT / "zbridge" / "simulator")]
    assert client and simulator
    assert not [name for path in client for name in _imports(path) if name.startswith("zbridge.simulator")]
    assert not [name for path in simulator for name in _imports(path) if name.startswith("zbridge.zoho")]


def test_admin_pages_and_tasks_never_speak_to_zoho_themselves() -> None:
    doors = [path for path in _files() if path.name.startswith("admin") and path.parts[-2] in APPS]
    strays = [str(path) for path in doors for name in _imports(path) if name.startswith("zbridge.zoho")]
    assert strays == []


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    first = function.body[0]
    skipped = set()
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        skipped = set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    inside = range(function.lineno, (function.end_lineno or function.lineno) + 1)
    texts = (lines[number - 1].strip() for number in inside if number not in skipped)
    return sum(1 for text in texts if text and not text.startswith("#"))


def test_no_function_is_longer_than_forty_lines_of_code() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in _files()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _code_lines(node, _lines(path)) > 40
    ]
    assert long == []


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    assert [str(path.relative_to(ROOT)) for path in _files() if len(path.read_text().splitlines()) > 300] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [str(path) for path in _files() if path.read_text().strip() and not ast.get_docstring(_tree(path))] == []


def test_every_name_that_a_doorbell_rings_can_be_found() -> None:
    names = [
        import_string("syncjobs.services.WORK_RUN"),
        import_string("invoicing.services.WORK"),
        import_string("accounts.selftest.working.WORK"),
        import_string("zbridge.site.sweep.TICK"),
        import_string("zbridge.site.sweep.BEAT"),
        import_string("accounts.holds.RESUME"),
        *settings.ZBRIDGE_FEEDS.values(),
        *settings.ZBRIDGE_WORKS.values(),
    ]
    for name in names:
        assert import_string(name)
