"""What the page of a cluster shows: records side by side, what differs, who should stay and why. No call to Zoho."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts import showing
from accounts.models import Connection, User
from accounts.roles import may
from invoicing import merge_guide
from invoicing.in_books import books_customer_link, crm_link
from invoicing.models import Receivable
from syncjobs.domain.merging import Mergeable
from syncjobs.domain.normalising import plain_text
from syncjobs.domain.pairs import MODULES
from syncjobs.domain.records import Side
from syncjobs.models import Duplicate, DuplicateMember, Record
from syncjobs.pairing import row_of

# So many stand beside one another; the others on further pages.
COLUMNS = 6
MOST_REASONS = 20
State, Role = Duplicate.State, DuplicateMember.Role
NOTHING = "–"


@dataclass(frozen=True)
class Cell:
    """What one record says, whether that is unlike the others, and whether it is an amount."""

    text: Any
    differs: bool


@dataclass(frozen=True)
class Line:
    """One thing that is compared."""

    label: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        return any(cell.differs for cell in self.cells)


@dataclass(frozen=True)
class Column:
    """One record."""

    member: DuplicateMember
    record: Record
    side: str
    link: str
    facts: Mergeable

    @property
    def name(self) -> str:
        return self.record.name or f"(no name, {self.record.remote_id})"


def page(row: Duplicate, user: User, number: int) -> dict[str, Any]:
    """All that the page shows; `number` is the page of the columns, from 1."""
    members = row.members.exclude(role=Role.GONE).select_related("record").order_by("-record__kind", "pk")
    total = members.count()
    last = max(1, -(-total // COLUMNS))
    number = max(1, min(number, last))
    shown = list(_in_order(members)[(number - 1) * COLUMNS : number * COLUMNS])
    facts = merge_guide.facts(row.connection, [one.record for one in shown])
    columns = [_column(row.connection, one, facts[one.record_id]) for one in shown]
    deciding = row.state == State.OPEN and may(user, "decide")
    return {
        "title": row.name, "row": row, "columns": columns, "lines": _lines(row.connection, columns),
        "why": _why(row), "sides": _advice(row) if row.state == State.OPEN else [], "total": total,
        "first": (number - 1) * COLUMNS + 1, "last": (number - 1) * COLUMNS + len(shown),
        "before": number - 1, "after": number + 1 if number < last else 0, "may_decide": may(user, "decide"),
        "deciding": deciding, "linkable": _linkable(columns) if deciding else None, "guide": _guide(row),
        "tone": TONES[State(row.state)], "moved": row.moved,
    }  # fmt: skip


TONES = {
    State.OPEN: "warning", State.MERGING: "warning", State.MERGED: "success", State.LINKED: "success",
    State.APART: "info", State.OVER: "info",
}  # fmt: skip


def _in_order(members: "QuerySet[DuplicateMember]") -> "QuerySet[DuplicateMember]":
    """CRM's before Books', by their ids."""
    return members.order_by("record__kind", "record__remote_id")


def _column(connection: Connection, member: DuplicateMember, facts: Mergeable) -> Column:
    record = member.record
    in_crm = record.kind in MODULES
    link = address(connection, record)
    return Column(member, record, "CRM" if in_crm else "Books", link, facts)


def address(connection: Connection, record: Record) -> str:
    """The record in CRM's or Books' own pages."""
    if record.kind in MODULES:
        return crm_link(connection.data_centre, connection.crm_org_id, MODULES[record.kind], record.remote_id)
    return books_customer_link(connection.data_centre, record.remote_id)


# -- side by side ------------------------------------------------------------------------------------------------------


def _lines(connection: Connection, columns: Sequence[Column]) -> list[Line]:
    people, paid = _people(connection, columns), _paid(connection, columns)

    def owed(one: Column, amount: str) -> Any:
        value = getattr(one.record, amount)
        return showing.money(value, one.record.currency) if one.side == "Books" else NOTHING

    def last(one: Column) -> date | None:
        days = (one.facts.last, paid.get(one.record.remote_id), one.record.changed_at and one.record.changed_at.date())
        return max((day for day in days if day), default=None)

    rows = {one.record.pk: row_of(one.record) for one in columns}
    compared: Sequence[tuple[str, Callable[[Column], Any]]] = (
        ("Currency", lambda one: one.record.currency or NOTHING),
        ("Open balance", lambda one: owed(one, "outstanding")),
        ("Credit", lambda one: owed(one, "credits")),
        ("Linked to", lambda one: one.facts.linked or NOTHING),
        ("Brought over by Zoho's own integration", lambda one: "yes" if one.facts.native else NOTHING),
        ("Invoices, or deals in CRM", lambda one: one.facts.documents),
        ("Last invoice, or deal won", lambda one: _day(one.facts.last)),
        ("Last activity", lambda one: _day(last(one))),
        ("E-mail", lambda one: _joined([one.record.email, *people[one.record.kind, one.record.remote_id]])),
        ("Phone", lambda one: _phone(rows[one.record.pk]) or NOTHING),
        ("Address", lambda one: _address(rows[one.record.pk]) or NOTHING),
        ("Tax id", lambda one: _tax_id(rows[one.record.pk]) or NOTHING),
        ("Standing", _standing),
    )
    return [_line(label, [value(one) for one in columns]) for label, value in compared]


def _line(label: str, values: Sequence[Any]) -> Line:
    """What most of them say is the measure; where each says something else, all differ."""
    keys = [plain_text(str(value)).strip() for value in values]
    told = [key for key in keys if key != NOTHING]
    common = Counter(told).most_common(1)[0][0] if told else ""
    is_one = len(set(told)) < 2
    cells = [Cell(value, not is_one and key not in (common, NOTHING)) for value, key in zip(values, keys, strict=True)]
    return Line(label, tuple(cells))


def _day(day: date | None) -> str:
    return f"{day:%-d %b %Y}" if day else NOTHING


def _joined(values: Collection[str]) -> str:
    found = list(dict.fromkeys(value for value in values if value))
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "") or NOTHING


def _people(connection: Connection, columns: Sequence[Column]) -> dict[tuple[str, str], list[str]]:
    """The e-mails of the people of each."""
    homes = {"contact": "account", "person": "customer"}
    ids = [one.record.remote_id for one in columns]
    rows = Record.objects.filter(connection=connection, kind__in=homes, parent_id__in=ids, gone_at=None)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, parent, email in rows.exclude(email="").order_by("pk").values_list("kind", "parent_id", "email")[:200]:
        found[homes[kind], parent].append(email)
    return found


def _paid(connection: Connection, columns: Sequence[Column]) -> dict[str, date | None]:
    ids = [one.record.remote_id for one in columns if one.side == "Books"]
    rows = Receivable.objects.filter(connection=connection, customer_id__in=ids)
    return dict(rows.values_list("customer_id", "last_paid_on"))


def _phone(row: dict[str, Any]) -> str:
    return str(row.get("phone") or row.get("mobile") or row.get("Phone") or row.get("Mobile") or "")


def _tax_id(row: dict[str, Any]) -> str:
    return str(row.get("vat_reg_no") or row.get("gst_no") or row.get("VAT_ID") or "")


def _address(row: dict[str, Any]) -> str:
    books = row.get("billing_address") or {}
    parts = [books.get(name) for name in ("address", "zip", "city", "country")]
    for prefix in ("Billing", "Mailing"):
        code = "Zip" if prefix == "Mailing" else "Code"
        parts += [row.get(f"{prefix}_{name}") for name in ("Street", code, "City", "Country")]
    return ", ".join(str(part) for part in parts if part)


def _standing(one: Column) -> str:
    return "gone" if one.record.gone_at else "active" if one.record.active else "inactive"


# -- what to do --------------------------------------------------------------------------------------------------------


def _why(row: Duplicate) -> list[dict[str, Any]]:
    """The likest pairs by name, with their reasons."""
    pks = {one for pair in row.pairs[:MOST_REASONS] for one in pair[:2]}
    named = {one.pk: one for one in Record.objects.filter(pk__in=pks).only("name", "remote_id", "kind")}
    return [
        {"left": named[left], "right": named[right], "percent": round(100 * score), "reasons": ", ".join(reasons)}
        for left, right, score, reasons in row.pairs[:MOST_REASONS] if left in named and right in named
    ]  # fmt: skip


def _advice(row: Duplicate) -> list[dict[str, Any]]:
    """For each side that has several: who should stay and why, or why nothing is advised."""
    found = []
    for side, count in ((Side.BOOKS, row.in_books), (Side.CRM, row.in_crm)):
        if count > 1:
            advice = merge_guide.advice(row, side)
            mine = {one.record.remote_id: one.record for one in merge_guide.members(row, side)}
            found.append({"side": side.value, "where": "Books" if side is Side.BOOKS else "CRM", "advice": advice,
                          "survivor": mine.get(advice.survivor), "count": count})  # fmt: skip
    return found


def _linkable(columns: Sequence[Column]) -> dict[str, list[Column]] | None:
    """Records of either side that are linked to nobody; None unless both sides have one."""
    free = [one for one in columns if not one.facts.linked and one.record.active]
    found = {"crm": [one for one in free if one.side == "CRM"], "books": [one for one in free if one.side == "Books"]}
    return found if all(found.values()) else None


def _guide(row: Duplicate) -> dict[str, Any] | None:
    """Who stays, who goes, where to do it."""
    if row.state != State.MERGING:
        return None
    mine = merge_guide.members(row, row.merge_side)
    survivor = next((one.record for one in mine if one.role == Role.SURVIVOR), None)
    losers = [one.record for one in mine if one.role == Role.LOSER]
    return {
        "survivor": survivor, "losers": [(one, address(row.connection, one)) for one in losers],
        "link": address(row.connection, survivor) if survivor else "", "reasons": row.why_survivor.splitlines(),
        "where": "CRM" if row.merge_side == Side.CRM else "Books", "looking": row.ask_at is not None,
    }  # fmt: skip
