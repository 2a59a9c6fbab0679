"""The composition root: a connection becomes the two clients that speak for it, real or simulated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings

from accounts.database_clock import DatabaseClock
from accounts.gate import ConnectionGate, Tally
from accounts.models import Connection
from accounts.purse import Purse
from accounts.tokens import RowTokenStore
from zbridge.clock import Clock
from zbridge.zoho.books import Books
from zbridge.zoho.crm import Crm
from zbridge.zoho.errors import WrongHost
from zbridge.zoho.gate import Priority
from zbridge.zoho.oauth import OAuth, TokenStore
from zbridge.zoho.probing import Prober
from zbridge.zoho.regions import Region, region, simulator
from zbridge.zoho.transport import Transport
from zbridge.zoho.wire import DEADLINE, Wire


@dataclass(frozen=True)
class Clients:
    """The two clients of one connection, and how many calls they made."""

    connection: Connection
    crm: Crm
    books: Books
    tally: Tally


@dataclass(frozen=True)
class Seams:
    """What this process reaches the world through; tests and the fault harness put in their own."""

    clock: Clock = field(default_factory=DatabaseClock)
    wire: Wire = field(default_factory=Wire)

    def oauth(self, connection: Connection) -> OAuth:
        """The token calls of the connection's data centre."""
        return OAuth(region_of(connection), self.wire, self.clock, self.gate(connection))

    def gate(
        self, connection: Connection, tally: Tally | None = None, patience: float = 0.0, purse: Purse | None = None
    ) -> ConnectionGate:
        """The gate that every call of the connection passes."""
        return ConnectionGate(connection, self.clock, tally or Tally(), patience, purse)

    def clients(
        self, connection: Connection, priority: Priority = Priority.CLICK, *, tokens: TokenStore | None = None,
        patience: float = 0.0, purse: Purse | None = None,
    ) -> Clients:  # fmt: skip
        """The connection's clients; every call passes one gate and takes its quota from that class."""
        tally = Tally()
        transport = self._transport(connection, tally, patience, tokens=tokens, purse=purse)
        books = Books(transport, connection.books_org_id, priority=priority)
        return Clients(connection, Crm(transport, priority=priority), books, tally)

    def prober(
        self, connection: Connection, tally: Tally, *, patience: float = 0.0, deadline: float = DEADLINE
    ) -> Prober:
        """The self-test's calls; with a short deadline it hangs up before the answer."""
        transport = self._transport(connection, tally, patience, deadline=deadline)
        return Prober(transport, connection.books_org_id, Priority.BULK)

    def _transport(
        self, connection: Connection, tally: Tally, patience: float, *, tokens: TokenStore | None = None,
        deadline: float = DEADLINE, purse: Purse | None = None,
    ) -> Transport:  # fmt: skip
        kept = tokens or RowTokenStore(connection, self.oauth(connection), self.clock)
        gate = self.gate(connection, tally, patience, purse)
        return Transport(region_of(connection), self.wire, kept, gate, self.clock, deadline=deadline)


_in_use: list[Seams] = [Seams()]


def seams() -> Seams:
    """The seams in use in this process."""
    return _in_use[-1]


@contextmanager
def use_seams(found: Seams) -> Iterator[Seams]:
    """Use other seams for the time of a block."""
    _in_use.append(found)
    try:
        yield found
    finally:
        _in_use.remove(found)


def region_of(connection: Connection) -> Region:
    """Where the connection's data centre is: a row of the fixed table, or the simulator on this machine."""
    if connection.is_simulator:
        if settings.PRODUCTION:
            raise WrongHost(message="production speaks to Zoho over https only, never to the simulator")
        return simulator(settings.ZBRIDGE_SIMULATOR_URL)
    return region(connection.data_centre)
