"""What a question is asked with: both systems, what earlier questions left, and a list of all that came back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from accounts.clients import Seams
from accounts.gate import Tally
from accounts.models import Connection, SelfTest
from zbridge.zoho.errors import System
from zbridge.zoho.probing import Prober, Seen

NAME = "zbridge self-test"
NOTE = "Made by zbridge's self-test; delete it when you like."
# How long a call may wait for our own limiter, and how early a caller hangs up on purpose, in seconds.
PATIENCE, HANGS_UP = 15.0, 0.5
NOTHING: Mapping[str, str] = {}


class Again(Exception):
    """It can't be told yet: ask the same question after so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


class PersonFirst(Exception):
    """A person has to do something in Zoho before this can be asked; the text says what."""


@dataclass(frozen=True)
class Answer:
    """`answer`: yes, no, other, or open (it could not be told); `value`: the answer in a word, for comparing."""

    answer: Literal["yes", "no", "other", "open"]
    value: str
    sentence: str


def told(is_so: bool, value: str, sentence: str) -> Answer:
    """Yes or no."""
    return Answer("yes" if is_so else "no", value, sentence)


def untold(sentence: str) -> Answer:
    """It could not be told here."""
    return Answer("open", "", sentence)


@dataclass
class Bench:
    """One self-test at work."""

    connection: Connection
    test: SelfTest
    seams: Seams
    tally: Tally = field(default_factory=Tally)
    seen: list[Seen] = field(default_factory=list)

    def prober(self) -> Prober:
        """Fresh callers; each takes its own patience with the limiter."""
        return self.seams.prober(self.connection, self.tally, patience=PATIENCE)

    def crm(self, template: str, params: Mapping[str, str] = NOTHING, since: str = "", **parts: str) -> Seen:
        """Read from CRM."""
        return self._keep(self.prober().crm(template, params, since, **parts))

    def books(self, template: str, params: Mapping[str, str] = NOTHING, **parts: str) -> Seen:
        """Read from Books."""
        return self._keep(self.prober().books(template, params, **parts))

    def books_elsewhere(self, organization_id: str = "") -> Seen:
        """Read customers of no organisation, or of another one."""
        return self._keep(self.prober().books_elsewhere("/books/v3/contacts", organization_id))

    def create(self, system: System, template: str, body: object, params: Mapping[str, str] = NOTHING,
               **parts: str) -> Seen:  # fmt: skip
        """Make something."""
        return self._keep(self.prober().create(system, template, body, params, **parts))

    def change(self, system: System, template: str, body: object, headers: Mapping[str, str] = NOTHING,
               **parts: str) -> Seen:  # fmt: skip
        """Change something."""
        return self._keep(self.prober().change(system, template, body, headers, **parts))

    def hanging_up(self, body: object) -> Seen:
        """Make a draft and hang up before the answer."""
        prober = self.seams.prober(self.connection, self.tally, patience=PATIENCE, deadline=HANGS_UP)
        return self._keep(prober.create("books", "/books/v3/invoices", body, {"send": "false"}))

    def _keep(self, seen: Seen) -> Seen:
        self.seen.append(seen)
        return seen

    @property
    def marks(self) -> dict[str, Any]:
        """What questions remember for later ones."""
        found: dict[str, Any] = self.test.marks
        return found

    def mark(self, **values: Any) -> None:
        """Remember, at once: a killed worker's successor must find what was made."""
        self.test.marks = {**self.test.marks, **values}
        self.test.save(update_fields=["marks"])

    def leave(self, where: str, what: str) -> None:
        """Note what stands in Zoho now, for a person to delete."""
        self.test.left = [*self.test.left, {"where": where, "what": what}]
        self.test.save(update_fields=["left"])

    def once(self, name: str, make: Callable[[], str]) -> str:
        """The id that was marked under that name, else the one made now."""
        if name not in self.marks:
            self.mark(**{name: make()})
        return str(self.marks[name])

    def number(self) -> int:
        """One more: no two test records of a self-test share a key."""
        self.mark(number=int(self.marks.get("number", 0)) + 1)
        return int(self.marks["number"])

    def key(self) -> str:
        """A fresh value for the key field; it doesn't look like a sale's."""
        return f"{self.marks['tag']}-{self.number()}"

    def now(self) -> datetime:
        """Zoho's time."""
        return self.connection.now(self.seams.clock)

    def waited(self, name: str) -> float:
        """Seconds since this was asked for the first time."""
        now = self.seams.clock.now()
        if name not in self.marks:
            self.mark(**{name: now.isoformat()})
        return (now - datetime.fromisoformat(str(self.marks[name]))).total_seconds()
