"""An import of many accounts and customers, with 429s at random and workers that die, against one that is let be.

`ZBRIDGE_IMPORT` says how many of each side; `make torture` takes 20,000.
"""

import os
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Connection, User
from syncjobs import importing
from syncjobs.domain.digesting import text_digest
from syncjobs.mappings import mapping_of
from syncjobs.models import Comparison, Import, Link, Record
from syncjobs.reading import Reader
from tests.stories.bringing_over import to_its_end
from tests.stories.small_trade import Killed, Trade
from zbridge.crash_points import Point, crash_point
from zbridge.simulator.store import stamp
from zbridge.zoho.gate import Priority

pytestmark = pytest.mark.django_db(transaction=True)
MANY = int(os.environ.get("ZBRIDGE_IMPORT", "800"))
FIRST_CRM, FIRST_BOOKS = 7 * 10**18, 4 * 10**17


def lay_both_sides(trade: Trade, count: int) -> None:
    """So many companies known to CRM and to Books, linked by Zoho's own integration, and a few alone on each side."""
    at = stamp(trade.clock.now())
    person = {"Created_Time": at, "Modified_Time": at, "Owner": {"id": "1", "name": "Nobody"}}
    accounts: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        (str(FIRST_CRM + n), {"id": str(FIRST_CRM + n), "Account_Name": f"Firm {n}", **person}, {})
        for n in range(count + 7)
    ]
    trade.simulator.store.save_many("crm", "Accounts", accounts, created=at, modified=at)
    org, acme = str(trade.simulator.store.setting("books_organization_id")), trade.customers("Acme Ltd")[0]
    model = trade.simulator.store.get(org, "contacts", acme["contact_id"]) or {}
    trade.simulator.store.save_many(org, "contacts", list(customers(model, count)), created=at, modified=at)


# Like no firm of CRM, or somebody would have to say whether they are the same.
ONLY_IN_BOOKS = ("Quayside", "Umbrella", "Velodrome", "Wicker", "Xylophone")


def customers(model: dict[str, Any], count: int) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    for n in range(count + len(ONLY_IN_BOOKS)):
        key, crm = str(FIRST_BOOKS + n), str(FIRST_CRM + n) if n < count else ""
        name = f"Firm {n}" if n < count else f"{ONLY_IN_BOOKS[n - count]} & Partners"
        row = model | {
            "contact_id": key,
            "contact_name": name,
            "zcrm_account_id": crm,
            "email": "",
            "contact_persons": [],
        }
        yield key, row, {}


def end_state(connection: Connection) -> dict[str, Any]:
    """What an import leaves behind, without the times of reading."""
    records = Record.objects.filter(connection=connection).order_by("kind", "remote_id")
    links = Link.objects.filter(connection=connection).order_by("pair", "crm_id", "currency")
    newest = Comparison.objects.filter(connection=connection, pair="customer").first()
    assert newest is not None
    counts = ("crm", "books", "linked", "only_crm", "only_books", "differing", "broken", "complete", "sentence")
    return {
        "records": text_digest("".join(map(str, records.values_list("kind", "remote_id", "digest", "gone_at")))),
        "links": text_digest("".join(map(str, links.values_list("pair", "crm_id", "books_id", "currency", "how")))),
        "counted": [getattr(newest, name) for name in counts],
        "named": sorted(newest.differences.values_list("what", "crm_id", "books_id")),
    }  # fmt: skip


def dies(rng: random.Random, times: int) -> Point:
    """Kills so many workers at random pages."""
    left = sorted(rng.sample(range(2, 2 * MANY // 200 + 10), times))
    reached = [0]

    def point(name: str) -> None:
        reached[0] += 1
        if left and reached[0] == left[0]:
            left.pop(0)
            raise Killed(name)

    return point


def imported(trade: Trade, user: User, point: Point) -> Import:
    reader = Reader(lambda row: trade.seams.clients(row, Priority.BULK), trade.clock, point)
    return to_its_end(importing.start_import(trade.connection, user, trade.clock), reader, trade.clock)


def names_only(trade: Trade) -> None:
    for pair in ("customer", "person", "product"):
        mapping_of(trade.connection, pair, trade.clock).lines.exclude(name="name").delete()


def forget(connection: Connection) -> None:
    """The mirror and the links, as before the first import."""
    Import.objects.filter(connection=connection).delete()
    Link.objects.filter(connection=connection).delete()
    Record.objects.filter(connection=connection).delete()


def refuse_at_random(trade: Trade, rng: random.Random) -> int:
    """429s of every sort on either side's lists, at random pages; how many."""
    pages = 2 * MANY // 200
    ill = [(44, "/books/v3/contacts"), (1070, "/books/v3/contacts"), ("TOO_MANY_REQUESTS", "/crm/v8/Accounts")]
    for number in range(max(6, pages // 5)):
        code, path = ill[number % len(ill)]
        order = {"method": "GET", "path": f"{path}$", "nth": rng.randint(1, pages // 2 + 2), "times": 1}
        trade.simulator.faults.add(order | {"status": 429, "code": code})
    return max(6, pages // 5)


def test_an_import_through_429s_and_three_deaths_ends_equal_to_one_that_was_let_be(trade: Trade, cy: User) -> None:
    lay_both_sides(trade, MANY)
    names_only(trade)
    calm = imported(trade, cy, crash_point)
    untroubled = end_state(trade.connection)
    assert untroubled["counted"][:5] == [MANY + 8, MANY + 6, MANY + 1, 7, 5], calm.sentence
    assert calm.state == "complete", calm.sentence
    forget(trade.connection)
    rng = random.Random(MANY)
    refused = refuse_at_random(trade, rng)
    last = trade.simulator.log.last
    stormy = imported(trade, cy, dies(rng, 3))
    assert stormy.state == "complete", stormy.sentence
    assert end_state(trade.connection) == untroubled
    answers = [one["status"] for one in trade.simulator.log.since(last)]
    assert answers.count(429) >= refused // 2, "it did rain"
    writes = [one for one in trade.simulator.log.since(last) if one["method"] not in ("GET", "POST")]
    assert writes == []


def test_calls_spent_in_the_middle_hold_the_import_and_it_goes_on_by_itself(trade: Trade, cy: User) -> None:
    """F8"""
    lay_both_sides(trade, MANY)
    names_only(trade)
    order = {"method": "GET", "path": "/books/v3/contacts$", "nth": 2, "times": 1, "status": 429, "code": 45}
    trade.simulator.faults.add(order)
    began, row = trade.clock.now(), importing.start_import(trade.connection, cy, trade.clock)
    reader = Reader(lambda one: trade.seams.clients(one, Priority.BULK), trade.clock, crash_point)
    to_its_end(row, reader, trade.clock, timedelta(minutes=5))
    held = row.runs.get(kind="customer")
    assert (held.state, held.hold_cause) == ("paused", "quota")
    assert re.match(r"Paused at 200, resumes \d\d:\d\d \(Europe/Berlin\)", held.sentence), held.sentence
    to_its_end(row, reader, trade.clock)
    assert row.state == "complete", row.sentence
    assert (trade.clock.now() - began).total_seconds() > 1800, "it waited until Books lets it call again"
    assert Record.objects.filter(kind="customer").count() == MANY + 6
