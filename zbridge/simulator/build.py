"""Puts the simulator together: rooms, verbs, and the world it starts with."""

from datetime import date
from zoneinfo import ZoneInfo

from zbridge.clock import Clock
from zbridge.simulator import (
    books_api,
    books_records,
    controls,
    crm_api,
    crm_records,
    oauth_api,
    pages,
    world_base,
    world_demo,
    world_start,
)
from zbridge.simulator.app import Room, Simulator

VERSION = 1


def build(path: str = ":memory:", *, base_url: str = "http://127.0.0.1:8900", clock: Clock | None = None) -> Simulator:
    """A simulator with all its rooms, without any world yet."""
    rooms = [Room(one.ROUTES) for one in (oauth_api, crm_api, books_api, controls, pages)]
    verbs = {"crm": crm_records.VERBS, "books": books_records.VERBS}
    return Simulator(path, base_url=base_url, clock=clock, rooms=rooms, verbs=verbs)


def lay_world(simulator: Simulator, *, size: str = "small", seed: int = 1) -> None:
    """Fill an empty simulator: none, small (the demo world), or a number of accounts."""
    with simulator.store.lock:
        simulator.store.begin()
        # The world is told in the same piece of work: a start that was killed lays it anew.
        simulator.store.set("world", {"size": size, "seed": seed, "version": VERSION})
        world_base.lay(simulator)
        if size == "small":
            world_demo.seed(simulator, size="small", seed=seed, today=today(simulator))
        elif size != "none":
            world_demo.seed(simulator, size=int(size), seed=seed, today=today(simulator))
        simulator.store.commit()


def _again(simulator: Simulator, size: str, seed: int) -> None:
    lay_world(simulator, size=size, seed=seed)


world_start.remember(_again)


def today(simulator: Simulator) -> date:
    """The day in Brightwater's zone."""
    return simulator.clock.now().astimezone(ZoneInfo("Europe/Berlin")).date()


def has_world(simulator: Simulator) -> bool:
    """Whether the state file holds a world already."""
    return simulator.store.setting("world") is not None
