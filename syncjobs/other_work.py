"""Runs that neither read a list nor keep a pair in step: worked by the room that knows them, named in the settings."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from syncjobs.models import Run
from syncjobs.reading import Reader


class Work(Protocol):
    """How runs of one such kind are worked."""

    def turn(self, run: Run, reader: Reader) -> bool:
        """One turn of at most a minute, under the run's lease; True when nothing is left. Raises ZohoError."""
        ...

    def verdict(self, run: Run) -> tuple[Run.State, str]:
        """How a run ended that has nothing left, in a sentence."""
        ...


def work_of(kind: str) -> Work | None:
    """How runs of that kind are worked; None for those of this room."""
    name = settings.ZBRIDGE_WORKS.get(kind)
    found: Work | None = import_string(name) if name else None
    return found
