"""Where Books' figures stand in CRM: the fields made for them, those that fit, the ones chosen, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.checks import Check, Seen
from accounts.clients import Clients
from accounts.models import Connection, CrmField
from zbridge.clock import Clock
from zbridge.money import minor_digits

Row = dict[str, Any]
AMOUNT, COUNT, DAY, INSTANT, TEXT, LINK = "amount", "count", "day", "instant", "text", "link"
FITS: Mapping[str, frozenset[str]] = {
    AMOUNT: frozenset({"double", "currency"}), COUNT: frozenset({"integer", "double"}), DAY: frozenset({"date"}),
    INSTANT: frozenset({"datetime"}), TEXT: frozenset({"text", "textarea"}), LINK: frozenset({"website", "text"}),
}  # fmt: skip
NAME = "Figures in CRM"


@dataclass(frozen=True)
class Meaning:
    """One figure: its key in `Connection.crm_fields`, what people call it, and the field that is made for it."""

    key: str
    title: str
    label: str
    sort: str
    length: int = 0

    @property
    def figure(self) -> str:
        """Its name among the figures of its record."""
        return self.key.removeprefix("account_")

    def spec(self, digits: int) -> Row:
        """The field to make; amounts are decimals, since a currency field would show CRM's own currency."""
        made: dict[str, Row] = {
            AMOUNT: {"data_type": "double", "length": 18, "decimal_place": digits},
            COUNT: {"data_type": "integer", "length": 9}, DAY: {"data_type": "date"},
            INSTANT: {"data_type": "datetime"}, TEXT: {"data_type": "text", "length": self.length},
            LINK: {"data_type": "website", "length": 450},
        }  # fmt: skip
        return {"field_label": self.label, **made[self.sort]}


ACCOUNT: tuple[Meaning, ...] = (
    Meaning("account_outstanding", "Outstanding", "Books Outstanding", AMOUNT),
    Meaning("account_overdue_count", "Overdue invoices", "Books Overdue Count", COUNT),
    Meaning("account_overdue", "Overdue amount", "Books Overdue Amount", AMOUNT),
    Meaning("account_last_paid_on", "Last payment, day", "Books Last Payment Date", DAY),
    Meaning("account_last_paid", "Last payment, amount", "Books Last Payment Amount", AMOUNT),
    Meaning("account_status", "Payment status", "Books Payment Status", TEXT, 60),
    Meaning("account_currency", "Currency of the amounts", "Books Currency", TEXT, 60),
    Meaning("account_summary", "In one line", "Books Summary", TEXT, 255),
    Meaning("account_as_of", "As of", "Books Figures As Of", INSTANT),
)
DEAL: tuple[Meaning, ...] = (
    Meaning("number", "Invoice number", "Books Invoice Number", TEXT, 100),
    Meaning("status", "Invoice status", "Books Invoice Status", TEXT, 60),
    Meaning("link", "Link to the invoice", "Books Invoice Link", LINK),
    Meaning("total", "Invoice total", "Books Invoice Total", AMOUNT),
    Meaning("paid", "Paid", "Books Invoice Paid", AMOUNT),
    Meaning("balance", "Still open", "Books Invoice Balance", AMOUNT),
)
MODULES: Mapping[str, tuple[Meaning, ...]] = {"Accounts": ACCOUNT, "Deals": DEAL}
# Without these a draft's deal tells nothing of its invoice; the others are welcome and no condition.
NEEDED = ("number", "status", "link")


@dataclass(frozen=True)
class Place:
    """The CRM field that one figure goes into. `digits` None: CRM didn't tell how many decimals it takes."""

    meaning: Meaning
    name: str
    field_id: str = ""
    type: str = ""
    digits: int | None = None

    @property
    def key(self) -> str:
        """What tells this field from one of the same name that was made after somebody deleted it."""
        return f"{self.name}#{self.field_id}"


@dataclass(frozen=True)
class Places:
    """Where a module's figures go, and the figures whose field CRM no longer has."""

    found: tuple[Place, ...]
    missing: tuple[Meaning, ...]


def digits_of(connection: Connection) -> int:
    """Decimals enough for every currency that Books bills in."""
    codes = [connection.currency, *(row["code"] for row in connection.currencies)]
    return max(2, *(minor_digits(code) for code in codes))


def keep(connection: Connection, module: str, rows: Iterable[Row], now: datetime) -> None:
    """CRM's fields of that module as just read, in place of what was known."""
    made = [_column(connection, module, row, now) for row in rows if row.get("api_name")]
    with transaction.atomic():
        CrmField.objects.filter(connection=connection, module=module).delete()
        CrmField.objects.bulk_create(made)


def _column(connection: Connection, module: str, row: Row, now: datetime) -> CrmField:
    may = row.get("operation_type") or {}
    locked = bool(row.get("read_only") or row.get("field_read_only")) or may.get("api_update") is False
    name = str(row["api_name"])
    return CrmField(
        connection=connection, module=module, api_name=name[:120], field_id=str(row.get("id") or "")[:30],
        label=str(row.get("display_label") or row.get("field_label") or name)[:200],
        type=str(row.get("data_type") or "")[:30], length=_whole(row.get("length")),
        digits=_whole(row.get("decimal_place")), read_only=locked, custom=bool(row.get("custom_field")), read_at=now,
    )  # fmt: skip


