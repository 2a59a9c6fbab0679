"""Number 17 of the demo (ui.md 3): three quotes billed themselves on a day of last week, before the demo opened.

The simulator's clock is set back to that day, all goes through the product, then the clock is right again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.clients import seams
from accounts.models import Connection, User
from invoicing import auto_switch, automatic, billing
from invoicing.models import Conversion, Quote
from invoicing.tasks import workbench
from syncjobs import linking
from syncjobs.services import start_run
from syncjobs.tasks import bulk_reader
from syncjobs.working import work_to_end
from zbridge.management.played import in_crm, in_zoho
from zbridge.zoho.gate import Priority

# Accepted at that time of the day, billed so many minutes later.
STORY = (("Q-1050", "10:00", 2), ("Q-1049", "10:05", 14), ("Q-1051", "10:30", 190))
LOST = "Q-1049"
PAID_OF_IT = "1000.00"
NEEDED = ("customer", "item", "account", "contact", "product", "quote", "deal")
LONGEST_TURNS = 120


def play(connection: Connection, cy: User) -> None:
    """Once, before the first reading: Cy switched billing by itself on in that morning."""
    if Quote.objects.filter(connection=connection).exists():
        return
    now = connection.now(seams().clock)
    morning = _weekday_before(now, ZoneInfo(connection.time_zone))
    with _set_back_to(morning, now):
        for kind in NEEDED:
            _read(connection, kind)
        linking.link_products(connection, seams().clock)
        billing.judge(connection, seams().clock)
        auto_switch.start(_as_heard(connection), auto_switch.QUOTES, cy, seams().clock)
        for number, accepted, minutes in STORY:
            hour, minute = map(int, accepted.split(":"))
            _bill(connection, number, morning.replace(hour=hour, minute=minute), minutes)
        _pay_in_part(connection, morning)


def _weekday_before(now: datetime, zone: ZoneInfo) -> datetime:
    """Nine in the morning three days ago, on the Friday before where that is a weekend."""
    day = now.astimezone(zone).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=3)
    return day - timedelta(days=max(0, day.weekday() - 4))


@contextmanager
def _set_back_to(morning: datetime, now: datetime) -> Iterator[None]:
    ahead = now - seams().clock.now()
    _is(morning)
    try:
        yield
    finally:
        _is(seams().clock.now() + ahead)


def _is(at: datetime) -> None:
    in_zoho("clock", {"now": at.isoformat()})


def _as_heard(connection: Connection) -> Connection:
    """With the clock's offset as the last answer told it."""
    return Connection.objects.get(pk=connection.pk)


def _read(connection: Connection, kind: str) -> None:
    run = start_run(_as_heard(connection), kind, seams().clock, trigger="first", doorbell=False)
    work_to_end(run, bulk_reader(Priority.CLICK))


def _bill(connection: Connection, number: str, accepted: datetime, minutes: int) -> None:
    quote = Quote.objects.get(connection=connection, number=number)
    _is(accepted)
    in_crm("Quotes", quote.crm_id, {"Quote_Stage": "Accepted"})
    _read(connection, "quote")
    if number == LOST:
        in_zoho("faults", {"method": "POST", "path": "/books/v3/invoices$", "times": 1, "drop_after": True})
    _is(accepted + timedelta(minutes=minutes))
    bench = workbench(Priority.POLL)
    for _ in range(LONGEST_TURNS):
        automatic.turn(_as_heard(connection), bench)
        if Conversion.objects.filter(quote=quote, state=Conversion.State.DONE).exists():
            return
        bench.clock.sleep(0.5)
    raise RuntimeError(f"{number} did not bill itself: {list(Conversion.objects.filter(quote=quote).values())}")


def _pay_in_part(connection: Connection, morning: datetime) -> None:
    """Finance sent Orbit's invoice at noon; the customer paid a part of it on the next day."""
    invoice = Conversion.objects.get(connection=connection, quote__number=LOST).books_invoice_id
    _is(morning.replace(hour=14))
    in_zoho(f"actions/books/invoices/{invoice}/send", {})
    _is(morning.replace(hour=15) + timedelta(days=1))
    in_zoho(f"actions/books/invoices/{invoice}/pay", {"amount": PAID_OF_IT})
