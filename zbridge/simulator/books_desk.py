"""One organisation's records, for API calls and for Books' own users alike: times, ids, balances, refusals."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from zbridge.simulator.app import Row, Simulator
from zbridge.simulator.books_modules import MODULES, id_key, look_up_keys, share
from zbridge.simulator.store import stamp

LARGEST = Decimal(10) ** 15


class Refused(Exception):
    """What Books does not do: HTTP status, code, message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def invalid(name: str, code: int = 2) -> Refused:
    """A value that Books can't take."""
    return Refused(400, code, f"Invalid value passed for {name}")


@dataclass
class Desk:
    """An organisation as somebody works on it; `person` is a user on the screen, else a call of the API."""

    sim: Simulator
    org: Row
    person: bool = False

    @cached_property
    def name(self) -> str:
        return str(self.org["organization_id"])

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.org["time_zone"])

    @cached_property
    def today(self) -> date:
        """The day in the organisation's zone."""
        return self.sim.clock.now().astimezone(self.zone).date()

    @cached_property
    def base_currency(self) -> Row:
        return next(row for row in self.all("currencies") if row["is_base_currency"])

    @cached_property
    def fields(self) -> dict[str, list[Row]]:
        """Custom fields by module, active or not."""
        found: dict[str, list[Row]] = {name: [] for name in MODULES}
        for field in self.all("fields"):
            found[field["module"]].append(field)
        return found

    @cached_property
    def places(self) -> dict[str, int]:
        """Decimal places by currency code."""
        return {row["currency_code"]: int(row["price_precision"]) for row in self.all("currencies")}

    def currency(self, id: str, code: str = "") -> Row:
        """The currency of a code, else of an id; refused when it is not enabled."""
        for row in self.all("currencies"):
            if row["currency_code"] == code if code else row["currency_id"] == id:
                return row
        raise invalid("currency_id")

    def look(self, module: str, id: str) -> Row | None:
        """The record, or None."""
        return self.sim.store.get(self.name, module, str(id))

    def get(self, module: str, id: str) -> Row:
        """The record; refused with 1002 when there is none."""
        found = self.look(module, id)
        if found is None:
            title = MODULES[module].title if module in MODULES else module
            raise Refused(404, 1002, f"{title} does not exist.")
        return found

    def find(self, module: str, key: str, value: str) -> list[Row]:
        """Records with that value of a look-up key (texts casefolded)."""
        return self.sim.store.find(self.name, module, key, value)

    def all(self, module: str) -> list[Row]:
        return self.sim.store.all(self.name, module)

    def new_id(self) -> str:
        return self.sim.store.new_id("books")

    def add(self, module: str, doc: Row) -> Row:
        """Keep a new record under a new id."""
        now = stamp(self.sim.clock.now())
        doc |= {id_key(module): doc.get(id_key(module)) or self.new_id(), "created_time": now}
        return self.save(module, doc)

    def save(self, module: str, doc: Row, *, bump: bool = True) -> Row:
        """Keep a record; its customer's balances follow. `bump` moves its modified time."""
        if bump:
            doc["last_modified_time"] = stamp(self.sim.clock.now())
        if module in ("invoices", "creditnotes", "customerpayments"):
            self._book(doc, share(module, doc))
        self.sim.store.save(
            self.name, module, str(doc[id_key(module)]), doc, created=doc["created_time"],
            modified=doc["last_modified_time"], written=self.sim.clock.real(), keys=look_up_keys(module, doc),
        )  # fmt: skip
        return doc

    def remove(self, module: str, doc: Row) -> Row:
        """Delete a record; it counts for nothing any more."""
        self._book(doc, {})
        id = str(doc[id_key(module)])
        note = {"id": id, "_cf": doc.get("_cf", {})}
        self.sim.store.remove(self.name, module, id, at=stamp(self.sim.clock.now()), note=note)
        return doc

    def _book(self, doc: Row, counted: Row) -> None:
        """Take what the document counted for off its customer, put on what it counts for now."""
        before = doc.get("_booked", {})
        if before == counted:
            return
        for entry, sign in ((before, -1), (counted, 1)):
            customer = self.look("contacts", entry["customer"]) if entry.get("open") or entry.get("unused") else None
            if customer is not None:
                customer["_open"] += sign * entry["open"]
                customer["_unused"] += sign * entry["unused"]
                self.save("contacts", customer, bump=False)
        doc["_booked"] = counted


def number(value: Any, name: str) -> Decimal:
    """A number as sent: as such or as text; refused when it is none."""
    if isinstance(value, bool) or value is None:
        raise invalid(name)
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise invalid(name) from error
    if not found.is_finite() or abs(found) >= LARGEST:
        raise invalid(name)
    return found


def rows(value: Any, name: str) -> list[Row]:
    """A list of objects as sent; refused when it is none."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise invalid(name)
    return value


def truth(value: Any) -> bool:
    """A boolean as sent: true, "true"."""
    return value is True or str(value).casefold() == "true"


def day(value: Any, name: str) -> str:
    """A date as sent, yyyy-mm-dd."""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise invalid(name) from error


def text(row: Row, name: str) -> str:
    """A text as sent; missing and null are empty."""
    value = row.get(name)
    return "" if value is None else str(value)
