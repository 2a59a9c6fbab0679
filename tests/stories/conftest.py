"""The demo company, connected and read, for stories to be told in."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from accounts.clients import Seams, seams
from accounts.connecting import connect_simulator
from accounts.models import Connection, User
from invoicing.conversion import work
from invoicing.models import Conversion, Deal, Invoice
from invoicing.receivables import OPEN
from invoicing.services import Request, request_conversion
from invoicing.tasks import workbench
from syncjobs.models import Link, Record
from syncjobs.services import KINDS
from tests.kept_states import KeptStates, the_connection
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from zbridge.clock import SteppedClock
from zbridge.simulator.app import Simulator


@pytest.fixture
def company(
    transactional_db: None, connection: Connection, cy: User, zoho: Simulator, clock: SteppedClock,
    kept_states: KeptStates,
) -> Connection:  # fmt: skip
    """Brightwater: everything read once, certain products linked."""
    kept_states.reach(
        "small, read", lambda: read(connection, seams(), *KINDS), user=cy, zoho=zoho, clock=clock
    )  # fmt: skip
    connection.refresh_from_db()
    return connection


@pytest.fixture
def deal(company: Connection) -> Callable[[str], Deal]:
    """A deal of the demo by the beginning of its name."""
    return lambda name: Deal.objects.get(connection=company, name__startswith=name)


@pytest.fixture
def press(company: Connection, clock: SteppedClock) -> Callable[..., Conversion]:
    """Presses *Create draft invoice* and lets the worker finish; looking up lost answers takes simulated time."""

    def pressed(deal: Deal, user: User | None = None, **more: object) -> Conversion:
        wanted = Request(company, deal, None, user=user, **more)  # type: ignore[arg-type]
        row = request_conversion(wanted, clock, doorbell=False)
        return finished(row, clock)

    return pressed


def finished(row: Conversion, clock: SteppedClock) -> Conversion:
    """The conversion after the worker has done all it can, waiting in between where it must."""
    for _ in range(40):
        work(row.pk, workbench())
        row.refresh_from_db()
        if row.next_at is None or row.state in ("done", "review", "refused", "cancelled"):
            break
        clock.advance(max(1.0, (row.next_at - clock.now()).total_seconds()))
    return row


@pytest.fixture
def books_invoices(company: Connection, zoho: Simulator) -> Callable[[], list[dict[str, object]]]:
    """Every invoice that stands in the simulated Books, as Books holds it."""
    return lambda: zoho.verbs("books").rows(zoho, "invoices")


@pytest.fixture
def trade(
    db: None, cy: User, empty_zoho: Simulator, clock: SteppedClock, reaching: Callable[[Simulator], Seams],
    kept_states: KeptStates,
) -> Trade:  # fmt: skip
    """A small organisation without limits on calls, for one sale's trouble at a time."""
    found = reaching(empty_zoho)

    def make() -> dict[str, str]:
        without_limits(empty_zoho)
        connection = connect_simulator(cy, go_live=date(2026, 10, 1), found=found)
        return Trade(connection, empty_zoho, clock, found).open().ids

    ids = kept_states.reach("trade", make, user=cy, zoho=empty_zoho, clock=clock)
    return Trade(the_connection(), empty_zoho, clock, found, dict(ids))


def without_limits(zoho: Simulator) -> None:
    """Zoho counts no calls."""
    for module, name in (("crm_orgs", "crm_org_id"), ("books_orgs", "books_organization_id")):
        id = str(zoho.store.setting(name))
        org = zoho.store.get("sim", module, id) or {}
        zoho.store.save("sim", module, id, org | {"limits": "off"}, created="", modified="", written=0.0, keys={})
    zoho.switches.change({"books_rate_headers": False})


@pytest.fixture(autouse=True)
def _accounts_say_what_their_customers_owe(request: pytest.FixtureRequest) -> Iterator[None]:
    """At the end of every story: what each account keeps for the lists is what its linked customers have open."""
    asked = set(request.fixturenames)
    if not {"zoho", "empty_zoho"} & asked:  # laid by hand, not read
        yield
        return
    request.getfixturevalue("transactional_db" if "transactional_db" in asked else "db")
    yield
    accounts = Record.objects.filter(kind="account")
    kept = {(row.connection_id, row.remote_id): (row.open_count, row.owed_since) for row in accounts if row.open_count}
    assert kept == owed_by_account()


def owed_by_account() -> dict[tuple[int, str], tuple[int, date | None]]:
    """Counted invoice by invoice."""
    there = set(Record.objects.filter(kind="customer", gone_at=None).values_list("connection", "remote_id"))
    people = Record.objects.filter(kind="contact", gone_at=None)
    parents = {(one.connection_id, one.remote_id): one.parent_id for one in people}
    accounts = set(Record.objects.filter(kind="account").values_list("connection", "remote_id"))
    found: dict[tuple[int, str], tuple[int, date | None]] = {}
    for link in Link.objects.filter(pair="customer"):
        place = link.connection_id, parents.get((link.connection_id, link.crm_id), link.crm_id)
        bills = Invoice.objects.filter(OPEN, connection=link.connection, customer_id=link.books_id, gone_at=None)
        days = [bill.due_on for bill in bills]
        if days and place in accounts and (link.connection_id, link.books_id) in there:
            count, since = found.get(place, (0, None))
            found[place] = count + len(days), min((day for day in (since, *days) if day), default=None)
    return found
