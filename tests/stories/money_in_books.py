"""Finance at work in Books: invoices, payments, credit notes, and what goes wrong with them; then zbridge reads on."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from invoicing import balances, open_invoices
from invoicing.domain.receivables import Standing
from invoicing.models import Receivable
from invoicing.receivables import standings
from syncjobs.reading import Reader
from syncjobs.services import start_run
from syncjobs.vanishing import look_at_suspects
from syncjobs.working import work_to_end
from tests.stories.sales_of_storms import read
from tests.stories.small_trade import Trade
from zbridge.crash_points import crash_point
from zbridge.simulator.app import UserError
from zbridge.zoho.errors import RateLimited
from zbridge.zoho.gate import Priority

Row = dict[str, Any]
KINDS = ("customer", "invoice", "payment", "creditnote")


@dataclass
class Finance:
    """Ben in Books, with one customer in front of him."""

    trade: Trade
    customer: str

    def invoice(self, net: str, *, due_in: int = 30, sent: bool = True) -> str:
        """A new invoice of one line without tax; its id."""
        today = self.trade.connection.today(self.trade.clock)
        made = self.trade.simulator.user_create(
            "books", "invoices",
            {
                "customer_id": self.customer, "date": today.isoformat(),
                "due_date": (today + timedelta(days=due_in)).isoformat(),
                "line_items": [{"name": "Work", "rate": Decimal(net), "quantity": 1}],
            },
        )  # fmt: skip
        if sent:
            self.trade.simulator.act("books", "invoices", made["invoice_id"], "send")
        return str(made["invoice_id"])

    def pay(self, invoice: str, amount: str, *others: tuple[str, str]) -> None:
        """One payment; with `others` it is spread over invoices as told."""
        params: Row = {"amount": Decimal(amount)}
        if others:
            params["invoices"] = [{"invoice_id": one, "amount_applied": Decimal(part)} for one, part in others]
        self.trade.simulator.act("books", "invoices", invoice, "pay", params)

    def credit(self, net: str) -> str:
        """A credit note of one line; its id."""
        row = {"customer_id": self.customer, "line_items": [{"name": "Sorry", "rate": Decimal(net), "quantity": 1}]}
        return str(self.trade.simulator.user_create("books", "creditnotes", row)["creditnote_id"])

    def act(self, module: str, identity: str, action: str, **params: Any) -> None:
        """Any other button of Books."""
        self.trade.simulator.act("books", module, identity, action, params)

    def rows(self, module: str) -> list[Row]:
        """The customer's documents as Books lists them."""
        books = self.trade.simulator.verbs("books")
        return [one for one in books.rows(self.trade.simulator, module) if one["customer_id"] == self.customer]

    def figures(self) -> Row:
        """The customer as Books shows it."""
        return self.trade.simulator.verbs("books").read(self.trade.simulator, "contacts", self.customer) or {}

    def read_on(self, minutes: int = 6) -> None:
        """The next readings of the lists, then what the sweep does with what it finds."""
        self.trade.clock.advance(minutes * 60)
        read(self.trade.connection, self.trade.seams, *KINDS)
        self.trade.connection.refresh_from_db()
        self.look()

    def full_cycle(self) -> None:
        """Everything is listed anew, and what the lists lack is asked for twice, an hour apart."""
        self.trade.clock.advance(3600)
        listed(self.trade, *KINDS)
        for _ in range(2):
            look_at_suspects(self.trade.connection, self.trade.bench().clients(self.trade.connection), self.trade.clock)
            self.trade.clock.advance(3700)
        self.read_on()

    def look(self) -> None:
        """What the minute's sweep asks Books for until nothing waits."""
        bench = self.trade.bench()
        if open_invoices.due(self.trade.connection, self.trade.clock):
            open_invoices.sweep(self.trade.connection, bench)
        for _ in range(5):
            try:
                balances.look(self.trade.connection, bench)
            except RateLimited:  # as the sweep does: what waits for calls is looked at a minute later
                self.trade.clock.advance(60)
            read(self.trade.connection, self.trade.seams, "customer")
            if not balances.waiting(self.trade.connection).exists():
                return

    def standing(self) -> Standing:
        """How the customer stands in zbridge today."""
        today = self.trade.connection.today(self.trade.clock)
        return standings(self.trade.connection, [self.customer], today)[self.customer]

    def kept(self) -> Receivable:
        """What is kept of the customer."""
        return Receivable.objects.get(connection=self.trade.connection, customer_id=self.customer)


