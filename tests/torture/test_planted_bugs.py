"""L7: every planted bug is caught within 200 schedules, by the checker of the layer that it took away."""

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from random import Random
from urllib.parse import urlsplit

import pytest

from accounts.models import User
from tests.torture.planted import PLANTED, PLANTED_IN_SYNC
from tests.torture.sales import Ground, note, storm_on
from tests.torture.test_histories import tell
from zbridge.zoho.errors import WrongHost
from zbridge.zoho.regions import REGIONS, Region, check_url

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 200
Plant = Callable[[pytest.MonkeyPatch], None]


# Caught only after dozens of histories: more than a minute, so only in `make torture`.
LATE = {"base_before_the_write"}


def late(plant: Plant) -> object:
    """The plant as a parameter, marked where it takes long to show."""
    return pytest.param(plant, marks=pytest.mark.torture) if plant.__name__ in LATE else plant


def caught(schedule: Callable[[int], object], sign: str) -> tuple[int, str]:
    """The first seed at which the layer's own check speaks, and what it says; other troubles don't count."""
    for seed in range(MOST):
        with suppress(Exception):
            try:
                schedule(seed)
            except AssertionError as shown:
                if sign in str(shown):
                    return seed, next(part for part in re.split(r"', |\", |\n", str(shown)) if sign in part)
    return MOST, "it lived"


def judge(plant: Callable[..., None], schedule: Callable[[int], object], sign: str) -> None:
    """Fails when it lived; the seed and what was shown go to the report."""
    seed, shown = caught(schedule, sign)
    assert seed < MOST, f"{plant.__name__}: {plant.__doc__}"
    note({"planted": plant.__name__.replace("_", " "), "what": plant.__doc__, "seed": seed, "shown": shown})


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_bug_planted_in_conversion_is_caught(ground: Ground, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    judge(plant, lambda seed: storm_on(ground, seed), PLANTED[plant])


@pytest.mark.parametrize("plant", [late(plant) for plant in PLANTED_IN_SYNC], ids=lambda plant: plant.__name__)
def test_a_bug_planted_in_syncing_is_caught(
    ground: Ground, cy: User, monkeypatch: pytest.MonkeyPatch, plant: Plant
) -> None:
    plant(monkeypatch)
    judge(plant, lambda seed: tell(ground, cy, seed), PLANTED_IN_SYNC[plant])


def test_a_host_check_by_its_ending_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """`endswith` lets look-alikes, plain http and other ports through; the exact comparison lets none."""
    assert all(is_refused(REGIONS["eu"], url) for url in hostile_urls(MOST))
    monkeypatch.setattr(sys.modules[__name__], "check_url", by_its_ending)
    judge(by_its_ending, lambda seed: _must_be_refused(hostile_urls(MOST)[seed]), "was let through")


def by_its_ending(here: Region, url: str) -> None:
    """The host is compared by its ending."""
    if not urlsplit(url).netloc.endswith(here.api.removeprefix("https://www.")):
        raise WrongHost(message=url)


def _must_be_refused(url: str) -> None:
    assert is_refused(REGIONS["eu"], url), f"{url} was let through"


def is_refused(here: Region, url: str) -> bool:
    """Whether the check in force refuses it."""
    try:
        check_url(here, url)
    except WrongHost:
        return True
    return False


def hostile_urls(count: int) -> list[str]:
    """Addresses that look like Zoho's to a careless eye, in a random order that is always the same."""
    random = Random(7)
    shapes = (
        "https://evil{n}.example/", "https://www.zohoapis.eu.evil{n}.example/", "https://evil{n}zohoapis.eu/",
        "http://www.zohoapis.eu/{n}", "https://www.zohoapis.eu:8443/{n}", "https://a@www.zohoapis.eu/{n}",
        "https://www.zohoapis.com/{n}", "https://www.zohoapis.eu/{n}#x",
    )  # fmt: skip
    return [random.choice(shapes).format(n=number) for number in range(count)]
