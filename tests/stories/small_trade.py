"""A small organisation where one sale at a time meets trouble: a known customer, strangers, an eye on both sides."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.clients import Seams
from accounts.models import Connection
from invoicing import reading
from invoicing.conversion import work
from invoicing.models import Conversion, Deal, Quote
from invoicing.services import Request, request_conversion
from invoicing.workbench import Workbench
from syncjobs.models import Attempt
from tests.stories.sales_of_storms import lay_deal, lay_master_data, read
from zbridge.clock import SteppedClock
from zbridge.crash_points import Point, crash_point
from zbridge.simulator.app import Simulator
from zbridge.zoho.gate import Priority

INVOICES = "^/books/v3/invoices$"
CUSTOMERS = "^/books/v3/contacts$"
ENDED = ("done", "review", "refused", "cancelled")


class Killed(BaseException):
    """kill -9: nothing after this line runs."""


@dataclass
class Trade:
    """One connected organisation, and what a test does to it."""

    connection: Connection
    simulator: Simulator
    clock: SteppedClock
    seams: Seams
    ids: dict[str, str] = field(default_factory=dict)

    def open(self) -> "Trade":
        """Lay the master data and read it once."""
        self.ids = lay_master_data(self.simulator, str(self.connection.default_tax_id))
        read(self.connection, self.seams, "customer", "item", "account", "contact", "product")
        self.connection.refresh_from_db()
        return self

    def deal(self, name: str, **whose: str) -> Deal:
        """A won deal of two shelves, of the known customer unless told otherwise."""
        crm_id = lay_deal(self.simulator, self.ids | whose, name, "2026-11-20")
        return reading.deal(self.connection, crm_id, self.bench())

    def read_deal(self, crm_id: str) -> Deal:
        """A deal as it is in CRM now."""
        return reading.deal(self.connection, crm_id, self.bench())

    def strangers_deal(self, name: str) -> Deal:
        """A won deal of an account that Books doesn't know yet."""
        account = self.simulator.user_create("crm", "Accounts", {"Account_Name": f"{name} GmbH"})["id"]
        person = {"Last_Name": name, "Email": f"{name.lower()}@{name.lower()}.example", "Account_Name": {"id": account}}
        return self.deal(name, account=account, contact=self.simulator.user_create("crm", "Contacts", person)["id"])

    def ask(self, deal: Deal) -> Conversion:
        """The button, without a worker that hears it."""
        row = request_conversion(Request(self.connection, deal, None, via="test"), self.clock, doorbell=False)
        assert row.state == "requested", row.problems
        return row

    def ask_quote(self, quote: Quote) -> Conversion:
        """The button on a quote's page, without a worker that hears it."""
        wanted = Request(self.connection, None, quote, via="test")
        return request_conversion(wanted, self.clock, doorbell=False)

    def ask_again(self, deal: Deal) -> Conversion:
        """The button pressed once more, whatever it shows."""
        return request_conversion(Request(self.connection, deal, None, via="test"), self.clock, doorbell=False)

    def bench(self, point: Point = crash_point) -> Workbench:
        """A worker's bench."""
        return Workbench(lambda row: self.seams.clients(row, Priority.CLICK), self.clock, point)

    def settled(self, row: Conversion, point: Point = crash_point) -> Conversion:
        """After workers did all they can; what waits is waited for, for two simulated hours at most."""
        until = self.clock.now() + timedelta(hours=2)
        while self.clock.now() < until:
            with suppress(Killed):
                work(row.pk, self.bench(point))
            row.refresh_from_db()
            if row.state in ENDED:
                break
            self._wait(row)
        return row

    def _wait(self, row: Conversion) -> None:
        times = [at for at in (row.next_at, row.lease_until) if at is not None]
        self.clock.advance(max(1.0, *((at - self.clock.now()).total_seconds() + 1 for at in times)))

    def fault(self, path: str, method: str = "POST", **effects: Any) -> int:
        """The next such call meets this."""
        return self.simulator.faults.add({"method": method, "path": path, "times": 1, **effects})

    # -- what came of it -------------------------------------------------------------------------------------------

    def drafts(self, row: Conversion) -> list[dict[str, Any]]:
        """Live invoices in Books that carry the conversion's key."""
        books = self.simulator.verbs("books")
        ids = [one["invoice_id"] for one in books.rows(self.simulator, "invoices")]
        found = [books.read(self.simulator, "invoices", id) or {} for id in ids]
        return [one for one in found if row.key in str(one.get("custom_fields")) and one["status"] != "void"]

    def customers(self, name: str) -> list[dict[str, Any]]:
        """Customers in Books whose name begins so."""
        rows = self.simulator.verbs("books").rows(self.simulator, "contacts")
        return [one for one in rows if str(one["contact_name"]).startswith(name)]

    def number_in_crm(self, row: Conversion) -> str:
        """The invoice's number on the deal in CRM."""
        found = self.simulator.store.get("crm", "Deals", row.deal.crm_id if row.deal else "") or {}
        return str(found.get(self.connection.crm_fields["number"]) or "")

    def sends(self, row: Conversion) -> int:
        """How many POSTs of this invoice reached Zoho's door or were meant to."""
        calls = [one for one in self.simulator.log.since(0) if one["path"] == "/books/v3/invoices"]
        return sum(one["method"] == "POST" and row.key in str(one["body"]) for one in calls)

    def attempts(self, row: Conversion, purpose: str = "invoice") -> list[str]:
        """How each attempt ended, in order."""
        rows = Attempt.objects.filter(key=row.key, purpose=purpose).order_by("number")
        return list(rows.values_list("outcome", flat=True))