def listed(trade: Trade, *kinds: str) -> None:
    """A full listing of each kind."""
    reader = Reader(lambda row: trade.seams.clients(row, Priority.BULK), trade.clock, crash_point)
    for kind in kinds:
        run = start_run(trade.connection, kind, trade.clock, full=True, trigger="test", doorbell=False)
        work_to_end(run, reader)


def finance(trade: Trade) -> Finance:
    """With the one customer of the small trade, everything read."""
    rows = trade.simulator.verbs("books").rows(trade.simulator, "contacts")
    found = Finance(trade, next(str(one["contact_id"]) for one in rows if one["contact_name"] == "Acme Ltd"))
    read(trade.connection, trade.seams, *KINDS)
    return found


def any_deed(ben: Finance, random: Random) -> str:
    """One deed by chance, as Books allows it; what it was."""
    deed = random.choice([_bill, _bill, _pay, _pay, _pay_several, _credit, _use_credit, _undo, _end, _refund])
    try:
        deed(ben, random)
    except UserError as refusal:
        return f"{deed.__name__} refused: {refusal}"
    return deed.__name__


def _cents(random: Random, most: int = 100_000) -> str:
    return str(Decimal(random.randint(1, most)) / 100)


def _chosen(ben: Finance, random: Random, module: str, key: str) -> Row | None:
    rows = ben.rows(module)
    return random.choice(rows) if rows else None


def _bill(ben: Finance, random: Random) -> None:
    ben.invoice(_cents(random), due_in=random.randint(-40, 40), sent=random.random() < 0.8)


def _pay(ben: Finance, random: Random) -> None:
    row = _chosen(ben, random, "invoices", "invoice_id")
    if row is not None:
        share = random.choice(["0.3", "1", "1.2"])
        amount = (Decimal(str(row["balance"])) * Decimal(share)).quantize(Decimal("0.01"))
        ben.pay(row["invoice_id"], str(amount or Decimal("5.00")))


def _pay_several(ben: Finance, random: Random) -> None:
    opened = [one for one in ben.rows("invoices") if one["balance"] > 0 and one["status"] not in ("draft", "void")]
    if len(opened) > 1:
        parts = [(str(one["invoice_id"]), str(one["balance"])) for one in opened[:3]]
        ben.pay(parts[0][0], str(sum(Decimal(part) for _, part in parts)), *parts)


def _credit(ben: Finance, random: Random) -> None:
    ben.credit(_cents(random, 20_000))


def _use_credit(ben: Finance, random: Random) -> None:
    note, bill = (_chosen(ben, random, name, "") for name in ("creditnotes", "invoices"))
    if note and bill:
        most = min(Decimal(str(note["balance"])), Decimal(str(bill["balance"])))
        ben.act("invoices", bill["invoice_id"], "apply_credit", creditnote_id=note["creditnote_id"], amount=most)


def _undo(ben: Finance, random: Random) -> None:
    module, key = random.choice([("customerpayments", "payment_id"), ("creditnotes", "creditnote_id")])
    row = _chosen(ben, random, module, key)
    if row is not None:
        ben.act(module, row[key], random.choice(["unapply", "delete"]))


def _end(ben: Finance, random: Random) -> None:
    row = _chosen(ben, random, "invoices", "invoice_id")
    if row is not None:
        ben.act("invoices", row["invoice_id"], random.choice(["void", "delete", "writeoff", "unapply"]))


def _refund(ben: Finance, random: Random) -> None:
    module, key, left = random.choice(
        [("customerpayments", "payment_id", "unused_amount"), ("creditnotes", "creditnote_id", "balance")]
    )
    row = _chosen(ben, random, module, key)
    if row is not None:
        ben.act(module, row[key], "refund", amount=Decimal(str(row[left])))