def _whole(found: object) -> int:
    return int(str(found)) if str(found or "").isdecimal() else 0


def read(connection: Connection, clients: Clients, clock: Clock, modules: Iterable[str] = MODULES) -> None:
    """Ask CRM which fields it has now, one call for each module."""
    for module in modules:
        keep(connection, module, clients.crm.fields(module), clock.now())


def read_at(connection: Connection, module: str) -> datetime | None:
    """When the module's fields were last read."""
    return CrmField.objects.filter(connection=connection, module=module).values_list("read_at", flat=True).first()


def places(connection: Connection, module: str) -> Places:
    """Where the module's figures go by the last reading; before any reading each chosen name counts as there."""
    names = connection.crm_fields
    chosen = [(one, str(names[one.key])) for one in MODULES[module] if names.get(one.key)]
    rows = CrmField.objects.filter(connection=connection, module=module)
    known = {row.api_name: row for row in rows.filter(api_name__in=[name for _, name in chosen])}
    if not known and not rows.exists():
        return Places(tuple(Place(one, name) for one, name in chosen), ())
    there = [(one, known.get(name)) for one, name in chosen]
    found = [Place(one, row.api_name, row.field_id, row.type, row.digits) for one, row in there if row is not None]
    return Places(tuple(found), tuple(one for one, row in there if row is None))


def taken_by_others(connection: Connection) -> set[str]:
    """Fields of CRM's accounts that another connection to the same CRM fills: two organisations' figures would mix."""
    others = Connection.objects.filter(data_centre=connection.data_centre, crm_org_id=connection.crm_org_id)
    others = others.exclude(pk=connection.pk).exclude(state=Connection.State.DRAFT)
    keys = [one.key for one in ACCOUNT]
    return {str(names[key]) for names in others.values_list("crm_fields", flat=True) for key in keys if names.get(key)}


def offered(connection: Connection, module: str) -> dict[str, list[tuple[str, str]]]:
    """For each figure the custom fields that fit, by name and label: writable, of its type, long enough.

    A currency field shows CRM's own currency beside the amount: it fits only where Books bills in one. An account's
    field that another organisation's figures go into is not offered.
    """
    others = taken_by_others(connection) if module == "Accounts" else set()
    rows = CrmField.objects.filter(connection=connection, module=module, read_only=False, custom=True)
    fields, several = list(rows.exclude(api_name__in=others).order_by("label")), len(connection.currencies) > 1
    return {
        one.key: [(row.api_name, row.label) for row in fields if _fits(one, row, several)] for one in MODULES[module]
    }


def _fits(meaning: Meaning, row: CrmField, several: bool) -> bool:
    if row.type not in FITS[meaning.sort] or (several and row.type == "currency"):
        return False
    return row.length == 0 or row.length >= meaning.length or meaning.sort != TEXT


def judge(connection: Connection, seen: Seen | None = None) -> Check:
    """Whether every figure that is to be written has its field in CRM, by the last reading."""
    gone = [(module, one) for module in MODULES for one in places(connection, module).missing]
    if gone:
        named = ", ".join(f"“{one.label}” ({'account' if module == 'Accounts' else 'deal'})" for module, one in gone)
        sentence = f"CRM no longer has the field for {named}: somebody deleted it. The other figures go on."
        return Check(NAME, "red", sentence, "Create it again, or choose another field.", "figures")
    unmade = [one for found in MODULES.values() for one in found if one.key not in connection.crm_fields]
    if unmade:
        named = ", ".join(one.title.lower() for one in unmade)
        sentence = f"Not shown in CRM yet: {named}."
        return Check(NAME, "amber", sentence, "Create the fields, or choose fields that are there.", "figures")
    coarse = [one for module in MODULES for one in places(connection, module).found if _is_coarse(connection, one)]
    if coarse:
        sentence = (
            f"“{coarse[0].meaning.label}” takes {coarse[0].digits} decimals in CRM, and a currency of Books has more."
        )
        return Check(NAME, "amber", sentence, "Amounts are rounded there; choose a decimal field with more.", "figures")
    written = [one for found in MODULES.values() for one in found if connection.crm_fields.get(one.key)]
    sentence = f"Accounts and deals show {len(written)} figures of Books."
    return Check(NAME, "ok", sentence if written else "No figure of Books is written to CRM: that was chosen.")


def _is_coarse(connection: Connection, place: Place) -> bool:
    return place.meaning.sort == AMOUNT and place.digits is not None and place.digits < digits_of(connection)


def note_in_readiness(connection: Connection) -> None:
    """The check's row on the connection's page follows what was just read, without a new check of all."""
    if not connection.readiness:
        return
    found = judge(connection)
    row = {**vars(found), "choices": {}}
    others = [one for one in connection.readiness if one.get("name") != NAME]
    connection.readiness = [row, *others] if found.state == "red" else [*others, row]
    Connection.objects.filter(pk=connection.pk).update(readiness=connection.readiness)


def wanted_of(names: Mapping[str, str], rows: Sequence[Row], module: str) -> list[Meaning]:
    """The module's figures for which nobody chose a field that is there, and nobody said not to write them."""
    there = {str(row.get("api_name")) for row in rows}
    return [one for one in MODULES[module] if names.get(one.key) is None or (names[one.key] not in there | {""})]
